//! The autoencoder: forward and backward pass of its kernelized layers, sparse where the ratings are sparse.
//!
//! The first layer multiplies the observed ratings only, the last layer computes the observed outputs only, and the layers
//! between are dense. `docs/experiments.md` has the number of operations of each.

use super::Options;
use super::matrix::{Matrix, by_panels, lanes_of};
use super::parameters::Layout;
use super::ratings::{Ratings, cut};
use crate::contract::kind::Shape;
use tastespace_kernels::kernelised::{self, Kernel, Penalties};
use tastespace_kernels::panels::{self, PANEL};
use tastespace_kernels::sigmoid;
use tastespace_kernels::sparse::{self, Sparse};
use tastespace_optim::parallel;

/// Rows of a layer whose kernels are processed together in the backward pass. A constant, so that sums do not depend on threads.
const ROWS: usize = 64;

/// The effective weights of the layers, and their gradients.
pub(super) struct Network {
    pub(super) layout: Layout,
    kernel: Kernel,
    /// The shift of the codes, see [`Options::shift`].
    shift: f32,
    /// `ŵ` of each layer.
    pub(super) weights: Vec<Matrix>,
    /// `ŵᵀ` of the layers between the first and the last.
    transposed: Vec<Matrix>,
    /// The gradient of `ŵ` of each layer.
    pub(super) slopes: Vec<Matrix>,
    /// The gradient of the input of each hidden layer's sigmoid, in the current backward pass.
    pub(super) deltas: Vec<Matrix>,
    /// `v` of each layer, by dimension, in panels.
    columns: Vec<Vec<f32>>,
}

/// The activations of one pass: `(rows, h)` of each hidden layer.
pub(super) struct Pass {
    pub(super) hidden: Vec<Matrix>,
}

impl Pass {
    pub(super) fn new(layout: &Layout, rows: usize) -> Self {
        let hidden = &layout.layers[..layout.layers.len() - 1];
        Self { hidden: hidden.iter().map(|layer| Matrix::zeros(rows, layer.columns)).collect() }
    }

    /// The code of each row, the input of the output layer.
    pub(super) fn codes(&self) -> &Matrix {
        self.hidden.last().expect("there is a hidden layer")
    }

    fn bytes(layout: &Layout, rows: usize) -> u64 {
        let hidden = &layout.layers[..layout.layers.len() - 1];
        hidden.iter().map(|layer| Matrix::bytes(rows, layer.columns)).sum()
    }
}

impl Network {
    pub(super) fn new(layout: Layout, options: &Options, items: usize) -> Self {
        let layers = &layout.layers;
        let all = || layers.iter().map(|layer| Matrix::zeros(layer.rows, layer.columns)).collect();
        let middle = &layers[1..layers.len() - 1];
        Self {
            kernel: options.kernel.into(),
            shift: options.shift(),
            weights: all(),
            transposed: middle.iter().map(|layer| Matrix::zeros(layer.columns, layer.rows)).collect(),
            slopes: all(),
            deltas: Pass::new(&layout, items).hidden,
            columns: layers
                .iter()
                .map(|layer| vec![0.0; panels::length(layout.dimensions, layer.columns)])
                .collect(),
            layout,
        }
    }

    /// The shift of a hidden layer.
    fn shift_of(&self, layer: usize) -> f32 {
        if layer + 2 == self.weights.len() { self.shift } else { 0.0 }
    }

    /// Bytes of the network and of `passes` passes through it.
    pub(super) fn bytes(layout: &Layout, shape: Shape, passes: u64) -> u64 {
        let layers = &layout.layers;
        let middle = &layers[1..layers.len() - 1];
        let weights: u64 = layers.iter().map(|layer| Matrix::bytes(layer.rows, layer.columns)).sum();
        let transposed: u64 = middle.iter().map(|layer| Matrix::bytes(layer.columns, layer.rows)).sum();
        2 * weights + transposed + (passes + 1) * Pass::bytes(layout, shape.items)
    }

    /// Computes the effective weights of `parameters`.
    pub(super) fn take(&mut self, parameters: &[f32]) {
        let (kernel, d) = (self.kernel, self.layout.dimensions);
        for (number, layer) in self.layout.layers.iter().enumerate() {
            let columns = &mut self.columns[number];
            kernelised::columns_in_panels(&parameters[layer.column_points.clone()], d, columns);
            let (w, u) = (&parameters[layer.weights.clone()], &parameters[layer.row_points.clone()]);
            self.weights[number]
                .each_panel(|panel, out| kernelised::weigh(kernel, w, u, columns, d, panel, out));
        }
        for (transposed, weights) in self.transposed.iter_mut().zip(&self.weights[1..]) {
            transposed.transpose(weights);
        }
    }

