//! GLocal-K: golden trajectories, kernels, passes.

use crate::common::{UNWATCHED, fit, generated, metrics, numbers, vocabulary};
use serde_json::Value;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions};
use tastespace_models::Fit;
use tastespace_models::contract::explanation::Weights;
use tastespace_models::contract::trainer::Problem;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;

fn entry() -> &'static Entry {
    Entry::find("glocal-k").unwrap()
}

/// Steps of SciPy's L-BFGS-B on dense f64 formulas against ours in f32: rounding grows tenfold in some 12 iterations.
#[test]
fn it_follows_the_golden_trajectories() {
    let golden: Value =
        serde_json::from_str(include_str!("../../../../test/fixtures/glocal_k.json")).unwrap();
    let rows: Vec<Vec<f64>> = golden["rows"].as_array().unwrap().iter().map(numbers).collect();
    let columns = Columns {
        users: rows.iter().map(|row| row[0] as u32).collect(),
        items: rows.iter().map(|row| row[1] as u32).collect(),
        ratings: Some(rows.iter().map(|row| row[2] as f32).collect()),
        times: None,
    };
    let ids = |side: &str| vocabulary(&golden[side]);
    // A wide range, so that no prediction is clipped.
    let train = Arc::new(Interactions::new(ids("users"), ids("items"), columns, Some((-100.0, 100.0))));
    let seed = golden["seed"].as_u64().unwrap();
    let pairs: Vec<Vec<f64>> = golden["pairs"].as_array().unwrap().iter().map(numbers).collect();
    let side = |side: usize| -> Vec<u32> { pairs.iter().map(|pair| pair[side] as u32).collect() };
    for case in golden["cases"].as_array().unwrap() {
        let mut options = case["options"].clone();
        options["center"] = "none".into();
        let (name, options) = (&case["name"], options.to_string());
        let problem = Problem { train: train.clone(), seed, start: None };
        let errors = numbers(&case["errors"]);
        let (fitted, losses) = fit(entry(), &options, &train, seed, errors.len() as u32).unwrap();
        for (epoch, (loss, expected)) in losses.iter().zip(&errors).enumerate() {
            assert!((loss - expected).abs() < 1e-3, "{name}, epoch {}: {loss} for {expected}", epoch + 1);
        }
        let mut predictions = vec![0.0; pairs.len()];
        fitted.predict_indices(&side(0), &side(1), &mut predictions);
        for (prediction, expected) in predictions.iter().zip(numbers(&case["predictions"])) {
            assert!((f64::from(*prediction) - expected).abs() < 5e-3, "{name}: {prediction} for {expected}");
        }
        let untrained = entry().check(&options).unwrap().trainer(&problem).unwrap().model();
        for (value, expected) in untrained.tensors()[0].values.iter().zip(numbers(&case["initial"])) {
            assert!((f64::from(*value) - expected).abs() < 1e-7, "{name}: {value} for {expected}");
        }
    }
}

const SMALL: &str = r#"{"hidden":[30,20],"weightPenalty":1,"pretrainEpochs":3,"dotScale":0.2}"#;

