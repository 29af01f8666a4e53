//! The feature loss: a perceptron says where an item belongs by its features, and both give way to each other.
//!
//! ```text
//! f(x) = B h + b,   h = ReLU(A x/√|x| + a),   loss λ_f Σ ‖f(x_i) − v_i‖² over the distinct items of a batch that have features
//! ```
//!
//! with `x` the item's features as zeros and ones, `|x|` their number, and `featureUnits` hidden units. In training a hidden unit
//! is left out with odds of `featureDropout`, and those that stay count for more accordingly. The parameters have optimiser
//! states of their own and the rate `featureLearningRate`; rows of `A`, one a feature, step lazily.
//!
//! `A` starts at 0, so that a feature that no item in training has says nothing of others; `a` starts at .1, `b` at 0 and `B` at
//! Normal(0, 1/√units).
//!
//! An item without rows is placed in the direction of `f(x)`, at `placedLength` times the distance from the centre that items
//! with rows have on average. A regression makes short vectors out of features that say little, and who is near the centre is
//! near everyone; as far out as the others, an item that is only roughly in the right direction is near nobody.

use super::Options;
use crate::contract::model::{Along, Problem, Shape, Start, Tensor, Tensors, WrongTensor};
use crate::learn::minibatch::{NONE, Optimizer, Step, Table, Touched};
use rayon::prelude::*;
use tastespace_data::rng::Purpose;
use tastespace_data::{FeatureMatrix, Rng};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::matrix::{add_transposed_product, multiply_packed, pack, pack_turned, packed_length};
use tastespace_kernels::vector::{add_scaled, dot, norm};

/// Whether a model of these options and this shape learns from features.
pub(super) fn has(options: &Options, shape: Shape) -> bool {
    shape.features > 0 && options.feature_weight > 0.0
}

/// What a trained model knows of features.
#[derive(Clone)]
pub(super) struct Perceptron {
    /// `A`, transposed: `(features, units)`.
    input: Vec<f32>,
    /// `a: (units)`.
    input_bias: Vec<f32>,
    /// `B: (d, units)`.
    output: Vec<f32>,
    /// `b: (d)`.
    output_bias: Vec<f32>,
    /// Length of the vectors of items without rows.
    length: f32,
}

const NAMES: [&str; 4] = ["feature_input", "feature_input_bias", "feature_output", "feature_output_bias"];
const LENGTH: &str = "feature_length";

impl Perceptron {
    /// Extents of its tensors, as named.
    fn shapes(options: &Options, features: usize) -> [Vec<usize>; 4] {
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
        let tensors = all.into_iter().zip(shapes).zip(NAMES).map(|((values, shape), name)| Tensor {
            name: name.into(),
            shape,
            values,
            along: Along::Whole,
        });
        tensors.chain([Tensor::vector(LENGTH, Along::Whole, std::slice::from_ref(&self.length))])
    }

    /// Where an item with these features belongs. `out: (d)`.
    pub(super) fn place(&self, features: &[u32], out: &mut [f32]) {
        let mut hidden = self.input_bias.clone();
        activate(&self.input, features, &mut hidden);
        for ((out, weights), bias) in
            out.iter_mut().zip(self.output.chunks_exact(hidden.len())).zip(&self.output_bias)
        {
            *out = dot(weights, &hidden) + bias;
        }
        let length = norm(out);
        if length > 0.0 {
            out.iter_mut().for_each(|value| *value *= self.length / length);
        }
    }
}

/// Adds what `features` say to `hidden: (units)`, and leaves what is above 0.
fn activate(input: &[f32], features: &[u32], hidden: &mut [f32]) {
    let units = hidden.len();
    let share = share(features);
    for &feature in features {
        add_scaled(hidden, share, &input[feature as usize * units..][..units]);
    }
    hidden.iter_mut().for_each(|value| *value = value.max(0.0));
}

/// What each feature of an item counts.
fn share(features: &[u32]) -> f32 {
    1.0 / (features.len() as f32).sqrt()
}

/// Items whose hidden units are dropped by one stream, and which one thread works on at a time.
pub(super) const SHARD: usize = 64;

/// Parts that a batch's items are cut into for sums over them, whatever the threads.
const SUMS: usize = 8;

/// The perceptron while it is trained.
pub(super) struct Net {
    matrix: FeatureMatrix,
    units: usize,
    /// Length of an item's row, which is padded.
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
    touched: Touched,
    /// The slots of the batch's items that have features, and what each of an item's features counts.
    slots: Vec<u32>,
    shares: Vec<f32>,
    /// Where each slot of the batch's items is in `slots`, or [`NONE`].
    place_of: Vec<u32>,
    /// Hidden units of each: `(slots, units)`.
    hidden: Vec<f32>,
    /// Gradients of the hidden units before their activation, likewise.
    hidden_gradients: Vec<f32>,
    /// `2 λ_f (f(x) − v)` of each: `(slots, width)`.
    pulls: Vec<f32>,
    /// The feature, and the place in `slots`, of each contribution to the input rows.
    feature_of: Vec<u32>,
    holder_of: Vec<u32>,
    /// `B: (width, units)`, packed for products with it or with its transpose.
    panels: Vec<f32>,
    sums: Vec<Sums>,
}

