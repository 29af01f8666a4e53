//! Reads interactions: user, item and optionally rating and time.

use super::column_names::{ColumnNames, NONE};
use super::delimited::decode::{HostDecoders, no_decoders};
use super::delimited::format::Format;
use super::delimited::header::{Header, Role};
use super::delimited::lists::Lists;
use super::delimited::row::{Head, Row, Rows};
use super::delimited::table::{Expected, Table};
use super::null_values::is_null;
use super::roles::{ITEM, ITEM_TITLE, RATING, TIME, USER};
use super::rules::Rules;
use super::times::{DateOrder, Read, TimeUnit, Times};
use super::wide::{self, Matrix};
use super::{exports, rating};
use crate::core::builder::{RATING_ACCEPTED, RowBuilder, TIME_ACCEPTED};
use crate::core::duplicates::Duplicates;
use crate::core::interactions::Interactions;
use crate::core::report::{Note, Report};
use crate::core::time::with_day_and_month_swapped;
use crate::error::DataError;
use crate::location::{Location, excerpt};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tastespace_options::{OptionError, OptionSet, choices, options, shape};

options! {
    /// Options of an interactions file.
    pub struct ReaderOptions {
        /// Name of the file in messages.
        file: String = "data".into(), "text";
        /// Format of the file.
        format: Option<Format> = None, ((), "the format recognised by content");
        /// Names of the columns. Default: by the header or, without one, by position.
        columns: ColumnNames = ColumnNames::default();
        /// Encoding of the file and its side files: a label of the Encoding Standard, such as `shift_jis`.
        encoding: Option<String> = None, ("a label such as utf-8, windows-1252 or shift_jis", "UTF-8, Windows-1252 or UTF-16, recognised by content");
        /// Unit of times that are numbers.
        time_unit: Option<TimeUnit> = None, ((), "the unit recognised by size");
        /// Order of day and month in dates such as 4/5/2014.
        date_order: Option<DateOrder> = None, ((), "the order that the rows show");
        /// What happens to rows that cannot be read.
        bad_rows: BadRows = BadRows::Fail;
        /// Ratings that mean "not rated". Rows with them are left out.
        missing: Missing = Missing::default();
        /// Id of the user, for a file of one person's history, which has no column for the user.
        one_user: Option<String> = None, ("text", "the column of the user");
        /// Lowest and highest possible rating. A rating outside is refused.
        rating_range: Option<RatingRange> = None, ((), "the observed range");
        /// What becomes of several rows with the same user and item: the last by time and position counts, or the sum, the
        /// number or the highest of their ratings.
        duplicates: Duplicates = Duplicates::Last;
    }
}

choices! {
    /// What happens to rows that cannot be read.
    pub enum BadRows {
        /// The first is an error.
        Fail = "fail",
        /// They are left out and counted.
        Skip = "skip",
    }
}

impl ReaderOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let options: Self = Self::parse(READER, json)?;
        let summed = matches!(options.duplicates, Duplicates::Sum | Duplicates::Count);
        if summed && options.rating_range.is_some() {
            let needs =
                "ratings that stay as they are; with sums or numbers of rows the range is the observed one";
            return Err(OptionError::Conflict { owner: READER, key: "ratingRange", needs }.into());
        }
        Ok(options)
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

/// Ratings that mean "not rated".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Missing(pub Vec<f32>);

shape!(Missing, "readonly number[]", "a list of finite numbers, such as [-1, 99]", |Missing(values)| values
    .iter()
    .all(|value| value.is_finite()));

/// Reads text in chunks: rows of user, item and optionally rating and time, matrices, or lists of a user's items.
///
/// Lists: if on every line the first token is the number of the other tokens, it is a count, and the user is the line number
/// from 0; otherwise the first token is the user.
///
/// ```
/// use tastespace_data::{Reader, ReaderOptions};
/// let mut reader = Reader::new(ReaderOptions::default())?;
/// reader.append(b"user,item,rat")?;
/// reader.append(b"ing\nann,7,4.5\n")?;
/// let data = reader.finish()?;
/// assert_eq!((data.users.id(0), data.items.id(0), data.rating(0)), ("ann", "7", 4.5));
/// # Ok::<(), tastespace_data::DataError>(())
/// ```
pub struct Reader {
    table: Table,
    rows: Ratings,
}

impl Reader {
    /// A reader at the start of a file, with the decoders of this crate. `config/out-of-range` for another encoding.
    pub fn new(options: ReaderOptions) -> Result<Self, DataError> {
        Self::with_decoders(options, no_decoders)
    }

