//! Matrix factorization for ranking, BPR-MF (Rendle, Freudenthaler, Gantner, Schmidt-Thieme 2009, *BPR: Bayesian Personalized
//! Ranking from Implicit Feedback*).
//!
//! The score is `x_ui = b_i + p_u·q_i`. A positive item `i` should score higher than a negative item `j`: gradient descent on
//! `Σ −ln σ(x_ui − x_uj)`, pair by pair, with L2 regularization of the rows that a pair touches.
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | W, H | start at Normal(0, `initialDeviation`) |
//! | `item_biases: (m)` | – | start at 0 |
//! | `learningRate`, `learningRateDecay` | α, – | learning rate `α · decay^epoch` |
//! | `penalty`, `biasPenalty` | λ | L2 regularization |
//!
//! Every interaction is a positive, whatever its rating. A negative is sampled uniformly from the trained items that the user
//! has not interacted with.
//!
//! Departures: an epoch visits each interaction once, in parallel blocks (see [`crate::learn::blocks`]), where the paper samples
//! with replacement; a block's negatives come from the items of its group, by default an eighth of all, and the groups change in each epoch,
//! so that every two items meet; items have biases, as in most implementations; one penalty for users, positives and negatives.

mod model;
mod shard;
mod train;

use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::shard::{Plan, Totals};
use model::BprModel;
use tastespace_kernels::math::powi;
use tastespace_kernels::pairwise_step::PairRate;
use tastespace_options::{SearchRange, options};

/// The kind `bpr`.
pub struct Bpr;

options! {
    /// Options of `bpr`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 64, 1..=4096;
        /// Learning rate of the first epoch, per pair.
        learning_rate: f64 = 0.1, 1e-6..=1.0;
        /// Factor of the learning rate from one epoch to the next. 1 keeps it constant.
        learning_rate_decay: f64 = 0.96, 0.1..=1.0;
        /// L2 regularization of the embeddings, per update.
        penalty: f64 = 0.02, 0.0..=10.0;
        /// L2 regularization of the item biases, per update.
        bias_penalty: f64 = 0.01, 0.0..=10.0;
        /// Standard deviation of the initial embeddings.
        initial_deviation: f64 = 0.1, 0.0..=10.0;
        /// Groups that users and items are each split into, anew in each epoch. Blocks of interactions that share no group train at the same time, so this is also the highest useful number of threads, and part of the result: negatives are items of the same group. Fewer where a group would have fewer than four items.
        blocks: u32 = 8, 1..=256;
    }
}

/// A plan to train on several machines. See [`crate::learn::shard`].
pub fn plan(options: &Options, totals: Totals) -> Box<dyn Plan> {
    Box::new(shard::PairsPlan::new(options.clone(), totals))
}

impl Options {
    /// Learning rate and regularization of a pair in an epoch, from 0.
    fn rate(&self, epoch: u32) -> PairRate {
        PairRate {
            learning: (self.learning_rate * powi(self.learning_rate_decay, epoch)) as f32,
            penalty: self.penalty as f32,
            bias_penalty: self.bias_penalty as f32,
        }
    }
}

impl Kind for Bpr {
    const NAME: &'static str = "bpr";
    const SUMMARY: &'static str = "BPR-MF: embeddings that rank the items of a user before all others";
    const SOURCE: &'static str = "Rendle, Freudenthaler, Gantner, Schmidt-Thieme, UAI 2009";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (150, 20);
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("learningRate", 0.02, 0.3),
        SearchRange::log("penalty", 0.002, 0.1),
        SearchRange::log("biasPenalty", 0.001, 0.1),
        SearchRange::log("factors", 16.0, 256.0),
    ];
    type Options = Options;

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        let vectors = (shape.users + shape.items) as u64 * u64::from(options.factors);
        4 * (vectors + shape.items as u64)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        Self::model_bytes(options, shape) + train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        Ok(Box::new(train::Pairs::new(options, problem)))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(BprModel::load(options, tensors, shape)?))
    }
}
