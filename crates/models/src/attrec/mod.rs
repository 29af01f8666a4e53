//! AttRec (Zhang, Tay, Yao, Sun 2018, *Next Item Recommendation with Self-Attention*, arXiv 1808.06414): distances to the user, and
//! to a vector that self-attention computes from their last items.
//!
//! `y(u, t, i) = ω ‖U_u − V_i‖² + (1 − ω) ‖m_ut − X_i‖²`; smaller is better, and the score is `−y`.
//!
//! `m_ut` is the self-attention of the last `L` items before `t`: queries and keys are `ReLU((X + T) W)` with the time signal `T`,
//! each with its own weights; values are `X` itself; the map is masked on its diagonal before the softmax; `m` is the mean of
//! the outputs ([`tastespace_kernels::self_attention`] has the formulas and their gradients).
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `user_vectors: (n, d)` | U | users, long term |
//! | `item_vectors: (m, d)` | V | items, long term |
//! | `sequence_vectors: (m, d)` | X | items of a sequence, and the next item |
//! | `query_weights, key_weights: (d, d)` | W_Q, W_K | one row per output coordinate |
//! | `user_log_odds: (n)` | – | with `longTermPer: 'user'` each user's parameter of ω: see [`mixing`] |
//! | `recent_items: (n, L)` | – | each user's last items, the latest last; −1 where there are fewer |
//! | `inputs`, `targets` | L, T | length of a sequence, and number of next items |
//! | `longTerm` | ω | mixing weight of the long term |
//! | `margin` | γ | hinge margin |
//!
//! A window of a sequence has `L` items, the `T` items after them, and for each target `negatives` sampled items that the user has
//! not interacted with. The hinge loss is `Σ_t mean_k [γ + y_t − y_k]₊`; the softmax loss is
//! `−Σ_t ln(e^(−y_t/τ) / (e^(−y_t/τ) + Σ_k e^(−y_k/τ)))`. Gradients are summed over a mini-batch, plus the gradient of
//! `½ penalty ‖row‖²` for each touched row, and each touched row is updated once; then U, V and X are clipped to the ball.
//! [`windows`] lists the windows, [`window`] has the forward and backward pass, [`train`] runs a mini-batch on any number of
//! threads, [`model`] answers.
//!
//! A user without an embedding, because they are new or have fewer than two items in training, is served by the short
//! term of their last `L` items alone, or as the mean of all users if they have no items.
//!
//! Departures: the default is the softmax over three shared negatives per target, which validation prefers (`preset: 'paper'`
//! has the paper's hinge; `docs/experiments.md` has measurements). The paper pads short sequences and attends to the padding;
//! here the padding is left out of attention and of the mean. Dropout applies to queries and keys.

mod explain;
mod formula;
mod loss;
mod mixing;
mod model;
mod projection;
mod record;
mod scorer;
mod train;
mod user;
mod window;
mod windows;

use crate::contract::error::ModelError;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::loss::LossOptions;
use crate::learn::optimizer::BatchOptions;
use crate::learn::sampler::SamplingOptions;
use crate::learn::sequences::Order;
use model::AttRecModel;
use tastespace_options::{Preset, SearchRange, choices, options};

/// The kind `attrec`.
pub struct AttRec;

choices! {
    /// Scope of the mixing weight ω.
    pub enum Per { All = "all", User = "user" }
}

choices! {
    /// How a sequence is reduced to one vector.
    pub enum Attention { Own = "self", Mean = "mean" }
}

choices! {
    /// How two vectors are compared.
    pub enum Score { Distance = "distance", Product = "product" }
}

options! {
    /// Options of `attrec`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 64, 1..=4096;
        /// Length of the sequence that attention reads: the user's last items.
        inputs: u32 = 5, 1..=64;
        /// Next items that each training window predicts.
        targets: u32 = 3, 1..=64;
        /// Order of a user's interactions: by `time`, or by their position in the file (`rows`), where the file is in order of time.
        order: Order = Order::Time;
        /// Mixing weight ω of the long-term term. 0 disables the long term, 1 the short term.
        long_term: f64 = 0.3, 0.0..=1.0;
        /// Whether ω is the same for `all` users or learned for each `user`, starting at `longTerm`.
        long_term_per: Per = Per::All;
        /// How the sequence is reduced to one vector: by `self` attention, or as the `mean` of its items.
        attention: Attention = Attention::Own;
        /// Whether queries and keys include the position in the sequence.
        time_signal: bool = true;
        /// How vectors are compared: by squared `distance`, or by inner `product`.
        score: Score = Score::Distance;
        /// Negative items sampled per target.
        negatives: u32 = 3, 1..=1024;
        /// Whether a target is compared with the negatives of all targets of its window.
        shared_negatives: bool = true;
        /// L2 regularization of every row that a mini-batch touches.
        penalty: f64 = 0.0, 0.0..=10.0;
        /// Dropout probability of the coordinates of queries and keys.
        dropout: f64 = 0.0, 0.0..=0.95;
        /// Radius of the ball that embeddings are clipped to. 0 disables clipping.
        radius: f64 = 1.0, 0.0..=1e3;
    } with {
        loss: LossOptions = LossOptions::default();
        sampling: SamplingOptions = SamplingOptions::default();
        batch: BatchOptions = BatchOptions::default();
    }
}

impl Kind for AttRec {
    const NAME: &'static str = "attrec";
    const SUMMARY: &'static str =
        "AttRec: the next item, from self-attention over the last items and the user's long-term taste";
    const SOURCE: &'static str = "Zhang, Tay, Yao, Sun, arXiv 1808.06414, 2018";
    const TASK: Task = Task::Ranking;
    const SEQUENTIAL: bool = true;
    const EPOCHS: (u32, u32) = (100, 10);
    const PRESETS: &'static [Preset] = &[Preset {
        name: "paper",
        doc: "The paper's settings: 100 factors, one negative per target, hinge loss with margin 0.5, AdaGrad.",
        options: r#"{ "factors": 100, "loss": "hinge", "negatives": 1, "sharedNegatives": false }"#,
    }];
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("learningRate", 0.01, 0.25),
        SearchRange::linear("longTerm", 0.0, 1.0),
        SearchRange::log("inputs", 2.0, 20.0),
        SearchRange::choices("loss", &["softmax", "hinge"]),
        SearchRange::log("temperature", 0.05, 1.0).when("loss", "softmax"),
        SearchRange::log("margin", 0.1, 2.0).when("loss", "hinge"),
        SearchRange::log("negatives", 1.0, 16.0),
        SearchRange::linear("dropout", 0.0, 0.5),
    ];
    type Options = Options;

    fn conflict(options: &Options) -> Option<Conflict> {
        options.sampling.conflict()
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        AttRecModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        options.order.check(Self::NAME, problem)?;
        train::trainer(options, problem)
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(AttRecModel::load(options, tensors, shape)?))
    }
}
