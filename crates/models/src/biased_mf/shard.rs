//! [`sgd`](super::sgd) on several machines (see [`crate::learn::shard`]).

use super::model::predicted;
use super::sgd::{self, train_block};
use super::unit::Unit;
use super::{BiasedMf, Optimizer, Options, bias_penalty};
use crate::contract::error::ModelError;
use crate::contract::kind::Kind;
use crate::contract::model::UNKNOWN;
use crate::learn::blocks::{Blocks, GroupRows, Groups, Strip};
use crate::learn::rating_unit::is_low;
use crate::learn::shard::{Cut, Interactions, Plan, Side, Totals, UserGroup, initial_rows};
use crate::learn::table::{Rows, TableSpec};
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;

/// The plan of a run.
pub(super) struct SgdPlan {
    options: Options,
    totals: Totals,
    unit: Unit,
    mean: f32,
}

impl SgdPlan {
    pub(super) fn new(options: Options, totals: Totals) -> Result<Self, ModelError> {
        let reason = if options.optimizer != Optimizer::Sgd {
            Some("the optimizer has to be sgd; set it, or train in Node")
        } else if options.implicit {
            Some(
                "with implicit, the ratings of a user touch all their items; leave implicit out, or train in Node",
            )
        } else if options.ensemble.seeds > 1 {
            Some(
                "an ensemble is several models, which are trained one by one; set seeds to 1, or train in Node",
            )
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(ModelError::Unsupported {
                kind: BiasedMf::NAME,
                what: "train on several machines",
                reason,
            });
        }
        let mean = if options.mean { totals.mean as f32 } else { 0.0 };
        Ok(Self { options, mean, unit: Unit::of_range(totals.range), totals })
    }
}

impl Plan for SgdPlan {
    fn cut(&self, _: u32) -> Cut {
        let groups = |counts: &[u32], side| {
            let mut rng = Rng::stream(self.totals.seed, Purpose::Blocks, 0, side);
            Groups::of_counts(counts, self.options.blocks as usize, &mut rng)
        };
        Cut { users: groups(&self.totals.users, 0), items: groups(&self.totals.items, 1) }
    }

    fn cuts_anew(&self) -> bool {
        false
    }

    fn factors(&self) -> usize {
        self.options.factors as usize
    }

    fn tensors(&self, side: Side) -> (&'static str, Option<&'static str>) {
        match side {
            Side::Users => ("user_factors", Some("user_biases")),
            Side::Items => ("item_factors", Some("item_biases")),
        }
    }

    fn constants(&self) -> Vec<(&'static str, f32)> {
        let unit = self.unit.tensor().map(|tensor| ("unit", tensor.values[0]));
        [("mean", self.mean)].into_iter().chain(unit).collect()
    }

    fn initial(&self, side: Side, members: &[u32]) -> GroupRows {
        let (Options { factors, initial_deviation, .. }, Totals { seed, mean, range, .. }) =
            (&self.options, &self.totals);
        let deviation = initial_deviation * self.unit.root();
        let (name, rows, stream, deviation) = match side {
            // As in the training of one machine, the mirror image has the other sign.
            Side::Users if is_low(*mean, *range) => ("user_factors", Rows::Users, 0, -deviation),
            Side::Users => ("user_factors", Rows::Users, 0, deviation),
            Side::Items => ("item_factors", Rows::Items, 1, deviation),
        };
        initial_rows(TableSpec::new(name, rows, stream, *factors, deviation).split(), *seed, members, true)
    }

    fn user_group(
        &self,
        cut: &Cut,
        group: usize,
        data: &Interactions,
        rows: GroupRows,
    ) -> Box<dyn UserGroup> {
        let strip = data.strip(cut, cut.users.members[group].len(), |row| data.ratings[row] - self.mean);
        let penalties = self.options.penalties();
        let of = |counts: &[u32], penalty, members: &[u32]| -> Vec<f32> {
            let penalty =
                |&member: &u32| bias_penalty(counts[member as usize], penalty, penalties.bias_damping);
            members.iter().map(penalty).collect()
        };
        let users = of(&self.totals.users, penalties.user_biases, &cut.users.members[group]);
        let items = cut.items.members.iter();
        let items = items.map(|members| of(&self.totals.items, penalties.item_biases, members));
        Box::new(SgdGroup {
            group: sgd::UserGroup::new(rows, users, &strip),
            item_penalties: items.collect(),
            strip,
            number: group,
            options: self.options.clone(),
            unit: self.unit,
            seed: self.totals.seed,
            mean: self.mean,
        })
    }
}

/// A user group in training.
struct SgdGroup {
    number: usize,
    options: Options,
    unit: Unit,
    seed: u64,
    mean: f32,
    strip: Strip,
    group: sgd::UserGroup,
    /// Of the biases of each item group, per update.
    item_penalties: Vec<Vec<f32>>,
}

impl UserGroup for SgdGroup {
    fn train(&mut self, cut: &Cut, epoch: u32, items: &mut GroupRows, item_group: usize) {
        let block = Blocks::number_of(cut.count(), self.number, item_group);
        let mut rng = Rng::stream(self.seed, Purpose::Order, epoch.into(), block);
        let rate = self.options.rate(epoch, self.unit);
        let items = (items, &self.item_penalties[item_group][..]);
        train_block(&mut self.group, items, &self.strip, item_group, (&mut rng, rate));
    }

    fn rows(&self) -> &GroupRows {
        &self.group.rows
    }

    fn predict(&self, items: &GroupRows, [users, positions]: [&[u32]; 2]) -> Option<Vec<f32>> {
        fn row(rows: &GroupRows, position: u32, factors: usize) -> Option<(&[f32], f32)> {
            (position != UNKNOWN).then(|| rows.get(position, factors))
        }
        let factors = self.options.factors as usize;
        let rating = |(&user, &item): (&u32, &u32)| {
            predicted(self.mean, row(&self.group.rows, user, factors), row(items, item, factors))
        };
        Some(users.iter().zip(positions).map(rating).collect())
    }

    fn take_loss(&mut self) -> (f64, u64) {
        let count = (0..self.item_penalties.len())
            .flat_map(|item_group| self.strip.block(item_group))
            .map(|(_, cells)| cells.len() as u64);
        (std::mem::take(&mut self.group.squares), count.sum())
    }
}
