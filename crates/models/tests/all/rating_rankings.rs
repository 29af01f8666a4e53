//! Rating models as rankers: top lists, their evaluation and files use the lower bounds of predicted ratings.

use crate::common::{UNWATCHED, fit, generated};
use safetensors::SafeTensors;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions};
use tastespace_models::Fitted;
use tastespace_models::contract::kind::Task;
use tastespace_models::contract::trainer::Problem;
use tastespace_models::evaluate::{Beside, EvaluateOptions, evaluate};
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::serve::catalogue::Catalogue;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::Training;
use tastespace_models::serve::recommend::RecommendOptions;
use tastespace_options::OptionSet;

fn rating_kinds() -> impl Iterator<Item = (&'static Entry, &'static str)> {
    REGISTRY.iter().filter(|entry| entry.task == Task::Rating).map(|entry| match entry.kind {
        "glocal-k" => (entry, r#"{"hidden":[20,15],"pretrainEpochs":1,"dotScale":0.1}"#),
        _ => (entry, "{}"),
    })
}

fn train() -> Arc<Interactions> {
    Arc::new(generated(r#"{"users":60,"items":50,"ratings":900,"seed":2}"#))
}

fn lists(fitted: &Fitted) -> Vec<u32> {
    let users: Vec<&str> = fitted.catalogue().users.iter().collect();
    fitted.recommend(&users, &RecommendOptions::default()).unwrap().items
}

#[test]
fn a_list_is_ordered_by_prediction_minus_margin() {
    let train = train();
    for (entry, options) in rating_kinds() {
        let (fitted, _) = fit(entry, options, &train, 1, 3).unwrap();
        let (catalogue, user) = (fitted.catalogue(), 7);
        let items: Vec<u32> = (0..50).collect();
        let mut scores = vec![0.0; 50];
        fitted.model().predict(&[user; 50], &items, &mut scores);
        let spread = catalogue.spread.unwrap();
        for (score, &rows) in scores.iter_mut().zip(&catalogue.item_rows) {
            *score -= spread.margin(rows);
        }
        let mut order: Vec<u32> = items
            .into_iter()
            .filter(|item| !catalogue.history.as_ref().unwrap().of(user).contains(item))
            .collect();
        order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]));
        let ranked = fitted.recommend(&[catalogue.users.id(user)], &RecommendOptions::default()).unwrap();
        assert_eq!(ranked.items, order[..10], "{}", entry.kind);
        let (low, high) = catalogue.range;
        for (&item, score) in ranked.items.iter().zip(ranked.scores) {
            assert!((score - scores[item as usize].clamp(low, high)).abs() < 1e-5, "{}", entry.kind);
        }
    }
}

#[test]
fn lists_do_not_depend_on_the_scale_of_ratings() {
    let train = train();
    let scaled = |a: f32, b: f32| {
        let Columns { users, items, ratings, .. } = train.columns().clone();
        let ratings = ratings.unwrap().iter().map(|rating| a * rating + b).collect();
        let columns = Columns { users, items, ratings: Some(ratings), times: None };
        Arc::new(Interactions::new(train.users.clone(), train.items.clone(), columns, None))
    };
    // Powers of two, so that no rounding changes the order of nearly equal scores.
    let entry = Entry::find("bias").unwrap();
    let of = |a, b| lists(&fit(entry, "{}", &scaled(a, b), 1, 1).unwrap().0);
    assert_eq!(of(16.0, -16.0), of(1.0, 0.0));
}

