//! Implicit alternating least squares (Hu, Koren, Volinsky 2008, *Collaborative Filtering for Implicit Feedback Datasets*) in the
//! form of Rendle, Krichene, Zhang, Koren 2022, *Revisiting the Performance of iALS on Item Recommendation Benchmarks*.
//!
//! The score is `p_u·q_i`. Training minimizes, over the positives and over all pairs of a user and an item,
//!
//! `Σ_positives c_ui (p_u·q_i − 1)² + α Σ_all (p_u·q_i)² + λ (Σ_u (|I_u| + α m)^ν ‖p_u‖² + Σ_i (|U_i| + α n)^ν ‖q_i‖²)`.
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `user_vectors: (n, d)`, `item_vectors: (m, d)` | W, H | start at Normal(0, `initialDeviation` / √d) |
//! | `unobservedWeight` | α₀ | weight α of every pair, positive or not |
//! | `penalty`, `penaltyExponent` | λ, ν | L2 regularization |
//! | `weighting`, `confidence` | c, α of Hu et al. | weights of the positives |
//! | `weight_scale: (1)` | – | factor that makes the mean weight of the training positives 1, apart from their age |
//!
//! With one side fixed, each row of the other side is a ridge regression. [`regression`] solves it exactly, or takes a few steps of
//! conjugate gradient (Takács, Pilászy, Tikk 2011, *Applications of the Conjugate Gradient Method for Implicit Feedback
//! Collaborative Filtering*); it also folds in a new user, exactly. An epoch solves the items and then the users, so that with the
//! solver `exact` fold-in gives the embedding of a trained user.
//!
//! Departures: before a side is solved, the embeddings of both sides are rotated to the eigenvectors of the Gramian of the
//! fixed side, which changes no score and makes the term of all pairs diagonal; so the item embeddings end with orthogonal
//! columns, the strongest first. The weights are divided by their mean, after those of `halfLife`. Fold-in and explanations read no
//! times: there an item's weight is that of its rating, and the mean weight 1 without a rating. `n` and `m` count the users and items
//! with interactions.

mod model;
mod regression;
mod train;

use crate::contract::error::ModelError;
use crate::contract::kind::{Chosen, Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::decay::Decay;
use model::IalsModel;
use tastespace_kernels::math::{ln, pow};
use tastespace_options::{SearchRange, choices, options};

/// The penalties that validation chooses from: no single one suits sparse and dense data (docs/results.md).
const CHOICES: [f64; 3] = [0.6, 1.0, 1.5];

/// The kind `ials`.
pub struct Ials;

choices! {
    /// How the value of an interaction becomes the weight of a positive.
    pub enum Weighting { None = "none", Linear = "linear", Log = "log" }
}

choices! {
    /// How the regression of a row is solved in training.
    pub enum Solver { ConjugateGradient = "conjugate-gradient", Exact = "exact" }
}

options! {
    /// Options of `ials`.
    pub struct Options {
        /// Embedding dimension.
        factors: u32 = 128, 1..=4096;
        /// L2 regularization λ of the embeddings, per weight of the pairs of a user or item (see `penaltyExponent`). Without a penalty and a number of epochs, `fit` trains with 0.6, 1 and 1.5 and keeps the best on validation. With a number of epochs alone it takes 0.6.
        penalty: Option<f64> = None, (1e-6..=1e6, "the best of three");
        /// Exponent ν of the regularization: a user or item with total weight `w` of its pairs has the penalty `λ w^ν`. 1 regularizes per pair, 0 all users and items equally.
        penalty_exponent: f64 = 0.25, 0.0..=2.0;
        /// Weight of every pair of a user and an item, toward the score 0, compared with the mean weight 1 of a positive toward the score 1.
        unobserved_weight: f64 = 0.03, 0.0..=100.0;
        /// Weight of a positive with rating or count `r`: equal for all (`none`), `1 + confidence · r` (`linear`), or `1 + confidence · ln(1 + r)` (`log`), divided by the mean over the training interactions.
        weighting: Weighting = Weighting::None;
        /// Influence of ratings or counts on the weights. Not used with the weighting `none`.
        confidence: f64 = 1.0, 0.0..=1e6;
        /// How training solves the regression of each user and item: by a few steps of `conjugate-gradient` from the embedding so far, or `exact`, which takes longer. New users are always solved exactly.
        solver: Solver = Solver::ConjugateGradient;
        /// Steps of conjugate gradient for each user and item in an epoch. Not used with the solver `exact`.
        solver_steps: u32 = 3, 1..=100;
        /// Standard deviation of the initial embeddings times √factors.
        initial_deviation: f64 = 0.1, 1e-6..=10.0;
    } with {
        decay: Decay = Decay::default();
    }
}

impl Options {
    /// The weight of a positive with this rating, before it is divided by the mean.
    fn weight(&self, rating: f32) -> f32 {
        let rating = f64::from(rating).max(0.0);
        let weight = match self.weighting {
            Weighting::None => 1.0,
            Weighting::Linear => 1.0 + self.confidence * rating,
            Weighting::Log => 1.0 + self.confidence * ln(1.0 + rating),
        };
        weight as f32
    }

    /// The penalty of a row with `positives`, among `others` trained rows of the other side.
    fn row_penalty(&self, positives: usize, others: usize) -> f64 {
        let pairs = positives as f64 + self.unobserved_weight * others as f64;
        self.penalty.unwrap_or(CHOICES[0]) * if pairs > 0.0 { pow(pairs, self.penalty_exponent) } else { 1.0 }
    }
}

impl Kind for Ials {
    const NAME: &'static str = "ials";
    const SUMMARY: &'static str =
        "Implicit ALS: embeddings by weighted least squares over all pairs of a user and an item";
    const SOURCE: &'static str =
        "Hu, Koren, Volinsky, ICDM 2008; Rendle, Krichene, Zhang, Koren, RecSys 2022";
    const TASK: Task = Task::Ranking;
    const EPOCHS: (u32, u32) = (40, 5);
    const RATE_OPTION: &'static str = "initialDeviation";
    const CONTINUES_ON_ALL: bool = true;
    const SEARCH: &'static [SearchRange] = &[
        SearchRange::log("unobservedWeight", 0.003, 1.0),
        SearchRange::log("penalty", 0.05, 5.0),
        SearchRange::linear("penaltyExponent", 0.0, 1.0),
        SearchRange::log("factors", 16.0, 256.0),
        SearchRange::choices("weighting", &["none", "log"]),
    ];
    const CHOSEN: Option<Chosen> = Some(Chosen { option: "penalty", values: &CHOICES });
    type Options = Options;

    /// Replaces a penalty that no validation has chosen.
    fn for_data(options: &Options, _shape: Shape) -> Option<Options> {
        let penalty = Some(CHOICES[0]);
        options.penalty.is_none().then(|| Options { penalty, ..options.clone() })
    }

    fn model_bytes(options: &Options, shape: Shape) -> u64 {
        4 * (shape.users + shape.items) as u64 * u64::from(options.factors)
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        train::bytes(options, shape)
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        Ok(Box::new(train::Alternating::new(options, problem)?))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(IalsModel::load(options, tensors, shape)?))
    }
}
