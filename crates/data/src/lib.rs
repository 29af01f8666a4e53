//! Bytes to data sets: readers, vocabularies of outside ids, splits and the generator.
//!
//! Everything here is a function of the bytes, the options and a seed: no clock, no threads, no host.
#![forbid(unsafe_code)]

pub mod builder;
pub mod by_user;
mod chunked;
pub mod csv;
pub mod delimited;
pub mod error;
pub mod features;
pub mod filter;
pub mod interactions;
pub mod items;
pub mod json_lines;
pub mod options;
pub mod place;
pub mod rng;
pub mod split;
pub mod summary;
pub mod synthetic;
pub mod vocabulary;

pub use builder::RowBuilder;
pub use by_user::ByUser;
pub use delimited::{ColumnNames, Format, Reader, ReaderOptions};
pub use error::DataError;
pub use features::{FeatureMatrix, FeatureParts, FeaturesOptions, FeaturesReader, ItemFeatures, NamesReader};
pub use filter::{FilterOptions, filter};
pub use interactions::{Columns, Interactions};
pub use items::{ItemTable, ItemTexts, ItemsOptions, ItemsReader};
pub use rng::Rng;
pub use split::{Parts, SplitOptions, split};
pub use summary::Summary;
pub use synthetic::{Planted, Synthetic, SyntheticOptions};
pub use vocabulary::Vocabulary;
