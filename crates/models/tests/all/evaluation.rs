//! Every metric, interval and paired test against an independent program (`test/fixtures/make/evaluation.py`).

use crate::common::{numbers, vocabulary};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions, Vocabulary};
use tastespace_models::contract::explanation::Explanation;
use tastespace_models::contract::model::{Model, Scorer};
use tastespace_models::contract::tensor::Tensor;
use tastespace_models::evaluate::resampling::{ResamplingOptions, intervals, paired_tests};
use tastespace_models::evaluate::{Beside, EvaluateOptions, Metrics, evaluate};
use tastespace_models::registry::Entry;
use tastespace_models::serve::catalogue::Catalogue;
use tastespace_models::serve::fitted::Training;
use tastespace_models::{Fitted, ModelError};
use tastespace_options::OptionSet;

/// Sums of some thousand numbers of order 1 in f64, in another order.
const TOLERANCE: f64 = 1e-12;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../test/fixtures/evaluation.json")).unwrap()
}

/// A model that knows the scores by heart.
struct Table {
    /// `(users, items)`
    scores: Vec<f32>,
    items: usize,
}

struct Rows<'a> {
    table: &'a Table,
    users: Vec<u32>,
}

impl Scorer for Rows<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        for (out, &user) in out.chunks_exact_mut(items.len()).zip(&self.users) {
            out.copy_from_slice(&self.table.scores[user as usize * self.table.items..][items.clone()]);
        }
    }
}

impl Model for Table {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        Vec::new()
    }
    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = self.scores[user as usize * self.items + item as usize];
        }
    }
    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        Box::new(Rows { table: self, users: users.to_vec() })
    }
    fn item_similarity(&self, _: u32, _: &[u32], _: &mut [f32]) -> Result<(), &'static str> {
        Err("it is a table")
    }
    fn user_similarity(&self, _: u32, _: &mut [f32]) -> Result<(), &'static str> {
        Err("it is a table")
    }
    fn fold_in(&self, _: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        Err("it is a table")
    }
    fn score_new_user(&self, _: &[f32], _: &mut [f32]) {}
    fn explain(&self, _: u32, _: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        Err("it is a table")
    }
}

/// Rows of users and items, and of ratings where there are any; ids are numbers from 0.
fn data(rows: &Value, [users, items]: [&Arc<Vocabulary>; 2]) -> Interactions {
    let rows: Vec<Vec<f64>> = rows.as_array().unwrap().iter().map(numbers).collect();
    let columns = Columns {
        users: rows.iter().map(|row| row[0] as u32).collect(),
        items: rows.iter().map(|row| row[1] as u32).collect(),
        ratings: (rows[0].len() > 2).then(|| rows.iter().map(|row| row[2] as f32).collect()),
        times: None,
    };
    Interactions::new(users.clone(), items.clone(), columns, Some((1.0, 5.0)))
}

/// The same ids in another order, and one more.
fn turned(ids: &Vocabulary) -> Arc<Vocabulary> {
    let mut turned = Vocabulary::default();
    turned.intern("someone or something else");
    for index in (0..ids.len() as u32).rev() {
        turned.intern(ids.id(index));
    }
    Arc::new(turned)
}

/// A model of a kind that scores as the fixture says.
fn fitted(kind: &str, golden: &Value, ids: [&Arc<Vocabulary>; 2]) -> Fitted {
    let entry = Entry::find(kind).unwrap();
    let catalogue = Arc::new(Catalogue::new(entry.task, &data(&golden["train"], ids)));
    let scores = numbers(&golden["scores"]).iter().map(|&score| score as f32).collect();
    let table = Box::new(Table { scores, items: ids[1].len() });
    let training = Training { epochs: 1, seed: 0, rows: 1 };
    Fitted::new(entry, entry.check("{}").unwrap(), catalogue, table, training)
}

fn near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < TOLERANCE, "{what}: {found} for {expected}");
}

fn measured(
    fitted: &Fitted,
    test: &Interactions,
    exclude: &Interactions,
    options: &Value,
) -> Result<Metrics, ModelError> {
    let options = EvaluateOptions::parse("evaluate", &options.to_string())?;
    evaluate(fitted, test, Beside { given: None, exclude: Some(exclude) }, &options)
}