/// The convolution mixes neighbours by number: with other numbers for the same users it is another model. Without it the
/// autoencoder does not care.
#[test]
fn the_order_of_ids_matters_to_the_global_kernel() {
    let train = generated(r#"{"users":40,"items":30,"ratings":500}"#);
    let mut columns = train.columns().clone();
    columns.users.iter_mut().for_each(|user| *user = (*user * 7 + 3) % 40);
    let permuted = Interactions::new(train.users.clone(), train.items.clone(), columns, Some(train.range()));
    let options = r#"{"hidden":[30,20],"weightPenalty":1,"pretrainEpochs":0,"dotScale":0.2}"#;
    let loss = |data: &Interactions, dot_scale: f64| {
        let mut options: Value = serde_json::from_str(options).unwrap();
        options["dotScale"] = dot_scale.into();
        let (_, losses) = fit(entry(), &options.to_string(), &Arc::new(data.clone()), 1, 1).unwrap();
        losses[0]
    };
    assert!((loss(&train, 0.2) - loss(&permuted, 0.2)).abs() > 1e-4);
}

/// An epoch reports how often it visits each rating: once per evaluation of the loss. Adam evaluates it once more than it has steps,
/// L-BFGS at least as often.
#[test]
fn an_epoch_counts_its_passes() {
    let train = Arc::new(generated(r#"{"users":40,"items":30,"ratings":500}"#));
    let passes = |options: &str| {
        let options = entry().check(options).unwrap();
        let mut fit = Fit::new(entry(), options, train.clone(), None, 0, &any_amount).unwrap();
        let rows = fit.train_epoch(UNWATCHED).unwrap().rows;
        assert_eq!(rows % train.len(), 0);
        rows / train.len()
    };
    assert_eq!(passes(r#"{"hidden":[30],"optimizer":"adam","pretrainIterations":7}"#), 8);
    assert_eq!(passes(r#"{"hidden":[30],"optimizer":"adam","pretrainIterations":7,"seeds":2}"#), 16);
    let lbfgs = passes(r#"{"hidden":[30],"pretrainIterations":7}"#);
    assert!((8..30).contains(&lbfgs), "{lbfgs}");
}

#[test]
fn adam_other_kernels_and_our_own_additions_learn_too() {
    let data = generated(r#"{"users":200,"items":100,"ratings":6000}"#);
    let rows: Vec<u32> = (0..data.len() as u32).collect();
    let (train, test): (Vec<u32>, Vec<u32>) = rows.iter().partition(|&&row| row % 10 != 0);
    let (train, test) = (Arc::new(data.select(&train)), data.select(&test));
    let rmse = |kind: &str, options: &str, epochs| {
        let (fitted, losses) = fit(Entry::find(kind).unwrap(), options, &train, 0, epochs).unwrap();
        (metrics(&fitted, &test, None).unwrap().values["rmse"], *losses.last().unwrap())
    };
    let (biases, _) = rmse("bias", "{}", 1);
    for options in [
        r#"{"hidden":[40,40],"weightPenalty":3,"pretrainEpochs":20}"#,
        r#"{"hidden":[40],"weightPenalty":3,"pretrainEpochs":20,"kernel":"gaussian"}"#,
        r#"{"hidden":[40,40],"weightPenalty":3,"pretrainEpochs":20,"center":"biases"}"#,
        r#"{"hidden":[40,40],"weightPenalty":3,"pretrainEpochs":20,"identity":true,"restart":false}"#,
        r#"{"hidden":[40,40],"weightPenalty":3,"pretrainEpochs":20,"optimizer":"adam","learningRate":0.02,"pretrainIterations":10,"finetuneIterations":10}"#,
    ] {
        let (error, loss) = rmse("glocal-k", options, 30);
        println!("{options}: {error:.4}, trained to {loss:.4}; biases {biases:.4}");
        assert!(error < biases + 0.02 && loss < biases, "{options}: {error}, {loss}; biases {biases}");
    }
}

#[test]
fn an_explanation_shows_the_kernels() {
    let train = Arc::new(generated(r#"{"users":60,"items":50,"ratings":900}"#));
    let explained = |options, epochs| {
        let (fitted, _) = fit(entry(), options, &train, 4, epochs).unwrap();
        let (user, item) = (train.users.id(3), train.items.id(5));
        (fitted.explain(user, item).unwrap(), fitted)
    };
    let names = |weights: &[Weights]| weights.iter().map(|table| table.name).collect::<Vec<_>>();
    assert_eq!(names(&explained(SMALL, 3).0.weights), ["local kernels"]);
    let (explanation, fitted) = explained(SMALL, 4);
    assert_eq!(names(&explanation.weights), ["global kernel", "local kernels"]);
    let [global, local] = &explanation.weights[..] else { panic!("{explanation:?}") };
    let tensors = fitted.model().tensors();
    let stored = tensors.iter().find(|tensor| tensor.name == "global_kernel").unwrap();
    assert_eq!((&global.values[..], global.rows.len(), global.columns.len()), (stored.values, 3, 3));
    assert!(explanation.items.len() > 1);
    // At the start all points are next to each other: all kernels are nearly 1.
    for shares in local.values.chunks_exact(6) {
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6 && shares[5] > 0.9, "{local:?}");
    }
    // A high penalty closes them.
    let thin = SMALL.replace('{', r#"{"kernelPenalty":50,"#);
    let (explanation, _) = explained(&thin, 10);
    let closed = explanation.weights.last().unwrap().values[0];
    assert!(closed > 0.5, "{closed} of the input's kernels are 0");
}

#[test]
fn options_out_of_range_or_at_odds_are_refused() {
    for (options, code, key) in [
        (r#"{"hidden":[]}"#, "config/wrong-type", "hidden"),
        (r#"{"hidden":[0]}"#, "config/out-of-range", "hidden"),
        (r#"{"kernel":"linear"}"#, "config/out-of-range", "kernel"),
        (r#"{"weightPenalty":-1}"#, "config/out-of-range", "weightPenalty"),
        (r#"{"identity":true,"dotScale":0}"#, "config/conflict", "identity"),
    ] {
        let error = entry().check(options).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), (code, &key.into()), "{error}");
    }
}

#[test]
fn continuing_on_new_rows_alone_keeps_the_biases_of_the_others() {
    let train = Arc::new(generated(r#"{"users":40,"items":30,"ratings":500}"#));
    let options = r#"{"hidden":[10],"center":"biases"}"#;
    let (before, _) = fit(entry(), options, &train, 0, 1).unwrap();
    let (known, item) = (train.users.id(0), train.items.id(0));
    let more = crate::common::rated(&[(known, item, 5.0), ("newcomer", item, 1.0)]);
    let mut continued = Fit::resume(&before, &more, None, 0, &any_amount).unwrap();
    continued.train_epoch(crate::common::UNWATCHED).unwrap();
    let continued = continued.finish().unwrap();
    let biases = |fitted: &tastespace_models::Fitted, name: &str| {
        let tensors = fitted.model().tensors();
        tensors.iter().find(|tensor| tensor.name == name).unwrap().values.to_vec()
    };
    assert_eq!(biases(&continued, "item_biases"), biases(&before, "item_biases"));
    let (old, new) = (biases(&before, "user_biases"), biases(&continued, "user_biases"));
    assert_eq!(new[..40], old);
    assert!(new[40] < 0.0, "{}", new[40]);
}
