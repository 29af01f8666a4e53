//! Errors of data and its options, each with a stable code.

use crate::location::{Location, quoted};
use serde::Serialize;
use serde_json::Value;
use tastespace_options::OptionError;

/// An error in data or its options. [`code`](Self::code) is stable; the message names the wrong value, its location and
/// the accepted values; [`details`](Self::details) holds the fields. Values are stored as the message shows them (see
/// [`excerpt`](crate::location::excerpt)).
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum DataError {
    /// A file without a row.
    #[error("{file} is empty: expected lines of user, item and perhaps rating and time")]
    Empty {
        /// Name of the file.
        file: String,
    },
    /// A header without a row below it.
    #[error("{file} has a header and no row below it")]
    NoRows {
        /// Name of the file.
        file: String,
    },
    /// A header without a required or requested column.
    #[error("{location}: no column for {wanted}: the header names {}; accepted {} {}, or name it with the option columns (--columns {wanted}=NAME)",
        list(found), if accepted.len() == 1 { "is" } else { "are" }, list(accepted))]
    MissingColumn {
        /// Line of the header.
        #[serde(flatten)]
        location: Location,
        /// Content of the missing column: `user`, `item`, `rating`, `time`, `title`, `genres` or `year`.
        wanted: &'static str,
        /// The names in the header.
        found: Vec<String>,
        /// The accepted names.
        accepted: Vec<String>,
    },
    /// No header, and more columns than positions have a meaning for.
    #[error("{location}: {found} columns and no header to name them; without a header they are {accepted}")]
    UnnamedColumns {
        /// The first line.
        #[serde(flatten)]
        location: Location,
        /// Number of columns.
        found: usize,
        /// The meaning of columns without a header.
        accepted: &'static str,
    },
    /// A row with more or fewer fields than the header or the first rows.
    #[error("{location}: {found} {} in {}, expected {expected}, as in {}",
        if *found == 1 { "field" } else { "fields" }, quoted(value), if *header { "the header" } else { "the file's start" })]
    FieldCount {
        /// Line of the row.
        #[serde(flatten)]
        location: Location,
        /// Number of fields in the row.
        found: usize,
        /// Expected number of fields.
        expected: usize,
        /// Whether the expected number comes from a header.
        header: bool,
        /// The row.
        value: String,
    },
    /// An empty user or item id.
    #[error("{location}: the {wanted} id is empty; an id is any text that is not empty")]
    EmptyId {
        /// Its location.
        #[serde(flatten)]
        location: Location,
        /// `user` or `item`.
        wanted: &'static str,
    },
    /// A value of a table that is null.
    #[error("{location}: the {wanted} is null; every row needs one{}",
        if *wanted == "time" { ", or leave the column out: columns { time: 'none' } (--columns time=none)" } else { "" })]
    NullValue {
        /// Its location.
        #[serde(flatten)]
        location: Location,
        /// `user`, `item`, `rating` or `time`.
        wanted: &'static str,
    },
    /// A rating or time in some rows but not in all.
    #[error("{location}: this row has {} {wanted}, unlike the rows before it; all rows need a {wanted}, or none",
        if *present { "a" } else { "no" })]
    MixedRows {
        /// The first row that differs.
        #[serde(flatten)]
        location: Location,
        /// `rating` or `time`.
        wanted: &'static str,
        /// Whether this row has one.
        present: bool,
    },
    /// A rating or time that is not a finite number.
    #[error("{location}: {} is not {accepted}", quoted(value))]
    BadNumber {
        /// Its location.
        #[serde(flatten)]
        location: Location,
        /// The text.
        value: String,
        /// The accepted values.
        accepted: &'static str,
    },
    /// A rating outside the declared range.
    #[error("{location}: rating {value} is outside the declared range {low} to {high}")]
    RatingOutOfRange {
        /// Its location.
        #[serde(flatten)]
        location: Location,
        /// The rating.
        value: f32,
        /// Lowest rating accepted.
        low: f32,
        /// Highest rating accepted.
        high: f32,
    },
    /// A line that is too long for a row.
    #[error(
        "{location}: longer than {limit} bytes, the limit of a row; are the lines separated by line feeds?"
    )]
    LineTooLong {
        /// The line.
        #[serde(flatten)]
        location: Location,
        /// Most bytes of a line.
        limit: usize,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "{location}: byte {byte:#04x} at offset {offset} of the file is not UTF-8 (Latin-1, perhaps?); save the file as UTF-8"
    )]
    BadEncoding {
        /// The line.
        #[serde(flatten)]
        location: Location,
        /// The wrong byte.
        byte: u8,
        /// Its offset in the file, from 0.
        offset: u64,
    },
    /// A file that starts with the byte order mark of UTF-16.
    #[error("{file} is UTF-16 according to its byte order mark; save it as UTF-8")]
    Utf16 {
        /// Name of the file.
        file: String,
    },
    /// A binary file.
    #[error("{file} is not text: {}; expected delimited text in UTF-8",
        match looks_like { Some(name) => format!("it starts like a {name} file"), None => format!("a zero byte at offset {offset}") })]
    NotText {
        /// Name of the file.
        file: String,
        /// Its format, if the first bytes are those of a known one.
        looks_like: Option<&'static str>,
        /// Offset of the first byte that is not text, from 0.
        offset: u64,
    },
    /// Text that has no columns in any accepted format.
    #[error("{location}: no columns found in {}; accepted formats are {}", quoted(value), list(accepted))]
    Unrecognised {
        /// The first line that is not blank.
        #[serde(flatten)]
        location: Location,
        /// Its text.
        value: String,
        /// The requested format, or all that were tried.
        accepted: Vec<&'static str>,
    },
    /// A quoted field without an end.
    #[error(
        "{location}: a quoted field has no closing quote in {}; quotes within a field are doubled",
        quoted(value)
    )]
    UnclosedQuote {
        /// First line of the row.
        #[serde(flatten)]
        location: Location,
        /// The row's beginning.
        value: String,
    },
    /// A line of a JSON lines file that is not a JSON object.
    #[error(
        "{location}: {problem}, in {}; a line of JSON lines is an object such as {{\"user\": 1, \"item\": 2}}",
        quoted(value)
    )]
    BadJson {
        /// The line.
        #[serde(flatten)]
        location: Location,
        /// The defect.
        problem: String,
        /// The line's beginning.
        value: String,
    },
    /// A gzip file that cannot be decompressed.
    #[error("{file} is a damaged gzip file: {problem}; download or compress it again")]
    BadGzip {
        /// Name of the file.
        file: String,
        /// The defect.
        problem: String,
    },
    /// A side file without any item of the data.
    #[error(
        "none of the {known} items in {file} is an item of the data; check that the ids are the same, and the layout (item-rows: a line per item, feature-rows: a line per feature)"
    )]
    NoMatch {
        /// Name of the side file.
        file: String,
        /// Number of items in the side file.
        known: usize,
    },
    /// An unknown option, or one with a value that is not accepted.
    #[error(transparent)]
    #[serde(skip)]
    Option(#[from] OptionError),
    /// More than the index types can count.
    #[error("too large: more than {limit} {what}")]
    TooLarge {
        /// The unit that is counted.
        what: &'static str,
        /// The largest number.
        limit: u64,
    },
    /// Too few rows for the requested parts.
    #[error("{rows} rows are too few for a {part} part of {fraction} of them: every part needs a row")]
    TooFewRows {
        /// `train`, `validation` or `test`.
        part: &'static str,
        /// Number of rows to divide.
        rows: usize,
        /// Requested fraction for the part.
        fraction: f64,
    },
    /// Too few users for the requested parts.
    #[error("{users} users are too few for a {part} part of {fraction} of them: every part needs a user")]
    TooFewUsers {
        /// `validation` or `test`.
        part: &'static str,
        /// Number of users to divide.
        users: usize,
        /// Requested fraction for the part.
        fraction: f64,
    },
    /// No user has enough rows for a part that takes some of each user's rows.
    #[error("the {part} part would be empty: no user has the {needed} rows that holding one out takes")]
    TooFewRowsPerUser {
        /// `validation` or `test`.
        part: &'static str,
        /// Number of rows a user needs.
        needed: u32,
    },
    /// An operation that needs times on data without times.
    #[error("{purpose} needs the time of every row, and the data has none; {instead}")]
    NeedsTimestamps {
        /// The operation.
        purpose: &'static str,
        /// An alternative.
        instead: &'static str,
    },
    /// A filter by rating on data without ratings.
    #[error(
        "a filter by rating needs the rating of every row, and the data has none; leave out the option positiveThreshold"
    )]
    NeedsRatings,
    /// A filter that keeps no row.
    #[error("the filter keeps none of the {rows} rows")]
    NothingLeft {
        /// Number of rows before the filter.
        rows: usize,
    },
    /// Training and test rows with different columns.
    #[error("the {with} rows have a {wanted} and the {without} rows have none; both need it, or neither")]
    ColumnsDiffer {
        /// `rating`.
        wanted: &'static str,
        /// The part that has it: `training` or `test`.
        with: &'static str,
        /// The part that lacks it.
        without: &'static str,
    },
}

