//! Properties of training that hold for every registered kind.

use crate::common::{UNWATCHED, fit, generated, metrics};
use std::sync::Arc;
use tastespace_data::{FilterOptions, Interactions, SplitOptions, filter, split};
use tastespace_models::contract::kind::Task;
use tastespace_models::evaluate::{Beside, EvaluateOptions, evaluate};
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::{Fit, Fitted};

/// Options without optimizer state, which a model file does not hold; small ones for GLocal-K.
fn stateless(entry: &Entry) -> &'static str {
    match entry.kind {
        "cml" | "lrml" | "attrec" => r#"{"optimizer":"sgd","learningRate":0.01,"factors":12}"#,
        "sasrec" => r#"{"optimizer":"sgd","learningRate":0.1,"factors":12,"length":8,"negatives":20}"#,
        "glocal-k" => r#"{"hidden":[40,40],"weightPenalty":3,"pretrainEpochs":3,"identity":true}"#,
        _ => "{}",
    }
}

#[test]
fn resumed_training_equals_uninterrupted_training() {
    let train = Arc::new(generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#));
    let bytes = |fitted: &Fitted| file::write(fitted, &WriteOptions::default());
    for entry in REGISTRY {
        let epochs = entry.describe()["epochs"].as_u64().unwrap().min(5) as u32;
        let (whole, _) = fit(entry, stateless(entry), &train, 1, epochs).unwrap();
        for stopped in 1..epochs {
            let (part, _) = fit(entry, stateless(entry), &train, 1, stopped).unwrap();
            let part = file::read("m", &bytes(&part)).unwrap();
            let mut more = Fit::resume(&part, &train, None, 1, &any_amount).unwrap();
            (stopped..epochs).for_each(|_| drop(more.train_epoch(UNWATCHED).unwrap()));
            let more = more.finish().unwrap();
            assert_eq!(more.training(), whole.training(), "{}", entry.kind);
            assert!(bytes(&more) == bytes(&whole), "{}, stopped after epoch {stopped}", entry.kind);
        }
    }
}

/// Data with planted tastes, of which only highly rated items are kept, and its training and test parts.
fn planted(rule: &str) -> (Interactions, Interactions, Option<Interactions>) {
    let data = generated(r#"{"users":500,"items":200,"ratings":45000,"sequence":0.3,"seed":5}"#);
    let data = filter(&data, &FilterOptions::from_json(r#"{"positiveThreshold":4}"#).unwrap()).unwrap();
    let parts = split(&data, &SplitOptions::from_json(rule).unwrap(), None).unwrap();
    (parts.train, parts.test.unwrap(), parts.test_given)
}

/// Epochs and options with which a kind learns the planted tastes in a short time.
fn quick(entry: &Entry) -> (&'static str, u32) {
    match entry.kind {
        "cml" => (r#"{"factors":16,"negatives":10}"#, 40),
        "lrml" => (r#"{"factors":16,"negatives":10}"#, 40),
        "attrec" => (r#"{"factors":16}"#, 30),
        "sasrec" => ("{}", 40),
        "bpr" => (r#"{"factors":16}"#, 10),
        "ials" => (r#"{"factors":16}"#, 10),
        _ => ("{}", 1),
    }
}

fn rankers() -> impl Iterator<Item = &'static Entry> {
    REGISTRY.iter().filter(|entry| entry.task == Task::Ranking)
}

#[test]
fn ranking_models_beat_popularity_on_planted_tastes() {
    let (train, test, _) = planted(r#"{"by":"random","test":0.1}"#);
    let train = Arc::new(train);
    let auc = |entry: &'static Entry| {
        let (options, epochs) = quick(entry);
        let (fitted, _) = fit(entry, options, &train, 0, epochs).unwrap();
        metrics(&fitted, &test, None).unwrap().values["auc"]
    };
    let popularity = auc(Entry::find("pop").unwrap());
    for entry in rankers().filter(|entry| entry.kind != "pop") {
        let found = auc(entry);
        // Held out at random, so not the next item, which is all that sasrec learns: its lead is small here (about 0.01).
        let margin = if entry.kind == "sasrec" { 0.005 } else { 0.03 };
        assert!(found > popularity + margin, "{}: {found}, popularity {popularity}", entry.kind);
    }
}

/// Users that were held out as a whole, with half of their interactions given, are ranked about as well as if these
/// interactions had been in training.
#[test]
fn held_out_users_are_ranked_nearly_as_well_as_trained_users() {
    let (train, test, given) = planted(r#"{"by":"user","test":0.2}"#);
    let given = given.unwrap();
    let mut rows: Vec<(String, String, Option<f64>)> = Vec::new();
    for data in [&train, &given] {
        let columns = data.columns();
        for row in 0..data.len() {
            let time = columns.times.as_ref().map(|times| times[row]);
            let (user, item) = (columns.users[row], columns.items[row]);
            rows.push((data.users.id(user).to_owned(), data.items.id(item).to_owned(), time));
        }
    }
    let mut builder = tastespace_data::RowBuilder::new(None);
    rows.iter().for_each(|(user, item, time)| builder.push(user, item, None, *time).unwrap());
    let (train, with_given) = (Arc::new(train), Arc::new(builder.finish()));
    for entry in rankers() {
        let (options, epochs) = quick(entry);
        let ndcg = |train: &Arc<Interactions>, given: Option<&Interactions>| {
            let (fitted, _) = fit(entry, options, train, 0, epochs).unwrap();
            let beside = Beside { given, exclude: None };
            let metrics = evaluate(&fitted, &test, beside, &EvaluateOptions::default()).unwrap();
            assert!(metrics.rows > 0, "{}: no row was evaluated", entry.kind);
            metrics.values["ndcg@100"]
        };
        let (folded, trained) = (ndcg(&train, Some(&given)), ndcg(&with_given, None));
        assert!(folded > 0.85 * trained, "{}: folded in {folded}, trained {trained}", entry.kind);
    }
}
