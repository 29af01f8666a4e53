//! Golden trajectories of independent programs (`test/fixtures/make`), step by step.

use crate::common::{fit, numbers, vocabulary};
use serde_json::Value;
use std::sync::Arc;
use tastespace_data::{Columns, FeaturesOptions, FeaturesReader, Interactions, Vocabulary};
use tastespace_models::Fitted;
use tastespace_models::contract::trainer::Problem;
use tastespace_models::registry::Entry;

/// Steps in f32 against f64: three epochs of some 90 updates of rows of order 1, at 6e-8 each; Adam and AdaGrad divide by
/// small roots, which makes that up to ten times as much.
const TOLERANCE: f64 = 5e-5;

/// The output of a program in `test/fixtures/make`.
struct Golden {
    kind: &'static str,
    fixture: Value,
    users: Arc<Vocabulary>,
    items: Arc<Vocabulary>,
    /// The tensors of the first and the last initial row.
    initial: [&'static str; 2],
}

impl Golden {
    fn new(kind: &'static str, fixture: &str, initial: [&'static str; 2]) -> Self {
        let fixture: Value = serde_json::from_str(fixture).unwrap();
        let (users, items) = (vocabulary(&fixture["users"]), vocabulary(&fixture["items"]));
        Self { kind, fixture, users, items, initial }
    }

    /// Its rows, with ratings where they have any.
    fn rows(&self) -> Interactions {
        let rows: Vec<Vec<f64>> = self.fixture["rows"].as_array().unwrap().iter().map(numbers).collect();
        let columns = Columns {
            users: rows.iter().map(|row| row[0] as u32).collect(),
            items: rows.iter().map(|row| row[1] as u32).collect(),
            ratings: rows.iter().map(|row| row.get(2).map(|&rating| rating as f32)).collect(),
            times: None,
        };
        // A wide range, so that no prediction is clipped.
        Interactions::new(self.users.clone(), self.items.clone(), columns, Some((-100.0, 100.0)))
    }

    fn cases(&self) -> &[Value] {
        self.fixture["cases"].as_array().unwrap()
    }

    fn follow(&self, case: &Value, train: &Arc<Interactions>) -> Fitted {
        let (name, options) = (&case["name"], case["options"].to_string());
        let (entry, seed) = (Entry::find(self.kind).unwrap(), self.fixture["seed"].as_u64().unwrap());
        let problem = Problem { train: train.clone(), seed, start: None };
        let untrained = entry.check(&options).unwrap().trainer(&problem).unwrap().model();
        let [first, last] = self.initial;
        for tensor in untrained.tensors() {
            let (row, expected) = match &*tensor.name {
                name if name == first => (0, &case["initial"]["user"]),
                name if name == last => (tensor.shape[0] - 1, &case["initial"]["item"]),
                _ => continue,
            };
            for (value, expected) in tensor.values[row * tensor.shape[1]..].iter().zip(numbers(expected)) {
                assert!((f64::from(*value) - expected).abs() < 1e-7, "{name}: {value} for {expected}");
            }
        }
        let expected = numbers(&case["losses"]);
        let (fitted, losses) = fit(entry, &options, train, seed, expected.len() as u32).unwrap();
        for (loss, expected) in losses.iter().zip(&expected) {
            let near = (loss - expected).abs() < TOLERANCE * expected.max(1.0);
            assert!(near, "{name}: loss {loss} for {expected}");
        }
        let side = |side: usize| -> Vec<u32> {
            let pairs = self.fixture["pairs"].as_array().unwrap();
            pairs.iter().map(|pair| pair[side].as_u64().unwrap() as u32).collect()
        };
        let expected = numbers(&case["predictions"]);
        let mut predictions = vec![0.0; expected.len()];
        fitted.predict_indices(&side(0), &side(1), &mut predictions);
        for (prediction, expected) in predictions.iter().zip(expected) {
            let near = (f64::from(*prediction) - expected).abs() < TOLERANCE;
            assert!(near, "{name}: {prediction} for {expected}");
        }
        fitted
    }
}

#[test]
fn biased_mf_follows_the_golden_trajectories() {
    let fixture = include_str!("../../../../test/fixtures/biased_mf.json");
    let wide = serde_json::from_str::<Value>(fixture).unwrap()["wide"].to_string();
    for fixture in [fixture, &wide] {
        let golden = Golden::new("biased-mf", fixture, ["user_factors", "item_factors"]);
        let train = Arc::new(golden.rows());
        golden.cases().iter().for_each(|case| drop(golden.follow(case, &train)));
    }
}

#[test]
fn cml_follows_the_golden_trajectories() {
    let fixture = include_str!("../../../../test/fixtures/cml.json");
    let golden = Golden::new("cml", fixture, ["user_vectors", "item_vectors"]);
    let plain = Arc::new(golden.rows());
    let mut reader = FeaturesReader::new(FeaturesOptions::default()).unwrap();
    for (item, tags) in golden.fixture["tags"].as_array().unwrap().iter().enumerate() {
        let tags: Vec<String> = numbers(tags).iter().map(|tag| format!(" t{tag}")).collect();
        if !tags.is_empty() {
            reader.append(format!("{item}{}\n", tags.concat()).as_bytes()).unwrap();
        }
    }
    let tagged = Arc::new(golden.rows().with_features(reader.finish(None).unwrap()).unwrap());
    for case in golden.cases() {
        golden.follow(case, if case["features"] == true { &tagged } else { &plain });
    }
}

#[test]
fn lrml_follows_the_golden_trajectories() {
    let fixture = include_str!("../../../../test/fixtures/lrml.json");
    let golden = Golden::new("lrml", fixture, ["user_vectors", "item_vectors"]);
    let train = Arc::new(golden.rows());
    for case in golden.cases() {
        let attention = &golden.follow(case, &train).explain("0", "1").unwrap().weights[0];
        for (weight, expected) in attention.values.iter().zip(numbers(&case["attention"])) {
            assert!(
                (f64::from(*weight) - expected).abs() < TOLERANCE,
                "{}: {weight} for {expected}",
                case["name"]
            );
        }
    }
}

#[test]
fn ials_follows_the_golden_trajectories() {
    let fixture = include_str!("../../../../test/fixtures/ials.json");
    let golden = Golden::new("ials", fixture, ["user_vectors", "item_vectors"]);
    let train = Arc::new(golden.rows());
    golden.cases().iter().for_each(|case| drop(golden.follow(case, &train)));
}
