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
    #[error("{file} has a header and no row below it; check that the file is complete")]
    NoRows {
        /// Name of the file.
        file: String,
    },
    /// A file without a row that can be used.
    #[error("{file}: no row is left{}", if skipped.is_empty() { String::new() } else { format!("; the first that are left out: {}", skipped.join("; ")) })]
    NoRowsLeft {
        /// Name of the file.
        file: String,
        /// The defects of the first rows.
        skipped: Vec<String>,
    },
    /// A file without a required or requested column.
    #[error("{location}: {}; the columns are {}; say which it is with the option columns ({flag} {wanted}=NAME){}",
        match chosen { Some(chosen) => format!("there is no column {} for {wanted}", quoted(chosen)), None => format!("no column has a name for {wanted}") },
        few(found, LONG_LIST),
        if *wanted == "user" && chosen.is_none() { ", or for one person's history give that person an id with the option oneUser (--one-user ID)" } else { "" })]
    MissingColumn {
        /// Line of the header.
        #[serde(flatten)]
        location: Box<Location>,
        /// Content of the missing column: `user`, `item`, `rating`, `time`, `title`, `genres` or `year`.
        wanted: &'static str,
        /// The command line's flag for it.
        #[serde(skip)]
        flag: &'static str,
        /// The names in the header, or the numbers of the columns.
        found: Vec<String>,
        /// The requested name or number.
        chosen: Option<String>,
    },
    /// The export of one person's history, which has no users.
    #[error(
        "{file} looks like {export}: one person's history, without users. Give it to a trained model (recommend MODEL --history @FILE), or train on it with the options oneUser and columns (--one-user ID --columns item=NAME); the columns are {}",
        few(found, SHORT_LIST)
    )]
    OnePerson {
        /// Name of the file.
        file: String,
        /// The kind of export.
        export: &'static str,
        /// The names of the columns.
        found: Vec<String>,
    },
    /// No header, and more columns than positions have a meaning for.
    #[error("{location}: {found} columns and no header to name them; the first rows are {}; say what they are with the option columns ({example}){}",
        rows.iter().take(if *matrix { 1 } else { 2 }).map(|row| numbered(row)).collect::<Vec<_>>().join(" | "),
        if *matrix { format!("; or, for a matrix with a row per user and a column per item, give --format wide{}", missing.map_or(String::new(), |missing| format!(" --missing {missing}"))) } else { String::new() })]
    UnnamedColumns {
        /// The first line.
        #[serde(flatten)]
        location: Box<Location>,
        /// Number of columns.
        found: usize,
        /// The first rows.
        rows: Vec<Vec<String>>,
        /// Columns to try.
        example: &'static str,
        /// Whether it may be a matrix.
        matrix: bool,
        /// The value that may mean "not rated" in the matrix.
        missing: Option<f64>,
    },
    /// A header as of a matrix of users and items.
    #[error("{location}: no column has a name for item, and the columns look like items ({}); if it is a matrix with a row per user and a column per item, give the option format (--format wide{}); if not, name the columns with the option columns (--columns user=NAME,item=NAME)",
        list(&found[..found.len().min(4)]), missing.map_or(String::new(), |missing| format!(" --missing {missing}")))]
    PerhapsWide {
        /// Line of the header.
        #[serde(flatten)]
        location: Location,
        /// The names of the columns.
        found: Vec<String>,
        /// The value that may mean "not rated".
        missing: Option<f64>,
    },
    /// Dates that may be day/month or month/day.
    #[error(
        "{file}: the dates, such as {}, are day/month or month/day, and no row shows which; say it with the option dateOrder (--date-order dmy or mdy), or leave the column out (--columns time=none)",
        quoted(value)
    )]
    AmbiguousDates {
        /// Name of the file.
        file: String,
        /// One of the dates.
        value: String,
    },
    /// A row that can be left out.
    #[error("{error}; to leave out such rows, give the option badRows: \"skip\" (--bad-rows skip)")]
    BadRow {
        /// The defect.
        error: Box<DataError>,
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
        "{location}: byte {byte:#04x} at offset {offset} of the text is not UTF-8, as the text before it is; name the encoding with the option encoding (--encoding windows-1252, for example), or save the file as UTF-8"
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
    /// UTF-16 text with half of a surrogate pair, or half of a unit at its end.
    #[error(
        "{file} is not valid UTF-16; if it has another encoding, name it with the option encoding (--encoding LABEL)"
    )]
    BadUtf16 {
        /// Name of the file.
        file: String,
    },
    /// An encoding without a decoder.
    #[error(
        "the option encoding (--encoding) is {}, which is no known encoding; accepted are the labels of the Encoding Standard, such as utf-8, windows-1252, utf-16le, shift_jis and gb18030",
        quoted(encoding)
    )]
    UnknownEncoding {
        /// Name of the file.
        file: String,
        /// The label.
        encoding: String,
    },
    /// Bytes that a decoder refuses.
    #[error(
        "{file} cannot be decoded: {problem}; name its encoding with the option encoding (--encoding LABEL)"
    )]
    NotDecoded {
        /// Name of the file.
        file: String,
        /// The decoder's message.
        problem: String,
    },
    /// A binary file.
    #[error(
        "{file} is not text: a zero byte at offset {offset}; expected CSV or another text format. If it is UTF-16 without a byte order mark, give the option encoding (--encoding utf-16le)"
    )]
    NotText {
        /// Name of the file.
        file: String,
        /// Offset of the zero byte, from 0.
        offset: u64,
    },
    /// A file of a known kind that is not read.
    #[error("{file} is {looks_like}, which is not read; {instead}")]
    NotRead {
        /// Name of the file.
        file: String,
        /// The kind of file.
        looks_like: &'static str,
        /// An alternative.
        instead: &'static str,
    },
    /// A zip archive of several files.
    #[error(
        "{file} is an archive of several files: {}, and perhaps more; unpack it and give one of them",
        list(files)
    )]
    SeveralFiles {
        /// Name of the archive.
        file: String,
        /// The first files in it.
        files: Vec<String>,
    },
    /// A zip archive that cannot be unpacked.
    #[error("{file} is a damaged zip archive: {problem}; download or compress it again")]
    BadZip {
        /// Name of the file.
        file: String,
        /// The defect.
        problem: String,
    },
    /// A JSON array without an end.
    #[error(
        "{location}: the JSON array that starts here has no end; the file is cut off: download or write it again"
    )]
    UnclosedArray {
        /// First line of the array.
        #[serde(flatten)]
        location: Location,
    },
    /// The sizes of a MatrixMarket file that are none.
    #[error(
        "{location}: {} are not the sizes of a matrix; expected three whole numbers: rows, columns and entries",
        quoted(value)
    )]
    BadSizes {
        /// The line.
        #[serde(flatten)]
        location: Location,
        /// The line's text.
        value: String,
    },
    /// A file that declares another number of rows than it has.
    #[error(
        "{file} declares {declared} rows and has {rows}; it is cut off or was edited: download or write it again"
    )]
    WrongRowCount {
        /// Name of the file.
        file: String,
        /// The declared number.
        declared: u64,
        /// The number of rows.
        rows: u64,
    },
    /// Text that has no columns in any accepted format.
    #[error("{location}: no columns found in {}; expected {}", quoted(value), expected(accepted))]
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
        "{location}: a quoted field has no closing quote in {}; close it, or double the quotes within a field",
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
    #[error(
        "{purpose} needs the time of every row, and the data has none: {instead}, or name the column of times{}",
        column_advice("time", unread)
    )]
    NeedsTimestamps {
        /// The operation.
        purpose: &'static str,
        /// An alternative.
        instead: &'static str,
        /// The columns of the file that are not read.
        unread: Vec<String>,
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
    /// Data sets with different columns that are to become one.
    #[error(
        "data set {with} has a {wanted} in every row and data set {without} has none: all need it, or none"
    )]
    ColumnMissing {
        /// `rating` or `time`.
        wanted: &'static str,
        /// Number of the first data set that has it, from 1.
        with: usize,
        /// Number of the first that lacks it.
        without: usize,
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

/// The content of a line in the `accepted` formats.
fn expected(accepted: &[&str]) -> String {
    match accepted {
        ["lists"] => "lists without a header: a name and its members, between spaces or tabs".into(),
        [format] => format!("a user and an item on each line, in the format {format}"),
        _ => "a user and an item on each line, between commas, semicolons, tabs, |, :: or spaces, or in JSON; lists of items have spaces or tabs"
            .into(),
    }
}

/// How to name the column of `wanted`, with the columns of the file that are not read.
pub fn column_advice(wanted: &str, unread: &[String]) -> String {
    let flag = format!(" (--columns {wanted}=NAME)");
    if unread.is_empty() {
        flag
    } else {
        format!("{flag}; the columns that are not read are {}", list(unread))
    }
}

/// The fields of a row with their numbers: `1=a, 2=b`. At most eight of them.
fn numbered(row: &[String]) -> String {
    let mut fields: Vec<String> =
        row.iter().take(8).enumerate().map(|(at, field)| format!("{}={field}", at + 1)).collect();
    if row.len() > 8 {
        fields.push("…".into());
    }
    fields.join(", ")
}

/// Characters of a list of columns in a message, and in one that is long already.
const LONG_LIST: usize = 140;
const SHORT_LIST: usize = 60;

/// As many of the names as fit into a number of characters, at least one: `a, b and 7 more`. The details have them all.
fn few(names: &[String], characters: usize) -> String {
    let mut length = 0;
    let fits = names.iter().take_while(|name| {
        length += name.chars().count() + 2;
        length <= characters
    });
    let shown = fits.count().max(1).min(names.len());
    if shown == names.len() {
        list(names)
    } else {
        format!("{} and {} more", list(&names[..shown]), names.len() - shown)
    }
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
            Self::NoRows { .. } | Self::NoRowsLeft { .. } => "data/no-rows",
            Self::MissingColumn { .. } => "data/missing-column",
            Self::OnePerson { .. } => "data/one-person",
            Self::PerhapsWide { .. } => "data/perhaps-wide",
            Self::AmbiguousDates { .. } => "data/ambiguous-dates",
            Self::BadRow { error } => error.code(),
            Self::UnnamedColumns { .. }
            | Self::FieldCount { .. }
            | Self::EmptyId { .. }
            | Self::NullValue { .. }
            | Self::BadSizes { .. } => "data/bad-row",
            Self::MixedRows { .. } => "data/mixed-rows",
            Self::BadNumber { .. } => "data/bad-number",
            Self::RatingOutOfRange { .. } => "data/rating-out-of-range",
            Self::LineTooLong { .. } => "data/line-too-long",
            Self::BadEncoding { .. } | Self::BadUtf16 { .. } | Self::NotDecoded { .. } => "data/bad-encoding",
            Self::UnknownEncoding { .. } => "config/out-of-range",
            Self::NotRead { .. } => "data/not-read",
            Self::SeveralFiles { .. } => "data/several-files",
            Self::BadZip { .. } => "data/bad-zip",
            Self::UnclosedArray { .. } => "data/bad-json",
            Self::WrongRowCount { .. } => "data/wrong-row-count",
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
            Self::ColumnMissing { .. } => "data/columns-differ",
            Self::ColumnsDiffer { .. } => "split/columns-differ",
        }
    }

    /// The fields as a JSON object.
    pub fn details(&self) -> Value {
        match self {
            Self::Option(error) => error.details(),
            Self::BadRow { error } => error.details(),
            _ => serde_json::to_value(self).expect("fields are texts and numbers"),
        }
    }
}
