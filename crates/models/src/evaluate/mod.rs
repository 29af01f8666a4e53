//! Metrics on held-out interactions: errors of predicted ratings, or the quality of rankings.

mod lists;
mod metric;
pub mod part;
mod popularity;
mod ranking;
mod ranks;
mod ratings;
pub mod resampling;
mod sampled;

pub use metric::Metric;

use crate::contract::error::ModelError;
use crate::contract::kind::{Shape, Task};
use crate::contract::model::UNKNOWN;
use crate::contract::trainer::{Control, UNWATCHED};
use crate::registry::Entry;
use crate::serve::fitted::Fitted;
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;
use tastespace_data::{Interactions, Vocabulary};
use tastespace_options::options;

/// Metrics by name, and the number of interactions that they are computed on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Value by name, such as `rmse` or `ndcg@10`; none if no user could be evaluated.
    #[serde(flatten)]
    pub values: Values,
    /// Interactions counted.
    pub rows: usize,
    /// Interactions whose user or item has no training interactions. Their ratings are predicted from the other side and count;
    /// rankings skip users that the model does not know.
    pub cold: usize,
    /// Interactions that are training interactions too, where the model has its history: their metrics flatter the model, or
    /// leave out an item that is no candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeated: Option<usize>,
    /// The metrics of each user, if requested.
    #[serde(skip)]
    pub per_user: Option<PerUser>,
    /// The loss of each rating, if requested.
    #[serde(skip)]
    pub(crate) losses: Option<Vec<f32>>,
}

/// The metrics of each user.
#[derive(Clone, Debug, PartialEq)]
pub struct PerUser {
    /// The users, by index in the test data: `(users)`.
    pub users: Vec<u32>,
    /// Test interactions of each: `(users)`.
    pub rows: Vec<u32>,
    /// Names of the metrics, in the order of the values.
    pub metrics: Vec<String>,
    /// `(metrics, users)`
    pub values: Vec<f64>,
}

/// Metrics in display order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Vec<(String, f64)>);

impl Values {
    /// Adds a metric at the end.
    pub fn push(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
    }

    /// The metric of this name, if it was computed.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(other, _)| other == name).map(|&(_, value)| value)
    }

    /// The metrics in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (&name[..], *value))
    }
}

impl std::ops::Index<&str> for Values {
    type Output = f64;

    fn index(&self, name: &str) -> &f64 {
        &self.0.iter().find(|(other, _)| other == name).expect("the metric was computed").1
    }
}

impl Serialize for Values {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

pub(crate) use tastespace_data::rng::SEEDS;

/// Default list lengths.
const USUAL_K: [u32; 3] = [10, 50, 100];

options! {
    /// Options of [`evaluate`].
    pub struct EvaluateOptions {
        /// Lengths of the lists that ranking metrics consider.
        k: Vec<u32> = USUAL_K.to_vec(), 1..=u32::MAX.into();
        /// Random items that each test item is also ranked among, for metrics such as `hr@10/100neg`. 0 for none.
        negatives: u32 = 0, 0..=u32::MAX.into();
        /// What to evaluate: predicted ratings, or the ranking of all items. Rating models can do both.
        task: Option<Task> = None, ((), "the task of the metrics, or without metrics of the model");
        /// Metrics to compute, of one task. Empty for all metrics of the task, at each `k`.
        metrics: Vec<String> = Vec::new(), "a list of metric names, such as [\"recall@50\"]";
        /// Seed of the random items.
        seed: u64 = 0, SEEDS;
        /// Whether to also report the metrics of each user.
        per_user: bool = false;
    }
}

/// Checked options of an evaluation.
pub(crate) struct Request {
    /// The task of the metrics.
    pub(crate) task: Task,
    /// In display order.
    pub(crate) metrics: Vec<Metric>,
    /// Seed of the random items.
    pub(crate) seed: u64,
    /// Whether to keep the metrics of each user.
    pub(crate) per_user: bool,
    /// Whether to keep the loss of each rating, its part of this metric: a squared or an absolute error.
    pub(crate) losses: Option<Metric>,
}

impl EvaluateOptions {
    fn request(&self, entry: &Entry) -> Result<Request, ModelError> {
        if self.task.is_some_and(|task| !entry.task.evaluated().contains(&task)) {
            let (what, reason) = ("predict ratings", "it ranks items");
            return Err(ModelError::Unsupported { kind: entry.kind, what, reason });
        }
        let metrics = match &self.metrics[..] {
            [] => Metric::all(self.task.unwrap_or(entry.task), &self.k, self.negatives),
            names => Metric::list(names, entry, self.task)?,
        };
        let task = metrics.first().map_or(entry.task, |metric| metric.task());
        let (seed, per_user) = (self.seed, self.per_user);
        Ok(Request { task, metrics: without_repetition(metrics), seed, per_user, losses: None })
    }

