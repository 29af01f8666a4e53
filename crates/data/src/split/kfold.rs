//! K-fold cross-validation: one of k folds for test.

use super::part::Part;
use crate::error::DataError;
use crate::rng::{Purpose, Rng};

/// The stream of [`Purpose::Split`] that shuffles rows into folds.
const SHARD: u64 = 6;

/// Shuffles all rows, cuts them into `folds` folds whose sizes differ by one at most, and holds out number `fold`, from 0.
/// With the same seed, the folds partition the rows.
pub(super) fn assign(parts: &mut [Part], folds: u32, fold: u32, seed: u64) -> Result<(), DataError> {
    if parts.len() < folds as usize {
        let fraction = 1.0 / f64::from(folds);
        return Err(DataError::TooFewRows { part: "test", rows: parts.len(), fraction });
    }
    let mut rows: Vec<u32> = (0..parts.len() as u32).collect();
    Rng::stream(seed, Purpose::Split, 0, SHARD).shuffle(&mut rows);
    let start = |fold: u32| (rows.len() as u64 * u64::from(fold) / u64::from(folds)) as usize;
    for &row in &rows[start(fold)..start(fold + 1)] {
        parts[row as usize] = Part::Test;
    }
    Ok(())
}
