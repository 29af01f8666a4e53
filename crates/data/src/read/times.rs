//! The times of a file: their unit and the order of day and month, which its first rows decide.

use crate::core::time::{self, Written};
use tastespace_options::choices;

choices! {
    /// Unit of times that are numbers.
    pub enum TimeUnit {
        /// Seconds since 1970.
        Seconds = "s",
        /// Milliseconds since 1970.
        Milliseconds = "ms",
        /// Microseconds since 1970.
        Microseconds = "us",
        /// Nanoseconds since 1970.
        Nanoseconds = "ns",
    }
}

choices! {
    /// Order of day and month in dates such as 4/5/2014.
    pub enum DateOrder {
        /// The day first.
        DayFirst = "dmy",
        /// The month first.
        MonthFirst = "mdy",
    }
}

impl TimeUnit {
    /// The unit in which a typical value is a time between 1973 and 5138; seconds for small values.
    pub(crate) fn of(typical: f64) -> Self {
        match typical.abs() {
            ..1e11 => Self::Seconds,
            ..1e14 => Self::Milliseconds,
            ..1e17 => Self::Microseconds,
            _ => Self::Nanoseconds,
        }
    }

    /// Its number in a second.
    pub(crate) fn per_second(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1e6,
            Self::Nanoseconds => 1e9,
        }
    }

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }
}

/// Days from 1900 of the years 1990 to 2050.
const SPREADSHEET_DAYS: std::ops::Range<f64> = 32_874.0..54_789.0;

/// Reads the times of a file.
#[derive(Debug, Default)]
pub(super) struct Times {
    unit: Option<TimeUnit>,
    order: Option<DateOrder>,
    /// Whether numbers are days, `20140514`.
    compact: bool,
    per_second: f64,
    /// Numbers of times that are numbers, dates, and dates read with the month first before the order is known.
    numbers: u64,
    dates: u64,
    assumed: u64,
    /// Numbers that are far too large for the unit.
    too_large: u64,
    /// A number that may be a day of a spreadsheet, counted from 1900.
    spreadsheet_day: Option<f64>,
    /// The first date of unknown order.
    example: Option<String>,
}

/// What became of a text.
#[derive(Debug, PartialEq)]
pub(super) enum Read {
    /// Its seconds since 1970.
    Seconds(f64),
    /// Its seconds; it shows that the dates before it, read with the month first, have the day first.
    ThenDayFirst(f64),
    /// It is no time.
    NotTime,
    /// It shows that the day comes first, but the file has other times before it, which must not be changed.
    TooLate,
}

impl Times {
    /// Times in a unit and an order, if the caller knows them.
    pub(super) fn new(unit: Option<TimeUnit>, order: Option<DateOrder>) -> Self {
        Self { unit, order, per_second: unit.map_or(1.0, TimeUnit::per_second), ..Self::default() }
    }

