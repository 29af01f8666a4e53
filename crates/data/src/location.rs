//! Where in the data something is: the one place that writes positions and quotes values.

use serde::Serialize;
use std::fmt;

/// A line of a file or a row of given columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Position {
    /// A line of a file.
    Line {
        /// Name of the file as the caller knows it.
        file: String,
        /// Number of the line from 1; of a record over several lines, its first.
        line: u64,
    },
    /// A row that was handed over and lies in no file.
    Row {
        /// Number of the row from 1.
        row: u64,
    },
}

/// A column, by its header's name where there is one, else by its number from 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Column {
    /// The name that the header gives it.
    Name(String),
    /// Its number from 1.
    Number(usize),
}

/// A position and perhaps a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Location {
    /// The line or row.
    #[serde(flatten)]
    pub position: Position,
    /// The column, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
}

impl Location {
    /// A line of a file, numbered from 1.
    pub fn line(file: &str, line: u64) -> Self {
        Self { position: Position::Line { file: file.into(), line }, column: None }
    }

    /// A handed-over row, numbered from 1, and the column to blame.
    pub fn row(row: u64, column: &str) -> Self {
        Self { position: Position::Row { row }, column: Some(Column::Name(column.into())) }
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
            Position::Row { row } => write!(f, "row {row}")?,
        }
        match &self.column {
            Some(Column::Name(name)) => write!(f, ", column {}", quoted(name)),
            Some(Column::Number(number)) => write!(f, ", column {number}"),
            None => Ok(()),
        }
    }
}

/// Characters of a value that a message shows.
const SHOWN: usize = 60;

/// `value` as a message shows it: control characters escaped, cut after 60 characters.
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

/// `value` as [`excerpt`] shows it, in quotes.
pub fn quoted(value: &str) -> String {
    format!("\"{}\"", excerpt(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_read_as_sentences() {
        let place = Location::line("a.csv", 7);
        assert_eq!(place.to_string(), "a.csv, line 7");
        assert_eq!(place.clone().at(Column::Number(3)).to_string(), "a.csv, line 7, column 3");
        assert_eq!(place.at(Column::Name("stars".into())).to_string(), "a.csv, line 7, column \"stars\"");
        assert_eq!(Location::row(2, "time").to_string(), "row 2, column \"time\"");
    }

    #[test]
    fn values_are_shortened_and_escaped() {
        assert_eq!(excerpt("a\tb\u{1b}[31m"), "a\\tb\\u{1b}[31m");
        assert_eq!(excerpt(&"é".repeat(1000)), format!("{}…", "é".repeat(60)));
    }
}