    /// From `input: (rows, users)` through the hidden layers.
    pub(super) fn forward(&self, parameters: &[f32], input: Sparse, pass: &mut Pass) {
        let biases = |layer: usize| &parameters[self.layout.layers[layer].biases.clone()];
        let (first, rest) = pass.hidden.split_at_mut(1);
        first[0].each_panel(|panel, out| {
            out.fill([0.0; PANEL]);
            sparse::multiply(input, self.weights[0].panel(panel), out);
            sigmoid::activate(out, &lanes_of(biases(0), panel), self.shift_of(0));
        });
        let mut before = &first[0];
        for (layer, hidden) in rest.iter_mut().enumerate().map(|(number, hidden)| (number + 1, hidden)) {
            let weights = &self.weights[layer];
            hidden.each_panel(|panel, out| {
                panels::multiply(&before.values, weights.panel(panel), weights.width(panel), false, out);
                sigmoid::activate(out, &lanes_of(biases(layer), panel), self.shift_of(layer));
            });
            before = hidden;
        }
    }

    /// The errors of the observed ratings, in the order by item. Returns the sum of squares.
    pub(super) fn errors(
        &self,
        parameters: &[f32],
        pass: &Pass,
        ratings: &Ratings,
        errors: &mut [f32],
    ) -> f64 {
        let (codes, weights) = (pass.codes(), &self.weights[self.weights.len() - 1]);
        let biases = &parameters[self.layout.output().biases.clone()];
        let (rows, depth) = (ratings.by_item(), codes.columns);
        let squares =
            parallel::map(cut(errors, rows.starts, &ratings.chunks).into_iter(), |(items, errors)| {
                let part =
                    Sparse { starts: &rows.starts[items.clone()], ends: &rows.ends[items.clone()], ..rows };
                let (a, b) =
                    ((&codes.values[..], codes.rows, items.start), (&weights.values[..], weights.rows));
                sparse::sample(a, b, depth, part, errors);
                let entries = rows.starts[items.start] as usize..rows.ends[items.end - 1] as usize;
                let mut squares = 0.0;
                for ((error, &user), &target) in
                    errors.iter_mut().zip(&rows.columns[entries.clone()]).zip(&ratings.targets[entries])
                {
                    *error += biases[user as usize] - target;
                    squares += f64::from(*error) * f64::from(*error);
                }
                squares
            });
        squares.iter().sum()
    }

    /// From the errors to the gradients of the output layer's weights and biases and of the codes' sigmoid.
    pub(super) fn back_from_errors(
        &mut self,
        pass: &Pass,
        ratings: &Ratings,
        (errors, by_user): (&[f32], &[f32]),
        gradient: &mut [f32],
    ) {
        let (codes, last) = (pass.codes(), self.weights.len() - 1);
        let users = ratings.by_user_with(by_user);
        self.slopes[last].each_panel(|panel, out| {
            out.fill([0.0; PANEL]);
            sparse::multiply(users, codes.panel(panel), out);
        });
        let biases = &mut gradient[self.layout.output().biases.clone()];
        for (bias, (&start, &end)) in biases.iter_mut().zip(users.starts.iter().zip(users.ends)) {
            *bias = by_user[start as usize..end as usize].iter().sum();
        }
        let (weights, items, shift) = (&self.weights[last], ratings.by_item_with(errors), self.shift);
        self.deltas[last - 1].each_panel(|panel, out| {
            out.fill([0.0; PANEL]);
            sparse::multiply(items, weights.panel(panel), out);
            sigmoid::backward(codes.panel(panel), out, shift);
        });
    }

    /// The mean output of each row over all users: `means: (rows)`. The outputs themselves are never computed.
    pub(super) fn means(&self, parameters: &[f32], pass: &Pass, means: &mut [f32]) {
        let (codes, mean) = (pass.codes(), self.mean_weights());
        let biases = &parameters[self.layout.output().biases.clone()];
        let bias: f64 = biases.iter().map(|&bias| f64::from(bias)).sum::<f64>() / biases.len() as f64;
        means.fill(bias as f32);
        for panel in 0..panels::panels(codes.columns) {
            panels::add_products(codes.panel(panel), &lanes_of(&mean, panel), means);
        }
    }

    /// The output layer's effective weights, averaged over all users: `(h)`.
    pub(super) fn mean_weights(&self) -> Vec<f32> {
        let weights = &self.weights[self.weights.len() - 1];
        let mut mean = vec![0.0; weights.columns];
        let share = 1.0 / weights.rows as f32;
        by_panels(
            &mut mean,
            |panel| panels::column_sums(weights.panel(panel)),
            |out, sum| *out = sum * share,
        );
        mean
    }

