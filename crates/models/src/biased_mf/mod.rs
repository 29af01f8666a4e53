//! Biased matrix factorization (Koren, Bell, Volinsky 2009, *Matrix Factorization Techniques for Recommender Systems*).
//!
//! `r̂ = μ + b_u + b_i + p_u·q_i`, fitted to squared error.
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `mean` | μ | mean of the training ratings, fixed; 0 with `mean: false` |
//! | `user_biases: (n)`, `item_biases: (m)` | b_u, b_i | start at 0 |
//! | `user_factors: (n, d)`, `item_factors: (m, d)` | p_u, q_i | start at Normal(0, `initialDeviation`) |
//! | `item_implicit: (m, d)` | y_j | with `implicit`, start at 0 |
//! | `learningRate`, `learningRateDecay` | γ₀, – | learning rate `γ = γ₀ · decay^epoch` |
//! | `penalty`, `biasPenalty`, … | λ | L2 regularization of the parameter groups |
//! | `biasDamping` | – | δ: L2 regularization of a bias, once and not per rating |
//!
//! There are four training algorithms, one file each:
//!
//! - [`sgd`]: per rating, `e = r − r̂; p += γ(e q − λ p); q += γ(e p − λ q); b += γ(e − λ_b b)`, in parallel blocks.
//! - [`implicit`]: the same with the term of SVD++ (Koren 2008), `p_u + |N(u)|^-½ Σ_{j∈N(u)} y_j` for `p_u`.
//! - [`batch`]: mini-batches with Adam or AdaGrad (Dive into Deep Learning, 16.3).
//! - [`als`]: alternating least squares (Zhou et al. 2008).
//!
//! All minimize the same objective: half the squared error of each rating, plus half of each penalty for the rows that
//! the rating touches, plus half of δ b² for each bias. A new user is folded in by ridge regression on the item embeddings, the
//! same objective for one user.
//!
//! The options are those of ratings from 1 to 5; other scales have other units ([`unit`]).
//!
//! Departures: before the first epoch the model is the baseline `bias`, which validation may choose as epoch 0 ([`start`]; not
//! with `mean: false`); biases are damped, as in the baseline `bias`, since a row with few ratings is hardly regularized per rating;
//! SGD visits the ratings by blocks instead of in a fully random order; a row without training ratings is zero, so that it
//! contributes nothing to a prediction.

mod als;
mod batch;
mod implicit;
mod model;
mod sgd;
mod shard;
mod start;
mod unit;

use crate::contract::error::ModelError;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::ensemble::EnsembleOptions;
use crate::learn::shard::{Plan, Totals};
use model::BiasedMfModel;
use start::WithStart;
use tastespace_data::Columns;
use tastespace_kernels::math::powi;
use tastespace_kernels::rating_step::Rate;
use tastespace_options::{SearchRange, choices, options};
use unit::Unit;

/// The kind `biased-mf`.
pub struct BiasedMf;

choices! {
    /// Training algorithm.
    pub enum Optimizer { Sgd = "sgd", Adam = "adam", AdaGrad = "adagrad", Als = "als" }
}

