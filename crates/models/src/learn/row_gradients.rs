//! The gradients of the table rows that a mini-batch touches.
//!
//! A mini-batch is a list of *contributions*, each to one row of a table. They are grouped by row, and each row's gradient
//! is the sum of its contributions in the order of the mini-batch. Rows are independent, so the result does not depend
//! on the number of threads.

use super::table::Table;
use tastespace_kernels::vector::add_scaled;
use tastespace_optim::parallel;

/// Stands for no row: a contribution to it is ignored.
pub const NONE: u32 = u32::MAX;

/// Slots whose gradients one task computes.
pub const SLOTS_PER_TASK: usize = 32;

/// The rows that a mini-batch touches, with their contributions and gradients. A row's number here is its *slot*.
pub struct RowGradients {
    width: usize,
    /// The slot of each row of the table, or [`NONE`].
    slots: Vec<u32>,
    /// The row of each slot, by first appearance in the mini-batch.
    rows: Vec<u32>,
    /// Where each slot's contributions end in `order`.
    ends: Vec<u32>,
    /// Numbers of contributions, slot after slot, each slot's in the order of the mini-batch.
    order: Vec<u32>,
    /// The gradient of each slot: `(slots, width)`.
    gradients: Vec<f32>,
}

impl RowGradients {
    /// A workspace for mini-batches of at most `contributions` to a table of `rows` rows of this `width`.
    pub fn new(rows: usize, contributions: usize, width: usize) -> Self {
        let most = rows.min(contributions);
        Self {
            width,
            slots: vec![NONE; rows],
            rows: Vec::with_capacity(most),
            ends: Vec::with_capacity(most),
            order: vec![0; contributions],
            gradients: vec![0.0; most * width],
        }
    }

    /// Bytes of the workspace.
    pub fn bytes(rows: usize, contributions: usize, width: usize) -> u64 {
        let most = rows.min(contributions) as u64;
        4 * (rows as u64 + contributions as u64 + most * (2 + width as u64))
    }

    /// Groups the contributions of the next mini-batch; `row_of` is each contribution's row, or [`NONE`].
    pub fn group(&mut self, row_of: &[u32]) {
        for row in self.rows.drain(..) {
            self.slots[row as usize] = NONE;
        }
        self.ends.clear();
        // Count the contributions of each slot.
        for &row in row_of.iter().filter(|&&row| row != NONE) {
            let slot = &mut self.slots[row as usize];
            if *slot == NONE {
                *slot = self.rows.len() as u32;
                self.rows.push(row);
                self.ends.push(0);
            }
            self.ends[*slot as usize] += 1;
        }
        // Turn counts into starts; each start moves to its end while the contributions are distributed.
        let mut before = 0;
        for end in &mut self.ends {
            before += std::mem::replace(end, before);
        }
        for (contribution, &row) in row_of.iter().enumerate().filter(|(_, row)| **row != NONE) {
            let end = &mut self.ends[self.slots[row as usize] as usize];
            self.order[*end as usize] = contribution as u32;
            *end += 1;
        }
    }

    /// Groups the contributions of the next mini-batch and sums the gradients of the rows of `table`: `start` writes the
    /// first value of a row's gradient, the gradient of `½ penalty ‖row‖²` follows, then `add` adds each contribution.
    pub fn gather(
        &mut self,
        table: &Table,
        row_of: &[u32],
        penalty: f32,
        start: impl Fn(u32, &mut [f32]) + Sync + Send,
        add: impl Fn(&mut [f32], &[f32], usize) + Sync + Send,
    ) {
        let width = self.width;
        self.group(row_of);
        self.compute(
            || (),
            |(), block, gradients| {
                for (index, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                    let row = table.row(block.rows[index]);
                    start(block.rows[index], gradient);
                    if penalty > 0.0 {
                        add_scaled(gradient, penalty, row);
                    }
                    for &contribution in block.contributions(index) {
                        add(gradient, row, contribution as usize);
                    }
                }
            },
        );
    }

    /// The rows of the mini-batch, by slot.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The slot of a row of the table, if the mini-batch touches it.
    #[inline]
    pub fn slot_of(&self, row: u32) -> Option<usize> {
        let slot = self.slots[row as usize];
        (slot != NONE).then_some(slot as usize)
    }

