//! [`train`](super::train) on several machines (see [`crate::learn::shard`]).

use super::Options;
use super::train::{self, Streams, groups, train_block};
use crate::baselines::cooccurrence::Lists;
use crate::contract::tensor::values;
use crate::evaluate::part::{TestUser, of_each};
use crate::learn::blocks::{Blocks, GroupRows, Strip};
use crate::learn::scorer::VectorScorer;
use crate::learn::shard::{Cut, Interactions, Plan, Side, Totals, UserGroup, initial_rows, stride};
use crate::learn::table::{Rows, TableSpec, unpadded};
use tastespace_data::Columns;

/// The plan of a run.
pub(super) struct PairsPlan {
    options: Options,
    totals: Totals,
    /// 1 for each trained item, 0 for the others.
    is_trained: Vec<u32>,
}

impl PairsPlan {
    pub(super) fn new(options: Options, totals: Totals) -> Self {
        let is_trained = totals.items.iter().map(|&count| count.min(1)).collect();
        Self { options, totals, is_trained }
    }
}

impl Plan for PairsPlan {
    fn cut(&self, epoch: u32) -> Cut {
        let counts = [&self.totals.users[..], &self.is_trained];
        let [users, items] = groups(&self.options, self.totals.seed, epoch, counts);
        Cut { users, items }
    }

    fn cuts_anew(&self) -> bool {
        true
    }

    fn factors(&self) -> usize {
        self.options.factors as usize
    }

    fn tensors(&self, side: Side) -> (&'static str, Option<&'static str>) {
        match side {
            Side::Users => ("user_vectors", None),
            Side::Items => ("item_vectors", Some("item_biases")),
        }
    }

    fn constants(&self) -> Vec<(&'static str, f32)> {
        Vec::new()
    }

    fn initial(&self, side: Side, members: &[u32]) -> GroupRows {
        let (name, rows, stream) = match side {
            Side::Users => ("user_vectors", Rows::Users, 0),
            Side::Items => ("item_vectors", Rows::Items, 1),
        };
        let Options { factors, initial_deviation, .. } = self.options;
        let spec = TableSpec::new(name, rows, stream, factors, initial_deviation).split();
        initial_rows(spec, self.totals.seed, members, side == Side::Items)
    }

    fn user_group(
        &self,
        cut: &Cut,
        group: usize,
        data: &Interactions,
        rows: GroupRows,
    ) -> Box<dyn UserGroup> {
        let users = cut.users.members[group].len();
        let columns =
            Columns { users: data.users.to_vec(), items: data.items.to_vec(), ..Columns::default() };
        let strip = data.strip(cut, users, |_| 1.0);
        Box::new(PairsGroup {
            number: group,
            options: self.options.clone(),
            seed: self.totals.seed,
            positives: Lists::items_of_users(&columns, users, self.is_trained.len()),
            group: train::UserGroup::new(rows, &strip),
            strip,
        })
    }

    fn ranked(&self, users: &GroupRows, items: &GroupRows, tests: &[TestUser]) -> Option<Vec<f64>> {
        let (d, [vectors, biases]) = (self.factors(), items.parts());
        let items = unpadded(vectors, stride(d), d);
        let vectors = unpadded(users.parts()[0], stride(d), d);
        Some(of_each(tests, items.nrows(), |users| {
            let vectors = values(&vectors)[users.start * d..users.end * d].to_vec();
            VectorScorer::products(vectors, &items, vec![0.0; users.len()], biases)
        }))
    }
}

/// A user group in training.
struct PairsGroup {
    number: usize,
    options: Options,
    seed: u64,
    /// The items of the user at each position, ascending.
    positives: Lists,
    strip: Strip,
    group: train::UserGroup,
}

impl UserGroup for PairsGroup {
    fn train(&mut self, cut: &Cut, epoch: u32, items: &mut GroupRows, item_group: usize) {
        let streams = Streams::new(self.seed, epoch, Blocks::number_of(cut.count(), self.number, item_group));
        let positives = |user: u32| self.positives.of(user);
        let items_of = (positives, &cut.items.members[item_group][..]);
        let block = (&self.strip, item_group);
        train_block(&mut self.group, items, block, items_of, streams, self.options.rate(epoch));
    }

    fn rows(&self) -> &GroupRows {
        &self.group.rows
    }

    fn take_loss(&mut self) -> (f64, u64) {
        (std::mem::take(&mut self.group.loss), std::mem::take(&mut self.group.pairs) as u64)
    }
}
