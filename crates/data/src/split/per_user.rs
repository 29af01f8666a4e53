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
    let mut own = Vec::new();
    for user in 0..data.users.len() as u32 {
        let rows = by_user.rows(user);
        own.clear();
        own.resize(rows.len(), Part::Train);
        of_user(user, &mut own, fractions, min, seed);
        for (&row, &part) in rows.iter().zip(&own) {
            parts[row as usize] = part;
            tested += usize::from(part == Part::Test);
            validated += usize::from(part == Part::Validation);
        }
    }
    check(fractions, min, tested, validated)
}

/// The part of each row of a user, in their order.
pub(super) fn of_user(user: u32, parts: &mut [Part], fractions: Fractions, min: u32, seed: u64) {
    if parts.len() < min as usize {
        return parts.fill(Part::LeftOut);
    }
    let mut places: Vec<u32> = (0..parts.len() as u32).collect();
    Rng::stream(seed, Purpose::Split, user.into(), SHARD).shuffle(&mut places);
    let [test, validation] = fractions.counts(places.len());
    for (index, &place) in places[..test + validation].iter().enumerate() {
        parts[place as usize] = if index < test { Part::Test } else { Part::Validation };
    }
}

/// Fails if a part that is wanted got no row.
pub(super) fn check(
    fractions: Fractions,
    min: u32,
    tested: usize,
    validated: usize,
) -> Result<(), DataError> {
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
