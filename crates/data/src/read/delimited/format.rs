//! The text formats.

use tastespace_options::choices;

choices! {
    /// How the columns of a text file are separated.
    ///
    /// In the formats with a delimiter of one byte, fields may be quoted as in RFC 4180: delimiters, line ends and doubled
    /// quotes may occur between quotes. Spaces around unquoted fields are dropped.
    pub enum Format {
        /// Commas.
        Csv = "csv",
        /// Tabs, such as MovieLens' `u.data`.
        Tsv = "tsv",
        /// Semicolons.
        Semicolon = "semicolon",
        /// Vertical bars.
        Pipe = "pipe",
        /// `::`, such as MovieLens' `ratings.dat`.
        DoubleColon = "double-colon",
        /// Runs of spaces or tabs.
        Spaces = "spaces",
        /// A list per line, separated by runs of spaces or tabs: an owner or the length of the list, then its members.
        Lists = "lists",
        /// JSON lines: an object per line, its keys are the column names. The keys of nested objects are joined by dots.
        JsonLines = "json-lines",
        /// JSON: an array of objects.
        Json = "json",
        /// A matrix: a row per user and a column per item, which is empty where the user did not rate the item.
        Wide = "wide",
        /// Blocks of an item: a line with its id and a colon, then lines of user, rating and date with commas (Netflix Prize).
        Blocks = "blocks",
        /// MatrixMarket's coordinate format: users are rows, items are columns.
        MatrixMarket = "matrix-market",
    }
}

impl Format {
    /// The formats with columns, in the order in which they are tried. Semicolons come before commas, which may be decimal
    /// points; spaces come last, since titles and times contain them.
    pub(super) const DELIMITED: [Self; 6] =
        [Self::Tsv, Self::DoubleColon, Self::Semicolon, Self::Csv, Self::Pipe, Self::Spaces];

    /// The delimiter of one byte, in formats that have one.
    pub(crate) fn delimiter(self) -> Option<u8> {
        match self {
            Self::Csv | Self::Blocks => Some(b','),
            Self::Tsv => Some(b'\t'),
            Self::Semicolon => Some(b';'),
            Self::Pipe => Some(b'|'),
            _ => None,
        }
    }

    /// Whether its rows are objects.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::JsonLines | Self::Json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_equal_the_option_values() {
        for &format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
    }
}
