//! Golden trajectories: what an independent program computed (`test/fixtures/make`), step for step.

use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};
use tastespace_data::{Columns, Interactions, Vocabulary};
use tastespace_models::Fit;
use tastespace_models::model::{Control, Problem};
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

/// Steps in f32 against f64: three epochs of some 90 updates of rows of order 1, at 6e-8 each.
const TOLERANCE: f64 = 2e-5;

#[test]
fn biased_mf_follows_the_golden_trajectory() {
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
    let options = entry.check(&golden["options"].to_string()).unwrap();
    let seed = golden["seed"].as_u64().unwrap();
    let untrained = entry.trainer(&options, &Problem { train: train.clone(), seed }).unwrap().model();
    for tensor in untrained.tensors() {
        let row = match tensor.name {
            "user_factors" => (0, &golden["initial"]["user"]),
            "item_factors" => (tensor.shape[0] - 1, &golden["initial"]["item"]),
            _ => continue,
        };
        for (value, expected) in tensor.values[row.0 * tensor.shape[1]..].iter().zip(numbers(row.1)) {
            assert!((f64::from(*value) - expected).abs() < 1e-7, "{}: {value} for {expected}", tensor.name);
        }
    }
    let mut fit = Fit::new(entry, options, train, None, seed, u64::MAX).unwrap();
    let (cancel, progress) = (AtomicI32::new(0), AtomicU32::new(0));
    for expected in numbers(&golden["losses"]) {
        let report = fit.train_epoch(Control { cancel: &cancel, progress: &progress }).unwrap();
        assert!(
            (report.loss - expected).abs() < TOLERANCE,
            "epoch {}: {} for {expected}",
            report.epoch,
            report.loss
        );
    }
    let fitted = fit.finish().unwrap();
    let side = |side: usize| -> Vec<u32> {
        golden["pairs"].as_array().unwrap().iter().map(|pair| pair[side].as_u64().unwrap() as u32).collect()
    };
    let expected = numbers(&golden["predictions"]);
    let mut predictions = vec![0.0; expected.len()];
    fitted.predict_indices(&side(0), &side(1), &mut predictions);
    for (prediction, expected) in predictions.iter().zip(expected) {
        assert!((f64::from(*prediction) - expected).abs() < TOLERANCE, "{prediction} for {expected}");
    }
}
