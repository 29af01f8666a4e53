//! Stochastic gradient descent per pair, in deterministic parallel blocks.

use super::Options;
use super::model::BprModel;
use crate::baselines::cooccurrence::Lists;
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::learn::blocks::{Blocks, Cell, GroupRows, Groups, Strip};
use std::sync::Arc;
use tastespace_data::rng::Purpose;
use tastespace_data::{Interactions, Rng};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::math::{exp, ln};
use tastespace_kernels::pairwise_step::{PairRate, pairwise_step};

/// Samples that may be positives before the remaining items are enumerated.
const TRIES: usize = 32;

/// Items of a group, at least: in a group of one item, no positive has a negative.
const ITEMS_PER_GROUP: usize = 4;

/// Training per pair.
pub(super) struct Pairs {
    options: Options,
    seed: u64,
    epoch: u32,
    train: Arc<Interactions>,
    /// Each user's items, ascending.
    positives: Lists,
    /// Interactions of each user.
    user_rows: Vec<u32>,
    /// 1 for each trained item, 0 for the others.
    is_trained: Vec<u32>,
    /// After the last whole epoch.
    model: BprModel,
    /// The state of the last epoch, kept so that memory use is constant.
    last: Option<Epoch>,
}

/// The state of an epoch.
struct Epoch {
    blocks: Blocks,
    users: Vec<UserGroup>,
    items: Vec<GroupRows>,
}

/// A user group with the state that an epoch needs for it.
pub(super) struct UserGroup {
    pub(super) rows: GroupRows,
    /// The current tile in its order.
    shuffled: Vec<Cell>,
    /// Sum of the pairs' losses of the epoch so far, and how many pairs.
    pub(super) loss: f64,
    pub(super) pairs: usize,
}

impl UserGroup {
    pub(super) fn new(rows: GroupRows, strip: &Strip) -> Self {
        Self { rows, shuffled: vec![Cell::default(); strip.largest()], loss: 0.0, pairs: 0 }
    }
}

/// The groups of an epoch: users by their interactions, items by their number, so that all negatives have the same probability.
/// `items` has a 1 for each trained item.
pub(super) fn groups(options: &Options, seed: u64, epoch: u32, [users, items]: [&[u32]; 2]) -> [Groups; 2] {
    let trained = items.iter().filter(|&&count| count > 0).count();
    let count = (options.blocks as usize).min(trained / ITEMS_PER_GROUP).max(1);
    [(users, 0), (items, 1)].map(|(counts, side)| {
        Groups::of_counts(counts, count, &mut Rng::stream(seed, Purpose::Blocks, epoch.into(), side))
    })
}

/// Bytes in addition to the models: positives, and in an epoch the rows and cells of the groups.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let rows = (shape.users + shape.items) * padded(options.factors as usize) + shape.items;
    let positives = shape.rows + 2 * shape.users + 2 * shape.items;
    4 * (rows + positives) as u64 + Blocks::bytes(shape, options.blocks)
}

impl Pairs {
    pub(super) fn new(options: &Options, problem: &Problem) -> Self {
        let (train, shape) = (problem.train.clone(), problem.shape());
        let positives = Lists::items_of_users(train.columns(), shape.users, shape.items);
        let model = BprModel::start(options, problem);
        let mut user_rows = vec![0; shape.users];
        train.columns().users.iter().for_each(|&user| user_rows[user as usize] += 1);
        Self {
            options: options.clone(),
            seed: problem.seed,
            epoch: problem.epochs_before(),
            user_rows,
            is_trained: problem.trained_items().into_iter().map(u32::from).collect(),
            positives,
            train,
            model,
            last: None,
        }
    }

    /// Splits users and items into new groups and copies their rows.
    fn begin(&self) -> Epoch {
        let [users, items] =
            groups(&self.options, self.seed, self.epoch, [&self.user_rows, &self.is_trained]);
        let blocks = Blocks::of(self.train.columns(), users, items, |_| 1.0);
        let BprModel { user_vectors, item_vectors, item_biases, .. } = &self.model;
        let users = blocks
            .users
            .members
            .iter()
            .zip(&blocks.strips)
            .map(|(members, strip)| UserGroup::new(GroupRows::new(user_vectors, &[], members), strip));
        let members = blocks.items.members.iter();
        let items = members.map(|members| GroupRows::new(item_vectors, item_biases, members));
        Epoch { users: users.collect(), items: items.collect(), blocks }
    }
}

/// Random streams of a block.
pub(super) struct Streams {
    order: Rng,
    negatives: Rng,
}

