//! Training. A mini-batch of segments runs in a fixed number of shards on any number of threads:
//!
//! 1. Each shard passes its segments forward and backward in groups, and leaves the gradient of each input and target, and its sums of the
//!    gradients of weights, positions and candidates.
//! 2. The sums are added in the order of the shards.
//! 3. Each row of E sums its gradients as an input, as a target and as a candidate, and is updated; so are weights and positions.

use super::Options;
use super::candidates::Candidates;
use super::layout::{Layout, Packed};
use super::model::SasRecModel;
use super::network::Network;
use super::segments::Segment;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::dropout::Dropout;
use crate::learn::minibatch::{Batch, MiniBatch, Objective};
use crate::learn::optimizer::{BatchOptions, Update};
use crate::learn::recent_items::RecentItems;
use crate::learn::row_gradients::{NONE, RowGradients};
use crate::learn::sequences::Sequences;
use crate::learn::table::{Rows, Table, TableSpec};
use tastespace_data::rng::Purpose;
use tastespace_kernels::cross_entropy::cross_entropy;
use tastespace_kernels::matrix::{add_transposed_product, multiply_packed};
use tastespace_kernels::vector::{add_scaled, dot};
use tastespace_optim::parallel;

/// Shards of a mini-batch. The number is part of the result.
const SHARDS: usize = 8;

/// E.
fn item_table(options: &Options) -> TableSpec {
    let factors = options.factors;
    let deviation = BatchOptions::deviation(options.batch.initial_length, factors);
    TableSpec::new("item_vectors", Rows::Items, 0, factors, deviation)
}

/// What a shard computes, and its workspace.
struct Shard {
    network: Network,
    /// `(capacity, candidates)`
    logits: Vec<f32>,
    /// The derivative of the loss with respect to each target's logit: `(capacity)`.
    slopes: Vec<f32>,
    /// `(capacity, d)`
    output_gradient: Vec<f32>,
    /// `(rows of the weights, d)`
    weights: Vec<f32>,
    /// `(length + 1, d)`
    positions: Vec<f32>,
    /// `(candidates, d)`
    candidates: Vec<f32>,
    loss: f64,
}

impl Shard {
    fn new(layout: Layout, capacity: usize, dropout: bool, candidates: usize) -> Self {
        let d = layout.d;
        Self {
            network: Network::new(layout, capacity, dropout, true),
            logits: vec![0.0; capacity * candidates],
            slopes: vec![0.0; capacity],
            output_gradient: vec![0.0; capacity * d],
            weights: vec![0.0; layout.rows() * d],
            positions: vec![0.0; (layout.length + 1) * d],
            candidates: vec![0.0; candidates * d],
            loss: 0.0,
        }
    }

    fn bytes(layout: Layout, dropout: bool, candidates: usize) -> u64 {
        let (d, capacity) = (layout.d, Network::capacity(layout));
        let sums = layout.rows() + layout.length + 1 + candidates;
        Network::bytes(layout, dropout) + 4 * (capacity * (candidates + 1 + d) + sums * d) as u64
    }
}

/// The parameters in training and the workspace of a mini-batch.
struct SasRec {
    options: Options,
    layout: Layout,
    sequences: Sequences,
    /// E: `(m, d)`.
    items: Table,
    /// P, and the start of a history: `(length + 1, d)`.
    positions: Table,
    /// `(rows, d)`
    weights: Table,
    /// For the forward and the backward pass.
    packed: [Packed; 2],
    candidates: Candidates,
    shards: Vec<Shard>,
    /// Input, or [`NONE`] for the start of a history, and target of each position of the mini-batch.
    inputs: Vec<u32>,
    targets: Vec<u32>,
    /// Gradients of the inputs' and of the targets' vectors: `(positions, d)` each.
    gradients: [Vec<f32>; 2],
    /// The rows of the contributions to E: inputs, targets, candidates.
    rows: Vec<u32>,
    item_gradients: RowGradients,
    /// Targets of all segments.
    total: usize,
}

/// Positions of the largest mini-batch of segments of this length.
fn largest_batch(options: &Options, rows: usize) -> usize {
    rows.min(options.batch.batch_size as usize * options.length as usize)
}

