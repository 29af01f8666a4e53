//! The covariance penalty of the embeddings in a mini-batch, computed from the distinct rows and their counts.

use crate::learn::row_gradients::{Block, RowGradients, SLOTS_PER_TASK};
use crate::learn::table::Table;
use tastespace_kernels::covariance;
use tastespace_kernels::matrix::{multiply_packed, pack};
use tastespace_kernels::vector::add_scaled;
use tastespace_optim::parallel;

/// Shards of the rows. Their sums are added in order, whatever the number of threads.
const SHARDS: usize = 8;

/// Rows that are centered together.
const ROWS_PER_BLOCK: usize = SLOTS_PER_TASK;

/// The penalty of a mini-batch.
pub(super) struct Covariance {
    weight: f64,
    /// The sum of the rows of each side.
    pub(super) sums: [Vec<f32>; 2],
    mean: Vec<f32>,
    /// `λ_c (4/N²) C′: (d, d)` of the mini-batch, and the same packed.
    matrix: Vec<f32>,
    panels: Vec<f32>,
    shards: Vec<Shard>,
}

/// The products of one shard of the rows.
struct Shard {
    products: Vec<f32>,
    workspace: Workspace,
}

/// Workspace of a task.
pub(super) struct Workspace {
    centered: Vec<f32>,
    /// The same rows, multiplied by their counts.
    weighted: Vec<f32>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        Self { centered: vec![0.0; ROWS_PER_BLOCK * width], weighted: vec![0.0; ROWS_PER_BLOCK * width] }
    }
}

impl Covariance {
    pub(super) fn new(weight: f64, width: usize) -> Self {
        let shard = || Shard { products: vec![0.0; width * width], workspace: Workspace::new(width) };
        let zeros = || vec![0.0; width];
        Self {
            weight,
            sums: [zeros(), zeros()],
            mean: zeros(),
            matrix: vec![0.0; width * width],
            panels: vec![0.0; width * width],
            shards: (0..SHARDS).map(|_| shard()).collect(),
        }
    }

    pub(super) fn bytes(width: usize) -> u64 {
        let (width, shards) = (width as u64, SHARDS as u64);
        4 * width * (3 + (2 + shards) * width + shards * 2 * ROWS_PER_BLOCK as u64)
    }

    /// Measures the covariance of the rows of a mini-batch, each counted by its contributions, after their [`sum`] by side.
    /// Returns the penalty.
    pub(super) fn measure(&mut self, sides: [(&Table, &RowGradients); 2]) -> f64 {
        let slots = sides.map(|(_, gradients)| gradients.rows().len());
        let all = slots[0] + slots[1];
        let size = all.div_ceil(SHARDS).max(1);
        let row = |slot: usize| {
            let (side, slot) = if slot < slots[0] { (0, slot) } else { (1, slot - slots[0]) };
            let (table, gradients) = sides[side];
            (table.row(gradients.rows()[slot]), gradients.contributions(slot).len() as f32)
        };
        let part = |number: usize| (number * size).min(all)..((number + 1) * size).min(all);

        let total: usize = sides.iter().map(|(_, gradients)| gradients.total()).sum();
        let total = total.max(1) as f32;
        self.mean.fill(0.0);
        for sum in &self.sums {
            add_scaled(&mut self.mean, 1.0 / total, sum);
        }
        let (mean, width) = (&self.mean, self.mean.len());
        parallel::for_each(
            self.shards.iter_mut().enumerate(),
            |(number, Shard { products, workspace, .. })| {
                products.fill(0.0);
                let mut slots = part(number);
                while !slots.is_empty() {
                    let few = slots.start..slots.end.min(slots.start + ROWS_PER_BLOCK);
                    slots.start = few.end;
                    let [centered, weighted] = [&mut workspace.centered, &mut workspace.weighted]
                        .map(|rows| &mut rows[..few.len() * width]);
                    let rows = centered.chunks_exact_mut(width).zip(weighted.chunks_exact_mut(width));
                    for (slot, (centered, weighted)) in few.zip(rows) {
                        let (vector, count) = row(slot);
                        center(centered, vector, mean);
                        weighted.iter_mut().zip(centered).for_each(|(to, value)| *to = count * *value);
                    }
                    covariance::add_products(products, weighted, centered, width);
                }
            },
        );
        self.matrix.fill(0.0);
        for shard in &self.shards {
            add_scaled(&mut self.matrix, 1.0, &shard.products);
        }
        let loss = covariance::finish(&mut self.matrix, width, total);
        for value in &mut self.matrix {
            *value *= self.weight as f32;
        }
        pack(&self.matrix, width, &mut self.panels);
        self.weight * loss
    }

    /// Writes the gradients of a block of the measured rows: `(rows of the block, d)`.
    pub(super) fn gradients(&self, table: &Table, block: &Block, out: &mut [f32], workspace: &mut Workspace) {
        let width = self.mean.len();
        let centered = &mut workspace.centered[..out.len()];
        for (to, &row) in centered.chunks_exact_mut(width).zip(block.rows) {
            center(to, table.row(row), &self.mean);
        }
        multiply_packed(centered, &self.panels, width, width, out, width);
        for (index, gradient) in out.chunks_exact_mut(width).enumerate() {
            let count = block.contributions(index).len() as f32;
            gradient.iter_mut().for_each(|value| *value *= count);
        }
    }
}

/// Sums the rows that a batch touches, each as often as it has contributions.
pub(super) fn sum(table: &Table, gradients: &RowGradients, sum: &mut [f32]) {
    sum.fill(0.0);
    for (slot, &row) in gradients.rows().iter().enumerate() {
        add_scaled(sum, gradients.contributions(slot).len() as f32, table.row(row));
    }
}

fn center(to: &mut [f32], vector: &[f32], mean: &[f32]) {
    for ((to, value), mean) in to.iter_mut().zip(vector).zip(mean) {
        *to = value - mean;
    }
}
