//! Ranking metrics over all items, user by user.
//!
//! For each user of the test rows who is in training, all items are ranked by their score but those that the user had in
//! training (or that are excluded besides). A test item's rank `r`, from 0, is the number of items with a strictly better
//! score and half of those with an equal one, rounded down. With `R` the user's test items:
//!
//! | metric | per user, then averaged over users |
//! |---|---|
//! | `hr@k` | 1 if a test item has `r < k`, else 0 |
//! | `recall@k` | test items with `r < k`, over `\|R\|` |
//! | `precision@k` | the same over `k` |
//! | `ndcg@k` | `Σ 1/log₂(r + 2)` over test items with `r < k`, over the same sum for ranks 0, 1, … `min(\|R\|, k) − 1` |
//! | `map@k` | over test items with `r < k`: `(test items up to it)/(r + 1)`, summed, over `min(\|R\|, k)` |
//! | `mrr` | `1/(r + 1)` of the best test item |
//! | `auc` | share of pairs of a test item and any other that are in order, ties counted half |
//!
//! And of the lists as a whole, with the first `k`: `coverage@k`, the share of the catalogue that is in anyone's list;
//! `gini@k`, how unevenly items are listed (0: all alike, 1: one item only); `novelty@k`, the mean of `−log₂` of the share of
//! users who had the item in training. [Recall of items by their rows](super::popularity) is of all users together too.
//!
//! A test item that the model does not know, or that is no candidate, is no hit at any `k` and adds nothing to `mrr`; `auc`
//! leaves it out. Metrics with `/Nneg` in their names are those of [the sampled protocol](super::sampled).
//!
//! Memory: a thread holds the scores of a few users over all items, 4 MiB or one user's, whichever is more; beside that
//! there are a few sums for each such group of users, and a counter for each item and length of list where metrics of
//! lists are asked for. Nothing grows with users × items.

use super::lists::{self, Lists};
use super::metric::Metric;
use super::popularity::ByPopularity;
use super::ranks::{Gains, Ranked, rank};
use super::sampled::Sampler;
use super::{Beside, Metrics, PerUser, Request, Translation, Values};
use crate::contract::error::ModelError;
use crate::contract::history::History;
use crate::contract::model::{Shape, UNKNOWN};
use crate::serve::fitted::{Catalogue, Fitted};
use rayon::prelude::*;
use std::mem::size_of;
use tastespace_data::{ByUser, Interactions};

/// Most users whose scores are held at once by a thread.
const USERS_AT_ONCE: usize = 16;

/// Most scores that are held at once by a thread, unless one user has more.
const SCORES_AT_ONCE: usize = 1 << 20;

/// Users that are scored together: by the catalogue alone, since their sums are added first.
fn users_at_once(items: usize) -> usize {
    (SCORES_AT_ONCE / items.max(1)).clamp(1, USERS_AT_ONCE)
}

/// What some users come to.
struct Block {
    /// Sums of the metrics that are averages over users.
    sums: Vec<f64>,
    /// Test rows that were judged.
    rows: Vec<u32>,
    /// The metrics of each user, if they are asked for: `(users, metrics)`.
    values: Vec<f64>,
}

/// Most bytes that [`evaluate`] takes for some metrics: scores of each thread, rows by user, sums of each block, counts of lists.
pub(super) fn bytes(test: &Interactions, shape: Shape, metrics: &[Metric]) -> u64 {
    let users = test.users.len().min(test.len());
    let at_once = users_at_once(shape.items);
    let scores = rayon::current_num_threads() * at_once * shape.items * 4;
    let blocks = users.div_ceil(at_once) * (size_of::<Block>() + metrics.len() * 8);
    let lists = lists::lengths(metrics).len() * shape.items * 4;
    (scores + test.len() * 4 + test.users.len() * 8 + users * 12 + blocks + lists) as u64
}