/// Upper bound of the bytes in addition to the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let Shape { users, items, rows, .. } = shape;
    let (layout, optimizer) = (Layout::new(options), options.batch.optimizer);
    let (d, positions) = (layout.d, largest_batch(options, rows));
    let candidates = (options.negatives as usize).min(items);
    // At least a segment for each user with interactions.
    let segments = users.min(rows) + rows / layout.length;
    item_table(options).bytes(shape, optimizer)
        + Table::bytes(layout.rows() + layout.length + 1, d, optimizer)
        + 2 * Packed::bytes(layout)
        + Candidates::bytes(options.negatives as usize, items, d)
        + SHARDS as u64 * Shard::bytes(layout, options.dropout > 0.0, candidates)
        + RowGradients::bytes(items, 2 * positions + candidates, d)
        + 2 * MiniBatch::<SasRec>::bytes(segments)
        + (4 * (positions * (2 * d + 4) + candidates) + rows * 4 + users * 4) as u64
}

/// Starts training.
pub(super) fn trainer(options: &Options, problem: &Problem) -> Box<dyn Trainer> {
    let length = options.length as usize;
    let sequences = Sequences::of_problem(problem, options.order, length);
    let segments = sequences.segments(length);
    let objective = SasRec::new(options, problem, sequences, &segments);
    Box::new(MiniBatch::new(objective, segments, options.batch.batch_size, problem))
}

impl SasRec {
    fn new(options: &Options, problem: &Problem, sequences: Sequences, segments: &[Segment]) -> Self {
        let (shape, batch, layout) = (problem.shape(), &options.batch, Layout::new(options));
        let d = layout.d;
        let items = item_table(options);
        let table = |values| Table::new(values, d, batch.optimizer, batch.initial_accumulator);
        let total = segments.iter().map(|segment| segment.len()).sum();
        let most = largest_batch(options, total);
        let candidates = Candidates::new(options.negatives as usize, shape.items, d);
        let capacity = Network::capacity(layout);
        let shard = |_| Shard::new(layout, capacity, options.dropout > 0.0, candidates.len());
        Self {
            positions: table(layout.initial_positions(problem, items.deviation)),
            weights: table(layout.initial_weights(problem)),
            items: items.build(problem, batch),
            packed: [Packed::new(layout), Packed::new(layout)],
            shards: (0..SHARDS).map(shard).collect(),
            inputs: Vec::with_capacity(most),
            targets: Vec::with_capacity(most),
            gradients: [vec![0.0; most * d], vec![0.0; most * d]],
            rows: Vec::with_capacity(2 * most + candidates.len()),
            item_gradients: RowGradients::new(shape.items, 2 * most + candidates.len(), d),
            candidates,
            total,
            options: options.clone(),
            layout,
            sequences,
        }
    }

    /// Forward and backward pass of all shards. Returns the summed loss.
    fn pass(&mut self, segments: &[Segment], batch: &Batch) -> f64 {
        let Self { layout, items, positions, weights, packed, candidates, shards, .. } = self;
        let d = layout.d;
        let per_shard = segments.len().div_ceil(SHARDS);
        let pass = Pass {
            layout: *layout,
            items,
            positions,
            weights: weights.values(),
            packed,
            candidates,
            corrections: candidates.corrections(),
            dropout: Dropout::new(self.options.dropout),
            scale: 1.0 / self.targets.len() as f32,
            batch,
        };
        let [input_gradients, target_gradients] = &mut self.gradients;
        let (mut inputs, mut targets) = (&self.inputs[..], &self.targets[..]);
        let (mut input_gradients, mut target_gradients) =
            (&mut input_gradients[..], &mut target_gradients[..]);
        let mut tasks = Vec::with_capacity(SHARDS);
        for (index, (segments, shard)) in segments.chunks(per_shard).zip(shards).enumerate() {
            let count: usize = segments.iter().map(|segment| segment.len()).sum();
            let slices = Slices {
                inputs: split_off(&mut inputs, count),
                targets: split_off(&mut targets, count),
                input_gradients: split_off_mut(&mut input_gradients, count * d),
                target_gradients: split_off_mut(&mut target_gradients, count * d),
            };
            tasks.push((index * per_shard, segments, shard, slices));
        }
        parallel::for_each(tasks.into_iter(), |(first, segments, shard, slices)| {
            pass.shard(first, segments, shard, slices);
        });
        let used = segments.len().div_ceil(per_shard);
        self.shards[..used].iter().map(|shard| shard.loss).sum()
    }

