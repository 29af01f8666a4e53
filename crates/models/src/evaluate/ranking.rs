//! Ranking metrics over all items, user by user.
//!
//! For each test user with training positives, all items are ranked by score except the user's training items and other
//! excluded items. Items with test ratings below zero are no test items. A test user without training positives is folded
//! in from the `given` interactions, if there are any. So the users are the same for models that know ratings below zero
//! and for models that do not.
//! A test item's rank `r`, from 0, is the number of items with a strictly better score plus half of those with an equal
//! score, rounded down. With `R` the user's test items:
//!
//! | metric | per user, then averaged over users |
//! |---|---|
//! | `hr@k` | 1 if a test item has `r < k`, else 0 |
//! | `recall@k` | test items with `r < k`, over `\|R\|` |
//! | `precision@k` | the same over `k` |
//! | `ndcg@k` | `Σ 1/log₂(r + 2)` over test items with `r < k`, over the same sum for ranks 0, 1, … `min(\|R\|, k) − 1` |
//! | `map@k` | over test items with `r < k`: `(test items up to it)/(r + 1)`, summed, over `min(\|R\|, k)` |
//! | `trec-map@k` | the same sum over `\|R\|`, as trec_eval's `map_cut`, ranx and RecTools |
//! | `mrr` | `1/(r + 1)` of the best test item |
//! | `auc` | fraction of pairs of a test item and another item in the right order, ties counted half |
//!
//! Metrics of all top-k lists together: `coverage@k`, the fraction of the catalogue that is in any list; `gini@k`, the
//! inequality of how often items are listed (0: equal, 1: a single item); `novelty@k`, the mean of `−log₂` of the fraction of
//! users who interacted with the item in training. [Recall by item popularity](super::popularity) is over all users too.
//!
//! A test item that is not in the catalogue, or that is excluded, is no hit at any `k` and adds nothing to `mrr`; `auc`
//! ignores it. Metrics with `/Nneg` in their names follow [the sampled protocol](super::sampled).
//!
//! Memory: a thread holds the scores of a few users for all items, 4 MiB or one user's scores. In addition there are a few
//! sums for each such group of users, and a counter for each item and list length for the metrics of all lists. Nothing
//! grows with users × items.

use super::lists::{self, Lists};
use super::metric::Metric;
use super::popularity::ByPopularity;
use super::ranks::{Gains, Ranked, rank};
use super::sampled::Sampler;
use super::{Beside, Metrics, PerUser, Request, Translation, Values};
use crate::contract::error::ModelError;
use crate::contract::history::History;
use crate::contract::kind::Shape;
use crate::contract::model::{Scorer, UNKNOWN, UNKNOWN_SCORE};
use crate::contract::trainer::Control;
use crate::serve::catalogue::Catalogue;
use crate::serve::fitted::Fitted;
use std::sync::Arc;
use tastespace_data::{ByUser, Interactions, Vocabulary, is_positive};
use tastespace_optim::parallel;

/// Largest number of users whose scores a thread holds.
const USERS_AT_ONCE: usize = 16;

/// Largest number of scores that a thread holds, unless one user has more.
const SCORES_AT_ONCE: usize = 1 << 20;

/// Largest number of scores between two looks for cancellation, unless a piece of one item has more.
const SCORES_AT_A_TIME: usize = 1 << 16;

/// Users that are scored together. It depends on the catalogue alone, because their sums are added first.
pub(super) fn users_per_block(items: usize) -> usize {
    (SCORES_AT_ONCE / items.max(1)).clamp(1, USERS_AT_ONCE)
}

/// The results of a block of users.
struct Block {
    /// Sums of the metrics that are averages over users.
    sums: Vec<f64>,
    /// Test interactions of each user.
    rows: Vec<u32>,
    /// The metrics of each user, if requested: `(users, metrics)`.
    values: Vec<f64>,
}