#[test]
fn top_lists_are_evaluated_as_they_are_recommended() {
    let data = train();
    let part = |test: bool| data.filtered(|row| (row % 5 == 0) == test);
    let (train, test) = (Arc::new(part(false)), part(true));
    for (entry, options) in rating_kinds() {
        let (fitted, _) = fit(entry, options, &train, 1, 3).unwrap();
        let measure = |options: &str| {
            let options = EvaluateOptions::parse("evaluate", options).unwrap();
            evaluate(&fitted, &test, Beside::default(), &options)
        };
        let by_name = measure(r#"{"metrics":["hr@10","hr@10/20neg"]}"#).unwrap();
        let by_task = measure(r#"{"task":"ranking","k":[10],"negatives":20}"#).unwrap();
        assert_eq!(by_name.values["hr@10"], by_task.values["hr@10"]);
        assert_eq!(by_name.values["hr@10/20neg"], by_task.values["hr@10/20neg"]);
        assert!(measure("{}").unwrap().values.get("hr@10").is_none());

        let by_user = test.by_user();
        let (mut hits, mut users) = (0.0, 0.0);
        for user in (0..test.users.len() as u32).filter(|&user| !by_user.rows(user).is_empty()) {
            let id = test.users.id(user);
            if fitted.catalogue().users.get(id).is_none_or(|user| !fitted.catalogue().knows_user(user)) {
                continue;
            }
            let listed = fitted.recommend(&[id], &RecommendOptions::default()).unwrap().items;
            let wanted = |&row: &u32| test.items.id(test.columns().items[row as usize]);
            let index = |id| fitted.catalogue().items.get(id).unwrap_or(u32::MAX);
            hits += f64::from(u8::from(
                by_user.rows(user).iter().map(wanted).any(|id| listed.contains(&index(id))),
            ));
            users += 1.0;
        }
        assert!(
            (by_name.values["hr@10"] - hits / users).abs() < 1e-9,
            "{} {} {users}",
            entry.kind,
            hits - by_name.values["hr@10"] * users
        );

        let mixed = measure(r#"{"metrics":["rmse","hr@10"]}"#).unwrap_err();
        assert_eq!(mixed.code(), "config/out-of-range", "{mixed}");
    }
    let (pop, _) = fit(Entry::find("pop").unwrap(), "{}", &train, 1, 1).unwrap();
    let options = EvaluateOptions::parse("evaluate", r#"{"task":"rating"}"#).unwrap();
    let error = evaluate(&pop, &test, Beside::default(), &options).unwrap_err();
    assert_eq!(error.code(), "model/unsupported", "{error}");
}

#[test]
fn a_file_keeps_the_order_with_and_without_history() {
    let train = train();
    for (entry, options) in rating_kinds() {
        let (fitted, _) = fit(entry, options, &train, 1, 3).unwrap();
        let bytes = file::write(&fitted, &WriteOptions::default());
        let read = file::read("m", &bytes).unwrap();
        assert_eq!(lists(&read), lists(&fitted), "{}", entry.kind);
        let bare = file::read(
            "m",
            &file::write(&fitted, &WriteOptions { history: false, ..WriteOptions::default() }),
        )
        .unwrap();
        assert_eq!(bare.catalogue().spread, fitted.catalogue().spread);
        assert!(SafeTensors::deserialize(&bytes).unwrap().tensor("catalogue.spread").is_ok());
    }
}

#[test]
fn a_file_without_the_spread_of_ratings_ranks_by_predictions() {
    let train = train();
    let entry = Entry::find("bias").unwrap();
    let options = entry.check("{}").unwrap();
    let mut trainer = options.trainer(&Problem { train: train.clone(), seed: 1, start: None }).unwrap();
    trainer.train_epoch(UNWATCHED).unwrap();
    let catalogue = Catalogue { spread: None, ..Catalogue::new(Task::Rating, &train) };
    let training = Training { epochs: 1, seed: 1, rows: train.len() };
    let fitted = Fitted::new(entry, options, Arc::new(catalogue), trainer.model(), training);
    let read = file::read("m", &file::write(&fitted, &WriteOptions::default())).unwrap();
    assert_eq!(read.catalogue().spread, None);
    let mut scores = vec![0.0; 50];
    read.model().scorer(&[0]).score(0..50, &mut scores);
    let options = RecommendOptions::parse("recommend", r#"{"k":50,"seen":"include"}"#).unwrap();
    let ranked = read.recommend(&[read.catalogue().users.id(0)], &options).unwrap();
    assert!(ranked.items.is_sorted_by(|&a, &b| scores[a as usize] >= scores[b as usize]));
}