    /// A reader at the start of a file that may have any encoding that the host decodes.
    pub fn with_decoders(options: ReaderOptions, decoders: HostDecoders) -> Result<Self, DataError> {
        let range = options.rating_range.map(Into::into);
        let table = Table::new(
            options.file.clone(),
            Expected::or_any(options.format),
            options.encoding.as_deref(),
            decoders,
        )?;
        let rows = Ratings {
            range,
            takes_all: range.is_none() && options.missing.0.is_empty(),
            layout: Layout::default(),
            lists: None,
            times: Times::new(options.time_unit, options.date_order),
            builder: RowBuilder::new(range),
            rules: Rules::new(&options, Report::default()),
            options,
        };
        Ok(Self { table, rows })
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
        let encoding = self.table.finish(&mut self.rows)?;
        self.rows.finish(encoding)
    }
}

/// Columns by meaning, from 0.
#[derive(Default)]
struct Layout {
    header: Option<Header>,
    /// `None` if all rows are of one user.
    user: Option<usize>,
    item: usize,
    rating: Option<usize>,
    time: Option<usize>,
    /// Replaces the columns above if the file is a matrix.
    matrix: Option<Arc<Matrix>>,
}

struct Ratings {
    options: ReaderOptions,
    range: Option<(f32, f32)>,
    /// Whether no rating is out of range or means "not rated".
    takes_all: bool,
    layout: Layout,
    /// Replaces the layout if the file contains lists.
    lists: Option<Lists>,
    times: Times,
    builder: RowBuilder,
    rules: Rules,
}

impl Rows for Ratings {
    fn begin(&mut self, head: &Head) -> Result<bool, DataError> {
        self.rules.report().format = head.format.name();
        let ColumnNames { user, item, rating, time } = &self.options.columns;
        let chosen = [user, item, rating, time].map(Option::as_deref);
        self.check_options(head.format)?;
        match head.format {
            Format::Lists => {
                self.lists = Some(Lists::default());
                return Ok(false);
            }
            Format::Wide => return self.begin_matrix(head),
            _ => {}
        }
        let layout = self.layout_of(head, chosen)?;
        let names = layout.header.as_ref().map_or_else(|| Header::of_numbers(head), Header::clone);
        let used = [layout.user, Some(layout.item), layout.rating, layout.time];
        let named = ["user", "item", "rating", "time"].into_iter().zip(used);
        let report = self.rules.report();
        report.columns =
            named.filter_map(|(role, column)| Some((role, names.names.get(column?)?.clone()))).collect();
        report.unread = names.others(&used);
        if let Some(column) = layout.time {
            let rows = if layout.header.is_some() { &head.records[1..] } else { &head.records[..] };
            self.times.begin(rows.iter().filter_map(|row| row.get(column)).map(String::as_str));
        }
        self.layout = layout;
        Ok(self.layout.header.is_some())
    }

    #[inline]
    fn row(&mut self, row: &Row) -> Result<(), DataError> {
        if let Some(lists) = &mut self.lists {
            return lists.row(row, &mut self.builder);
        }
        if let Some(matrix) = &self.layout.matrix {
            let matrix = matrix.clone();
            return self.matrix_row(row, &matrix);
        }
        let Layout { user: user_column, item: item_column, rating, time, .. } = self.layout;
        let rating = match rating {
            None => None,
            Some(column) => match rating::parse(row.field(column)) {
                Some(rating) if self.takes_all => Some(rating),
                _ => match self.rating(row, column) {
                    Ok(Some(rating)) => Some(rating),
                    Ok(None) => return Ok(()),
                    Err(error) => return self.refuse(error),
                },
            },
        };
        let time = match time {
            None => None,
            Some(column) => match self.times.read(row.field(column)) {
                Read::Seconds(seconds) => Some(seconds),
                Read::ThenDayFirst(seconds) => {
                    self.builder.change_times(with_day_and_month_swapped);
                    Some(seconds)
                }
                Read::NotTime => {
                    let error = self.bad_number(row, column, TIME_ACCEPTED);
                    return self.refuse(error);
                }
                Read::TooLate => {
                    let (file, value) = (self.options.file.clone(), excerpt(row.field(column)));
                    return Err(DataError::AmbiguousDates { file, value });
                }
            },
        };
        let user = match (user_column, &self.options.one_user) {
            (Some(column), _) => row.field(column),
            (None, Some(user)) => user,
            (None, None) => unreachable!("a layout has a user"),
        };
        let item = row.field(item_column);
        if user.is_empty() || item.is_empty() {
            let (wanted, column) = if user.is_empty() {
                ("user", user_column.unwrap_or_default())
            } else {
                ("item", item_column)
            };
            let location = self.location(row, column);
            return self.refuse(DataError::EmptyId { location, wanted });
        }
        if self.rules.has_null(&[user, item]) {
            return Ok(());
        }
        self.builder.push(user, item, rating, time)
    }

    fn refuse(&mut self, error: DataError) -> Result<(), DataError> {
        self.rules.refuse(error)
    }
}

