//! Helpers of the model tests: training, and data.
#![allow(dead_code, reason = "each test file uses its part")]

use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};
use tastespace_data::{Interactions, RowBuilder, SyntheticOptions, Vocabulary, synthetic};
use tastespace_models::contract::trainer::Control;
use tastespace_models::evaluate::{Beside, EvaluateOptions, Metrics, evaluate};
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::{Fit, Fitted, ModelError};

static GO_ON: AtomicI32 = AtomicI32::new(0);
static PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Never cancelled.
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
    let losses = losses?;
    Ok((fit.finish().expect("an epoch was trained"), losses))
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

/// How well the users from `first` on are served by half of their rows: of an item that they had beside and one that they
/// never had, the share of pairs that are in order. Where they are new to the model, where these rows were in training, and
/// by popularity.
pub(crate) fn folded_trained_and_popular(
    data: &Interactions,
    first: u32,
    train: &dyn Fn(&Arc<Interactions>) -> Fitted,
) -> [f64; 3] {
    let of = |keep: &dyn Fn(u32, usize) -> bool| data.filtered(|row| keep(data.columns().users[row], row));
    let (people, known) = (of(&|user, _| user < first), of(&|user, row| user < first || row % 2 == 0));
    let asked = of(&|user, row| user >= first && row % 2 == 1);
    let (folded, trained) = (train(&Arc::new(people)), train(&Arc::new(known)));
    let popularity: Vec<f32> = folded.catalogue().item_rows.iter().map(|&rows| rows as f32).collect();
    let (by_user, all) = (data.by_user(), asked.by_user());
    let count = popularity.len();
    let (mut sums, mut users) = ([0.0; 3], 0.0);
    for user in first..data.users.len() as u32 {
        let items = |rows: &[u32], of: &Interactions| -> Vec<u32> {
            rows.iter().map(|&row| of.columns().items[row as usize]).collect()
        };
        let (had, later) = (items(by_user.rows(user), data), items(all.rows(user), &asked));
        let given: Vec<(u32, f32)> =
            had.iter().filter(|item| !later.contains(item)).map(|&item| (item, 1.0)).collect();
        let (mut placed, mut learnt) = (vec![0.0; count], vec![0.0; count]);
        folded.new_user_scores(&given, &mut placed).unwrap();
        let everything: Vec<u32> = (0..count as u32).collect();
        trained.model().predict(&vec![user; count], &everything, &mut learnt);
        let never: Vec<u32> = everything.into_iter().filter(|item| !had.contains(item)).collect();
        for (sum, scores) in sums.iter_mut().zip([&placed, &learnt, &popularity]) {
            let pairs = later.iter().flat_map(|a| never.iter().map(move |b| (*a as usize, *b as usize)));
            let right = pairs.filter(|&(a, b)| scores[a] > scores[b]).count();
            *sum += right as f64 / (later.len() * never.len()).max(1) as f64;
        }
        users += 1.0;
    }
    sums.map(|sum| sum / users)
}
