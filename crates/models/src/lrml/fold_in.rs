//! Fold-in of a new user: the embedding that minimizes the loss on their items, with all items and the memory fixed.
//!
//! It starts at the mean of their items and follows the gradient of all their pairs, whose negatives are other items.

use super::pairs::{MemoryGradients, PairLoss, Pairs, Pass, SHARD, Workspace};
use super::{Corrupt, Options};
use crate::contract::tensor::{row, values};
use crate::learn::fold_in::{NewUser, distinct_items, mean};
use crate::learn::row_gradients::NONE;
use crate::learn::sampler::{Sampling, SamplingOptions};
use ndarray::Array2;
use tastespace_kernels::memory_attention::Slots;
use tastespace_kernels::vector::add_scaled;

/// Fold-in with the options of a model.
#[derive(Clone)]
pub(super) struct FoldIn {
    options: Options,
}

impl FoldIn {
    pub(super) fn new(options: &Options) -> Self {
        // A model does not store item popularity, and other users are fixed.
        let sampling = SamplingOptions { sampling: Sampling::Uniform, ..options.sampling };
        Self { options: Options { sampling, corrupt: Corrupt::Item, ..options.clone() } }
    }

    /// The embedding of a user with the items of `rows`; the mean of all users if there are none. `(d)`.
    pub(super) fn embed(
        &self,
        users: &Array2<f32>,
        items: &Array2<f32>,
        [keys, memory]: [&[f32]; 2],
        rows: &[(u32, f32)],
    ) -> Vec<f32> {
        let (count, d) = items.dim();
        let user = NewUser::new(distinct_items(rows), count);
        if user.items.is_empty() {
            return mean((0..users.nrows()).map(|user| row(users, user as u32)), d);
        }
        let start = mean(user.items.iter().map(|&item| row(items, item)), d);
        let Self { options } = self;
        let loss = PairLoss::new(options, d);
        let mut packed = vec![0.0; Slots::length(keys.len() / d, d)];
        let slots = Slots::pack(keys, memory, d, &mut packed);
        let (mut workspace, mut sums) = (Workspace::new(&loss), MemoryGradients::new(&loss));
        let most = SHARD.min(user.items.len());
        let (mut users_of, mut items_of) = (vec![0; most], vec![0; most * loss.items]);
        let (mut user_gradients, mut item_gradients) =
            (vec![0.0; most * d], vec![0.0; most * loss.items * d]);
        user.fit(start, &options.batch, options.radius, |embedding, draws, rng, gradient| {
            add_scaled(gradient, options.penalty as f32, embedding);
            for positives in user.items.chunks(SHARD) {
                let users = &mut users_of[..positives.len()];
                let candidates = &mut items_of[..positives.len() * loss.items];
                users.fill(0);
                for (&item, candidates) in positives.iter().zip(candidates.chunks_exact_mut(loss.items)) {
                    candidates[0] = item;
                    draws.fill_uniform(rng, &mut candidates[1..]);
                }
                let pass = Pass { loss: &loss, slots, users: embedding, items: values(items) };
                let pairs = Pairs {
                    users,
                    items: candidates,
                    user_gradients: &mut user_gradients,
                    item_gradients: &mut item_gradients,
                };
                pass.shard(pairs, &mut sums, &mut workspace);
                let gradients = users_of[..positives.len()].iter().zip(user_gradients.chunks_exact(d));
                gradients
                    .filter(|&(&user, _)| user != NONE)
                    .for_each(|(_, one)| add_scaled(gradient, 1.0, one));
            }
        })
    }
}