options! {
    /// Options of `biased-mf`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 64, 1..=4096;
        /// Training algorithm: stochastic gradient descent per rating (`sgd`), mini-batches (`adam`, `adagrad`), or alternating least squares (`als`).
        optimizer: Optimizer = Optimizer::Sgd;
        /// Learning rate of the first epoch for ratings from 1 to 5, and the equivalent for others: per rating, or per mini-batch (0.002 suits `adam`, 0.05 `adagrad`). Not used by `als`.
        learning_rate: f64 = 0.007, 1e-6..=1.0;
        /// Factor of the learning rate from one epoch to the next. 1 keeps it constant.
        learning_rate_decay: f64 = 0.99, 0.1..=1.0;
        /// L2 regularization of the embeddings, per update, for ratings from 1 to 5. It grows with the range of the ratings.
        penalty: f64 = 0.09, 0.0..=10.0;
        /// L2 regularization of the item embeddings, per update.
        item_penalty: Option<f64> = None, (0.0..=10.0, "penalty");
        /// L2 regularization of the biases, per update.
        bias_penalty: f64 = 0.05, 0.0..=10.0;
        /// L2 regularization of the item biases, per update.
        item_bias_penalty: Option<f64> = None, (0.0..=10.0, "biasPenalty");
        /// Damping of the biases: besides their regularization, a bias is shrunk toward zero as if by this many ratings with no deviation. Not used with `dense`.
        bias_damping: f64 = 2.0, 0.0..=100.0;
        /// Standard deviation of the initial embeddings.
        initial_deviation: f64 = 0.03, 0.0..=10.0;
        /// Groups that users and items are each split into. Blocks of ratings that share no group train at the same time, so this is also the highest useful number of threads, and part of the result. Used by `sgd`.
        blocks: u32 = 8, 1..=256;
        /// Whether predictions include the mean of the training ratings as a fixed offset. Without it the biases learn the offset.
        mean: bool = true;
        /// Whether the set of items that a user rated, whatever the rating, also contributes (SVD++). Needs the optimizer `sgd`; trains on one thread.
        implicit: bool = false;
        /// L2 regularization of the implicit embeddings, per update.
        implicit_penalty: f64 = 0.01, 0.0..=10.0;
        /// Ratings in a mini-batch. For `adam` and `adagrad`.
        batch_size: u32 = 512, 1..=1 << 20;
        /// Whether a mini-batch updates and regularizes all rows, as deep-learning frameworks do, instead of the rows that it touches. For `adam` and `adagrad`.
        dense: bool = false;
    } with {
        ensemble: EnsembleOptions = EnsembleOptions::default();
    }
}

/// L2 penalties of the parameter groups.
#[derive(Clone, Copy, Debug)]
struct Penalties {
    users: f64,
    items: f64,
    user_biases: f64,
    item_biases: f64,
    /// Once for a bias, not per rating.
    bias_damping: f64,
    implicit: f64,
}

/// L2 regularization of the biases per update of a rating, `λ + δ/n` for a row with `n` ratings: `(rows)`.
fn bias_penalties(column: &[u32], rows: usize, penalty: f64, damping: f64) -> Vec<f32> {
    let mut counts = vec![0u32; rows];
    column.iter().for_each(|&row| counts[row as usize] += 1);
    counts.into_iter().map(|count| bias_penalty(count, penalty, damping)).collect()
}

/// The same of one bias.
fn bias_penalty(count: u32, penalty: f64, damping: f64) -> f32 {
    (penalty + damping / f64::from(count.max(1))) as f32
}

impl Penalties {
    /// See [`bias_penalties`], for users and items.
    fn of_biases(&self, columns: &Columns, shape: Shape) -> [Vec<f32>; 2] {
        [
            bias_penalties(&columns.users, shape.users, self.user_biases, self.bias_damping),
            bias_penalties(&columns.items, shape.items, self.item_biases, self.bias_damping),
        ]
    }
}

/// A plan to train on several machines. See [`crate::learn::shard`].
///
/// # Errors
/// [`ModelError::Unsupported`] for options that are trained on one machine only.
pub fn plan(options: &Options, totals: Totals) -> Result<Box<dyn Plan>, ModelError> {
    Ok(Box::new(shard::SgdPlan::new(options.clone(), totals)?))
}

impl Options {
    fn penalties(&self) -> Penalties {
        Penalties {
            users: self.penalty,
            items: self.item_penalty.unwrap_or(self.penalty),
            user_biases: self.bias_penalty,
            item_biases: self.item_bias_penalty.unwrap_or(self.bias_penalty),
            bias_damping: self.bias_damping,
            implicit: self.implicit_penalty,
        }
    }

    /// The learning rate of an epoch, from 0.
    fn learning_rate(&self, epoch: u32) -> f64 {
        self.learning_rate * powi(self.learning_rate_decay, epoch)
    }

