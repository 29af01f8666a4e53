//! The rules of [`split`](super::split) on several machines. Each machine has some of the users.

use super::options::{PerUserSplit, SplitOptions, TimeSplit, UserSplit};
use super::part::Part;
use super::{by_number, leave_one_out, per_user, time, user};
use crate::error::DataError;

/// What decides on the part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Its number among all rows: see [`held_rows`].
    Number,
    /// Its place among the rows of its user, in their order, or in the order of time: see [`of_users`].
    User {
        /// Whether by (time, row), or by row.
        by_time: bool,
    },
    /// Its place among all rows by (time, row): see [`latest`].
    Time,
    /// Rows of another data set.
    File,
}

impl SplitOptions {
    /// What decides on the part of a row.
    pub fn basis(&self) -> Basis {
        match self {
            Self::Random(_) | Self::Kfold(_) => Basis::Number,
            Self::PerUser(_) | Self::User(_) => Basis::User { by_time: false },
            Self::LeaveOneOut(options) => {
                Basis::User { by_time: options.order == super::options::Order::Time }
            }
            Self::Time(_) => Basis::Time,
            Self::File(_) => Basis::File,
        }
    }
}

/// The numbers of the rows for validation and for test, ascending, of `rows` rows.
///
/// # Errors
/// `split/too-few-rows`.
///
/// # Panics
/// If something else decides ([`Basis`]).
pub fn held_rows(options: &SplitOptions, rows: u32) -> Result<[Vec<u32>; 2], DataError> {
    let mut parts = vec![Part::Train; rows as usize];
    by_number(&mut parts, options)?;
    let of = |part| (0..rows).filter(|&row| parts[row as usize] == part).collect();
    Ok([of(Part::Validation), of(Part::Test)])
}

/// How many of `rows` rows, the latest, are for test, and how many before them for validation.
///
/// # Errors
/// `split/too-few-rows`.
pub fn latest(options: &TimeSplit, rows: usize) -> Result<[usize; 2], DataError> {
    time::counts(rows, options.test.0, options.validation.fraction())
}

/// The part of each of the `users`, who are all that have rows, ascending.
///
/// # Errors
/// `split/too-few-users`.
pub fn held_users(options: &UserSplit, users: &[u32]) -> Result<Vec<Part>, DataError> {
    let mut parts = vec![Part::Train; users.len()];
    let fractions = [options.test.0, options.validation.fraction()];
    for (user, part) in user::drawn(users.to_vec(), fractions, options.seed)? {
        parts[users.binary_search(&user).expect("it is one of them")] = part;
    }
    Ok(parts)
}

/// The parts of all rows of some `users`, each with the number of rows and, for a split by user, the part that it is of.
pub fn of_users(options: &SplitOptions, users: impl Iterator<Item = (u32, usize, Part)>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (user, count, whole) in users {
        let start = parts.len();
        parts.resize(start + count, Part::Train);
        let rows = &mut parts[start..];
        match options {
            SplitOptions::PerUser(PerUserSplit { fractions, min, validation, seed }) => {
                per_user::of_user(user, rows, fractions.with(*validation), *min, *seed);
            }
            SplitOptions::LeaveOneOut(options) => leave_one_out::of_user(rows, options.validation),
            SplitOptions::User(options) => user::of_user(user, rows, whole, options.given.0, options.seed),
            _ => (),
        }
    }
    parts
}

/// Fails if a part of the rows of all users that is wanted got none.
///
/// # Errors
/// `split/too-few-rows-per-user`.
pub fn check(options: &SplitOptions, tested: usize, validated: usize) -> Result<(), DataError> {
    match options {
        SplitOptions::PerUser(options) => {
            per_user::check(options.fractions.with(options.validation), options.min, tested, validated)
        }
        SplitOptions::LeaveOneOut(options) => leave_one_out::check(options.validation, tested, validated),
        _ => Ok(()),
    }
}