impl Ratings {
    /// Refuses options that have no meaning in a format.
    fn check_options(&self, format: Format) -> Result<(), DataError> {
        let ColumnNames { user, item, rating, time } = &self.options.columns;
        let others = item.is_some() || rating.is_some() || time.is_some();
        let conflict = |key, needs| Err(OptionError::Conflict { owner: READER, key, needs }.into());
        match format {
            Format::Lists if user.is_some() || others => {
                conflict("columns", "a format with columns, which lists do not have")
            }
            Format::Wide if others => conflict(
                "columns",
                "a row for each rating; of a matrix it can only name the column of the user",
            ),
            Format::Lists | Format::Wide | Format::Blocks | Format::MatrixMarket
                if self.options.one_user.is_some() =>
            {
                conflict("oneUser", "a file without users, and this format has them")
            }
            _ => Ok(()),
        }
    }

    /// The columns of a file that starts with `head`.
    fn layout_of(&self, head: &Head, chosen: [Option<&str>; 4]) -> Result<Layout, DataError> {
        let [user, item, rating, time] = chosen;
        let header = match head.format {
            Format::Blocks | Format::MatrixMarket => None,
            _ => Header::find(head, &[&USER, &ITEM, &ITEM_TITLE, &RATING, &TIME], &chosen),
        };
        let find = |role: &Role, chosen: Option<&str>| match chosen {
            Some(NONE) => Ok(None),
            _ => role.find(chosen, head, header.as_ref()),
        };
        let found_user = find(&USER, user)?;
        let found_item = match find(&ITEM, item)? {
            None if item.is_none() => find(&ITEM_TITLE, None)?,
            found => found,
        };
        let (found_rating, found_time) = (find(&RATING, rating)?, find(&TIME, time)?);
        let one_user = self.options.one_user.is_some();
        if header.is_none() && user.is_none() && item.is_none() {
            let columns = match head.format {
                // The item of the block comes first.
                Format::Blocks => [Some(1), Some(0), Some(2), Some(3)],
                Format::MatrixMarket => [Some(0), Some(1), Some(2), None],
                _ if one_user => [None, Some(0), Some(1), Some(2)],
                _ => [Some(0), Some(1), Some(2), Some(3)],
            };
            if head.columns > columns.iter().flatten().count() {
                return Err(self.unnamed_columns(head));
            }
            let [user, item, by_rating, by_time] = columns;
            let chosen = [found_rating, found_time];
            let or = |found: Option<usize>, name: Option<&str>, column: Option<usize>| {
                let free = |column: &usize| *column < head.columns && !chosen.contains(&Some(*column));
                found.or_else(|| column.filter(|column| name != Some(NONE) && free(column)))
            };
            return Ok(Layout {
                user,
                item: item.unwrap_or_default(),
                rating: or(found_rating, rating, by_rating),
                time: or(found_time, time, by_time),
                header,
                matrix: None,
            });
        }
        let chosen_columns = [found_user, found_item, found_rating, found_time];
        let conflict = |key, needs| Err(OptionError::Conflict { owner: READER, key, needs }.into());
        if chosen_columns
            .iter()
            .flatten()
            .any(|&column| chosen_columns.iter().filter(|&&other| other == Some(column)).count() > 1)
        {
            return conflict("columns", "a column of its own for each of user, item, rating and time");
        }
        if one_user && found_user.is_some() {
            return conflict(
                "oneUser",
                "a file without a column for the user, and this one has a column of that name",
            );
        }
        let user = if one_user { None } else { found_user };
        if let Some(header) = &header
            && user.is_none()
            && !one_user
            && let Some(export) = exports::find(&header.names)
        {
            let found = header.names.iter().map(|name| excerpt(name)).collect();
            return Err(DataError::OnePerson { file: head.file.into(), export: export.name, found });
        }
        if found_item.is_none() && item.is_none() && wide::may_be_matrix(head, header.as_ref()) {
            let names = header.iter().flat_map(|header| header.names.iter().skip(1));
            return Err(DataError::PerhapsWide {
                location: Location::line(head.file, head.line),
                found: names.map(|name| excerpt(name)).collect(),
                missing: wide::perhaps_missing(head),
            });
        }
        if user.is_none() && !one_user {
            return Err(USER.missing(None, head, header.as_ref()));
        }
        let item = found_item.ok_or_else(|| ITEM.missing(None, head, header.as_ref()))?;
        Ok(Layout { user, item, rating: found_rating, time: found_time, header, matrix: None })
    }

    fn unnamed_columns(&self, head: &Head) -> DataError {
        let matrix = wide::may_be_matrix(head, None);
        DataError::UnnamedColumns {
            location: Location::line(head.file, head.line).into(),
            found: head.columns,
            rows: wide::first_rows(head),
            example: "--columns user=1,item=2,rating=3,time=4",
            matrix,
            missing: if matrix { wide::perhaps_missing(head) } else { None },
        }
    }

