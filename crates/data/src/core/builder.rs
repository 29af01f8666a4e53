//! Builds a data set row by row, from a file or from rows of the caller.

use super::chunked::Chunked;
use super::columns::Columns;
use super::duplicates::Duplicates;
use super::interactions::Interactions;
use super::vocabulary::Vocabulary;
use crate::error::DataError;
use crate::location::{Location, excerpt};
use std::sync::Arc;

/// Accepted ratings, for messages.
pub(crate) const RATING_ACCEPTED: &str = "a finite number, the rating";
/// Accepted times, for messages.
pub(crate) const TIME_ACCEPTED: &str =
    "a time: seconds since 1970, or an ISO 8601 date such as 2015-03-04 or 2015-03-04T10:11:12Z";

/// Largest sizes of a data set.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Rows: their numbers are `u32`, and the largest number means none.
    rows: usize,
    /// Bytes of all user ids or of all item ids: their ends are `u32`.
    text: usize,
}

/// [`Columns`] under construction.
#[derive(Clone, Debug, Default)]
struct Growing {
    users: Chunked<u32>,
    items: Chunked<u32>,
    ratings: Option<Chunked<f32>>,
    times: Option<Chunked<f64>>,
}

/// Collects rows in any order and numbers their ids.
#[derive(Clone, Debug)]
pub struct RowBuilder {
    users: Vocabulary,
    items: Vocabulary,
    columns: Growing,
    range: Option<(f32, f32)>,
    limits: Limits,
}

