//! Metrics by name: `rmse`, `ndcg@10`, `mrr`; among random items `hr@10/100neg`; by item popularity `recall@50/0rows`.

use crate::contract::error::ModelError;
use crate::contract::kind::Task;
use crate::registry::Entry;
use serde_json::json;
use std::fmt;
use tastespace_options::OptionError;

/// The quantity that a metric measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Rmse,
    Mae,
    Ndcg,
    Hr,
    Recall,
    Precision,
    Map,
    TrecMap,
    Mrr,
    Auc,
    Coverage,
    Gini,
    Novelty,
}

use Measure::*;

/// All quantities by name, with their task.
const MEASURES: [(&str, Measure, Task); 13] = [
    ("rmse", Rmse, Task::Rating),
    ("mae", Mae, Task::Rating),
    ("ndcg", Ndcg, Task::Ranking),
    ("hr", Hr, Task::Ranking),
    ("recall", Recall, Task::Ranking),
    ("precision", Precision, Task::Ranking),
    ("map", Map, Task::Ranking),
    ("trec-map", TrecMap, Task::Ranking),
    ("mrr", Mrr, Task::Ranking),
    ("auc", Auc, Task::Ranking),
    ("coverage", Coverage, Task::Ranking),
    ("gini", Gini, Task::Ranking),
    ("novelty", Novelty, Task::Ranking),
];

/// Quantities of the first `k` items of each user's list that are computed by default.
pub(super) const AT_K: [Measure; 5] = [Ndcg, Hr, Recall, Precision, Map];
/// Quantities of each user's whole list.
pub(super) const WHOLE: [Measure; 2] = [Mrr, Auc];
/// Quantities of the first `k` items of all lists together.
pub(super) const LISTS: [Measure; 3] = [Coverage, Gini, Novelty];

impl Measure {
    fn name(self) -> &'static str {
        MEASURES.iter().find(|(_, measure, _)| *measure == self).expect("all stand there").0
    }

    fn has_k(self) -> bool {
        AT_K.contains(&self) || LISTS.contains(&self) || self == TrecMap
    }

    /// Whether the sampled protocol has it. With a single test item recall is the hit rate, and precision a multiple of it.
    fn is_sampled(self) -> bool {
        matches!(self, Ndcg | Hr | Mrr | Auc)
    }
}

/// A metric: a quantity, for the first `k` items, among all items or among random ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    pub(super) measure: Measure,
    /// List length, or 0.
    pub(super) k: u32,
    /// Random items that each test item is ranked among, or 0 for all items.
    pub(super) negatives: u32,
    /// Range of the number of training interactions of the items that count; none for all items.
    pub(super) item_rows: Option<[u32; 2]>,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.measure.name())?;
        if self.measure.has_k() {
            write!(f, "@{}", self.k)?;
        }
        match self.item_rows {
            Some([from, to]) if from == to => write!(f, "/{from}rows")?,
            Some([from, u32::MAX]) => write!(f, "/{from}+rows")?,
            Some([from, to]) => write!(f, "/{from}-{to}rows")?,
            None => {}
        }
        if self.negatives > 0 { write!(f, "/{}neg", self.negatives) } else { Ok(()) }
    }
}

/// The ranking metrics, in words.
macro_rules! of_rankings {
    () => {
        "ndcg@K, hr@K, recall@K, precision@K, map@K, trec-map@K, mrr, auc, coverage@K, gini@K or novelty@K over all items, such \
         as recall@50; ndcg@K, hr@K, mrr or auc among N random items, such as hr@10/100neg; or recall@K of items by their number \
         of training rows, such as recall@50/0rows, recall@50/1-9rows or recall@50/10+rows"
    };
}

/// The metrics of some tasks, in words.
fn accepted(tasks: &[Task]) -> &'static str {
    match tasks {
        [Task::Rating] => "rmse and mae",
        [Task::Ranking] => of_rankings!(),
        _ => concat!("rmse and mae, or of its top lists ", of_rankings!()),
    }
}

impl Metric {
    /// The metric of this name.
    ///
    /// # Errors
    /// `config/unknown-metric` for a name that the task does not have.
    pub fn parse(name: &str, kind: &'static str, task: Task) -> Result<Self, ModelError> {
        Self::parse_of(name, kind, &[task])
    }

