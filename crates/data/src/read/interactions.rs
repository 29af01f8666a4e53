//! Reads interactions: user, item and optionally rating and time.

use super::column_names::ColumnNames;
use super::delimited::format::Format;
use super::delimited::header::{Header, Role};
use super::delimited::lists::Lists;
use super::delimited::row::{Head, Row, Rows};
use super::delimited::table::{Expected, Table};
use super::roles::{ITEM, RATING, TIME, USER};
use crate::core::builder::{RATING_ACCEPTED, RowBuilder, TIME_ACCEPTED};
use crate::core::duplicates::Duplicates;
use crate::core::interactions::Interactions;
use crate::core::time;
use crate::error::DataError;
use crate::location::{Location, excerpt};
use serde::{Deserialize, Serialize};
use tastespace_options::{OptionError, OptionSet, options, shape};

options! {
    /// Options of an interactions file.
    pub struct ReaderOptions {
        /// Name of the file in messages.
        file: String = "data".into(), "text";
        /// Format of the file.
        format: Option<Format> = None, ((), "the format recognised by content");
        /// Names of the columns. Default: by the header or, without one, by position.
        columns: ColumnNames = ColumnNames::default();
        /// Lowest and highest possible rating. A rating outside is refused.
        rating_range: Option<RatingRange> = None, ((), "the observed range");
        /// What becomes of several rows with the same user and item: the last by time and position counts, or the sum, the
        /// number or the highest of their ratings.
        duplicates: Duplicates = Duplicates::Last;
    }
}

impl ReaderOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        Ok(Self::parse(READER, json)?)
    }
}

/// The owner of the options in messages.
const READER: &str = "reader";

/// Lowest and highest possible rating.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatingRange(pub f32, pub f32);

impl From<RatingRange> for (f32, f32) {
    fn from(RatingRange(low, high): RatingRange) -> Self {
        (low, high)
    }
}

shape!(
    RatingRange,
    "readonly [lowest: number, highest: number]",
    "a list of two finite numbers, the lowest rating and a higher one, such as [1, 5]",
    |RatingRange(low, high)| low.is_finite() && high.is_finite() && low < high
);

/// The meaning of columns without a header.
const BY_POSITION: &str = "user, item and optionally rating and time";

/// Reads text in chunks: rows of user, item and optionally rating and time, or lists of a user's items.
///
/// Lists: if on every line the first token is the number of the other tokens, it is a count, and the user is the line number
/// from 0; otherwise the first token is the user.
///
/// ```
/// use tastespace_data::{Reader, ReaderOptions};
/// let mut reader = Reader::new(ReaderOptions::default());
/// reader.append(b"user,item,rat")?;
/// reader.append(b"ing\nann,7,4.5\n")?;
/// let data = reader.finish()?;
/// assert_eq!((data.users.id(0), data.items.id(0), data.rating(0)), ("ann", "7", 4.5));
/// # Ok::<(), tastespace_data::DataError>(())
/// ```
pub struct Reader {
    table: Table,
    rows: Ratings,
    duplicates: Duplicates,
}

impl Reader {
    /// A reader at the start of a file.
    pub fn new(options: ReaderOptions) -> Self {
        let range = options.rating_range.map(Into::into);
        let rows = Ratings {
            columns: options.columns,
            range,
            layout: Layout::default(),
            lists: None,
            builder: RowBuilder::new(range),
        };
        Self {
            table: Table::new(options.file, Expected::or_any(options.format)),
            rows,
            duplicates: options.duplicates,
        }
    }

    /// Reads the next bytes of the file, cut anywhere. After an error the reader cannot be used.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DataError> {
        self.table.append(bytes, &mut self.rows)
    }

    /// Number of rows read so far.
    pub fn rows(&self) -> usize {
        self.rows.builder.len()
    }

    /// The data set; the file ends here.
    pub fn finish(mut self) -> Result<Interactions, DataError> {
        self.table.finish(&mut self.rows)?;
        Ok(self.rows.builder.finish_combining(self.duplicates))
    }
}

