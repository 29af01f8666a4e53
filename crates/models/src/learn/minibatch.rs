//! Mini-batches on tables of rows: what a batch says of a row is summed in a fixed order, and a row that it touches steps once.
//!
//! A batch is a list of *contributions*, each of them to one row of a table. [`Touched`] groups them by row, so that a row's
//! gradient is the sum of its own contributions in the order of the batch, whoever works it out; then [`Table`] lets those
//! rows step. Rows are independent in both, so neither depends on the number of threads.

use crate::contract::options::{OptionDoc, Range, option};
use crate::learn::embedding::values_mut;
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range as Indices;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::lanes::padded;
use tastespace_optim::{AdaGrad, Adam, Sgd};

/// Stands for no row: a contribution to it counts for nothing.
pub const NONE: u32 = u32::MAX;

/// The option of that name, of every kind whose rows step by batches; so are those below.
pub const OPTIMIZER: OptionDoc = option(
    "optimizer",
    Range::Choice(&["adagrad", "adam", "sgd"]),
    "How rows step: adagrad, adam (.001 to .01 suits it), or sgd.",
);
/// See [`OPTIMIZER`].
pub const LEARNING_RATE: OptionDoc =
    option("learningRate", Range::Number(1e-6, 10.0), "Step of a row, per batch.");
/// See [`OPTIMIZER`].
pub const INITIAL_ACCUMULATOR: OptionDoc = option(
    "initialAccumulator",
    Range::Number(0.0, 1e6),
    "Where adagrad's sums of squared gradients start: more makes the first steps shorter.",
);
/// See [`OPTIMIZER`].
pub const INITIAL_LENGTH: OptionDoc = option(
    "initialLength",
    Range::Number(1e-3, 1e3),
    "Length of the initial vectors, about: their standard deviation times the root of factors.",
);

/// L2 penalty of the rows that step.
pub const PENALTY: OptionDoc =
    option("penalty", Range::Number(0.0, 10.0), "L2 penalty of a row, per step of it.");

/// How rows step. All are lazy: a row that is not touched keeps its values and its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Optimizer {
    Sgd,
    AdaGrad,
    Adam,
}

impl Optimizer {
    /// The step of this learning rate, and of this number among all steps from 1.
    pub fn step(self, learning: f64, number: u32) -> Step {
        match self {
            Self::Sgd => Step::Sgd(Sgd { learning: learning as f32 }),
            Self::AdaGrad => Step::AdaGrad(AdaGrad { learning: learning as f32 }),
            Self::Adam => Step::Adam(Adam::at(learning, number)),
        }
    }

    /// Numbers that are kept of each parameter beside its value.
    fn states(self) -> usize {
        match self {
            Self::Sgd => 0,
            Self::AdaGrad => 1,
            Self::Adam => 2,
        }
    }
}

/// How a batch's gradients are applied.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Against the gradient.
    Sgd(Sgd),
    /// With sums of squares.
    AdaGrad(AdaGrad),
    /// With first and second moments.
    Adam(Adam),
}

impl Step {
    /// Steps a row.
    #[inline]
    pub fn apply(self, row: RowMut, gradient: &[f32]) {
        match self {
            Self::Sgd(sgd) => sgd.step(row.values, gradient),
            Self::AdaGrad(adagrad) => adagrad.step(row.values, gradient, row.second),
            Self::Adam(adam) => adam.step(row.values, gradient, row.first, row.second),
        }
    }
}

/// A row with what its optimiser knows of it.
pub struct RowMut<'a> {
    /// The parameters: `(width)`.
    pub values: &'a mut [f32],
    /// Sums of squares or second moments: `(width)`, or nothing.
    pub second: &'a mut [f32],
    /// First moments: `(width)`, or nothing.
    pub first: &'a mut [f32],
}

impl RowMut<'_> {
    /// The same row, to be used once more after.
    pub fn again(&mut self) -> RowMut<'_> {
        RowMut { values: self.values, second: self.second, first: self.first }
    }
}

/// Initial values of rows of `d` factors, each padded to whole lanes: Normal(0, `length`/√d), drawn row by row from the stream
/// of the table.
pub fn drawn(rows: usize, d: usize, length: f64, seed: u64, table: u64) -> Vec<f32> {
    let mut rng = Rng::stream(seed, Purpose::Initial, 0, table);
    let deviation = length / (d as f64).sqrt();
    let mut values = vec![0.0; rows * padded(d)];
    for row in values.chunks_exact_mut(padded(d)) {
        for value in &mut row[..d] {
            *value = (rng.normal() * deviation) as f32;
        }
    }
    values
}

/// Takes over the rows that are `known`, or all, from `learnt: (rows, d)`, into rows that are padded to whole lanes.
pub fn take_learnt(values: &mut [f32], learnt: &[f32], d: usize, known: Option<&[bool]>) {
    let rows = values.chunks_exact_mut(padded(d)).zip(learnt.chunks_exact(d));
    for (row, (to, from)) in rows.enumerate() {
        if known.is_none_or(|known| known[row]) {
            to[..d].copy_from_slice(from);
        }
    }
}

