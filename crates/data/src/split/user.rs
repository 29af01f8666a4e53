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
    let mut users: Vec<u32> =
        (0..data.users.len() as u32).filter(|&user| !by_user.rows(user).is_empty()).collect();
    for (name, fraction, shard, held_out, given_part) in [
        ("test", test, TEST_USERS, Part::Test, Part::TestGiven),
        ("validation", validation, VALIDATION_USERS, Part::Validation, Part::ValidationGiven),
    ] {
        if fraction == 0.0 {
            continue;
        }
        let count = (users.len() as f64 * fraction).round() as usize;
        if count == 0 || count == users.len() {
            return Err(DataError::TooFewUsers { part: name, users: users.len(), fraction });
        }
        random::sample(&mut users, count, &mut Rng::stream(seed, Purpose::Split, 0, shard));
        for user in users.drain(..count) {
            let mut rows = by_user.rows(user).to_vec();
            for &row in &rows {
                parts[row as usize] = held_out;
            }
            // `given` is below 1, but the product may round up to all rows.
            let count = ((rows.len() as f64 * given) as usize).min(rows.len() - 1);
            let mut rng = Rng::stream(seed, Purpose::Split, user.into(), GIVEN);
            for &row in random::sample(&mut rows, count, &mut rng) {
                parts[row as usize] = given_part;
            }
        }
    }
    Ok(())
}
