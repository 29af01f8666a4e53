//! The score of the model, `y = ω ‖U − V‖² + (1 − ω) ‖m − X‖²`, and its derivatives.

use super::mixing::Mixing;
use super::{Attention, Options, Score};
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::time_signal::time_signal;
use tastespace_kernels::vector::{add_scaled, add_scaled_difference, dot};

/// The options that the score depends on.
#[derive(Clone, Copy)]
pub(super) struct Formula {
    /// Embedding dimension.
    pub(super) d: usize,
    /// Length of the sequence that attention reads.
    pub(super) inputs: usize,
    attention: Attention,
    pub(super) time_signal: bool,
    pub(super) score: Score,
    pub(super) mixing: Mixing,
}

impl Formula {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            d: options.factors as usize,
            inputs: options.inputs as usize,
            attention: options.attention,
            time_signal: options.time_signal,
            score: options.score,
            mixing: Mixing::new(options),
        }
    }

    /// Whether there is a long term, and a short term.
    pub(super) fn terms(&self) -> [bool; 2] {
        self.mixing.all.map(|weight| weight > 0.0)
    }

    /// Whether the sequence goes through attention, which takes queries and keys.
    pub(super) fn attends(&self) -> bool {
        self.attention == Attention::Own && self.terms()[1] && self.inputs > 1
    }

    /// Values of a user's row: the embedding, and the parameter of the user's ω if there is one.
    pub(super) fn user_width(&self) -> usize {
        self.d + self.mixing.parameters()
    }

    /// Positions of the time signal.
    pub(super) fn positions(&self) -> usize {
        if self.time_signal { self.inputs } else { 0 }
    }

    /// The time signal of each position: `(positions, d)`.
    pub(super) fn signals(&self) -> Vec<f32> {
        let mut signals = vec![0.0; self.positions() * self.d];
        let rows = signals.chunks_exact_mut(self.d).enumerate();
        rows.for_each(|(position, signal)| time_signal(position, signal));
        signals
    }

    /// One term of `y`, before its mixing weight.
    pub(super) fn term(&self, x: &[f32], y: &[f32]) -> f32 {
        match self.score {
            Score::Distance => squared_distance(x, y),
            Score::Product => -dot(x, y),
        }
    }

    /// Adds to `out` the gradient of `weight · term(x, y)` with respect to x, divided by the factor that
    /// [`slopes`](Self::slopes) includes.
    pub(super) fn add_gradient(&self, out: &mut [f32], weight: f32, x: &[f32], y: &[f32]) {
        match self.score {
            Score::Distance => add_scaled_difference(out, weight, x, y),
            Score::Product => add_scaled(out, -weight, y),
        }
    }

    /// The mixing weights of both terms, times the factor of the derivative of a term.
    pub(super) fn slopes(&self, weights: [f32; 2]) -> [f32; 2] {
        match self.score {
            Score::Distance => weights.map(|weight| 2.0 * weight),
            Score::Product => weights,
        }
    }
}
