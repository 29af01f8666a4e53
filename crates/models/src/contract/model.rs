//! Trained models and their scores.

use super::explanation::{Explanation, Slots, Weights};
use super::history::History;
use super::tensor::{Axis, Tensor, values};
use ndarray::Array2;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Index of a user or item that is not in the catalogue.
pub const UNKNOWN: u32 = u32::MAX;

/// Score of a ranking model for a user or item that is not in the catalogue.
pub const UNKNOWN_SCORE: f32 = f32::NEG_INFINITY;

/// A trained model. All indices are in the catalogue, except where [`UNKNOWN`] is allowed. A method that returns
/// `Result<_, &'static str>` reports why this kind does not support it.
pub trait Model: Send + Sync {
    /// Receives the training history before the first call. Not called for a file that was saved without history.
    fn remember(&mut self, _history: &Arc<History>) {}
    /// Whether predictions for a user depend on the history passed to [`remember`](Self::remember).
    fn needs_history(&self) -> bool {
        false
    }
    /// The parameters, which are also the contents of the file.
    fn tensors(&self) -> Vec<Tensor<'_>>;
    /// The model with the `count` strongest weights of each item, if it is weights between items.
    fn strongest(&self, _count: usize) -> Option<Box<dyn Model>> {
        None
    }
    /// Scores pairs. Rating models accept [`UNKNOWN`] users and items; their ratings are not clipped here.
    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]);
    /// A scorer of items for each of `users`.
    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_>;
    /// Similarity of all items to `item`; larger is more similar. `rows` are the training interactions of each item.
    /// `rows, out: (items)`.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str>;
    /// Similarity of all users to `user`; larger is more similar. `out: (users)`.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str>;
    /// Folds in a new user from their items and ratings. The result is an input of
    /// [`score_new_user`](Self::score_new_user) only. The order of `rows` matters to sequential models only.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str>;
    /// Whether [`fold_in`](Self::fold_in) takes NaN for a rating that is missing. Otherwise the highest rating stands for it.
    fn reads_missing_ratings(&self) -> bool {
        false
    }
    /// Scores all items for a folded-in user. `out: (items)`.
    fn score_new_user(&self, folded: &[f32], out: &mut [f32]);
    /// The embeddings of all users or all items.
    fn embeddings(&self, _axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        Err("this model has no embeddings")
    }
    /// Points of users such that `−‖point − embedding‖²` is the score of an item with that embedding: `(users, width)`. `None` if
    /// that does not hold for every user of the model.
    fn points(&self, _users: Range<usize>) -> Option<Vec<f32>> {
        None
    }
    /// Explains a user's score of `item`. `rows` are the user's training interactions.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str>;
    /// Abilities that only some kinds have.
    fn abilities(&self) -> Abilities<'_> {
        Abilities::default()
    }
    /// The tables of items of which the scores of [`scorer`](Self::scorer) are sums of products, if its scorers are
    /// [linear](Scorer::linear).
    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        None
    }
}

/// Values of all items.
pub struct ItemTable<'a> {
    /// Values per item.
    pub width: usize,
    /// `(items, width)`.
    pub values: Cow<'a, [f32]>,
}

impl<'a> ItemTable<'a> {
    /// The rows of a matrix.
    pub fn matrix(matrix: &'a Array2<f32>) -> Self {
        Self { width: matrix.ncols(), values: Cow::Borrowed(values(matrix)) }
    }

    /// A value per item.
    pub fn column(values: impl Into<Cow<'a, [f32]>>) -> Self {
        Self { width: 1, values: values.into() }
    }
}

/// Abilities that only some kinds have.
#[derive(Clone, Copy, Default)]
pub struct Abilities<'a> {
    /// Reads interactions after training, where the kind is sequential.
    pub sequence: Option<&'a dyn Sequential>,
    /// Summarizes its memory slots.
    pub memory: Option<&'a dyn Memory>,
    /// Places items that have features and no training interactions.
    pub features: Option<&'a dyn FeaturePlacement>,
}

/// A model of item sequences.
pub trait Sequential {
    /// A scorer of items for each of `users`, whose sequences continue with the items of `since`, the latest last.
    fn scorer_since(&self, users: &[u32], since: &[Vec<u32>]) -> Box<dyn Scorer + '_>;
    /// Tables of the attention over the last of `items`, which are distinct, the latest last.
    fn attention(&self, items: &[u32]) -> Vec<Weights>;
}

/// A model with memory slots.
pub trait Memory {
    /// Summarizes the slots over the training pairs. `Err` reports why that is impossible.
    fn slots(&self) -> Result<Slots, &'static str>;
}

/// A model that places items by their features.
pub trait FeaturePlacement {
    /// For each of the `features` of `item`, the score that `user` would lose without it.
    fn explain_features(&self, user: u32, item: u32, features: &[u32]) -> Vec<(u32, f32)>;
}

/// Scores for a few users, a range of items at a time, so that a block of the score matrix stays in the cache.
pub trait Scorer {
    /// Scores of `items` for each user; larger is better. `out: (users, items)`.
    fn score(&mut self, items: Range<usize>, out: &mut [f32]);
    /// The same scorer, if its scores are sums of products.
    fn linear(&mut self) -> Option<&mut dyn LinearScorer> {
        None
    }
}

/// Scores that are sums of products: `min(base_u + x_u · y_i, cap)`, with `y_i` the values of item `i` in all
/// [tables](Model::item_tables), side by side. Of the `d` products and the base, each is rounded at most `d + 8` times to `f32` on its
/// way into the score.
pub trait LinearScorer {
    /// The coefficients of each user.
    fn coefficients(&mut self) -> Coefficients;
    /// Scores of some items for one user, by number, with the bits of [`Scorer::score`]. `out: (items)`.
    fn score_some(&mut self, user: usize, items: &[u32], out: &mut [f32]);
}

/// The coefficients of users in a [`LinearScorer`].
pub struct Coefficients {
    /// `x`: `(users, d)`.
    pub vectors: Vec<f32>,
    /// Added to all scores of a user: `(users)`.
    pub bases: Vec<f32>,
    /// No score is above.
    pub cap: f32,
}

/// Embeddings of all users or all items.
pub struct Embeddings<'a> {
    /// Embedding dimension.
    pub width: usize,
    /// `(users or items, width)`.
    pub values: Cow<'a, [f32]>,
    /// A bias added to every score, or empty.
    pub biases: &'a [f32],
    /// How a user's and an item's embedding give a score.
    pub metric: Metric,
}

impl<'a> Embeddings<'a> {
    /// The rows of a matrix as embeddings.
    pub fn of(matrix: &'a Array2<f32>, biases: &'a [f32], metric: Metric) -> Self {
        Self { width: matrix.ncols(), values: Cow::Borrowed(values(matrix)), biases, metric }
    }
}

/// How two embeddings give a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// A smaller Euclidean distance is better.
    Distance,
    /// A larger inner product, biases added, is better.
    InnerProduct,
}
