//! What a pair and the negatives drawn for it cost: an option that kinds have in common.

use crate::contract::options::{OptionDoc, Range, option};
use serde::{Deserialize, Serialize};
use tastespace_kernels::contrast::Contrast;

/// How negatives count; [`tastespace_kernels::contrast`] has the formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Loss {
    Hinge,
    Softmax,
}

/// The option `loss`.
pub const LOSS: OptionDoc = option(
    "loss",
    Range::Choice(&["hinge", "softmax"]),
    "What it costs that something wanted is not nearer than its negatives.",
);

impl Loss {
    /// The loss with its `margin` or its `temperature`, whichever it has.
    pub fn contrast(self, margin: f64, temperature: f64) -> Contrast {
        match self {
            Self::Hinge => Contrast::Hinge { margin: margin as f32 },
            Self::Softmax => Contrast::Softmax { temperature: temperature as f32 },
        }
    }
}