    /// Number of contributions.
    pub fn total(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// The contributions to the row of a slot.
    #[inline]
    pub fn contributions(&self, slot: usize) -> &[u32] {
        contributions(&self.ends, &self.order, slot)
    }

    /// The gradient of a row of the table, if the mini-batch touches it.
    #[inline]
    pub fn gradient(&self, row: u32) -> Option<&[f32]> {
        match self.slots[row as usize] {
            NONE => None,
            slot => Some(&self.gradients[slot as usize * self.width..][..self.width]),
        }
    }

    /// All gradients, by slot.
    pub fn gradients_mut(&mut self) -> &mut [f32] {
        &mut self.gradients[..self.rows.len() * self.width]
    }

    /// Computes the gradients a block of slots at a time: `compute` overwrites `(slots of the block, width)` values.
    pub fn compute<S>(
        &mut self,
        workspace: impl Fn() -> S + Sync + Send,
        compute: impl Fn(&mut S, Block, &mut [f32]) + Sync + Send,
    ) {
        let Self { width, rows, ends, order, gradients, .. } = self;
        let gradients = gradients[..rows.len() * *width].chunks_mut(SLOTS_PER_TASK * *width);
        parallel::for_each_with(
            rows.chunks(SLOTS_PER_TASK).zip(gradients).enumerate(),
            workspace,
            |workspace, (block, (rows, gradients))| {
                let first = block * SLOTS_PER_TASK;
                compute(workspace, Block { rows, first, ends, order }, gradients);
            },
        );
    }
}

fn contributions<'a>(ends: &[u32], order: &'a [u32], slot: usize) -> &'a [u32] {
    let start = if slot == 0 { 0 } else { ends[slot - 1] };
    &order[start as usize..ends[slot] as usize]
}

/// A few consecutive slots.
pub struct Block<'a> {
    /// The rows of the slots.
    pub rows: &'a [u32],
    /// The first slot.
    first: usize,
    ends: &'a [u32],
    order: &'a [u32],
}

impl<'a> Block<'a> {
    /// The slot at `index` of this block.
    pub fn slot(&self, index: usize) -> usize {
        self.first + index
    }

    /// The contributions to the slot at `index` of this block, in the order of the mini-batch.
    #[inline]
    pub fn contributions(&self, index: usize) -> &'a [u32] {
        contributions(self.ends, self.order, self.first + index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::optimizer::Optimizer;

    #[test]
    fn contributions_are_grouped_in_their_order() {
        let mut touched = RowGradients::new(6, 8, 2);
        for _ in 0..2 {
            touched.group(&[4, 1, NONE, 4, 0, 1, 4]);
            assert_eq!(touched.rows(), [4, 1, 0]);
            let all: Vec<&[u32]> = (0..3).map(|slot| touched.contributions(slot)).collect();
            assert_eq!(all, [&[0, 3, 6][..], &[1, 5], &[4]]);
            touched.group(&[NONE, 5]);
            assert_eq!((touched.rows(), touched.contributions(0)), (&[5][..], &[1][..]));
            assert!(touched.gradient(4).is_none() && touched.gradient(5).is_some());
        }
    }

    /// A table of 1000 rows with gradients for a third of them, compared with a row-by-row computation.
    #[test]
    fn touched_rows_are_updated_once_and_others_stay() {
        let (rows, width) = (1000, 3);
        let row_of: Vec<u32> = (0..900).map(|k| (k * 7 % 333) * 3).collect();
        for optimizer in [Optimizer::Sgd, Optimizer::AdaGrad, Optimizer::Adam] {
            let start: Vec<f32> = (0..rows * width).map(|k| k as f32 * 0.01).collect();
            let mut table = Table::new(start.clone(), width, optimizer, 0.5);
            let mut touched = RowGradients::new(rows, row_of.len(), width);
            touched.group(&row_of);
            touched.compute(
                || (),
                |(), block, gradients| {
                    for (index, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                        gradient.fill(block.contributions(index).iter().map(|&k| k as f32).sum());
                    }
                },
            );
            table.update(&touched, optimizer.update(0.1, 1), |row| row[0] = -1.0);
            for row in 0..rows {
                let sum: f32 = (0..900).filter(|&k| row_of[k] == row as u32).map(|k| k as f32).sum();
                let of = |k: usize| match optimizer {
                    Optimizer::Sgd => start[k] - 0.1 * sum,
                    Optimizer::AdaGrad => start[k] - 0.1 * sum / (0.5 + sum * sum).sqrt(),
                    // The first step of Adam has the size of the learning rate, for any gradient.
                    Optimizer::Adam => start[k] - 0.1 * sum.signum() * f32::from(sum != 0.0),
                };
                let expected: Vec<f32> = match row % 3 {
                    0 if row < 999 => vec![-1.0, of(row * 3 + 1), of(row * 3 + 2)],
                    _ => start[row * 3..][..3].to_vec(),
                };
                for (got, expected) in table.row(row as u32).iter().zip(expected) {
                    assert!((got - expected).abs() < 1e-3, "{optimizer:?}, row {row}: {got} for {expected}");
                }
            }
        }
    }
}