/// What one part of a batch's items adds to the gradients of what all share.
struct Sums {
    output: Vec<f32>,
    output_bias: Vec<f32>,
    input_bias: Vec<f32>,
}

impl Net {
    /// A net for the features of the items of `problem`, if there are any to learn from.
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
            take_over(&mut start, before, &Perceptron::shapes(options, matrix.width));
        }
        let [input, input_bias, mut output, mut output_bias] = start;
        output.resize(width * units, 0.0);
        output_bias.resize(width, 0.0);
        let table = |values, width| Table::new(values, width, options.optimizer, options.initial_accumulator);
        let most = (2 * batch).min(problem.train.items.len());
        Some(Self {
            units,
            width,
            d,
            weight: options.feature_weight as f32,
            dropout: options.feature_dropout,
            learning_rate: options.feature_learning_rate,
            placed_length: options.placed_length,
            optimizer: options.optimizer,
            touched: Touched::new(matrix.width, matrix.features.len(), units),
            input: table(input, units),
            input_bias: table(input_bias, units),
            output: table(output, units),
            output_bias: table(output_bias, width),
            slots: Vec::with_capacity(most),
            shares: Vec::with_capacity(most),
            place_of: Vec::with_capacity(most),
            hidden: vec![0.0; most * units],
            hidden_gradients: vec![0.0; most * units],
            pulls: vec![0.0; most * width],
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

    /// Bytes of a net for batches of `batch` pairs.
    pub(super) fn bytes(options: &Options, shape: Shape, batch: usize) -> u64 {
        let (units, width) = (options.feature_units as usize, padded(options.factors as usize));
        let most = (2 * batch).min(shape.items);
        let small = (units + 1) * width + units;
        let packed = packed_length(units, width);
        let own =
            shape.items + 3 * shape.feature_pairs + most * (3 + 2 * units + width) + SUMS * small + packed;
        Table::bytes(shape.features, units, options.optimizer)
            + Touched::bytes(shape.features, shape.feature_pairs, units)
            + 4 * (own + 3 * small) as u64
    }

    /// The items that have features.
    pub(super) fn has(&self, item: u32) -> bool {
        !self.matrix.of(item).is_empty()
    }

    /// Looks at the distinct `rows` of a batch's items: where features say that they belong, and how far off they are.
    /// Shards draw from the streams of the epoch from `first` on. Returns the loss.
    pub(super) fn look(&mut self, items: &Table, rows: &[u32], [seed, epoch, first]: [u64; 3]) -> f64 {
        self.slots.clear();
        self.shares.clear();
        self.place_of.clear();
        self.feature_of.clear();
        self.holder_of.clear();
        for (slot, &item) in rows.iter().enumerate() {
            let features = self.matrix.of(item);
            if features.is_empty() {
                self.place_of.push(NONE);
                continue;
            }
            let place = self.slots.len() as u32;
            self.place_of.push(place);
            self.slots.push(slot as u32);
            self.shares.push(share(features));
            self.feature_of.extend(features);
            self.holder_of.extend(features.iter().map(|_| place));
        }
        let Self { units, width, matrix, input, input_bias, output, output_bias, slots, .. } = self;
        let (units, width, dropout, double) = (*units, *width, self.dropout, 2.0 * self.weight);
        let kept = (1.0 / (1.0 - dropout)) as f32;
        // The width is whole lanes, so this way round it may take less than there is room for.
        let panels = &mut self.panels[..packed_length(width, units)];
        pack(output.values(), units, panels);
        let parts = self.hidden.par_chunks_mut(SHARD * units).zip(self.pulls.par_chunks_mut(SHARD * width));
        let losses: Vec<f64> = slots
            .par_chunks(SHARD)
            .zip(parts)
            .enumerate()
            .map(|(shard, (slots, (hidden, pulls)))| {
                let mut rng = Rng::stream(seed, Purpose::Dropout, epoch, first + shard as u64);
                let hidden = &mut hidden[..slots.len() * units];
                let pulls = &mut pulls[..slots.len() * width];
                for (&slot, hidden) in slots.iter().zip(hidden.chunks_exact_mut(units)) {
                    hidden.copy_from_slice(input_bias.values());
                    activate(input.values(), matrix.of(rows[slot as usize]), hidden);
                    if dropout > 0.0 {
                        for value in hidden {
                            *value = if rng.uniform() < dropout { 0.0 } else { *value * kept };
                        }
                    }
                }
                multiply_packed(hidden, panels, units, width, pulls, width);
                let mut squares = 0.0;
                for (&slot, pull) in slots.iter().zip(pulls.chunks_exact_mut(width)) {
                    add_scaled(pull, 1.0, output_bias.values());
                    add_scaled(pull, -1.0, items.row(rows[slot as usize]));
                    squares += f64::from(dot(pull, pull));
                    pull.iter_mut().for_each(|value| *value *= double);
                }
                squares
            })
            .collect();
        f64::from(self.weight) * losses.iter().sum::<f64>()
    }

    /// Pulls the item of a slot of the batch towards where its features say.
    pub(super) fn pull(&self, slot: usize, gradient: &mut [f32]) {
        if self.place_of[slot] != NONE {
            add_scaled(
                gradient,
                -1.0,
                &self.pulls[self.place_of[slot] as usize * self.width..][..self.width],
            );
        }
    }

    /// Steps the parameters by what was looked at.
    pub(super) fn step(&mut self, number: u32) {
        let (units, width, count) = (self.units, self.width, self.slots.len());
        let kept = (1.0 / (1.0 - self.dropout)) as f32;
        pack_turned(self.output.values(), units, &mut self.panels);
        let panels = &self.panels;
        let (hidden, pulls) = (&self.hidden[..count * units], &self.pulls[..count * width]);
        let gradients = &mut self.hidden_gradients[..count * units];
        let parts = hidden.par_chunks(SHARD * units).zip(pulls.par_chunks(SHARD * width));
        gradients.par_chunks_mut(SHARD * units).zip(parts).for_each(|(gradients, (hidden, pulls))| {
            multiply_packed(pulls, panels, width, units, gradients, units);
            for (gradient, &value) in gradients.iter_mut().zip(hidden) {
                *gradient = if value > 0.0 { *gradient * kept } else { 0.0 };
            }
        });
        let gradients = &self.hidden_gradients[..count * units];
        let size = count.div_ceil(SUMS).max(1);
        self.sums.par_iter_mut().enumerate().for_each(|(part, sums)| {
            let part = (part * size).min(count)..((part + 1) * size).min(count);
            let hidden = &hidden[part.start * units..part.end * units];
            let pulls = &pulls[part.start * width..part.end * width];
            sums.output.fill(0.0);
            add_transposed_product(&mut sums.output, pulls, hidden, width, units);
            sums.output_bias.fill(0.0);
            pulls.chunks_exact(width).for_each(|pull| add_scaled(&mut sums.output_bias, 1.0, pull));
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
        self.touched.group(&self.feature_of);
        let (holder_of, shares) = (&self.holder_of, &self.shares);
        self.touched.compute(
            || (),
            |(), block, out| {
                out.fill(0.0);
                for (place, gradient) in out.chunks_exact_mut(units).enumerate() {
                    for &pair in block.contributions(place) {
                        let holder = holder_of[pair as usize] as usize;
                        add_scaled(gradient, shares[holder], &gradients[holder * units..][..units]);
                    }
                }
            },
        );
        let step = self.optimizer.step(self.learning_rate, number);
        self.input.step(&self.touched, step, |_| ());
        step_all(&mut self.input_bias, &first.input_bias, step);
        step_all(&mut self.output, &first.output, step);
        step_all(&mut self.output_bias, &first.output_bias, step);
    }

    /// What has been learnt so far, as a copy, where all `items` but those that are `placed` were trained.
    pub(super) fn perceptron(&self, items: &Table, placed: &[u32]) -> Perceptron {
        let mut lengths: Vec<f32> = items.values().chunks_exact(self.width).map(norm).collect();
        placed.iter().for_each(|&item| lengths[item as usize] = 0.0);
        let sum: f64 = lengths.iter().map(|&length| f64::from(length)).sum();
        let trained = (lengths.len() - placed.len()).max(1);
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

/// Steps all rows of a table by `gradients: (rows, width)`.
fn step_all(table: &mut Table, gradients: &[f32], step: Step) {
    let width = table.width();
    table.each_row(&|| (), &|(), index, row| {
        step.apply(row, &gradients[index as usize * width..][..width]);
    });
}

/// Goes on from what was learnt before, where the features are as many.
fn take_over(start: &mut [Vec<f32>; 4], before: &Start, shapes: &[Vec<usize>; 4]) {
    let learnt = NAMES.map(|name| before.tensors.values(name));
    let fits = learnt
        .iter()
        .zip(shapes)
        .all(|(values, shape)| values.is_some_and(|values| values.len() == shape.iter().product::<usize>()));
    if fits {
        for (to, from) in start.iter_mut().zip(learnt.into_iter().flatten()) {
            to.copy_from_slice(from);
        }
    }
}
