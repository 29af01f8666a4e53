//! AttRec: distances to a person and to where their last items lead (Zhang, Tay, Yao, Sun 2018, *Next Item Recommendation
//! with Self-Attention*, arXiv 1808.06414).
//!
//! `y(u, t, i) = ω ‖U_u − V_i‖² + (1 − ω) ‖m_ut − X_i‖²`, smaller is better; the score is `−y`.
//!
//! `m_ut` is the self-attention of the last `L` items before `t`: queries and keys are `ReLU((X + T) W)`, each with weights
//! of its own and with the time signal `T`; values are `X` itself; the map is masked on its diagonal before the softmax; `m` is the
//! mean of its rows' points ([`tastespace_kernels::self_attention`] has the formulas and their gradient).
//!
//! | here | paper | what |
//! |---|---|---|
//! | `user_vectors: (n, d)` | U | people, for the long term |
//! | `item_vectors: (m, d)` | V | items, for the long term |
//! | `sequence_vectors: (m, d)` | X | items, in a sequence and as its next |
//! | `query_weights, key_weights: (d, d)` | W_Q, W_K | one row for each coordinate that comes out |
//! | `user_log_odds: (n)` | – | with `longTermPer: 'user'` what is learnt of each user's ω: see [`shares`] |
//! | `recent_items: (n, L)` | – | each user's last items, the latest last; −1 where there are fewer |
//! | `inputs`, `targets` | L, T | items that go in, and next items that are aimed at |
//! | `longTerm` | ω | share of the long term |
//! | `margin` | γ | of the hinge |
//!
//! A window of a sequence has `L` items, the `T` after them, and for each target `negatives` drawn items that are none of the
//! user's. With the hinge its loss is `Σ_t mean_k [γ + y_t − y_k]₊`; with `loss: 'softmax'` it is
//! `−Σ_t ln(e^(−y_t/τ) / (e^(−y_t/τ) + Σ_k e^(−y_k/τ)))`. A batch's gradients are summed, and a row that it touches steps once, with
//! the gradient of `½ penalty ‖row‖²`; then rows of U, V and X are clipped to the ball. [`shares`] tells how
//! ω may be each user's own, [`windows`] which windows there are, [`batch`] how a batch is trained on any number of
//! threads, [`model`] what is known in the end and what it answers.
//!
//! Someone without a row of their own, new or with fewer than two items in training, is served by the short term of their
//! last `L` items alone; someone without any item as the mean of all people.
//!
//! What its parts are worth: NDCG@10 on the validation rows of MovieLens 100K, leave-one-out, seed 1, best of 14 epochs (hinge:
//! 28). The defaults .141; temperature .1 .132, .15 .140, .3 .131, .5 .110; eight negatives .138; negatives by popularity^½ .134; hinge with
//! one negative .131; no long term .122; no short term .083; all items alike .138; no time signal .134; products .122.
//! Means of seeds 1, 2 and 3, best of as many as it takes: one ω for all .142, each user's own from .3 on .138 (from .2 .141, from .5 .135).
//!
//! Departures: the default is the softmax over three shared negatives a target, which validation prefers (`preset: 'paper'` has
//! the paper's hinge). The paper pads a short sequence and lets the padding take part; here it is left out of attention and of
//! the mean. Dropout is on queries and keys.

mod batch;
mod model;
mod shares;
mod train;
mod windows;

use crate::contract::error::ModelError;
use crate::contract::model::{Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options::{OptionDoc, Preset, Range, option};
use crate::learn::loss::{LOSS, Loss};
use crate::learn::minibatch::{self, Optimizer};
use crate::learn::sampler::{POPULARITY_EXPONENT, SAMPLING, Sampling};
use model::AttRecModel;
use serde::{Deserialize, Serialize};
use tastespace_data::DataError;

/// The kind `attrec`.
pub struct AttRec;

/// What orders a user's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Order {
    Time,
    Rows,
}

/// Whose share of the long term is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Per {
    All,
    User,
}

/// How the items of a sequence become one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Attention {
    #[serde(rename = "self")]
    Own,
    Mean,
}

/// What two vectors are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Score {
    Distance,
    Product,
}