/// Parameters in rows of one width, with what their optimiser knows of them.
pub struct Table {
    width: usize,
    values: Vec<f32>,
    second: Vec<f32>,
    first: Vec<f32>,
}

/// Rows that one thread visits at a time.
const ROWS_AT_ONCE: usize = 256;

impl Table {
    /// A table of `values: (rows, width)`. AdaGrad's sums start at `accumulator`.
    pub fn new(values: Vec<f32>, width: usize, optimizer: Optimizer, accumulator: f64) -> Self {
        let state = |wanted: bool, value: f32| if wanted { vec![value; values.len()] } else { Vec::new() };
        let start = if optimizer == Optimizer::AdaGrad { accumulator as f32 } else { 0.0 };
        let (second, first) = (state(optimizer.states() > 0, start), state(optimizer.states() > 1, 0.0));
        Self { width, values, second, first }
    }

    /// Bytes of a table.
    pub fn bytes(rows: usize, width: usize, optimizer: Optimizer) -> u64 {
        4 * rows as u64 * width as u64 * (1 + optimizer.states() as u64)
    }

    /// Length of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All rows: `(rows, width)`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All rows, without what their optimiser knows.
    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// The first `d` values of each row: what is left without padding.
    pub fn matrix(&self, d: usize) -> Array2<f32> {
        let mut matrix = Array2::zeros((self.values.len() / self.width, d));
        for (to, from) in
            values_mut(&mut matrix).chunks_exact_mut(d).zip(self.values.chunks_exact(self.width))
        {
            to.copy_from_slice(&from[..d]);
        }
        matrix
    }

    /// One row.
    #[inline]
    pub fn row(&self, index: u32) -> &[f32] {
        &self.values[index as usize * self.width..][..self.width]
    }

    /// Steps the rows that the batch touched, by their gradients there, and hands each to `after`.
    pub fn step(&mut self, touched: &Touched, step: Step, after: impl Fn(&mut [f32]) + Sync) {
        self.each_row(&|| (), &|(), index, row| {
            // Looking for the batch's rows in the whole table keeps rows apart without sorting them, at a word a row.
            if let Some(gradient) = touched.gradient(index) {
                let mut row = row;
                step.apply(row.again(), gradient);
                after(row.values);
            }
        });
    }

    /// Hands all rows with their indices to `visit`, in any order, with a scratch that some rows share one after the other.
    pub fn each_row<S>(
        &mut self,
        scratch: &(impl Fn() -> S + Sync),
        visit: &(impl Fn(&mut S, u32, RowMut) + Sync),
    ) {
        let rows = 0..self.values.len() / self.width;
        let parts = [&mut self.values[..], &mut self.second, &mut self.first];
        visit_rows(rows, self.width, parts, scratch, visit);
    }
}

/// Halves the rows until they are few, each half on its way at the same time.
fn visit_rows<S>(
    rows: Indices<usize>,
    width: usize,
    [values, second, first]: [&mut [f32]; 3],
    scratch: &(impl Fn() -> S + Sync),
    visit: &(impl Fn(&mut S, u32, RowMut) + Sync),
) {
    if rows.len() > ROWS_AT_ONCE {
        let half = rows.len() / 2;
        // Where an optimiser keeps nothing there is nothing to part.
        let part = |state: &mut [f32]| (half * width).min(state.len());
        let (at_second, at_first) = (part(second), part(first));
        let (values, more_values) = values.split_at_mut(half * width);
        let (second, more_second) = second.split_at_mut(at_second);
        let (first, more_first) = first.split_at_mut(at_first);
        let middle = rows.start + half;
        rayon::join(
            || visit_rows(rows.start..middle, width, [values, second, first], scratch, visit),
            || visit_rows(middle..rows.end, width, [more_values, more_second, more_first], scratch, visit),
        );
        return;
    }
    let (mut second, mut first) = (second.chunks_exact_mut(width), first.chunks_exact_mut(width));
    let mut scratch = scratch();
    for (index, values) in rows.zip(values.chunks_exact_mut(width)) {
        let (second, first) = (second.next().unwrap_or_default(), first.next().unwrap_or_default());
        visit(&mut scratch, index as u32, RowMut { values, second, first });
    }
}

/// The rows of a table that a batch touches, each with its contributions and its gradient.
pub struct Touched {
    width: usize,
    /// Where each row of the table is in `rows`, or [`NONE`].
    slots: Vec<u32>,
    /// The rows, by first appearance in the batch. A row's place here is its *slot*.
    rows: Vec<u32>,
    /// Where each slot's contributions end in `order`.
    ends: Vec<u32>,
    /// Numbers of contributions, slot after slot, for each in the order of the batch.
    order: Vec<u32>,
    /// A gradient for each slot: `(rows, width)`.
    gradients: Vec<f32>,
}

/// Slots whose gradients one thread works out at a time.
pub const SLOTS_AT_ONCE: usize = 32;

impl Touched {
    /// Room for batches of at most `contributions` to a table of `rows` rows of this `width`.
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