    fn begin_matrix(&mut self, head: &Head) -> Result<bool, DataError> {
        let chosen = self.options.columns.user.as_deref();
        let names = Header::of_first(head);
        let user = match chosen {
            None | Some(NONE) => None,
            _ => USER.find(chosen, head, Some(&names))?,
        };
        let missing = &self.options.missing.0;
        let is_missing = |cell: &str| rating::parse(cell).is_some_and(|rating| missing.contains(&rating));
        let (matrix, has_header) = Matrix::new(head, user, chosen == Some(NONE), is_missing);
        let users = if matrix.user.is_some() { "named by a column" } else { "numbered from 0" };
        let items = if has_header { "named by the first row" } else { "numbered from 1" };
        let text = format!("a matrix: users are {users}, items are {items}");
        self.rules.report().note("data/matrix", text);
        self.layout = Layout {
            header: has_header.then_some(names),
            matrix: Some(Arc::new(matrix)),
            ..Layout::default()
        };
        Ok(has_header)
    }

    /// Takes the row of a user in a matrix.
    fn matrix_row(&mut self, row: &Row, matrix: &Matrix) -> Result<(), DataError> {
        let user = match matrix.user {
            Some(column) => row.field(column).to_owned(),
            None => self.builder.users().to_string(),
        };
        if user.is_empty() {
            let location = self.location(row, matrix.user.unwrap_or_default());
            return self.refuse(DataError::EmptyId { location, wanted: "user" });
        }
        if self.rules.has_null(&[&user]) {
            return Ok(());
        }
        self.builder.know_user(&user)?;
        for (column, item) in &matrix.items {
            let cell = row.field(*column);
            if cell.is_empty() || is_null(cell) {
                continue;
            }
            match self.rating(row, *column) {
                Ok(Some(rating)) => self.builder.push(&user, item, Some(rating), None)?,
                Ok(None) => {}
                Err(error) => self.refuse(error)?,
            }
        }
        Ok(())
    }

    /// The rating in `column`; `None` if it means "not rated".
    fn rating(&mut self, row: &Row, column: usize) -> Result<Option<f32>, DataError> {
        let Some(rating) = rating::parse(row.field(column)) else {
            return Err(self.bad_number(row, column, RATING_ACCEPTED));
        };
        if self.rules.is_missing(rating) {
            return Ok(None);
        }
        if let Some((low, high)) = self.range.filter(|&(low, high)| rating < low || rating > high) {
            let location = self.location(row, column);
            return Err(DataError::RatingOutOfRange { location, value: rating, low, high });
        }
        Ok(Some(rating))
    }

    #[cold]
    fn bad_number(&self, row: &Row, column: usize, accepted: &'static str) -> DataError {
        let location = self.location(row, column);
        DataError::BadNumber { location, value: excerpt(row.field(column)), accepted }
    }

    #[cold]
    fn location(&self, row: &Row, column: usize) -> Location {
        row.location().at(Header::column(self.layout.header.as_ref(), column))
    }

    fn finish(mut self, encoding: Option<&'static str>) -> Result<Interactions, DataError> {
        if let Some(date) = self.times.ambiguous() {
            return Err(DataError::AmbiguousDates { file: self.options.file, value: excerpt(date) });
        }
        let integral = self.builder.read_integral_ids();
        let report = self.rules.report();
        report.encoding = self.options.encoding.clone().unwrap_or_else(|| encoding.unwrap_or("UTF-8").into());
        if self.options.encoding.is_none() {
            report.notes.extend(Note::encoding(&self.options.file, encoding));
        }
        report.notes.extend(Note::unread(&self.options.file, &report.unread));
        report.times = self.times.description();
        if let Some(day) = self.times.spreadsheet_day() {
            let text = format!(
                "times such as {day} are read as seconds of 1970; if they are days of a spreadsheet, write them as dates"
            );
            report.note("data/odd-times", text);
        }
        if self.times.too_large() > 0 {
            let text = format!(
                "{} times lie beyond the year 5138: is the unit of some another? --time-unit names it",
                self.times.too_large()
            );
            report.note("data/odd-times", text);
        }
        for (side, example) in integral {
            let text = format!(
                "{side} ids are whole numbers with decimals, such as {example}, and are read without"
            );
            report.note("data/integral-ids", text);
        }
        let report = self.rules.finish();
        if self.builder.is_empty() && self.lists.is_none() {
            return Err(DataError::NoRowsLeft { file: self.options.file, skipped: report.skipped.examples });
        }
        let mut data = self.builder.finish_combining(self.options.duplicates);
        data.report = Some(Arc::new(report));
        Ok(data)
    }
}
