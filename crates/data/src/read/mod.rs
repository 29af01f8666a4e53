//! Files to data sets, item titles and item features.

mod column_names;
pub(crate) mod delimited;
mod exports;
mod feature_names;
mod features;
mod history;
mod interactions;
mod items;
mod json;
mod null_values;
mod rating;
mod roles;
mod rows;
mod rules;
mod table_columns;
mod times;
mod wide;

pub use column_names::{ColumnNames, ItemColumnNames};
pub use delimited::decode::{HostDecoder, HostDecoders, no_decoders};
pub use delimited::format::Format;
pub use delimited::records::LINE_LIMIT;
pub use feature_names::NamesReader;
pub use features::{FeaturesOptions, FeaturesReader, Layout};
pub use history::{History, HistoryReader, HistoryRow, Service};
pub use interactions::{BadRows, Missing, RatingRange, Reader, ReaderOptions};
pub use items::{ItemsOptions, ItemsReader};
pub use rows::RowReader;
pub use table_columns::{NamedColumns, columns_of};
pub use times::{DateOrder, TimeUnit};
