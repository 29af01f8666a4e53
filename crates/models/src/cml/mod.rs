//! CML, collaborative metric learning (Hsieh et al., WWW 2017): users and items as points of one space in which near means
//! liked.
//!
//! ```text
//! L = Σ_(u,i) w_ui [margin + ‖u − v_i‖² − ‖u − v_k‖²]₊  +  λ_c (1/N)(‖C‖² − ‖diag C‖²)  +  λ_f Σ_i ‖f(x_i) − v_i‖²
//! ```
//!
//! | here | paper | what |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | u_i, v_j | start at Normal(0, initialLength/√d); a row that was touched is moved back into the ball |
//! | `margin`, `radius` | m, 1 | how far behind the positive a negative has to be, in squared distance; radius of the ball |
//! | `negatives` | U | items drawn for each pair that the user did not have |
//! | the *impostors* | M | those of them for which the hinge is positive |
//! | `rankWeight` | w_ui | `ln(rank + 1)`; `parallel`: rank ⌊J M / U⌋ of J items; `sequential`: ⌊J / N⌋ by the N draws to the first impostor |
//! | `covarianceWeight` | λ_c | C is the covariance of a batch's points u, v_i and v_k, as often as they occur, N of them |
//! | `featureWeight` | λ_f | f is a perceptron with one hidden layer of ReLUs on an item's features; see [`features`] |
//!
//! One negative `k` of those drawn makes the triplet: the `hardest` (nearest), the hardest that is `semi-hard` (farther than the
//! positive and inside the margin; where there is none the pair is skipped), or at `random` (the first drawn). The weight has
//! no gradient. Gradients of a batch are summed, and a row of it steps once.
//!
//! With `sampling: 'two-stage'` (Tran et al., SIGIR 2019) the negative is one of as many items drawn by popularity, with odds
//! of `1/p(v_i·v_k)` where that product is not negative, `p(s) = (1 − s²)^((d−3)/2)` being how common a product of two
//! directions is.
//!
//! An item without rows in training stands where the negatives have pushed it, unless features place it (then it is never
//! drawn as a negative). A user without rows is at the centre. A person who was not in training is placed by the same
//! hinge on their items, with all items where they are: see [`fold_in`].
//!
//! Departures: the two-stage weights are of the uniform draws, as `parallel` estimates a rank, and the negative is of the
//! popular ones. With `sampling: 'popularity'` one set of draws serves both. A pair whose negative is no impostor still
//! counts in the covariance.

mod covariance;
mod features;
mod fold_in;
mod mine;
mod model;
mod train;

use crate::contract::error::ModelError;
use crate::contract::model::{Conflict, Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options::{OptionDoc, Range, option};
use crate::learn::minibatch::{self, Optimizer};
use features::Perceptron;
use model::CmlModel;
use serde::{Deserialize, Serialize};

/// The kind `cml`.
pub struct Cml;

/// From what negatives are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Sampling {
    Uniform,
    Popularity,
    TwoStage,
}

/// Which of the negatives that were drawn makes the triplet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Mining {
    Hardest,
    SemiHard,
    Random,
}

/// How a pair's weight is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum RankWeight {
    Parallel,
    Sequential,
    None,
}

/// Options of `cml`; what they mean stands in [`Cml::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub factors: u32,
    pub margin: f64,
    pub radius: f64,
    pub negatives: u32,
    pub sampling: Sampling,
    pub popularity_exponent: f64,
    pub mining: Mining,
    pub rank_weight: RankWeight,
    pub covariance_weight: f64,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub initial_accumulator: f64,
    pub initial_length: f64,
    pub batch_size: u32,
    pub feature_weight: f64,
    pub feature_units: u32,
    pub feature_dropout: f64,
    pub feature_learning_rate: f64,
    pub placed_length: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            factors: 64,
            margin: 1.0,
            radius: 1.0,
            negatives: 20,
            sampling: Sampling::Uniform,
            popularity_exponent: 0.75,
            mining: Mining::Hardest,
            rank_weight: RankWeight::Parallel,
            covariance_weight: 10.0,
            optimizer: Optimizer::AdaGrad,
            learning_rate: 0.1,
            initial_accumulator: 0.1,
            initial_length: 1.0,
            batch_size: 4096,
            feature_weight: 10.0,
            feature_units: 64,
            feature_dropout: 0.2,
            feature_learning_rate: 0.01,
            placed_length: 0.85,
        }
    }
}

