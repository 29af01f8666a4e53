//! Text to rows: formats are recognised by content, chunks may be cut anywhere, memory stays bounded.
//!
//! Bytes are unpacked where they are gzip (`unpack`) and become records (`records`), records become fields (`fields`,
//! `json`), the first of them tell the format (`format`) and the header (`header`); `table` drives these, and a reader gives
//! the columns their meaning, or the lists (`lists`).

mod fields;
pub mod format;
mod header;
mod json;
pub(crate) mod lists;
mod reader;
mod records;
mod signature;
mod table;
pub mod time;
mod unpack;

pub use format::Format;
pub(crate) use header::{Header, Role};
pub(crate) use reader::ITEM;
pub use reader::{ColumnNames, Reader, ReaderOptions};
pub use records::LINE_LIMIT;
pub(crate) use records::{Fault, Records};
pub(crate) use table::{Expected, Head, Row, Rows, Table, told};
pub(crate) use unpack::Unpack;