    /// Bytes of that room.
    pub fn bytes(rows: usize, contributions: usize, width: usize) -> u64 {
        let most = rows.min(contributions) as u64;
        4 * (rows as u64 + contributions as u64 + most * (2 + width as u64))
    }

    /// Groups the contributions of the next batch, of which `row_of` tells each one's row, or [`NONE`].
    pub fn group(&mut self, row_of: &[u32]) {
        for row in self.rows.drain(..) {
            self.slots[row as usize] = NONE;
        }
        self.ends.clear();
        // How many each row has, by slot.
        for &row in row_of.iter().filter(|&&row| row != NONE) {
            let slot = &mut self.slots[row as usize];
            if *slot == NONE {
                *slot = self.rows.len() as u32;
                self.rows.push(row);
                self.ends.push(0);
            }
            self.ends[*slot as usize] += 1;
        }
        // Where each starts, which moves to where it ends as its contributions come.
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

    /// The rows of the batch, by slot.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The slot of a row of the table, if the batch touches it.
    #[inline]
    pub fn slot_of(&self, row: u32) -> Option<usize> {
        let slot = self.slots[row as usize];
        (slot != NONE).then_some(slot as usize)
    }

    /// How many contributions there are.
    pub fn total(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// The contributions to the row of a slot.
    #[inline]
    pub fn contributions(&self, slot: usize) -> &[u32] {
        contributions(&self.ends, &self.order, slot)
    }

    /// The gradient of a row of the table, if the batch touches it.
    #[inline]
    pub fn gradient(&self, row: u32) -> Option<&[f32]> {
        match self.slots[row as usize] {
            NONE => None,
            slot => Some(&self.gradients[slot as usize * self.width..][..self.width]),
        }
    }

    /// The gradients of all rows that the batch touches, by slot.
    pub fn gradients_mut(&mut self) -> &mut [f32] {
        &mut self.gradients[..self.rows.len() * self.width]
    }

    /// Works out the gradients a few rows at a time: `compute` gets them with what [`Block`] tells and with a scratch of its
    /// thread, and overwrites `(rows of the block, width)` values.
    pub fn compute<S>(
        &mut self,
        scratch: impl Fn() -> S + Sync + Send,
        compute: impl Fn(&mut S, Block, &mut [f32]) + Sync + Send,
    ) {
        let Self { width, rows, ends, order, gradients, .. } = self;
        let gradients = gradients[..rows.len() * *width].par_chunks_mut(SLOTS_AT_ONCE * *width);
        rows.par_chunks(SLOTS_AT_ONCE).zip(gradients).enumerate().for_each_init(
            scratch,
            |scratch, (block, (rows, gradients))| {
                let first = block * SLOTS_AT_ONCE;
                compute(scratch, Block { rows, first, ends, order }, gradients);
            },
        );
    }
}

fn contributions<'a>(ends: &[u32], order: &'a [u32], slot: usize) -> &'a [u32] {
    let start = if slot == 0 { 0 } else { ends[slot - 1] };
    &order[start as usize..ends[slot] as usize]
}

/// A few of the rows that a batch touches.
pub struct Block<'a> {
    /// The rows.
    pub rows: &'a [u32],
    /// The slot of the first.
    first: usize,
    ends: &'a [u32],
    order: &'a [u32],
}

impl<'a> Block<'a> {
    /// The slot of the row at `place` of this block.
    pub fn slot(&self, place: usize) -> usize {
        self.first + place
    }

    /// The contributions to the row at `place` of this block, in the order of the batch.
    #[inline]
    pub fn contributions(&self, place: usize) -> &'a [u32] {
        contributions(self.ends, self.order, self.first + place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contributions_are_grouped_in_their_order() {
        let mut touched = Touched::new(6, 8, 2);
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

    /// A table of 1000 rows, of which a third is touched, against the same row by row.
    #[test]
    fn touched_rows_step_once_and_others_stay() {
        let (rows, width) = (1000, 3);
        let row_of: Vec<u32> = (0..900).map(|k| (k * 7 % 333) * 3).collect();
        for optimizer in [Optimizer::Sgd, Optimizer::AdaGrad, Optimizer::Adam] {
            let start: Vec<f32> = (0..rows * width).map(|k| k as f32 * 0.01).collect();
            let mut table = Table::new(start.clone(), width, optimizer, 0.5);
            let mut touched = Touched::new(rows, row_of.len(), width);
            touched.group(&row_of);
            touched.compute(
                || (),
                |(), block, gradients| {
                    for (place, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                        gradient.fill(block.contributions(place).iter().map(|&k| k as f32).sum());
                    }
                },
            );
            table.step(&touched, optimizer.step(0.1, 1), |row| row[0] = -1.0);
            for row in 0..rows {
                let sum: f32 = (0..900).filter(|&k| row_of[k] == row as u32).map(|k| k as f32).sum();
                let of = |k: usize| match optimizer {
                    Optimizer::Sgd => start[k] - 0.1 * sum,
                    Optimizer::AdaGrad => start[k] - 0.1 * sum / (0.5 + sum * sum).sqrt(),
                    // Its first step has the length of the learning rate, whatever the gradient.
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
