//! Split by time: the latest rows of all users for test.

use super::part::Part;
use crate::core::interactions::Interactions;
use crate::error::DataError;

/// Holds out the last fraction `test` of the rows by (time, row), and the last fraction `validation` of the others. Both
/// are rounded to whole rows.
pub(super) fn assign(
    data: &Interactions,
    parts: &mut [Part],
    test: f64,
    validation: f64,
) -> Result<(), DataError> {
    let Some(times) = &data.columns().times else {
        return Err(DataError::NeedsTimestamps {
            purpose: "a split by time",
            instead: "split by another rule, such as random or per-user",
            unread: data.unread(),
        });
    };
    let mut rows: Vec<u32> = (0..data.len() as u32).collect();
    let counts = counts(rows.len(), test, validation)?;
    for (part, count) in [Part::Test, Part::Validation].into_iter().zip(counts) {
        if count == 0 {
            continue;
        }
        // The order within each side is irrelevant. Row numbers break ties, so the boundary is unique.
        let boundary = rows.len() - count;
        rows.select_nth_unstable_by(boundary, |&a, &b| {
            times[a as usize].total_cmp(&times[b as usize]).then(a.cmp(&b))
        });
        for row in rows.drain(boundary..) {
            parts[row as usize] = part;
        }
    }
    Ok(())
}

/// Numbers of test and of validation rows.
pub(super) fn counts(rows: usize, test: f64, validation: f64) -> Result<[usize; 2], DataError> {
    let count = |part, rows: usize, fraction: f64| {
        let count = (rows as f64 * fraction).round() as usize;
        if fraction > 0.0 && (count == 0 || count == rows) {
            return Err(DataError::TooFewRows { part, rows, fraction });
        }
        Ok(count)
    };
    let tested = count("test", rows, test)?;
    Ok([tested, count("validation", rows - tested, validation)?])
}
