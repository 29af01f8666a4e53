//! Latent relational metric learning, LRML (Tay, Luu, Hui, WWW 2018, *Latent Relational Metric Learning via Memory-based
//! Attention for Collaborative Ranking*, arXiv 1707.05176): a memory gives each pair of user and item a relation vector, and
//! the user plus the relation should be near the item.
//!
//! ```text
//! s = p ⊙ q,   a = softmax(K s),   r = Σ_n a_n M_n,   score = −‖p + r − q‖
//! ```
//!
//! The norm has 10⁻³ under its root, so that it is differentiable at 0; the squared norm and the sum of absolute differences
//! are options. [`tastespace_kernels::memory_attention`] has the formulas and their gradients.
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | p, q | start at Normal(0, initialLength/√d), clipped to the ball of `radius` |
//! | `memory_keys: (N, d)` | K | start at Normal(0, initialKeyLength/√d) |
//! | `memory: (N, d)` | M | starts at Normal(0, initialMemoryLength/√d) |
//! | `slots` | N | memory slots |
//! | `margin` | λ | hinge margin |
//!
//! A positive pair with distance D has `negatives` negative pairs with distances D_k, which replace the item, the user or both
//! (`corrupt`). The hinge loss is `mean_k [margin + D − D_k]₊`; the softmax loss is
//! `−ln(e^(−D/τ) / (e^(−D/τ) + Σ_k e^(−D_k/τ)))`. With `relation: 'shared'` the negatives use the relation of the positive pair, as in
//! the paper; with `'own'` each uses its own, as in ranking. Gradients are summed over a mini-batch, plus the gradient of
//! `½ penalty ‖row‖²` for each touched row; keys and memory are updated in every mini-batch.
//!
//! A new user is folded in by the same loss ([`fold_in`]); a user without interactions gets the mean of all users.
//! [`train`] runs a mini-batch on any number of threads, [`pairs`] has its forward and backward pass, [`model`] ranks all items,
//! [`slots`] summarizes the memory.
//!
//! **Shared and own relations.** Attention reads `p ⊙ q`, so a relation depends on its item. A shared relation can point from the
//! user to the positive item, and a negative is then measured from the positive item: the loss falls without user embeddings
//! being learned. In ranking, every item has its own relation, which points to it just as well. `docs/experiments.md` has
//! measurements.
//!
//! Departures: the defaults are a softmax over 20 negatives, own relations, the squared norm, and a memory that starts near
//! zero with a clipped relation, which validation prefers (`preset: 'paper'` has the paper's form). Embeddings are clipped
//! after an update instead of at look-up, which is equivalent.

mod fold_in;
mod model;
mod negatives;
mod pairs;
mod slots;
mod train;

use crate::contract::error::ModelError;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::loss::LossOptions;
use crate::learn::optimizer::BatchOptions;
use crate::learn::sampler::SamplingOptions;
use model::LrmlModel;
use tastespace_kernels::translation::Translation;
use tastespace_options::{Preset, SearchRange, choices, options};

/// The kind `lrml`.
pub struct Lrml;

choices! {
    /// Relation that a negative is measured with.
    pub enum Relation { Shared = "shared", Own = "own" }
}

choices! {
    /// Distance function of `p + r − q`.
    pub enum Distance { Euclidean = "euclidean", Squared = "squared", Absolute = "absolute" }
}

choices! {
    /// Side of a pair that a negative replaces.
    pub enum Corrupt { Item = "item", User = "user", Both = "both" }
}

options! {
    /// Options of `lrml`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 64, 1..=4096;
        /// Memory slots.
        slots: u32 = 20, 1..=1024;
        /// Relation used for a negative: `own`, attended for the negative pair, or `shared`, that of the positive pair.
        relation: Relation = Relation::Own;
        /// Distance function: `euclidean`, `squared` (Euclidean), or `absolute` (the sum of absolute differences).
        distance: Distance = Distance::Squared;
        /// Negative pairs sampled per positive pair.
        negatives: u32 = 20, 1..=1024;
        /// Side of the positive pair that a negative replaces.
        corrupt: Corrupt = Corrupt::Item;
        /// Expected norm of the initial memory keys. Small keys start with nearly uniform attention.
        initial_key_length: f64 = 16.0, 1e-3..=1e3;
        /// Expected norm of the initial memory values. At 0 all relations start at zero.
        initial_memory_length: f64 = 0.05, 0.0..=1e3;
        /// L2 regularization of every row that a mini-batch touches.
        penalty: f64 = 0.0, 0.0..=10.0;
        /// Radius of the ball that user and item embeddings are clipped to. 0 disables clipping.
        radius: f64 = 1.0, 0.0..=1e3;
        /// Radius of the ball that relations are clipped to. 0 disables clipping.
        relation_radius: f64 = 0.1, 0.0..=1e3;
        /// Largest norm of a mini-batch's gradient, divided by the number of pairs. 0 disables clipping.
        gradient_clip: f64 = 0.0, 0.0..=1e6;
    } with {
        loss: LossOptions = LossOptions { margin: 0.2, temperature: 0.4, ..LossOptions::default() };
        sampling: SamplingOptions = SamplingOptions::default();
        batch: BatchOptions = BatchOptions::default();
    }
}

impl Options {
    fn relation_radius(&self) -> Option<f32> {
        (self.relation_radius > 0.0).then_some(self.relation_radius as f32)
    }
}

impl Distance {
    fn translation(self) -> Translation {
        match self {
            Self::Euclidean => Translation::Euclidean,
            Self::Squared => Translation::Squared,
            Self::Absolute => Translation::Absolute,
        }
    }
}

impl Kind for Lrml {
    const NAME: &'static str = "lrml";
    const SUMMARY: &'static str =
        "Latent relational metric learning: a relation from user to item, by attention over memory slots";
    const SOURCE: &'static str = "Tay, Luu, Hui, WWW 2018, arXiv 1707.05176";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (50, 5);
    const PRESETS: &'static [Preset] = &[Preset {
        name: "paper",
        doc: "The paper's settings: 100 factors, 20 slots, shared relations, one negative, hinge loss with margin 0.2, Adam.",
        options: r#"{ "factors": 100, "slots": 20, "relation": "shared", "distance": "euclidean", "loss": "hinge", "negatives": 1,
            "optimizer": "adam", "learningRate": 0.001, "initialKeyLength": 1.0, "initialMemoryLength": 1.0, "relationRadius": 0.0 }"#,
    }];
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("learningRate", 0.01, 0.25),
        SearchRange::log("relationRadius", 0.03, 1.0),
        SearchRange::choices("loss", &["softmax", "hinge"]),
        SearchRange::log("temperature", 0.05, 1.0).when("loss", "softmax"),
        SearchRange::log("margin", 0.05, 1.0).when("loss", "hinge"),
        SearchRange::log("negatives", 5.0, 50.0),
        SearchRange::log("slots", 1.0, 50.0),
    ];
    type Options = Options;

    fn conflict(options: &Options) -> Option<Conflict> {
        options.sampling.conflict()
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        LrmlModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        train::trainer(options, problem)
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(LrmlModel::load(options, tensors, shape)?))
    }
}