impl Streams {
    /// The streams of a block, by its number.
    pub(super) fn new(seed: u64, epoch: u32, block: u64) -> Self {
        let stream = |purpose| Rng::stream(seed, purpose, epoch.into(), block);
        Self { order: stream(Purpose::Order), negatives: stream(Purpose::Negatives) }
    }
}

/// Visits the interactions of one block in random order, each with a random negative. `positives` are the items of the user at a
/// position of the group, ascending, and `candidates` the items of the item group.
pub(super) fn train_block<'a>(
    users: &mut UserGroup,
    items: &mut GroupRows,
    (strip, item_group): (&Strip, usize),
    (positives, candidates): (impl Fn(u32) -> &'a [u32], &[u32]),
    mut streams: Streams,
    rate: PairRate,
) {
    for (positions, cells) in strip.block(item_group) {
        users.rows.prefetch(positions);
        let shuffled = &mut users.shuffled[..cells.len()];
        streams.order.shuffle_into(cells.iter().copied(), shuffled);
        for cell in shuffled {
            // A user who interacted with all items of the group has no negative.
            let negative = negative(&mut streams.negatives, candidates, positives(cell.user));
            let Some(negative) = negative else { continue };
            let (vectors, biases) = items.two([cell.item, negative]);
            let x = f64::from(pairwise_step(users.rows.vector(cell.user), vectors, biases, rate));
            users.loss += ln(1.0 + exp(-x.abs())) + (-x).max(0.0);
            users.pairs += 1;
        }
    }
}

/// The position of a uniformly sampled item of a group that is no positive, if there is one.
fn negative(rng: &mut Rng, members: &[u32], positives: &[u32]) -> Option<u32> {
    let is_free = |item: &u32| positives.binary_search(item).is_err();
    for _ in 0..TRIES {
        let place = rng.below(members.len() as u32);
        if is_free(&members[place as usize]) {
            return Some(place);
        }
    }
    let mut free = (0..).zip(members).filter(|(_, item)| is_free(item)).map(|(place, _)| place);
    let count = free.clone().count() as u32;
    if count == 0 { None } else { free.nth(rng.below(count) as usize) }
}

impl Trainer for Pairs {
    /// The loss is the mean of `−ln σ(x_ui − x_uj)` over the pairs, each just before its update.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        control.check(0, 1)?;
        self.last = None;
        let Epoch { blocks, mut users, mut items } = self.begin();
        let order = Blocks::strata(self.seed, u64::from(self.epoch), blocks.strips.len());
        let rate = self.options.rate(self.epoch);
        let groups = (&mut users[..], &mut items[..]);
        Blocks::visit(&order, groups, control, |users, items, user_group, item_group| {
            let (members, candidates) =
                (&blocks.users.members[user_group], &blocks.items.members[item_group]);
            let positives = |user: u32| self.positives.of(members[user as usize]);
            let streams = Streams::new(self.seed, self.epoch, blocks.number(user_group, item_group));
            let block = (&blocks.strips[user_group], item_group);
            train_block(users, items, block, (positives, &candidates[..]), streams, rate);
        })?;
        self.epoch += 1;
        let BprModel { user_vectors, item_vectors, item_biases, .. } = &mut self.model;
        for (group, members) in users.iter().zip(&blocks.users.members) {
            group.rows.copy_out(members, user_vectors, &mut []);
        }
        for (rows, members) in items.iter().zip(&blocks.items.members) {
            rows.copy_out(members, item_vectors, item_biases);
        }
        let pairs: usize = users.iter().map(|group| group.pairs).sum();
        let loss: f64 = users.iter().map(|group| group.loss).sum();
        self.last = Some(Epoch { blocks, users, items });
        Ok(loss / pairs.max(1) as f64)
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(self.model.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negatives_are_uniform_and_no_positives() {
        let mut rng = Rng::stream(1, Purpose::Negatives, 0, 0);
        let members: Vec<u32> = (0..40).map(|item| item * 3 % 40).collect();
        // Few positives, and so many that random samples meet nothing else.
        for positives in [vec![3, 8, 21], (0..40).filter(|item| item % 20 != 7).collect::<Vec<u32>>()] {
            let free = 40 - positives.len();
            let mut counts = [0usize; 40];
            for _ in 0..free * 1000 {
                let place = negative(&mut rng, &members, &positives).unwrap();
                counts[members[place as usize] as usize] += 1;
            }
            for (item, &count) in (0..).zip(&counts) {
                let expected = if positives.contains(&item) { 0 } else { 1000 };
                // Five standard deviations.
                assert!(count.abs_diff(expected) <= expected.min(160), "{item}: {count}");
            }
        }
        assert_eq!(negative(&mut rng, &members, &(0..40).collect::<Vec<u32>>()), None);
    }
}
