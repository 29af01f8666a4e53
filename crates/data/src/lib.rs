//! Files to data sets: readers, ids, splits, filters and the generator.
//!
//! Everything here is a function of the bytes, the options and a seed: no clock, no threads, no host. `core` is the data
//! set itself; `read`, `write`, `split`, `filter` and `synthetic` use it and it uses none of them.
#![forbid(unsafe_code)]

mod core;
pub mod error;
mod filter;
pub mod location;
mod read;
pub mod rng;
pub mod split;
pub mod synthetic;
mod write;

pub use self::core::batch::{Batch, Ids};
pub use self::core::builder::RowBuilder;
pub use self::core::columns::Columns;
pub use self::core::concat::{ConcatOptions, concat};
pub use self::core::counts::looks_like_counts;
pub use self::core::csr::ByUser;
pub use self::core::duplicates::Duplicates;
pub use self::core::feature_names::FeatureNames;
pub use self::core::interactions::Interactions;
pub use self::core::item_features::{FeatureMatrix, FeatureParts, ItemFeatures};
pub use self::core::item_table::ItemTable;
pub use self::core::item_texts::{ItemTextParts, ItemTexts};
pub use self::core::positives::is_positive;
pub use self::core::report::{Note, Report, Skipped};
pub use self::core::summary::{SampleRow, Summary};
pub use self::core::vocabulary::Vocabulary;
pub use error::DataError;
pub use filter::{FilterOptions, Moment, filter};
pub use read::{
    BadRows, ColumnNames, DateOrder, FeaturesOptions, FeaturesReader, Format, History, HistoryReader,
    HistoryRow, HostDecoder, HostDecoders, ItemColumnNames, ItemsOptions, ItemsReader, LINE_LIMIT, Layout,
    Missing, NamedColumns, NamesReader, RatingRange, Reader, ReaderOptions, RowReader, Service, TimeUnit,
    columns_of, no_decoders,
};
pub use rng::Rng;
pub use split::{Parts, SplitOptions, split};
pub use synthetic::{Planted, Synthetic, SyntheticOptions};
pub use write::{csv, json_lines};
