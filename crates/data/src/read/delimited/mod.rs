//! Text to rows. The format is recognised by content, chunks may be cut anywhere, and memory stays bounded.
//!
//! `unpack` inflates gzip, `records` cuts bytes into records and `fields` cuts records into fields. `recognise` finds the
//! [`format`] from the first records, `header` the names of the columns. `table` drives them and hands each `row` to a
//! reader, which knows what the columns mean; `lists` reads files without columns.

mod fields;
pub(crate) mod format;
pub(crate) mod header;
pub(crate) mod lists;
mod recognise;
pub(crate) mod records;
pub(crate) mod row;
mod signature;
pub(crate) mod table;
pub(crate) mod unpack;
