//! The data set in memory: ids, columns, item titles and item features. No file formats.

pub(crate) mod batch;
pub(crate) mod builder;
mod chunked;
pub(crate) mod columns;
pub(crate) mod concat;
pub(crate) mod counts;
pub(crate) mod csr;
pub(crate) mod duplicates;
pub(crate) mod feature_names;
mod integer_index;
pub(crate) mod interactions;
pub(crate) mod item_features;
pub(crate) mod item_table;
pub(crate) mod item_texts;
mod packed;
pub(crate) mod positives;
pub(crate) mod report;
pub(crate) mod summary;
pub(crate) mod time;
pub(crate) mod vocabulary;
