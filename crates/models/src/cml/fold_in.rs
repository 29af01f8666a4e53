//! Fold-in of a new user: the embedding that minimizes the hinge on their items, with all items fixed.
//!
//! It starts at the mean of their items and follows the gradient of all their triplets.

use super::mine::{Miner, Workspace};
use super::{Mining, Options, Sampling};
use crate::contract::tensor::{row, values};
use crate::learn::fold_in::{NewUser, distinct_items, mean};
use ndarray::Array2;
use tastespace_kernels::hinge::add_user_gradient;

/// Fold-in with the options of a model.
#[derive(Clone)]
pub(super) struct FoldIn {
    options: Options,
}

impl FoldIn {
    pub(super) fn new(options: &Options) -> Self {
        let mut options = options.clone();
        // A model does not store item popularity, so negatives are uniform.
        if options.sampling == Sampling::TwoStage {
            options.mining = Mining::Hardest;
        }
        options.sampling = Sampling::Uniform;
        Self { options }
    }

    /// The embedding of a user with the items of `rows`: `(d)`.
    pub(super) fn embed(&self, items: &Array2<f32>, rows: &[(u32, f32)]) -> Vec<f32> {
        let (count, d) = items.dim();
        let user = NewUser::new(distinct_items(rows), count);
        let start = mean(user.items.iter().map(|&item| row(items, item)), d);
        let Self { options } = self;
        let (miner, mut workspace) = (Miner::new(options, count), Workspace::new(options));
        user.fit(start, &options.batch, options.radius, |embedding, draws, rng, gradient| {
            for &item in &user.items {
                let triplet = miner.triplet(embedding, values(items), item, draws, rng, &mut workspace);
                if let Some(triplet) = triplet.filter(|triplet| triplet.hinge > 0.0) {
                    let (positive, negative) = (row(items, item), row(items, triplet.negative));
                    add_user_gradient(gradient, triplet.weight, positive, negative);
                }
            }
        })
    }
}
