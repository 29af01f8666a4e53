//! The transformer: from the vectors of a few sequences to their outputs, and back to gradients.
//!
//! The positions of all sequences of a group lie one after the other, `T` in all, so that each product with a weight matrix has
//! `T` rows. Only attention goes sequence by sequence. Nothing is padded.

use super::layout::{Block, Layout, Packed};
use tastespace_kernels::causal_attention::{causal_attention, causal_attention_backward};
use tastespace_kernels::feed_forward::{add_bias, add_bias_relu, add_rows, multiply_mask, relu_backward};
use tastespace_kernels::layer_norm::{layer_norm, layer_norm_backward};
use tastespace_kernels::matrix::{add_transposed_product, multiply_packed};
use tastespace_kernels::vector::add_scaled;

/// Outputs of a normalization that its gradient needs.
#[derive(Clone, Default)]
struct Norm {
    normalized: Vec<f32>,
    scales: Vec<f32>,
    out: Vec<f32>,
}

impl Norm {
    fn new(positions: usize, d: usize) -> Self {
        let rows = || vec![0.0; positions * d];
        Self { normalized: rows(), scales: vec![0.0; positions], out: rows() }
    }

    fn forward(&mut self, x: &[f32], weights: [&[f32]; 2]) {
        let (values, rows) = (x.len(), x.len() / weights[0].len());
        let Self { normalized, scales, out } = self;
        layer_norm(x, weights, &mut normalized[..values], &mut scales[..rows], &mut out[..values]);
    }

    fn backward(&self, gain: &[f32], gradient: &mut [f32], x_gradient: &mut [f32], weights: [&mut [f32]; 2]) {
        let (values, rows) = (gradient.len(), gradient.len() / gain.len());
        layer_norm_backward(
            &self.normalized[..values],
            &self.scales[..rows],
            gain,
            gradient,
            x_gradient,
            weights,
        );
    }
}

/// Activations of one block.
struct Activations {
    norms: [Norm; 2],
    /// `(T, 3d)`
    qkv: Vec<f32>,
    /// Attention maps, sequence after sequence: `(heads, t, t)` each.
    maps: Vec<f32>,
    /// `(T, d)`
    attended: Vec<f32>,
    hidden: Vec<f32>,
}

/// Workspace and activations of a group of sequences.
pub(super) struct Network {
    layout: Layout,
    /// Positions of each sequence.
    lengths: Vec<usize>,
    blocks: Vec<Activations>,
    last: Norm,
    /// Before the first and after each layer: `(T, d)`. The caller writes the vectors of the positions.
    x: Vec<f32>,
    /// Dropout masks of the input, and of the outputs of attention and feed-forward layers of each block; empty without
    /// dropout. `(1 + 2 blocks, T, d)`, `capacity` positions apart.
    pub(super) masks: Vec<f32>,
    capacity: usize,
    /// Gradients with respect to `x`, and workspaces: `(T, d)`, `(T, d)`, `(T, 3d)`, `(length)`.
    gradient: Vec<f32>,
    layer: Vec<f32>,
    qkv_gradient: Vec<f32>,
    scores: Vec<f32>,
}

impl Network {
    /// Positions of a group: one long sequence, or several short ones.
    pub(super) fn capacity(layout: Layout) -> usize {
        layout.length.max(64)
    }

    /// A workspace for at most `capacity` positions. `training` adds what the gradient needs.
    pub(super) fn new(layout: Layout, capacity: usize, dropout: bool, training: bool) -> Self {
        let Layout { d, blocks, heads, length } = layout;
        let rows = |width: usize| vec![0.0; capacity * width];
        let backward = |width: usize| if training { rows(width) } else { Vec::new() };
        let activations = || Activations {
            norms: [Norm::new(capacity, d), Norm::new(capacity, d)],
            qkv: rows(3 * d),
            maps: vec![0.0; heads * capacity * length.min(capacity)],
            attended: rows(d),
            hidden: rows(d),
        };
        Self {
            layout,
            lengths: Vec::with_capacity(capacity),
            blocks: (0..blocks).map(|_| activations()).collect(),
            last: Norm::new(capacity, d),
            x: rows(d),
            masks: if dropout { rows((1 + 2 * blocks) * d) } else { Vec::new() },
            capacity,
            gradient: backward(d),
            layer: rows(d),
            qkv_gradient: backward(3 * d),
            scores: vec![0.0; length],
        }
    }

