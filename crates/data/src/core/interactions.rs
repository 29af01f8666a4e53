//! A data set: user–item interactions with ratings and times.

use super::columns::Columns;
use super::counts;
use super::csr::ByUser;
use super::duplicates::{Duplicates, combined};
use super::item_features::ItemFeatures;
use super::item_table::ItemTable;
use super::report::Report;
use super::vocabulary::Vocabulary;
use crate::error::DataError;
use std::sync::Arc;

/// A data set: its columns, the vocabularies that number users and items, and the rating range.
///
/// Each (user, item) pair occurs once at most. The parts of a split share their vocabularies, so a model trained on one
/// part knows the whole catalogue.
#[derive(Clone, Debug)]
pub struct Interactions {
    /// Ids of the users.
    pub users: Arc<Vocabulary>,
    /// Ids of the items.
    pub items: Arc<Vocabulary>,
    pub(super) columns: Columns,
    /// Lowest and highest possible rating: declared, or observed in the whole data set before a split.
    pub(super) range: (f32, f32),
    /// Whether the range was declared.
    pub(super) range_is_declared: bool,
    /// Number of rows that became part of a later row with the same user and item.
    pub duplicates: usize,
    /// Titles and genres by item id, if given.
    pub item_table: Option<Arc<ItemTable>>,
    /// Features by item id, if given.
    pub item_features: Option<Arc<ItemFeatures>>,
    /// How the file was understood, if it was read from one.
    pub report: Option<Arc<Report>>,
}

impl Interactions {
    /// A data set of `columns`, whose indices are below the vocabularies' lengths. Of several rows with the same user and
    /// item the last by (time, row) is kept. `range` is the declared rating range; by default the observed one.
    pub fn new(
        users: Arc<Vocabulary>,
        items: Arc<Vocabulary>,
        columns: Columns,
        range: Option<(f32, f32)>,
    ) -> Self {
        Self::combining(users, items, columns, range, Duplicates::Last)
    }

    /// A data set of `columns` in which several rows with the same user and item become one as `duplicates` says. Sums and
    /// counts outside a declared range extend it.
    pub fn combining(
        users: Arc<Vocabulary>,
        items: Arc<Vocabulary>,
        columns: Columns,
        range: Option<(f32, f32)>,
        duplicates: Duplicates,
    ) -> Self {
        let rows = columns.len();
        let columns = combined(columns, users.len(), items.len(), duplicates);
        let observed = columns.ratings.as_deref().unwrap_or(&[1.0]).iter();
        let observed = observed.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &rating| {
            (low.min(rating), high.max(rating))
        });
        let range_is_declared = range.is_some();
        let observed = if rows == 0 { (0.0, 0.0) } else { observed };
        let range = match range {
            Some((low, high)) if matches!(duplicates, Duplicates::Sum | Duplicates::Count) => {
                (low.min(observed.0), high.max(observed.1))
            }
            declared => declared.unwrap_or(observed),
        };
        Self {
            users,
            items,
            duplicates: rows - columns.len(),
            columns,
            range,
            range_is_declared,
            item_table: None,
            item_features: None,
            report: None,
        }
    }

    /// The same data with `features` of its items; `data/no-match` if none of its items has any. Items that occur only in
    /// `features` join the catalogue, numbered as if they had rows at the end.
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

    /// The same catalogue and range with other rows, without duplicates: a part of a split.
    pub fn part(&self, columns: Columns) -> Self {
        Self { columns, duplicates: 0, ..self.clone_shell() }
    }

    /// Other rows, without duplicates, of another catalogue; titles and features are kept.
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

    /// The rows whose number `keep` accepts, in their order.
    pub fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        self.part(self.columns.filtered(keep))
    }

    fn clone_shell(&self) -> Self {
        Self {
            users: self.users.clone(),
            items: self.items.clone(),
            columns: Columns::default(),
            range: self.range,
            range_is_declared: self.range_is_declared,
            duplicates: 0,
            item_table: self.item_table.clone(),
            item_features: self.item_features.clone(),
            report: self.report.clone(),
        }
    }

    /// The columns of its file that are not read.
    pub fn unread(&self) -> Vec<String> {
        self.report.as_ref().map_or(Vec::new(), |report| report.unread.clone())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The rows, in the order of the file.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Lowest and highest possible rating.
    pub fn range(&self) -> (f32, f32) {
        self.range
    }

    /// Whether its ratings look like counts. Ratings of a declared range are ratings.
    pub fn looks_like_counts(&self) -> bool {
        let ratings = self.columns.ratings.as_deref();
        !self.range_is_declared && ratings.is_some_and(counts::looks_like_counts)
    }

    /// The rating of `row`; 1 for implicit feedback.
    pub fn rating(&self, row: usize) -> f32 {
        self.columns.ratings.as_ref().map_or(1.0, |ratings| ratings[row])
    }

    /// The rows of each user in the order (time, row).
    pub fn by_user(&self) -> ByUser {
        ByUser::new(&self.columns, self.users.len())
    }

    /// Bytes of its columns.
    pub fn bytes(&self) -> usize {
        let row = 8
            + 4 * usize::from(self.columns.ratings.is_some())
            + 8 * usize::from(self.columns.times.is_some());
        self.len() * row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_duplicate_by_time_then_row_is_kept() {
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
