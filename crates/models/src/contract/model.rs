//! What a model is: options, a trainer, and what it knows once trained. See [`crate::registry`] for how to add one.

use crate::contract::error::ModelError;
use crate::contract::history::History;
use crate::contract::options::{OptionDoc, Preset};
use ndarray::Array2;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use tastespace_data::Interactions;

/// Stands for a user or item that the model has never heard of.
pub const UNKNOWN: u32 = u32::MAX;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Predicts ratings; judged by RMSE and MAE.
    Rating,
    /// Ranks items; judged by ranking metrics.
    Ranking,
}

/// Sizes that a model is built for.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Users in the catalogue.
    pub users: usize,
    /// Items in the catalogue.
    pub items: usize,
    /// Training rows.
    pub rows: usize,
    /// Features that items may have.
    pub features: usize,
    /// Features of all items together.
    pub feature_pairs: usize,
}

impl Shape {
    /// The sizes of a training set.
    pub fn of(train: &Interactions) -> Self {
        let (features, feature_pairs) = match &train.item_features {
            Some(features) => (features.width(), features.align(&train.items).features.len()),
            None => (0, 0),
        };
        let (users, items, rows) = (train.users.len(), train.items.len(), train.len());
        Self { users, items, rows, features, feature_pairs }
    }
}

/// What is to be learnt from.
pub struct Problem {
    /// The rows to train on.
    pub train: Arc<Interactions>,
    /// Everything random follows from it.
    pub seed: u64,
    /// What was learnt before, if training goes on.
    pub start: Option<Start>,
}

/// What was learnt before: parameters in the shapes of the problem at hand, rows of new users and items left at 0.
pub struct Start {
    /// Epochs that it took.
    pub epochs: u32,
    /// The parameters.
    pub tensors: Tensors,
    /// Which users were trained before.
    pub users: Vec<bool>,
    /// Which items were trained before.
    pub items: Vec<bool>,
}

impl Problem {
    /// The sizes of the problem.
    pub fn shape(&self) -> Shape {
        Shape::of(&self.train)
    }
}

/// A kind of model: what the registry needs to know of it. The implementing type is only a name.
pub trait Kind {
    /// The kind's name, such as `biased-mf`.
    const NAME: &'static str;
    /// One line for people: what it is.
    const SUMMARY: &'static str;
    /// Where it comes from.
    const SOURCE: &'static str;
    /// What it is for.
    const TASK: Task;
    /// Most epochs that are tried where the caller does not say, and epochs without a better validation that end it.
    const EPOCHS: (u32, u32);
    /// Whether one epoch computes all there is to know: further ones change nothing, the models of all epochs are one and
    /// the same in memory, and to go on is to compute it anew from all rows ever.
    const CLOSED_FORM: bool = false;
    /// Its options.
    const OPTIONS: &'static [OptionDoc];
    /// Whether the order of a person's rows counts: it learns what comes next.
    const SEQUENTIAL: bool = false;
    /// Options under one name, for `preset` to start from.
    const PRESETS: &'static [Preset] = &[];
    /// The option to lower when it takes too much memory, if there is one.
    const SIZE_OPTION: Option<&'static str>;
    /// The option to lower when it diverges.
    const RATE_OPTION: &'static str;
    /// Its options with their defaults.
    type Options: Default + Serialize + DeserializeOwned;