    /// Bytes of a workspace for training.
    pub(super) fn bytes(layout: Layout, dropout: bool) -> u64 {
        let Layout { d, blocks, heads, length } = layout;
        let capacity = Self::capacity(layout);
        let block = 2 * (2 * d + 1) + 3 * d + heads * length + 2 * d;
        let masks = if dropout { (1 + 2 * blocks) * d } else { 0 };
        4 * (capacity * (blocks * block + 2 * d + 1 + d + masks + d + d + 3 * d + 2) + length) as u64
    }

    /// Starts a group of no sequences.
    pub(super) fn clear(&mut self) {
        self.lengths.clear();
    }

    /// Number of positions in the group.
    pub(super) fn positions(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// Adds a sequence of `length` positions, whose vectors `(length, d)` the caller writes.
    pub(super) fn push(&mut self, length: usize) -> &mut [f32] {
        let start = self.positions();
        self.lengths.push(length);
        &mut self.x[start * self.layout.d..][..length * self.layout.d]
    }

    /// The part of each dropout mask for positions from `first` on: `(positions, d)` each.
    pub(super) fn masks_mut(&mut self, first: usize, positions: usize) -> impl Iterator<Item = &mut [f32]> {
        let d = self.layout.d;
        let size = self.capacity * d;
        self.masks.chunks_exact_mut(size.max(1)).map(move |mask| &mut mask[first * d..][..positions * d])
    }

    /// The outputs of all positions: `(T, d)`.
    pub(super) fn outputs(&self) -> &[f32] {
        &self.last.out[..self.positions() * self.layout.d]
    }

    /// The attention map of the first sequence in `block`: `(heads, t, t)`.
    pub(super) fn map(&self, block: usize) -> &[f32] {
        let t = self.lengths[0];
        &self.blocks[block].maps[..self.layout.heads * t * t]
    }

    /// From the vectors of the positions to the outputs. `packed` are the forward panels of `weights`.
    pub(super) fn forward(&mut self, weights: &[f32], packed: &Packed) {
        let Layout { d, heads, .. } = self.layout;
        let values = self.positions() * d;
        let Self { layout, lengths, blocks, last, x, masks, capacity, layer, .. } = self;
        let (x, layer) = (&mut x[..values], &mut layer[..values]);
        let mask =
            |index: usize| masks.get(index * *capacity * d..).map(|mask| &mask[..values.min(mask.len())]);
        let drop = |index: usize, x: &mut [f32]| {
            if let Some(mask) = mask(index).filter(|mask| !mask.is_empty()) {
                multiply_mask(x, mask);
            }
        };
        drop(0, x);
        for (index, activations) in blocks.iter_mut().enumerate() {
            let Activations { norms, qkv, maps, attended, hidden } = activations;
            let Block { biases, norms: norm_weights, .. } = layout.block(weights, index);
            let [attention, output, first, second] = packed.forward(*layout, index);
            let (qkv, attended, hidden) =
                (&mut qkv[..3 * values], &mut attended[..values], &mut hidden[..values]);

            norms[0].forward(x, norm_weights[0]);
            multiply_packed(&norms[0].out[..values], attention, d, 3 * d, qkv, 3 * d);
            for Place { start, map, t } in places(lengths, heads) {
                causal_attention(
                    &qkv[start * 3 * d..][..t * 3 * d],
                    d,
                    heads,
                    &mut maps[map..][..heads * t * t],
                    &mut attended[start * d..][..t * d],
                );
            }
            multiply_packed(attended, output, d, d, layer, d);
            drop(1 + 2 * index, layer);
            add_scaled(x, 1.0, layer);

            norms[1].forward(x, norm_weights[1]);
            multiply_packed(&norms[1].out[..values], first, d, d, hidden, d);
            add_bias_relu(hidden, biases[0]);
            multiply_packed(hidden, second, d, d, layer, d);
            add_bias(layer, biases[1]);
            drop(2 + 2 * index, layer);
            add_scaled(x, 1.0, layer);
        }
        last.forward(x, layout.last_norm(weights));
    }

    /// From the gradient of the outputs `(T, d)`, which is overwritten, to that of the vectors of the positions, which is returned;
    /// adds those of the weights to `gradients: (rows, d)`. `packed` are the backward panels of `weights`.
    pub(super) fn backward(
        &mut self,
        weights: &[f32],
        packed: &Packed,
        output_gradient: &mut [f32],
        gradients: &mut [f32],
    ) -> &[f32] {
        let Layout { d, heads, .. } = self.layout;
        let values = self.positions() * d;
        let Self {
            layout,
            lengths,
            blocks,
            last,
            masks,
            capacity,
            gradient,
            layer,
            qkv_gradient,
            scores,
            ..
        } = self;
        let (gradient, layer) = (&mut gradient[..values], &mut layer[..values]);
        // The gradient with respect to the output of a layer, from the gradient of the sum that it was added to.
        let branch = |index: usize, gradient: &[f32], layer: &mut [f32]| {
            layer.copy_from_slice(gradient);
            if !masks.is_empty() {
                multiply_mask(layer, &masks[index * *capacity * d..][..values]);
            }
        };
        gradient.fill(0.0);
        let [gain, _] = layout.last_norm(weights);
        last.backward(gain, output_gradient, gradient, layout.last_norm_mut(gradients));
        // From here on the caller's slice is a workspace.
        let inner = output_gradient;
        for (index, activations) in blocks.iter().enumerate().rev() {
            let Activations { norms, qkv, maps, attended, hidden } = activations;
            let Block { norms: norm_weights, .. } = layout.block(weights, index);
            let Block { matrices, biases, norms: norm_gradients } = layout.block_mut(gradients, index);
            let [to_attention, to_output, to_first, to_second] = matrices;
            let [to_first_bias, to_second_bias] = biases;
            let [to_attention_norm, to_forward_norm] = norm_gradients;
            let [attention, output, first, second] = packed.backward(*layout, index);
            let (qkv, attended, hidden) = (&qkv[..3 * values], &attended[..values], &hidden[..values]);
            let qkv_gradient = &mut qkv_gradient[..3 * values];

            branch(2 + 2 * index, gradient, layer);
            add_rows(to_second_bias, layer);
            add_transposed_product(to_second, layer, hidden, d, d);
            multiply_packed(layer, second, d, d, inner, d);
            relu_backward(inner, hidden);
            add_rows(to_first_bias, inner);
            add_transposed_product(to_first, inner, &norms[1].out[..values], d, d);
            multiply_packed(inner, first, d, d, layer, d);
            norms[1].backward(norm_weights[1][0], layer, gradient, to_forward_norm);

            branch(1 + 2 * index, gradient, layer);
            add_transposed_product(to_output, layer, attended, d, d);
            multiply_packed(layer, output, d, d, inner, d);
            for Place { start, map, t } in places(lengths, heads) {
                causal_attention_backward(
                    &qkv[start * 3 * d..][..t * 3 * d],
                    d,
                    heads,
                    &maps[map..][..heads * t * t],
                    &inner[start * d..][..t * d],
                    &mut qkv_gradient[start * 3 * d..][..t * 3 * d],
                    scores,
                );
            }
            add_transposed_product(to_attention, qkv_gradient, &norms[0].out[..values], 3 * d, d);
            multiply_packed(qkv_gradient, attention, 3 * d, d, layer, d);
            norms[0].backward(norm_weights[0][0], layer, gradient, to_attention_norm);
        }
        if !masks.is_empty() {
            multiply_mask(gradient, &masks[..values]);
        }
        gradient
    }
}

/// A sequence in a group.
struct Place {
    /// Its first position.
    start: usize,
    /// Where its maps start.
    map: usize,
    /// Its positions.
    t: usize,
}

fn places(lengths: &[usize], heads: usize) -> impl Iterator<Item = Place> {
    let mut next = [0, 0];
    lengths.iter().map(move |&t| {
        let [start, map] = next;
        next = [start + t, map + heads * t * t];
        Place { start, map, t }
    })
}