    /// Decides unit and order by the first values of a file, as far as they show them.
    pub(super) fn begin<'a>(&mut self, values: impl Iterator<Item = &'a str> + Clone) {
        let mut numbers: Vec<f64> = Vec::new();
        for value in values.clone() {
            match time::read(value) {
                Some(Written::Number(number)) => numbers.push(number),
                Some(Written::EitherOrder { day_first, month_first }) if self.order.is_none() => {
                    self.order = shown(day_first, month_first);
                }
                _ => {}
            }
        }
        let days = values.filter(|value| time::compact(value).is_some()).count();
        self.compact = self.unit.is_none() && days > 0 && days == numbers.len();
        if self.unit.is_none() && !numbers.is_empty() {
            numbers.sort_by(f64::total_cmp);
            let median = numbers[numbers.len() / 2];
            let unit = TimeUnit::of(median);
            self.spreadsheet_day =
                Some(median).filter(|_| !self.compact && SPREADSHEET_DAYS.contains(&median));
            (self.unit, self.per_second) = (Some(unit), unit.per_second());
        }
    }

    /// Reads a time.
    #[inline]
    pub(super) fn read(&mut self, text: &str) -> Read {
        // The fast path: whole seconds, as in nearly all files.
        if !self.compact
            && let Some(number) = time::digits(text)
        {
            return self.number(number);
        }
        self.read_any(text)
    }

    #[inline]
    fn number(&mut self, number: f64) -> Read {
        self.numbers += 1;
        let seconds = if self.per_second == 1.0 { number } else { number / self.per_second };
        self.too_large += u64::from(seconds.abs() >= 1e11);
        Read::Seconds(seconds)
    }

    fn read_any(&mut self, text: &str) -> Read {
        match time::read(text) {
            Some(Written::Number(number)) => {
                if self.compact
                    && let Some(seconds) = time::compact(text)
                {
                    self.dates += 1;
                    return Read::Seconds(seconds);
                }
                self.number(number)
            }
            Some(Written::Seconds(seconds)) => {
                self.dates += 1;
                Read::Seconds(seconds)
            }
            Some(Written::EitherOrder { day_first, month_first }) => {
                self.either(text, day_first, month_first)
            }
            None => Read::NotTime,
        }
    }

    fn either(&mut self, text: &str, day_first: Option<f64>, month_first: Option<f64>) -> Read {
        let others = self.numbers + self.dates;
        let before = self.order;
        self.order = before.or_else(|| shown(day_first, month_first));
        if before.is_none() && self.order == Some(DateOrder::DayFirst) && self.assumed > 0 {
            let Some(seconds) = day_first.filter(|_| others == 0) else { return Read::TooLate };
            self.dates += 1 + std::mem::take(&mut self.assumed);
            return Read::ThenDayFirst(seconds);
        }
        let seconds = match self.order {
            Some(DateOrder::DayFirst) => day_first,
            Some(DateOrder::MonthFirst) | None => month_first,
        };
        if seconds.is_some() {
            if self.order.is_none() {
                self.assumed += 1;
                self.example.get_or_insert_with(|| text.to_owned());
            } else {
                self.dates += 1 + std::mem::take(&mut self.assumed);
            }
        }
        seconds.map_or(Read::NotTime, Read::Seconds)
    }

    /// A date, if no row of the file showed the order of day and month.
    pub(super) fn ambiguous(&self) -> Option<&str> {
        self.example.as_deref().filter(|_| self.assumed > 0)
    }

    /// Unit or form of the times, for people.
    pub(super) fn description(&self) -> Option<&'static str> {
        match (self.numbers > 0, self.dates > 0) {
            (true, true) => Some("numbers and dates"),
            (true, false) => Some(self.unit.unwrap_or(TimeUnit::Seconds).plural()),
            (false, true) => Some(match self.order {
                Some(DateOrder::DayFirst) => "dates, day first",
                Some(DateOrder::MonthFirst) => "dates, month first",
                None => "dates",
            }),
            (false, false) => None,
        }
    }

    /// A time that may be a day of a spreadsheet.
    pub(super) fn spreadsheet_day(&self) -> Option<f64> {
        self.spreadsheet_day
    }

    /// Number of times that are far too large for the unit.
    pub(super) fn too_large(&self) -> u64 {
        self.too_large
    }
}

/// The order that a date shows: the other one would be no date.
fn shown(day_first: Option<f64>, month_first: Option<f64>) -> Option<DateOrder> {
    match (day_first, month_first) {
        (Some(_), None) => Some(DateOrder::DayFirst),
        (None, Some(_)) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(times: &mut Times, values: &[&str]) -> Vec<Read> {
        values.iter().map(|value| times.read(value)).collect()
    }

    #[test]
    fn units_are_found_by_size() {
        for (value, seconds, name) in [
            ("1400031310", 1_400_031_310.0, "seconds"),
            ("1400031310123", 1_400_031_310.123, "milliseconds"),
            ("1400031310123456", 1_400_031_310.123_456, "microseconds"),
            ("1400031310123456789", 1_400_031_310.123_456_8, "nanoseconds"),
            ("17", 17.0, "seconds"),
            ("20140514", 1_400_025_600.0, "dates"),
        ] {
            let mut times = Times::new(None, None);
            times.begin([value, value].into_iter());
            assert_eq!(times.read(value), Read::Seconds(seconds));
            assert_eq!(times.description(), Some(name));
        }
        let mut times = Times::new(Some(TimeUnit::Milliseconds), None);
        times.begin(["20140514"].into_iter());
        assert_eq!(times.read("20140514"), Read::Seconds(20_140.514));
    }

    #[test]
    fn rows_decide_the_order_of_day_and_month() {
        let (march, april) = (1_425_427_200.0, 1_428_019_200.0);
        let mut times = Times::new(None, None);
        times.begin(["4/3/2015", "13/3/2015"].into_iter());
        assert_eq!(times.read("4/3/2015"), Read::Seconds(march));
        assert_eq!(times.description(), Some("dates, day first"));
        assert_eq!(times.read("3/13/2015"), Read::NotTime);
        // A later row decides.
        let mut times = Times::new(None, None);
        assert_eq!(all(&mut times, &["4/3/2015"]), [Read::Seconds(april)]);
        assert_eq!(times.ambiguous(), Some("4/3/2015"));
        assert_eq!(times.read("13/3/2015"), Read::ThenDayFirst(1_426_204_800.0));
        assert_eq!((times.read("4/3/2015"), times.ambiguous()), (Read::Seconds(march), None));
        // It cannot any more among times of other forms.
        let mut times = Times::new(None, None);
        assert_eq!(all(&mut times, &["4/3/2015", "2015-03-04", "13/3/2015"])[2], Read::TooLate);
        let mut times = Times::new(None, Some(DateOrder::DayFirst));
        assert_eq!(all(&mut times, &["4/3/2015"]), [Read::Seconds(march)]);
    }
}
