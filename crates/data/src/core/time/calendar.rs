//! Days of the Gregorian calendar.

/// Seconds of a day.
pub(super) const DAY: f64 = 86_400.0;

/// Seconds since 1970 at the start of a day; `None` if there is no such day.
pub(super) fn midnight(year: i64, month: i64, day: i64) -> Option<f64> {
    let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    exists.then(|| days_since_1970(year, month, day) as f64 * DAY)
}

/// `seconds` with day and month of its date exchanged. The day has to be 12 at most.
pub(crate) fn with_day_and_month_swapped(seconds: f64) -> f64 {
    let days = (seconds / DAY).floor();
    let (year, month, day) = date_of(days as i64);
    days_since_1970(year, day, month) as f64 * DAY + (seconds - days * DAY)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day, years from 0 (Hinnant's days_from_civil: years start in March, so that the leap day is the
/// last, and 400 years have 146,097 days).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of the day `days` after 1970-01-01 (Hinnant's civil_from_days).
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates_and_back() {
        for days in (-800_000..800_000).step_by(97) {
            let (year, month, day) = date_of(days);
            assert_eq!(midnight(year, month, day), Some(days as f64 * DAY));
        }
    }

    #[test]
    fn days_and_months_are_exchanged() {
        let at = |month, day| midnight(2014, month, day).unwrap() + 3661.5;
        assert_eq!(with_day_and_month_swapped(at(3, 11)), at(11, 3));
        assert_eq!(with_day_and_month_swapped(at(2, 2)), at(2, 2));
    }
}
