//! Text to rows. The format is recognised by content, chunks may be cut anywhere, and memory stays bounded.
//!
//! `unpack` inflates gzip and zip, `decode` makes it UTF-8, `preamble` reads the lines before the rows, `recognise` finds the
//! [`format`] from the first records and `header` the names of the columns. `records` and `elements` cut bytes into records
//! and JSON into objects; `fields` cuts records into fields. `table` drives them and hands each `row` to a reader, which
//! knows what the columns mean; `lists` reads files without columns.

pub(crate) mod decode;
pub(crate) mod dialect;
mod elements;
mod fields;
pub(crate) mod format;
pub(crate) mod header;
mod json_shape;
pub(crate) mod lists;
mod preamble;
mod recognise;
pub(crate) mod records;
pub(crate) mod row;
mod sample;
mod signature;
pub(crate) mod table;
pub(crate) mod unpack;
mod zip;
