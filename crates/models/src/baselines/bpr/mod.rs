//! Matrix factorisation for ranking, BPR-MF (Rendle, Freudenthaler, Gantner, Schmidt-Thieme 2009, *BPR: Bayesian Personalized
//! BprModel from Implicit Feedback*).
//!
//! The score is `x_ui = b_i + p_u·q_i`. Of an item `i` that a user had and one `j` that they did not have, the first is to
//! have the higher score: `Σ −ln σ(x_ui − x_uj)` is descended by single pairs, with L2 penalties on what a pair touches.
//!
//! | here | paper | what |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | W, H | start at Normal(0, `initialDeviation`) |
//! | `item_biases: (m)` | – | start at 0 |
//! | `learningRate`, `learningRateDecay` | α, – | step `α · decay^epoch` |
//! | `penalty`, `biasPenalty` | λ | L2 penalties |
//!
//! Every row is a positive, whatever its rating. A negative is uniform among the trained items that the user did not have.
//!
//! Departures: an epoch visits each row once, in parallel blocks (see [`crate::learn::blocks`]), where the paper draws rows with
//! repeats; a block's negatives are of its own items, an eighth of all that is drawn anew in each epoch, so that every two
//! items meet; items have biases, as in most implementations; one penalty for the vectors of users, positives and negatives.

mod model;
mod train;

use crate::contract::error::ModelError;
use crate::contract::model::{Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options::{OptionDoc, Range};
use model::BprModel;
use serde::{Deserialize, Serialize};
use tastespace_kernels::math::powi;
use tastespace_kernels::pairwise_step::PairRate;

/// The kind `bpr`.
pub struct Bpr;

/// Options of `bpr`; what they mean stands in [`Bpr::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub factors: u32,
    pub learning_rate: f64,
    pub learning_rate_decay: f64,
    pub penalty: f64,
    pub bias_penalty: f64,
    pub initial_deviation: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            factors: 64,
            learning_rate: 0.1,
            learning_rate_decay: 0.96,
            penalty: 0.005,
            bias_penalty: 0.01,
            initial_deviation: 0.1,
        }
    }
}

impl Options {
    /// What pairs step by in an epoch, from 0.
    fn step(&self, epoch: u32) -> PairRate {
        PairRate {
            learning: (self.learning_rate * powi(self.learning_rate_decay, epoch)) as f32,
            penalty: self.penalty as f32,
            bias_penalty: self.bias_penalty as f32,
        }
    }
}

impl Kind for Bpr {
    const NAME: &'static str = "bpr";
    const SUMMARY: &'static str = "BPR-MF: vectors that rank what a user had before what they did not have";
    const SOURCE: &'static str = "Rendle, Freudenthaler, Gantner, Schmidt-Thieme, UAI 2009";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (150, 20);
    const SIZE_OPTION: Option<&'static str> = Some("factors");
    const RATE_OPTION: &'static str = "learningRate";
    const OPTIONS: &'static [OptionDoc] = &[
        OptionDoc {
            name: "factors",
            range: Range::Integer(1, 4096),
            doc: "Length of a user's and an item's vector.",
        },
        OptionDoc {
            name: "learningRate",
            range: Range::Number(1e-6, 1.0),
            doc: "Step of the first epoch, per pair.",
        },
        OptionDoc {
            name: "learningRateDecay",
            range: Range::Number(0.1, 1.0),
            doc: "Factor of the step from one epoch to the next; 1 keeps it.",
        },
        OptionDoc {
            name: "penalty",
            range: Range::Number(0.0, 10.0),
            doc: "L2 penalty of the vectors, per update.",
        },
        OptionDoc {
            name: "biasPenalty",
            range: Range::Number(0.0, 10.0),
            doc: "L2 penalty of the items' biases, per update.",
        },
        OptionDoc {
            name: "initialDeviation",
            range: Range::Number(0.0, 10.0),
            doc: "Standard deviation of the vectors' initial values.",
        },
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
