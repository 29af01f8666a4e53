//! Files to data sets, item titles and item features.

mod column_names;
pub(crate) mod delimited;
mod feature_names;
mod features;
mod interactions;
mod items;
mod json;
mod roles;
mod table_columns;

pub use column_names::{ColumnNames, ItemColumnNames};
pub use delimited::format::Format;
pub use delimited::records::LINE_LIMIT;
pub use feature_names::NamesReader;
pub use features::{FeaturesOptions, FeaturesReader, Layout};
pub use interactions::{RatingRange, Reader, ReaderOptions};
pub use items::{ItemsOptions, ItemsReader};
pub use table_columns::{NamedColumns, columns_of};
