//! A place for someone who was not in training: the point that the loss asks for on their items, with all items and the
//! memory where they are.
//!
//! From the mean of their items, [`ROUNDS`] steps as training takes them, each on all their items with negatives of its own, which
//! are other items. The items are taken in ascending order and the draws come from a stream of nobody's, so that the same
//! items give the same place, whatever their order.

use super::batch::{Bench, Block, Pass, Rule, SHARD, Sums};
use super::{Corrupt, Options};
use crate::contract::model::{row, values};
use crate::learn::minibatch::{NONE, Table};
use crate::learn::ridge::distinct_items;
use crate::learn::sampler::{Sampler, Sampling};
use ndarray::Array2;
use tastespace_data::rng::Purpose;
use tastespace_data::{Columns, Rng};
use tastespace_kernels::memory_attention::Slots;
use tastespace_kernels::vector::{add_scaled, clip_to_ball};

/// Steps towards the place.
const ROUNDS: u32 = 60;

/// How someone new is placed.
#[derive(Clone)]
pub(super) struct FoldIn {
    options: Options,
}

impl FoldIn {
    pub(super) fn new(options: &Options) -> Self {
        // How popular items are the model does not keep, and other people are not asked.
        let (sampling, corrupt) = (Sampling::Uniform, Corrupt::Item);
        Self { options: Options { sampling, corrupt, ..options.clone() } }
    }

    /// The place of who had the items of `rows`: `(d)`.
    pub(super) fn place(
        &self,
        users: &Array2<f32>,
        items: &Array2<f32>,
        [keys, memory]: [&[f32]; 2],
        rows: &[(u32, f32)],
    ) -> Vec<f32> {
        let (count, d) = items.dim();
        let liked = distinct_items(rows);
        let mut place = vec![0.0; d];
        let near: Vec<&[f32]> = match liked.is_empty() {
            true => (0..users.nrows() as u32).map(|user| row(users, user)).collect(),
            false => liked.iter().map(|&item| row(items, item)).collect(),
        };
        near.iter().for_each(|vector| add_scaled(&mut place, 1.0 / near.len() as f32, vector));
        let columns = Columns { users: vec![0; liked.len()], items: liked, ..Columns::default() };
        let sampler = Sampler::new(&columns, 1, count, &[]);
        let (Some(draws), false) = (sampler.of(0), columns.is_empty()) else { return place };

        let mut rule = Rule::new(&self.options);
        // Nothing is padded here.
        rule.width = d;
        let mut packed = vec![0.0; Slots::length(keys.len() / d, d)];
        let slots = Slots::pack(keys, memory, d, &mut packed);
        let (mut bench, mut sums) = (Bench::new(&rule), Sums::new(&rule));
        let most = SHARD.min(columns.len());
        let (mut users_of, mut items_of) = (vec![0; most], vec![0; most * rule.items]);
        let (mut of_users, mut of_items) = (vec![0.0; most * d], vec![0.0; most * rule.items * d]);
        let Options { optimizer, learning_rate, initial_accumulator, radius, penalty, .. } = self.options;
        let mut rng = Rng::stream(0, Purpose::Negatives, 0, 0);
        let (mut table, mut gradient) = (Table::new(place, d, optimizer, initial_accumulator), vec![0.0; d]);
        for round in 1..=ROUNDS {
            gradient.fill(0.0);
            add_scaled(&mut gradient, penalty as f32, table.values());
            for liked in columns.items.chunks(SHARD) {
                let users = &mut users_of[..liked.len()];
                let chosen = &mut items_of[..liked.len() * rule.items];
                users.fill(0);
                for (&item, chosen) in liked.iter().zip(chosen.chunks_exact_mut(rule.items)) {
                    chosen[0] = item;
                    draws.fill_uniform(&mut rng, &mut chosen[1..]);
                }
                let pass = Pass { rule: &rule, slots, users: table.values(), items: values(items) };
                let block = Block { users, items: chosen, of_users: &mut of_users, of_items: &mut of_items };
                pass.shard(block, &mut sums, &mut bench);
                let said = users_of[..liked.len()].iter().zip(of_users.chunks_exact(d));
                said.filter(|&(&user, _)| user != NONE)
                    .for_each(|(_, of_user)| add_scaled(&mut gradient, 1.0, of_user));
            }
            let step = optimizer.step(learning_rate, round);
            table.each_row(&|| (), &|(), _, mut row| {
                step.apply(row.again(), &gradient);
                if radius > 0.0 {
                    clip_to_ball(row.values, radius as f32);
                }
            });
        }
        table.into_values()
    }
}
