//! What a table hands to a reader: its first rows, then each row.

use super::format::Format;
use crate::error::DataError;
use crate::location::Location;

/// The first rows of a file: what tells a header from data.
pub(crate) struct Head<'a> {
    pub(crate) file: &'a str,
    /// Line of the first record.
    pub(crate) line: u64,
    pub(crate) format: Format,
    /// Fields of the first records, the first one perhaps a header; never empty. Of JSON lines the keys alone.
    pub(crate) records: Vec<Vec<String>>,
    /// The commonest number of fields: at least 2 but for lists and JSON lines.
    pub(crate) columns: usize,
}

/// One row.
pub(crate) struct Row<'a> {
    pub(super) file: &'a str,
    pub(super) line: u64,
    pub(super) text: &'a str,
    pub(super) ranges: &'a [(u32, u32)],
}

impl<'a> Row<'a> {
    /// The field of a column, counted from 0, below the number of columns.
    #[inline]
    pub(crate) fn field(&self, column: usize) -> &'a str {
        let (start, end) = self.ranges[column];
        &self.text[start as usize..end as usize]
    }

    /// All fields.
    pub(crate) fn fields(&self) -> impl ExactSizeIterator<Item = &'a str> {
        self.ranges.iter().map(|&(start, end)| &self.text[start as usize..end as usize])
    }

    /// The row's line.
    pub(crate) fn place(&self) -> Location {
        Location::line(self.file, self.line)
    }
}

/// What a reader makes of a table.
pub(crate) trait Rows {
    /// Learns from the first rows what the columns are; says whether the first one is a header.
    fn begin(&mut self, head: &Head) -> Result<bool, DataError>;
    /// Takes a row, which has as many fields as the header or else the head; a list has one or more.
    fn row(&mut self, row: &Row) -> Result<(), DataError>;
}
