//! SGD by blocks on several machines, with the bits of one.
//!
//! A machine has some user groups: their interactions, and their rows in training. The item groups travel between machines, so
//! that each meets its partners in the order of the strata ([`Blocks::strata`](super::blocks::Blocks::strata)). All randomness
//! comes from (seed, epoch, block), hence a machine needs of the others nothing but the counts of interactions, which determine
//! the groups.

use super::blocks::{Cell, GroupRows, Groups, Strip};
use super::table::{ROWS_PER_STREAM, TableSpec};
use crate::evaluate::part::TestUser;
use tastespace_kernels::lanes::padded;

/// All interactions, as far as each machine knows them.
#[derive(Clone, Debug)]
pub struct Totals {
    /// Seed of all random streams.
    pub seed: u64,
    /// Interactions of each user.
    pub users: Vec<u32>,
    /// Interactions of each item.
    pub items: Vec<u32>,
    /// Mean of the ratings: of the sums of 65,536 ratings in the order of the data. 0 without ratings.
    pub mean: f64,
    /// The lowest and the highest rating.
    pub range: (f32, f32),
}

/// Users or items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Users.
    Users,
    /// Items.
    Items,
}

/// The groups of an epoch.
pub struct Cut {
    /// The users' groups.
    pub users: Groups,
    /// The items' groups.
    pub items: Groups,
}

impl Cut {
    /// Number of groups on each side.
    pub fn count(&self) -> usize {
        self.users.members.len()
    }

    /// The groups of a side.
    pub fn side(&self, side: Side) -> &Groups {
        match side {
            Side::Users => &self.users,
            Side::Items => &self.items,
        }
    }
}

/// The interactions of one user group, in the order of the data.
pub struct Interactions<'a> {
    /// The user of each, as the position in the group.
    pub users: &'a [u32],
    /// The item of each.
    pub items: &'a [u32],
    /// The rating of each; empty for kinds without.
    pub ratings: &'a [f32],
}

impl Interactions<'_> {
    /// The strip of a group of `users` users; `value(row)` is the value of a cell.
    pub(crate) fn strip(&self, cut: &Cut, users: usize, value: impl Fn(usize) -> f32) -> Strip {
        let rows = self.users.iter().zip(self.items).enumerate();
        let cells = rows.map(|(row, (&user, &item))| {
            let (item_group, item) = cut.items.position(item);
            (item_group, Cell { user, item, value: value(row) })
        });
        Strip::new(users, cut.count(), cells)
    }
}

/// A kind with its options, for training in shards.
pub trait Plan {
    /// The groups of an epoch, from 0.
    fn cut(&self, epoch: u32) -> Cut;
    /// Whether every epoch has other groups.
    fn cuts_anew(&self) -> bool;
    /// Embedding dimension.
    fn factors(&self) -> usize;
    /// Names of the tensors of a side in the model file: embeddings and, if it has any, biases.
    fn tensors(&self, side: Side) -> (&'static str, Option<&'static str>);
    /// The tensors of one value in the model file, which training does not change.
    fn constants(&self) -> Vec<(&'static str, f32)>;
    /// The rows of `members` before the first epoch.
    fn initial(&self, side: Side, members: &[u32]) -> GroupRows;
    /// A user group in training, with its rows.
    fn user_group(&self, cut: &Cut, group: usize, data: &Interactions, rows: GroupRows)
    -> Box<dyn UserGroup>;
    /// The usual metric of rankings of each test user, from their rows and those of all items. `None` for kinds that predict
    /// ratings.
    fn ranked(&self, _users: &GroupRows, _items: &GroupRows, _tests: &[TestUser]) -> Option<Vec<f64>> {
        None
    }
}

/// A user group in training.
pub trait UserGroup {
    /// Trains the block with an item group in an epoch, from 0.
    fn train(&mut self, cut: &Cut, epoch: u32, items: &mut GroupRows, item_group: usize);
    /// The rows of the group.
    fn rows(&self) -> &GroupRows;
    /// The predicted ratings, not clipped, of pairs of positions in the group and in an item group; [`UNKNOWN`](crate::contract::model::UNKNOWN)
    /// is a user or item without training interactions. `None` for kinds that rank items.
    fn predict(&self, _items: &GroupRows, _pairs: [&[u32]; 2]) -> Option<Vec<f32>> {
        None
    }
    /// The sum of the losses since the last call, and how many these were.
    fn take_loss(&mut self) -> (f64, u64);
}

/// Values of a padded embedding in [`GroupRows`].
pub fn stride(factors: usize) -> usize {
    padded(factors)
}

/// Initial rows of the `members` of a table whose streams are split, and their biases of 0.
pub(crate) fn initial_rows(spec: TableSpec, seed: u64, members: &[u32], has_biases: bool) -> GroupRows {
    let stride = stride(spec.factors);
    let mut vectors = vec![0.0; members.len() * stride];
    // Part after part, since a row's values follow those of the rows before it in its stream.
    let mut order: Vec<u32> = (0..members.len() as u32).collect();
    order.sort_unstable_by_key(|&position| members[position as usize]);
    let part_of = |&position: &u32| members[position as usize] as usize / ROWS_PER_STREAM;
    let mut part = vec![0.0; ROWS_PER_STREAM * spec.width];
    for positions in order.chunk_by(|a, b| part_of(a) == part_of(b)) {
        let number = part_of(&positions[0]);
        let row = |position: u32| members[position as usize] as usize - number * ROWS_PER_STREAM;
        let last = positions.last().map_or(0, |&position| row(position));
        spec.sample(seed, number, &mut part[..(last + 1) * spec.width]);
        for &position in positions {
            vectors[position as usize * stride..][..spec.factors]
                .copy_from_slice(&part[row(position) * spec.width..][..spec.factors]);
        }
    }
    let biases = if has_biases { vec![0.0; members.len()] } else { Vec::new() };
    GroupRows::from_parts(stride, vectors, biases)
}
