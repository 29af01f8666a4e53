//! The dense weights: where each part lies in the one table that holds them, their initial values, and their packed copies.

use super::Options;
use crate::contract::trainer::Problem;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::matrix::{pack, pack_transposed, packed_length};

/// Sizes of the network.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// Factors.
    pub(super) d: usize,
    pub(super) blocks: usize,
    pub(super) heads: usize,
    /// Positions.
    pub(super) length: usize,
}

/// Matrices of a block: queries, keys and values together, output, first and second layer, with their rows in units of d.
const MATRICES: [usize; 4] = [3, 1, 1, 1];

/// Vectors of a block, after its matrices.
const VECTORS: usize = 6;

/// One block of weights, or of their gradients. Matrices have one row per output coordinate.
pub(super) struct Block<T> {
    /// W_Q, W_K, W_V `(3d, d)`; W_O, W_1, W_2 `(d, d)`.
    pub(super) matrices: [T; 4],
    /// Bias of the first and of the second layer: `(d)`.
    pub(super) biases: [T; 2],
    /// Gain and bias of the normalization before attention, and before the feed-forward layers: `(d)`.
    pub(super) norms: [[T; 2]; 2],
}

impl Layout {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            d: options.factors as usize,
            blocks: options.blocks as usize,
            heads: options.heads as usize,
            length: options.length as usize,
        }
    }

    fn rows_per_block(&self) -> usize {
        MATRICES.iter().sum::<usize>() * self.d + VECTORS
    }

    /// Rows of the table, each of `d` values: the blocks, then gain and bias of the last normalization.
    pub(super) fn rows(&self) -> usize {
        self.blocks * self.rows_per_block() + 2
    }

    /// A block's part of `weights: (rows, d)`.
    pub(super) fn block<'a>(&self, weights: &'a [f32], block: usize) -> Block<&'a [f32]> {
        let size = self.rows_per_block() * self.d;
        let mut rest = &weights[block * size..][..size];
        let mut take = |rows: usize| {
            let (part, after) = rest.split_at(rows * self.d);
            rest = after;
            part
        };
        Block {
            matrices: MATRICES.map(|rows| take(rows * self.d)),
            biases: [take(1), take(1)],
            norms: [[take(1), take(1)], [take(1), take(1)]],
        }
    }

    /// A block's part of `weights: (rows, d)`, mutable.
    pub(super) fn block_mut<'a>(&self, weights: &'a mut [f32], block: usize) -> Block<&'a mut [f32]> {
        let size = self.rows_per_block() * self.d;
        let mut rest = &mut weights[block * size..][..size];
        let mut take = |rows: usize| {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(rows * self.d);
            rest = after;
            part
        };
        Block {
            matrices: MATRICES.map(|rows| take(rows * self.d)),
            biases: [take(1), take(1)],
            norms: [[take(1), take(1)], [take(1), take(1)]],
        }
    }

    /// Gain and bias of the last normalization.
    pub(super) fn last_norm<'a>(&self, weights: &'a [f32]) -> [&'a [f32]; 2] {
        let (gain, bias) = weights[weights.len() - 2 * self.d..].split_at(self.d);
        [gain, bias]
    }

    /// Gain and bias of the last normalization, mutable.
    pub(super) fn last_norm_mut<'a>(&self, weights: &'a mut [f32]) -> [&'a mut [f32]; 2] {
        let start = weights.len() - 2 * self.d;
        let (gain, bias) = weights[start..].split_at_mut(self.d);
        [gain, bias]
    }

    /// Initial weights: matrices Normal(0, 1/√d) block by block, gains 1, biases 0; or those of an earlier run.
    pub(super) fn initial_weights(&self, problem: &Problem) -> Vec<f32> {
        if let Some(start) = &problem.start {
            return start.values("weights").to_vec();
        }
        let mut weights = vec![0.0; self.rows() * self.d];
        let mut rng = Rng::stream(problem.seed, Purpose::Initial, 0, 1);
        let deviation = 1.0 / (self.d as f64).sqrt();
        for block in 0..self.blocks {
            let Block { matrices, norms, .. } = self.block_mut(&mut weights, block);
            matrices.into_iter().flatten().for_each(|value| *value = (rng.normal() * deviation) as f32);
            norms.into_iter().for_each(|[gain, _]| gain.fill(1.0));
        }
        self.last_norm_mut(&mut weights)[0].fill(1.0);
        weights
    }

    /// Initial positions `(length + 1, d)`: zeros, and in the last row the start of a history, Normal(0, `deviation`) like an
    /// item; or those of an earlier run.
    pub(super) fn initial_positions(&self, problem: &Problem, deviation: f64) -> Vec<f32> {
        if let Some(start) = &problem.start {
            return start.values("position_vectors").to_vec();
        }
        let mut positions = vec![0.0; (self.length + 1) * self.d];
        let mut rng = Rng::stream(problem.seed, Purpose::Initial, 0, 2);
        positions[self.length * self.d..].fill_with(|| (rng.normal() * deviation) as f32);
        positions
    }
}

/// The matrices of all blocks in the panels of [`tastespace_kernels::matrix`].
#[derive(Clone)]
pub(super) struct Packed {
    blocks: Vec<[Vec<f32>; 4]>,
}

impl Packed {
    pub(super) fn new(layout: Layout) -> Self {
        let d = layout.d;
        // A transposed matrix of 3d rows packs to d columns of 3d values, padded like any other.
        let of = |rows: usize| vec![0.0; packed_length(rows * d, d).max(packed_length(d, rows * d))];
        Self { blocks: (0..layout.blocks).map(|_| MATRICES.map(of)).collect() }
    }

    pub(super) fn bytes(layout: Layout) -> u64 {
        let d = layout.d;
        let of = |rows: usize| packed_length(rows * d, d).max(packed_length(d, rows * d));
        4 * (layout.blocks * MATRICES.map(of).iter().sum::<usize>()) as u64
    }

    /// Packs `weights`, for products with their transposes.
    pub(super) fn pack(&mut self, layout: Layout, weights: &[f32]) {
        for (index, packed) in self.blocks.iter_mut().enumerate() {
            let matrices = layout.block(weights, index).matrices;
            for ((packed, matrix), rows) in packed.iter_mut().zip(matrices).zip(MATRICES) {
                pack(matrix, layout.d, &mut packed[..packed_length(rows * layout.d, layout.d)]);
            }
        }
    }

    /// Packs the transposes of `weights`, for products with themselves.
    pub(super) fn pack_transposed(&mut self, layout: Layout, weights: &[f32]) {
        for (index, packed) in self.blocks.iter_mut().enumerate() {
            let matrices = layout.block(weights, index).matrices;
            for ((packed, matrix), rows) in packed.iter_mut().zip(matrices).zip(MATRICES) {
                pack_transposed(matrix, layout.d, &mut packed[..packed_length(layout.d, rows * layout.d)]);
            }
        }
    }

    /// Panels of a block's matrices for products with their transposes.
    pub(super) fn forward(&self, layout: Layout, block: usize) -> [&[f32]; 4] {
        let d = layout.d;
        std::array::from_fn(|k| &self.blocks[block][k][..packed_length(MATRICES[k] * d, d)])
    }

    /// Panels of a block's matrices for products with themselves.
    pub(super) fn backward(&self, layout: Layout, block: usize) -> [&[f32]; 4] {
        let d = layout.d;
        std::array::from_fn(|k| &self.blocks[block][k][..packed_length(d, MATRICES[k] * d)])
    }
}
