//! Queries and keys of the inputs of a mini-batch.
//!
//! Each distinct input is projected once, and so is each position of the time signal: `(X + T) W = X W + T W`. The backward pass
//! sums the gradients of queries and keys by input and by position, and goes through the weights once.

use super::formula::Formula;
use super::record::{Record, Records};
use crate::learn::row_gradients::{RowGradients, SLOTS_PER_TASK};
use crate::learn::table::Table;
use tastespace_kernels::matrix::{
    add_transposed_rows, multiply_packed, pack, pack_transposed, packed_length,
};
use tastespace_kernels::vector::add_scaled;
use tastespace_optim::parallel;

/// Rows of a product that one task computes, and rows of the weight gradients.
const ROWS_PER_TASK: usize = 64;
const WEIGHTS_PER_TASK: usize = 16;

/// Queries and keys of a mini-batch, and their gradients.
pub(super) struct Projection {
    d: usize,
    /// Positions of the time signal.
    positions: usize,
    /// The distinct inputs, one slot each.
    inputs: RowGradients,
    /// Embeddings of the inputs, then the time signal: `(slots + positions, d)`.
    rows: Vec<f32>,
    /// Their queries and keys: `(slots + positions, 2d)`.
    projected: Vec<f32>,
    /// Gradients of the embeddings, `(slots, d)`, and of queries and keys, `(slots + positions, 2d)`.
    row_gradients: Vec<f32>,
    projected_gradients: Vec<f32>,
    /// `(2d, d)`
    weight_gradients: Vec<f32>,
    /// Gradients of queries and keys by position, for each chunk of windows: `(chunks, positions, 2d)`.
    chunk_gradients: Vec<f32>,
    signals: Vec<f32>,
    /// The weights, packed.
    panels: Vec<f32>,
}

impl Projection {
    /// A workspace for mini-batches of `windows` windows in `chunks` chunks.
    pub(super) fn new(formula: &Formula, windows: usize, chunks: usize, items: usize) -> Self {
        let (d, positions, inputs) = (formula.d, formula.positions(), windows * formula.inputs);
        let rows = inputs.min(items) + positions;
        Self {
            d,
            positions,
            inputs: RowGradients::new(items, inputs, 0),
            rows: Vec::with_capacity(rows * d),
            projected: vec![0.0; rows * 2 * d],
            row_gradients: vec![0.0; rows * d],
            projected_gradients: vec![0.0; rows * 2 * d],
            weight_gradients: vec![0.0; 2 * d * d],
            chunk_gradients: vec![0.0; chunks * positions * 2 * d],
            signals: formula.signals(),
            panels: vec![0.0; Self::packed(d)],
        }
    }

    fn packed(d: usize) -> usize {
        packed_length(2 * d, d).max(packed_length(d, 2 * d))
    }

    /// Bytes of the workspace.
    pub(super) fn bytes(formula: &Formula, windows: usize, chunks: usize, items: usize) -> u64 {
        let (d, positions, inputs) = (formula.d, formula.positions(), windows * formula.inputs);
        let rows = inputs.min(items) + positions;
        let values = rows * 6 * d + 2 * d * d + positions * d + Self::packed(d) + chunks * positions * 2 * d;
        RowGradients::bytes(items, inputs, 0) + 4 * values as u64
    }

    /// Computes the queries and keys of the inputs, which are `items` other than `NONE`.
    pub(super) fn forward(&mut self, items: &[u32], short: &Table, weights: &Table) {
        let Self { d, inputs, rows, projected, signals, panels, .. } = self;
        inputs.group(items);
        rows.clear();
        inputs.rows().iter().for_each(|&item| rows.extend_from_slice(short.row(item)));
        rows.extend_from_slice(signals);
        let panels = &mut panels[..packed_length(2 * *d, *d)];
        pack(weights.values(), *d, panels);
        multiply(rows, panels, [*d, 2 * *d], &mut projected[..2 * rows.len()]);
    }

    /// The queries and keys, and for each chunk of windows the gradients by position.
    pub(super) fn split(&mut self, chunks: usize) -> (Projected<'_>, Vec<PositionGradients<'_>>) {
        let Self { d, positions, inputs, projected, chunk_gradients, .. } = self;
        let (d, size) = (*d, *positions * 2 * *d);
        let mut rest = &mut chunk_gradients[..];
        let mut next = || {
            let (sums, others) = std::mem::take(&mut rest).split_at_mut(size);
            rest = others;
            PositionGradients { d, sums }
        };
        let gradients = (0..chunks).map(|_| next()).collect();
        let own = &projected[..inputs.rows().len() * 2 * d];
        let signals = (*positions > 0).then(|| &projected[own.len()..][..size]);
        (Projected { d, inputs: Some(inputs), own, signals }, gradients)
    }

