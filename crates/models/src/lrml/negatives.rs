//! Sampling of negative pairs, which replace the item, the user, or both of a positive pair.

use super::{Corrupt, Lrml, Options};
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape};
use crate::contract::trainer::Problem;
use crate::learn::minibatch::Pair;
use crate::learn::sampler::{Sampler, Sampling};
use tastespace_data::{Columns, Rng};

/// Users that are sampled to find one who has not interacted with all items.
const TRIES: usize = 32;

/// Samples negative pairs.
pub(super) struct Negatives {
    corrupt: Corrupt,
    sampling: Sampling,
    /// Items that a user has not interacted with.
    items: Sampler,
    /// Users who have not interacted with an item, where users are replaced.
    users: Option<Sampler>,
}

impl Negatives {
    pub(super) fn new(options: &Options, problem: &Problem) -> Result<Self, ModelError> {
        let (columns, shape) = (problem.train.columns(), problem.shape());
        let popularity = options.sampling.popularity(Lrml::NAME, problem)?;
        let sampler = |columns: &Columns, users: usize, items: usize| {
            Sampler::new(columns, users, items, &[]).with_popularity(columns, popularity.as_ref())
        };
        let users = (options.corrupt != Corrupt::Item).then(|| {
            let (users, items) = (columns.items.clone(), columns.users.clone());
            sampler(&Columns { users, items, ..Columns::default() }, shape.items, shape.users)
        });
        let items = sampler(columns, shape.users, shape.items);
        Ok(Self { corrupt: options.corrupt, sampling: options.sampling.sampling, items, users })
    }

    pub(super) fn bytes(options: &Options, Shape { users, items, rows, .. }: Shape) -> u64 {
        let of_items = Sampler::bytes(users, rows) + options.sampling.bytes(items);
        let of_users = Sampler::bytes(items, rows) + options.sampling.bytes(users);
        of_items + if options.corrupt == Corrupt::Item { 0 } else { of_users }
    }

    /// Writes the users and items of a pair and its negatives, the pair's own first. `None` if there is no negative.
    pub(super) fn sample(
        &self,
        [user, item]: Pair,
        rng: &mut Rng,
        users: &mut [u32],
        items: &mut [u32],
    ) -> Option<()> {
        (users[0], items[0]) = (user, item);
        match self.corrupt {
            Corrupt::Item => self.items.of(user)?.fill(self.sampling, rng, &mut items[1..]),
            Corrupt::User => self.users.as_ref()?.of(item)?.fill(self.sampling, rng, &mut users[1..]),
            Corrupt::Both => {
                let all = self.users.as_ref()?.candidates() as u32;
                for (user, item) in users[1..].iter_mut().zip(&mut items[1..]) {
                    let (other, draws) = (0..TRIES).find_map(|_| {
                        let other = rng.below(all);
                        self.items.of(other).map(|draws| (other, draws))
                    })?;
                    *user = other;
                    draws.fill(self.sampling, rng, std::slice::from_mut(item));
                }
            }
        }
        Some(())
    }
}