    /// Fails if a kind does not have the task or the metrics.
    ///
    /// # Errors
    /// `model/unsupported`, `config/unknown-metric`, `config/out-of-range`.
    pub fn check(&self, entry: &Entry) -> Result<(), ModelError> {
        self.request(entry).map(drop)
    }
}

fn without_repetition(metrics: Vec<Metric>) -> Vec<Metric> {
    let mut once = Vec::with_capacity(metrics.len());
    for metric in metrics {
        if !once.contains(&metric) {
            once.push(metric);
        }
    }
    once
}

/// The metrics that are computed on validation while `metric` selects the epoch.
pub(crate) fn watched(metric: Metric, task: Task, seed: u64) -> Request {
    Request { task, metrics: metric.watched(task, &USUAL_K), seed, per_user: false, losses: None }
}

/// Data in addition to the test interactions.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Interactions used to fold in users that were not trained on. For sequential models also later interactions of known
    /// users, appended to their sequences.
    pub given: Option<&'a Interactions>,
    /// Interactions whose items are excluded from the rankings of their users, in addition to the training interactions.
    pub exclude: Option<&'a Interactions>,
}

/// Upper bound of the bytes of an evaluation on validation.
pub(crate) fn bytes(task: Task, test: &Interactions, shape: Shape, request: &Request) -> u64 {
    match task {
        Task::Rating => ratings::bytes(test, request),
        Task::Ranking => ranking::bytes(test, shape, &request.metrics),
    }
}

/// Evaluates `fitted` on the interactions of `test`: rating models by `rmse` and `mae` or by their lists, ranking models by
/// their lists.
pub fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    options: &EvaluateOptions,
) -> Result<Metrics, ModelError> {
    evaluate_until(fitted, test, beside, options, UNWATCHED)
}

/// The same, unless it is cancelled.
///
/// # Errors
/// [`ModelError::Cancelled`] besides those of [`evaluate`].
pub fn evaluate_until(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    options: &EvaluateOptions,
    control: Control,
) -> Result<Metrics, ModelError> {
    let mut metrics = measure(fitted, test, beside, &options.request(fitted.entry())?, control)?;
    metrics.repeated = repeated(fitted, test);
    Ok(metrics)
}

/// The metrics of a request.
pub(crate) fn measure(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    request: &Request,
    control: Control,
) -> Result<Metrics, ModelError> {
    for (data, purpose) in [(Some(test), "evaluation"), (beside.given, "the history of new users")] {
        if data.is_some_and(Interactions::is_empty) {
            return Err(ModelError::EmptyDataset { purpose });
        }
    }
    match request.task {
        Task::Rating => ratings::evaluate(fitted, test, beside.given, request, control),
        Task::Ranking => ranking::evaluate(fitted, test, beside, request, control),
    }
}

/// Number of test interactions whose user and item are a training interaction; `None` without the history.
fn repeated(fitted: &Fitted, test: &Interactions) -> Option<usize> {
    let catalogue = fitted.catalogue();
    let history = catalogue.history.as_ref()?;
    let users = Translation::new(&test.users, &catalogue.users);
    let items = Translation::new(&test.items, &catalogue.items);
    let by_user = test.by_user();
    // `seen_by[item]` is the last user who has seen it.
    let mut seen_by = vec![UNKNOWN; catalogue.items.len()];
    let mut count = 0;
    for user in 0..test.users.len() as u32 {
        let (rows, known) = (by_user.rows(user), users.of(user));
        if rows.is_empty() || known == UNKNOWN {
            continue;
        }
        history.of(known).iter().for_each(|&item| seen_by[item as usize] = known);
        let item = |&row: &u32| items.of(test.columns().items[row as usize]);
        count += rows.iter().map(item).filter(|&item| seen_by.get(item as usize) == Some(&known)).count();
    }
    Some(count)
}

/// Indices of one vocabulary as indices of another.
pub(crate) enum Translation {
    Same,
    Other(Vec<u32>),
}

impl Translation {
    pub(crate) fn new(from: &Arc<Vocabulary>, to: &Arc<Vocabulary>) -> Self {
        if Arc::ptr_eq(from, to) {
            return Self::Same;
        }
        Self::Other(from.iter().map(|id| to.get(id).unwrap_or(UNKNOWN)).collect())
    }

    /// A whole column, copied only if it changes.
    fn of_all<'a>(&self, column: &'a [u32]) -> Cow<'a, [u32]> {
        match self {
            Self::Same => Cow::Borrowed(column),
            Self::Other(_) => column.iter().map(|&index| self.of(index)).collect(),
        }
    }

    pub(crate) fn of(&self, index: u32) -> u32 {
        match self {
            Self::Same => index,
            Self::Other(indices) => indices[index as usize],
        }
    }
}
