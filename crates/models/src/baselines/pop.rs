//! Popularity: the same items for every user.
//!
//! An item's score is its number of training interactions, or the sum of their weights where these decay with age.
//!
//! Departures: none.

use crate::contract::error::ModelError;
use crate::contract::explanation::Explanation;
use crate::contract::kind::{Kind, Shape, Task};
use crate::contract::model::{Model, Scorer};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::learn::decay::Decay;
use std::ops::Range;
use tastespace_options::options;

/// The kind `pop`.
pub struct Pop;

options! {
    /// Options of `pop`.
    pub struct Options {} with { decay: Decay = Decay::default(); }
}

impl Kind for Pop {
    const NAME: &'static str = "pop";
    const SUMMARY: &'static str = "Popularity: the most popular items, the same for every user";
    const SOURCE: &'static str = "folklore";
    const TASK: Task = Task::Ranking;
    const SIZE_OPTION: Option<&'static str> = None;
    type Options = Options;

    fn model_bytes(_: &Options, shape: Shape) -> u64 {
        shape.items as u64 * 4
    }

    fn training_bytes(options: &Options, shape: Shape) -> u64 {
        let sums = options.decay.half_life.map_or(0, |_| shape.items as u64 * 8);
        Self::model_bytes(options, shape) + sums
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        let items = &problem.train.columns().items;
        if let Some(weight) = options.decay.weights(Self::NAME, problem)? {
            let mut sums = vec![0.0f64; problem.shape().items];
            for (row, &item) in items.iter().enumerate() {
                sums[item as usize] += weight(row);
            }
            return Ok(Box::new(Counts { counts: sums.into_iter().map(|sum| sum as f32).collect() }));
        }
        let mut counts = vec![0.0; problem.shape().items];
        if let Some(start) = &problem.start {
            counts.copy_from_slice(start.values("item_counts"));
        }
        for &item in items {
            counts[item as usize] += 1.0;
        }
        Ok(Box::new(Counts { counts }))
    }

    fn load(_: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(Counts { counts: tensors.take("item_counts", &[shape.items])? }))
    }
}

/// Training interactions of each item: both the trainer and the model.
#[derive(Clone)]
struct Counts {
    counts: Vec<f32>,
}

impl Trainer for Counts {
    /// There is no loss.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        control.check(0, 1)?;
        Ok(0.0)
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }
}

/// The same scores for every user.
struct SameForAll<'a>(&'a [f32]);

impl Scorer for SameForAll<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        for scores in out.chunks_exact_mut(items.len().max(1)) {
            scores.copy_from_slice(&self.0[items.clone()]);
        }
    }
}

impl Model for Counts {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![Tensor::vector("item_counts", Axis::Items, &self.counts)]
    }

    fn predict(&self, _: &[u32], items: &[u32], out: &mut [f32]) {
        for (&item, out) in items.iter().zip(out) {
            *out = self.counts[item as usize];
        }
    }

    fn scorer(&self, _: &[u32]) -> Box<dyn Scorer + '_> {
        Box::new(SameForAll(&self.counts))
    }

    fn item_similarity(&self, _: u32, _: &[u32], _: &mut [f32]) -> Result<(), &'static str> {
        Err("it counts the interactions of each item, and not whose they are")
    }

    fn user_similarity(&self, _: u32, _: &mut [f32]) -> Result<(), &'static str> {
        Err("it knows nothing about users")
    }

    fn fold_in(&self, _: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        Ok(Vec::new())
    }

    fn score_new_user(&self, _: &[f32], out: &mut [f32]) {
        out.copy_from_slice(&self.counts);
    }

    fn explain(&self, _: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let parts = vec![("rows".to_owned(), self.counts[item as usize])];
        Ok(Explanation { parts, ..Explanation::default() })
    }
}