/// Columns by meaning, from 0.
#[derive(Default)]
struct Layout {
    header: Option<Header>,
    user: usize,
    item: usize,
    rating: Option<usize>,
    time: Option<usize>,
}

struct Ratings {
    columns: ColumnNames,
    range: Option<(f32, f32)>,
    layout: Layout,
    /// Replaces the layout if the file contains lists.
    lists: Option<Lists>,
    builder: RowBuilder,
}

impl Rows for Ratings {
    fn begin(&mut self, head: &Head) -> Result<bool, DataError> {
        let ColumnNames { user, item, rating, time } = &self.columns;
        let chosen = [user, item, rating, time].map(Option::as_deref);
        if head.format == Format::Lists {
            if chosen != [None; 4] {
                let needs = "a format with columns, which lists do not have";
                return Err(OptionError::Conflict { owner: READER, key: "columns", needs }.into());
            }
            self.lists = Some(Lists::default());
            return Ok(false);
        }
        let header = Header::find(head, &[&USER, &ITEM, &RATING, &TIME], &chosen);
        let find = |role: &Role, chosen: &Option<String>| role.find(chosen.as_deref(), head, header.as_ref());
        let (user, item) = (find(&USER, user)?, find(&ITEM, item)?);
        let (rating, time) = (find(&RATING, rating)?, find(&TIME, time)?);
        if header.is_none() && chosen == [None; 4] {
            if head.columns > 4 {
                return Err(DataError::UnnamedColumns {
                    location: Location::line(head.file, head.line),
                    found: head.columns,
                    accepted: BY_POSITION,
                });
            }
            let [rating, time] = [2, 3].map(|column| (column < head.columns).then_some(column));
            self.layout = Layout { header, user: 0, item: 1, rating, time };
            return Ok(false);
        }
        let needed = |role: &Role, column: Option<usize>| {
            column.ok_or_else(|| role.missing(role.usual(), head, header.as_ref()))
        };
        let (user, item) = (needed(&USER, user)?, needed(&ITEM, item)?);
        self.layout = Layout { user, item, rating, time, header };
        Ok(self.layout.header.is_some())
    }

    #[inline]
    fn row(&mut self, row: &Row) -> Result<(), DataError> {
        if let Some(lists) = &mut self.lists {
            return lists.row(row, &mut self.builder);
        }
        let layout = &self.layout;
        let (user, item) = (row.field(layout.user), row.field(layout.item));
        let location = |column| row.location().at(Header::column(layout.header.as_ref(), column));
        for (wanted, column, id) in [("user", layout.user, user), ("item", layout.item, item)] {
            if id.is_empty() {
                return Err(DataError::EmptyId { location: location(column), wanted });
            }
        }
        let bad_number = |column, accepted| DataError::BadNumber {
            location: location(column),
            value: excerpt(row.field(column)),
            accepted,
        };
        let rating = match layout.rating {
            None => None,
            Some(column) => {
                let rating =
                    parse_rating(row.field(column)).ok_or_else(|| bad_number(column, RATING_ACCEPTED))?;
                if let Some((low, high)) = self.range.filter(|&(low, high)| rating < low || rating > high) {
                    return Err(DataError::RatingOutOfRange {
                        location: location(column),
                        value: rating,
                        low,
                        high,
                    });
                }
                Some(rating)
            }
        };
        let time = match layout.time {
            None => None,
            Some(column) => {
                Some(time::parse(row.field(column)).ok_or_else(|| bad_number(column, TIME_ACCEPTED))?)
            }
        };
        self.builder.push(user, item, rating, time)
    }
}

/// A finite number. The fast path is for whole and half stars.
#[inline]
fn parse_rating(text: &str) -> Option<f32> {
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] | [digit @ b'0'..=b'9', b'.', b'0'] => Some(f32::from(digit - b'0')),
        [digit @ b'0'..=b'9', b'.', b'5'] => Some(f32::from(digit - b'0') + 0.5),
        _ => text.parse().ok().filter(|rating: &f32| rating.is_finite()),
    }
}
