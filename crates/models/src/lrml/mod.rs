//! LRML: a relation that a memory makes for each pair takes a person to their items (Tay, Luu, Hui, WWW 2018, *Latent
//! Relational Metric Learning via Memory-based Attention for Collaborative Ranking*, arXiv 1707.05176).
//!
//! ```text
//! s = p ⊙ q,   a = softmax(K s),   r = Σ_n a_n M_n,   score = −‖p + r − q‖
//! ```
//!
//! The length has 10⁻³ under its root, so that it has a slope at 0; its square and the sum of absolute differences are
//! options. [`tastespace_kernels::memory_attention`] has the formulas and their gradient.
//!
//! | here | paper | what |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | p, q | start at Normal(0, initialLength/√d), kept in the ball of `radius` |
//! | `memory_keys: (N, d)` | K | start at Normal(0, initialKeyLength/√d) |
//! | `memory: (N, d)` | M | starts at Normal(0, initialMemoryLength/√d) |
//! | `slots` | N | memory slots |
//! | `margin` | λ | of the hinge |
//!
//! A pair `(p, q)` of training stands against `negatives` others, which have another item, another user or both (`corrupt`). With
//! the hinge it costs `mean_k [margin + D − D_k]₊`, with `loss: 'softmax'` `−ln(e^(−D/τ) / (e^(−D/τ) + Σ_k e^(−D_k/τ)))`. With
//! `relation: 'shared'` the negatives are measured with the relation of the positive pair, as in the paper; with `'own'` each
//! with the relation that the pair has when it is ranked. A batch's gradients are summed, and a row that it touches steps once,
//! with the gradient of `½ penalty ‖row‖²`; keys and memory step in every batch.
//!
//! Someone who was not in training is placed by the same loss on their items, with items and memory where they are
//! ([`fold_in`]); whoever had nothing is where the mean of all people is. [`batch`] tells how a batch is trained on any number of
//! threads, [`model`] how all items are ranked without a vector for each pair, [`slots`] what slots are about.
//!
//! **Shared or own.** A relation is made of its positive, since attention reads `p ⊙ q`. Shared, it is free to point from
//! the person to that very item, and the negative is measured by how far it is from where the other one is: the loss falls, and
//! little is learnt of where people are. When items are ranked each has its own relation, which points at it just as well. It
//! takes attention that tells items apart: while it is flat all relations are one, and shared and own are the same. Hence the early
//! peak of the paper's form. With it, 64 factors and Adam at .005, seed 1, epoch by epoch: the loss of shared falls from .043 (4) to
//! .018 (8) and .0014 (30), while NDCG@10 on the validation rows of MovieLens 100K, leave-one-out, has its peak of .051 at 8 and is .048
//! at 30; own has a loss of .013 at 30, and goes on from .054 (8) to .068 (27). With keys that are long from the start
//! (`initialKeyLength: 64`, 8 negatives, softmax) shared is best after its first epoch, at .047, where own comes to .063.
//!
//! What its parts are worth, on the same rows, means of seeds 1 and 2, best of at least 7 epochs: the defaults .0765; relations clipped to .1
//! .0755, not at all .0683; that and 8 slots .0699, with temperature .3 .0702, with the length, hinge and margin .2 .0622; one slot,
//! which is one relation for all pairs, .0772. Free relations fit what is there and rank worse than none; short ones cost nothing, find
//! more at 50 (hit rate .430, one slot .417), and tell what a pair is about.
//!
//! Slots tell most where keys are long and slots few: with 8 and 100 a slot's typical items give it two to three times its share of
//! attention, with the defaults one and a half times. Means of seeds 1, 2 and 3 by the best epoch on validation: .0787 where the defaults have .0769, but on Douban's choices (a
//! tenth held out at random, every second user measured) .0430 for .0493, so that keys stay short. There, seed 1, the defaults have .0476, 8
//! slots .0475, that and keys of 40 .0433, 20 slots with such keys .0402.
//!
//! Departures: the defaults are a softmax over 20 negatives, own relations, squared length, and memories that start at nearly
//! nothing and stay short, which validation prefers (`preset: 'paper'` has the paper's form). Vectors are clipped to the ball
//! after a step, which is as if they were when they are looked up next.

mod batch;
mod fold_in;
mod model;
mod slots;
mod train;

use crate::contract::error::ModelError;
use crate::contract::model::{Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options::{OptionDoc, Preset, Range, option};
use crate::learn::loss::{LOSS, Loss};
use crate::learn::minibatch::{self, Optimizer};
use crate::learn::sampler::{POPULARITY_EXPONENT, SAMPLING, Sampling};
use model::LrmlModel;
use serde::{Deserialize, Serialize};

/// The kind `lrml`.
pub struct Lrml;

/// Whose relation a negative is measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Relation {
    Shared,
    Own,
}

/// What is made of `p + r − q`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Distance {
    Euclidean,
    Squared,
    Absolute,
}

