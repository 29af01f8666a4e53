//! Files to data sets, item titles and item features.

mod column_names;
pub(crate) mod delimited;
mod feature_names;
mod features;
mod history;
mod interactions;
mod items;
mod json;
mod roles;

pub use column_names::{ColumnNames, ItemColumnNames};
pub use delimited::format::Format;
pub use delimited::records::LINE_LIMIT;
pub use feature_names::NamesReader;
pub use features::{FeaturesOptions, FeaturesReader, Layout};
pub use history::{History, HistoryReader, HistoryRow, Service};
pub use interactions::{RatingRange, Reader, ReaderOptions};
pub use items::{ItemsOptions, ItemsReader};
