//! Whole users held out, a share of whose rows is given to serve them from.

use super::part::Part;
use super::random;
use crate::core::csr::ByUser;
use crate::core::interactions::Interactions;
use crate::error::DataError;
use crate::rng::{Purpose, Rng};

/// Of the streams of [`Purpose::Split`], those that draw users for test and for validation, and what is given.
const TEST_USERS: u64 = 3;
const VALIDATION_USERS: u64 = 4;
const GIVEN: u64 = 5;

/// Holds out the fraction `test` of the users who have rows, and the fraction `validation` of the others, both rounded to
/// whole users. Of each one's rows the share `given`, drawn at random and rounded down, is what is known of them: one at
/// least is left to ask for.
pub(super) fn assign(
    data: &Interactions,
    parts: &mut [Part],
    [test, validation]: [f64; 2],
    given: f64,
    seed: u64,
) -> Result<(), DataError> {
    let by_user = ByUser::in_place_order(&data.columns().users, data.users.len());
    let mut users: Vec<u32> =
        (0..data.users.len() as u32).filter(|&user| !by_user.rows(user).is_empty()).collect();
    for (name, fraction, shard, asked, known) in [
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
                parts[row as usize] = asked;
            }
            // The share is below 1, but so little perhaps that the product rounds to all rows.
            let share = ((rows.len() as f64 * given) as usize).min(rows.len() - 1);
            let mut rng = Rng::stream(seed, Purpose::Split, user.into(), GIVEN);
            for &row in random::sample(&mut rows, share, &mut rng) {
                parts[row as usize] = known;
            }
        }
    }
    Ok(())
}
