//! Training of a model, one epoch at a time.

use super::error::ModelError;
use super::kind::Shape;
use super::model::Model;
use super::tensor::Tensors;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use tastespace_data::Interactions;

/// The input of training.
pub struct Problem {
    /// Training interactions.
    pub train: Arc<Interactions>,
    /// Seed of all random streams.
    pub seed: u64,
    /// The state to resume from.
    pub start: Option<Start>,
}

/// The state of an earlier training run, in the shapes of the problem; the rows of new users, items and features are 0.
pub struct Start {
    /// Epochs trained.
    pub epochs: u32,
    /// Trained parameters.
    pub tensors: Tensors,
    /// Which users were trained.
    pub users: Vec<bool>,
    /// Which items were trained.
    pub items: Vec<bool>,
}

impl Start {
    /// The parameters of this name. A model file holds all tensors of its kind.
    pub fn values(&self, name: &str) -> &[f32] {
        self.tensors.values(name).expect("the model was trained with these options")
    }

    /// Copies the rows of the `known` users or items from the parameters of this name. `to: (known, …)`.
    pub fn copy_known(&self, name: &str, known: &[bool], to: &mut [f32]) {
        let width = to.len() / known.len().max(1);
        let from = self.values(name);
        for (index, _) in known.iter().enumerate().filter(|&(_, &known)| known) {
            to[index * width..][..width].copy_from_slice(&from[index * width..][..width]);
        }
    }
}

impl Problem {
    /// The sizes of the problem.
    pub fn shape(&self) -> Shape {
        Shape::of(&self.train)
    }

    /// Epochs trained before.
    pub fn epochs_before(&self) -> u32 {
        self.start.as_ref().map_or(0, |start| start.epochs)
    }

    /// Which users have interactions, now or in an earlier run.
    pub fn trained_users(&self) -> Vec<bool> {
        let before = self.start.as_ref().map_or(&[][..], |start| &start.users);
        present(&self.train.columns().users, self.train.users.len(), before)
    }

    /// Which items have interactions, now or in an earlier run.
    pub fn trained_items(&self) -> Vec<bool> {
        let before = self.start.as_ref().map_or(&[][..], |start| &start.items);
        present(&self.train.columns().items, self.train.items.len(), before)
    }
}

/// Which of `count` indices occur in `column`, or are true in `before`.
fn present(column: &[u32], count: usize, before: &[bool]) -> Vec<bool> {
    let mut present = vec![false; count];
    column.iter().for_each(|&index| present[index as usize] = true);
    present.iter_mut().zip(before).for_each(|(present, &before)| *present |= before);
    present
}

/// Training in progress.
pub trait Trainer: Send {
    /// Trains one epoch and returns its training loss.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError>;
    /// Number of passes over the training interactions in the last epoch.
    fn passes(&self) -> usize {
        1
    }
    /// A copy of the model after the last whole epoch.
    fn model(&self) -> Box<dyn Model>;
}

/// Progress and cancellation of a computation: two integers in memory that another thread can reach while it runs.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// Set to a value other than 0 to cancel.
    pub cancel: &'a AtomicI32,
    /// Finished part, in thousandths.
    pub progress: &'a AtomicU32,
}

static GO_ON: AtomicI32 = AtomicI32::new(0);
static UNSEEN: AtomicU32 = AtomicU32::new(0);

/// Of a computation that nobody watches or cancels.
pub const UNWATCHED: Control<'static> = Control { cancel: &GO_ON, progress: &UNSEEN };

impl Control<'_> {
    /// Reports that `done` of `all` parts are finished.
    pub fn report(&self, done: usize, all: usize) {
        self.progress.store((done * 1000 / all.max(1)) as u32, Ordering::Relaxed);
    }

    /// Reports progress, and fails if the epoch is cancelled.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`] once `cancel` is set.
    pub fn check(&self, done: usize, all: usize) -> Result<(), ModelError> {
        self.report(done, all);
        self.check_cancelled()
    }

    /// Fails with [`ModelError::Cancelled`] once `cancel` is set.
    pub fn check_cancelled(&self) -> Result<(), ModelError> {
        if self.cancel.load(Ordering::Relaxed) == 0 { Ok(()) } else { Err(ModelError::Cancelled) }
    }
}
