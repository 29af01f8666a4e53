//! Parses times to seconds since 1970-01-01T00:00:00Z.

/// The seconds since 1970 in `text`: a number of seconds, an ISO 8601 date (`2015-03-04`), or a date and time
/// (`2015-03-04T10:11:12.5+02:00`). A space may replace the T; seconds, fraction and offset are optional, without an offset the
/// time is UTC. `None` for other text and for days that do not exist.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    // The fast path: Unix seconds, as in nearly all files.
    if bytes.len() <= 15 && !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit) {
        return Some(bytes.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0')) as f64);
    }
    if bytes.get(4) == Some(&b'-') {
        return iso_8601(bytes);
    }
    text.parse().ok().filter(|seconds: &f64| seconds.is_finite())
}

fn iso_8601(bytes: &[u8]) -> Option<f64> {
    let (date, rest) = bytes.split_at_checked(10)?;
    let year = number(&date[..4])?;
    let (month, day) = (number(&date[5..7])?, number(&date[8..])?);
    if date[7] != b'-' || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400;
    match rest {
        [] => Some(midnight as f64),
        [b'T' | b't' | b' ', clock @ ..] => Some(midnight as f64 + clock_seconds(clock)?),
        _ => None,
    }
}

/// `hh:mm[:ss[.fraction]][offset]` in seconds.
fn clock_seconds(clock: &[u8]) -> Option<f64> {
    let (hours_minutes, mut rest) = clock.split_at_checked(5)?;
    let (hour, minute) = (number(&hours_minutes[..2])?, number(&hours_minutes[3..])?);
    if hours_minutes[2] != b':' || hour > 23 || minute > 59 {
        return None;
    }
    let mut seconds = (hour * 3600 + minute * 60) as f64;
    if let [b':', tens, ones, after @ ..] = rest {
        let second = number(&[*tens, *ones])?;
        // 60 is a leap second.
        if second > 60 {
            return None;
        }
        seconds += second as f64;
        rest = after;
        if let [b'.' | b',', after @ ..] = rest {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            let fraction = format!("0.{}", std::str::from_utf8(&after[..digits]).ok()?);
            seconds += fraction.parse::<f64>().ok()?;
            rest = &after[digits..];
        }
    }
    Some(seconds - offset_seconds(rest)?)
}

/// `Z`, nothing, `±hh`, `±hhmm` or `±hh:mm` in seconds east of Greenwich.
fn offset_seconds(offset: &[u8]) -> Option<f64> {
    let (sign, hours, minutes) = match offset {
        [] | [b'Z' | b'z'] => return Some(0.0),
        [sign, h1, h2] => (sign, [*h1, *h2], [b'0'; 2]),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, [*h1, *h2], [*m1, *m2]),
        _ => return None,
    };
    let (hours, minutes) = (number(&hours)?, number(&minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 3600 + minutes * 60) as f64;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// The value of `digits`, if they are decimal digits.
fn number(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, years from 0 (Hinnant's days_from_civil: years start in March,
/// so that the leap day is the last, and 400 years have 146,097 days).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_are_seconds() {
        for (text, seconds) in [
            ("881250949", 881_250_949.0),
            ("0", 0.0),
            ("-12.5", -12.5),
            ("1.5e9", 1.5e9),
            ("1425463872.25", 1_425_463_872.25),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn dates_are_iso_8601() {
        for (text, seconds) in [
            ("1970-01-01", 0.0),
            ("2015-03-04", 1_425_427_200.0),
            ("2015-03-04T10:11:12Z", 1_425_463_872.0),
            ("2015-03-04 10:11:12", 1_425_463_872.0),
            ("2015-03-04T10:11", 1_425_463_860.0),
            ("2015-03-04T10:11:12.25", 1_425_463_872.25),
            ("2015-03-04T12:11:12+02:00", 1_425_463_872.0),
            ("2015-03-04T05:41:12-0430", 1_425_463_872.0),
            ("2015-03-04T12:11:12+02", 1_425_463_872.0),
            ("2000-02-29", 951_782_400.0),
            ("1969-12-31T23:59:59Z", -1.0),
            ("0000-03-01", -62_162_035_200.0),
            ("9999-12-31", 253_402_214_400.0),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "yesterday",
            "inf",
            "NaN",
            "1e400",
            "2015-13-01",
            "2015-02-29",
            "1900-02-29",
            "2015-3-4",
            "2015-03-04T",
            "2015-03-04T24:00",
            "2015-03-04T10:60",
            "2015-03-04T10:11:61",
            "2015-03-04T10:11:12.",
            "2015-03-04T10:11:12+2",
            "2015-03-04X10:11",
            "2015-03-04T10:11:12 UTC",
            "2015-03",
            "éé15-03-04",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
