//! GLocal-K (Han, Lim, Long, Burgstaller, Poon 2021, *GLocal-K: Global and Local Kernels for Recommender Systems*).
//!
//! An autoencoder of items: the input is the row of an item's ratings, 0 where there is none, and the output is the rating of
//! the item by every user. Its weights are kernelized ([`tastespace_kernels::kernelised`]), `ŵ_ij = w_ij k(u_i, v_j)`; hidden
//! layers are logistic, the last layer is linear.
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `ratings: (m, n)` | R | items × users |
//! | `weights`, `row_points`, `column_points` | W, u, v | of each layer; initially uniform, and within .002 of 0 |
//! | `item_kernels: (m, 9)` | κ_i | the 3 × 3 kernel of an item |
//! | `global_kernel` | G | `dotScale · Σ_i μ_i κ_i`, with `μ_i` the mean output of item `i` over all users |
//! | `weightPenalty`, `kernelPenalty` | λ₂, λ_s | of `½‖W‖²` and `½‖k‖²` of each layer |
//!
//! Pre-training fits the autoencoder to the ratings alone, `½ Σ (r − r̂)²` over the observed ratings plus the penalties, for
//! `pretrainEpochs` epochs. Fine-tuning continues with the same weights on `max(0, R ∗ G)`, where `G` comes from a pass over `R` itself:
//! the gradient goes through both passes. All ratings are one batch; an epoch is a call of L-BFGS.
//!
//! The ratings are a few percent of the matrix, so most of it is never computed. The first layer multiplies the observed entries
//! only, and the last layer computes outputs and gradients at these entries only. The mean over all users is a product with
//! the mean weights, so the first pass of fine-tuning has no output layer. The rectified convolution is a sparse matrix too,
//! and its gradient is needed at its entries only. Dense products remain between hidden layers.
//!
//! The convolution mixes neighbors by index: users and items keep the order of their ids, and another numbering of the same
//! users and items gives another result.
//!
//! A new user is a new column of the output layer: ridge regression of their ratings on the item codes, with the penalty of the
//! layer. An item without ratings is a row of zeros.
//!
//! Departures: the authors use SciPy's L-BFGS-B, whose steps [`tastespace_optim::lbfgs`] takes in `f32`, without a second evaluation at
//! the start of an epoch. `identity` is an addition, and off by default. `center` is another; `none` is the paper's form.
//!
//! With `biases` or `mean` the encoder reads the same ratings, and the output is added to damped biases or to the mean. This is better for
//! sparse data. Output weights start at 0, so training starts at the biases or the mean. A code is a logistic value minus ½, and with
//! `biases` the output has no biases of its own. Codes above 0 on average would act as a bias, and `weightPenalty` would hardly
//! shrink it for users with few ratings.

mod base;
mod global;
mod matrix;
mod model;
mod network;
mod objective;
mod parameters;
mod ratings;
mod scale;
mod train;

