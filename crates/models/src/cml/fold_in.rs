//! A place for someone who was not in training: the point that the hinge asks for on their items, with all items where
//! they are.
//!
//! From the mean of their items, [`ROUNDS`] steps as training takes them, each on all their items with negatives of its own.
//! The items are taken in ascending order and the draws come from a stream of nobody's, so that the same items give the
//! same place, whatever their order.

use super::mine::{Miner, Scratch};
use super::{Mining, Options, Sampling};
use crate::contract::model::{row, values};
use crate::learn::minibatch::Table;
use crate::learn::ridge::distinct_items;
use crate::learn::sampler::Sampler;
use ndarray::Array2;
use tastespace_data::rng::Purpose;
use tastespace_data::{Columns, Rng};
use tastespace_kernels::hinge::pull_user;
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
        let mut options = options.clone();
        // How popular items are the model does not keep.
        if options.sampling == Sampling::TwoStage {
            options.mining = Mining::Hardest;
        }
        options.sampling = Sampling::Uniform;
        Self { options }
    }

    /// The place of who had the items of `rows`: `(d)`.
    pub(super) fn place(&self, items: &Array2<f32>, rows: &[(u32, f32)]) -> Vec<f32> {
        let (count, d) = items.dim();
        let liked = distinct_items(rows);
        let mut place = vec![0.0; d];
        for &item in &liked {
            add_scaled(&mut place, 1.0 / liked.len() as f32, row(items, item));
        }
        let columns = Columns { users: vec![0; liked.len()], items: liked, ..Columns::default() };
        let sampler = Sampler::new(&columns, 1, count, &[]);
        let (Some(draws), false) = (sampler.of(0), columns.is_empty()) else { return place };
        let (miner, mut scratch) = (Miner::new(&self.options, count), Scratch::new(&self.options));
        let Options { optimizer, learning_rate, initial_accumulator, radius, .. } = self.options;
        let mut rng = Rng::stream(0, Purpose::Negatives, 0, 0);
        let (mut table, mut gradient) = (Table::new(place, d, optimizer, initial_accumulator), vec![0.0; d]);
        for round in 1..=ROUNDS {
            gradient.fill(0.0);
            for &item in &columns.items {
                let triplet =
                    miner.triplet(table.values(), values(items), item, &draws, &mut rng, &mut scratch);
                if let Some(triplet) = triplet.filter(|triplet| triplet.hinge > 0.0) {
                    let (positive, negative) = (row(items, item), row(items, triplet.negative));
                    pull_user(&mut gradient, triplet.weight, positive, negative);
                }
            }
            let step = optimizer.step(learning_rate, round);
            table.each_row(&|| (), &|(), _, mut row| {
                step.apply(row.again(), &gradient);
                clip_to_ball(row.values, radius as f32);
            });
        }
        table.into_values()
    }
}