/// All metrics of the fixture, by name.
fn names(golden: &Value) -> Vec<String> {
    golden["metrics"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn ranking_metrics_are_those_of_an_independent_program() {
    let golden = golden();
    let ids = [&vocabulary(&golden["users"]), &vocabulary(&golden["items"])];
    let fitted = fitted("pop", &golden, ids);
    let all = json!({ "metrics": names(&golden), "seed": golden["seed"], "perUser": true });
    let (test, exclude) = (data(&golden["test"], ids), data(&golden["exclude"], ids));
    let metrics = measured(&fitted, &test, &exclude, &all).unwrap();
    for (name, expected) in golden["metrics"].as_object().unwrap() {
        near(metrics.values[&name[..]], expected.as_f64().unwrap(), name);
    }
    let expected = golden["perUser"].as_array().unwrap();
    let of_users = metrics.per_user.as_ref().unwrap();
    assert_eq!(of_users.users.len(), expected.len());
    for (place, expected) in expected.iter().enumerate() {
        assert_eq!(
            json!([of_users.users[place], of_users.rows[place]]),
            json!([expected["user"], expected["rows"]])
        );
        for (column, name) in of_users.metrics.iter().enumerate() {
            let value = of_users.values[column * of_users.users.len() + place];
            near(
                value,
                expected["metrics"][name].as_f64().unwrap(),
                &format!("{name} of {}", expected["user"]),
            );
        }
    }
    let rows: u64 = expected.iter().map(|expected| expected["rows"].as_u64().unwrap()).sum();
    assert_eq!((metrics.rows as u64, metrics.cold as u64), (rows, test.len() as u64 - rows));
}

#[test]
fn neither_threads_nor_the_numbering_of_ids_nor_the_choice_of_metrics_move_a_figure() {
    let golden = golden();
    let ids = [&vocabulary(&golden["users"]), &vocabulary(&golden["items"])];
    let fitted = fitted("pop", &golden, ids);
    let (test, exclude) = (data(&golden["test"], ids), data(&golden["exclude"], ids));
    let all = json!({ "metrics": names(&golden), "seed": golden["seed"] });
    let whole = measured(&fitted, &test, &exclude, &all).unwrap();
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| measured(&fitted, &test, &exclude, &all)).unwrap(), whole);
    }
    for name in names(&golden) {
        let alone = json!({ "metrics": [name, name], "seed": golden["seed"] });
        let alone = measured(&fitted, &test, &exclude, &alone).unwrap();
        assert_eq!(alone.values.iter().collect::<Vec<_>>(), [(&name[..], whole.values[&name[..]])]);
    }
    // Other files number their ids in other ways.
    let other = [&turned(ids[0]), &turned(ids[1])];
    let renumbered = |rows: &Value| {
        let rows = rows.as_array().unwrap().iter().map(numbers).map(|row| {
            let index = |side: usize| other[side].get(ids[side].id(row[side] as u32)).unwrap();
            json!([index(0), index(1)])
        });
        data(&rows.collect(), other)
    };
    let turned =
        measured(&fitted, &renumbered(&golden["test"]), &renumbered(&golden["exclude"]), &all).unwrap();
    for (name, value) in whole.values.iter() {
        near(turned.values[name], value, name);
    }
}

#[test]
fn requested_metrics_are_reported_in_order() {
    let golden = golden();
    let ids = [&vocabulary(&golden["users"]), &vocabulary(&golden["items"])];
    let fitted = fitted("pop", &golden, ids);
    let (test, exclude) = (data(&golden["test"], ids), data(&golden["exclude"], ids));
    let told = |options: Value| -> Vec<String> {
        let metrics = measured(&fitted, &test, &exclude, &options).unwrap();
        metrics.values.iter().map(|(name, _)| name.to_owned()).collect()
    };
    assert_eq!(told(json!({})).len(), 5 * 3 + 2 + 3 * 3);
    assert_eq!(told(json!({ "k": [3] }))[..5], ["ndcg@3", "hr@3", "recall@3", "precision@3", "map@3"]);
    let sampled = told(json!({ "k": [10], "negatives": 99 }));
    assert_eq!(sampled[10..], ["ndcg@10/99neg", "hr@10/99neg", "mrr/99neg", "auc/99neg"]);
    for (options, code) in [
        (json!({ "metrics": ["rmse"] }), "config/unknown-metric"),
        (json!({ "metrics": "mrr" }), "config/wrong-type"),
        (json!({ "negatives": -1 }), "config/out-of-range"),
        (json!({ "perUser": 1 }), "config/wrong-type"),
    ] {
        assert_eq!(measured(&fitted, &test, &exclude, &options).unwrap_err().code(), code, "{options}");
    }
}