    /// Adds the sums of the first `used` shards to those of the first, in their order.
    fn sum_shards(&mut self, used: usize) {
        let (sum, others) = self.shards[..used].split_first_mut().expect("a mini-batch has segments");
        for shard in others {
            add_scaled(&mut sum.weights, 1.0, &shard.weights);
            add_scaled(&mut sum.positions, 1.0, &shard.positions);
            add_scaled(&mut sum.candidates, 1.0, &shard.candidates);
        }
    }
}

fn split_off<'a, T>(rest: &mut &'a [T], count: usize) -> &'a [T] {
    let (part, after) = rest.split_at(count);
    *rest = after;
    part
}

fn split_off_mut<'a, T>(rest: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let (part, after) = std::mem::take(rest).split_at_mut(count);
    *rest = after;
    part
}

/// A shard's part of the mini-batch, position by position.
struct Slices<'a> {
    inputs: &'a [u32],
    targets: &'a [u32],
    input_gradients: &'a mut [f32],
    target_gradients: &'a mut [f32],
}

/// The parameters during a pass.
struct Pass<'a> {
    layout: Layout,
    items: &'a Table,
    positions: &'a Table,
    weights: &'a [f32],
    packed: &'a [Packed; 2],
    candidates: &'a Candidates,
    corrections: [f32; 2],
    dropout: Dropout,
    /// One divided by the number of targets of the mini-batch.
    scale: f32,
    batch: &'a Batch,
}

impl Pass<'_> {
    /// The pass of one shard, whose segments are numbered from `first`.
    fn shard(&self, first: usize, segments: &[Segment], shard: &mut Shard, mut slices: Slices) {
        let (d, capacity) = (self.layout.d, Network::capacity(self.layout));
        shard.loss = 0.0;
        shard.weights.fill(0.0);
        shard.positions.fill(0.0);
        shard.candidates.fill(0.0);
        let (mut start, mut from) = (0, 0);
        while from < segments.len() {
            // As many segments as fit.
            let (mut to, mut count) = (from, 0);
            while to < segments.len() && count + segments[to].len() <= capacity {
                count += segments[to].len();
                to += 1;
            }
            let group = Slices {
                inputs: &slices.inputs[start..start + count],
                targets: &slices.targets[start..start + count],
                input_gradients: split_off_mut(&mut slices.input_gradients, count * d),
                target_gradients: split_off_mut(&mut slices.target_gradients, count * d),
            };
            self.group(first + from, &segments[from..to], shard, group);
            (start, from) = (start + count, to);
        }
    }

    fn group(&self, first: usize, segments: &[Segment], shard: &mut Shard, slices: Slices) {
        let d = self.layout.d;
        self.embed(first, segments, &mut shard.network, slices.inputs);
        shard.network.forward(self.weights, &self.packed[0]);
        self.loss(shard, slices.targets, slices.target_gradients);
        let Shard { network, output_gradient, weights, positions, .. } = shard;
        let values = slices.targets.len() * d;
        let gradient =
            network.backward(self.weights, &self.packed[1], &mut output_gradient[..values], weights);
        slices.input_gradients.copy_from_slice(gradient);
        let mut rows = gradient.chunks_exact(d).zip(slices.inputs);
        for segment in segments {
            for (position, (gradient, &input)) in rows.by_ref().take(segment.len()).enumerate() {
                add_scaled(&mut positions[position * d..][..d], 1.0, gradient);
                if input == NONE {
                    add_scaled(&mut positions[self.layout.length * d..][..d], 1.0, gradient);
                }
            }
        }
    }

    /// Writes the vectors of the positions, and the dropout masks.
    fn embed(&self, first: usize, segments: &[Segment], network: &mut Network, inputs: &[u32]) {
        let d = self.layout.d;
        network.clear();
        let mut inputs = inputs.iter();
        for (number, segment) in (first..).zip(segments) {
            let start = network.positions();
            let x = network.push(segment.len());
            embed(x, inputs.by_ref().copied(), self.items.values(), self.positions.values(), d);
            let stream = || self.batch.stream(Purpose::Dropout, self.batch.size, number);
            let masks = network.masks_mut(start, segment.len());
            let masks = masks.flat_map(|mask| {
                mask.fill(1.0);
                mask
            });
            self.dropout.apply(stream, masks);
        }
    }

    /// The losses of the outputs, with the gradients of outputs, targets and candidates.
    fn loss(&self, shard: &mut Shard, targets: &[u32], target_gradients: &mut [f32]) {
        let (d, k) = (self.layout.d, self.candidates.len());
        let Shard { network, logits, slopes, output_gradient, candidates, loss, .. } = shard;
        let outputs = network.outputs();
        let (logits, output_gradient) =
            (&mut logits[..targets.len() * k], &mut output_gradient[..targets.len() * d]);
        let [forward, backward] = self.candidates.panels();
        multiply_packed(outputs, forward, d, k, logits, k);
        let rows = outputs.chunks_exact(d).zip(targets).zip(target_gradients.chunks_exact_mut(d));
        for ((((output, &target), gradient), logits), slope) in
            rows.zip(logits.chunks_exact_mut(k)).zip(&mut *slopes)
        {
            let own = self.candidates.index_of(target);
            let correction = self.corrections[usize::from(own.is_some())];
            let (of_target, derivative) =
                cross_entropy(dot(output, self.items.row(target)), logits, own, correction);
            *loss += of_target;
            logits.iter_mut().for_each(|derivative| *derivative *= self.scale);
            *slope = self.scale * derivative;
            gradient.fill(0.0);
            add_scaled(gradient, *slope, output);
        }
        multiply_packed(logits, backward, k, d, output_gradient, d);
        for ((gradient, &target), &slope) in output_gradient.chunks_exact_mut(d).zip(targets).zip(&*slopes) {
            add_scaled(gradient, slope, self.items.row(target));
        }
        add_transposed_product(candidates, logits, outputs, k, d);
    }
}