/// Upper bound of the bytes of [`evaluate`] for some metrics.
pub(super) fn bytes(test: &Interactions, shape: Shape, metrics: &[Metric]) -> u64 {
    let users = test.users.len().min(test.len());
    let per_block = users_per_block(shape.items);
    let pieces = SCORES_AT_A_TIME.min(per_block * shape.items);
    let scores = parallel::threads() * (per_block * shape.items + pieces) * 4;
    let blocks = users.div_ceil(per_block) * (size_of::<Block>() + metrics.len() * 8);
    let lists = lists::lengths(metrics).len() * shape.items * 4;
    (scores + test.len() * 4 + test.users.len() * 8 + users * 12 + blocks + lists) as u64
}

/// A test user.
struct TestUser {
    /// Index in the test data.
    test: u32,
    /// Index in the model, if the user has training positives; otherwise the user is folded in.
    known: Option<u32>,
}

pub(super) fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    request: &Request,
    control: Control,
) -> Result<Metrics, ModelError> {
    let catalogue = fitted.catalogue();
    let positives = test.positives();
    if positives.is_empty() {
        return Err(ModelError::NoPositives { kind: fitted.kind(), purpose: "evaluation", rows: test.len() });
    }
    let test = &*positives;
    let needs = ModelError::NeedsHistory { kind: fitted.kind(), what: "evaluate rankings" };
    let history = catalogue.history.as_ref().ok_or(needs)?;
    let to_model = Translation::new(&test.users, &catalogue.users);
    let given = beside.given.map(|data| OtherRows::new(data, &test.users, catalogue));
    let by_user = test.by_user();
    let has_positives = |user: u32| catalogue.knows_user(user) && history.has_positives(user);
    let users: Vec<TestUser> = (0..test.users.len() as u32)
        .filter(|&user| !by_user.rows(user).is_empty())
        .map(|user| TestUser {
            test: user,
            known: Some(to_model.of(user)).filter(|&user| has_positives(user)),
        })
        .filter(|user| {
            let is_given = || given.as_ref().is_some_and(|given| given.rows(user.test).next().is_some());
            user.known.is_some() || is_given()
        })
        .collect();
    // Items without training interactions are ranked by nothing but the model's defaults.
    let items = Translation::new(&test.items, &catalogue.items);
    let placed = |item: u32| item != UNKNOWN && !catalogue.placed_by(item).is_empty();
    let measurable = |&row: &u32| {
        let item = items.of(test.columns().items[row as usize]);
        catalogue.knows_item(item) || placed(item)
    };
    let users = match users.iter().any(|user| by_user.rows(user.test).iter().any(measurable)) {
        true => users,
        false => Vec::new(),
    };
    let most = users.iter().map(|user| by_user.rows(user.test).len()).max().unwrap_or(0);
    let averages: Vec<Metric> =
        request.metrics.iter().copied().filter(|metric| metric.is_per_user()).collect();
    let mut negatives: Vec<u32> = averages.iter().map(|metric| metric.negatives).collect();
    negatives.retain(|&negatives| negatives > 0);
    negatives.sort_unstable();
    negatives.dedup();
    let evaluator = Evaluator {
        fitted,
        test,
        items,
        by_user,
        history,
        given,
        excluded: beside.exclude.map(|data| OtherRows::new(data, &test.users, catalogue)),
        averages,
        gains: Gains::new(
            most.min(request.metrics.iter().map(|metric| metric.k).max().unwrap_or(0) as usize),
        ),
        lists: Lists::new(&request.metrics, catalogue.items.len()),
        by_popularity: ByPopularity::new(&request.metrics, catalogue),
        negatives,
        request,
        control,
    };
    let blocks = parallel::try_map_with(
        users.chunks(users_per_block(catalogue.items.len())),
        Workspace::default,
        |workspace, users| evaluator.block(users, workspace),
    )?;
    Ok(evaluator.summed(&users, &blocks))
}

