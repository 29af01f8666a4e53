//! Biased matrix factorisation (Koren, Bell, Volinsky 2009, *Matrix Factorization Techniques for Recommender Systems*).
//!
//! `r̂ = μ + b_u + b_i + p_u·q_i`, fitted to squared error.
//!
//! | here | paper | what |
//! |---|---|---|
//! | `mean` | μ | mean of the training ratings, fixed; 0 with `mean: false` |
//! | `user_biases: (n)`, `item_biases: (m)` | b_u, b_i | start at 0 |
//! | `user_factors: (n, d)`, `item_factors: (m, d)` | p_u, q_i | start at Normal(0, `initialDeviation`) |
//! | `item_implicit: (m, d)` | y_j | with `implicit`, start at 0 |
//! | `learningRate`, `learningRateDecay` | γ₀, – | step `γ = γ₀ · decay^epoch` |
//! | `penalty`, `biasPenalty` and those of groups | λ | L2 penalties |
//!
//! Four ways to fit it, one file each:
//!
//! - [`sgd`]: per rating, `e = r − r̂; p += γ(e q − λ p); q += γ(e p − λ q); b += γ(e − λ_b b)`, in parallel blocks.
//! - [`implicit`]: the same with SVD++'s term (Koren 2008), `p_u + |N(u)|^-½ Σ_{j∈N(u)} y_j` for `p_u`.
//! - [`batch`]: mini-batches with Adam or AdaGrad (Dive into Deep Learning, 16.3).
//! - [`als`]: alternating ridge regressions (Zhou et al. 2008).
//!
//! All descend the same objective: half the squared error of each rating, with half of each penalty for the rows that it
//! touches. A person who was not in training is placed by ridge regression on the items' rows, which is that objective
//! for them alone.
//!
//! Departures: SGD visits the ratings by blocks, not in a fully random order (equal in quality to four digits); a row
//! without training ratings is zero, so that it adds nothing to a prediction.

mod als;
mod batch;
mod implicit;
mod model;
mod sgd;

use crate::contract::error::ModelError;
use crate::contract::model::{Conflict, Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options::{OptionDoc, Range, option};
use crate::learn::ensemble::SEEDS;
use model::BiasedMfModel;
use serde::{Deserialize, Serialize};
use tastespace_kernels::math::powi;
use tastespace_kernels::rating_step::Rate;

/// The kind `biased-mf`.
pub struct BiasedMf;

/// How the parameters are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Optimizer {
    Sgd,
    Adam,
    AdaGrad,
    Als,
}

/// Options of `biased-mf`; what they mean stands in [`BiasedMf::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub factors: u32,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub learning_rate_decay: f64,
    pub penalty: f64,
    pub item_penalty: Option<f64>,
    pub bias_penalty: f64,
    pub item_bias_penalty: Option<f64>,
    pub initial_deviation: f64,
    pub mean: bool,
    pub implicit: bool,
    pub implicit_penalty: f64,
    pub batch_size: u32,
    pub dense: bool,
    pub seeds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            factors: 64,
            optimizer: Optimizer::Sgd,
            learning_rate: 0.007,
            learning_rate_decay: 0.99,
            penalty: 0.09,
            item_penalty: None,
            bias_penalty: 0.05,
            item_bias_penalty: None,
            initial_deviation: 0.03,
            mean: true,
            implicit: false,
            implicit_penalty: 0.01,
            batch_size: 512,
            dense: false,
            seeds: 1,
        }
    }
}

/// L2 penalties of the parameter groups.
#[derive(Clone, Copy, Debug)]
struct Penalties {
    users: f64,
    items: f64,
    user_biases: f64,
    item_biases: f64,
    implicit: f64,
}

impl Options {
    fn penalties(&self) -> Penalties {
        Penalties {
            users: self.penalty,
            items: self.item_penalty.unwrap_or(self.penalty),
            user_biases: self.bias_penalty,
            item_biases: self.item_bias_penalty.unwrap_or(self.bias_penalty),
            implicit: self.implicit_penalty,
        }
    }

    /// The learning rate of an epoch, from 0.
    fn learning(&self, epoch: u32) -> f64 {
        self.learning_rate * powi(self.learning_rate_decay, epoch)
    }

