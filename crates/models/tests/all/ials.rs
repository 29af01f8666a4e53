//! `ials`: what its objective and its weights say.

use crate::common::{UNWATCHED, fit, generated, rated};
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::{Fit, Fitted};

fn trained(options: &str, train: &Arc<Interactions>, epochs: u32) -> (Fitted, Vec<f64>) {
    fit(Entry::find("ials").unwrap(), options, train, 1, epochs).unwrap()
}

/// The data with its ratings changed.
fn with_ratings(data: &Interactions, change: impl Fn(f32) -> f32) -> Arc<Interactions> {
    let mut columns = data.columns().clone();
    columns.ratings.iter_mut().flatten().for_each(|rating| *rating = change(*rating));
    Arc::new(Interactions::new(data.users.clone(), data.items.clone(), columns, None))
}

fn small() -> Interactions {
    generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#)
}

fn vectors(fitted: &Fitted, name: &str) -> Vec<f64> {
    let tensors = fitted.model().tensors();
    let tensor = tensors.iter().find(|tensor| tensor.name == name).unwrap();
    tensor.values.iter().map(|&value| f64::from(value)).collect()
}

/// The objective of the module's documentation, over all pairs, with linear weights.
fn objective(users: &[f64], items: &[f64], train: &Interactions, confidence: f64) -> f64 {
    let (d, alpha, penalty, exponent) = (5, 0.2, 0.03, 0.7);
    let (n, m) = (users.len() / d, items.len() / d);
    let score = |u: usize, i: usize| -> f64 {
        users[u * d..][..d].iter().zip(&items[i * d..]).map(|(p, q)| p * q).sum()
    };
    let columns = train.columns();
    let weights: Vec<f64> =
        (0..train.len()).map(|row| 1.0 + confidence * f64::from(train.rating(row))).collect();
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    let pairs = columns.users.iter().zip(&columns.items);
    let positives: f64 = pairs
        .zip(&weights)
        .map(|((&u, &i), weight)| weight / mean * (score(u as usize, i as usize) - 1.0).powi(2))
        .sum();
    let all: f64 = (0..n * m).map(|pair| score(pair / m, pair % m).powi(2)).sum();
    let penalties = |vectors: &[f64], column: &[u32], others: usize| -> f64 {
        let rows = vectors.chunks_exact(d).enumerate().map(|(row, vector)| {
            let count = column.iter().filter(|&&other| other as usize == row).count() as f64;
            let square: f64 = vector.iter().map(|x| x * x).sum();
            (count + alpha * others as f64).powf(exponent) * square
        });
        rows.sum()
    };
    let regularization = penalties(users, &columns.users, m) + penalties(items, &columns.items, n);
    positives + alpha * all + penalty * regularization
}

const OPTIONS: &str = r#"{"solver":"exact","factors":5,"unobservedWeight":0.2,"penalty":0.03,"penaltyExponent":0.7,"weighting":"linear","confidence":0.5}"#;

#[test]
fn the_loss_is_the_objective_and_the_users_are_at_its_minimum() {
    let train = Arc::new(small());
    let (fitted, losses) = trained(OPTIONS, &train, 4);
    let (mut users, items) = (vectors(&fitted, "user_vectors"), vectors(&fitted, "item_vectors"));
    let value = objective(&users, &items, &train, 0.5);
    assert!((losses[3] * train.len() as f64 - value).abs() < 1e-4 * value, "{losses:?} {value}");
    assert!(losses.is_sorted_by(|a, b| a > b), "{losses:?}");
    let (step, curvature) = (1e-3, value.sqrt());
    for place in 0..users.len() {
        let mut at = |by: f64| {
            users[place] += by;
            let value = objective(&users, &items, &train, 0.5);
            users[place] -= by;
            value
        };
        let gradient = (at(step) - at(-step)) / (2.0 * step);
        assert!(gradient.abs() < 1e-4 * curvature, "{place}: {gradient}");
    }
}

