//! The perceptron that predicts an item's embedding from its features.
//!
//! ```text
//! f(x) = B h + b,   h = ReLU(A x/√|x| + a)
//! ```
//!
//! with `x` the item's features as zeros and ones, `|x|` their number, and `featureUnits` hidden units. [`super::features`] trains it.
//!
//! An item without interactions is placed in the direction of `f(x)`, at `placedLength` times the mean norm of the items with
//! interactions. The norm of `f(x)` itself is not used: a regression on uninformative features predicts short vectors, and
//! an item near the center is near every user.

use super::Options;
use crate::contract::kind::Shape;
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use tastespace_kernels::vector::{add_scaled, dot, norm};

/// Whether a model with these options and this shape learns from features.
pub(super) fn has(options: &Options, shape: Shape) -> bool {
    shape.features > 0 && options.feature_weight > 0.0
}

/// A trained perceptron.
#[derive(Clone)]
pub(super) struct Perceptron {
    /// `A`, transposed: `(features, units)`.
    pub(super) input: Vec<f32>,
    /// `a: (units)`.
    pub(super) input_bias: Vec<f32>,
    /// `B: (d, units)`.
    pub(super) output: Vec<f32>,
    /// `b: (d)`.
    pub(super) output_bias: Vec<f32>,
    /// Norm of the embeddings of items without interactions.
    pub(super) length: f32,
}

pub(super) const NAMES: [&str; 4] =
    ["feature_input", "feature_input_bias", "feature_output", "feature_output_bias"];
const LENGTH: &str = "feature_length";

impl Perceptron {
    /// Shapes of its tensors.
    pub(super) fn shapes(options: &Options, features: usize) -> [Vec<usize>; 4] {
        let (units, d) = (options.feature_units as usize, options.factors as usize);
        [vec![features, units], vec![units], vec![d, units], vec![d]]
    }

    pub(super) fn bytes(options: &Options, features: usize) -> u64 {
        let shapes = Self::shapes(options, features);
        shapes.iter().map(|shape| shape.iter().map(|&extent| extent as u64).product::<u64>()).sum::<u64>() * 4
            + 4
    }

    /// Takes the parameters of a model that was trained with features.
    pub(super) fn load(
        options: &Options,
        tensors: &mut Tensors,
        shape: Shape,
    ) -> Result<Option<Self>, WrongTensor> {
        if !has(options, shape) {
            return Ok(None);
        }
        let shapes = Self::shapes(options, shape.features);
        let mut take = |place: usize| tensors.take(NAMES[place], &shapes[place]);
        let (input, input_bias, output, output_bias) = (take(0)?, take(1)?, take(2)?, take(3)?);
        let length = tensors.take(LENGTH, &[1])?[0];
        Ok(Some(Self { input, input_bias, output, output_bias, length }))
    }

    pub(super) fn tensors(&self) -> impl Iterator<Item = Tensor<'_>> {
        let (units, d) = (self.input_bias.len(), self.output_bias.len());
        let all = [&self.input, &self.input_bias, &self.output, &self.output_bias];
        let shapes = [vec![self.input.len() / units, units], vec![units], vec![d, units], vec![d]];
        let axes = [Axis::Features, Axis::Whole, Axis::Whole, Axis::Whole];
        let tensors = all.into_iter().zip(shapes).zip(NAMES.into_iter().zip(axes));
        let tensors =
            tensors.map(|((values, shape), (name, axis))| Tensor { name: name.into(), shape, values, axis });
        tensors.chain([Tensor::vector(LENGTH, Axis::Whole, std::slice::from_ref(&self.length))])
    }

    /// The embedding of an item with these features. `out: (d)`.
    pub(super) fn place(&self, features: &[u32], out: &mut [f32]) {
        let mut hidden = self.input_bias.clone();
        activate(&self.input, features, &mut hidden);
        for ((out, weights), bias) in
            out.iter_mut().zip(self.output.chunks_exact(hidden.len())).zip(&self.output_bias)
        {
            *out = dot(weights, &hidden) + bias;
        }
        let norm = norm(out);
        if norm > 0.0 {
            out.iter_mut().for_each(|value| *value *= self.length / norm);
        }
    }
}

/// Adds the input of `features` to `hidden: (units)` and applies the ReLU.
pub(super) fn activate(input: &[f32], features: &[u32], hidden: &mut [f32]) {
    let units = hidden.len();
    let weight = feature_weight(features);
    for &feature in features {
        add_scaled(hidden, weight, &input[feature as usize * units..][..units]);
    }
    hidden.iter_mut().for_each(|value| *value = value.max(0.0));
}

/// The weight of each feature of an item.
pub(super) fn feature_weight(features: &[u32]) -> f32 {
    1.0 / (features.len() as f32).sqrt()
}
