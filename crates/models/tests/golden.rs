//! Golden trajectories: what an independent program computed (`test/fixtures/make`), step for step.

mod common;

use common::fit;
use serde_json::Value;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions, Vocabulary};
use tastespace_models::model::Problem;
use tastespace_models::registry::Entry;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn vocabulary(length: &Value) -> Arc<Vocabulary> {
    let mut ids = Vocabulary::default();
    for id in 0..length.as_u64().unwrap() {
        ids.intern(&id.to_string());
    }
    Arc::new(ids)
}

/// Steps in f32 against f64: three epochs of some 90 updates of rows of order 1, at 6e-8 each; Adam and AdaGrad divide by
/// small roots, which makes that up to ten times as much.
const TOLERANCE: f64 = 5e-5;

#[test]
fn biased_mf_follows_the_golden_trajectories() {
    let golden: Value = serde_json::from_str(include_str!("../../../test/fixtures/biased_mf.json")).unwrap();
    let rows: Vec<Vec<f64>> = golden["rows"].as_array().unwrap().iter().map(numbers).collect();
    let columns = Columns {
        users: rows.iter().map(|row| row[0] as u32).collect(),
        items: rows.iter().map(|row| row[1] as u32).collect(),
        ratings: Some(rows.iter().map(|row| row[2] as f32).collect()),
        times: None,
    };
    // A wide range, so that no prediction is clipped.
    let (users, items) = (vocabulary(&golden["users"]), vocabulary(&golden["items"]));
    let train = Arc::new(Interactions::new(users, items, columns, Some((-100.0, 100.0))));
    let entry = Entry::find("biased-mf").unwrap();
    let seed = golden["seed"].as_u64().unwrap();
    let side = |side: usize| -> Vec<u32> {
        golden["pairs"].as_array().unwrap().iter().map(|pair| pair[side].as_u64().unwrap() as u32).collect()
    };
    for case in golden["cases"].as_array().unwrap() {
        let name = &case["name"];
        let options = case["options"].to_string();
        let checked = entry.check(&options).unwrap();
        let problem = Problem { train: train.clone(), seed, start: None };
        let untrained = entry.trainer(&checked, &problem).unwrap().model();
        for tensor in untrained.tensors() {
            let (row, expected) = match tensor.name {
                "user_factors" => (0, &case["initial"]["user"]),
                "item_factors" => (tensor.shape[0] - 1, &case["initial"]["item"]),
                _ => continue,
            };
            for (value, expected) in tensor.values[row * tensor.shape[1]..].iter().zip(numbers(expected)) {
                assert!((f64::from(*value) - expected).abs() < 1e-7, "{name}: {value} for {expected}");
            }
        }
        let expected = numbers(&case["losses"]);
        let (fitted, losses) = fit(entry, &options, &train, seed, expected.len() as u32).unwrap();
        for (loss, expected) in losses.iter().zip(expected) {
            assert!((loss - expected).abs() < TOLERANCE, "{name}: loss {loss} for {expected}");
        }
        let expected = numbers(&case["predictions"]);
        let mut predictions = vec![0.0; expected.len()];
        fitted.predict_indices(&side(0), &side(1), &mut predictions);
        for (prediction, expected) in predictions.iter().zip(expected) {
            assert!(
                (f64::from(*prediction) - expected).abs() < TOLERANCE,
                "{name}: {prediction} for {expected}"
            );
        }
    }
}