pub(super) fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    request: &Request,
) -> Result<Metrics, ModelError> {
    let catalogue = fitted.catalogue();
    let history = catalogue.history.as_ref().ok_or(ModelError::NoHistory)?;
    let users = Translation::new(&test.users, &catalogue.users);
    let by_user = test.by_user();
    // Users of the test rows that are in training: in the test's terms and in the model's.
    let known: Vec<(u32, u32)> = (0..test.users.len() as u32)
        .filter(|&user| !by_user.rows(user).is_empty())
        .map(|user| (user, users.of(user)))
        .filter(|&(_, user)| catalogue.knows_user(user))
        .collect();
    let most = known.iter().map(|&(user, _)| by_user.rows(user).len()).max().unwrap_or(0);
    let judge = Judge {
        fitted,
        test,
        items: Translation::new(&test.items, &catalogue.items),
        by_user,
        history,
        since: beside.given.filter(|_| fitted.entry().sequential).map(|data| Besides::new(data, catalogue)),
        besides: beside.exclude.map(|data| Besides::new(data, catalogue)),
        averages: request.metrics.iter().copied().filter(|metric| metric.is_per_user()).collect(),
        gains: Gains::new(
            most.min(request.metrics.iter().map(|metric| metric.k).max().unwrap_or(0) as usize),
        ),
        lists: Lists::new(&request.metrics, catalogue.items.len()),
        by_popularity: ByPopularity::new(&request.metrics, catalogue),
        request,
    };
    let blocks: Vec<Block> = known
        .par_chunks(users_at_once(catalogue.items.len()))
        .map_init(Scratch::default, |scratch, users| judge.block(users, scratch))
        .collect();
    Ok(judge.summed(&known, &blocks))
}

/// What a thread works with, block after block.
#[derive(Default)]
struct Scratch {
    scores: Vec<f32>,
    relevant: Vec<u32>,
    excluded: Vec<u32>,
    sampler: Sampler,
}

/// What users are judged by.
struct Judge<'a> {
    fitted: &'a Fitted,
    test: &'a Interactions,
    /// From the test's items to the model's.
    items: Translation,
    by_user: ByUser,
    history: &'a History,
    besides: Option<Besides<'a>>,
    /// What users of a sequential kind had after their training rows.
    since: Option<Besides<'a>>,
    /// The metrics that are averages over users.
    averages: Vec<Metric>,
    gains: Gains,
    lists: Option<Lists>,
    by_popularity: Option<ByPopularity<'a>>,
    request: &'a Request,
}