/// Names in a message: `a, b, c`, or `none`.
fn list<T: AsRef<str>>(names: &[T]) -> String {
    if names.is_empty() {
        return "none".into();
    }
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

impl DataError {
    /// The stable code, such as `data/empty`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "data/empty",
            Self::NoRows { .. } => "data/no-rows",
            Self::MissingColumn { .. } => "data/missing-column",
            Self::UnnamedColumns { .. }
            | Self::FieldCount { .. }
            | Self::EmptyId { .. }
            | Self::NullValue { .. } => "data/bad-row",
            Self::MixedRows { .. } => "data/mixed-rows",
            Self::BadNumber { .. } => "data/bad-number",
            Self::RatingOutOfRange { .. } => "data/rating-out-of-range",
            Self::LineTooLong { .. } => "data/line-too-long",
            Self::BadEncoding { .. } | Self::Utf16 { .. } => "data/bad-encoding",
            Self::NotText { .. } => "data/not-text",
            Self::Unrecognised { .. } => "data/unrecognised",
            Self::UnclosedQuote { .. } => "data/unclosed-quote",
            Self::BadJson { .. } => "data/bad-json",
            Self::BadGzip { .. } => "data/bad-gzip",
            Self::NoMatch { .. } => "data/no-match",
            Self::Option(error) => error.code(),
            Self::TooLarge { .. } => "data/too-large",
            Self::TooFewRows { .. } | Self::TooFewUsers { .. } | Self::TooFewRowsPerUser { .. } => {
                "split/too-few-rows"
            }
            Self::NeedsRatings => "dataset/needs-ratings",
            Self::NothingLeft { .. } => "data/nothing-left",
            Self::NeedsTimestamps { .. } => "dataset/needs-timestamps",
            Self::ColumnsDiffer { .. } => "split/columns-differ",
        }
    }

    /// The fields as a JSON object.
    pub fn details(&self) -> Value {
        match self {
            Self::Option(error) => error.details(),
            _ => serde_json::to_value(self).expect("fields are texts and numbers"),
        }
    }
}