use crate::contract::error::ModelError;
use crate::contract::kind::{Conflict, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::ensemble::EnsembleOptions;
use model::GLocalModel;
use tastespace_kernels::kernelised::{Kernel, Penalties};
use tastespace_options::{Preset, SearchRange, choices, options};
use train::Training;

/// The kind `glocal-k`.
pub struct GLocalK;

choices! {
    /// Optimizer of a phase.
    pub enum Optimizer { Lbfgs = "lbfgs", Adam = "adam" }
}

choices! {
    /// Local kernel.
    pub enum LocalKernel { Finite = "finite", Gaussian = "gaussian" }
}

choices! {
    /// Base of a prediction.
    pub enum Center { Auto = "auto", Biases = "biases", Mean = "mean", None = "none" }
}

impl From<LocalKernel> for Kernel {
    fn from(kernel: LocalKernel) -> Self {
        match kernel {
            LocalKernel::Finite => Self::Finite,
            LocalKernel::Gaussian => Self::Gaussian,
        }
    }
}

options! {
    /// Options of `glocal-k`.
    pub struct Options {
        /// Sizes of the hidden layers, from the input on.
        hidden: Vec<u32> = vec![500, 500], 1..=4096;
        /// Local kernel of the distance d between the two ends of a weight: `finite` is max(0, 1 - d^2), `gaussian` is exp(-d^2).
        kernel: LocalKernel = LocalKernel::Finite;
        /// Dimension of the kernel vectors.
        kernel_dimensions: u32 = 5, 1..=64;
        /// L2 regularization of the weights.
        weight_penalty: f64 = 20.0, 0.0..=1e4;
        /// L2 regularization of the kernel values. Higher values make the layers sparser.
        kernel_penalty: f64 = 0.006, 0.0..=1e4;
        /// Epochs that train the autoencoder alone. All later epochs fine-tune it with the global kernel.
        pretrain_epochs: u32 = 30, 0..=1 << 20;
        /// Optimizer iterations in an epoch of pre-training. Each evaluates the loss and gradient over all ratings once or twice.
        pretrain_iterations: u32 = 5, 1..=10_000;
        /// Optimizer iterations in an epoch of fine-tuning.
        finetune_iterations: u32 = 5, 1..=10_000;
        /// Scale of the global kernel.
        dot_scale: f64 = 1.0, 0.0..=1e3;
        /// Standard deviation of the initial global kernels, truncated at two standard deviations.
        global_deviation: f64 = 0.1, 0.0..=10.0;
        /// Whether the global kernel starts at the identity plus noise of that deviation.
        identity: bool = false;
        /// Base of a prediction, to which the autoencoder's output is added: damped `biases`, the `mean` rating, or `none`, as in the paper. `auto` is `none` from 20 ratings per user and per item on average, and `biases` below; the trained model says which.
        center: Center = Center::Auto;
        /// Optimizer.
        optimizer: Optimizer = Optimizer::Lbfgs;
        /// Learning rate of `adam`.
        learning_rate: f64 = 0.001, 1e-7..=1.0;
        /// Steps in the memory of `lbfgs`.
        history: u32 = 10, 1..=100;
        /// Whether `lbfgs` clears its memory at the start of each epoch.
        restart: bool = true;
    } with {
        ensemble: EnsembleOptions = EnsembleOptions::default();
    }
}

/// Ratings of the average user and of the average item from which the paper's form is ahead of `biases` (`docs/experiments.md`).
const DENSE: usize = 20;

impl Options {
    /// Whether training starts at biases or a mean, to which the output is added.
    fn is_centered(&self) -> bool {
        matches!(self.center, Center::Biases | Center::Mean)
    }

    /// The code is a logistic value minus this shift. Codes around 0 cannot act as another bias, which the regularization of the
    /// output would hardly shrink.
    fn shift(&self) -> f32 {
        if self.is_centered() { 0.5 } else { 0.0 }
    }

    fn penalties(&self) -> Penalties {
        Penalties { weights: self.weight_penalty as f32, kernel: self.kernel_penalty as f32 }
    }
}

impl Kind for GLocalK {
    const NAME: &'static str = "glocal-k";
    const SUMMARY: &'static str =
        "GLocal-K: an autoencoder of items with kernelized weights, and a global kernel over the ratings";
    const SOURCE: &'static str = "Han et al., CIKM 2021, arXiv 2108.12184";
    const TASK: Task = Task::Rating;
    // The penalty of a new user follows from the weights of all users.
    const NEEDS_USERS: bool = true;
    const EPOCHS: (u32, u32) = (90, 40);
    const SIZE_OPTION: Option<&'static str> = Some("hidden");
    const PRESETS: &'static [Preset] = &[
        Preset {
            name: "ml-100k",
            doc: "The authors' settings for MovieLens 100K.",
            options: r#"{ "center": "none" }"#,
        },
        Preset {
            name: "ml-1m",
            doc: "The authors' settings for MovieLens 1M.",
            options: r#"{ "center": "none", "weightPenalty": 70.0, "kernelPenalty": 0.018, "pretrainEpochs": 20, "pretrainIterations": 50, "finetuneIterations": 10, "dotScale": 0.5 }"#,
        },
        Preset {
            name: "douban",
            doc: "The authors' settings for Douban.",
            options: r#"{ "center": "none", "weightPenalty": 10.0, "kernelPenalty": 0.022, "pretrainEpochs": 20, "dotScale": 2.0 }"#,
        },
    ];
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("weightPenalty", 5.0, 100.0),
        SearchRange::log("kernelPenalty", 0.001, 0.1),
        SearchRange::log("dotScale", 0.25, 4.0),
    ];
    type Options = Options;

    fn seeds(options: &Options) -> u32 {
        options.ensemble.seeds
    }

    fn conflict(options: &Options) -> Option<Conflict> {
        (options.identity && options.dot_scale == 0.0)
            .then_some(Conflict { key: "identity", needs: "a dotScale above 0" })
    }

    /// Replaces the center `auto`.
    fn for_data(options: &Options, shape: Shape) -> Option<Options> {
        let is_dense = shape.rows >= DENSE * shape.users.max(shape.items);
        let center = if is_dense { Center::None } else { Center::Biases };
        (options.center == Center::Auto).then(|| Options { center, ..options.clone() })
    }

    /// The outputs are 0 at first, so that the model is its base.
    fn has_start(options: &Options) -> bool {
        options.is_centered()
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        GLocalModel::bytes(options, shape)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        Training::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        let Some(ratings) = problem.train.columns().ratings.as_deref() else {
            return Err(ModelError::NeedsRatings { kind: Self::NAME, unread: problem.train.unread() });
        };
        Ok(Box::new(Training::new(options, problem, ratings)))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(GLocalModel::load(options, tensors, shape)?))
    }
}
