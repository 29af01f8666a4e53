//! Fewer rows: of a range of time, positive ones as choices, of users and items with rows enough.

mod k_core;
mod options;

pub use options::{FilterOptions, Moment};

use crate::core::interactions::Interactions;
use crate::core::vocabulary::Vocabulary;
use crate::error::DataError;
use std::sync::Arc;

/// The rows of `data` that `options` let through, in their order: first by time, then by rating, then by how many rows
/// users and items have left. The catalogue is that of the rows that are left and of items that had features and no row before
/// either; what is known of the items stays.
pub fn filter(data: &Interactions, options: &FilterOptions) -> Result<Interactions, DataError> {
    let [from, until] = options.check()?;
    let columns = data.columns();
    let mut kept = vec![true; data.len()];
    if options.from.is_some() || options.until.is_some() {
        let times = columns.times.as_ref().ok_or(DataError::NeedsTimestamps {
            purpose: "a filter by time",
            instead: "leave out the options from and until",
        })?;
        keep(&mut kept, |row| (from..until).contains(&times[row]));
    }
    if let Some(threshold) = options.positive_threshold {
        let ratings = columns.ratings.as_ref().ok_or(DataError::NeedsRatings)?;
        keep(&mut kept, |row| ratings[row] >= threshold);
    }
    k_core::keep_core(columns, [data.users.len(), data.items.len()], options.core, &mut kept);
    let mut columns = columns.filtered(|row| kept[row]);
    if columns.is_empty() {
        return Err(DataError::NothingLeft { rows: data.len() });
    }
    let users = used(&data.users, &mut columns.users, |_| false);
    let by_features = known_by_features(data);
    let items =
        used(&data.items, &mut columns.items, |item| by_features.get(item).is_some_and(|&known| known));
    let mut range = data.range();
    if options.positive_threshold.is_some() {
        // A choice counts as 1.
        (columns.ratings, range) = (None, (1.0, 1.0));
    }
    Ok(data.with_catalogue(users, items, columns, range))
}

/// Keeps, of the rows still kept, those of which `wanted` says so.
fn keep(kept: &mut [bool], wanted: impl Fn(usize) -> bool) {
    kept.iter_mut().enumerate().for_each(|(row, kept)| *kept &= wanted(row));
}

/// Which items have features and no row; nothing where there are no features.
fn known_by_features(data: &Interactions) -> Vec<bool> {
    let Some(features) = &data.item_features else { return Vec::new() };
    let matrix = features.align(&data.items);
    let mut known: Vec<bool> = (0..data.items.len() as u32).map(|item| !matrix.of(item).is_empty()).collect();
    data.columns().items.iter().for_each(|&item| known[item as usize] = false);
    known
}

/// The ids that `column` has or that are `kept` besides, in their order; renumbers the column to match.
fn used(ids: &Arc<Vocabulary>, column: &mut [u32], kept: impl Fn(usize) -> bool) -> Arc<Vocabulary> {
    let mut renumbered: Vec<u32> =
        (0..ids.len()).map(|index| if kept(index) { 0 } else { u32::MAX }).collect();
    column.iter().for_each(|&index| renumbered[index as usize] = 0);
    if !renumbered.contains(&u32::MAX) {
        return ids.clone();
    }
    let mut used = Vocabulary::default();
    for (id, new) in ids.iter().zip(&mut renumbered).filter(|(_, new)| **new == 0) {
        *new = used.intern(id);
    }
    column.iter_mut().for_each(|index| *index = renumbered[*index as usize]);
    Arc::new(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_use_keep_their_order() {
        let mut ids = Vocabulary::default();
        for id in ["a", "b", "c", "d"] {
            ids.intern(id);
        }
        let ids = Arc::new(ids);
        let mut column = [3, 1, 3];
        assert_eq!(used(&ids, &mut column, |_| false).iter().collect::<Vec<_>>(), ["b", "d"]);
        assert_eq!(column, [1, 0, 1]);
        let mut column = [3, 1, 2, 0];
        assert!(Arc::ptr_eq(&used(&ids, &mut column, |_| false), &ids));
    }
}
