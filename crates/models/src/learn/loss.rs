//! Losses that compare a positive with its negatives.

use tastespace_kernels::contrast::Contrast;
use tastespace_options::{choices, options};

choices! {
    /// Loss of a positive and its negatives; [`tastespace_kernels::contrast`] has the formulas.
    pub enum Loss { Hinge = "hinge", Softmax = "softmax" }
}

options! {
    /// Options of models that compare a positive with its negatives.
    pub struct LossOptions {
        /// Loss: `hinge` penalizes negatives within a margin of the positive, `softmax` is the cross-entropy of the positive among its negatives.
        loss: Loss = Loss::Softmax;
        /// Hinge margin: how much larger the distance to a negative must be than the distance to the positive.
        margin: f64 = 0.5, 0.0..=100.0;
        /// Softmax temperature, in units of distance.
        temperature: f64 = 0.2, 1e-3..=100.0;
    }
}

impl LossOptions {
    /// The loss with its margin or its temperature.
    pub fn contrast(&self) -> Contrast {
        match self.loss {
            Loss::Hinge => Contrast::Hinge { margin: self.margin as f32 },
            Loss::Softmax => Contrast::Softmax { temperature: self.temperature as f32 },
        }
    }
}
