//! The layout of all parameters in one vector, and their initial values.

use super::Options;
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::contract::trainer::Start;
use std::ops::Range;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;

/// Values of an item's global kernel, 3 × 3.
pub(super) const TAPS: usize = 9;

/// One kernelised layer.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// `w: (rows, columns)`
    pub(super) weights: Range<usize>,
    /// `u: (rows, d)`
    pub(super) row_points: Range<usize>,
    /// `v: (columns, d)`
    pub(super) column_points: Range<usize>,
    pub(super) biases: Range<usize>,
}

/// The layout of all parameters.
///
/// The first layer has a row per user, and so has the last layer, which is stored transposed; the parameters of the layers
/// between are stored together by role.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) layers: Vec<Layer>,
    /// Dimension of the kernel vectors.
    pub(super) dimensions: usize,
    /// `κ: (items, TAPS)`, at the end.
    pub(super) kernels: Range<usize>,
    /// The tensors of the file: name, range, shape, axis.
    tensors: Vec<(&'static str, Range<usize>, Vec<usize>, Axis)>,
}

impl Layout {
    pub(super) fn new(options: &Options, users: usize, items: usize) -> Self {
        let (hidden, d) = (&options.hidden, options.kernel_dimensions as usize);
        let sizes: Vec<usize> = hidden.iter().map(|&size| size as usize).collect();
        let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
        let between: Vec<(usize, usize)> = sizes.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let mut tensors = Vec::new();
        let mut end = 0;
        let mut place = |name, shape: &[usize], along| {
            let range = end..end + shape.iter().product::<usize>();
            end = range.end;
            tensors.push((name, range.clone(), shape.to_vec(), along));
            range
        };
        let total =
            |size: fn(&(usize, usize), usize) -> usize| between.iter().map(|pair| size(pair, d)).sum();
        let input = Layer {
            rows: users,
            columns: first,
            weights: place("input_weights", &[users, first], Axis::Users),
            row_points: place("input_user_points", &[users, d], Axis::Users),
            column_points: place("input_hidden_points", &[first, d], Axis::Whole),
            biases: place("input_biases", &[first], Axis::Whole),
        };
        let mut middle = [0..0, 0..0, 0..0, 0..0];
        if !between.is_empty() {
            middle = [
                place("hidden_weights", &[total(|(r, c), _| r * c)], Axis::Whole),
                place("hidden_row_points", &[total(|(r, _), d| r * d)], Axis::Whole),
                place("hidden_column_points", &[total(|(_, c), d| c * d)], Axis::Whole),
                place("hidden_biases", &[total(|(_, c), _| *c)], Axis::Whole),
            ];
        }
        let mut layers = vec![input];
        for (rows, columns) in between {
            let mut take = |role: usize, length: usize| {
                let start = middle[role].start;
                middle[role].start += length;
                start..start + length
            };
            layers.push(Layer {
                rows,
                columns,
                weights: take(0, rows * columns),
                row_points: take(1, rows * d),
                column_points: take(2, columns * d),
                biases: take(3, columns),
            });
        }
        layers.push(Layer {
            rows: users,
            columns: last,
            weights: place("output_weights", &[users, last], Axis::Users),
            row_points: place("output_user_points", &[users, d], Axis::Users),
            column_points: place("output_hidden_points", &[last, d], Axis::Whole),
            biases: place("output_biases", &[users], Axis::Users),
        });
        let kernels = place("item_kernels", &[items, TAPS], Axis::Items);
        Self { layers, dimensions: d, kernels, tensors }
    }

    /// Number of parameters.
    pub(super) fn len(&self) -> usize {
        self.kernels.end
    }

    /// The last layer, from the codes to the users.
    pub(super) fn output(&self) -> &Layer {
        &self.layers[self.layers.len() - 1]
    }