    /// Learning rates and regularization of a single rating in an epoch, from 0; that of the biases without damping.
    fn rate(&self, epoch: u32, unit: Unit) -> Rate {
        let (learning, penalties) = (self.learning_rate(epoch), unit.penalties(self));
        Rate {
            learning: learning as f32,
            vector_learning: (learning / unit.points()) as f32,
            user_penalty: penalties.users as f32,
            item_penalty: penalties.items as f32,
            user_bias_penalty: penalties.user_biases as f32,
            item_bias_penalty: penalties.item_biases as f32,
        }
    }
}

impl Kind for BiasedMf {
    const NAME: &'static str = "biased-mf";
    const SUMMARY: &'static str =
        "Biased matrix factorization: a rating as mean, biases and an inner product";
    const SOURCE: &'static str = "Koren, Bell, Volinsky, IEEE Computer 42(8), 2009";
    const TASK: Task = Task::Rating;
    const EPOCHS: (u32, u32) = (200, 20);
    /// The embeddings start near zero, a saddle point: at first only the biases change, and are overfitted. The fewer ratings a
    /// row has, the more epochs it takes the embeddings to leave it. With few ratings, epochs cost little.
    const PATIENCE_AFTER: u32 = 5_000_000;
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("learningRate", 0.002, 0.03),
        SearchRange::log("penalty", 0.02, 0.3),
        SearchRange::log("biasPenalty", 0.005, 0.3),
        SearchRange::log("biasDamping", 0.5, 20.0),
        SearchRange::log("factors", 16.0, 256.0),
        SearchRange::booleans("implicit"),
    ];
    type Options = Options;

    fn seeds(options: &Options) -> u32 {
        options.ensemble.seeds
    }

    fn has_start(options: &Options) -> bool {
        options.mean
    }

    fn conflict(options: &Options) -> Option<Conflict> {
        let batches = matches!(options.optimizer, Optimizer::Adam | Optimizer::AdaGrad);
        if options.implicit && options.optimizer != Optimizer::Sgd {
            Some(Conflict { key: "implicit", needs: "optimizer to be sgd" })
        } else if options.dense && !batches {
            Some(Conflict { key: "dense", needs: "optimizer to be adam or adagrad" })
        } else {
            None
        }
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        let rows = (shape.users + shape.items) as u64;
        let implicit = if options.implicit { shape.items as u64 } else { 0 };
        4 * (rows * (u64::from(options.factors) + 1) + implicit * u64::from(options.factors))
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        let start = Self::model_bytes(options, shape);
        let algorithm = match (options.optimizer, options.implicit) {
            (Optimizer::Sgd, false) => sgd::bytes(options, shape),
            (Optimizer::Sgd, true) => start + implicit::bytes(options, shape),
            (Optimizer::Adam | Optimizer::AdaGrad, _) => start + batch::bytes(options, shape),
            (Optimizer::Als, _) => start + als::bytes(options, shape),
        };
        algorithm + WithStart::bytes(shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        let Some(ratings) = problem.train.columns().ratings.as_deref() else {
            return Err(ModelError::NeedsRatings { kind: Self::NAME, unread: problem.train.unread() });
        };
        let start = BiasedMfModel::start(options, problem, ratings);
        let unit = start.unit;
        let trainer: Box<dyn Trainer> = match (options.optimizer, options.implicit) {
            (Optimizer::Sgd, false) => Box::new(sgd::Sgd::new(options, problem, ratings, start)),
            (Optimizer::Sgd, true) => Box::new(implicit::SvdPlusPlus::new(options, problem, ratings, start)),
            (Optimizer::Adam | Optimizer::AdaGrad, _) => batch::trainer(options, problem, ratings, start),
            (Optimizer::Als, _) => Box::new(als::Als::new(problem, ratings, start)),
        };
        if problem.start.is_some() || !Self::has_start(options) {
            return Ok(trainer);
        }
        Ok(Box::new(WithStart::new(trainer, options, problem, unit)))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(BiasedMfModel::load(options, tensors, shape)?))
    }
}