    /// Bytes of a trained model.
    fn model_bytes(options: &Self::Options, shape: Shape) -> u64;
    /// Most bytes that training takes beside the data and the models that come of it. `crates/models/tests/memory.rs`
    /// holds it to what it counts.
    fn training_bytes(options: &Self::Options, shape: Shape) -> u64;
    /// How many models are trained, from the seed and those after it, to answer together ([`crate::learn::ensemble`]). Bytes are
    /// asked for one of them.
    fn seeds(_options: &Self::Options) -> u32 {
        1
    }
    /// What options cannot be together, beyond the range of each.
    fn conflict(_options: &Self::Options) -> Option<Conflict> {
        None
    }
    /// Starts training, or goes on where the problem says from where.
    fn trainer(options: &Self::Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError>;
    /// Takes a trained model's tensors from a file.
    fn load(
        options: &Self::Options,
        tensors: &mut Tensors,
        shape: Shape,
    ) -> Result<Box<dyn Model>, WrongTensor>;
}

/// An option whose value does not go with another's.
pub struct Conflict {
    /// The option.
    pub key: &'static str,
    /// What it needs, in words.
    pub needs: &'static str,
}

/// Training in progress.
pub trait Trainer: Send {
    /// Trains one epoch and returns its training loss, for people to watch.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError>;
    /// How often the last epoch visited all training rows.
    fn passes(&self) -> usize {
        1
    }
    /// What has been learnt so far, as a copy.
    fn model(&self) -> Box<dyn Model>;
}

/// A trained model. Indices are below the catalogue's sizes, or [`UNKNOWN`] where it says so.
pub trait Model: Send + Sync {
    /// Who had what in training, before it answers; not called where the file does not tell.
    fn remember(&mut self, _history: &Arc<History>) {}
    /// Whether what it makes of a user follows from what it is to [`remember`](Self::remember).
    fn needs_history(&self) -> bool {
        false
    }
    /// The parameters, which are also what the file holds.
    fn tensors(&self) -> Vec<Tensor<'_>>;
    /// The score of each pair; either side may be [`UNKNOWN`]. Ratings are not clipped here.
    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]);
    /// What scores items for each of `users`.
    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_>;
    /// The same where each of `users` had the items of `since` after those that they had in training, the latest last. Only
    /// sequential kinds make something of it.
    fn scorer_since(&self, users: &[u32], _since: &[Vec<u32>]) -> Box<dyn Scorer + '_> {
        self.scorer(users)
    }
    /// Similarity of all items to `item`, larger is nearer. `out: (items)`. `Err` says why there is none.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str>;
    /// Similarity of all users to `user`, larger is nearer. `out: (users)`. `Err` says why there is none.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str>;
    /// What the model would have learnt of a person who is not in it, from their items with the ratings that they gave:
    /// numbers that only [`score_newcomer`](Self::score_newcomer) understands. The order of the rows does not matter
    /// unless the kind is sequential. `Err` says why there is none.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str>;
    /// Scores of all items for a person who was folded in. `out: (items)`.
    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]);
    /// The vectors of all users or all items, where the kind places both in one space. `Err` says why there are none.
    fn vectors(&self, _of: Along) -> Result<Vectors<'_>, &'static str> {
        Err("it places neither users nor items in a space")
    }
    /// Why `item` has the score that it has for `user`, who had `rows` in training.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str>;
    /// How the training pairs look at the slots of its memory. `Err` says why there is none.
    fn slots(&self) -> Result<Slots, &'static str> {
        Err("it has no memory")
    }
    /// Whether it places items that have features and no training rows.
    fn places_by_features(&self) -> bool {
        false
    }
    /// What the score of `item`, which its features placed, would lose for `user` without each of them.
    fn explain_features(&self, _user: u32, _item: u32, _features: &[u32]) -> Vec<(u32, f32)> {
        Vec::new()
    }
}

/// Scores for a few users, a range of items at a time: a block of the score matrix that stays in the cache.
pub trait Scorer {
    /// Scores of `items` for each user, larger is better. `out: (users, items)`.
    fn score(&mut self, items: Range<usize>, out: &mut [f32]);
}

/// Users or items as points of the space that a model places both in.
pub struct Vectors<'a> {
    /// Length of a vector.
    pub width: usize,
    /// The vectors: `(users or items, width)`.
    pub values: Cow<'a, [f32]>,
    /// What each adds to its scores, whoever is on the other side; empty where nothing is added.
    pub biases: &'a [f32],
    /// How a user's vector and an item's make a score.
    pub nearness: Nearness,
}

impl<'a> Vectors<'a> {
    /// The rows of a matrix as vectors.
    pub fn of(matrix: &'a Array2<f32>, biases: &'a [f32], nearness: Nearness) -> Self {
        Self { width: matrix.ncols(), values: Cow::Borrowed(values(matrix)), biases, nearness }
    }
}

/// How two vectors make a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    /// The smaller their Euclidean distance, the better.
    Distance,
    /// The larger their inner product, with the biases, the better.
    InnerProduct,
}

/// Why an item has its score for a user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// Parts that add up to the score, by name.
    pub parts: Vec<(String, f32)>,
    /// Items that the user had, with what each adds to the score; strongest first.
    pub items: Vec<(u32, f32)>,
    /// Items that the user had with their distances from this one, nearest first, where items are points of a space.
    pub nearest: Vec<(u32, f32)>,
    /// Features by which an item without training rows got its place, with what each adds to the score; strongest first.
    pub features: Vec<(String, f32)>,
    /// What the score went by beside, such as a map of attention.
    pub weights: Vec<Weights>,
}

/// The slots of a memory, by the pairs of training that look at them.
#[derive(Clone, Debug, PartialEq)]
pub struct Slots {
    /// Each slot's share of the attention of all pairs: `(slots)`, 1 together.
    pub shares: Vec<f32>,
    /// The mean attention of each item's pairs, 0 throughout for one without pairs: `(items, slots)`.
    pub attention: Vec<f32>,
    /// For each slot the pairs of a user and an item that look at it most, with their weights.
    pub pairs: Vec<Vec<(u32, u32, f32)>>,
}

