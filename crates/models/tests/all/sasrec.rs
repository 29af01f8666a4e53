//! SASRec: golden trajectories, histories of any length, and a planted sequence rule.

use crate::common::{fit, numbers, rated, vocabulary};
use serde_json::Value;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions};
use tastespace_models::Fitted;
use tastespace_models::contract::explanation::Entity;
use tastespace_models::contract::trainer::Problem;
use tastespace_models::registry::Entry;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};

fn sasrec() -> &'static Entry {
    Entry::find("sasrec").unwrap()
}

#[test]
fn it_follows_the_golden_trajectories() {
    let golden: Value = serde_json::from_str(include_str!("../../../../test/fixtures/sasrec.json")).unwrap();
    let rows: Vec<Vec<f64>> = golden["rows"].as_array().unwrap().iter().map(numbers).collect();
    let columns = Columns {
        users: rows.iter().map(|row| row[0] as u32).collect(),
        items: rows.iter().map(|row| row[1] as u32).collect(),
        ratings: None,
        times: Some(rows.iter().map(|row| row[2]).collect()),
    };
    let (users, items) = (vocabulary(&golden["users"]), vocabulary(&golden["items"]));
    let train = Arc::new(Interactions::new(users, items, columns, None));
    let seed = golden["seed"].as_u64().unwrap();
    let pairs: Vec<Vec<f64>> = golden["pairs"].as_array().unwrap().iter().map(numbers).collect();
    let side = |side: usize| -> Vec<u32> { pairs.iter().map(|pair| pair[side] as u32).collect() };
    // Steps in f32 against f64: three epochs of some three to ten steps, divided by small roots.
    let near = |got: f64, expected: f64, what: &str, name: &Value| {
        assert!((got - expected).abs() < 2e-4, "{name}: {what} {got} for {expected}");
    };
    for case in golden["cases"].as_array().unwrap() {
        let (name, options) = (&case["name"], case["options"].to_string());
        let problem = Problem { train: train.clone(), seed, start: None };
        let untrained = sasrec().check(&options).unwrap().trainer(&problem).unwrap().model();
        for tensor in untrained.tensors() {
            // The last row of W_2 comes before six vectors of its block, and two of the last normalization.
            let (row, expected) = match &*tensor.name {
                "item_vectors" => (tensor.shape[0] - 1, &case["initial"]["item"]),
                "position_vectors" => (tensor.shape[0] - 1, &case["initial"]["start"]),
                "weights" => (tensor.shape[0] - 9, &case["initial"]["weight"]),
                _ => continue,
            };
            for (value, expected) in tensor.values[row * tensor.shape[1]..].iter().zip(numbers(expected)) {
                near((*value).into(), expected, &tensor.name, name);
            }
        }
        let expected = numbers(&case["losses"]);
        let (fitted, losses) = fit(sasrec(), &options, &train, seed, expected.len() as u32).unwrap();
        for (loss, expected) in losses.into_iter().zip(expected) {
            near(loss, expected, "loss", name);
        }
        let expected = numbers(&case["predictions"]);
        let mut predictions = vec![0.0; expected.len()];
        fitted.predict_indices(&side(0), &side(1), &mut predictions);
        for (prediction, expected) in predictions.into_iter().zip(expected) {
            near(prediction.into(), expected, "prediction", name);
        }
        let attention = &fitted.explain("0", "1").unwrap().weights[0];
        assert_eq!(attention.values.len(), numbers(&case["attention"]).len());
        for (&weight, expected) in attention.values.iter().zip(numbers(&case["attention"])) {
            near(weight.into(), expected, "attention", name);
        }
    }
}

/// All users follow the same ring of twelve items, from different starts.
fn ring() -> Arc<Interactions> {
    let rows: Vec<(String, String)> = (0..60u32)
        .flat_map(|user| (0..8).map(move |place| (user.to_string(), ((user * 5 + place) % 12).to_string())))
        .chain([("single".to_owned(), "3".to_owned())])
        .collect();
    rated(&rows.iter().map(|(user, item)| (&user[..], &item[..], 1.0)).collect::<Vec<_>>())
}

fn next(fitted: &Fitted, history: &[&str]) -> String {
    let options = RecommendOptions { k: 1, seen: Seen::Include, ..Default::default() };
    let ranked = fitted.recommend_for(history, &vec![1.0; history.len()], &options).unwrap();
    fitted.catalogue().items.id(ranked.items[0]).to_owned()
}

#[test]
fn the_next_item_of_a_ring_is_predicted_from_histories_of_any_length() {
    let options = r#"{"factors":16,"length":6,"learningRate":0.01,"batchSize":16,"dropout":0.1}"#;
    let (fitted, _) = fit(sasrec(), options, &ring(), 0, 60).unwrap();
    for history in [&["4"][..], &["3", "4"], &["2", "3", "4"], &["9", "10", "11", "0", "1", "2", "3", "4"]] {
        assert_eq!(next(&fitted, history), "5", "{history:?}");
    }
    let options = RecommendOptions { k: 1, ..Default::default() };
    let of_single = fitted.recommend(&["single"], &options).unwrap();
    assert_eq!(fitted.catalogue().items.id(of_single.items[0]), "4");
    // Without a history: an item that histories start with.
    assert!(fitted.recommend_for(&[], &[], &options).is_ok());

    let explanation = fitted.explain("single", "4").unwrap();
    assert_eq!(
        explanation.weights[0].columns,
        [Entity::Name("start".to_owned()), Entity::Item(fitted.catalogue().items.get("3").unwrap())]
    );
    assert!(explanation.items[0].1 > 0.0, "the 3 before a 4 counts for it: {explanation:?}");
    let rows: Vec<f32> =
        explanation.weights[0].values.chunks(2).map(|weights| weights.iter().sum()).collect();
    assert!(rows.iter().all(|sum| (sum - 1.0).abs() < 1e-5));
}

#[test]
fn heads_divide_the_factors() {
    let error = sasrec().check(r#"{"factors":10,"heads":4}"#).unwrap_err();
    assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &"heads".into()));
}
