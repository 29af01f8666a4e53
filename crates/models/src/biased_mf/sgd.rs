//! Per-rating stochastic gradient descent in deterministic parallel blocks.
//!
//! An epoch visits each rating once: the strata in seeded order, their blocks in parallel, the ratings of a block in a
//! seeded order (see [`crate::blocks`]). So the result depends on seed and data only.

use super::Options;
use super::factors::{Factors, values_mut};
use crate::blocks::{BLOCKS, Blocks, Cell};
use crate::error::ModelError;
use crate::model::{Control, Model, Problem, Shape, Trainer, row};
use ndarray::Array2;
use tastespace_data::Rng;
use tastespace_kernels::lanes::padded;
use tastespace_kernels::rating_step::{Rate, rating_step};

/// One group's rows while they are trained: vectors padded to whole lanes, so that the step has no tail.
struct Rows {
    stride: usize,
    factors: Vec<f32>,
    biases: Vec<f32>,
}

impl Rows {
    fn new(vectors: &Array2<f32>, biases: &[f32], members: &[u32]) -> Self {
        let stride = padded(vectors.ncols());
        let mut factors = vec![0.0; members.len() * stride];
        for (to, &member) in factors.chunks_exact_mut(stride).zip(members) {
            to[..vectors.ncols()].copy_from_slice(row(vectors, member));
        }
        Self { stride, factors, biases: members.iter().map(|&member| biases[member as usize]).collect() }
    }

    fn get(&mut self, place: u32) -> (&mut [f32], &mut f32) {
        let start = place as usize * self.stride;
        (&mut self.factors[start..start + self.stride], &mut self.biases[place as usize])
    }

    /// Copies the rows to their members' places.
    fn copy_out(&self, members: &[u32], factors: &mut Array2<f32>, biases: &mut [f32]) {
        let d = factors.ncols();
        let to = values_mut(factors);
        for (from, (&member, &bias)) in
            self.factors.chunks_exact(self.stride).zip(members.iter().zip(&self.biases))
        {
            to[member as usize * d..][..d].copy_from_slice(&from[..d]);
            biases[member as usize] = bias;
        }
    }
}

/// A user group with what an epoch needs for it alone.
struct UserGroup {
    rows: Rows,
    /// The block at hand in its order.
    shuffled: Vec<Cell>,
    /// Sum of squared errors of the epoch so far.
    squares: f64,
}

/// Training by stochastic gradient descent.
pub(super) struct Sgd {
    options: Options,
    seed: u64,
    epoch: u32,
    shape: Shape,
    mean: f32,
    /// Where training goes on: holds what was learnt of rows that have no ratings now. The others are in the groups.
    before: Option<Factors>,
    blocks: Blocks,
    users: Vec<UserGroup>,
    items: Vec<Rows>,
}

/// Most bytes beside the models: what it starts from is gone when the first of them comes.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let rows = (shape.users + shape.items) as u64;
    let cells = (shape.rows * size_of::<Cell>()) as u64;
    rows * (4 * (padded(options.factors as usize) as u64 + 1) + 16) + cells + cells / BLOCKS as u64
}

impl Sgd {
    pub(super) fn new(options: &Options, problem: &Problem, ratings: &[f32], start: Factors) -> Self {
        let (columns, shape, seed) = (problem.train.columns(), problem.shape(), problem.seed);
        let blocks = Blocks::new(columns, shape.users, shape.items, seed, |row| ratings[row] - start.mean);
        let users = blocks.users.members.iter().zip(&blocks.strips).map(|(members, strip)| UserGroup {
            rows: Rows::new(&start.user_factors, &start.user_biases, members),
            shuffled: vec![Cell::default(); strip.largest()],
            squares: 0.0,
        });
        let items = blocks.items.members.iter();
        let items = items.map(|members| Rows::new(&start.item_factors, &start.item_biases, members));
        Self {
            options: options.clone(),
            seed,
            epoch: problem.start.as_ref().map_or(0, |start| start.epochs),
            shape,
            mean: start.mean,
            users: users.collect(),
            items: items.collect(),
            blocks,
            before: problem.start.is_some().then_some(start),
        }
    }
}

/// Visits the cells of one block in the order of its stream.
fn train_block(users: &mut UserGroup, items: &mut Rows, cells: &[Cell], mut order: Rng, rate: Rate) {
    let shuffled = &mut users.shuffled[..cells.len()];
    order.shuffle_into(cells, shuffled);
    let mut squares = 0.0;
    for cell in shuffled {
        let (p, user_bias) = users.rows.get(cell.user);
        let (q, item_bias) = items.get(cell.item);
        let error = rating_step(p, q, user_bias, item_bias, cell.value, rate);
        squares += f64::from(error) * f64::from(error);
    }
    users.squares += squares;
}

impl Trainer for Sgd {
    /// The loss is the root mean squared error of each rating just before its step.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let (rate, seed, epoch) = (self.options.step(self.epoch), self.seed, u64::from(self.epoch));
        let (users, items) = (&mut self.users, &mut self.items);
        self.blocks.visit((seed, epoch), users, items, control, |users, items, cells, order| {
            train_block(users, items, cells, order, rate);
        })?;
        self.epoch += 1;
        let squares: f64 = self.users.iter_mut().map(|group| std::mem::take(&mut group.squares)).sum();
        Ok((squares / self.shape.rows as f64).sqrt())
    }

    fn model(&self) -> Box<dyn Model> {
        let zeros = || Factors::zeros(&self.options, self.mean, self.shape);
        let mut model = self.before.clone().unwrap_or_else(zeros);
        for (group, members) in self.users.iter().zip(&self.blocks.users.members) {
            group.rows.copy_out(members, &mut model.user_factors, &mut model.user_biases);
        }
        for (rows, members) in self.items.iter().zip(&self.blocks.items.members) {
            rows.copy_out(members, &mut model.item_factors, &mut model.item_biases);
        }
        Box::new(model)
    }
}