/// Each epoch ends nearer to the minimum, and the loss is the objective of the embeddings as they are.
#[test]
fn conjugate_gradient_leads_to_the_same_minimum() {
    let train = Arc::new(small());
    let with = |solver: &str| OPTIONS.replace("\"exact\"", solver);
    for steps in [1, 2, 3] {
        let options = with(&format!(r#""conjugate-gradient","solverSteps":{steps}"#));
        let (fitted, losses) = trained(&options, &train, 4);
        let value =
            objective(&vectors(&fitted, "user_vectors"), &vectors(&fitted, "item_vectors"), &train, 0.5);
        assert!((losses[3] * train.len() as f64 - value).abs() < 1e-4 * value, "{losses:?} {value}");
        assert!(losses.is_sorted_by(|a, b| a > b), "{losses:?}");
    }
    let last = |options: &str| *trained(options, &train, 60).1.last().unwrap();
    let (exact, steps) = (last(OPTIONS), last(&with(r#""conjugate-gradient""#)));
    // The objective has several minima.
    assert!((exact - steps).abs() < 0.02 * exact, "{exact} {steps}");
}

/// Items have more users than a regression keeps in memory at once.
#[test]
fn many_steps_solve_exactly() {
    let train = Arc::new(generated(r#"{"users":700,"items":12,"ratings":4500,"seed":3}"#));
    let solved = |solver: &str| {
        let (fitted, losses) = trained(
            &format!(r#"{{"factors":264,"weighting":"log","initialDeviation":1,"solver":{solver}}}"#),
            &train,
            2,
        );
        let (users, items): (Vec<u32>, Vec<u32>) =
            (0..700).flat_map(|user| (0..12).map(move |item| (user, item))).unzip();
        let mut scores = vec![0.0; users.len()];
        fitted.predict_indices(&users, &items, &mut scores);
        (scores, losses)
    };
    let (exact, steps) = (solved(r#""exact""#), solved(r#""conjugate-gradient","solverSteps":40"#));
    let most = (0..12).map(|item| train.columns().items.iter().filter(|&&other| other == item).count()).max();
    assert!(most > Some(264));
    for (x, y) in exact.0.into_iter().zip(steps.0) {
        assert!((x - y).abs() < 1e-3, "{x} {y}");
    }
    assert!((exact.1[1] - steps.1[1]).abs() < 1e-4 * exact.1[1]);
}

/// Which is what fold-in and explanations rely on.
#[test]
fn the_columns_of_the_items_are_orthogonal_and_descend() {
    let (fitted, _) = trained(OPTIONS, &Arc::new(small()), 2);
    let items = vectors(&fitted, "item_vectors");
    let product = |k: usize, l: usize| items.chunks_exact(5).map(|q| q[k] * q[l]).sum::<f64>();
    for k in 0..5 {
        assert!((0..k).all(|l| product(k, l).abs() < 1e-5 * product(l, l)));
        assert!(k == 0 || product(k, k) < product(k - 1, k - 1));
    }
}

/// Users with fewer and with more items than factors.
#[test]
fn a_trained_user_is_folded_in_where_it_was() {
    let train = Arc::new(small());
    for factors in [3, 8, 64] {
        for weighting in ["none", "log"] {
            let (fitted, _) = trained(
                &format!(r#"{{"solver":"exact","factors":{factors},"weighting":"{weighting}"}}"#),
                &train,
                3,
            );
            let items = train.items.len();
            let history = fitted.catalogue().history.as_ref().unwrap();
            for user in 0..20u32 {
                let (mut folded, mut known) = (vec![0.0; items], vec![0.0; items]);
                fitted.new_user_scores(&history.rows(user), &mut folded).unwrap();
                let all: Vec<u32> = (0..items as u32).collect();
                fitted.predict_indices(&vec![user; items], &all, &mut known);
                assert_eq!(folded, known, "{factors}, {weighting}");
            }
        }
    }
}

#[test]
fn contributions_of_items_add_up_to_the_score() {
    let train = Arc::new(small());
    for factors in [4, 64] {
        let (fitted, _) =
            trained(&format!(r#"{{"solver":"exact","factors":{factors},"weighting":"log"}}"#), &train, 5);
        for (user, item) in [("1", "2"), ("7", "40"), ("60", "9")] {
            let score = fitted.predict(&[user], &[item]).unwrap()[0];
            let explained = fitted.explain(user, item).unwrap().items;
            let sum: f32 = explained.iter().map(|(_, value)| value).sum();
            assert!((score - sum).abs() < 1e-5, "{factors}: {sum} for {score}");
            let user = train.users.get(user).unwrap();
            assert_eq!(explained.len(), fitted.catalogue().history.as_ref().unwrap().of(user).len());
        }
    }
}

#[test]
fn values_count_only_with_a_weighting() {
    let data = small();
    let of = |options: &str, factor: f32| {
        let (fitted, losses) = trained(options, &with_ratings(&data, |rating| factor * rating), 3);
        (vectors(&fitted, "user_vectors"), vectors(&fitted, "item_vectors"), losses)
    };
    assert_eq!(of(r#"{"weighting":"none"}"#, 1.0), of(r#"{"weighting":"none"}"#, 1000.0));
    for weighting in [r#"{"weighting":"log"}"#, r#"{"weighting":"linear"}"#] {
        assert_ne!(of(weighting, 1.0), of(weighting, 1000.0));
    }
    // Equal values are no values.
    let equal =
        |options: &str| vectors(&trained(options, &with_ratings(&data, |_| 7.0), 3).0, "item_vectors");
    let pairs = equal(r#"{"weighting":"log"}"#).into_iter().zip(equal(r#"{"weighting":"none"}"#));
    assert!(pairs.into_iter().all(|(x, y)| (x - y).abs() < 1e-4));
}

#[test]
fn a_larger_count_weighs_more_in_fold_in() {
    let data = with_ratings(&small(), |rating| rating * rating * 10.0);
    for weighting in ["log", "linear"] {
        let (fitted, _) = trained(&format!(r#"{{"factors":8,"weighting":"{weighting}"}}"#), &data, 5);
        let score = |counts: [f32; 3]| {
            let rows: Vec<(u32, f32)> = [3, 11, 25].into_iter().zip(counts).collect();
            let mut scores = vec![0.0; data.items.len()];
            fitted.new_user_scores(&rows, &mut scores).unwrap();
            [scores[3], scores[11], scores[25]]
        };
        let (equal, first) = (score([50.0; 3]), score([5000.0, 50.0, 50.0]));
        assert!(first[0] > equal[0], "{weighting}: {first:?} {equal:?}");
    }
}

/// New interactions are trained with all old ones, so that an epoch forgets none, and new users are solved on the known items
/// first, so that items are not fitted to random embeddings.
#[test]
fn continuing_on_new_rows_forgets_nothing() {
    let data = with_ratings(&small(), |rating| rating * rating);
    let part = |from, to| data.select(&(from..to).collect::<Vec<u32>>());
    let options = r#"{"factors":8,"weighting":"linear"}"#;
    let (before, _) = trained(options, &Arc::new(part(0, 600)), 10);
    let continued = |more: &Interactions| {
        let mut fit = Fit::resume(&before, more, None, 1, &any_amount).unwrap();
        fit.train_epoch(UNWATCHED).unwrap();
        fit.finish().unwrap()
    };
    // The new rows alone give the same bits as the old and the new ones together.
    let (few, all) = (continued(&part(600, 640)), continued(&part(0, 640)));
    assert_eq!(vectors(&few, "user_vectors"), vectors(&all, "user_vectors"));
    assert_eq!(vectors(&few, "item_vectors"), vectors(&all, "item_vectors"));
    assert_eq!(few.training().rows, 640);
    // They move a model less than they would if it forgot: scores stay close to those of training on everything.
    let (whole, _) = trained(options, &Arc::new(part(0, 640)), 30);
    let scores = |fitted: &Fitted| {
        let items: Vec<u32> = (0..data.items.len() as u32).collect();
        let mut out = vec![0.0; items.len()];
        let users = 0..data.users.len() as u32;
        users
            .flat_map(|user| {
                fitted.predict_indices(&vec![user; items.len()], &items, &mut out);
                out.clone()
            })
            .collect::<Vec<f32>>()
    };
    let (few, whole, none) = (scores(&few), scores(&whole), scores(&before));
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f32>();
    assert!(distance(&few, &whole) < 0.5 * distance(&none, &whole));

    let without = file::write(&before, &WriteOptions { history: false, ..WriteOptions::default() });
    let without = file::read("m", &without).unwrap();
    let error = Fit::resume(&without, &part(600, 640), None, 1, &any_amount).err().unwrap();
    assert_eq!(error.code(), "model/no-history");
    assert!(error.to_string().contains("save the model with its history"), "{error}");
}

#[test]
fn a_user_that_joins_shares_the_tastes_of_the_items() {
    let rows: Vec<(String, String)> = (0..40)
        .flat_map(|user| (0..20).map(move |item| (user, item)))
        .filter(|(user, item)| (user + item) % 2 == 0 && (user + 3 * item) % 7 > 0)
        .map(|(user, item)| (user.to_string(), item.to_string()))
        .collect();
    let rows: Vec<(&str, &str, f32)> = rows.iter().map(|(user, item)| (&user[..], &item[..], 1.0)).collect();
    let (before, _) = trained(r#"{"factors":8}"#, &rated(&rows), 10);
    let new = ["0", "2", "4", "6"].map(|item| ("new", item, 1.0));
    let mut more = Fit::resume(&before, &rated(&new), None, 1, &any_amount).unwrap();
    more.train_epoch(UNWATCHED).unwrap();
    let after = more.finish().unwrap();
    let scores = after.predict(&["new", "new", "new"], &["8", "10", "9"]).unwrap();
    assert!(scores[0] > scores[2] + 0.1 && scores[1] > scores[2] + 0.1, "{scores:?}");
}

/// The mean over the training interactions, rather than the weight of the highest rating.
#[test]
fn an_item_without_a_rating_has_the_mean_weight() {
    // One count is far above the others.
    let counts = std::cell::Cell::new(0);
    let data = with_ratings(&small(), |rating| {
        counts.set(counts.get() + 1);
        if counts.get() == 1 { 100_000.0 } else { rating }
    });
    for weighting in ["none", "log", "linear"] {
        let (fitted, _) = trained(&format!(r#"{{"factors":8,"weighting":"{weighting}"}}"#), &data, 5);
        let scores = |rating: f32| {
            let mut scores = vec![0.0; data.items.len()];
            fitted.new_user_scores(&[(3, rating), (11, rating), (25, rating)], &mut scores).unwrap();
            scores
        };
        let mean = (0..data.len()).map(|row| match weighting {
            "linear" => f64::from(data.rating(row)),
            _ => (1.0 + f64::from(data.rating(row))).ln(),
        });
        let mean = mean.sum::<f64>() / data.len() as f64;
        let same = if weighting == "linear" { mean } else { mean.exp() - 1.0 };
        for (missing, given) in scores(f32::NAN).into_iter().zip(scores(same as f32)) {
            assert!((missing - given).abs() < 1e-5, "{weighting}: {missing} {given}");
        }
        assert_eq!(scores(f32::NAN) == scores(100_000.0), weighting == "none");
    }
}

/// As if each old positive were a lighter one: the objective with weights that halve with each day.
#[test]
fn weights_halve_with_age() {
    let small = small();
    let day = 86_400.0;
    let with_times = |time: &dyn Fn(usize) -> f64| {
        let mut columns = small.columns().clone();
        columns.times = Some((0..small.len()).map(time).collect());
        Arc::new(Interactions::new(small.users.clone(), small.items.clone(), columns, None))
    };
    let options = |rest: &str| format!(r#"{{"factors":5,"initialDeviation":1{rest}}}"#);
    let data = with_times(&|row| 1e9 + (row % 3) as f64 * day);
    let (aged, _) = trained(&options(r#","halfLife":1"#), &data, 3);
    // The linear weight 1 + 1 · r is 1, 2 or 4: each half of the next.
    let mut columns = data.columns().clone();
    columns.ratings = Some((0..data.len()).map(|row| [0.0, 1.0, 3.0][row % 3]).collect());
    let rated = Arc::new(Interactions::new(data.users.clone(), data.items.clone(), columns, None));
    let (weighted, _) = trained(&options(r#","weighting":"linear","confidence":1"#), &rated, 3);
    for name in ["user_vectors", "item_vectors"] {
        for (x, y) in vectors(&aged, name).into_iter().zip(vectors(&weighted, name)) {
            assert!((x - y).abs() < 1e-4, "{name}: {x} {y}");
        }
    }
    // All of one age weigh the same.
    let (one_age, _) = trained(&options(r#","halfLife":1"#), &with_times(&|_| 1e9), 3);
    let (plain, _) = trained(&options(""), &data, 3);
    assert_eq!(vectors(&one_age, "user_vectors"), vectors(&plain, "user_vectors"));
    // Very old ones have no weight, and training goes on.
    let old = with_times(&|row| if row < 100 { 0.0 } else { 1e12 });
    let (_, losses) = trained(&options(r#","halfLife":0.001"#), &old, 3);
    assert!(losses.iter().all(|loss| loss.is_finite()), "{losses:?}");

    let error = Fit::resume(&aged, &data, None, 1, &any_amount).err().unwrap();
    assert_eq!(error.code(), "model/unsupported");
    assert!(error.to_string().contains("call fit with the earlier and the new interactions"), "{error}");
}

#[test]
fn a_system_that_rounding_makes_indefinite_is_refused() {
    let data = with_ratings(&small(), |rating| if rating > 3.0 { 1e30 } else { rating });
    let options = r#"{"weighting":"linear","confidence":1000000,"penalty":0.000001,"unobservedWeight":0,"penaltyExponent":0}"#;
    let entry = Entry::find("ials").unwrap();
    let error = fit(entry, options, &data, 1, 3).err();
    // Either it is solved or it says which option helps; never NaN.
    assert!(error.is_none_or(|error| error.code() == "model/diverged"));
}
