//! Optimizers of embedding tables, and their options.

use tastespace_optim::{AdaGrad, Adam, Sgd};
use tastespace_options::{choices, options};

choices! {
    /// Optimizer of mini-batches. All are lazy: a row that a mini-batch does not touch keeps its values and its state.
    pub enum Optimizer { AdaGrad = "adagrad", Adam = "adam", Sgd = "sgd" }
}

options! {
    /// Options of models that train embeddings in mini-batches.
    pub struct BatchOptions {
        /// Optimizer: `adagrad`, `adam` (with learning rates of 0.001 to 0.01), or `sgd`.
        optimizer: Optimizer = Optimizer::AdaGrad;
        /// Learning rate, per mini-batch.
        learning_rate: f64 = 0.05, 1e-6..=10.0;
        /// Initial value of AdaGrad's sums of squared gradients. Higher values shorten the first steps.
        initial_accumulator: f64 = 0.05, 0.0..=1e6;
        /// Expected norm of the initial embeddings. Their standard deviation is this value divided by the square root of `factors`.
        initial_length: f64 = 1.0, 1e-3..=1e3;
        /// Training examples in a mini-batch.
        batch_size: u32 = 1024, 1..=1 << 20;
    }
}

impl BatchOptions {
    /// The update of the mini-batch of this number, from 1.
    pub fn update(&self, number: u32) -> Update {
        self.optimizer.update(self.learning_rate, number)
    }

    /// The largest mini-batch of `examples` training examples.
    pub fn largest_batch(&self, examples: usize) -> usize {
        examples.min(self.batch_size as usize)
    }

    /// The standard deviation of embeddings of this dimension whose expected norm is `norm`.
    pub fn deviation(norm: f64, factors: u32) -> f64 {
        norm / f64::from(factors).sqrt()
    }
}

impl Optimizer {
    /// The update with this learning rate, of the mini-batch of this number, from 1.
    pub fn update(self, learning_rate: f64, number: u32) -> Update {
        match self {
            Self::Sgd => Update::Sgd(Sgd { learning: learning_rate as f32 }),
            Self::AdaGrad => Update::AdaGrad(AdaGrad { learning: learning_rate as f32 }),
            Self::Adam => Update::Adam(Adam::at(learning_rate, number)),
        }
    }

    /// State values per parameter.
    pub(super) fn states(self) -> usize {
        match self {
            Self::Sgd => 0,
            Self::AdaGrad => 1,
            Self::Adam => 2,
        }
    }
}

/// The update of parameters by the gradient of one mini-batch.
#[derive(Clone, Copy, Debug)]
pub enum Update {
    /// Plain gradient descent.
    Sgd(Sgd),
    /// Scaled by accumulated squared gradients.
    AdaGrad(AdaGrad),
    /// Scaled by first and second moments.
    Adam(Adam),
    /// Changes no parameter: fills AdaGrad's sums of squared gradients, as this many epochs like the present one would have.
    Recall(f32),
}

impl Update {
    /// Updates a row.
    #[inline]
    pub fn apply(self, row: RowMut, gradient: &[f32]) {
        match self {
            Self::Sgd(sgd) => sgd.step(row.values, gradient),
            Self::AdaGrad(adagrad) => adagrad.step(row.values, gradient, row.second),
            Self::Adam(adam) => adam.step(row.values, gradient, row.first, row.second),
            Self::Recall(epochs) => {
                row.second.iter_mut().zip(gradient).for_each(|(square, g)| *square += epochs * g * g);
            }
        }
    }

    /// What fills the state of the optimizer before training goes on after `epochs`: nothing where it has no such sums.
    pub fn recall(self, epochs: u32) -> Option<Self> {
        matches!(self, Self::AdaGrad(_)).then_some(Self::Recall(epochs as f32))
    }

    /// Whether parameters stay as they are.
    pub fn is_recall(self) -> bool {
        matches!(self, Self::Recall(_))
    }
}

/// A row of a table with its optimizer state.
pub struct RowMut<'a> {
    /// The parameters: `(width)`.
    pub values: &'a mut [f32],
    /// Accumulated squares or second moments: `(width)`, or empty.
    pub second: &'a mut [f32],
    /// First moments: `(width)`, or empty.
    pub first: &'a mut [f32],
}

impl RowMut<'_> {
    /// Borrows the row again.
    pub fn reborrow(&mut self) -> RowMut<'_> {
        RowMut { values: self.values, second: self.second, first: self.first }
    }
}
