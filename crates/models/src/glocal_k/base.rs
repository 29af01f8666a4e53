//! The base of a prediction, to which the autoencoder's output is added: damped biases, the mean rating, or the origin of the scale.

use super::scale::Scale;
use super::{Center, Options};
use crate::baselines::{Bias, BiasOptions, Biases, extended_biases};
use crate::contract::kind::{Kind, Shape};
use crate::contract::model::{Model, Scorer, UNKNOWN};
use crate::contract::tensor::{Tensor, Tensors, WrongTensor};
use crate::contract::trainer::Problem;
use std::sync::Arc;

/// A prediction is that of `below`, or the origin of the scale, plus the autoencoder's output times the scale's factor.
#[derive(Clone)]
pub(super) struct Base {
    /// The model `bias`. For the mean rating alone its biases are 0.
    below: Option<Arc<dyn Model>>,
    pub(super) scale: Scale,
}

/// The options of the `bias` model for a center, or none without it.
fn biases(center: Center) -> Option<BiasOptions> {
    match center {
        Center::Biases => Some(BiasOptions::default()),
        Center::Mean => Some(BiasOptions { damping: f64::INFINITY }),
        // `auto` is replaced before training.
        Center::None | Center::Auto => None,
    }
}

impl Base {
    /// The base for training ratings on a scale. Users and items of an earlier run keep their biases.
    pub(super) fn new(options: &Options, problem: &Problem, scale: Scale) -> Self {
        let Some(options) = biases(options.center) else { return Self { below: None, scale } };
        let below = match &problem.start {
            Some(start) => extended_biases(&options, &problem.train, start),
            None => Biases::of(&options, &problem.train, problem.shape()),
        };
        Self { below: Some(Arc::new(below)), scale }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let below = match biases(options.center) {
            Some(options) => Some(Arc::from(Bias::load(&options, tensors, shape)?)),
            None => None,
        };
        Ok(Self { below, scale: Scale::take(tensors)? })
    }

    /// Bytes during training, and of the result.
    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        biases(options.center).map_or(0, |options| Bias::training_bytes(&options, shape))
    }

    pub(super) fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = self.below.as_ref().map_or_else(Vec::new, |below| below.tensors());
        tensors.extend(self.scale.tensor());
        tensors
    }

    pub(super) fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        match &self.below {
            Some(below) => below.predict(users, items, out),
            None => out.fill(self.scale.origin()),
        }
    }

    pub(super) fn of(&self, user: u32, item: u32) -> f32 {
        let mut out = [0.0];
        self.predict(&[user], &[item], &mut out);
        out[0]
    }

    /// The output of the autoencoder that gives a rating, where `base` is the prediction without it.
    pub(super) fn target(&self, rating: f32, base: f32) -> f32 {
        (rating - base) / self.scale.factor()
    }

    /// The mean prediction for an item without the autoencoder, on the scale of 1 to 5.
    pub(super) fn item_mean(&self, item: u32) -> f32 {
        self.scale.of_rating(self.of(UNKNOWN, item))
    }

    /// A scorer of items, or none where all predictions are the origin of the scale.
    pub(super) fn scorer(&self, users: &[u32]) -> Option<Box<dyn Scorer + '_>> {
        self.below.as_ref().map(|below| below.scorer(users))
    }

    /// A new user of the biases, if there are any.
    pub(super) fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        self.below.as_ref().map_or(Ok(Vec::new()), |below| below.fold_in(rows))
    }

    pub(super) fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        match &self.below {
            Some(below) => below.score_new_user(folded, out),
            None => out.fill(self.scale.origin()),
        }
    }

    /// The parts of a prediction without the autoencoder.
    pub(super) fn parts(&self, user: u32, item: u32) -> Result<Vec<(String, f32)>, &'static str> {
        match &self.below {
            Some(below) => Ok(below.explain(user, item, &[])?.parts),
            None => Ok(Vec::new()),
        }
    }
}
