//! The declaration of a model kind. See [`crate::registry`] for how to add one.

use super::error::ModelError;
use super::model::Model;
use super::tensor::{Tensors, WrongTensor};
use super::trainer::{Problem, Trainer};
use std::borrow::Cow;
use tastespace_data::Interactions;
use tastespace_options::{OptionSet, Preset, SearchRange, choices};

choices! {
    /// The task of a model.
    pub enum Task {
        /// Predicts ratings; evaluated by RMSE and MAE. Its predictions also rank items, by their [lower
        /// bounds](crate::serve::lower_bound).
        Rating = "rating",
        /// Ranks items; evaluated by ranking metrics. Ratings below zero are no positives, see [`Task::learned`].
        Ranking = "ranking",
    }
}

impl Task {
    /// The tasks that a model of this task can be evaluated on.
    pub fn evaluated(self) -> &'static [Self] {
        match self {
            Self::Rating => &[Self::Rating, Self::Ranking],
            Self::Ranking => &[Self::Ranking],
        }
    }

    /// The interactions that a model of this task learns from: all, or for ranking the positives.
    pub fn learned<'a>(self, data: &'a Interactions) -> Cow<'a, Interactions> {
        match self {
            Self::Rating => Cow::Borrowed(data),
            Self::Ranking => data.positives(),
        }
    }
}

/// Sizes of a training set.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Users in the catalogue.
    pub users: usize,
    /// Items in the catalogue.
    pub items: usize,
    /// Training interactions.
    pub rows: usize,
    /// Distinct item features.
    pub features: usize,
    /// Pairs of an item and one of its features.
    pub feature_pairs: usize,
}

impl Shape {
    /// The sizes of `train`.
    pub fn of(train: &Interactions) -> Self {
        let (features, feature_pairs) = match &train.item_features {
            Some(features) => (features.width(), features.pairs(&train.items)),
            None => (0, 0),
        };
        let (users, items, rows) = (train.users.len(), train.items.len(), train.len());
        Self { users, items, rows, features, feature_pairs }
    }
}

/// A model kind as the registry sees it. The implementing type is only a name.
pub trait Kind: 'static {
    /// Name, such as `biased-mf`.
    const NAME: &'static str;
    /// One line that says what the model is.
    const SUMMARY: &'static str;
    /// The publication.
    const SOURCE: &'static str;
    /// The task.
    const TASK: Task;
    /// Default limit of epochs, and default patience: epochs without an improvement on validation that end training.
    const EPOCHS: (u32, u32) = (1, 1);
    /// Training rows to process, counted once per pass, before the default patience can end training. For models whose
    /// error on validation rises before it falls.
    const PATIENCE_AFTER: u32 = 0;
    /// Whether a single epoch computes the whole solution. Such a model is continued by computing it again from all
    /// interactions.
    const CLOSED_FORM: bool = false;
    /// Whether training continues on the earlier interactions together with the new ones. For models whose epochs replace
    /// embeddings by those that fit the given interactions, and so would forget the earlier ones.
    const CONTINUES_ON_ALL: bool = Self::CLOSED_FORM;
    /// Whether the order of a user's interactions matters.
    const SEQUENTIAL: bool = false;
    /// Whether new users are folded in by parameters of the users that the model knows.
    const NEEDS_USERS: bool = false;
    /// Whether the model is weights between items, of which a file may hold the strongest.
    const ITEM_WEIGHTS: bool = false;
    /// Named sets of option values.
    const PRESETS: &'static [Preset] = &[];
    /// The options that hyperparameter search varies, with the values it tries. They contain the defaults.
    const SEARCH: &'static [SearchRange] = &[];
    /// The option that validation chooses where no value is given.
    const CHOSEN: Option<Chosen> = None;
    /// The option to lower when memory is short.
    const SIZE_OPTION: Option<&'static str> = Some("factors");
    /// The option to lower when training diverges.
    const RATE_OPTION: &'static str = "learningRate";
    /// The options.
    type Options: OptionSet + Send + Sync;

    /// Bytes of a trained model.
    fn model_bytes(options: &Self::Options, shape: Shape) -> u64;
    /// Upper bound of the bytes that training needs in addition to the data and the trained models.
    /// `crates/models/tests/memory.rs` compares it with an allocator's count.
    fn training_bytes(options: &Self::Options, shape: Shape) -> u64;
    /// Models in the ensemble ([`crate::learn::ensemble`]). Byte counts are per model.
    fn seeds(_options: &Self::Options) -> u32 {
        1
    }
    /// The options with automatic values replaced by those for data of this shape; none if there are no automatic values. The trained
    /// model keeps them, so that training again on slightly more data does not choose other ones.
    fn for_data(_options: &Self::Options, _shape: Shape) -> Option<Self::Options> {
        None
    }
    /// Whether the model before the first epoch is a good one, such as damped biases. Validation may choose it, as epoch 0.
    fn has_start(_options: &Self::Options) -> bool {
        false
    }
    /// A combination of option values that is not possible.
    fn conflict(_options: &Self::Options) -> Option<Conflict> {
        None
    }
    /// Starts training, or resumes it from `problem.start`.
    fn trainer(options: &Self::Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError>;
    /// Builds a trained model from the tensors of a file.
    fn load(
        options: &Self::Options,
        tensors: &mut Tensors,
        shape: Shape,
    ) -> Result<Box<dyn Model>, WrongTensor>;
}

/// An option that validation chooses together with the number of epochs: a model is trained with each of a few values, and the
/// best is kept.
pub struct Chosen {
    /// The option, a number that is absent by default.
    pub option: &'static str,
    /// The values. The first is that of a training with a given number of epochs.
    pub values: &'static [f64],
}

/// An option value that excludes the value of another option.
pub struct Conflict {
    /// The option.
    pub key: &'static str,
    /// The values that it needs, in words.
    pub needs: &'static str,
}
