//! Damped biases below the autoencoder, with the option `center`: the autoencoder then learns the residuals.

use crate::baselines::Bias;
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape};
use crate::contract::model::Model;
use crate::contract::tensor::{Tensors, WrongTensor};
use crate::contract::trainer::{Control, Problem};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};
use tastespace_data::Interactions;

/// The model `bias` with its default options.
#[derive(Clone)]
pub(super) struct Base(pub(super) Arc<dyn Model>);

impl Base {
    pub(super) fn new(train: &Arc<Interactions>) -> Result<Self, ModelError> {
        let problem = Problem { train: train.clone(), seed: 0, start: None };
        let mut trainer = Bias::trainer(&Default::default(), &problem)?;
        trainer.train_epoch(Control { cancel: &AtomicI32::new(0), progress: &AtomicU32::new(0) })?;
        Ok(Self(Arc::from(trainer.model())))
    }

    pub(super) fn load(tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        Ok(Self(Arc::from(Bias::load(&Default::default(), tensors, shape)?)))
    }

    /// Bytes during training, and of the result.
    pub(super) fn bytes(shape: Shape) -> u64 {
        Bias::training_bytes(&Default::default(), shape)
    }

    pub(super) fn of(&self, user: u32, item: u32) -> f32 {
        let mut out = [0.0];
        self.0.predict(&[user], &[item], &mut out);
        out[0]
    }
}
