//! What users choose, and in which order.

use super::options::SyntheticOptions;
use super::planted::{Draw, Planted, exponential, stream};
use crate::rng::Rng;
use tastespace_kernels::math::exp;

/// Draws users' choices: successive items without repetition, with odds of popularity and match.
pub(super) struct Choices {
    /// Running total of the popularity: `(items)`.
    cumulative: Vec<f64>,
    /// The last user who chose each item: `(items)`.
    chosen_by: Vec<u32>,
    chosen: Vec<u32>,
    /// Keys of all items, for users who choose many.
    keys: Vec<(f64, u32)>,
    /// What is chosen when the rule of what follows what has its say.
    ruled: Vec<u32>,
}

impl Choices {
    pub(super) fn new(planted: &Planted) -> Self {
        let mut total = 0.0;
        let running = planted.popularity.iter().map(|weight| {
            total += weight;
            total
        });
        Self {
            cumulative: running.collect(),
            chosen_by: vec![u32::MAX; planted.popularity.len()],
            chosen: Vec::new(),
            keys: Vec::new(),
            ruled: Vec::new(),
        }
    }

    /// The items that `user` chooses, `count` of them, in order.
    pub(super) fn of(&mut self, planted: &Planted, user: u32, count: u32) -> &[u32] {
        let mut rng = stream(planted.options.seed, Draw::Choices, user.into());
        self.chosen.clear();
        // Drawing until something new comes takes too long for a user who has nearly everything.
        let few = count as usize <= self.cumulative.len() / 8;
        if !(few && self.by_rejection(planted, user, count as usize, &mut rng)) {
            self.by_keys(planted, user, count as usize, &mut rng);
        }
        if planted.options.sequence == 0.0 {
            return &self.chosen;
        }
        self.by_rule(planted, user);
        &self.ruled
    }

    /// Goes through the choices again: where the dice say so, what follows an earlier choice is taken, unless it was before,
    /// and else the next choice that is not taken yet. As many as there were; the last choices give way.
    fn by_rule(&mut self, planted: &Planted, user: u32) {
        let SyntheticOptions { seed, sequence, lag, .. } = planted.options;
        let mut rng = stream(seed, Draw::Sequence, user.into());
        // From here on `chosen_by` tells what is taken, which nobody else's number can.
        self.chosen.iter().for_each(|&item| self.chosen_by[item as usize] = u32::MAX);
        self.ruled.clear();
        let mut own = self.chosen.iter();
        while self.ruled.len() < self.chosen.len() {
            let earlier = self.ruled.len().checked_sub(lag as usize).map(|place| self.ruled[place]);
            let ruled = rng.uniform() < sequence;
            let next = earlier
                .filter(|_| ruled)
                .map(|earlier| planted.follows[earlier as usize])
                .filter(|&item| self.chosen_by[item as usize] != user)
                .or_else(|| own.find(|&&item| self.chosen_by[item as usize] != user).copied());
            let Some(item) = next else { break };
            self.chosen_by[item as usize] = user;
            self.ruled.push(item);
        }
    }

    /// Draws by popularity and keeps by appeal. Gives up, and says so, where hardly anything new comes: under a steep
    /// popularity the rarest items have odds below the steps of the random numbers.
    fn by_rejection(&mut self, planted: &Planted, user: u32, count: usize, rng: &mut Rng) -> bool {
        let total = self.cumulative[self.cumulative.len() - 1];
        for _ in 0..100 * count + 1000 {
            if self.chosen.len() == count {
                return true;
            }
            let place = rng.uniform() * total;
            let item = self.cumulative.partition_point(|&end| end <= place) as u32;
            if self.chosen_by[item as usize] != user && rng.uniform() < appeal(planted, user, item) {
                self.chosen_by[item as usize] = user;
                self.chosen.push(item);
            }
        }
        false
    }

    /// The same odds for all items at once: exponential times with rates of the weights, the first ones chosen
    /// (Efraimidis, Spirakis 2006).
    fn by_keys(&mut self, planted: &Planted, user: u32, count: usize, rng: &mut Rng) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        let warm = planted.popularity.iter().enumerate().filter(|&(_, &popularity)| popularity > 0.0);
        keys.extend(warm.map(|(item, popularity)| {
            let item = item as u32;
            (exponential(rng) / (popularity * appeal(planted, user, item)), item)
        }));
        // Numbers of items break ties, so the order is one.
        keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.chosen.clear();
        self.chosen.extend(keys[..count].iter().map(|&(_, item)| item));
        self.keys = keys;
    }
}

/// Odds by match: a probability.
fn appeal(planted: &Planted, user: u32, item: u32) -> f64 {
    1.0 / (1.0 + exp(-planted.options.choice * planted.matching(user, item)))
}
