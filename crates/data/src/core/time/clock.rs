//! Times of day.

use super::text::Cursor;

/// Takes `hh:mm[:ss[.fraction]]` with or without AM or PM: seconds since midnight.
pub(super) fn time_of_day(text: &mut Cursor) -> Option<f64> {
    let (mut hour, _) = text.number(1, 2)?;
    if !text.take(":") {
        return None;
    }
    let (minute, _) = text.number(2, 2)?;
    let mut seconds = 0.0;
    if text.take(":") {
        let (second, _) = text.number(2, 2)?;
        seconds = second as f64;
        if text.take_one_of(&['.', ',']).is_some() {
            let digits = text.take_while(|c| c.is_ascii_digit());
            seconds += format!("0.{digits}").parse::<f64>().ok().filter(|_| !digits.is_empty())?;
        }
    }
    // 60 is a leap second.
    if hour > 23 || minute > 59 || seconds >= 61.0 {
        return None;
    }
    if let Some(afternoon) = half_of_day(text) {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    Some((hour * 3600 + minute * 60) as f64 + seconds)
}

/// Takes AM or PM: whether it is PM.
fn half_of_day(text: &mut Cursor) -> Option<bool> {
    let mut after = *text;
    after.spaces();
    let half = after.take_while(|c| c.is_ascii_alphabetic() || c == '.');
    let afternoon = match half.to_ascii_lowercase().as_str() {
        "am" | "a.m." => false,
        "pm" | "p.m." => true,
        _ => return None,
    };
    *text = after;
    Some(afternoon)
}

/// Takes a zone: nothing, Z, UTC, GMT, `±hh`, `±hhmm` or `±hh:mm`. Seconds east of Greenwich.
pub(super) fn zone(text: &mut Cursor) -> Option<f64> {
    let mut after = *text;
    after.spaces();
    let named = ["Z", "z", "UTC", "GMT"].iter().any(|name| after.take(name));
    let Some(sign) = after.take_one_of(&['+', '-']) else {
        if named {
            *text = after;
        }
        return Some(0.0);
    };
    let (hours, minutes) = match after.number(2, 4)? {
        (digits, 4) => (digits / 100, digits % 100),
        (hours, 2) if after.take(":") => (hours, after.number(2, 2)?.0),
        (hours, 2) => (hours, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    *text = after;
    let seconds = (hours * 3600 + minutes * 60) as f64;
    Some(if sign == '-' { -seconds } else { seconds })
}
