//! What a model is: options, a trainer, and what it knows once trained. See [`crate::registry`] for how to add one.

use crate::error::ModelError;
use crate::options::OptionDoc;
use ndarray::Array2;
use serde::Serialize;
use serde::de::DeserializeOwned;
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
}

/// What is to be learnt from.
pub struct Problem {
    /// The rows to train on.
    pub train: Arc<Interactions>,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Problem {
    /// The sizes of the problem.
    pub fn shape(&self) -> Shape {
        Shape { users: self.train.users.len(), items: self.train.items.len(), rows: self.train.len() }
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
    /// Its options.
    const OPTIONS: &'static [OptionDoc];
    /// The option to lower when it takes too much memory.
    const SIZE_OPTION: &'static str;
    /// The option to lower when it diverges.
    const RATE_OPTION: &'static str;
    /// Its options with their defaults.
    type Options: Default + Serialize + DeserializeOwned;

    /// Most bytes that training takes, with the copies that are kept of the current and the best epoch.
    fn bytes(options: &Self::Options, shape: Shape) -> u64;
    /// Starts training.
    fn trainer(options: &Self::Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError>;
    /// Takes a trained model's tensors from a file.
    fn load(
        options: &Self::Options,
        tensors: &mut Tensors,
        shape: Shape,
    ) -> Result<Box<dyn Model>, WrongTensor>;
}

/// Training in progress.
pub trait Trainer: Send {
    /// Trains one epoch and returns its training loss, for people to watch.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError>;
    /// What has been learnt so far, as a copy.
    fn model(&self) -> Box<dyn Model>;
}

/// A trained model. Indices are below the catalogue's sizes, or [`UNKNOWN`] where it says so.
pub trait Model: Send + Sync {
    /// The parameters, which are also what the file holds.
    fn tensors(&self) -> Vec<Tensor<'_>>;
    /// The score of each pair; either side may be [`UNKNOWN`]. Ratings are not clipped here.
    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]);
    /// Scores of all items for each of `users`, larger is better. `out: (users, items)`; `scratch` is the model's own.
    fn score(&self, users: &[u32], out: &mut [f32], scratch: &mut Vec<f32>);
    /// Similarity of all items to `item`, larger is nearer. `out: (items)`. `Err` says why there is none.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str>;
}

/// A named block of parameters.
pub struct Tensor<'a> {
    /// Name in the file.
    pub name: &'static str,
    /// Extent of each dimension.
    pub shape: Vec<usize>,
    /// Values, row-major.
    pub values: &'a [f32],
}

impl<'a> Tensor<'a> {
    /// A matrix as a tensor.
    pub fn matrix(name: &'static str, matrix: &'a Array2<f32>) -> Self {
        Self { name, shape: matrix.shape().to_vec(), values: values(matrix) }
    }

    /// A vector as a tensor.
    pub fn vector(name: &'static str, values: &'a [f32]) -> Self {
        Self { name, shape: vec![values.len()], values }
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

/// Tensors from a file, taken out one by one.
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
        if self.cancel.load(Ordering::Relaxed) == 0 { Ok(()) } else { Err(ModelError::Cancelled) }
    }
}
