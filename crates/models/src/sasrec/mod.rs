//! SASRec (Kang, McAuley 2018, *Self-Attentive Sequential Recommendation*, arXiv 1808.09781): a transformer predicts each next
//! item of a user from the items before it.
//!
//! ```text
//! x_p = E[item at p] + P[p]                                  p = 0, 1, … of the last L items
//! x ← x + drop(attention(norm(x)) W_Oᵀ)                      causal, H heads
//! x ← x + drop(relu(norm(x) W_1ᵀ + b_1) W_2ᵀ + b_2)          both for each of B blocks
//! h_p = norm(x_p),   score of item j = h·E[j]                at the last position
//! ```
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `item_vectors: (m, d)` | M | items, as inputs and as outputs |
//! | `position_vectors: (L + 1, d)` | P | positions from the oldest item on; the last row is the start of a history |
//! | `weights` | W, b, γ, β | dense weights, in rows of d: for each block W_Q, W_K, W_V, W_O, W_1, W_2 with one row per output coordinate, b_1, b_2, and gain and bias of both normalizations; then gain and bias of the last |
//! | `recent_items: (n, L)` | – | each user's last items, the latest last; −1 where there are fewer |
//! | `length` | n | L, the positions of a sequence |
//!
//! A user's sequence is cut into segments of `L` targets from its end ([`segments`]), so that each interaction is a target once an
//! epoch. The loss is the mean over the targets of a mini-batch of the cross-entropy of the target among all items, or among `negatives`
//! items sampled uniformly for the whole mini-batch, corrected for sampling ([`tastespace_kernels::cross_entropy`]). A mini-batch is
//! `batchSize` segments. Embeddings of items that it does not touch keep their values and their optimizer state; positions and
//! weights are updated in every mini-batch.
//!
//! [`layout`] places the weights, [`network`] has the forward and backward pass, [`candidates`] samples, [`train`] runs a mini-batch on
//! any number of threads, [`model`] answers. A user is only their last items: a new user is answered as one of training, and one
//! without items from the start of a history.
//!
//! Departures: the loss, since the paper's binary cross-entropy with one negative ranks worse (Klenitskiy, Vasilev 2023, arXiv
//! 2309.07602; Petrov, Macdonald 2023, arXiv 2308.07192). Normalization precedes both layers of a block, queries, keys and values alike.
//! Positions count from the oldest item, with no padding, and a history has a start. Attention weights are not dropped.

mod candidates;
mod explain;
mod layout;
mod model;
mod network;
mod segments;
mod train;

use crate::contract::error::ModelError;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::optimizer::{BatchOptions, Optimizer};
use crate::learn::sequences::Order;
use model::SasRecModel;
use tastespace_options::{SearchRange, options};

/// The kind `sasrec`.
pub struct SasRec;

options! {
    /// Options of `sasrec`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 64, 1..=1024;
        /// Blocks of attention and feed-forward layers.
        blocks: u32 = 1, 1..=16;
        /// Heads of attention. Must divide `factors`.
        heads: u32 = 1, 1..=64;
        /// Length of the sequence that attention reads: the user's last items.
        length: u32 = 50, 1..=1024;
        /// Order of a user's interactions: by `time`, or by their position in the file (`rows`), where the file is in order of time.
        order: Order = Order::Time;
        /// Items sampled per mini-batch that its targets are compared with. A catalogue of no more items is compared as a whole.
        negatives: u32 = 2048, 1..=65_536;
        /// Dropout probability of the coordinates of the input and of each layer's output.
        dropout: f64 = 0.4, 0.0..=0.95;
    } with {
        batch: BatchOptions = BatchOptions {
            optimizer: Optimizer::Adam,
            learning_rate: 0.01,
            batch_size: 64,
            ..BatchOptions::default()
        };
    }
}

impl Kind for SasRec {
    const NAME: &'static str = "sasrec";
    const SUMMARY: &'static str = "SASRec: the next item, from a transformer over the last items";
    const SOURCE: &'static str = "Kang, McAuley, ICDM 2018, arXiv 1808.09781";
    const TASK: Task = Task::Ranking;
    const SEQUENTIAL: bool = true;
    const EPOCHS: (u32, u32) = (100, 10);
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("learningRate", 0.0005, 0.02),
        SearchRange::linear("dropout", 0.1, 0.7),
        SearchRange::log("length", 10.0, 200.0),
        SearchRange::log("factors", 32.0, 128.0),
    ];
    type Options = Options;

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        SasRecModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn conflict(options: &Options) -> Option<Conflict> {
        let divides = options.factors.is_multiple_of(options.heads);
        (!divides).then_some(Conflict { key: "heads", needs: "factors to be a multiple of it" })
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        options.order.check(Self::NAME, problem)?;
        Ok(train::trainer(options, problem))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(SasRecModel::load(options, tensors, shape)?))
    }
}