/// Workspace of a thread.
#[derive(Default)]
struct Workspace {
    scores: Vec<f32>,
    relevant: Vec<u32>,
    excluded: Vec<u32>,
    sampler: Sampler,
}

/// Evaluates users.
struct Evaluator<'a> {
    fitted: &'a Fitted,
    test: &'a Interactions,
    /// From items of the test data to items of the model.
    items: Translation,
    by_user: ByUser,
    history: &'a History,
    /// Interactions of new users, and later interactions of known users for sequential kinds.
    given: Option<OtherRows<'a>>,
    excluded: Option<OtherRows<'a>>,
    /// The metrics that are averages over users.
    averages: Vec<Metric>,
    /// The numbers of random items that test items are ranked among, ascending, distinct.
    negatives: Vec<u32>,
    gains: Gains,
    lists: Option<Lists>,
    by_popularity: Option<ByPopularity<'a>>,
    request: &'a Request,
    control: Control<'a>,
}

impl Evaluator<'_> {
    /// Evaluates a block of users.
    fn block(&self, users: &[TestUser], workspace: &mut Workspace) -> Result<Block, ModelError> {
        let item_count = self.fitted.catalogue().items.len();
        let among_all = self.lists.is_some()
            || self.by_popularity.is_some()
            || self.averages.iter().any(|metric| metric.negatives == 0);
        if among_all {
            workspace.scores.resize(users.len() * item_count, 0.0);
            self.scores(users, &mut workspace.scores)?;
        }
        let count = self.averages.len();
        let mut block =
            Block { sums: vec![0.0; count], rows: Vec::with_capacity(users.len()), values: Vec::new() };
        let mut values = vec![0.0; count];
        for (index, user) in users.iter().enumerate() {
            self.control.check_cancelled()?;
            let rows = self.by_user.rows(user.test);
            let relevant = rows.iter().map(|&row| self.items.of(self.test.columns().items[row as usize]));
            workspace.relevant.clear();
            workspace.relevant.extend(relevant);
            workspace.excluded.clear();
            match (user.known, &self.given) {
                (Some(known), _) => workspace.excluded.extend_from_slice(self.history.of(known)),
                (None, Some(given)) => workspace.excluded.extend(given.items(user.test)),
                (None, None) => (),
            }
            if let Some(excluded) = &self.excluded {
                workspace.excluded.extend(excluded.items(user.test));
            }
            if among_all {
                let scores = &mut workspace.scores[index * item_count..][..item_count];
                for &item in &workspace.excluded {
                    scores[item as usize] = f32::NEG_INFINITY;
                }
                if let Some(lists) = &self.lists {
                    lists.add(scores);
                }
                let ranked = rank(scores, &workspace.relevant);
                if let Some(by_popularity) = &self.by_popularity {
                    by_popularity.add(scores, &workspace.relevant, &ranked.ranks);
                }
                self.among_all(&ranked, &mut values);
            }
            self.sampled(user, workspace, &mut values)?;
            for (sum, value) in block.sums.iter_mut().zip(&values) {
                *sum += value;
            }
            block.rows.push(rows.len() as u32);
            if self.request.per_user {
                block.values.extend_from_slice(&values);
            }
        }
        Ok(block)
    }

    /// Scores of all items for some users: `(users, items)`.
    fn scores(&self, users: &[TestUser], out: &mut [f32]) -> Result<(), ModelError> {
        let (model, items) = (self.fitted.model(), self.fitted.catalogue().items.len());
        let known: Vec<&TestUser> = users.iter().filter(|user| user.known.is_some()).collect();
        let indices: Vec<u32> = known.iter().filter_map(|user| user.known).collect();
        let mut scorer = match (model.abilities().sequence, &self.given) {
            (Some(sequence), Some(given)) => {
                let since: Vec<Vec<u32>> =
                    known.iter().map(|user| given.positives(user.test).collect()).collect();
                sequence.scorer_since(&indices, &since)
            }
            _ => self.fitted.scorer(&indices),
        };
        if known.len() == users.len() {
            return self.score_all(&mut *scorer, out, known.len());
        }
        let mut scores = vec![0.0; known.len() * items];
        self.score_all(&mut *scorer, &mut scores, known.len())?;
        let mut scores = scores.chunks_exact(items);
        for (user, out) in users.iter().zip(out.chunks_exact_mut(items)) {
            match (user.known, &self.given) {
                (None, Some(given)) => {
                    self.control.check_cancelled()?;
                    let rows: Vec<(u32, f32)> = given.rows(user.test).collect();
                    self.fitted.new_user_ranking(&rows, out)?;
                }
                _ => out.copy_from_slice(scores.next().unwrap_or_default()),
            }
        }
        Ok(())
    }

    /// Scores of all items, a piece of the catalogue at a time where that is large: `(users, items)`.
    fn score_all(&self, scorer: &mut dyn Scorer, out: &mut [f32], users: usize) -> Result<(), ModelError> {
        let items = self.fitted.catalogue().items.len();
        let piece = SCORES_AT_A_TIME / users.max(1);
        if items <= piece {
            scorer.score(0..items, out);
            return Ok(());
        }
        let mut scores = vec![0.0; users * piece];
        for first in (0..items).step_by(piece) {
            self.control.check_cancelled()?;
            let range = first..items.min(first + piece);
            let scores = &mut scores[..users * range.len()];
            scorer.score(range.clone(), scores);
            for (from, to) in scores.chunks_exact(range.len()).zip(out.chunks_exact_mut(items)) {
                to[range.clone()].copy_from_slice(from);
            }
        }
        Ok(())
    }

    /// Computes the metrics among all items.
    fn among_all(&self, Ranked { ranks, auc }: &Ranked, values: &mut [f64]) {
        for (metric, value) in self.averages.iter().zip(values) {
            if metric.negatives == 0 {
                *value = self.gains.value(metric.measure, metric.k, ranks, *auc);
            }
        }
    }

    /// Computes the metrics among sampled items.
    fn sampled(
        &self,
        user: &TestUser,
        workspace: &mut Workspace,
        values: &mut [f64],
    ) -> Result<(), ModelError> {
        let Workspace { relevant, excluded, sampler, .. } = workspace;
        if self.negatives.is_empty() {
            return Ok(());
        }
        let item_count = self.fitted.catalogue().items.len();
        // Users whose scores depend on given interactions are scored as a whole.
        let own = (user.known.is_none() || self.fitted.model().abilities().sequence.is_some())
            && self.given.is_some();
        let mut scores = vec![0.0; if own { item_count } else { 0 }];
        if own {
            self.scores(std::slice::from_ref(user), &mut scores)?;
        }
        // The samples of a new user come from a stream of their own.
        let stream = user.known.unwrap_or(u32::MAX - user.test);
        for &negatives in &self.negatives {
            let drawn = (negatives, self.request.seed);
            let predict = |users: &[u32], items: &[u32], out: &mut [f32]| {
                if !own {
                    return self.fitted.ranking_scores(users, items, out);
                }
                for (out, &item) in out.iter_mut().zip(items) {
                    *out = scores.get(item as usize).copied().unwrap_or(UNKNOWN_SCORE);
                }
            };
            let ranks = sampler.ranks(predict, item_count, stream, relevant, excluded, drawn);
            for (metric, value) in self.averages.iter().zip(&mut *values) {
                if metric.negatives == negatives {
                    let of_item =
                        |&(rank, auc): &(u32, f64)| self.gains.value(metric.measure, metric.k, &[rank], auc);
                    *value = ranks.iter().map(of_item).sum::<f64>() / ranks.len() as f64;
                }
            }
        }
        Ok(())
    }

    /// Averages over all users, and the metrics of all lists.
    fn summed(self, users: &[TestUser], blocks: &[Block]) -> Metrics {
        let mut sums = vec![0.0; self.averages.len()];
        for block in blocks {
            for (sum, value) in sums.iter_mut().zip(&block.sums) {
                *sum += value;
            }
        }
        let count = users.len().max(1) as f64;
        let mut averages = Values::default();
        for (metric, sum) in self.averages.iter().zip(sums) {
            averages.push(metric.to_string(), sum / count);
        }
        let rows: Vec<u32> = blocks.iter().flat_map(|block| &block.rows).copied().collect();
        let judged = rows.iter().map(|&rows| rows as usize).sum();
        let per_user = self.request.per_user.then(|| PerUser {
            users: users.iter().map(|user| user.test).collect(),
            rows,
            metrics: self.averages.iter().map(Metric::to_string).collect(),
            values: transposed(blocks, self.averages.len()),
        });
        let lists = self.lists.map(|lists| lists.values(&self.request.metrics, self.fitted.catalogue()));
        let by_popularity = self.by_popularity.map(ByPopularity::values);
        let mut values = Values::default();
        // Without any user there is nothing to average: the metrics are absent.
        let requested = if users.is_empty() { &[][..] } else { &self.request.metrics };
        for name in requested.iter().map(Metric::to_string) {
            let found = [Some(&averages), lists.as_ref(), by_popularity.as_ref()];
            let value = found.into_iter().flatten().find_map(|values| values.get(&name));
            values.push(name, value.expect("it is an average, about lists or by popularity"));
        }
        Metrics {
            values,
            rows: judged,
            cold: self.test.len() - judged,
            repeated: None,
            per_user,
            losses: None,
        }
    }
}