    /// The metric of this name, of one of some tasks.
    fn parse_of(name: &str, kind: &'static str, tasks: &[Task]) -> Result<Self, ModelError> {
        let found = tasks.iter().find_map(|&task| Self::read(name, task));
        found.ok_or_else(|| ModelError::UnknownMetric {
            kind,
            metric: name.chars().take(80).collect(),
            accepted: accepted(tasks),
        })
    }

    /// The metrics of these names, all of `task`, or without it of one of the tasks that the kind can be evaluated on.
    ///
    /// # Errors
    /// `config/unknown-metric` for a name that none of the tasks has, `config/out-of-range` for metrics of two tasks.
    pub(super) fn list(names: &[String], entry: &Entry, task: Option<Task>) -> Result<Vec<Self>, ModelError> {
        let tasks = task.as_ref().map_or(entry.task.evaluated(), std::slice::from_ref);
        let metrics = names.iter().map(|name| Self::parse_of(name, entry.kind, tasks));
        let metrics: Vec<Self> = metrics.collect::<Result<_, _>>()?;
        if metrics.windows(2).any(|pair| pair[0].task() != pair[1].task()) {
            return Err(OptionError::BadValue {
                owner: "evaluate",
                key: "metrics",
                value: json!(names),
                expected: "metrics of one task in a call: rmse and mae, or those of top lists".to_owned(),
                in_type: true,
            }
            .into());
        }
        Ok(metrics)
    }

    /// The task that it is a metric of.
    pub fn task(self) -> Task {
        MEASURES.iter().find(|(_, measure, _)| *measure == self.measure).expect("all stand there").2
    }

    fn read(name: &str, task: Task) -> Option<Self> {
        let (name, negatives, item_rows) = match name.split_once('/') {
            Some((name, of)) => match of.strip_suffix("rows") {
                Some(rows) => (name, 0, Some(range(rows)?)),
                None => (name, count(of.strip_suffix("neg")?)?, None),
            },
            None => (name, 0, None),
        };
        let (name, k) = match name.split_once('@') {
            Some((name, k)) => (name, count(k)?),
            None => (name, 0),
        };
        let &(_, measure, _) = MEASURES.iter().find(|&&(known, _, of)| known == name && of == task)?;
        let sound = measure.has_k() == (k > 0)
            && (negatives == 0 || measure.is_sampled())
            && (item_rows.is_none() || measure == Recall);
        sound.then_some(Self { measure, k, negatives, item_rows })
    }

    const fn all_items(measure: Measure, k: u32) -> Self {
        Self { measure, k, negatives: 0, item_rows: None }
    }

    /// The default metric that selects the best epoch.
    pub fn usual(task: Task) -> Self {
        match task {
            Task::Rating => Self::all_items(Rmse, 0),
            Task::Ranking => Self::all_items(Ndcg, 10),
        }
    }

    /// Whether higher values are better.
    pub fn more_is_better(self) -> bool {
        !matches!(self.measure, Rmse | Mae | Gini)
    }

    /// Whether it is an average over users.
    pub(super) fn is_per_user(self) -> bool {
        !LISTS.contains(&self.measure) && self.item_rows.is_none()
    }

    /// All metrics of a task at some `k`, and with `negatives` those of the sampled protocol.
    pub(super) fn all(task: Task, ks: &[u32], negatives: u32) -> Vec<Self> {
        if task == Task::Rating {
            return vec![Self::all_items(Rmse, 0), Self::all_items(Mae, 0)];
        }
        let mut metrics = Self::ranks(ks, 0);
        metrics.extend(ks.iter().flat_map(|&k| LISTS.map(|measure| Self::all_items(measure, k))));
        if negatives > 0 {
            metrics.extend(Self::ranks(ks, negatives));
        }
        metrics
    }

    /// The metrics that are computed on validation while `self` selects the epoch: all that cost nothing extra.
    pub(super) fn watched(self, task: Task, ks: &[u32]) -> Vec<Self> {
        let mut metrics = match (task, self.negatives) {
            (Task::Rating, _) => Self::all(task, ks, 0),
            (Task::Ranking, 0) => Self::ranks(ks, 0),
            (Task::Ranking, negatives) => Self::ranks(&[self.k.max(1)], negatives),
        };
        if !metrics.contains(&self) {
            metrics.push(self);
        }
        metrics
    }