    /// From the gradient of each row's mean, added to that of the output layer.
    pub(super) fn back_from_means(&mut self, pass: &Pass, slopes: &[f32], gradient: &mut [f32]) {
        let (codes, last, mean) = (pass.codes(), self.weights.len() - 1, self.mean_weights());
        let shift = self.shift;
        let biases = &mut gradient[self.layout.output().biases.clone()];
        let share = 1.0 / biases.len() as f32;
        let sum: f64 = slopes.iter().map(|&slope| f64::from(slope)).sum();
        biases.iter_mut().for_each(|bias| *bias += sum as f32 * share);
        self.slopes[last].each_panel(|panel, out| {
            let sums = panels::weighted_sums(codes.panel(panel), slopes).map(|sum| sum * share);
            for out in out {
                for lane in 0..PANEL {
                    out[lane] += sums[lane];
                }
            }
        });
        self.deltas[last - 1].each_panel(|panel, out| {
            let mean = lanes_of(&mean, panel);
            for (out, slope) in out.iter_mut().zip(slopes) {
                *out = mean.map(|weight| slope * weight);
            }
            sigmoid::backward(codes.panel(panel), out, shift);
        });
    }

    /// From the codes' sigmoid back to the input. Gradients are overwritten, or added to if `add` is set.
    pub(super) fn back(&mut self, pass: &Pass, input_by_user: Sparse, add: bool, gradient: &mut [f32]) {
        for layer in (0..self.deltas.len()).rev() {
            let (before, after) = self.deltas.split_at_mut(layer);
            let delta = &after[0];
            let biases = &mut gradient[self.layout.layers[layer].biases.clone()];
            let put = if add { |out: &mut f32, sum| *out += sum } else { |out: &mut f32, sum| *out = sum };
            by_panels(biases, |panel| panels::column_sums(delta.panel(panel)), put);
            if layer == 0 {
                self.slopes[0].each_panel(|panel, out| {
                    if !add {
                        out.fill([0.0; PANEL]);
                    }
                    sparse::multiply(input_by_user, delta.panel(panel), out);
                });
                continue;
            }
            let inner = &pass.hidden[layer - 1];
            self.slopes[layer].each_panel(|panel, out| {
                let width = delta.width(panel);
                panels::multiply_transposed(&inner.values, delta.panel(panel), width, add, out);
            });
            let transposed = &self.transposed[layer - 1];
            before[layer - 1].each_panel(|panel, out| {
                let width = transposed.width(panel);
                panels::multiply(&delta.values, transposed.panel(panel), width, false, out);
                // Only the last hidden layer, the code, is shifted.
                sigmoid::backward(inner.panel(panel), out, 0.0);
            });
        }
    }

    /// From the effective weights back to weights and points, with the penalties. Returns the sum of the penalties.
    pub(super) fn back_to_parameters(
        &self,
        parameters: &[f32],
        penalties: Penalties,
        gradient: &mut [f32],
    ) -> f64 {
        let (kernel, d) = (self.kernel, self.layout.dimensions);
        let mut penalty = 0.0;
        for (number, layer) in self.layout.layers.iter().enumerate() {
            let (w, u) = (&parameters[layer.weights.clone()], &parameters[layer.row_points.clone()]);
            let (v, g) = (&self.columns[number], &self.slopes[number]);
            let places = [layer.weights.clone(), layer.row_points.clone(), layer.column_points.clone()];
            let [w_slope, u_slope, v_slope] =
                gradient.get_disjoint_mut(places).expect("the parameters' places are apart");
            let chunks =
                w_slope.chunks_mut(ROWS * layer.columns).zip(u_slope.chunks_mut(ROWS * d)).enumerate();
            let parts = parallel::map(chunks, |(chunk, (w_slope, u_slope))| {
                let first = chunk * ROWS;
                let own =
                    (&w[first * layer.columns..][..w_slope.len()], &u[first * d..][..u_slope.len()], &v[..]);
                let mut v_slope = vec![0.0; v.len()];
                let g = (&g.values[..], g.rows, first);
                let squares =
                    kernelised::backward(kernel, penalties, own, g, d, w_slope, u_slope, &mut v_slope);
                (squares, v_slope)
            });
            v_slope.fill(0.0);
            for (squares, part) in parts {
                penalty += f64::from(penalties.weights) * squares.weights;
                penalty += f64::from(penalties.kernel) * squares.kernel;
                for (column, v_slope) in v_slope.chunks_exact_mut(d).enumerate() {
                    for (dimension, slope) in v_slope.iter_mut().enumerate() {
                        *slope += part[(column / PANEL * d + dimension) * PANEL + column % PANEL];
                    }
                }
            }
        }
        penalty
    }
}