    /// The parameters as the tensors of a file.
    pub(super) fn tensors<'a>(&self, parameters: &'a [f32]) -> Vec<Tensor<'a>> {
        let tensor = |(name, place, shape, along): &(&'static str, Range<usize>, Vec<usize>, Axis)| Tensor {
            name: (*name).into(),
            shape: shape.clone(),
            values: &parameters[place.clone()],
            axis: *along,
        };
        self.tensors.iter().map(tensor).collect()
    }

    /// The parameters from the tensors of a file.
    pub(super) fn load(&self, tensors: &mut Tensors) -> Result<Vec<f32>, WrongTensor> {
        let mut parameters = vec![0.0; self.len()];
        for (name, place, shape, _) in &self.tensors {
            parameters[place.clone()].copy_from_slice(&tensors.take(name, shape)?);
        }
        Ok(parameters)
    }

    /// Initial values: weights and biases uniform (Glorot, Bengio), points and global kernels normal, truncated at two standard
    /// deviations. Each block has its own random stream: four per layer, in the order of the fields of [`Layer`], and then one for
    /// the global kernels.
    pub(super) fn draw(&self, options: &Options, seed: u64, mean: f64) -> Vec<f32> {
        let mut parameters = vec![0.0; self.len()];
        let mut table = 0;
        let mut fill = |place: &Range<usize>, draw: &dyn Fn(&mut Rng) -> f64| {
            let mut rng = Rng::stream(seed, Purpose::Initial, 0, table);
            table += 1;
            for value in &mut parameters[place.clone()] {
                *value = draw(&mut rng) as f32;
            }
        };
        let last = self.layers.len() - 1;
        for (number, layer) in self.layers.iter().enumerate() {
            let uniform = |limit: f64| move |rng: &mut Rng| limit * (2.0 * rng.uniform() - 1.0);
            let biases = if number == last { layer.rows } else { layer.columns };
            fill(&layer.weights, &uniform((6.0 / (layer.rows + layer.columns) as f64).sqrt()));
            fill(&layer.row_points, &|rng| truncated(rng) * POINT_DEVIATION);
            fill(&layer.column_points, &|rng| truncated(rng) * POINT_DEVIATION);
            fill(&layer.biases, &uniform((3.0 / biases as f64).sqrt()));
        }
        fill(&self.kernels, &|rng| truncated(rng) * options.global_deviation);
        if options.is_centered() {
            // Training starts at the biases or the mean.
            parameters[self.output().weights.clone()].fill(0.0);
            parameters[self.output().biases.clone()].fill(0.0);
        }
        // With a mean of 0 there is no such kernel.
        if options.identity && mean.abs() > 1e-6 {
            // With mean outputs near the mean rating, the sum of the centers is about 1.
            let middle = 1.0 / (options.dot_scale * mean * (self.kernels.len() / TAPS) as f64);
            for kernel in parameters[self.kernels.clone()].chunks_exact_mut(TAPS) {
                kernel[TAPS / 2] += middle as f32;
            }
        }
        parameters
    }

    /// Copies the parameters of an earlier run. Rows of zeros belong to new users and items, which keep their initial values.
    /// Users and items without ratings are trained too, through the means over all rows.
    pub(super) fn resume_from(&self, before: &Start, parameters: &mut [f32]) {
        for (name, place, shape, along) in &self.tensors {
            let learnt = before.values(name);
            let width = match along {
                Axis::Whole | Axis::Features => place.len(),
                Axis::Users | Axis::Items => place.len() / shape[0].max(1),
            };
            let rows = parameters[place.clone()].chunks_exact_mut(width.max(1));
            for (row, learnt) in rows.zip(learnt.chunks_exact(width.max(1))) {
                if learnt.iter().any(|&value| value != 0.0) {
                    row.copy_from_slice(learnt);
                }
            }
        }
    }
}

/// Standard deviation of the initial points.
const POINT_DEVIATION: f64 = 1e-3;

/// A standard normal value within two standard deviations.
fn truncated(rng: &mut Rng) -> f64 {
    loop {
        let value = rng.normal();
        if value.abs() <= 2.0 {
            return value;
        }
    }
}
