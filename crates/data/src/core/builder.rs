//! Builds a data set row by row, from a file or from rows of the caller.

use super::chunked::Chunked;
use super::columns::Columns;
use super::duplicates::Duplicates;
use super::integer_index::IntegerIndex;
use super::interactions::Interactions;
use super::vocabulary::Vocabulary;
use crate::error::DataError;
use crate::location::{Location, excerpt};
use std::sync::Arc;

/// Accepted ratings, for messages.
pub(crate) const RATING_ACCEPTED: &str = "a rating: a finite number such as 4 or 3.5, or true or false";
/// Accepted times, for messages.
pub(crate) const TIME_ACCEPTED: &str = "a time: a number, or a date such as 2015-03-04, 4.3.2015 or 2015-03-04T10:11:12Z (--columns time=none leaves the column out)";

/// Most bytes of the decimal text of an integer.
const LONGEST_INTEGER: usize = 20;

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

/// An id of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Id<'a> {
    /// Any text that is not empty.
    Text(&'a str),
    /// The same id as its decimal text.
    Integer(i64),
    /// An id that the builder has, by the index that it has returned for it.
    Known(u32),
}

/// The ids of one side, users or items, under construction.
#[derive(Clone, Debug, Default)]
struct Side {
    vocabulary: Vocabulary,
    /// The indices of ids that were given as integers.
    integers: IntegerIndex,
}

impl Side {
    /// The index of an id, which is appended if it is new.
    #[inline]
    fn intern(&mut self, id: Id) -> u32 {
        match id {
            Id::Text(id) => self.vocabulary.intern(id),
            Id::Integer(id) => self.integers.get(id).unwrap_or_else(|| self.intern_integer(id)),
            Id::Known(index) => index,
        }
    }

    /// The decimal text is written once for each id.
    #[cold]
    fn intern_integer(&mut self, id: i64) -> u32 {
        let index = self.vocabulary.intern(&id.to_string());
        self.integers.insert(id, index);
        index
    }
}

