//! What can be wrong with data, each with its own stable code.

use crate::location::{Location, quoted};
use serde::Serialize;
use serde_json::Value;

/// Which options a [`DataError::BadOption`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Options of a reader or of the generator.
    Data,
    /// Options of a split.
    Split,
}

/// An error in data or its options. [`code`](Self::code) is stable; the message says what was wrong, where, and what is
/// accepted; [`details`](Self::details) holds the fields. Values are stored as messages show them (see
/// [`excerpt`](crate::location::excerpt)).
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum DataError {
    /// Bytes with no row in them.
    #[error("{file} is empty: expected lines of user, item and perhaps rating and time")]
    Empty {
        /// Name of the file as the caller knows it.
        file: String,
    },
    /// A header and nothing below it.
    #[error("{file} has a header and no row below it")]
    NoRows {
        /// Name of the file as the caller knows it.
        file: String,
    },
    /// A header that names no column for something that is needed or was asked for.
    #[error("{place}: no column for {wanted}: the header names {}; accepted {} {}, or say which it is by the option columns (--columns {wanted}=NAME)",
        list(found), if accepted.len() == 1 { "is" } else { "are" }, list(accepted))]
    MissingColumn {
        /// Line of the header.
        #[serde(flatten)]
        place: Location,
        /// What the column would hold: `user`, `item`, `rating`, `time`, `title`, `genres` or `year`.
        wanted: &'static str,
        /// The names found.
        found: Vec<String>,
        /// The names that would do.
        accepted: Vec<String>,
    },
    /// More columns than have a meaning by position, and no header.
    #[error("{place}: {found} columns and no header to name them; without a header they are {accepted}")]
    UnnamedColumns {
        /// The first line.
        #[serde(flatten)]
        place: Location,
        /// Number of columns.
        found: usize,
        /// What columns mean without a header.
        accepted: &'static str,
    },
    /// A row with more or fewer fields than the header or the first rows have.
    #[error("{place}: {found} {} in {}, expected {expected} as {} has",
        if *found == 1 { "field" } else { "fields" }, quoted(value), if *header { "the header" } else { "the file's start" })]
    FieldCount {
        /// Line of the row.
        #[serde(flatten)]
        place: Location,
        /// Number of fields in the row.
        found: usize,
        /// Number of fields that it should have.
        expected: usize,
        /// Whether a header says so.
        header: bool,
        /// The row.
        value: String,
    },
    /// A user or item id of no characters.
    #[error("{place}: the {wanted} id is empty; any text but an empty one is accepted")]
    EmptyId {
        /// Where it is missing.
        #[serde(flatten)]
        place: Location,
        /// `user` or `item`.
        wanted: &'static str,
    },
    /// Rows of which some have a rating or time and some have none.
    #[error("{place}: {} as the rows before it do; all rows have a {wanted}, or none has",
        if *present { "it has one, not" } else { "it has none, not" })]
    MixedRows {
        /// The first row that differs.
        #[serde(flatten)]
        place: Location,
        /// `rating` or `time`.
        wanted: &'static str,
        /// Whether this row has it.
        present: bool,
    },
    /// A rating or time that is no number or not finite.
    #[error("{place}: {} is not {accepted}", quoted(value))]
    BadNumber {
        /// Where it stands.
        #[serde(flatten)]
        place: Location,
        /// What stands there.
        value: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// A rating outside the declared range.
    #[error("{place}: rating {value} is outside the declared range {low} to {high}")]
    RatingOutOfRange {
        /// Where it stands.
        #[serde(flatten)]
        place: Location,
        /// The rating.
        value: f32,
        /// Lowest rating accepted.
        low: f32,
        /// Highest rating accepted.
        high: f32,
    },
    /// A line too long to be a row.
    #[error("{place}: longer than {limit} bytes, which no row is; are its lines ended by line feeds?")]
    LineTooLong {
        /// The line.
        #[serde(flatten)]
        place: Location,
        /// Bytes that a line may have.
        limit: usize,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "{place}: byte {byte:#04x} at offset {offset} of the file is not UTF-8 (Latin-1, perhaps?); save the file as UTF-8"
    )]
    BadEncoding {
        /// The line.
        #[serde(flatten)]
        place: Location,
        /// The wrong byte.
        byte: u8,
        /// Its offset in the file, from 0.
        offset: u64,
    },
    /// A file that starts with the mark of UTF-16.
    #[error("{file} is UTF-16 by its byte order mark; save it as UTF-8")]
    Utf16 {
        /// Name of the file as the caller knows it.
        file: String,
    },
    /// A binary file.
    #[error("{file} is not text: {}; accepted is delimited text in UTF-8",
        match looks_like { Some(name) => format!("it starts like a {name} file"), None => format!("a zero byte at offset {offset}") })]
    NotText {
        /// Name of the file as the caller knows it.
        file: String,
        /// What it is by its first bytes, where they are known.
        looks_like: Option<&'static str>,
        /// Where the bytes are that say so, from 0.
        offset: u64,
    },
    /// Text in which no delimiter makes columns.
    #[error("{place}: no columns found in {}; accepted formats are {}", quoted(value), list(accepted))]
    Unrecognised {
        /// The first line with text.
        #[serde(flatten)]
        place: Location,
        /// That line.
        value: String,
        /// The format that was asked for, or all that were tried.
        accepted: Vec<&'static str>,
    },
    /// A quoted field without an end.
    #[error(
        "{place}: a quoted field has no closing quote in {}; quotes within a field are doubled",
        quoted(value)
    )]
    UnclosedQuote {
        /// First line of the row.
        #[serde(flatten)]
        place: Location,
        /// The row's beginning.
        value: String,
    },
    /// A line that is no JSON object, among JSON lines.
    #[error(
        "{place}: {problem}, in {}; a line of JSON lines is an object such as {{\"user\": 1, \"item\": 2}}",
        quoted(value)
    )]
    BadJson {
        /// The line.
        #[serde(flatten)]
        place: Location,
        /// What is wrong with it.
        problem: String,
        /// The line's beginning.
        value: String,
    },
    /// A gzip file that cannot be unpacked.
    #[error("{file} is a damaged gzip file: {problem}; fetch or pack it again")]
    BadGzip {
        /// Name of the file as the caller knows it.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A side file that says nothing of any item of the data.
    #[error(
        "none of the {known} items in {file} is an item of the data; are its ids of another kind, or its lines of features and not of items, or the other way round (layout item-rows or feature-rows)?"
    )]
    NoMatch {
        /// Name of the side file as the caller knows it.
        file: String,
        /// Items that the side file knows.
        known: usize,
    },
    /// An option that is unknown or has a value out of range.
    #[error("option {key} = {value}: {accepted}")]
    BadOption {
        /// What it is an option of.
        #[serde(skip)]
        scope: Scope,
        /// The option.
        key: String,
        /// Its value as JSON.
        value: String,
        /// What is accepted.
        accepted: String,
    },
    /// More than the index types hold.
    #[error("too large: more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: u64,
    },
    /// Too few rows for the parts asked for.
    #[error("{rows} rows are too few for a {part} part of {fraction} of them: every part needs a row")]
    TooFewRows {
        /// `train`, `validation` or `test`.
        part: &'static str,
        /// Rows that there are to be divided.
        rows: usize,
        /// Fraction of them that the part would have.
        fraction: f64,
    },
    /// Too few users for the parts asked for.
    #[error("{users} users are too few for a {part} part of {fraction} of them: every part needs a user")]
    TooFewUsers {
        /// `validation` or `test`.
        part: &'static str,
        /// Users that there are to be divided.
        users: usize,
        /// Fraction of them that the part would have.
        fraction: f64,
    },
    /// No user has rows enough for a part that takes some of each user's.
    #[error("the {part} part would be empty: no user has the {needed} rows that it takes to hold one out")]
    TooFewRowsPerUser {
        /// `validation` or `test`.
        part: &'static str,
        /// Rows that a user needs.
        needed: u32,
    },
    /// Something that goes by time, and no times.
    #[error("{purpose} needs the time of every row, and the data has none; {instead}")]
    NeedsTimestamps {
        /// What goes by time.
        purpose: &'static str,
        /// What can be done instead.
        instead: &'static str,
    },
    /// Something that goes by rating, and no ratings.
    #[error(
        "a filter by rating needs the rating of every row, and the data has none; leave out the option positiveThreshold"
    )]
    NeedsRatings,
    /// A filter that lets no row through.
    #[error("none of the {rows} rows is left: the filter lets none through")]
    NothingLeft {
        /// Rows that there were.
        rows: usize,
    },
    /// Training and test rows of different columns.
    #[error("the {with} rows have a {wanted} and the {without} rows have none; both need it, or neither")]
    ColumnsDiffer {
        /// `rating`.
        wanted: &'static str,
        /// The rows that have it: `training` or `test`.
        with: &'static str,
        /// The rows that lack it.
        without: &'static str,
    },
}

/// Names in a sentence: `a, b, c`, or `none`.
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
            Self::UnnamedColumns { .. } | Self::FieldCount { .. } | Self::EmptyId { .. } => "data/bad-row",
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
            Self::BadOption { scope: Scope::Data, .. } => "data/bad-option",
            Self::BadOption { scope: Scope::Split, .. } => "split/bad-option",
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

    /// The values that the message names, as a JSON object.
    pub fn details(&self) -> Value {
        serde_json::to_value(self).expect("fields are texts and numbers")
    }
}
