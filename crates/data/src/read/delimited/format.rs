//! What separates the columns of a file, and how that is recognised.

use serde::{Deserialize, Serialize};

/// How the columns of a text file are separated.
///
/// The formats with a delimiter of one byte have quoted fields as RFC 4180 has them: delimiters, line ends and doubled
/// quotes may stand between quotes. Spaces around fields without quotes are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Commas.
    Csv,
    /// Tabs, such as MovieLens' `u.data`.
    Tsv,
    /// Semicolons.
    Semicolon,
    /// Vertical bars.
    Pipe,
    /// `::`, such as MovieLens' `ratings.dat`.
    DoubleColon,
    /// Runs of spaces or tabs.
    Spaces,
    /// No columns but a list a line, with runs of spaces or tabs between: what it is a list of or how many follow, then
    /// those that follow.
    Lists,
    /// JSON lines: an object a line, whose keys are the columns' names.
    JsonLines,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Csv,
        Self::Tsv,
        Self::Semicolon,
        Self::Pipe,
        Self::DoubleColon,
        Self::Spaces,
        Self::Lists,
        Self::JsonLines,
    ];

    /// The formats of delimited columns in the order in which they are tried. Semicolons come before commas, which may be
    /// decimal points beside them; spaces are last, since they stand in titles and times.
    pub(super) const DELIMITED: [Self; 6] =
        [Self::Tsv, Self::DoubleColon, Self::Semicolon, Self::Csv, Self::Pipe, Self::Spaces];

    /// The name in options and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Semicolon => "semicolon",
            Self::Pipe => "pipe",
            Self::DoubleColon => "double-colon",
            Self::Spaces => "spaces",
            Self::Lists => "lists",
            Self::JsonLines => "json-lines",
        }
    }

    /// The delimiter of the formats in which fields may be quoted.
    pub(crate) fn quoting(self) -> Option<u8> {
        match self {
            Self::Csv => Some(b','),
            Self::Tsv => Some(b'\t'),
            Self::Semicolon => Some(b';'),
            Self::Pipe => Some(b'|'),
            Self::DoubleColon | Self::Spaces | Self::Lists | Self::JsonLines => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_options() {
        for format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
    }
}
