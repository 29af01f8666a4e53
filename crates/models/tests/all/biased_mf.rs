//! Biased MF on ratings of any scale and number.

use crate::common::{UNWATCHED, fit, generated, metrics};
use std::sync::Arc;
use tastespace_data::rng::Purpose;
use tastespace_data::{Interactions, Rng, RowBuilder, SplitOptions, split};
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::{Fit, Fitted};

fn entry() -> &'static Entry {
    Entry::find("biased-mf").unwrap()
}

/// The same interactions with the ratings `scale · r + offset`.
fn mapped(data: &Interactions, scale: f32, offset: f32) -> Arc<Interactions> {
    let columns = data.columns();
    let mut builder = RowBuilder::new(None);
    for row in 0..data.len() {
        let (user, item) = (data.users.id(columns.users[row]), data.items.id(columns.items[row]));
        builder.push(user, item, Some(scale * data.rating(row) + offset), None).unwrap();
    }
    Arc::new(builder.finish())
}

/// Ratings from 1 to 5.
fn small() -> Interactions {
    generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#)
}

const OPTIMIZERS: [&str; 5] = [
    r#"{"factors":8,"initialDeviation":0.3}"#,
    r#"{"factors":8,"initialDeviation":0.3,"implicit":true}"#,
    r#"{"factors":8,"optimizer":"adam","learningRate":0.01}"#,
    r#"{"factors":8,"optimizer":"adagrad","learningRate":0.05,"dense":true}"#,
    r#"{"factors":8,"optimizer":"als"}"#,
];

/// Predictions of all pairs, and of a new user.
fn answers(fitted: &Fitted, history: &[(u32, f32)]) -> Vec<f32> {
    let (users, items) = (60, 40);
    let pairs = (0..users).flat_map(|user| (0..items).map(move |item| (user, item)));
    let (users, columns): (Vec<u32>, Vec<u32>) = pairs.unzip();
    let mut known = vec![0.0; users.len()];
    fitted.model().predict(&users, &columns, &mut known);
    let mut new = vec![0.0; items as usize];
    fitted.new_user_scores(history, &mut new).unwrap();
    [known, new].concat()
}

#[test]
fn predictions_follow_the_scale_of_the_ratings() {
    let data = small();
    let plain = mapped(&data, 1.0, 0.0);
    let history =
        |scale: f32, offset: f32| [(1, 5.0), (7, 1.0), (12, 4.0)].map(|(i, r)| (i, scale * r + offset));
    for options in OPTIMIZERS {
        let (fitted, losses) = fit(entry(), options, &plain, 1, 15).unwrap();
        let expected = answers(&fitted, &history(1.0, 0.0));
        // 0.5 to 2.5; -1 to 1; 1 to 100.
        for (scale, offset) in [(0.5, 0.0), (0.5, -1.5), (24.75, -23.75)] {
            let (other, other_losses) = fit(entry(), options, &mapped(&data, scale, offset), 1, 15).unwrap();
            for (loss, other) in losses.iter().zip(other_losses) {
                assert!((other / f64::from(scale) - loss).abs() < 1e-4, "{options}: loss {other} for {loss}");
            }
            for (rating, other) in expected.iter().zip(answers(&other, &history(scale, offset))) {
                let back = (other - offset) / scale;
                // Rounding to f32 in fifteen epochs.
                assert!((back - rating).abs() < 2e-3, "{options}, times {scale}: {back} for {rating}");
            }
        }
    }
}

#[test]
fn training_on_another_scale_resumes_from_a_file() {
    let train = mapped(&small(), 20.0, 0.0);
    let bytes = |fitted: &Fitted| file::write(fitted, &WriteOptions::default());
    for options in [OPTIMIZERS[0], OPTIMIZERS[4]] {
        let (whole, _) = fit(entry(), options, &train, 1, 3).unwrap();
        let (part, _) = fit(entry(), options, &train, 1, 1).unwrap();
        let part = file::read("m", &bytes(&part)).unwrap();
        let mut more = Fit::resume(&part, &train, None, 1, &any_amount).unwrap();
        (1..3).for_each(|_| drop(more.train_epoch(UNWATCHED).unwrap()));
        assert!(bytes(&more.finish().unwrap()) == bytes(&whole), "{options}");
    }
}

/// Ratings from 1 to 5 of biases and noise, without tastes.
fn tasteless(users: usize, items: usize, rows: usize, seed: u64) -> Interactions {
    let mut rng = Rng::stream(seed, Purpose::Order, 0, 0);
    let mut biases = |count: usize| -> Vec<f32> { (0..count).map(|_| 0.4 * rng.normal() as f32).collect() };
    let (of_users, of_items) = (biases(users), biases(items));
    let mut builder = RowBuilder::new(None);
    for _ in 0..rows {
        let (user, item) = (rng.below(users as u32), rng.below(items as u32));
        let rating = 3.5 + of_users[user as usize] + of_items[item as usize] + rng.normal() as f32;
        builder
            .push(&user.to_string(), &item.to_string(), Some(rating.round().clamp(1.0, 5.0)), None)
            .unwrap();
    }
    builder.finish()
}

/// Test RMSE with the epochs that validation chooses, and that of `bias`.
fn errors(data: &Interactions) -> [f64; 2] {
    let parts = split(
        data,
        &SplitOptions::from_json(r#"{"by":"random","test":0.2,"validation":true}"#).unwrap(),
        None,
    )
    .unwrap();
    let (both, test) = (Arc::new(parts.train_and_validation.unwrap()), parts.test.unwrap());
    let options = r#"{"factors":16}"#;
    let validation = parts.validation.map(Arc::new);
    let checked = entry().check(options).unwrap();
    let mut first = Fit::new(entry(), checked, Arc::new(parts.train), validation, 0, &any_amount).unwrap();
    (0..200).for_each(|_| drop(first.train_epoch(UNWATCHED).unwrap()));
    let epochs = first.finish().unwrap().training().epochs;
    [(entry(), options, epochs), (Entry::find("bias").unwrap(), "{}", 1)].map(|(entry, options, epochs)| {
        let (fitted, _) = fit(entry, options, &both, 0, epochs).unwrap();
        metrics(&fitted, &test, None).unwrap().values["rmse"]
    })
}

#[test]
fn it_is_as_good_as_biases_where_there_are_no_tastes() {
    for (users, items, rows) in [(100, 80, 1500), (1000, 1000, 6000), (3000, 3000, 20_000)] {
        for seed in 1..=3 {
            let data = tasteless(users, items, rows, seed);
            for (scale, offset) in [(1.0, 0.0), (24.75, -23.75)] {
                let [factors, biases] = errors(&mapped(&data, scale, offset));
                assert!(factors < 1.003 * biases, "{rows} ratings, seed {seed}: {factors}, bias {biases}");
            }
        }
    }
}
