//! Ids that the model does not know: an error, or skipped.

use crate::contract::error::ModelError;
use crate::contract::model::UNKNOWN;
use tastespace_data::Vocabulary;
use tastespace_options::{choices, options};

choices! {
    /// What happens with ids that the model does not know.
    pub enum Unknown { Error = "error", Skip = "skip" }
}

options! {
    /// Options of [`Fitted::predict_with`](super::fitted::Fitted::predict_with).
    pub struct PredictOptions {
        /// Whether an unknown user or item is an error, or its pair is skipped: the prediction is not a number.
        unknown: Unknown = Unknown::Error;
    }
}

/// Indices of ids. A skipped id is [`UNKNOWN`].
pub(crate) fn indices(
    vocabulary: &Vocabulary,
    side: &'static str,
    ids: &[&str],
    unknown: Unknown,
) -> Result<Vec<u32>, ModelError> {
    let index = |id: &&str| match (vocabulary.get(id), unknown) {
        (Some(index), _) => Ok(index),
        (None, Unknown::Skip) => Ok(UNKNOWN),
        (None, Unknown::Error) => Err(ModelError::UnknownId {
            side,
            id: id.chars().take(80).collect(),
            known: vocabulary.len(),
            example: vocabulary.iter().next().map(str::to_owned),
        }),
    };
    ids.iter().map(index).collect()
}
