//! Dates with or without a time of day.

use super::Written;
use super::calendar::midnight;
use super::clock::{time_of_day, zone};
use super::text::Cursor;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A day as it is written.
enum Day {
    Known(f64),
    /// Day and month in either order, with the year.
    EitherOrder(i64, i64, i64),
}

/// Reads a date; `None` if `text` is none.
pub(super) fn read(text: &str) -> Option<Written> {
    let mut text = Cursor::new(text);
    let (day, clock) = if text.rest.starts_with(|c: char| c.is_ascii_digit()) {
        let day = numbers(text).or_else(|| day_and_name(text));
        let (day, rest) = day?;
        text = rest;
        (day, None)
    } else {
        name_first(&mut text)?
    };
    let clock = match clock {
        Some(clock) => clock,
        None => rest_of_day(&mut text)?,
    };
    if !text.is_empty() {
        return None;
    }
    Some(match day {
        Day::Known(midnight) => Written::Seconds(midnight + clock),
        Day::EitherOrder(first, second, year) => {
            let at = |month, day| midnight(year, month, day).map(|midnight| midnight + clock);
            let (day_first, month_first) = (at(second, first), at(first, second));
            day_first.or(month_first)?;
            Written::EitherOrder { day_first, month_first }
        }
    })
}

/// What follows a day: nothing, or a time of day and perhaps a zone. Seconds to add to the day.
fn rest_of_day(text: &mut Cursor) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    text.take(",");
    text.take_one_of(&[' ', 'T', 't'])?;
    text.spaces();
    let clock = time_of_day(text)?;
    Some(clock - zone(text)?)
}

/// Three numbers: `2015-3-4`, `4.3.2015`, `3/4/15`.
fn numbers(mut text: Cursor) -> Option<(Day, Cursor)> {
    let (first, length) = text.number(1, 4)?;
    let separator = text.take_one_of(&['-', '/', '.'])?;
    let (second, _) = text.number(1, 2)?;
    if !text.take(separator.encode_utf8(&mut [0; 4])) {
        return None;
    }
    if length == 4 {
        let (third, _) = text.number(1, 2)?;
        return Some((Day::Known(midnight(first, second, third)?), text));
    }
    if length > 2 {
        return None;
    }
    let (third, length) = text.number(2, 4).filter(|&(_, length)| length != 3)?;
    let year = full_year(third, length);
    let day = match separator {
        // Only countries that write the day first use dots.
        '.' => Day::Known(midnight(year, second, first)?),
        _ => Day::EitherOrder(first, second, year),
    };
    Some((day, text))
}

/// `4 Mar 2015`, `04-Mar-15`.
fn day_and_name(mut text: Cursor) -> Option<(Day, Cursor)> {
    let (day, _) = text.number(1, 2)?;
    text.take_one_of(&[' ', '-', '.', '/'])?;
    text.spaces();
    let month = month(&mut text)?;
    text.take_one_of(&['.', ',']);
    text.take_one_of(&[' ', '-', '/'])?;
    let (year, length) = text.number(2, 4).filter(|&(_, length)| length != 3)?;
    Some((Day::Known(midnight(full_year(year, length), month, day)?), text))
}

/// `Mar 4, 2015 …`, `Wed, 4 Mar 2015 …`, or `Wed Mar 04 10:11:12 +0000 2015`, whose time of day comes before the year.
fn name_first(text: &mut Cursor) -> Option<(Day, Option<f64>)> {
    let mut after = *text;
    if among(after.take_while(char::is_alphabetic), &WEEKDAYS).is_some() {
        after.take_one_of(&[',', '.']);
        after.spaces();
        *text = after;
        if text.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let (day, rest) = day_and_name(*text)?;
            *text = rest;
            return Some((day, None));
        }
    }
    let month = month(text)?;
    text.take(".");
    text.spaces();
    let (day, _) = text.number(1, 2)?;
    text.take(",");
    text.spaces();
    let mut after = *text;
    let clock = time_of_day(&mut after).and_then(|clock| Some(clock - zone(&mut after)?));
    if clock.is_some() {
        after.spaces();
        *text = after;
    }
    let (year, _) = text.number(4, 4)?;
    Some((Day::Known(midnight(year, month, day)?), clock))
}

/// Takes the name of a month: its number from 1.
fn month(text: &mut Cursor) -> Option<i64> {
    let mut after = *text;
    let month = among(after.take_while(char::is_alphabetic), &MONTHS)?;
    *text = after;
    Some(month as i64 + 1)
}

/// The place of `name`, whole or cut after three letters or more, among `names`.
fn among(name: &str, names: &[&str]) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    names.iter().position(|whole| name.len() >= 3 && whole.starts_with(&name))
}

/// A year of two digits is one from 1970 to 2069.
fn full_year(year: i64, digits: usize) -> i64 {
    match (digits, year) {
        (2, ..70) => 2000 + year,
        (2, _) => 1900 + year,
        _ => year,
    }
}
