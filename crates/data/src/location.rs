//! Source locations in messages: lines, rows and columns. Values are quoted here too.

use serde::Serialize;
use std::fmt;

/// A line of a file, or a row of the caller's columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Position {
    /// A line of a file.
    Line {
        /// Name of the file.
        file: String,
        /// Line number from 1; the first line of a record that spans several.
        line: u64,
    },
    /// A row of a table in a file, or of a query.
    FileRow {
        /// Name of the file. Boxed, since each error holds a position.
        file: Box<str>,
        /// Row number from 1.
        row: u64,
    },
    /// A whole file.
    File {
        /// Name of the file.
        file: Box<str>,
    },
    /// A row that the caller passed, not read from a file.
    Row {
        /// Row number from 1.
        row: u64,
    },
}

/// A column: its name in the header or, without a header, its number from 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Column {
    /// Its name in the header.
    Name(String),
    /// Its number from 1.
    Number(usize),
}

/// A position and, for some errors, a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Location {
    /// The line or row.
    #[serde(flatten)]
    pub position: Position,
    /// The column of the wrong value, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
}

impl Location {
    /// A line of a file, numbered from 1.
    pub fn line(file: &str, line: u64) -> Self {
        Self { position: Position::Line { file: file.into(), line }, column: None }
    }

    /// A row of the caller, numbered from 1, and the column of the wrong value.
    pub fn row(row: u64, column: &str) -> Self {
        Self { position: Position::Row { row }, column: Some(Column::Name(column.into())) }
    }

    /// A row of a table in a file, numbered from 1, and the column of the wrong value.
    pub fn row_of(file: &str, row: u64, column: &str) -> Self {
        let position = Position::FileRow { file: file.into(), row };
        Self { position, column: Some(Column::Name(column.into())) }
    }

    /// A file as a whole.
    pub fn file(file: &str) -> Self {
        Self { position: Position::File { file: file.into() }, column: None }
    }

    /// The same position in `column`.
    pub fn at(self, column: Column) -> Self {
        Self { column: Some(column), ..self }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.position {
            Position::Line { file, line } => write!(f, "{file}, line {line}")?,
            Position::FileRow { file, row } => write!(f, "{file}, row {row}")?,
            Position::File { file } => f.write_str(file)?,
            Position::Row { row } => write!(f, "row {row}")?,
        }
        match &self.column {
            Some(Column::Name(name)) => write!(f, ", column {}", quoted(name)),
            Some(Column::Number(number)) => write!(f, ", column {number}"),
            None => Ok(()),
        }
    }
}

/// Most characters of a value in a message.
const SHOWN: usize = 60;

/// `value` for a message: control characters escaped, cut after 60 characters.
pub fn excerpt(value: &str) -> String {
    let mut shown = String::new();
    for (count, character) in value.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The [`excerpt`] of `value` in quotes.
pub fn quoted(value: &str) -> String {
    format!("\"{}\"", excerpt(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_read_as_sentences() {
        let location = Location::line("a.csv", 7);
        assert_eq!(location.to_string(), "a.csv, line 7");
        assert_eq!(location.clone().at(Column::Number(3)).to_string(), "a.csv, line 7, column 3");
        assert_eq!(location.at(Column::Name("stars".into())).to_string(), "a.csv, line 7, column \"stars\"");
        assert_eq!(Location::file("a.csv").to_string(), "a.csv");
        assert_eq!(Location::row_of("a.parquet", 2, "ts").to_string(), "a.parquet, row 2, column \"ts\"");
        assert_eq!(Location::row(2, "time").to_string(), "row 2, column \"time\"");
    }

    #[test]
    fn values_are_shortened_and_escaped() {
        assert_eq!(excerpt("a\tb\u{1b}[31m"), "a\\tb\\u{1b}[31m");
        assert_eq!(excerpt(&"é".repeat(1000)), format!("{}…", "é".repeat(60)));
    }
}
