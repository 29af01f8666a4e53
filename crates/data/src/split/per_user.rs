//! The same fractions of each user's rows.

use super::options::Fractions;
use super::part::Part;
use crate::core::csr::ByUser;
use crate::core::interactions::Interactions;
use crate::error::DataError;
use crate::rng::{Purpose, Rng};

/// Of the streams of [`Purpose::Split`], the one that shuffles a user's rows.
const SHARD: u64 = 2;

/// Shuffles each user's rows and cuts them by `fractions`; users with fewer than `min` rows are left out. What
/// is held out is rounded to whole rows, of which one at least stays for training.
pub(super) fn assign(
    data: &Interactions,
    parts: &mut [Part],
    fractions: Fractions,
    min: u32,
    seed: u64,
) -> Result<(), DataError> {
    let by_user = ByUser::in_place_order(&data.columns().users, data.users.len());
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
        for (place, &row) in rows[..test + validation].iter().enumerate() {
            parts[row as usize] = if place < test { Part::Test } else { Part::Validation };
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
