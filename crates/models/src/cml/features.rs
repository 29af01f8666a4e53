//! The feature loss: item embeddings and the embeddings predicted from their features attract each other.
//!
//! ```text
//! λ_f Σ ‖f(x_i) − v_i‖²   over the distinct items of a mini-batch that have features
//! ```
//!
//! [`super::perceptron`] has `f`. In training each hidden unit is dropped with probability `featureDropout` and the others are
//! scaled up. The parameters have their own optimizer states and the learning rate `featureLearningRate`; rows of `A`, one per
//! feature, are updated lazily. `A` starts at 0, so that a feature that no training item has contributes nothing; `a` starts
//! at 0.1, `b` at 0 and `B` at Normal(0, 1/√units).

use super::Options;
use super::perceptron::{NAMES, Perceptron, activate, feature_weight};
use crate::contract::kind::Shape;
use crate::contract::trainer::Problem;
use crate::learn::minibatch::Batch;
use crate::learn::optimizer::Optimizer;
use crate::learn::row_gradients::{NONE, RowGradients};
use crate::learn::table::Table;
use tastespace_data::rng::Purpose;
use tastespace_data::{FeatureMatrix, Rng};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::matrix::{
    add_transposed_product, multiply_packed, pack, pack_transposed, packed_length,
};
use tastespace_kernels::vector::{add_scaled, dot, norm};
use tastespace_optim::parallel;

pub(super) use super::perceptron::has;

/// Items whose dropout comes from one random stream and that one task works on.
pub(super) const SHARD: usize = 64;

/// Shards of a mini-batch's items for sums over them, whatever the number of threads.
const SUMS: usize = 8;

/// The perceptron in training.
pub(super) struct Net {
    matrix: FeatureMatrix,
    units: usize,
    /// Padded embedding dimension.
    width: usize,
    d: usize,
    weight: f32,
    dropout: f64,
    learning_rate: f64,
    placed_length: f64,
    optimizer: Optimizer,
    input: Table,
    input_bias: Table,
    output: Table,
    output_bias: Table,
    gradients: RowGradients,
    /// The slots of the mini-batch's items that have features, and the weight of each feature of the item.
    slots: Vec<u32>,
    feature_weights: Vec<f32>,
    /// The index in `slots` of each slot of the mini-batch, or [`NONE`].
    index_of: Vec<u32>,
    /// Hidden units of each: `(slots, units)`.
    hidden: Vec<f32>,
    /// Gradients with respect to the hidden units before activation: `(slots, units)`.
    hidden_gradients: Vec<f32>,
    /// `2 λ_f (f(x) − v)` of each: `(slots, width)`.
    output_gradients: Vec<f32>,
    /// The feature, and the index in `slots`, of each contribution to the input rows.
    feature_of: Vec<u32>,
    holder_of: Vec<u32>,
    /// `B: (width, units)`, packed for products with it or with its transpose.
    panels: Vec<f32>,
    sums: Vec<Sums>,
}

/// Gradients of the parameters that all items share, summed over one shard of the items.
struct Sums {
    output: Vec<f32>,
    output_bias: Vec<f32>,
    input_bias: Vec<f32>,
}

impl Net {
    /// The net for the item features of `problem`, if there are any to learn from.
    pub(super) fn new(options: &Options, problem: &Problem, batch: usize) -> Option<Self> {
        let features = problem.train.item_features.as_ref().filter(|_| options.feature_weight > 0.0)?;
        let matrix = features.align(&problem.train.items);
        let (units, d) = (options.feature_units as usize, options.factors as usize);
        let width = padded(d);
        let mut rng = Rng::stream(problem.seed, Purpose::Initial, 0, 2);
        let deviation = 1.0 / (units as f64).sqrt();
        let mut start = [
            vec![0.0; matrix.width * units],
            vec![0.1; units],
            (0..d * units).map(|_| (rng.normal() * deviation) as f32).collect(),
            vec![0.0; d],
        ];
        if let Some(before) = &problem.start {
            // There are none if the earlier run had no features.
            for (to, name) in start.iter_mut().zip(NAMES) {
                if let Some(from) = before.tensors.values(name) {
                    to.copy_from_slice(from);
                }
            }
        }
        let [input, input_bias, mut output, mut output_bias] = start;
        output.resize(width * units, 0.0);
        output_bias.resize(width, 0.0);
        let table = |values, width| {
            Table::new(values, width, options.batch.optimizer, options.batch.initial_accumulator)
        };
        let most = (2 * batch).min(problem.train.items.len());
        Some(Self {
            units,
            width,
            d,
            weight: options.feature_weight as f32,
            dropout: options.feature_dropout,
            learning_rate: options.feature_learning_rate,
            placed_length: options.placed_length,
            optimizer: options.batch.optimizer,
            gradients: RowGradients::new(matrix.width, matrix.features.len(), units),
            input: table(input, units),
            input_bias: table(input_bias, units),
            output: table(output, units),
            output_bias: table(output_bias, width),
            slots: Vec::with_capacity(most),
            feature_weights: Vec::with_capacity(most),
            index_of: Vec::with_capacity(most),
            hidden: vec![0.0; most * units],
            hidden_gradients: vec![0.0; most * units],
            output_gradients: vec![0.0; most * width],
            feature_of: Vec::with_capacity(matrix.features.len()),
            holder_of: Vec::with_capacity(matrix.features.len()),
            panels: vec![0.0; packed_length(units, width)],
            sums: (0..SUMS)
                .map(|_| Sums {
                    output: vec![0.0; width * units],
                    output_bias: vec![0.0; width],
                    input_bias: vec![0.0; units],
                })
                .collect(),
            matrix,
        })
    }

