//! The usual metric of rankings where each machine has some of the users (see [`crate::learn::shard`]), with the bits of
//! [`evaluate`](super::evaluate).

use super::metric::Metric;
use super::ranking::users_per_block;
use super::ranks::{Gains, rank};
use crate::contract::kind::Task;
use crate::contract::model::Scorer;
use std::ops::Range;

/// A user to rank the items for.
pub struct TestUser<'a> {
    /// Items that are no candidates.
    pub excluded: &'a [u32],
    /// Test items.
    pub relevant: &'a [u32],
}

/// The metric of each user. `scorer` makes what scores the `items` for a range of the `users`.
pub fn of_each<S: Scorer>(users: &[TestUser], items: usize, scorer: impl Fn(Range<usize>) -> S) -> Vec<f64> {
    let metric = Metric::usual(Task::Ranking);
    let gains = Gains::new(metric.k as usize);
    let size = users_per_block(items);
    let mut scores = vec![0.0; size * items];
    let mut values = Vec::with_capacity(users.len());
    for (block, users) in users.chunks(size).enumerate() {
        let scores = &mut scores[..users.len() * items];
        let first = block * size;
        scorer(first..first + users.len()).score(0..items, scores);
        for (user, scores) in users.iter().zip(scores.chunks_exact_mut(items)) {
            user.excluded.iter().for_each(|&item| scores[item as usize] = f32::NEG_INFINITY);
            let ranked = rank(scores, user.relevant);
            values.push(gains.value(metric.measure, metric.k, &ranked.ranks, ranked.auc));
        }
    }
    values
}

/// The mean of the values of all users in the order of their indices, with `items` in the catalogue.
pub fn mean(values: &[f64], items: usize) -> f64 {
    let blocks = values.chunks(users_per_block(items));
    blocks.map(|block| block.iter().sum::<f64>()).sum::<f64>() / values.len().max(1) as f64
}
