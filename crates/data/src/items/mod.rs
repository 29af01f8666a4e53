//! Titles and genres of items: read from a side file by outside id, kept by item index.

mod reader;
mod texts;

pub use reader::{ItemColumnNames, ItemTable, ItemsOptions, ItemsReader};
pub use texts::{ItemTextParts, ItemTexts};