    /// All metrics that follow from the ranks of the test items.
    fn ranks(ks: &[u32], negatives: u32) -> Vec<Self> {
        let measures = ks.iter().flat_map(|&k| AT_K.map(|measure| (measure, k)));
        let measures = measures.chain(WHOLE.map(|measure| (measure, 0)));
        measures
            .filter(|(measure, _)| negatives == 0 || measure.is_sampled())
            .map(|(measure, k)| Self { measure, k, negatives, item_rows: None })
            .collect()
    }
}

/// `0`, `1-9` or `10+`, as a range.
fn range(text: &str) -> Option<[u32; 2]> {
    let number = |text: &str| if text == "0" { Some(0) } else { count(text) };
    if let Some(from) = text.strip_suffix('+') {
        return Some([number(from)?, u32::MAX]);
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let range = [number(from)?, number(to)?];
    // One spelling for each range: 5, not 5-5.
    (range[0] < range[1] || from.len() == text.len()).then_some(range)
}

/// An integer from 1 without sign or leading zeros.
fn count(text: &str) -> Option<u32> {
    let sound = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let metrics = Metric::all(Task::Ranking, &[1, 50], 100);
        assert_eq!(metrics.len(), 5 * 2 + 2 + 3 * 2 + 2 * 2 + 2);
        for metric in metrics {
            assert_eq!(Metric::parse(&metric.to_string(), "cml", Task::Ranking).unwrap(), metric);
        }
        assert_eq!(Metric::usual(Task::Ranking).to_string(), "ndcg@10");
        for (name, task) in
            [("mae", Task::Rating), ("hr@10/100neg", Task::Ranking), ("mrr/5neg", Task::Ranking)]
        {
            assert_eq!(Metric::parse(name, "a kind", task).unwrap().to_string(), name);
        }
        for rows in ["0", "7", "1-9", "0-3", "0+", "10+"] {
            let name = format!("recall@50/{rows}rows");
            assert_eq!(Metric::parse(&name, "a kind", Task::Ranking).unwrap().to_string(), name);
        }
    }

    #[test]
    fn what_a_task_does_not_have_is_refused_by_name() {
        for name in [
            "rmse",
            "ndcg",
            "ndcg@",
            "ndcg@0",
            "ndcg@010",
            "ndcg@+1",
            "ndcg@4294967296",
            "mrr@10",
            "recall@10/100neg",
            "hr@10/",
            "hr@10/neg",
            "hr@10/0neg",
            "coverage@10/9neg",
            "recall@10/rows",
            "recall@10/9-1rows",
            "recall@10/5-5rows",
            "recall@10/01rows",
            "recall@10/1-+rows",
            "hr@10/0rows",
            "recall@10/0rows/9neg",
            "NDCG@10",
            "",
        ] {
            let error = Metric::parse(name, "cml", Task::Ranking).unwrap_err();
            assert_eq!(error.code(), "config/unknown-metric");
            assert!(
                error.to_string().contains(&format!("'{name}'")) && error.to_string().contains("recall@50"),
                "{error}"
            );
        }
        assert!(
            Metric::parse("ndcg@10", "bias", Task::Rating).unwrap_err().to_string().contains("rmse and mae")
        );
    }

    #[test]
    fn what_is_watched_has_the_metric_that_chooses() {
        let watched = |name| {
            let metric = Metric::parse(name, "cml", Task::Ranking).unwrap();
            metric.watched(Task::Ranking, &[10]).iter().map(Metric::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(watched("ndcg@10"), "ndcg@10 hr@10 recall@10 precision@10 map@10 mrr auc");
        assert_eq!(watched("recall@7"), "ndcg@10 hr@10 recall@10 precision@10 map@10 mrr auc recall@7");
        assert_eq!(watched("gini@5"), "ndcg@10 hr@10 recall@10 precision@10 map@10 mrr auc gini@5");
        assert_eq!(watched("hr@5/100neg"), "ndcg@5/100neg hr@5/100neg mrr/100neg auc/100neg");
    }
}
