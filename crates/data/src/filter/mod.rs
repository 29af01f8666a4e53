//! Filters rows: by time, by rating, and by the number of rows of users and items.

mod k_core;
mod options;

pub use options::{FilterOptions, Moment};

use crate::core::interactions::Interactions;
use crate::core::vocabulary::Vocabulary;
use crate::error::DataError;
use std::sync::Arc;

/// The rows of `data` that pass `options`, in their order: first by time, then by rating, then by the number of rows that
/// users and items have left. The catalogue consists of the remaining users and items, and of items that have features and
/// had no rows before. Titles and features are kept.
pub fn filter(data: &Interactions, options: &FilterOptions) -> Result<Interactions, DataError> {
    let [from, until] = options.bounds()?;
    let columns = data.columns();
    let mut kept = vec![true; data.len()];
    if options.from.is_some() || options.until.is_some() {
        let times = columns.times.as_ref().ok_or_else(|| DataError::NeedsTimestamps {
            purpose: "a filter by time",
            instead: "leave out the options from and until",
            unread: data.unread(),
        })?;
        keep(&mut kept, |row| (from..until).contains(&times[row]));
    }
    if let Some(threshold) = options.positive_threshold {
        let ratings = columns.ratings.as_ref().ok_or(DataError::NeedsRatings)?;
        keep(&mut kept, |row| ratings[row] >= threshold as f32);
    }
    k_core::keep_core(columns, [data.users.len(), data.items.len()], options.core, &mut kept);
    let mut columns = columns.filtered(|row| kept[row]);
    if columns.is_empty() {
        return Err(DataError::NothingLeft { rows: data.len() });
    }
    let users = used(&data.users, &mut columns.users, |_| false);
    let cold = cold_items(data);
    let items = used(&data.items, &mut columns.items, |item| cold.get(item) == Some(&true));
    let mut range = data.range();
    if options.positive_threshold.is_some() {
        // Implicit feedback counts as 1.
        (columns.ratings, range) = (None, (1.0, 1.0));
    }
    Ok(data.with_catalogue(users, items, columns, range))
}

/// Keeps, of the rows still kept, those that `wanted` accepts.
fn keep(kept: &mut [bool], wanted: impl Fn(usize) -> bool) {
    kept.iter_mut().enumerate().for_each(|(row, kept)| *kept &= wanted(row));
}

/// Marks the items with features and without rows. Empty if the data has no features.
fn cold_items(data: &Interactions) -> Vec<bool> {
    let Some(features) = &data.item_features else { return Vec::new() };
    let matrix = features.align(&data.items);
    let mut cold: Vec<bool> = (0..data.items.len() as u32).map(|item| !matrix.of(item).is_empty()).collect();
    data.columns().items.iter().for_each(|&item| cold[item as usize] = false);
    cold
}

/// The ids that occur in `column` or are `kept`, in their order. Renumbers the column to match.
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