    /// From the gradients of queries and keys to those of the embeddings and of the weights.
    pub(super) fn backward(
        &mut self,
        records: &Records,
        inputs_per_window: usize,
        chunks: usize,
        weights: &Table,
    ) {
        let Self { d, inputs, rows, row_gradients, projected_gradients, panels, .. } = self;
        let (d, slots) = (*d, inputs.rows().len());
        let projected_gradients = &mut projected_gradients[..2 * rows.len()];
        let (by_input, by_position) = projected_gradients.split_at_mut(slots * 2 * d);
        let tasks = by_input.chunks_mut(SLOTS_PER_TASK * 2 * d).enumerate();
        parallel::for_each(tasks, |(task, sums)| {
            for (slot, sums) in (task * SLOTS_PER_TASK..).zip(sums.chunks_exact_mut(2 * d)) {
                sums.fill(0.0);
                let (query, key) = sums.split_at_mut(d);
                for &input in inputs.contributions(slot) {
                    let (window, position) =
                        (input as usize / inputs_per_window, input as usize % inputs_per_window);
                    if records.active(window) {
                        let Record { query_gradients, key_gradients, .. } = records.of(window);
                        add_scaled(query, 1.0, &query_gradients[position * d..][..d]);
                        add_scaled(key, 1.0, &key_gradients[position * d..][..d]);
                    }
                }
            }
        });
        by_position.fill(0.0);
        if !by_position.is_empty() {
            let sums = self.chunk_gradients.chunks_exact(by_position.len()).take(chunks);
            sums.for_each(|chunk| add_scaled(by_position, 1.0, chunk));
        }
        let panels = &mut panels[..packed_length(d, 2 * d)];
        pack_transposed(weights.values(), d, panels);
        multiply(&projected_gradients[..slots * 2 * d], panels, [2 * d, d], &mut row_gradients[..slots * d]);
        let blocks = self.weight_gradients.chunks_mut(WEIGHTS_PER_TASK * d).enumerate();
        parallel::for_each(blocks, |(block, out)| {
            let first = block * WEIGHTS_PER_TASK;
            out.fill(0.0);
            add_transposed_rows(out, projected_gradients, rows, [2 * d, d], first..first + out.len() / d);
        });
    }

    /// The gradient of an item's embedding through queries and keys, if the item is an input.
    pub(super) fn row_gradient(&self, item: u32) -> Option<&[f32]> {
        self.inputs.slot_of(item).map(|slot| &self.row_gradients[slot * self.d..][..self.d])
    }

    /// The gradients of the weights, with those of `½ penalty ‖weights‖²`: `(2d, d)`.
    pub(super) fn weight_gradients(&mut self, weights: &Table, penalty: f32) -> &[f32] {
        let rows = self.weight_gradients.chunks_exact_mut(self.d).zip(weights.values().chunks_exact(self.d));
        rows.for_each(|(gradient, row)| add_scaled(gradient, penalty, row));
        &self.weight_gradients
    }
}

/// Queries and keys during a pass; empty without attention.
#[derive(Clone, Copy, Default)]
pub(super) struct Projected<'a> {
    d: usize,
    inputs: Option<&'a RowGradients>,
    /// Of the inputs: `(slots, 2d)`.
    own: &'a [f32],
    /// Of the time signal: `(positions, 2d)`.
    signals: Option<&'a [f32]>,
}

impl Projected<'_> {
    /// Writes the query and the key of an input: `ReLU((x + t) W)`.
    pub(super) fn activate(&self, item: u32, position: usize, query: &mut [f32], key: &mut [f32]) {
        let d = self.d;
        let slot = self.inputs.and_then(|inputs| inputs.slot_of(item)).expect("every input has a slot");
        let own = &self.own[slot * 2 * d..][..2 * d];
        if let Some(signals) = self.signals {
            let signal = &signals[position * 2 * d..][..2 * d];
            relu_of_sum(query, &own[..d], &signal[..d]);
            relu_of_sum(key, &own[d..], &signal[d..]);
        } else {
            relu(query, &own[..d]);
            relu(key, &own[d..]);
        }
    }
}

/// Gradients of queries and keys, summed by position over a chunk of windows: `(positions, 2d)`.
pub(super) struct PositionGradients<'a> {
    d: usize,
    sums: &'a mut [f32],
}

impl PositionGradients<'_> {
    pub(super) fn clear(&mut self) {
        self.sums.fill(0.0);
    }

    /// Adds the gradients of a window.
    pub(super) fn add(&mut self, record: &Record<&mut [f32]>) {
        let d = self.d;
        for (position, sums) in self.sums.chunks_exact_mut(2 * d).enumerate() {
            add_scaled(&mut sums[..d], 1.0, &record.query_gradients[position * d..][..d]);
            add_scaled(&mut sums[d..], 1.0, &record.key_gradients[position * d..][..d]);
        }
    }
}

/// `out = a · bᵀ` for `a: (n, k)`, `b: (columns, k)`, which is packed in `panels`, and `out: (n, columns)`.
fn multiply(a: &[f32], panels: &[f32], [k, columns]: [usize; 2], out: &mut [f32]) {
    let tasks = a.chunks(ROWS_PER_TASK * k).zip(out.chunks_mut(ROWS_PER_TASK * columns));
    parallel::for_each(tasks, |(a, out)| multiply_packed(a, panels, k, columns, out, columns));
}

/// `out = ReLU(x + y)`.
fn relu_of_sum(out: &mut [f32], x: &[f32], y: &[f32]) {
    for (out, (x, y)) in out.iter_mut().zip(x.iter().zip(y)) {
        let sum = x + y;
        *out = if sum > 0.0 { sum } else { 0.0 };
    }
}

/// `out = ReLU(x)`.
fn relu(out: &mut [f32], x: &[f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = if x > 0.0 { x } else { 0.0 };
    }
}