impl Judge<'_> {
    /// Judges some users, in the test's terms and in the model's.
    fn block(&self, users: &[(u32, u32)], scratch: &mut Scratch) -> Block {
        let item_count = self.fitted.catalogue().items.len();
        let among_all = self.lists.is_some()
            || self.by_popularity.is_some()
            || self.averages.iter().any(|metric| metric.negatives == 0);
        if among_all {
            let indices: Vec<u32> = users.iter().map(|&(_, user)| user).collect();
            scratch.scores.resize(users.len() * item_count, 0.0);
            let since: Vec<Vec<u32>> = indices.iter().map(|&user| self.since(user)).collect();
            self.fitted.model().scorer_since(&indices, &since).score(0..item_count, &mut scratch.scores);
        }
        let count = self.averages.len();
        let mut block =
            Block { sums: vec![0.0; count], rows: Vec::with_capacity(users.len()), values: Vec::new() };
        let mut values = vec![0.0; count];
        for (place, &(test_user, user)) in users.iter().enumerate() {
            let rows = self.by_user.rows(test_user);
            let relevant = rows.iter().map(|&row| self.items.of(self.test.columns().items[row as usize]));
            scratch.relevant.clear();
            scratch.relevant.extend(relevant);
            scratch.excluded.clear();
            scratch.excluded.extend_from_slice(self.history.of(user));
            if let Some(besides) = &self.besides {
                scratch.excluded.extend(besides.items(user));
            }
            if among_all {
                let scores = &mut scratch.scores[place * item_count..][..item_count];
                for &item in &scratch.excluded {
                    scores[item as usize] = f32::NEG_INFINITY;
                }
                if let Some(lists) = &self.lists {
                    lists.add(scores);
                }
                let ranked = rank(scores, &scratch.relevant);
                if let Some(by_popularity) = &self.by_popularity {
                    by_popularity.add(scores, &scratch.relevant, &ranked.ranks);
                }
                self.among_all(&ranked, &mut values);
            }
            self.sampled(user, scratch, &mut values);
            for (sum, value) in block.sums.iter_mut().zip(&values) {
                *sum += value;
            }
            block.rows.push(rows.len() as u32);
            if self.request.per_user {
                block.values.extend_from_slice(&values);
            }
        }
        block
    }

    /// What a user had after their training rows, the latest last.
    fn since(&self, user: u32) -> Vec<u32> {
        self.since.as_ref().map_or(Vec::new(), |since| since.items(user).collect())
    }

    /// Fills in the metrics among all items.
    fn among_all(&self, Ranked { ranks, auc }: &Ranked, values: &mut [f64]) {
        for (metric, value) in self.averages.iter().zip(values) {
            if metric.negatives == 0 {
                *value = self.gains.value(metric.measure, metric.k, ranks, *auc);
            }
        }
    }

    /// Fills in the metrics among random items.
    fn sampled(&self, user: u32, scratch: &mut Scratch, values: &mut [f64]) {
        let Scratch { relevant, excluded, sampler, .. } = scratch;
        let mut negatives: Vec<u32> = self.averages.iter().map(|metric| metric.negatives).collect();
        negatives.sort_unstable();
        negatives.dedup();
        for &negatives in negatives.iter().filter(|&&negatives| negatives > 0) {
            let item_count = self.fitted.catalogue().items.len();
            let drawn = (negatives, self.request.seed);
            let (model, since) = (self.fitted.model(), self.since(user));
            let predict = |users: &[u32], items: &[u32], out: &mut [f32]| {
                if since.is_empty() {
                    return model.predict(users, items, out);
                }
                let mut scores = vec![0.0; item_count];
                model.scorer_since(&[user], &[since]).score(0..item_count, &mut scores);
                for (out, &item) in out.iter_mut().zip(items) {
                    *out = scores.get(item as usize).copied().unwrap_or(f32::NEG_INFINITY);
                }
            };
            let ranks = sampler.ranks(predict, item_count, user, relevant, excluded, drawn);
            for (metric, value) in self.averages.iter().zip(&mut *values) {
                if metric.negatives == negatives {
                    let of_item =
                        |&(rank, auc): &(u32, f64)| self.gains.value(metric.measure, metric.k, &[rank], auc);
                    *value = ranks.iter().map(of_item).sum::<f64>() / ranks.len() as f64;
                }
            }
        }
    }

    /// Averages of all users, block after block, with what the lists come to.
    fn summed(self, known: &[(u32, u32)], blocks: &[Block]) -> Metrics {
        let mut sums = vec![0.0; self.averages.len()];
        for block in blocks {
            for (sum, value) in sums.iter_mut().zip(&block.sums) {
                *sum += value;
            }
        }
        let users = known.len().max(1) as f64;
        let mut averages = Values::default();
        for (metric, sum) in self.averages.iter().zip(sums) {
            averages.push(metric.to_string(), sum / users);
        }
        let rows: Vec<u32> = blocks.iter().flat_map(|block| &block.rows).copied().collect();
        let judged = rows.iter().map(|&rows| rows as usize).sum();
        let per_user = self.request.per_user.then(|| PerUser {
            users: known.iter().map(|&(user, _)| user).collect(),
            rows,
            metrics: self.averages.iter().map(Metric::to_string).collect(),
            values: transposed(blocks, self.averages.len()),
        });
        let lists = self.lists.map(|lists| lists.values(&self.request.metrics, self.fitted.catalogue()));
        let by_popularity = self.by_popularity.map(ByPopularity::values);
        let mut values = Values::default();
        for name in self.request.metrics.iter().map(Metric::to_string) {
            let found = [Some(&averages), lists.as_ref(), by_popularity.as_ref()];
            let value = found.into_iter().flatten().find_map(|values| values.get(&name));
            values.push(name, value.expect("it is an average, about lists or by popularity"));
        }
        Metrics { values, rows: judged, cold: self.test.len() - judged, per_user }
    }
}

/// The values of all users, metric by metric: `(metrics, users)`.
fn transposed(blocks: &[Block], metrics: usize) -> Vec<f64> {
    let of_metric = |metric| {
        blocks.iter().flat_map(move |block| block.values.iter().skip(metric).step_by(metrics.max(1)).copied())
    };
    (0..metrics).flat_map(of_metric).collect()
}

/// Rows of users beside those of training.
struct Besides<'a> {
    /// From the model's users to theirs.
    users: Translation,
    /// From their items to the model's.
    items: Translation,
    by_user: ByUser,
    data: &'a Interactions,
}

impl<'a> Besides<'a> {
    fn new(data: &'a Interactions, catalogue: &Catalogue) -> Self {
        Self {
            users: Translation::new(&catalogue.users, &data.users),
            items: Translation::new(&data.items, &catalogue.items),
            by_user: data.by_user(),
            data,
        }
    }

    /// The items of a user in the order that they happened, those that the model knows.
    fn items(&self, user: u32) -> impl Iterator<Item = u32> {
        let user = self.users.of(user);
        let rows = if user == UNKNOWN { &[][..] } else { self.by_user.rows(user) };
        let item = |&row: &u32| self.items.of(self.data.columns().items[row as usize]);
        rows.iter().map(item).filter(|&item| item != UNKNOWN)
    }
}
