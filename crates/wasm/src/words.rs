//! The words that calls take, each one of a few. An unknown word is refused.

use crate::errors::EngineError;
use serde::de::DeserializeOwned;
use serde_json::json;
use tastespace_options::{Domain, OptionType, choices};

#[cfg(feature = "train")]
choices! {
    /// Options that [`check`](crate::options::check) validates.
    pub(crate) enum Checked {
        Model = "model",
        Fit = "fit",
        Recommend = "recommend",
        Similar = "similar",
        Predict = "predict",
        Slots = "slots",
        Evaluate = "evaluate",
        Resample = "resample",
        Save = "save",
        Split = "split",
        Filter = "filter",
        Read = "read",
        Items = "items",
        Features = "features",
        Synthetic = "synthetic",
    }
}

#[cfg(feature = "train")]
choices! {
    /// Where the interactions of a data set come from.
    pub(crate) enum From {
        File = "file",
        Rows = "rows",
        Table = "table",
        Synthetic = "synthetic",
    }
}

#[cfg(feature = "train")]
choices! {
    /// Contents that are appended to a data set.
    pub(crate) enum Part {
        File = "file",
        Rows = "rows",
        Items = "items",
        Features = "features",
        FeatureNames = "feature-names",
    }
}

#[cfg(feature = "train")]
choices! {
    /// Formats of the contents of a data set.
    pub(crate) enum Format {
        Csv = "csv",
        JsonLines = "json-lines",
        /// Titles and genres of the items, as CSV.
        Items = "items",
    }
}

choices! {
    /// Queries for ranked lists.
    pub(crate) enum Query {
        Users = "users",
        Histories = "histories",
        SimilarItems = "similar-items",
        SimilarUsers = "similar-users",
    }
}

#[cfg(feature = "train")]
choices! {
    /// How evaluation results are resampled.
    pub(crate) enum Resampling {
        Intervals = "intervals",
        PairedTests = "paired-tests",
    }
}

choices! {
    /// Users or items.
    pub(crate) enum Side {
        Users = "users",
        Items = "items",
    }
}

choices! {
    /// Texts of a catalogue.
    pub(crate) enum Names {
        Users = "users",
        Items = "items",
        Titles = "titles",
        Genres = "genres",
        Features = "features",
    }
}

#[cfg(feature = "train")]
choices! {
    /// Ways to break the engine.
    pub(crate) enum Fault {
        Panic = "panic",
        Trap = "trap",
        Memory = "memory",
    }
}

/// The word that `text` is.
pub(crate) fn word<W>(text: &str) -> Result<W, EngineError>
where
    W: OptionType<Bounds = ()> + DeserializeOwned,
{
    serde_json::from_value(json!(text)).map_err(|_| match W::domain(()) {
        Domain::Choice(accepted) => EngineError::unknown_word(text, accepted),
        _ => EngineError::unknown_word(text, &[]),
    })
}
