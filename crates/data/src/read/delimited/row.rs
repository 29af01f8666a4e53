//! The interface between a table and a reader: first the head of the file, then row after row.

use super::format::Format;
use crate::error::DataError;
use crate::location::Location;

/// The first rows of a file, from which a reader learns the columns.
pub(crate) struct Head<'a> {
    pub(crate) file: &'a str,
    /// Line of the first record.
    pub(crate) line: u64,
    pub(crate) format: Format,
    /// Fields of the first records; the first may be a header. Never empty. For JSON the keys, then the values.
    pub(crate) records: Vec<Vec<String>>,
    /// The most frequent number of fields: at least 2, except for lists and JSON.
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

    /// The line of the row.
    pub(crate) fn location(&self) -> Location {
        Location::line(self.file, self.line)
    }
}

/// A reader of rows.
pub(crate) trait Rows {
    /// Finds the columns from the first rows. Returns whether the first of them is a header.
    fn begin(&mut self, head: &Head) -> Result<bool, DataError>;
    /// Takes a row. It has as many fields as the header or, without one, as the head; a list has one or more.
    fn row(&mut self, row: &Row) -> Result<(), DataError>;
    /// Decides about a row that is not one: the error, or nothing if such rows are left out.
    fn refuse(&mut self, error: DataError) -> Result<(), DataError> {
        Err(error)
    }
}