impl RowBuilder {
    /// A builder without rows. Ratings outside `range` (lowest, highest) are refused.
    pub fn new(range: Option<(f32, f32)>) -> Self {
        Self {
            users: Vocabulary::default(),
            items: Vocabulary::default(),
            columns: Growing::default(),
            range,
            limits: Limits { rows: u32::MAX as usize - 1, text: u32::MAX as usize },
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.users.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a row. `time` is in seconds. Either all rows have a rating or none has one; the same holds for times.
    #[inline]
    pub fn push(
        &mut self,
        user: &str,
        item: &str,
        rating: Option<f32>,
        time: Option<f64>,
    ) -> Result<(), DataError> {
        self.check(user, item, rating, time)?;
        // In most files a user's rows are adjacent, and a comparison is cheaper than a look-up.
        let last = self.columns.users.last();
        let user = match last.filter(|&last| self.users.id(last) == user) {
            Some(last) => last,
            None => self.users.intern(user),
        };
        self.columns.users.push(user);
        self.columns.items.push(self.items.intern(item));
        if let Some(rating) = rating {
            self.columns.ratings.get_or_insert_default().push(rating);
        }
        if let Some(time) = time {
            self.columns.times.get_or_insert_default().push(time);
        }
        Ok(())
    }

    /// Adds a user, who may have no row.
    pub(crate) fn know_user(&mut self, user: &str) -> Result<(), DataError> {
        self.check_id("user", &self.users, user)?;
        self.users.intern(user);
        Ok(())
    }

    /// Number of rows of each user, in the order in which the users were added.
    pub(crate) fn rows_of_users(&self) -> Vec<u32> {
        let mut counts = vec![0; self.users.len()];
        self.columns.users.iter().for_each(|&user| counts[user as usize] += 1);
        counts
    }

    /// Renames all users, in the order in which they were added. Users with equal new ids become one.
    pub(crate) fn rename_users(&mut self, ids: impl Iterator<Item = String>) {
        let mut renamed = Vocabulary::default();
        let index: Vec<u32> = ids.map(|id| renamed.intern(&id)).collect();
        self.columns.users.iter_mut().for_each(|user| *user = index[*user as usize]);
        self.users = renamed;
    }

    /// Checks a row completely, so that [`push`](Self::push) changes all columns or none.
    #[inline]
    fn check(&self, user: &str, item: &str, rating: Option<f32>, time: Option<f64>) -> Result<(), DataError> {
        let location = |column| Location::row(self.len() as u64 + 1, column);
        if self.len() >= self.limits.rows {
            return Err(DataError::TooLarge { what: "rows", limit: self.limits.rows as u64 });
        }
        self.check_id("user", &self.users, user)?;
        self.check_id("item", &self.items, item)?;
        for (wanted, column, present) in [
            ("rating", self.columns.ratings.is_some(), rating.is_some()),
            ("time", self.columns.times.is_some(), time.is_some()),
        ] {
            if !self.is_empty() && column != present {
                return Err(DataError::MixedRows { location: location(wanted), wanted, present });
            }
        }
        let bad_number = |column, value: f64, accepted| DataError::BadNumber {
            location: location(column),
            value: excerpt(&value.to_string()),
            accepted,
        };
        if let Some(rating) = rating {
            if !rating.is_finite() {
                return Err(bad_number("rating", rating.into(), RATING_ACCEPTED));
            }
            if let Some((low, high)) = self.range.filter(|&(low, high)| rating < low || rating > high) {
                return Err(DataError::RatingOutOfRange {
                    location: location("rating"),
                    value: rating,
                    low,
                    high,
                });
            }
        }
        match time.filter(|time| !time.is_finite()) {
            Some(time) => Err(bad_number("time", time, TIME_ACCEPTED)),
            None => Ok(()),
        }
    }

    /// Checks the id of a user or item.
    #[inline]
    fn check_id(&self, wanted: &'static str, vocabulary: &Vocabulary, id: &str) -> Result<(), DataError> {
        if id.is_empty() {
            return Err(DataError::EmptyId {
                location: Location::row(self.len() as u64 + 1, wanted),
                wanted,
            });
        }
        if id.len() > self.limits.text - vocabulary.parts().0.len() {
            return Err(DataError::TooLarge {
                what: if wanted == "user" { "bytes of user ids" } else { "bytes of item ids" },
                limit: self.limits.text as u64,
            });
        }
        Ok(())
    }

    /// The data set: integer ids are numbered in ascending order, others by first appearance. Of duplicates the last by
    /// (time, row) is kept.
    pub fn finish(self) -> Interactions {
        self.finish_combining(Duplicates::Last)
    }

    /// The data set, in which several rows with the same user and item become one as `duplicates` says.
    pub fn finish_combining(self, duplicates: Duplicates) -> Interactions {
        let range = self.range;
        let (users, items, columns) = self.into_columns();
        Interactions::combining(users, items, columns, range, duplicates)
    }

    /// The numbered ids of users and items, and all rows, duplicates included.
    pub(crate) fn into_columns(self) -> (Arc<Vocabulary>, Arc<Vocabulary>, Columns) {
        let Growing { users, items, ratings, times } = self.columns;
        let mut columns = Columns {
            users: users.into_vec(),
            items: items.into_vec(),
            ratings: ratings.map(Chunked::into_vec),
            times: times.map(Chunked::into_vec),
        };
        let users = self.users.renumber(&mut columns.users);
        let items = self.items.renumber(&mut columns.items);
        (users, items, columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_ids_ascend_and_others_keep_their_order() {
        let mut builder = RowBuilder::new(None);
        for (user, item) in [("10", "b"), ("9", "a"), ("10", "a")] {
            builder.push(user, item, Some(2.0), None).unwrap();
        }
        let data = builder.finish();
        assert_eq!(data.users.iter().collect::<Vec<_>>(), ["9", "10"]);
        assert_eq!(data.items.iter().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(data.columns().users, [1, 0, 1]);
        assert_eq!(data.columns().items, [0, 1, 1]);
        assert_eq!(data.columns().times, None);
    }

    #[test]
    fn wrong_rows_are_refused_by_number() {
        let mut builder = RowBuilder::new(Some((1.0, 5.0)));
        builder.push("a", "b", Some(3.0), None).unwrap();
        for (user, rating, time, code, column) in [
            ("", Some(3.0), None, "data/bad-row", "user"),
            ("a", None, None, "data/mixed-rows", "rating"),
            ("a", Some(3.0), Some(1.0), "data/mixed-rows", "time"),
            ("a", Some(f32::NAN), None, "data/bad-number", "rating"),
            ("a", Some(6.0), None, "data/rating-out-of-range", "rating"),
        ] {
            let error = builder.push(user, "b", rating, time).unwrap_err();
            assert_eq!(error.code(), code);
            let details = error.details();
            assert_eq!((&details["row"], &details["column"]), (&2.into(), &column.into()), "{error}");
        }
        assert_eq!(builder.len(), 1);
    }

    #[test]
    fn sizes_beyond_the_index_types_are_refused() {
        let mut builder = RowBuilder::new(None);
        builder.limits = Limits { rows: 2, text: 3 };
        let error = builder.push("abcd", "b", None, None).unwrap_err();
        assert_eq!((error.code(), &error.details()["limit"]), ("data/too-large", &3.into()));
        builder.push("a", "b", None, None).unwrap();
        builder.push("a", "c", None, None).unwrap();
        assert_eq!(
            builder.push("a", "d", None, None).unwrap_err().to_string(),
            "too large: more than 2 rows"
        );
    }
}