    /// What single ratings step by in an epoch, from 0.
    fn step(&self, epoch: u32) -> Rate {
        let penalties = self.penalties();
        Rate {
            learning: self.learning(epoch) as f32,
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
        "Biased matrix factorisation: a rating as mean, biases and an inner product";
    const SOURCE: &'static str = "Koren, Bell, Volinsky, IEEE Computer 42(8), 2009";
    const TASK: Task = Task::Rating;
    const EPOCHS: (u32, u32) = (200, 20);
    const SIZE_OPTION: Option<&'static str> = Some("factors");
    const RATE_OPTION: &'static str = "learningRate";
    const OPTIONS: &'static [OptionDoc] = &[
        option("factors", Range::Integer(1, 4096), "Length of a user's and an item's vector."),
        option(
            "optimizer",
            Range::Choice(&["sgd", "adam", "adagrad", "als"]),
            "How the parameters are found: by single ratings, by mini-batches (adam, adagrad), or by alternating ridge regressions.",
        ),
        option(
            "learningRate",
            Range::Number(1e-6, 1.0),
            "Step of the first epoch: per rating, or per batch (.002 suits adam, .05 adagrad). Not for als.",
        ),
        option(
            "learningRateDecay",
            Range::Number(0.1, 1.0),
            "Factor of the step from one epoch to the next; 1 keeps it.",
        ),
        option("penalty", Range::Number(0.0, 10.0), "L2 penalty of the vectors, per update."),
        option(
            "itemPenalty",
            Range::NumberOr(0.0, 10.0, "penalty"),
            "L2 penalty of the items' vectors, per update.",
        ),
        option("biasPenalty", Range::Number(0.0, 10.0), "L2 penalty of the biases, per update."),
        option(
            "itemBiasPenalty",
            Range::NumberOr(0.0, 10.0, "biasPenalty"),
            "L2 penalty of the items' biases, per update.",
        ),
        option(
            "initialDeviation",
            Range::Number(0.0, 10.0),
            "Standard deviation of the vectors' initial values.",
        ),
        option(
            "mean",
            Range::Boolean,
            "Whether predictions start from the mean rating; biases have to learn it if not.",
        ),
        option(
            "implicit",
            Range::Boolean,
            "Whether what a user rated at all counts too, whatever the ratings (SVD++). Needs the optimizer sgd, and one thread trains it.",
        ),
        option(
            "implicitPenalty",
            Range::Number(0.0, 10.0),
            "L2 penalty of the implicit vectors, per update.",
        ),
        option("batchSize", Range::Integer(1, 1 << 20), "Ratings of a mini-batch, for adam and adagrad."),
        option(
            "dense",
            Range::Boolean,
            "Whether a mini-batch steps and shrinks all rows, as deep-learning frameworks do, or those that it touches. For adam and adagrad.",
        ),
        SEEDS,
    ];
    type Options = Options;

    fn seeds(options: &Options) -> u32 {
        options.seeds
    }

    fn conflict(options: &Options) -> Option<Conflict> {
        let batches = matches!(options.optimizer, Optimizer::Adam | Optimizer::AdaGrad);
        if options.implicit && options.optimizer != Optimizer::Sgd {
            Some(Conflict { key: "implicit", needs: "the optimizer sgd" })
        } else if options.dense && !batches {
            Some(Conflict { key: "dense", needs: "the optimizer adam or adagrad" })
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
        match (options.optimizer, options.implicit) {
            (Optimizer::Sgd, false) => sgd::bytes(options, shape),
            (Optimizer::Sgd, true) => start + implicit::bytes(options, shape),
            (Optimizer::Adam | Optimizer::AdaGrad, _) => start + batch::bytes(options, shape),
            (Optimizer::Als, _) => start + als::bytes(options, shape),
        }
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        let Some(ratings) = problem.train.columns().ratings.as_deref() else {
            return Err(ModelError::NeedsRatings { kind: Self::NAME });
        };
        let start = BiasedMfModel::start(options, problem, ratings);
        Ok(match (options.optimizer, options.implicit) {
            (Optimizer::Sgd, false) => Box::new(sgd::Sgd::new(options, problem, ratings, start)),
            (Optimizer::Sgd, true) => Box::new(implicit::SvdPlusPlus::new(options, problem, ratings, start)),
            (Optimizer::Adam | Optimizer::AdaGrad, _) => {
                Box::new(batch::Batches::new(options, problem, ratings, start))
            }
            (Optimizer::Als, _) => Box::new(als::Als::new(options, problem, ratings, start)),
        })
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(BiasedMfModel::load(options, tensors, shape)?))
    }
}