/// Adds the vectors of items or of the start, and those of the positions. `x: (t, d)`.
pub(super) fn embed(
    x: &mut [f32],
    inputs: impl Iterator<Item = u32>,
    items: &[f32],
    positions: &[f32],
    d: usize,
) {
    let start = &positions[positions.len() - d..];
    for ((x, position), input) in x.chunks_exact_mut(d).zip(positions.chunks_exact(d)).zip(inputs) {
        x.copy_from_slice(if input == NONE { start } else { &items[input as usize * d..][..d] });
        add_scaled(x, 1.0, position);
    }
}

impl Objective for SasRec {
    type Example = Segment;

    fn update(&self, _epoch: u32, number: u32) -> Update {
        self.options.batch.update(number)
    }

    fn train(&mut self, segments: &[Segment], batch: &Batch) -> f64 {
        let d = self.layout.d;
        self.inputs.clear();
        self.targets.clear();
        for &segment in segments {
            for (input, target) in self.sequences.steps(segment) {
                self.inputs.push(input.unwrap_or(NONE));
                self.targets.push(target);
            }
        }
        self.candidates.sample(|| batch.stream(Purpose::Negatives, 1, 0), &self.items);
        self.packed[0].pack(self.layout, self.weights.values());
        self.packed[1].pack_transposed(self.layout, self.weights.values());
        let loss = self.pass(segments, batch);
        self.sum_shards(segments.len().div_ceil(segments.len().div_ceil(SHARDS)));

        let Self { inputs, targets, candidates, rows, gradients, shards, items, item_gradients, .. } = self;
        rows.clear();
        rows.extend(inputs.iter().chain(&*targets).chain(candidates.items()));
        let (count, sums) = (inputs.len(), &shards[0]);
        let [input_gradients, target_gradients] = gradients;
        item_gradients.gather(
            items,
            rows,
            0.0,
            |_, gradient| gradient.fill(0.0),
            |gradient, _, contribution| {
                let (from, row) = match contribution {
                    input if input < count => (&*input_gradients, input),
                    target if target < 2 * count => (&*target_gradients, target - count),
                    candidate => (&sums.candidates, candidate - 2 * count),
                };
                add_scaled(gradient, 1.0, &from[row * d..][..d]);
            },
        );
        items.update(item_gradients, batch.update, |_| ());
        self.positions.update_all(&sums.positions, batch.update);
        self.weights.update_all(&sums.weights, batch.update);
        loss
    }

    /// The mean over all targets.
    fn epoch_loss(&self, sum: f64, _segments: usize) -> f64 {
        sum / self.total.max(1) as f64
    }

    fn model(&self) -> Box<dyn Model> {
        let (d, length) = (self.layout.d, self.layout.length);
        Box::new(SasRecModel::new(
            self.layout,
            [self.items.matrix(d), self.positions.matrix(d), self.weights.matrix(d)],
            RecentItems::new(&self.sequences, length),
        ))
    }
}
