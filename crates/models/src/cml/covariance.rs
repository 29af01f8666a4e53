//! The covariance of a batch's points, from each distinct row with how often it counts.

use crate::learn::minibatch::{Block, SLOTS_AT_ONCE, Table, Touched};
use rayon::prelude::*;
use tastespace_kernels::covariance;
use tastespace_kernels::matrix::{multiply_packed, pack};
use tastespace_kernels::vector::add_scaled;

/// Parts that the rows are cut into, whatever the threads: sums of each are added in order.
const SHARDS: usize = 8;

/// Rows that are centred before they are worked with.
const ROWS_AT_ONCE: usize = SLOTS_AT_ONCE;

/// The penalty of a batch.
pub(super) struct Covariance {
    weight: f64,
    /// The sum of each side's rows.
    pub(super) sums: [Vec<f32>; 2],
    mean: Vec<f32>,
    /// `λ_c (4/N²) C′: (d, d)` of the batch at hand, and the same packed.
    matrix: Vec<f32>,
    panels: Vec<f32>,
    shards: Vec<Shard>,
}

/// What is summed of one part of the rows.
struct Shard {
    products: Vec<f32>,
    scratch: Scratch,
}

/// What a thread works with.
pub(super) struct Scratch {
    centred: Vec<f32>,
    /// The same, each row as often as it counts.
    weighted: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(width: usize) -> Self {
        Self { centred: vec![0.0; ROWS_AT_ONCE * width], weighted: vec![0.0; ROWS_AT_ONCE * width] }
    }
}

impl Covariance {
    pub(super) fn new(weight: f64, width: usize) -> Self {
        let shard = || Shard { products: vec![0.0; width * width], scratch: Scratch::new(width) };
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
        4 * width * (3 + (2 + shards) * width + shards * 2 * ROWS_AT_ONCE as u64)
    }

    /// Takes the rows that the batch touches, each as often as it has contributions, after their [`sum`] by side. Returns what
    /// the penalty comes to.
    pub(super) fn take(&mut self, sides: [(&Table, &Touched); 2]) -> f64 {
        let slots = sides.map(|(_, touched)| touched.rows().len());
        let all = slots[0] + slots[1];
        let size = all.div_ceil(SHARDS).max(1);
        let row = |slot: usize| {
            let (side, slot) = if slot < slots[0] { (0, slot) } else { (1, slot - slots[0]) };
            let (table, touched) = sides[side];
            (table.row(touched.rows()[slot]), touched.contributions(slot).len() as f32)
        };
        let part = |number: usize| (number * size).min(all)..((number + 1) * size).min(all);

        let total: usize = sides.iter().map(|(_, touched)| touched.total()).sum();
        let total = total.max(1) as f32;
        self.mean.fill(0.0);
        for sum in &self.sums {
            add_scaled(&mut self.mean, 1.0 / total, sum);
        }
        let (mean, width) = (&self.mean, self.mean.len());
        self.shards.par_iter_mut().enumerate().for_each(|(number, Shard { products, scratch, .. })| {
            products.fill(0.0);
            let mut slots = part(number);
            while !slots.is_empty() {
                let few = slots.start..slots.end.min(slots.start + ROWS_AT_ONCE);
                slots.start = few.end;
                let [centred, weighted] =
                    [&mut scratch.centred, &mut scratch.weighted].map(|rows| &mut rows[..few.len() * width]);
                let rows = centred.chunks_exact_mut(width).zip(weighted.chunks_exact_mut(width));
                for (slot, (centred, weighted)) in few.zip(rows) {
                    let (vector, count) = row(slot);
                    centre(centred, vector, mean);
                    weighted.iter_mut().zip(centred).for_each(|(to, value)| *to = count * *value);
                }
                covariance::add_products(products, weighted, centred, width);
            }
        });
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

    /// Sets the gradients of a block of the rows taken: `(rows of the block, d)`.
    pub(super) fn gradients(&self, table: &Table, block: &Block, out: &mut [f32], scratch: &mut Scratch) {
        let width = self.mean.len();
        let centred = &mut scratch.centred[..out.len()];
        for (to, &row) in centred.chunks_exact_mut(width).zip(block.rows) {
            centre(to, table.row(row), &self.mean);
        }
        multiply_packed(centred, &self.panels, width, width, out, width);
        for (place, gradient) in out.chunks_exact_mut(width).enumerate() {
            let count = block.contributions(place).len() as f32;
            gradient.iter_mut().for_each(|value| *value *= count);
        }
    }
}

/// Sums the rows that a batch touches, each as often as it has contributions.
pub(super) fn sum(table: &Table, touched: &Touched, sum: &mut [f32]) {
    sum.fill(0.0);
    for (slot, &row) in touched.rows().iter().enumerate() {
        add_scaled(sum, touched.contributions(slot).len() as f32, table.row(row));
    }
}

fn centre(to: &mut [f32], vector: &[f32], mean: &[f32]) {
    for ((to, value), mean) in to.iter_mut().zip(vector).zip(mean) {
        *to = value - mean;
    }
}