/// Options of `attrec`; what they mean stands in [`AttRec::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub factors: u32,
    pub inputs: u32,
    pub targets: u32,
    pub order: Order,
    pub long_term: f64,
    pub long_term_per: Per,
    pub attention: Attention,
    pub time_signal: bool,
    pub score: Score,
    pub loss: Loss,
    pub margin: f64,
    pub temperature: f64,
    pub negatives: u32,
    pub shared_negatives: bool,
    pub sampling: Sampling,
    pub popularity_exponent: f64,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub initial_accumulator: f64,
    pub initial_length: f64,
    pub batch_size: u32,
    pub penalty: f64,
    pub dropout: f64,
    pub radius: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            factors: 64,
            inputs: 5,
            targets: 3,
            order: Order::Time,
            long_term: 0.3,
            long_term_per: Per::All,
            attention: Attention::Own,
            time_signal: true,
            score: Score::Distance,
            loss: Loss::Softmax,
            margin: 0.5,
            temperature: 0.2,
            negatives: 3,
            shared_negatives: true,
            sampling: Sampling::Uniform,
            popularity_exponent: 0.75,
            optimizer: Optimizer::AdaGrad,
            learning_rate: 0.05,
            initial_accumulator: 0.05,
            initial_length: 1.0,
            batch_size: 1024,
            penalty: 0.0,
            dropout: 0.0,
            radius: 1.0,
        }
    }
}

impl Kind for AttRec {
    const NAME: &'static str = "attrec";
    const SUMMARY: &'static str =
        "AttRec: what comes next, by self-attention over the last items and by a person's taste";
    const SOURCE: &'static str = "Zhang, Tay, Yao, Sun, arXiv 1808.06414, 2018";
    const TASK: Task = Task::Ranking;
    const SEQUENTIAL: bool = true;
    const EPOCHS: (u32, u32) = (100, 10);
    const SIZE_OPTION: Option<&'static str> = Some("factors");
    const RATE_OPTION: &'static str = "learningRate";
    const PRESETS: &'static [Preset] = &[Preset {
        name: "paper",
        doc: "The paper's form and settings: 100 factors, one negative a target, hinge with margin .5, AdaGrad.",
        options: r#"{ "factors": 100, "loss": "hinge", "negatives": 1, "sharedNegatives": false }"#,
    }];
    const OPTIONS: &'static [OptionDoc] = &[
        option("factors", Range::Integer(1, 4096), "Length of every vector."),
        option("inputs", Range::Integer(1, 64), "Last items that attention looks at."),
        option("targets", Range::Integer(1, 64), "Next items that each window aims at."),
        option(
            "order",
            Range::Choice(&["time", "rows"]),
            "What orders a user's rows: their time, or their place in the file where that is the order of time.",
        ),
        option(
            "longTerm",
            Range::Number(0.0, 1.0),
            "Share of the long term: 0 leaves it out, 1 leaves out the short term.",
        ),
        option(
            "longTermPer",
            Range::Choice(&["all", "user"]),
            "Whether that share is the same for all, or where each user's own starts, which is learnt.",
        ),
        option(
            "attention",
            Range::Choice(&["self", "mean"]),
            "How the last items become one point: by attention to each other, or all alike.",
        ),
        option(
            "timeSignal",
            Range::Boolean,
            "Whether queries and keys tell where in the sequence an item stands.",
        ),
        option(
            "score",
            Range::Choice(&["distance", "product"]),
            "What vectors are compared by: squared distance, or inner product.",
        ),
        LOSS,
        option(
            "margin",
            Range::Number(0.0, 100.0),
            "Squared distance by which a negative is to be farther than a target. For hinge.",
        ),
        option(
            "temperature",
            Range::Number(1e-3, 100.0),
            "Squared distance that makes odds of e to 1. For softmax.",
        ),
        option("negatives", Range::Integer(1, 1024), "Drawn items for each target."),
        option(
            "sharedNegatives",
            Range::Boolean,
            "Whether a target is held against the negatives of all targets of its window.",
        ),
        SAMPLING,
        POPULARITY_EXPONENT,
        minibatch::OPTIMIZER,
        minibatch::LEARNING_RATE,
        minibatch::INITIAL_ACCUMULATOR,
        minibatch::INITIAL_LENGTH,
        option("batchSize", Range::Integer(1, 1 << 20), "Windows of a mini-batch."),
        minibatch::PENALTY,
        option(
            "dropout",
            Range::Number(0.0, 0.95),
            "Odds that a coordinate of a query or a key is left out in training.",
        ),
        option(
            "radius",
            Range::Number(0.0, 1e3),
            "Radius of the ball that vectors are clipped to after a step; 0 leaves them free.",
        ),
    ];
    type Options = Options;

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        AttRecModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        if options.order == Order::Time && problem.train.columns().times.is_none() {
            return Err(ModelError::Data(DataError::NeedsTimestamps {
                purpose: Self::NAME,
                instead: "say that the order of the rows is that of time, by the option order = \"rows\"",
            }));
        }
        Ok(Box::new(train::Training::new(options, problem)))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(AttRecModel::load(options, tensors, shape)?))
    }
}
