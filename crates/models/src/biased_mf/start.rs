//! The model before the first epoch: damped biases alone.
//!
//! Training itself starts from zero biases: starting from these gave slightly larger errors (`docs/experiments.md`).

use super::Options;
use super::model::BiasedMfModel;
use super::unit::Unit;
use crate::baselines::{Bias, BiasOptions, Biases};
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape};
use crate::contract::model::Model;
use crate::contract::trainer::{Control, Problem, Trainer};
use std::sync::Arc;
use tastespace_data::Interactions;

/// A training algorithm whose model before the first epoch equals the kind `bias`.
pub(super) struct WithStart {
    trainer: Box<dyn Trainer>,
    options: Options,
    shape: Shape,
    unit: Unit,
    /// The training ratings, until an epoch is done.
    ratings: Option<Arc<Interactions>>,
}

impl WithStart {
    pub(super) fn new(trainer: Box<dyn Trainer>, options: &Options, problem: &Problem, unit: Unit) -> Self {
        let ratings = Some(problem.train.clone());
        Self { trainer, options: options.clone(), shape: problem.shape(), unit, ratings }
    }

    /// Bytes of computing the biases.
    pub(super) fn bytes(shape: Shape) -> u64 {
        Bias::training_bytes(&BiasOptions::default(), shape)
    }
}

impl Trainer for WithStart {
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let loss = self.trainer.train_epoch(control)?;
        self.ratings = None;
        Ok(loss)
    }

    fn passes(&self) -> usize {
        self.trainer.passes()
    }

    fn model(&self) -> Box<dyn Model> {
        let Some(ratings) = &self.ratings else { return self.trainer.model() };
        // Only now, because most training has no use for them.
        let biases = Biases::of(&BiasOptions::default(), ratings, self.shape);
        Box::new(BiasedMfModel {
            user_biases: biases.users,
            item_biases: biases.items,
            ..BiasedMfModel::zeros(&self.options, biases.mean, self.unit, self.shape)
        })
    }
}