    /// Bytes of a net for mini-batches of `batch` pairs.
    pub(super) fn bytes(options: &Options, shape: Shape, batch: usize) -> u64 {
        let (units, width) = (options.feature_units as usize, padded(options.factors as usize));
        let most = (2 * batch).min(shape.items);
        let small = (units + 1) * width + units;
        let packed = packed_length(units, width);
        let own =
            shape.items + 3 * shape.feature_pairs + most * (3 + 2 * units + width) + SUMS * small + packed;
        Table::bytes(shape.features, units, options.batch.optimizer)
            + RowGradients::bytes(shape.features, shape.feature_pairs, units)
            + 4 * (own + 3 * small) as u64
    }

    /// Whether the item has features.
    pub(super) fn has(&self, item: u32) -> bool {
        !self.matrix.of(item).is_empty()
    }

    /// Forward pass on the distinct items of a mini-batch, given by their `rows`. Returns the loss.
    pub(super) fn forward(&mut self, items: &Table, rows: &[u32], batch: &Batch) -> f64 {
        self.slots.clear();
        self.feature_weights.clear();
        self.index_of.clear();
        self.feature_of.clear();
        self.holder_of.clear();
        for (slot, &item) in rows.iter().enumerate() {
            let features = self.matrix.of(item);
            if features.is_empty() {
                self.index_of.push(NONE);
                continue;
            }
            let index = self.slots.len() as u32;
            self.index_of.push(index);
            self.slots.push(slot as u32);
            self.feature_weights.push(feature_weight(features));
            self.feature_of.extend(features);
            self.holder_of.extend(features.iter().map(|_| index));
        }
        let Self { units, width, matrix, input, input_bias, output, output_bias, slots, .. } = self;
        let (units, width, dropout, double) = (*units, *width, self.dropout, 2.0 * self.weight);
        let kept = (1.0 / (1.0 - dropout)) as f32;
        let panels = &mut self.panels[..packed_length(width, units)];
        pack(output.values(), units, panels);
        let parts =
            self.hidden.chunks_mut(SHARD * units).zip(self.output_gradients.chunks_mut(SHARD * width));
        let losses = parallel::map(
            slots.chunks(SHARD).zip(parts).enumerate(),
            |(shard, (slots, (hidden, output_gradients)))| {
                let mut rng = batch.stream(Purpose::Dropout, (2 * batch.size).div_ceil(SHARD), shard);
                let hidden = &mut hidden[..slots.len() * units];
                let output_gradients = &mut output_gradients[..slots.len() * width];
                for (&slot, hidden) in slots.iter().zip(hidden.chunks_exact_mut(units)) {
                    hidden.copy_from_slice(input_bias.values());
                    activate(input.values(), matrix.of(rows[slot as usize]), hidden);
                    if dropout > 0.0 {
                        for value in hidden {
                            *value = if rng.uniform() < dropout { 0.0 } else { *value * kept };
                        }
                    }
                }
                multiply_packed(hidden, panels, units, width, output_gradients, width);
                let mut squares = 0.0;
                for (&slot, gradient) in slots.iter().zip(output_gradients.chunks_exact_mut(width)) {
                    add_scaled(gradient, 1.0, output_bias.values());
                    add_scaled(gradient, -1.0, items.row(rows[slot as usize]));
                    squares += f64::from(dot(gradient, gradient));
                    gradient.iter_mut().for_each(|value| *value *= double);
                }
                squares
            },
        );
        f64::from(self.weight) * losses.iter().sum::<f64>()
    }

