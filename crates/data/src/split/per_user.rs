//! Split per user: random fractions of each user's rows.

use super::fractions::Fractions;
use super::part::Part;
use crate::core::csr::ByUser;
use crate::core::interactions::Interactions;
use crate::error::DataError;
use crate::rng::{Purpose, Rng};

/// The stream of [`Purpose::Split`] that shuffles a user's rows.
const SHARD: u64 = 2;

/// Shuffles each user's rows and cuts them by `fractions`. Users with fewer than `min` rows are left out. The held-out parts
/// are rounded to whole rows, and one row at least stays for training.
pub(super) fn assign(
    data: &Interactions,
    parts: &mut [Part],
    fractions: Fractions,
    min: u32,
    seed: u64,
) -> Result<(), DataError> {
    let by_user = ByUser::in_row_order(&data.columns().users, data.users.len());
    let (mut tested, mut validated) = (0, 0);
    let mut rows = Vec::new();
    for user in 0..data.users.len() as u32 {
        rows.clear();
        rows.extend_from_slice(by_user.rows(user));
        if rows.len() < min as usize {
            rows.iter().for_each(|&row| parts[row as usize] = Part::LeftOut);
            continue;
        }
        Rng::stream(seed, Purpose::Split, user.into(), SHARD).shuffle(&mut rows);
        let [test, validation] = fractions.counts(rows.len());
        for (index, &row) in rows[..test + validation].iter().enumerate() {
            parts[row as usize] = if index < test { Part::Test } else { Part::Validation };
        }
        tested += test;
        validated += validation;
    }
    let [for_test, for_validation] = fractions.needed();
    for (part, fraction, count, needed) in [
        ("test", fractions.test, tested, for_test),
        ("validation", fractions.validation, validated, for_validation),
    ] {
        if fraction > 0.0 && count == 0 {
            return Err(DataError::TooFewRowsPerUser { part, needed: needed.max(min) });
        }
    }
    Ok(())
}
