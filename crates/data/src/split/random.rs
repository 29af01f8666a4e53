//! Random rows for test or validation.

use super::part::Part;
use crate::error::DataError;
use crate::rng::{Purpose, Rng};

/// Moves a random `fraction` of the training rows, rounded to whole rows, to `part`.
pub(super) fn hold_out(parts: &mut [Part], part: Part, fraction: f64, seed: u64) -> Result<(), DataError> {
    if fraction == 0.0 {
        return Ok(());
    }
    let mut rows: Vec<u32> =
        (0..parts.len() as u32).filter(|&row| parts[row as usize] == Part::Train).collect();
    let (name, shard) = match part {
        Part::Test => ("test", 0),
        _ => ("validation", 1),
    };
    let count = (rows.len() as f64 * fraction).round() as usize;
    if count == 0 || count == rows.len() {
        return Err(DataError::TooFewRows { part: name, rows: rows.len(), fraction });
    }
    for &row in sample(&mut rows, count, &mut Rng::stream(seed, Purpose::Split, 0, shard)) {
        parts[row as usize] = part;
    }
    Ok(())
}

/// `count` of `values`, sampled without replacement by the start of a Fisher–Yates shuffle.
pub(super) fn sample<'a>(values: &'a mut [u32], count: usize, rng: &mut Rng) -> &'a [u32] {
    for next in 0..count {
        values.swap(next, next + rng.below((values.len() - next) as u32) as usize);
    }
    &values[..count]
}