impl Kind for Cml {
    const NAME: &'static str = "cml";
    const SUMMARY: &'static str =
        "Collaborative metric learning: users and items in one space, near means liked";
    const SOURCE: &'static str = "Hsieh, Yang, Cui, Lin, Belongie, Estrin, WWW 2017";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (200, 20);
    const SIZE_OPTION: Option<&'static str> = Some("factors");
    const RATE_OPTION: &'static str = "learningRate";
    const OPTIONS: &'static [OptionDoc] = &[
        option("factors", Range::Integer(1, 4096), "Length of a user's and an item's vector."),
        option(
            "margin",
            Range::Number(0.0, 100.0),
            "How much farther than what a user had the rest is to be, in squared distance.",
        ),
        option("radius", Range::Number(1e-3, 1e3), "Radius of the ball that all vectors stay in."),
        option(
            "negatives",
            Range::Integer(1, 1000),
            "Items drawn for each pair that the user did not have; more tell weights apart better.",
        ),
        option(
            "sampling",
            Range::Choice(&["uniform", "popularity", "two-stage"]),
            "How negatives are drawn: all items alike, by popularity, or of popular ones those like the positive.",
        ),
        option(
            "popularityExponent",
            Range::Number(0.0, 2.0),
            "Exponent of an item's rows in its odds of being drawn, for popularity and two-stage.",
        ),
        option(
            "mining",
            Range::Choice(&["hardest", "semi-hard", "random"]),
            "Which of the negatives counts: the nearest, the nearest beyond the positive, or the first. Not for sequential and two-stage.",
        ),
        option(
            "rankWeight",
            Range::Choice(&["parallel", "sequential", "none"]),
            "What a pair weighs by the positive's rank: estimated by the share of impostors, by the draws to the first, or not at all.",
        ),
        option(
            "covarianceWeight",
            Range::Number(0.0, 1e12),
            "Weight of the penalty that keeps the coordinates of a batch's vectors uncorrelated; it is divided by the square of the vectors in a batch.",
        ),
        minibatch::OPTIMIZER,
        minibatch::LEARNING_RATE,
        minibatch::INITIAL_ACCUMULATOR,
        minibatch::INITIAL_LENGTH,
        option("batchSize", Range::Integer(1, 1 << 20), "Pairs of a mini-batch."),
        option(
            "featureWeight",
            Range::Number(0.0, 1e6),
            "Pull between an item's vector and where its features say that it belongs, where the data has features; 0 leaves them alone.",
        ),
        option(
            "featureUnits",
            Range::Integer(1, 4096),
            "Hidden units of the perceptron that reads features.",
        ),
        option(
            "featureDropout",
            Range::Number(0.0, 0.95),
            "Share of the hidden units that are left out of a step, at random.",
        ),
        option(
            "featureLearningRate",
            Range::Number(1e-6, 10.0),
            "Step of the perceptron's parameters, per batch.",
        ),
        option(
            "placedLength",
            Range::Number(0.0, 10.0),
            "How far from the centre features place an item that has no rows, in mean distances of items with rows.",
        ),
    ];
    type Options = Options;

    fn conflict(options: &Options) -> Option<Conflict> {
        let mines = options.mining != Mining::Hardest;
        if options.rank_weight == RankWeight::Sequential && mines {
            // It takes the first impostor that it meets.
            Some(Conflict { key: "mining", needs: "the rankWeight parallel or none" })
        } else if options.rank_weight == RankWeight::Sequential && options.sampling != Sampling::Uniform {
            Some(Conflict { key: "rankWeight", needs: "the sampling uniform, or parallel" })
        } else if options.sampling == Sampling::TwoStage && mines {
            Some(Conflict { key: "mining", needs: "the sampling uniform or popularity" })
        } else {
            None
        }
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        let placing = features::has(options, shape);
        let perceptron = if placing { Perceptron::bytes(options, shape.features) } else { 0 };
        4 * (shape.users + shape.items) as u64 * u64::from(options.factors) + perceptron
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        Ok(Box::new(train::Training::new(options, problem)))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(CmlModel::load(options, tensors, shape)?))
    }
}