    /// Adds the gradient of the item of a slot of the mini-batch.
    pub(super) fn add_item_gradient(&self, slot: usize, gradient: &mut [f32]) {
        if self.index_of[slot] != NONE {
            add_scaled(
                gradient,
                -1.0,
                &self.output_gradients[self.index_of[slot] as usize * self.width..][..self.width],
            );
        }
    }

    /// Backward pass, and update of the parameters.
    pub(super) fn update(&mut self, number: u32) {
        let (units, width, count) = (self.units, self.width, self.slots.len());
        let kept = (1.0 / (1.0 - self.dropout)) as f32;
        pack_transposed(self.output.values(), units, &mut self.panels);
        let panels = &self.panels;
        let (hidden, output_gradients) =
            (&self.hidden[..count * units], &self.output_gradients[..count * width]);
        let gradients = &mut self.hidden_gradients[..count * units];
        let parts = hidden.chunks(SHARD * units).zip(output_gradients.chunks(SHARD * width));
        parallel::for_each(
            gradients.chunks_mut(SHARD * units).zip(parts),
            |(gradients, (hidden, output_gradients))| {
                multiply_packed(output_gradients, panels, width, units, gradients, units);
                for (gradient, &value) in gradients.iter_mut().zip(hidden) {
                    *gradient = if value > 0.0 { *gradient * kept } else { 0.0 };
                }
            },
        );
        let gradients = &self.hidden_gradients[..count * units];
        let size = count.div_ceil(SUMS).max(1);
        parallel::for_each(self.sums.iter_mut().enumerate(), |(part, sums)| {
            let part = (part * size).min(count)..((part + 1) * size).min(count);
            let hidden = &hidden[part.start * units..part.end * units];
            let output_gradients = &output_gradients[part.start * width..part.end * width];
            sums.output.fill(0.0);
            add_transposed_product(&mut sums.output, output_gradients, hidden, width, units);
            sums.output_bias.fill(0.0);
            output_gradients.chunks_exact(width).for_each(|row| add_scaled(&mut sums.output_bias, 1.0, row));
            sums.input_bias.fill(0.0);
            let gradients = &gradients[part.start * units..part.end * units];
            gradients.chunks_exact(units).for_each(|row| add_scaled(&mut sums.input_bias, 1.0, row));
        });
        let (first, others) = self.sums.split_first_mut().expect("there are parts");
        for sums in others {
            add_scaled(&mut first.output, 1.0, &sums.output);
            add_scaled(&mut first.output_bias, 1.0, &sums.output_bias);
            add_scaled(&mut first.input_bias, 1.0, &sums.input_bias);
        }
        self.gradients.group(&self.feature_of);
        let (holder_of, weights) = (&self.holder_of, &self.feature_weights);
        self.gradients.compute(
            || (),
            |(), block, out| {
                out.fill(0.0);
                for (index, gradient) in out.chunks_exact_mut(units).enumerate() {
                    for &pair in block.contributions(index) {
                        let holder = holder_of[pair as usize] as usize;
                        add_scaled(gradient, weights[holder], &gradients[holder * units..][..units]);
                    }
                }
            },
        );
        let update = self.optimizer.update(self.learning_rate, number);
        self.input.update(&self.gradients, update, |_| ());
        self.input_bias.update_all(&first.input_bias, update);
        self.output.update_all(&first.output, update);
        self.output_bias.update_all(&first.output_bias, update);
    }

    /// A copy of the trained perceptron. All `items` except those that are `placed` have interactions.
    pub(super) fn perceptron(&self, items: &Table, placed: &[u32]) -> Perceptron {
        let mut norms: Vec<f32> = items.values().chunks_exact(self.width).map(norm).collect();
        placed.iter().for_each(|&item| norms[item as usize] = 0.0);
        let sum: f64 = norms.iter().map(|&norm| f64::from(norm)).sum();
        let trained = (norms.len() - placed.len()).max(1);
        Perceptron {
            input: self.input.values().to_vec(),
            input_bias: self.input_bias.values().to_vec(),
            output: self.output.values()[..self.d * self.units].to_vec(),
            output_bias: self.output_bias.values()[..self.d].to_vec(),
            length: (self.placed_length * sum / trained as f64) as f32,
        }
    }

    /// The features of `item`.
    pub(super) fn features(&self, item: u32) -> &[u32] {
        self.matrix.of(item)
    }
}