/// The values of all users, metric by metric: `(metrics, users)`.
fn transposed(blocks: &[Block], metrics: usize) -> Vec<f64> {
    let of_metric = |metric| {
        blocks.iter().flat_map(move |block| block.values.iter().skip(metric).step_by(metrics.max(1)).copied())
    };
    (0..metrics).flat_map(of_metric).collect()
}

/// Further interactions of the test users.
struct OtherRows<'a> {
    /// From users of the test data to users of these interactions.
    users: Translation,
    /// From items of these interactions to items of the model.
    items: Translation,
    by_user: ByUser,
    data: &'a Interactions,
}

impl<'a> OtherRows<'a> {
    fn new(data: &'a Interactions, test_users: &Arc<Vocabulary>, catalogue: &Catalogue) -> Self {
        Self {
            users: Translation::new(test_users, &data.users),
            items: Translation::new(&data.items, &catalogue.items),
            by_user: data.by_user(),
            data,
        }
    }

    /// A test user's items with ratings in order of time, without those that the model does not know. NaN stands for an
    /// interaction without a rating.
    fn rows(&self, test_user: u32) -> impl Iterator<Item = (u32, f32)> {
        let user = self.users.of(test_user);
        let rows = if user == UNKNOWN { &[][..] } else { self.by_user.rows(user) };
        let columns = self.data.columns();
        let row = |&row: &u32| {
            let rating = columns.ratings.as_ref().map_or(f32::NAN, |ratings| ratings[row as usize]);
            (self.items.of(columns.items[row as usize]), rating)
        };
        rows.iter().map(row).filter(|&(item, _)| item != UNKNOWN)
    }

    /// A test user's positives in order of time, without those that the model does not know.
    fn positives(&self, test_user: u32) -> impl Iterator<Item = u32> {
        self.rows(test_user)
            .filter(|&(_, rating)| rating.is_nan() || is_positive(rating))
            .map(|(item, _)| item)
    }

    /// A test user's items in order of time, without those that the model does not know.
    fn items(&self, test_user: u32) -> impl Iterator<Item = u32> {
        self.rows(test_user).map(|(item, _)| item)
    }
}
