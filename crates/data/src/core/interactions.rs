//! A data set: who rated or chose what, when, how much.

use super::columns::Columns;
use super::csr::ByUser;
use super::item_features::ItemFeatures;
use super::item_table::ItemTable;
use super::vocabulary::Vocabulary;
use crate::error::DataError;
use std::sync::Arc;

/// A data set: columns, the vocabularies that number their users and items, and what rating range they lie in.
///
/// A pair (user, item) stands at most once. The parts of a split share their vocabularies, so the catalogue is known
/// to a model even where a part has no row of an item.
#[derive(Clone, Debug)]
pub struct Interactions {
    /// Outside ids of the users.
    pub users: Arc<Vocabulary>,
    /// Outside ids of the items.
    pub items: Arc<Vocabulary>,
    columns: Columns,
    /// Lowest and highest rating possible: as declared, or as observed in the data that this is a part of.
    range: (f32, f32),
    /// Rows that were dropped because a later row has the same user and item.
    pub duplicates: usize,
    /// Titles and genres by outside id, where they were given.
    pub item_table: Option<Arc<ItemTable>>,
    /// Features by outside id, where they were given.
    pub item_features: Option<Arc<ItemFeatures>>,
}

impl Interactions {
    /// A data set of `columns`, whose indices lie below the vocabularies' lengths. Of rows with one user and item the
    /// last by time, then by place, is kept. `range` is the declared rating range, the observed one if absent.
    pub fn new(
        users: Arc<Vocabulary>,
        items: Arc<Vocabulary>,
        columns: Columns,
        range: Option<(f32, f32)>,
    ) -> Self {
        let rows = columns.len();
        let columns = without_duplicates(columns, users.len(), items.len());
        let observed = columns.ratings.as_deref().unwrap_or(&[1.0]).iter();
        let observed = observed.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &rating| {
            (low.min(rating), high.max(rating))
        });
        let range = range.unwrap_or(if rows == 0 { (0.0, 0.0) } else { observed });
        Self {
            users,
            items,
            duplicates: rows - columns.len(),
            columns,
            range,
            item_table: None,
            item_features: None,
        }
    }

    /// The same data with what `features` says of its items; `data/no-match` where it says nothing of any. Items that are known
    /// by their features alone join the catalogue, which is numbered as if they had had rows at the end.
    pub fn with_features(mut self, features: ItemFeatures) -> Result<Self, DataError> {
        if features.align(&self.items).features.is_empty() {
            return Err(DataError::NoMatch { file: features.file().into(), known: features.known() });
        }
        let mut items = Vocabulary::clone(&self.items);
        for id in features.items().iter() {
            items.intern(id);
        }
        if items.len() > self.items.len() {
            self.items = items.renumber(&mut self.columns.items);
        }
        Ok(Self { item_features: Some(Arc::new(features)), ..self })
    }

    /// The same catalogue and range with other rows, which hold no duplicates: a part of a split.
    pub fn part(&self, columns: Columns) -> Self {
        Self { columns, duplicates: 0, ..self.clone_shell() }
    }

    /// Other rows, which hold no duplicates, of another catalogue; what is known of the items stays.
    pub(crate) fn with_catalogue(
        &self,
        users: Arc<Vocabulary>,
        items: Arc<Vocabulary>,
        columns: Columns,
        range: (f32, f32),
    ) -> Self {
        Self { users, items, columns, range, ..self.clone_shell() }
    }

    /// The rows at `rows`, in that order.
    pub fn select(&self, rows: &[u32]) -> Self {
        self.part(self.columns.select(rows))
    }

    /// The rows of which `keep` says so by their number, in their order.
    pub fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        self.part(self.columns.filtered(keep))
    }

    fn clone_shell(&self) -> Self {
        Self {
            users: self.users.clone(),
            items: self.items.clone(),
            columns: Columns::default(),
            range: self.range,
            duplicates: 0,
            item_table: self.item_table.clone(),
            item_features: self.item_features.clone(),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The rows, in the order of the file.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Lowest and highest rating possible.
    pub fn range(&self) -> (f32, f32) {
        self.range
    }

    /// The rating of `row`; 1 where the data has none.
    pub fn rating(&self, row: usize) -> f32 {
        self.columns.ratings.as_ref().map_or(1.0, |ratings| ratings[row])
    }

    /// Each user's items in the order (time, place in the file).
    pub fn by_user(&self) -> ByUser {
        ByUser::new(&self.columns, self.users.len())
    }

    /// Bytes that it holds without its vocabularies.
    pub fn bytes(&self) -> usize {
        let row = 8
            + 4 * usize::from(self.columns.ratings.is_some())
            + 8 * usize::from(self.columns.times.is_some());
        self.len() * row
    }
}

/// Keeps, of the rows with one (user, item), the last by (time, place); the kept rows stay in their order.
fn without_duplicates(mut columns: Columns, users: usize, items: usize) -> Columns {
    let grouped = ByUser::new(&columns, users);
    // `newest[item]` is the item's latest row of the user at hand, if `owner[item]` says that it is theirs.
    let mut owner = vec![u32::MAX; items];
    let mut newest = vec![0u32; items];
    let mut dropped = Vec::new();
    for user in 0..users as u32 {
        for &row in grouped.rows(user) {
            let item = columns.items[row as usize] as usize;
            if owner[item] == user {
                dropped.push(newest[item]);
            }
            (owner[item], newest[item]) = (user, row);
        }
    }
    if dropped.is_empty() {
        return columns;
    }
    let mut kept = vec![true; columns.len()];
    dropped.iter().for_each(|&row| kept[row as usize] = false);
    drop(grouped);
    columns.retain(&kept);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_duplicates_the_last_by_time_then_place_is_kept() {
        let mut ids = Vocabulary::default();
        for id in ["a", "b"] {
            ids.intern(id);
        }
        let ids = Arc::new(ids);
        let columns = Columns {
            users: vec![0, 0, 1, 0, 1, 1],
            items: vec![0, 0, 0, 0, 1, 1],
            ratings: Some(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            times: Some(vec![5.0, 9.0, 1.0, 2.0, 7.0, 7.0]),
        };
        let data = Interactions::new(ids.clone(), ids, columns, None);
        assert_eq!(data.columns().ratings.as_deref(), Some(&[2.0, 3.0, 6.0][..]));
        assert_eq!((data.duplicates, data.range()), (3, (2.0, 6.0)));
    }
}
