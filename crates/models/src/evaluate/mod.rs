//! Metrics on held-out rows: errors of predicted ratings, or how well items are ranked.

mod ranking;
mod ratings;

use crate::error::ModelError;
use crate::fitted::Fitted;
use crate::model::{Shape, Task, UNKNOWN};
use crate::options::{OptionDoc, Range};
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
}

/// Metrics in the order in which people are shown them: the one that chooses the best epoch is the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Vec<(String, f64)>);

impl Values {
    /// Adds a metric at the end.
    pub fn push(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
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
#[serde(default, deny_unknown_fields)]
pub struct EvaluateOptions {
    /// Lengths of the lists that ranking metrics look at.
    pub k: Vec<u32>,
}

impl Default for EvaluateOptions {
    fn default() -> Self {
        Self { k: vec![10, 50, 100] }
    }
}

/// The options of [`evaluate`] as data.
pub const EVALUATE_OPTIONS: &[OptionDoc] = &[OptionDoc {
    name: "k",
    range: Range::Integers(1, u32::MAX as i64),
    doc: "Lengths of the lists that ranking metrics look at.",
}];

/// Data beside the test rows.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Rows of people whom the model does not know: they are placed by these, and then judged like others.
    pub given: Option<&'a Interactions>,
    /// Rows whose items are not ranked for their users, beside those of training: validation, say.
    pub exclude: Option<&'a Interactions>,
}

/// Most bytes that [`evaluate`] takes for a model of this task and shape with the default options.
pub fn bytes(task: Task, test: &Interactions, shape: Shape) -> u64 {
    match task {
        Task::Rating => ratings::bytes(test),
        Task::Ranking => ranking::bytes(test, shape),
    }
}

/// How well `fitted` predicts the rows of `test`: rating models by `rmse` and `mae`, ranking models by their lists.
pub fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    beside: Beside,
    options: &EvaluateOptions,
) -> Result<Metrics, ModelError> {
    for (data, purpose) in [(Some(test), "evaluation"), (beside.given, "the history of new users")] {
        if data.is_some_and(Interactions::is_empty) {
            return Err(ModelError::EmptyDataset { purpose });
        }
    }
    match fitted.entry().task {
        Task::Rating => ratings::evaluate(fitted, test, beside.given),
        Task::Ranking => ranking::evaluate(fitted, test, beside.exclude, &options.k),
    }
}

/// The metric that chooses the best epoch of a task, and whether more of it is better.
pub fn chooses(task: Task) -> (&'static str, bool) {
    match task {
        Task::Rating => ("rmse", false),
        Task::Ranking => ("ndcg@10", true),
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