/// A table of the weights that some things give to others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weights {
    /// What they are, such as `attention`.
    pub name: &'static str,
    /// Who gives.
    pub rows: Vec<Thing>,
    /// Who is given to.
    pub columns: Vec<Thing>,
    /// Row-major: `(rows, columns)`.
    pub values: Vec<f32>,
}

/// What a row or a column of [`Weights`] stands for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Thing {
    /// An item, by its index.
    Item(u32),
    /// Something with a name, such as `slot 3`.
    Name(String),
}

/// Which rows of the catalogue a tensor's first dimension runs along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// One row a user.
    Users,
    /// One row an item.
    Items,
    /// Neither.
    Whole,
}

/// A named block of parameters.
pub struct Tensor<'a> {
    /// Name in the file.
    pub name: Cow<'static, str>,
    /// Extent of each dimension.
    pub shape: Vec<usize>,
    /// Values, row-major.
    pub values: &'a [f32],
    /// What its rows are.
    pub along: Along,
}

impl<'a> Tensor<'a> {
    /// A matrix as a tensor.
    pub fn matrix(name: &'static str, along: Along, matrix: &'a Array2<f32>) -> Self {
        Self { name: name.into(), shape: matrix.shape().to_vec(), values: values(matrix), along }
    }

    /// A vector as a tensor.
    pub fn vector(name: &'static str, along: Along, values: &'a [f32]) -> Self {
        Self { name: name.into(), shape: vec![values.len()], values, along }
    }
}

/// The values of a matrix, row-major.
pub fn values(matrix: &Array2<f32>) -> &[f32] {
    matrix.as_slice().expect("parameters are kept in standard layout")
}

/// One row of a matrix.
pub fn row(matrix: &Array2<f32>, index: u32) -> &[f32] {
    let width = matrix.ncols();
    &values(matrix)[index as usize * width..][..width]
}

/// Tensors by name, shape and values, taken out one by one.
#[derive(Clone)]
pub struct Tensors(pub Vec<(String, Vec<usize>, Vec<f32>)>);

/// A tensor that a file lacks, or that has another shape than the model's options say.
#[derive(Debug)]
pub struct WrongTensor {
    /// Its name.
    pub name: &'static str,
    /// The shape that was expected.
    pub expected: Vec<usize>,
    /// The shape that was found, if the tensor is there.
    pub found: Option<Vec<usize>>,
}

impl Tensors {
    /// The values of the tensor of this name, if it is there.
    pub fn values(&self, name: &str) -> Option<&[f32]> {
        self.0.iter().find(|(found, ..)| found == name).map(|(.., values)| &values[..])
    }

    /// Takes those whose names begin with `prefix`, which is left out.
    pub fn part(&mut self, prefix: &str) -> Self {
        let (mut part, rest): (Vec<_>, Vec<_>) =
            self.0.drain(..).partition(|(name, ..)| name.starts_with(prefix));
        self.0 = rest;
        part.iter_mut().for_each(|(name, ..)| drop(name.drain(..prefix.len())));
        Self(part)
    }

    /// Takes the tensor of this name, which must have this shape.
    pub fn take(&mut self, name: &'static str, expected: &[usize]) -> Result<Vec<f32>, WrongTensor> {
        let wrong = |found| WrongTensor { name, expected: expected.to_vec(), found };
        let place = self.0.iter().position(|(found, ..)| found == name).ok_or_else(|| wrong(None))?;
        let (_, shape, values) = self.0.swap_remove(place);
        if shape == expected { Ok(values) } else { Err(wrong(Some(shape))) }
    }

    /// Takes a matrix.
    pub fn take_matrix(
        &mut self,
        name: &'static str,
        rows: usize,
        columns: usize,
    ) -> Result<Array2<f32>, WrongTensor> {
        let values = self.take(name, &[rows, columns])?;
        Ok(Array2::from_shape_vec((rows, columns), values).expect("the shape was checked"))
    }
}

/// How the outside watches and stops an epoch: two integers in memory that it can reach while the epoch runs.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// Not 0: stop soon.
    pub cancel: &'a AtomicI32,
    /// Thousandths of the epoch that are done.
    pub progress: &'a AtomicU32,
}

impl Control<'_> {
    /// Tells that `done` of `all` parts are done; an error if the epoch is to stop.
    pub fn check(&self, done: usize, all: usize) -> Result<(), ModelError> {
        self.progress.store((done * 1000 / all.max(1)) as u32, Ordering::Relaxed);
        self.check_cancelled()
    }

    /// An error if the epoch is to stop.
    pub fn check_cancelled(&self) -> Result<(), ModelError> {
        if self.cancel.load(Ordering::Relaxed) == 0 { Ok(()) } else { Err(ModelError::Cancelled) }
    }
}
