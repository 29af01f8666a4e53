//! GLocal-K (Han, Lim, Long, Burgstaller, Poon 2021, *GLocal-K: Global and Local Kernels for Recommender Systems*).
//!
//! An autoencoder of items: an item goes in as the row of its ratings, 0 where there is none, and comes out as everyone's
//! rating of it. Its weights are kernelised ([`tastespace_kernels::kernelised`]), `ŵ_ij = w_ij k(u_i, v_j)`; hidden layers
//! are logistic, the last one is not.
//!
//! | here | paper | what |
//! |---|---|---|
//! | `ratings: (m, n)` | R | items × users |
//! | `weights`, `row_points`, `column_points` | W, u, v | of each layer; uniform, and within .002 of 0, at the start |
//! | `item_kernels: (m, 9)` | κ_i | an item's own 3 × 3 kernel |
//! | `global_kernel` | G | `dotScale · Σ_i μ_i κ_i`, with `μ_i` the mean over all users of what comes out for item `i` |
//! | `weightPenalty`, `kernelPenalty` | λ₂, λ_s | of `½‖W‖²` and `½‖k‖²` of each layer |
//!
//! First the autoencoder is trained on the ratings alone: `½ Σ (r − r̂)²` over what was observed, and the penalties
//! (`pretrainEpochs` epochs). Then, with the same weights, on `max(0, R ∗ G)`, where `G` comes from a pass over `R` itself:
//! the gradient goes back through both passes. All ratings count at once; an epoch is a call of L-BFGS.
//!
//! The ratings are a few per cent of the matrix, so little of it is ever formed. The first layer multiplies the observed
//! entries only, and the last one gives outputs, and takes gradients, at these alone. The mean over all users is a product
//! with the mean weights: the first pass of fine-tuning has no output layer, forward or back. What the convolution leaves
//! above zero is a sparse matrix again, and its gradient is needed nowhere else. Products of dense matrices remain between
//! hidden layers.
//!
//! The convolution mixes neighbours by number: users and items keep the order of their ids, and with other numbers for
//! the same people and things the result is another.
//!
//! A person who was not in training is a new column of the output layer: ridge regression of their ratings on the items'
//! codes, with the layer's own penalty. An item without ratings is a row of zeros.
//!
//! Departures: the authors call SciPy's L-BFGS-B, and [`tastespace_optim::lbfgs`] takes its steps, in `f32`, without asking
//! again at the start of an epoch what it knows from the last; `center` and `identity` are not theirs, and off.

mod base;
mod global;
mod matrix;
mod model;
mod network;
mod objective;
mod parameters;
mod ratings;
mod train;

use crate::contract::error::ModelError;
use crate::contract::model::{Conflict, Kind, Model, Problem, Shape, Task, Tensors, Trainer, WrongTensor};
use crate::contract::options::{OptionDoc, Preset, Range, option};
use crate::learn::ensemble::SEEDS;
use model::GLocalModel;
use serde::{Deserialize, Serialize};
use tastespace_kernels::kernelised::{Kernel, Penalties};
use train::Training;

/// The kind `glocal-k`.
pub struct GLocalK;

/// How the parameters are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Optimizer {
    Lbfgs,
    Adam,
}

/// The local kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum LocalKernel {
    Finite,
    Gaussian,
}

impl From<LocalKernel> for Kernel {
    fn from(kernel: LocalKernel) -> Self {
        match kernel {
            LocalKernel::Finite => Self::Finite,
            LocalKernel::Gaussian => Self::Gaussian,
        }
    }
}

/// Options of `glocal-k`; what they mean stands in [`GLocalK::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub hidden: Vec<u32>,
    pub kernel: LocalKernel,
    pub kernel_dimensions: u32,
    pub weight_penalty: f64,
    pub kernel_penalty: f64,
    pub pretrain_epochs: u32,
    pub pretrain_iterations: u32,
    pub finetune_iterations: u32,
    pub dot_scale: f64,
    pub global_deviation: f64,
    pub identity: bool,
    pub center: bool,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub history: u32,
    pub restart: bool,
    pub seeds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hidden: vec![500, 500],
            kernel: LocalKernel::Finite,
            kernel_dimensions: 5,
            weight_penalty: 20.0,
            kernel_penalty: 0.006,
            pretrain_epochs: 30,
            pretrain_iterations: 5,
            finetune_iterations: 5,
            dot_scale: 1.0,
            global_deviation: 0.1,
            identity: false,
            center: false,
            optimizer: Optimizer::Lbfgs,
            learning_rate: 0.001,
            history: 10,
            restart: true,
            seeds: 1,
        }
    }
}