/// What of a pair a negative has in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Corrupt {
    Item,
    User,
    Both,
}

/// Options of `lrml`; what they mean stands in [`Lrml::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub factors: u32,
    pub slots: u32,
    pub relation: Relation,
    pub distance: Distance,
    pub loss: Loss,
    pub margin: f64,
    pub temperature: f64,
    pub negatives: u32,
    pub corrupt: Corrupt,
    pub sampling: Sampling,
    pub popularity_exponent: f64,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub initial_accumulator: f64,
    pub initial_length: f64,
    pub initial_key_length: f64,
    pub initial_memory_length: f64,
    pub batch_size: u32,
    pub penalty: f64,
    pub radius: f64,
    pub relation_radius: f64,
    pub gradient_clip: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            factors: 64,
            slots: 20,
            relation: Relation::Own,
            distance: Distance::Squared,
            loss: Loss::Softmax,
            margin: 0.2,
            temperature: 0.2,
            negatives: 20,
            corrupt: Corrupt::Item,
            sampling: Sampling::Uniform,
            popularity_exponent: 0.75,
            optimizer: Optimizer::AdaGrad,
            learning_rate: 0.05,
            initial_accumulator: 0.05,
            initial_length: 1.0,
            initial_key_length: 16.0,
            initial_memory_length: 0.05,
            batch_size: 1024,
            penalty: 0.0,
            radius: 1.0,
            relation_radius: 0.3,
            gradient_clip: 0.0,
        }
    }
}

impl Kind for Lrml {
    const NAME: &'static str = "lrml";
    const SUMMARY: &'static str =
        "LRML: what takes a person to an item, by attention over the slots of a memory";
    const SOURCE: &'static str = "Tay, Luu, Hui, WWW 2018, arXiv 1707.05176";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (50, 5);
    const SIZE_OPTION: Option<&'static str> = Some("factors");
    const RATE_OPTION: &'static str = "learningRate";
    const PRESETS: &'static [Preset] = &[Preset {
        name: "paper",
        doc: "The paper's form: 100 factors, 20 slots, the positive pair's relation for its negative too, one negative, hinge with margin .2, Adam.",
        options: r#"{ "factors": 100, "slots": 20, "relation": "shared", "distance": "euclidean", "loss": "hinge", "negatives": 1,
            "optimizer": "adam", "learningRate": 0.001, "initialKeyLength": 1.0, "initialMemoryLength": 1.0, "relationRadius": 0.0 }"#,
    }];
    const OPTIONS: &'static [OptionDoc] = &[
        option("factors", Range::Integer(1, 4096), "Length of every vector."),
        option("slots", Range::Integer(1, 1024), "Slots of the memory."),
        option(
            "relation",
            Range::Choice(&["shared", "own"]),
            "What a negative is measured with: the relation of the pair that it stands against, or its own.",
        ),
        option(
            "distance",
            Range::Choice(&["euclidean", "squared", "absolute"]),
            "What is measured: length, squared length, or the sum of absolute differences.",
        ),
        LOSS,
        option(
            "margin",
            Range::Number(0.0, 100.0),
            "Distance by which a negative is to be farther. For hinge.",
        ),
        option(
            "temperature",
            Range::Number(1e-3, 100.0),
            "Difference of distances that makes odds of e to 1. For softmax.",
        ),
        option("negatives", Range::Integer(1, 1024), "Pairs that are drawn for each pair."),
        option(
            "corrupt",
            Range::Choice(&["item", "user", "both"]),
            "What a negative has another of than the pair that it stands against.",
        ),
        SAMPLING,
        POPULARITY_EXPONENT,
        minibatch::OPTIMIZER,
        minibatch::LEARNING_RATE,
        minibatch::INITIAL_ACCUMULATOR,
        minibatch::INITIAL_LENGTH,
        option(
            "initialKeyLength",
            Range::Number(1e-3, 1e3),
            "Length of the initial keys, about: short ones make attention flat at the start.",
        ),
        option(
            "initialMemoryLength",
            Range::Number(0.0, 1e3),
            "Length of what the slots hold at the start, about: at 0 there are no relations yet.",
        ),
        option("batchSize", Range::Integer(1, 1 << 20), "Pairs of a mini-batch."),
        minibatch::PENALTY,
        option(
            "radius",
            Range::Number(0.0, 1e3),
            "Radius of the ball that users' and items' vectors are clipped to; 0 leaves them free.",
        ),
        option(
            "relationRadius",
            Range::Number(0.0, 1e3),
            "Radius of the ball that relations are clipped to; 0 leaves them free.",
        ),
        option(
            "gradientClip",
            Range::Number(0.0, 1e6),
            "Greatest length of a batch's gradient over its number of pairs; 0 leaves it as it is.",
        ),
    ];
    type Options = Options;

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        LrmlModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        Ok(Box::new(train::Training::new(options, problem)))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(LrmlModel::load(options, tensors, shape)?))
    }
}
