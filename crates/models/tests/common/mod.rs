//! What the tests of models share: training to an end, and data to train on.
#![allow(dead_code, reason = "each test file uses its part")]

use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};
use tastespace_data::{Interactions, RowBuilder, SyntheticOptions, Vocabulary, synthetic};
use tastespace_models::evaluate::{Beside, EvaluateOptions, Metrics, evaluate};
use tastespace_models::fit::any_amount;
use tastespace_models::model::Control;
use tastespace_models::registry::Entry;
use tastespace_models::{Fit, Fitted, ModelError};

static GO_ON: AtomicI32 = AtomicI32::new(0);
static PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Never cancelled, watched by nobody.
pub(crate) const UNWATCHED: Control = Control { cancel: &GO_ON, progress: &PROGRESS };

/// Trains for some epochs and returns the model and the losses.
pub(crate) fn fit(
    entry: &'static Entry,
    options: &str,
    train: &Arc<Interactions>,
    seed: u64,
    epochs: u32,
) -> Result<(Fitted, Vec<f64>), ModelError> {
    let mut fit = Fit::new(entry, entry.check(options)?, train.clone(), None, seed, &any_amount)?;
    let losses: Result<Vec<f64>, _> =
        (0..epochs).map(|_| fit.train_epoch(UNWATCHED).map(|report| report.loss)).collect();
    Ok((fit.finish().expect("an epoch was trained"), losses?))
}

/// Metrics with the default options.
pub(crate) fn metrics(
    fitted: &Fitted,
    test: &Interactions,
    given: Option<&Interactions>,
) -> Result<Metrics, ModelError> {
    evaluate(fitted, test, Beside { given, exclude: None }, &EvaluateOptions::default())
}

/// Rows with ratings as a data set, one after the other.
pub(crate) fn rated(rows: &[(&str, &str, f32)]) -> Arc<Interactions> {
    let mut builder = RowBuilder::new(None);
    for (&(user, item, rating), time) in rows.iter().zip(0..) {
        builder.push(user, item, Some(rating), Some(f64::from(time))).unwrap();
    }
    Arc::new(builder.finish())
}

/// Generated data.
pub(crate) fn generated(options: &str) -> Interactions {
    synthetic::generate(&SyntheticOptions::from_json(options).unwrap()).unwrap().data
}

/// The numbers of a fixture's list.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// As many ids as a fixture says, numbered from 0.
pub(crate) fn vocabulary(length: &Value) -> Arc<Vocabulary> {
    let mut ids = Vocabulary::default();
    for id in 0..length.as_u64().unwrap() {
        ids.intern(&id.to_string());
    }
    Arc::new(ids)
}