impl Options {
    fn penalties(&self) -> Penalties {
        Penalties { weights: self.weight_penalty as f32, kernel: self.kernel_penalty as f32 }
    }
}

impl Kind for GLocalK {
    const NAME: &'static str = "glocal-k";
    const SUMMARY: &'static str =
        "GLocal-K: an autoencoder of items with kernelised weights, and a global kernel over the ratings";
    const SOURCE: &'static str = "Han et al., CIKM 2021, arXiv 2108.12184";
    const TASK: Task = Task::Rating;
    const EPOCHS: (u32, u32) = (90, 40);
    const SIZE_OPTION: Option<&'static str> = Some("hidden");
    const RATE_OPTION: &'static str = "learningRate";
    const PRESETS: &'static [Preset] = &[
        Preset {
            name: "ml-1m",
            doc: "The authors' settings for MovieLens 1M.",
            options: r#"{ "weightPenalty": 70.0, "kernelPenalty": 0.018, "pretrainEpochs": 20, "pretrainIterations": 50, "finetuneIterations": 10, "dotScale": 0.5 }"#,
        },
        Preset {
            name: "douban",
            doc: "The authors' settings for Douban.",
            options: r#"{ "weightPenalty": 10.0, "kernelPenalty": 0.022, "pretrainEpochs": 20, "dotScale": 2.0 }"#,
        },
    ];
    const OPTIONS: &'static [OptionDoc] = &[
        option("hidden", Range::Integers(1, 4096), "Sizes of the hidden layers, from the ratings on."),
        option(
            "kernel",
            Range::Choice(&["finite", "gaussian"]),
            "How a weight falls with the distance of its ends: max(0, 1 - d^2), or exp(-d^2).",
        ),
        option("kernelDimensions", Range::Integer(1, 64), "Dimensions of the points whose distance it is."),
        option("weightPenalty", Range::Number(0.0, 1e4), "L2 penalty of the weights."),
        option(
            "kernelPenalty",
            Range::Number(0.0, 1e4),
            "L2 penalty of the kernels' values, which thins them out.",
        ),
        option(
            "pretrainEpochs",
            Range::Integer(0, 1 << 20),
            "Epochs of the autoencoder alone; all after these are fine-tuning with the global kernel.",
        ),
        option(
            "pretrainIterations",
            Range::Integer(1, 10_000),
            "Iterations of an epoch of the former; each takes one or two losses and gradients over all ratings.",
        ),
        option("finetuneIterations", Range::Integer(1, 10_000), "Iterations of an epoch of the latter."),
        option("dotScale", Range::Number(0.0, 1e3), "Factor of the global kernel."),
        option(
            "globalDeviation",
            Range::Number(0.0, 10.0),
            "Standard deviation of the items' global kernels at the start, cut off at two of it.",
        ),
        option(
            "identity",
            Range::Boolean,
            "Whether the global kernel starts at the one that changes nothing, give or take the deviation.",
        ),
        option(
            "center",
            Range::Boolean,
            "Whether it learns what damped biases leave of the ratings, instead of the ratings.",
        ),
        option("optimizer", Range::Choice(&["lbfgs", "adam"]), "How the parameters are found."),
        option("learningRate", Range::Number(1e-7, 1.0), "Step of adam."),
        option("history", Range::Integer(1, 100), "Steps that lbfgs remembers."),
        option("restart", Range::Boolean, "Whether lbfgs forgets them from one epoch to the next."),
        SEEDS,
    ];
    type Options = Options;

    fn seeds(options: &Options) -> u32 {
        options.seeds
    }

    fn conflict(options: &Options) -> Option<Conflict> {
        (options.identity && options.dot_scale == 0.0)
            .then_some(Conflict { key: "identity", needs: "a dotScale above 0" })
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        GLocalModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        Training::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        let Some(ratings) = problem.train.columns().ratings.as_deref() else {
            return Err(ModelError::NeedsRatings { kind: Self::NAME });
        };
        Ok(Box::new(Training::new(options, problem, ratings)?))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(GLocalModel::load(options, tensors, shape)?))
    }
}
