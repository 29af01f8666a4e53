//! Collaborative metric learning, CML (Hsieh et al., WWW 2017): user and item embeddings in one space, where a small distance
//! means a strong preference.
//!
//! ```text
//! L = Σ_(u,i) w_ui [margin + ‖u − v_i‖² − ‖u − v_k‖²]₊  +  λ_c (1/N)(‖C‖² − ‖diag C‖²)  +  λ_f Σ_i ‖f(x_i) − v_i‖²
//! ```
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | u_i, v_j | start at Normal(0, initialLength/√d); an updated row is clipped to the ball |
//! | `margin`, `radius` | m, 1 | hinge margin in squared distance; radius of the ball |
//! | `negatives` | U | negative items sampled per pair |
//! | *impostors* | M | the sampled negatives with a positive hinge |
//! | `rankWeight` | w_ui | `ln(rank + 1)`; `parallel`: rank ⌊J M / U⌋ of J items; `sequential`: rank ⌊J / N⌋ for N samples up to the first impostor |
//! | `covarianceWeight` | λ_c | C is the covariance of the N embeddings u, v_i, v_k of a mini-batch, counted by occurrence |
//! | `featureWeight` | λ_f | f is a perceptron on the item's features: see [`features`] |
//!
//! One of the sampled negatives makes the triplet: the `hardest` (nearest); the nearest that is `semi-hard`, that is farther
//! than the positive and within the margin (a pair without one is skipped); or a `random` one. The rank weight has no
//! gradient. Gradients are summed over a mini-batch, and each touched row is updated once.
//!
//! With `sampling: 'two-stage'` (Tran et al., SIGIR 2019) the negative is chosen from several items sampled by popularity, with
//! probability proportional to `1/p(v_i·v_k)` for non-negative products, where `p(s) = (1 − s²)^((d−3)/2)` is the density of the
//! inner product of two random directions.
//!
//! An item without training interactions keeps the embedding that sampling it as a negative gives, unless its features
//! place it; then it is never sampled. A user without interactions has the zero embedding. A new user is folded in by the same
//! hinge: see [`fold_in`].
//!
//! Departures: two-stage rank weights use uniform samples, as `parallel` does, and only the negative comes from the popular
//! items. With `sampling: 'popularity'` one set of samples serves both. A pair whose negative is no impostor still counts in
//! the covariance.

mod covariance;
mod features;
mod fold_in;
mod mine;
mod model;
mod perceptron;
mod train;

use crate::contract::error::ModelError;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::optimizer::BatchOptions;
use model::CmlModel;
use perceptron::Perceptron;
use tastespace_options::{SearchRange, choices, options};

/// The kind `cml`.
pub struct Cml;

choices! {
    /// Distribution of negative samples.
    pub enum Sampling { Uniform = "uniform", Popularity = "popularity", TwoStage = "two-stage" }
}

choices! {
    /// Which negative sample makes the triplet.
    pub enum Mining { Hardest = "hardest", SemiHard = "semi-hard", Random = "random" }
}

choices! {
    /// Estimate of the rank weight of a pair.
    pub enum RankWeight { Parallel = "parallel", Sequential = "sequential", None = "none" }
}

options! {
    /// Options of `cml`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 64, 1..=4096;
        /// Hinge margin: how much larger the squared distance to a negative must be than the squared distance to the positive.
        margin: f64 = 1.0, 0.0..=100.0;
        /// Radius of the ball that contains all embeddings.
        radius: f64 = 1.0, 1e-3..=1e3;
        /// Negative items sampled per positive pair. Higher values give a finer rank estimate.
        negatives: u32 = 20, 1..=1000;
        /// Distribution of negative items: `uniform`, by `popularity`, or `two-stage`, which prefers popular items that resemble the positive.
        sampling: Sampling = Sampling::Uniform;
        /// Exponent of an item's number of interactions in its sampling probability. For `popularity` and `two-stage`.
        popularity_exponent: f64 = 0.75, 0.0..=2.0;
        /// Age in days at which an interaction counts half in the sampling probability of its item: `2^(−age / halfLife)`, where age is the time before the latest training interaction. For `popularity` and `two-stage`. Needs times. A model with this option is not continued, because it keeps no times.
        half_life: Option<f64> = None, (0.001..=1e6, "equal weights");
        /// Which of the sampled negatives is used: the nearest (`hardest`), the nearest that is farther than the positive (`semi-hard`), or a `random` one. The rank weight `sequential` and the sampling `two-stage` require `hardest`.
        mining: Mining = Mining::Hardest;
        /// Weight of a pair by the estimated rank of its positive: from the fraction of impostors, from the number of samples up to the first impostor, or no weight.
        rank_weight: RankWeight = RankWeight::Parallel;
        /// Weight of the penalty that decorrelates the embedding dimensions. It is divided by the squared number of embeddings in the mini-batch.
        covariance_weight: f64 = 10.0, 0.0..=1e12;
        /// Weight of the squared distance between an item's embedding and the embedding predicted from its features, where the data has features. 0 disables it.
        feature_weight: f64 = 10.0, 0.0..=1e6;
        /// Hidden units of the perceptron that predicts embeddings from features.
        feature_units: u32 = 64, 1..=4096;
        /// Dropout probability of the perceptron's hidden units.
        feature_dropout: f64 = 0.2, 0.0..=0.95;
        /// Learning rate of the perceptron, per mini-batch.
        feature_learning_rate: f64 = 0.01, 1e-6..=10.0;
        /// Norm of the embeddings of items that have features but no interactions, relative to the mean norm of items with interactions.
        placed_length: f64 = 0.85, 0.0..=10.0;
    } with {
        batch: BatchOptions = BatchOptions {
            learning_rate: 0.1,
            initial_accumulator: 0.1,
            batch_size: 4096,
            ..BatchOptions::default()
        };
    }
}

impl Kind for Cml {
    const NAME: &'static str = "cml";
    const SUMMARY: &'static str = "Collaborative metric learning: users and items in one space, where a small distance means a strong preference";
    const SOURCE: &'static str = "Hsieh, Yang, Cui, Lin, Belongie, Estrin, WWW 2017";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (200, 20);
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("margin", 0.2, 4.0),
        SearchRange::log("learningRate", 0.02, 0.5),
        SearchRange::log("covarianceWeight", 0.1, 1000.0),
        SearchRange::log("negatives", 5.0, 100.0),
        SearchRange::log("factors", 32.0, 128.0),
    ];
    type Options = Options;

    fn conflict(options: &Options) -> Option<Conflict> {
        let mines = options.mining != Mining::Hardest;
        if options.rank_weight == RankWeight::Sequential && mines {
            Some(Conflict { key: "mining", needs: "rankWeight to be parallel or none" })
        } else if options.rank_weight == RankWeight::Sequential && options.sampling != Sampling::Uniform {
            Some(Conflict { key: "rankWeight", needs: "sampling to be uniform" })
        } else if options.sampling == Sampling::TwoStage && mines {
            Some(Conflict { key: "mining", needs: "sampling to be uniform or popularity" })
        } else if options.half_life.is_some() && options.sampling == Sampling::Uniform {
            Some(Conflict { key: "halfLife", needs: "sampling to be popularity or two-stage" })
        } else {
            None
        }
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        let placing = perceptron::has(options, shape);
        let perceptron = if placing { Perceptron::bytes(options, shape.features) } else { 0 };
        4 * (shape.users + shape.items) as u64 * u64::from(options.factors) + perceptron
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        train::trainer(options, problem)
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(CmlModel::load(options, tensors, shape)?))
    }
}
