//! Data sets that are being filled.

use crate::errors::EngineError;
use tastespace_data::{
    FeaturesReader, ItemsReader, NamesReader, Reader, RowReader, SyntheticOptions, synthetic,
};

/// A data set that is being filled, perhaps with side files about the items.
pub(crate) struct Filling {
    /// The rows so far.
    pub(crate) source: Source,
    /// Titles and genres of the items, once there are any.
    pub(crate) items: Option<ItemsReader>,
    /// Features of the items, once there are any.
    pub(crate) features: Option<FeaturesReader>,
    /// Names of the features, once there are any.
    pub(crate) feature_names: Option<NamesReader>,
}

impl Source {
    fn what(&self) -> &'static str {
        match self {
            Self::File(_) => "a data set from a file",
            Self::Rows(..) => "a data set from rows",
            Self::Synthetic(..) => "a synthetic data set that is not finished",
        }
    }

    /// The error that it is not `expected`.
    pub(crate) fn is_not(&self, expected: &'static str) -> EngineError {
        EngineError::wrong_handle(expected, self.what())
    }
}

/// The origin of rows.
pub(crate) enum Source {
    /// The bytes of a file.
    File(Box<Reader>),
    /// Columns.
    Rows(Box<RowReader>),
    /// The generator with its options: its rows are either written one after the other, or kept by `finish`.
    Synthetic(Box<synthetic::Rows>, SyntheticOptions),
}
