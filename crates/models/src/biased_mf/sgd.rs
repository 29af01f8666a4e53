//! Stochastic gradient descent per rating, in deterministic parallel blocks.
//!
//! An epoch visits each rating once: the strata in seeded order, their blocks in parallel, the ratings of a tile of users in
//! seeded order (see [`crate::learn::blocks`]). The result depends on seed and data only.

use super::Options;
use super::model::BiasedMfModel;
use super::unit::Unit;
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::learn::blocks::{Blocks, Cell, GroupRows, Strip};
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::lanes::padded;
use tastespace_kernels::rating_step::{Rate, rating_step};

/// A user group with the state that an epoch needs for it.
pub(super) struct UserGroup {
    pub(super) rows: GroupRows,
    /// Of each bias, per update.
    bias_penalties: Vec<f32>,
    /// The current tile in its order.
    shuffled: Vec<Cell>,
    /// Sum of squared errors of the epoch so far.
    pub(super) squares: f64,
}

impl UserGroup {
    pub(super) fn new(rows: GroupRows, bias_penalties: Vec<f32>, strip: &Strip) -> Self {
        Self { rows, bias_penalties, shuffled: vec![Cell::default(); strip.largest()], squares: 0.0 }
    }
}

/// An item group.
struct ItemGroup {
    rows: GroupRows,
    /// Of each bias, per update.
    bias_penalties: Vec<f32>,
}

/// Training by stochastic gradient descent.
pub(super) struct Sgd {
    options: Options,
    seed: u64,
    epoch: u32,
    shape: Shape,
    mean: f32,
    unit: Unit,
    /// The state that training resumed from: the parameters of rows without ratings now. The others are in the groups.
    before: Option<BiasedMfModel>,
    blocks: Blocks,
    users: Vec<UserGroup>,
    items: Vec<ItemGroup>,
}

/// Upper bound of the bytes in addition to the models. The initial parameters are freed before the first model.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    // A padded embedding, a bias and its regularization, for the group and for all rows.
    let row = 4 * (padded(options.factors as usize) as u64 + 3);
    (shape.users + shape.items) as u64 * row + Blocks::bytes(shape, options.blocks)
}

impl Sgd {
    pub(super) fn new(options: &Options, problem: &Problem, ratings: &[f32], start: BiasedMfModel) -> Self {
        let (columns, shape, seed) = (problem.train.columns(), problem.shape(), problem.seed);
        let count = options.blocks as usize;
        let target = |row: usize| ratings[row] - start.mean;
        let blocks = Blocks::new(columns, [shape.users, shape.items], count, seed, target);
        let [of_users, of_items] = options.penalties().of_biases(columns, shape);
        let of = |penalties: &[f32], members: &[u32]| {
            members.iter().map(|&member| penalties[member as usize]).collect()
        };
        let users = blocks.users.members.iter().zip(&blocks.strips).map(|(members, strip)| {
            let rows = GroupRows::new(&start.user_factors, &start.user_biases, members);
            UserGroup::new(rows, of(&of_users, members), strip)
        });
        let items = blocks.items.members.iter();
        let items = items.map(|members| ItemGroup {
            rows: GroupRows::new(&start.item_factors, &start.item_biases, members),
            bias_penalties: of(&of_items, members),
        });
        Self {
            options: options.clone(),
            seed,
            epoch: problem.epochs_before(),
            shape,
            mean: start.mean,
            unit: start.unit,
            users: users.collect(),
            items: items.collect(),
            blocks,
            before: problem.start.is_some().then_some(start),
        }
    }
}

/// Visits the ratings of one block in an order sampled from `rng`. The items come with the penalties of their biases.
pub(super) fn train_block(
    users: &mut UserGroup,
    (items, item_penalties): (&mut GroupRows, &[f32]),
    strip: &Strip,
    item_group: usize,
    (rng, rate): (&mut Rng, Rate),
) {
    let mut squares = 0.0;
    for (positions, cells) in strip.block(item_group) {
        users.rows.prefetch(positions);
        let shuffled = &mut users.shuffled[..cells.len()];
        rng.shuffle_into(cells.iter().copied(), shuffled);
        for cell in shuffled {
            let (p, user_bias) = users.rows.row(cell.user);
            let (q, item_bias) = items.row(cell.item);
            let rate = Rate {
                user_bias_penalty: users.bias_penalties[cell.user as usize],
                item_bias_penalty: item_penalties[cell.item as usize],
                ..rate
            };
            let error = rating_step(p, q, user_bias, item_bias, cell.value, rate);
            squares += f64::from(error) * f64::from(error);
        }
    }
    users.squares += squares;
}

impl Trainer for Sgd {
    /// The loss is the RMSE of the ratings, each just before its update.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let (rate, seed, epoch) =
            (self.options.rate(self.epoch, self.unit), self.seed, u64::from(self.epoch));
        let blocks = &self.blocks;
        let groups = (&mut self.users[..], &mut self.items[..]);
        Blocks::visit(
            &Blocks::strata(seed, epoch, blocks.strips.len()),
            groups,
            control,
            |users, items, user_group, item_group| {
                let mut rng = Rng::stream(seed, Purpose::Order, epoch, blocks.number(user_group, item_group));
                let items = (&mut items.rows, &items.bias_penalties[..]);
                train_block(users, items, &blocks.strips[user_group], item_group, (&mut rng, rate));
            },
        )?;
        self.epoch += 1;
        let squares: f64 = self.users.iter_mut().map(|group| std::mem::take(&mut group.squares)).sum();
        Ok((squares / self.shape.rows as f64).sqrt())
    }

    fn model(&self) -> Box<dyn Model> {
        let zeros = || BiasedMfModel::zeros(&self.options, self.mean, self.unit, self.shape);
        let mut model = self.before.clone().unwrap_or_else(zeros);
        for (group, members) in self.users.iter().zip(&self.blocks.users.members) {
            group.rows.copy_out(members, &mut model.user_factors, &mut model.user_biases);
        }
        for (group, members) in self.items.iter().zip(&self.blocks.items.members) {
            group.rows.copy_out(members, &mut model.item_factors, &mut model.item_biases);
        }
        Box::new(model)
    }
}
