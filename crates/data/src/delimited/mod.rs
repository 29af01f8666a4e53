//! Delimited text to rows: formats are recognised by content, chunks may be cut anywhere, memory stays bounded.
//!
//! Bytes become records (`records`), records become fields (`fields`), the first of them tell the format (`format`) and
//! the header (`header`); `table` drives these, and a reader gives the columns their meaning.

mod fields;
pub mod format;
mod header;
mod reader;
mod records;
mod signature;
mod table;
pub mod time;

pub use format::Format;
pub(crate) use header::{Header, Role};
pub(crate) use reader::ITEM;
pub use reader::{ColumnNames, Reader, ReaderOptions};
pub use records::LINE_LIMIT;
pub(crate) use table::{Head, Row, Rows, Table};
