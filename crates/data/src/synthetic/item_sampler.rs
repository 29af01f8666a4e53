//! Samples the items of each user, in order.

use super::options::SyntheticOptions;
use super::planted::{Planted, Stream, exponential, stream};
use crate::rng::Rng;
use tastespace_kernels::math::exp;

/// Samples a user's items one after the other without replacement, with probabilities by popularity and match.
pub(super) struct ItemSampler {
    /// Running total of the popularity: `(items)`.
    cumulative: Vec<f64>,
    /// The last user with each item: `(items)`.
    owner: Vec<u32>,
    sampled: Vec<u32>,
    /// Keys of all items, for users with many items.
    keys: Vec<(f64, u32)>,
    /// The items of a user after the sequence rule.
    sequenced: Vec<u32>,
}

impl ItemSampler {
    pub(super) fn new(planted: &Planted) -> Self {
        let mut total = 0.0;
        let running = planted.popularity.iter().map(|weight| {
            total += weight;
            total
        });
        Self {
            cumulative: running.collect(),
            owner: vec![u32::MAX; planted.popularity.len()],
            sampled: Vec::new(),
            keys: Vec::new(),
            sequenced: Vec::new(),
        }
    }

    /// The `count` items of `user`, in order.
    pub(super) fn of(&mut self, planted: &Planted, user: u32, count: u32) -> &[u32] {
        let mut rng = stream(planted.options.seed, Stream::Items, user.into());
        self.sampled.clear();
        // Rejection takes too long for a user with most of the catalogue.
        let few = count as usize <= self.cumulative.len() / 8;
        if !(few && self.by_rejection(planted, user, count as usize, &mut rng)) {
            self.by_keys(planted, user, count as usize, &mut rng);
        }
        if planted.options.sequence == 0.0 {
            return &self.sampled;
        }
        self.by_rule(planted, user);
        &self.sequenced
    }

    /// Applies the sequence rule to the sampled items: each next item is, with probability `sequence`, the one that follows the
    /// item `lag` positions before, unless the user has it already; otherwise the next sampled item. The number of items
    /// stays, so the last sampled items are dropped.
    fn by_rule(&mut self, planted: &Planted, user: u32) {
        let SyntheticOptions { seed, sequence, lag, .. } = planted.options;
        let mut rng = stream(seed, Stream::Sequence, user.into());
        // From here on `owner` marks the items that the rule has placed.
        self.sampled.iter().for_each(|&item| self.owner[item as usize] = u32::MAX);
        self.sequenced.clear();
        let mut own = self.sampled.iter();
        while self.sequenced.len() < self.sampled.len() {
            let earlier = self.sequenced.len().checked_sub(lag as usize).map(|index| self.sequenced[index]);
            let by_rule = rng.uniform() < sequence;
            let next = earlier
                .filter(|_| by_rule)
                .map(|earlier| planted.follows[earlier as usize])
                .filter(|&item| self.owner[item as usize] != user)
                .or_else(|| own.find(|&&item| self.owner[item as usize] != user).copied());
            let Some(item) = next else { break };
            self.owner[item as usize] = user;
            self.sequenced.push(item);
        }
    }

    /// Proposes by popularity and accepts by appeal. Returns false if new items are too rare: under a steep popularity the
    /// probabilities of the rarest items are below the resolution of the random numbers.
    fn by_rejection(&mut self, planted: &Planted, user: u32, count: usize, rng: &mut Rng) -> bool {
        let total = self.cumulative[self.cumulative.len() - 1];
        for _ in 0..100 * count + 1000 {
            if self.sampled.len() == count {
                return true;
            }
            let point = rng.uniform() * total;
            let item = self.cumulative.partition_point(|&end| end <= point) as u32;
            if self.owner[item as usize] != user && rng.uniform() < appeal(planted, user, item) {
                self.owner[item as usize] = user;
                self.sampled.push(item);
            }
        }
        false
    }

    /// The same distribution from one key per item: exponential times with the weights as rates, and the earliest items win
    /// (Efraimidis, Spirakis 2006).
    fn by_keys(&mut self, planted: &Planted, user: u32, count: usize, rng: &mut Rng) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        let warm = planted.popularity.iter().enumerate().filter(|&(_, &popularity)| popularity > 0.0);
        keys.extend(warm.map(|(item, popularity)| {
            let item = item as u32;
            (exponential(rng) / (popularity * appeal(planted, user, item)), item)
        }));
        // Item indices break ties, so the order is unique.
        keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.sampled.clear();
        self.sampled.extend(keys[..count].iter().map(|&(_, item)| item));
        self.keys = keys;
    }
}

/// The probability of acceptance by match.
fn appeal(planted: &Planted, user: u32, item: u32) -> f64 {
    1.0 / (1.0 + exp(-planted.options.choice * planted.matching(user, item)))
}