/// Names for messages about rows of a table.
#[derive(Clone, Debug)]
struct Names {
    file: String,
    /// The columns of user, item, rating and time, where they are known.
    columns: [(&'static str, Option<String>); 4],
}

/// Collects rows in any order and numbers their ids.
#[derive(Clone, Debug)]
pub struct RowBuilder {
    users: Side,
    items: Side,
    columns: Growing,
    range: Option<(f32, f32)>,
    limits: Limits,
    names: Option<Names>,
    /// Number of rows that were not added, for the numbers of rows in messages.
    left_out: u64,
}

impl RowBuilder {
    /// A builder without rows. Ratings outside `range` (lowest, highest) are refused.
    pub fn new(range: Option<(f32, f32)>) -> Self {
        Self {
            users: Side::default(),
            items: Side::default(),
            columns: Growing::default(),
            range,
            limits: Limits { rows: u32::MAX as usize - 1, text: u32::MAX as usize },
            names: None,
            left_out: 0,
        }
    }

    /// The same builder, whose messages name a file and its columns of user, item, rating and time.
    pub(crate) fn named(self, file: &str, columns: [Option<&str>; 4]) -> Self {
        let [user, item, rating, time] = columns.map(|name| name.map(str::to_owned));
        let columns = [("user", user), ("item", item), ("rating", rating), ("time", time)];
        Self { names: Some(Names { file: file.into(), columns }), ..self }
    }

    /// The location of the next row, at the column of `wanted`.
    pub(crate) fn location(&self, wanted: &str) -> Location {
        let row = self.len() as u64 + self.left_out + 1;
        let Some(names) = &self.names else {
            return Location::row(row, wanted);
        };
        let column =
            names.columns.iter().find(|(role, _)| *role == wanted).and_then(|(_, name)| name.as_deref());
        Location::row_of(&names.file, row, column.unwrap_or(wanted))
    }

    /// Counts a row that is not added.
    pub(crate) fn left_out(&mut self) {
        self.left_out += 1;
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
        self.push_ids(Id::Text(user), Id::Text(item), rating, time).map(drop)
    }

    /// Adds a row whose ids may be integers or known, and returns the indices of its user and item.
    // Inlined so that a row of texts costs no look at what its ids are.
    #[inline(always)]
    pub(crate) fn push_ids(
        &mut self,
        user: Id,
        item: Id,
        rating: Option<f32>,
        time: Option<f64>,
    ) -> Result<(u32, u32), DataError> {
        if !self.fits(user, item, rating, time) {
            self.check(user, item, rating, time)?;
        }
        // In most files a user's rows are adjacent, and a comparison is cheaper than a look-up.
        let last = self.columns.users.last();
        let user = match (user, last) {
            (Id::Text(text), Some(last)) if self.users.vocabulary.id(last) == text => last,
            _ => self.users.intern(user),
        };
        let item = self.items.intern(item);
        self.columns.users.push(user);
        self.columns.items.push(item);
        if let Some(rating) = rating {
            self.columns.ratings.get_or_insert_default().push(rating);
        }
        if let Some(time) = time {
            self.columns.times.get_or_insert_default().push(time);
        }
        Ok((user, item))
    }

    /// Adds a user, who may have no row.
    pub(crate) fn know_user(&mut self, user: &str) -> Result<(), DataError> {
        self.check_id("user", &self.users, Id::Text(user))?;
        self.users.intern(Id::Text(user));
        Ok(())
    }

    /// Number of users so far.
    pub(crate) fn users(&self) -> usize {
        self.users.vocabulary.len()
    }

    /// Changes all times so far.
    pub(crate) fn change_times(&mut self, change: impl Fn(f64) -> f64) {
        if let Some(times) = &mut self.columns.times {
            times.iter_mut().for_each(|time| *time = change(*time));
        }
    }

    /// Reads ids such as `20.0` as `20`, if all ids of users, or of items, are whole numbers. Returns which, with an example.
    pub(crate) fn read_integral_ids(&mut self) -> Vec<(&'static str, String)> {
        let mut read = Vec::new();
        if let Some(example) = read_integral(&mut self.users, &mut self.columns.users) {
            read.push(("user", example));
        }
        if let Some(example) = read_integral(&mut self.items, &mut self.columns.items) {
            read.push(("item", example));
        }
        read
    }

    /// Number of rows of each user, in the order in which the users were added.
    pub(crate) fn rows_of_users(&self) -> Vec<u32> {
        let mut counts = vec![0; self.users.vocabulary.len()];
        self.columns.users.iter().for_each(|&user| counts[user as usize] += 1);
        counts
    }

    /// Renames all users, in the order in which they were added. Users with equal new ids become one.
    pub(crate) fn rename_users(&mut self, ids: impl Iterator<Item = String>) {
        rename(&mut self.users, &mut self.columns.users, ids);
    }

    /// Whether a row is certainly sound.
    #[inline(always)]
    fn fits(&self, user: Id, item: Id, rating: Option<f32>, time: Option<f64>) -> bool {
        let room = |side: &Side, id: Id| match id {
            Id::Text(text) => {
                !text.is_empty() && text.len() <= self.limits.text - side.vocabulary.parts().0.len()
            }
            Id::Integer(_) => LONGEST_INTEGER <= self.limits.text - side.vocabulary.parts().0.len(),
            Id::Known(_) => true,
        };
        self.len() < self.limits.rows
            && room(&self.users, user)
            && room(&self.items, item)
            && self.columns.ratings.is_some() == rating.is_some()
            && self.columns.times.is_some() == time.is_some()
            && self.range.is_none()
            && rating.is_none_or(f32::is_finite)
            && time.is_none_or(f64::is_finite)
    }

    /// Checks a row completely, so that [`push`](Self::push) changes all columns or none.
    #[cold]
    fn check(&self, user: Id, item: Id, rating: Option<f32>, time: Option<f64>) -> Result<(), DataError> {
        let location = |column| self.location(column);
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
    fn check_id(&self, wanted: &'static str, side: &Side, id: Id) -> Result<(), DataError> {
        let length = match id {
            Id::Text("") => return Err(DataError::EmptyId { location: self.location(wanted), wanted }),
            Id::Text(text) => text.len(),
            Id::Integer(_) => LONGEST_INTEGER,
            Id::Known(_) => return Ok(()),
        };
        if length > self.limits.text - side.vocabulary.parts().0.len() {
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
        let users = self.users.vocabulary.renumber(&mut columns.users);
        let items = self.items.vocabulary.renumber(&mut columns.items);
        (users, items, columns)
    }
}

/// Renames all ids of a column. Equal new ids become one.
fn rename(side: &mut Side, column: &mut Chunked<u32>, ids: impl Iterator<Item = impl AsRef<str>>) {
    let mut renamed = Vocabulary::default();
    let index: Vec<u32> = ids.map(|id| renamed.intern(id.as_ref())).collect();
    column.iter_mut().for_each(|id| *id = index[*id as usize]);
    *side = Side { vocabulary: renamed, integers: IntegerIndex::default() };
}

/// Renames ids such as `20.0` to `20`, if all are whole numbers. Returns an example.
fn read_integral(side: &mut Side, column: &mut Chunked<u32>) -> Option<String> {
    fn whole(id: &str) -> Option<&str> {
        let (whole, decimals) = id.split_once('.').unwrap_or((id, "0"));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = is_number && !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
        is_whole.then_some(whole)
    }
    let example = side.vocabulary.iter().find(|id| id.contains('.'))?.to_owned();
    if !side.vocabulary.iter().all(|id| whole(id).is_some()) {
        return None;
    }
    let ids = side.vocabulary.clone();
    rename(side, column, ids.iter().filter_map(whole));
    Some(example)
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
