//! Times as text: numbers and dates.

mod calendar;
mod clock;
mod date;
mod text;

pub(crate) use calendar::with_day_and_month_swapped;

/// What a text says about a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Written {
    /// A number, in a unit that the text does not tell.
    Number(f64),
    /// Seconds since 1970-01-01T00:00:00Z.
    Seconds(f64),
    /// A date such as 04/05/2014: the fourth of May, or the fifth of April.
    EitherOrder {
        /// Its seconds with the day first; `None` if that is no date.
        day_first: Option<f64>,
        /// Its seconds with the month first; `None` if that is no date.
        month_first: Option<f64>,
    },
}

/// Reads a time: a number, or a date with or without a time of day. Dates are ISO 8601 (`2015-03-04T10:11:12.5+02:00`), with
/// dots (`4.3.2015`), slashes (`2015/3/4`, `3/4/2015 1:05 PM`), or with the month's English name (`4 Mar 2015`,
/// `Mar 4, 2015`, `Wed Mar 04 10:11:12 +0000 2015`). Without an offset the time is UTC. `None` for other text and for
/// days that do not exist.
pub(crate) fn read(text: &str) -> Option<Written> {
    if let Some(number) = digits(text) {
        return Some(Written::Number(number));
    }
    if let Some(written) = date::read(text) {
        return Some(written);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Written::Number)
}

/// The value of one to fifteen decimal digits.
#[inline]
pub(crate) fn digits(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let all = (1..=15).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0')) as f64)
}

/// The seconds since 1970 in `text`: a number of seconds, or a date that can be read in one way only.
pub(crate) fn parse(text: &str) -> Option<f64> {
    match read(text)? {
        Written::Number(seconds) | Written::Seconds(seconds) => Some(seconds),
        Written::EitherOrder { .. } => None,
    }
}

/// The seconds of a day written as eight digits, `20150304`.
pub(crate) fn compact(text: &str) -> Option<f64> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    if !digits {
        return None;
    }
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    (1900..2100).contains(&year).then(|| calendar::midnight(year, month, day)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn dates_come_in_many_forms() {
        let (day, moment) = (1_425_427_200.0, 1_425_463_872.0);
        for (text, seconds) in [
            ("2015-3-4", day),
            ("2015/03/04", day),
            ("4.3.2015", day),
            ("04.03.15", day),
            ("04.03.2015 10:11:12", moment),
            ("4 Mar 2015", day),
            ("04-Mar-15", day),
            ("4 March 2015, 10:11:12", moment),
            ("Mar 4, 2015", day),
            ("March 04, 2015 10:11:12 AM", moment),
            ("Wed, 04 Mar 2015 10:11:12 GMT", moment),
            ("Wed Mar 04 10:11:12 +0000 2015", moment),
            ("Wed Mar  4 10:11:12 2015", moment),
            ("2015-03-04 10:11:12 UTC", moment),
            ("2015-03-04T10:11:12.000Z", moment),
            ("2015-03-04 12:11:12 +0200", moment),
            ("2015/03/04 12:00 AM", day),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        assert_eq!(compact("20150304"), Some(day));
        assert_eq!((compact("20151304"), compact("2015030")), (None, None));
    }

    #[test]
    fn slashes_leave_the_order_open() {
        let (fourth_of_march, third_of_april) = (1_425_427_200.0, 1_428_019_200.0);
        let either = |day_first, month_first| Some(Written::EitherOrder { day_first, month_first });
        assert_eq!(read("4/3/2015"), either(Some(fourth_of_march), Some(third_of_april)));
        assert_eq!(read("4-3-15"), either(Some(fourth_of_march), Some(third_of_april)));
        assert_eq!(read("13/3/2015 00:00"), either(Some(1_426_204_800.0), None));
        assert_eq!(read("3/13/2015 12:00 am"), either(None, Some(1_426_204_800.0)));
        assert_eq!((read("13/13/2015"), parse("4/3/2015")), (None, None));
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
            "2015-03-04T",
            "2015-03-04T24:00",
            "2015-03-04T10:60",
            "2015-03-04T10:11:61",
            "2015-03-04T10:11:12.",
            "2015-03-04T10:11:12+2",
            "2015-03-04X10:11",
            "2015-03",
            "éé15-03-04",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
