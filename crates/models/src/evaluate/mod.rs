//! Metrics on held-out rows: errors of predicted ratings, or how well items are ranked.

mod lists;
mod metric;
mod popularity;
mod ranking;
mod ranks;
mod ratings;
pub mod resampling;
mod sampled;

pub use metric::Metric;

use crate::contract::error::ModelError;
use crate::contract::model::{Shape, Task, UNKNOWN};
use crate::contract::options::{OptionDoc, Range};
use crate::serve::fitted::Fitted;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use tastespace_data::{Interactions, Vocabulary};

/// Metrics by name, and what they were counted on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Value by name, such as `rmse` or `ndcg@10`.
    #[serde(flatten)]
    pub values: Values,
    /// Rows counted.
    pub rows: usize,
    /// Rows whose user or item has no training rows. Ratings of them are predicted by what is known of the other and
    /// count; ranking leaves out users that the model does not know.
    pub cold: usize,
    /// What the averages are of, where that was asked for.
    #[serde(skip)]
    pub per_user: Option<PerUser>,
}

/// The metrics of each user alone.
#[derive(Clone, Debug, PartialEq)]
pub struct PerUser {
    /// The users, in terms of the test rows: `(users)`.
    pub users: Vec<u32>,
    /// Test rows of each: `(users)`.
    pub rows: Vec<u32>,
    /// Names of the metrics that users have, in the order of the values.
    pub metrics: Vec<String>,
    /// `(metrics, users)`
    pub values: Vec<f64>,
}

/// Metrics in the order in which people are shown them: the one that chooses the best epoch is the first.
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

    /// The metrics in their order.
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

/// Options of [`evaluate`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct EvaluateOptions {
    /// Lengths of the lists that ranking metrics look at.
    pub k: Vec<u32>,
    /// Random items that each test item is ranked among besides, for metrics such as `hr@10/100neg`; 0: none.
    pub negatives: u32,
    /// Names of the metrics to compute; none: every one of the task, at these `k`.
    pub metrics: Vec<String>,
    /// What the random items follow from.
    pub seed: u64,
    /// Whether to tell the metrics of each user too.
    pub per_user: bool,
}

/// Lengths of lists where nobody says.
const USUAL_K: [u32; 3] = [10, 50, 100];

impl Default for EvaluateOptions {
    fn default() -> Self {
        Self { k: USUAL_K.to_vec(), negatives: 0, metrics: Vec::new(), seed: 0, per_user: false }
    }
}

/// The options of [`evaluate`] as data.
pub const EVALUATE_OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "k",
        range: Range::Integers(1, u32::MAX as i64),
        doc: "Lengths of the lists that ranking metrics look at.",
    },
    OptionDoc {
        name: "negatives",
        range: Range::Integer(0, u32::MAX as i64),
        doc: "Random items that each test item is ranked among besides; 0: none.",
    },
    OptionDoc {
        name: "metrics",
        range: Range::Texts("a list of metrics' names, such as [\"recall@50\"]"),
        doc: "Names of the metrics to compute; none: every one of the task, at these k.",
    },
    SEED,
    OptionDoc {
        name: "perUser",
        range: Range::Boolean,
        doc: "Whether to tell the metrics of each user too.",
    },
];

/// The option from which everything random follows.
pub(crate) const SEED: OptionDoc = OptionDoc {
    name: "seed",
    range: Range::Integer(0, (1 << 53) - 1),
    doc: "Everything random follows from it.",
};

/// What is to be computed, checked.
pub(crate) struct Request {
    /// In the order in which they are told.
    pub(crate) metrics: Vec<Metric>,
    /// What random items follow from.
    pub(crate) seed: u64,
    /// Whether to keep the metrics of each user.
    pub(crate) per_user: bool,
}

impl EvaluateOptions {
    fn request(&self, kind: &'static str, task: Task) -> Result<Request, ModelError> {
        let metrics = if self.metrics.is_empty() {
            Metric::all(task, &self.k, self.negatives)
        } else {
            let metric = |name: &String| Metric::parse(name, kind, task);
            self.metrics.iter().map(metric).collect::<Result<_, _>>()?
        };
        Ok(Request { metrics: without_repetition(metrics), seed: self.seed, per_user: self.per_user })
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

/// What is watched on validation rows while `metric` chooses the epoch.
pub(crate) fn watched(metric: Metric, task: Task, seed: u64) -> Request {
    Request { metrics: metric.watched(task, &USUAL_K), seed, per_user: false }
}

/// Data beside the test rows.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Rows of people whom the model does not know: they are placed by these, and then judged like others. To a sequential
    /// kind also what those whom it knows had since training: it goes by what came last.
    pub given: Option<&'a Interactions>,
    /// Rows whose items are not ranked for their users, beside those of training: validation, say.
    pub exclude: Option<&'a Interactions>,
}

/// Most bytes that watching validation rows takes for a model of this task and shape.
pub(crate) fn bytes(task: Task, test: &Interactions, shape: Shape, request: &Request) -> u64 {
    match task {
        Task::Rating => ratings::bytes(test),
        Task::Ranking => ranking::bytes(test, shape, &request.metrics),
    }
}

/// How well `fitted` predicts the rows of `test`: rating models by `rmse` and `mae`, ranking models by their lists.
pub fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    options: &EvaluateOptions,
) -> Result<Metrics, ModelError> {
    measure(fitted, test, beside, &options.request(fitted.kind(), fitted.entry().task)?)
}

/// The metrics of a request.
pub(crate) fn measure(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    request: &Request,
) -> Result<Metrics, ModelError> {
    for (data, purpose) in [(Some(test), "evaluation"), (beside.given, "the history of new users")] {
        if data.is_some_and(Interactions::is_empty) {
            return Err(ModelError::EmptyDataset { purpose });
        }
    }
    match fitted.entry().task {
        Task::Rating => ratings::evaluate(fitted, test, beside.given, request),
        Task::Ranking => ranking::evaluate(fitted, test, beside, request),
    }
}

/// Indices of one vocabulary in terms of another.
enum Translation {
    Same,
    Other(Vec<u32>),
}

impl Translation {
    fn new(from: &Arc<Vocabulary>, to: &Arc<Vocabulary>) -> Self {
        if Arc::ptr_eq(from, to) {
            return Self::Same;
        }
        Self::Other(from.iter().map(|id| to.get(id).unwrap_or(UNKNOWN)).collect())
    }

    /// All of a column, which is copied only where it changes.
    fn of_all<'a>(&self, column: &'a [u32]) -> Cow<'a, [u32]> {
        match self {
            Self::Same => Cow::Borrowed(column),
            Self::Other(_) => column.iter().map(|&index| self.of(index)).collect(),
        }
    }

    fn of(&self, index: u32) -> u32 {
        match self {
            Self::Same => index,
            Self::Other(indices) => indices[index as usize],
        }
    }
}