#[test]
fn rating_metrics_are_those_of_an_independent_program() {
    let golden = golden();
    let ids = [&vocabulary(&golden["users"]), &vocabulary(&golden["items"])];
    // Its training rows are those of the ranking; the ratings do not matter, since the scores are known by heart.
    let mut rated = golden.clone();
    for row in rated["train"].as_array_mut().unwrap() {
        row.as_array_mut().unwrap().push(json!(3.0));
    }
    let fitted = fitted("bias", &rated, ids);
    let expected = &golden["ratings"];
    let test = data(&expected["rows"], ids);
    let options = EvaluateOptions { per_user: true, ..EvaluateOptions::default() };
    let metrics = evaluate(&fitted, &test, Beside::default(), &options).unwrap();
    for name in ["rmse", "mae"] {
        near(metrics.values[name], expected["metrics"][name].as_f64().unwrap(), name);
    }
    let of_users = metrics.per_user.unwrap();
    assert_eq!(json!(of_users.users), expected["users"]);
    assert_eq!(of_users.metrics, ["rmse", "mae"]);
    let values = of_users.values.chunks_exact(of_users.users.len());
    for (values, expected) in values.zip(expected["perUser"].as_array().unwrap()) {
        for (value, expected) in values.iter().zip(numbers(expected)) {
            near(*value, expected, "a user");
        }
    }
}

#[test]
fn intervals_and_tests_are_those_of_an_independent_program() {
    let golden = golden();
    for case in [&golden["ranking"], &golden["ratings"]["resampled"]] {
        let options = ResamplingOptions {
            metrics: serde_json::from_value(case["metrics"].clone()).unwrap(),
            runs: case["runs"].as_u64().unwrap() as u32,
            level: case["level"].as_f64().unwrap(),
            resamples: case["resamples"].as_u64().unwrap() as u32,
            seed: golden["seed"].as_u64().unwrap(),
        };
        let rows: Vec<u32> = numbers(&case["rows"]).iter().map(|&rows| rows as u32).collect();
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let found = intervals(&a, &rows, &options).unwrap();
        for ((found, expected), name) in
            found.iter().zip(case["intervals"].as_array().unwrap()).zip(&options.metrics)
        {
            for (found, expected) in [found.estimate, found.low, found.high].iter().zip(numbers(expected)) {
                near(*found, expected, name);
            }
        }
        let paired = paired_tests(&a, &b, &rows, &options).unwrap();
        for ((found, expected), name) in
            paired.iter().zip(case["paired"].as_array().unwrap()).zip(&options.metrics)
        {
            for (found, expected) in [found.difference, found.p].iter().zip(numbers(expected)) {
                near(*found, expected, name);
            }
        }
        for threads in [1, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| intervals(&a, &rows, &options)).unwrap(), found);
            assert_eq!(pool.install(|| paired_tests(&a, &b, &rows, &options)).unwrap(), paired);
        }
    }
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let options = |metrics: &[&str]| ResamplingOptions {
        metrics: metrics.iter().map(|&name| name.to_owned()).collect(),
        ..ResamplingOptions::default()
    };
    for (values, metrics, code) in [
        (&[1.0, 2.0][..], &["mrr"][..], "config/wrong-values"),
        (&[1.0, 2.0], &["mrr", "mrr"], "config/wrong-values"),
        (&[1.0, 2.0], &["mrr", "rmse"], "config/unknown-metric"),
        (&[1.0], &["gini@10"], "config/unknown-metric"),
    ] {
        assert_eq!(intervals(values, &[1], &options(metrics)).unwrap_err().code(), code, "{metrics:?}");
    }
    // Two equal models differ by 0, and every permutation is as far from 0.
    let same = paired_tests(&[1.0, 2.0], &[1.0, 2.0], &[1, 1], &options(&["mrr"])).unwrap();
    assert_eq!((same[0].difference, same[0].p), (0.0, 1.0));
    assert_eq!(intervals(&[], &[], &options(&["mrr"])).unwrap()[0].estimate, 0.0);
}
