//! Split by user: whole users for test, some of their rows given for fold-in.

use super::part::Part;
use super::random;
use crate::core::csr::ByUser;
use crate::core::interactions::Interactions;
use crate::error::DataError;
use crate::rng::{Purpose, Rng};

/// The streams of [`Purpose::Split`] that sample test users, validation users and given rows.
const TEST_USERS: u64 = 3;
const VALIDATION_USERS: u64 = 4;
const GIVEN: u64 = 5;

/// Holds out the fraction `test` of the users with rows, and the fraction `validation` of the others, both rounded to whole
/// users. A random fraction `given` of each held-out user's rows, rounded down, is given; at least one row is not.
pub(super) fn assign(
    data: &Interactions,
    parts: &mut [Part],
    [test, validation]: [f64; 2],
    given: f64,
    seed: u64,
) -> Result<(), DataError> {
    let by_user = ByUser::in_row_order(&data.columns().users, data.users.len());
    let users = (0..data.users.len() as u32).filter(|&user| !by_user.rows(user).is_empty()).collect();
    let mut own = Vec::new();
    for (user, part) in drawn(users, [test, validation], seed)? {
        let rows = by_user.rows(user);
        own.clear();
        own.resize(rows.len(), Part::Train);
        of_user(user, &mut own, part, given, seed);
        rows.iter().zip(&own).for_each(|(&row, &part)| parts[row as usize] = part);
    }
    Ok(())
}

/// The held-out users of `users`, who are all that have rows, ascending, with the part that each is of.
pub(super) fn drawn(
    mut users: Vec<u32>,
    [test, validation]: [f64; 2],
    seed: u64,
) -> Result<Vec<(u32, Part)>, DataError> {
    let mut drawn = Vec::new();
    for (name, fraction, shard, part) in [
        ("test", test, TEST_USERS, Part::Test),
        ("validation", validation, VALIDATION_USERS, Part::Validation),
    ] {
        if fraction == 0.0 {
            continue;
        }
        let count = (users.len() as f64 * fraction).round() as usize;
        if count == 0 || count == users.len() {
            return Err(DataError::TooFewUsers { part: name, users: users.len(), fraction });
        }
        random::sample(&mut users, count, &mut Rng::stream(seed, Purpose::Split, 0, shard));
        drawn.extend(users.drain(..count).map(|user| (user, part)));
    }
    Ok(drawn)
}

/// The part of each row, in their order, of a user that is of `part`.
pub(super) fn of_user(user: u32, parts: &mut [Part], part: Part, given: f64, seed: u64) {
    let given_part = match part {
        Part::Test => Part::TestGiven,
        Part::Validation => Part::ValidationGiven,
        _ => return parts.fill(part),
    };
    parts.fill(part);
    // `given` is below 1, but the product may round up to all rows.
    let count = ((parts.len() as f64 * given) as usize).min(parts.len() - 1);
    let mut places: Vec<u32> = (0..parts.len() as u32).collect();
    let mut rng = Rng::stream(seed, Purpose::Split, user.into(), GIVEN);
    for &place in random::sample(&mut places, count, &mut rng) {
        parts[place as usize] = given_part;
    }
}
