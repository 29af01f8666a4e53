//! AttRec: golden trajectories, short histories, and a planted sequence rule.

use crate::common::{UNWATCHED, fit, generated, metrics, numbers, rated, vocabulary};
use serde_json::Value;
use std::sync::Arc;
use tastespace_data::{Columns, Interactions, RowBuilder, SplitOptions, split};
use tastespace_models::contract::explanation::Entity;
use tastespace_models::contract::trainer::Problem;
use tastespace_models::evaluate::{Beside, EvaluateOptions, evaluate};
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::recommend::{RecommendOptions, Seen};
use tastespace_models::{Fit, Fitted};

fn attrec() -> &'static Entry {
    Entry::find("attrec").unwrap()
}

#[test]
fn it_follows_the_golden_trajectories() {
    let golden: Value = serde_json::from_str(include_str!("../../../../test/fixtures/attrec.json")).unwrap();
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
    // Steps in f32 against f64: three epochs of some five steps of rows of order 1, divided by small roots.
    let near = |got: f64, expected: f64, what: &str, name: &Value| {
        assert!((got - expected).abs() < 5e-5, "{name}: {what} {got} for {expected}");
    };
    for case in golden["cases"].as_array().unwrap() {
        let (name, options) = (&case["name"], case["options"].to_string());
        let problem = Problem { train: train.clone(), seed, start: None };
        let untrained = attrec().check(&options).unwrap().trainer(&problem).unwrap().model();
        for tensor in untrained.tensors() {
            let (row, expected) = match &*tensor.name {
                "user_vectors" => (0, &case["initial"]["user"]),
                "item_vectors" => (tensor.shape[0] - 1, &case["initial"]["item"]),
                "sequence_vectors" => (0, &case["initial"]["sequence"]),
                "key_weights" => (tensor.shape[0] - 1, &case["initial"]["key"]),
                _ => continue,
            };
            for (value, expected) in tensor.values[row * tensor.shape[1]..].iter().zip(numbers(expected)) {
                near((*value).into(), expected, &tensor.name, name);
            }
        }
        let expected = numbers(&case["losses"]);
        let (fitted, losses) = fit(attrec(), &options, &train, seed, expected.len() as u32).unwrap();
        for (loss, expected) in losses.into_iter().zip(expected) {
            near(loss, expected, "loss", name);
        }
        let expected = numbers(&case["predictions"]);
        let mut predictions = vec![0.0; expected.len()];
        fitted.predict_indices(&side(0), &side(1), &mut predictions);
        for (prediction, expected) in predictions.into_iter().zip(expected) {
            near(prediction.into(), expected, "prediction", name);
        }
        let weights = fitted.explain("0", "1").unwrap().weights;
        if case["options"]["longTerm"] == 1.0 {
            assert!(weights.is_empty());
            continue;
        }
        for (&weight, expected) in weights[0].values.iter().zip(numbers(&case["attention"])) {
            near(weight.into(), expected, "attention", name);
        }
    }
}

#[test]
fn timestamps_or_the_order_of_rows_are_required() {
    let mut builder = RowBuilder::new(None);
    for (user, item) in [("a", "x"), ("a", "y"), ("b", "y"), ("b", "z"), ("b", "x")] {
        builder.push(user, item, None, None).unwrap();
    }
    let untimed = Arc::new(builder.finish());
    let error = fit(attrec(), "{}", &untimed, 0, 1).err().unwrap();
    assert_eq!(error.code(), "dataset/needs-timestamps");
    assert!(error.to_string().contains("order = \"rows\""), "{error}");
    let (fitted, _) = fit(attrec(), r#"{"order":"rows"}"#, &untimed, 0, 2).unwrap();
    let recent: Vec<Entity> = fitted.explain("b", "x").unwrap().weights[0].columns.clone();
    assert_eq!(recent, [Entity::Item(1), Entity::Item(2), Entity::Item(0)]);
}

/// All users follow the same ring of twelve items, from different starts.
fn ring() -> Arc<Interactions> {
    let rows: Vec<(String, String)> = (0..60u32)
        .flat_map(|user| (0..8).map(move |place| (user.to_string(), ((user * 5 + place) % 12).to_string())))
        .chain([("single".to_owned(), "3".to_owned())])
        .collect();
    rated(&rows.iter().map(|(user, item)| (&user[..], &item[..], 1.0)).collect::<Vec<_>>())
}

fn trained_on_the_ring() -> Fitted {
    fit(attrec(), r#"{"factors":16,"inputs":4,"targets":1,"longTerm":0.2,"batchSize":32}"#, &ring(), 0, 60)
        .unwrap()
        .0
}

fn next(fitted: &Fitted, history: &[&str]) -> String {
    let options = RecommendOptions { k: 1, ..Default::default() };
    let ranked = fitted.recommend_for(history, &[], &options).unwrap();
    assert!(ranked.scores.iter().all(|score| score.is_finite()));
    fitted.catalogue().items.iter().nth(ranked.items[0] as usize).unwrap().to_owned()
}

#[test]
fn short_histories_have_answers_and_their_order_counts() {
    let fitted = trained_on_the_ring();
    // Short ones are near on both sides; with all inputs it knows which way it goes.
    for history in [&["2"][..], &["2", "3"], &["2", "3", "4"]] {
        let last: u32 = history[history.len() - 1].parse().unwrap();
        let found = next(&fitted, history);
        assert!([1, last + 1].iter().any(|near| near.to_string() == found), "{found} after {history:?}");
    }
    for length in 4..=6u32 {
        let history: Vec<String> = (0..length).map(|place| ((place + 2) % 12).to_string()).collect();
        let history: Vec<&str> = history.iter().map(String::as_str).collect();
        assert_eq!(next(&fitted, &history), ((length + 2) % 12).to_string(), "after {history:?}");
    }
    // Only the last four count, and an item that comes again counts where it came last.
    let options = RecommendOptions { k: 12, seen: Seen::Include, ..Default::default() };
    let all = fitted.recommend_for(&["9", "1", "2", "3", "4"], &[], &options).unwrap();
    assert_eq!(all, fitted.recommend_for(&["1", "2", "3", "4"], &[], &options).unwrap());
    assert_eq!(all, fitted.recommend_for(&["4", "9", "1", "2", "3", "4"], &[], &options).unwrap());
    // Without a history: the mean user, with finite scores.
    assert_eq!(fitted.recommend_for(&[], &[], &options).unwrap().items.len(), 12);
    // One item in training is a history of one.
    let single = fitted.recommend(&["single"], &options).unwrap();
    assert_eq!(single, fitted.recommend_for(&["3"], &[], &options).unwrap());
}

/// At test time the sequence has the training items and the later ones.
#[test]
fn later_interactions_extend_a_sequence() {
    let options = r#"{"factors":16,"inputs":4,"targets":1,"longTerm":0,"batchSize":32}"#;
    let (fitted, _) = fit(attrec(), options, &ring(), 0, 20).unwrap();
    // User 0 went from 0 to 7. After 10 and 11 another item is next.
    let (test, since) = (rated(&[("0", "8", 1.0)]), rated(&[("0", "10", 1.0), ("0", "11", 1.0)]));
    let judged = |given| {
        let beside = Beside { given, exclude: Some(&*since) };
        let options = EvaluateOptions { negatives: 2, ..Default::default() };
        let metrics = evaluate(&fitted, &test, beside, &options).unwrap();
        (metrics.values["mrr"], metrics.values["mrr/2neg"])
    };
    assert_eq!(judged(None), (1.0, 1.0));
    assert!(judged(Some(&since)).0 < 1.0 && judged(Some(&since)).1 <= 1.0);
    // It is what someone with these last items gets.
    let index = |item: &str| fitted.catalogue().items.get(item).unwrap();
    let mut scores = vec![0.0; 12];
    let sequence = fitted.model().abilities().sequence.unwrap();
    sequence.scorer_since(&[0], &[vec![index("10"), index("11")]]).score(0..12, &mut scores);
    let last: Vec<(u32, f32)> = ["6", "7", "10", "11"].map(|item| (index(item), 1.0)).to_vec();
    let mut expected = vec![0.0; 12];
    fitted.new_user_scores(&last, &mut expected).unwrap();
    assert_eq!(scores, expected);
}

#[test]
fn a_resumed_model_remembers_the_last_items() {
    let old = rated(&[("a", "x", 1.0), ("a", "y", 1.0), ("b", "y", 1.0), ("b", "x", 1.0)]);
    let new = rated(&[("a", "z", 1.0), ("c", "z", 1.0)]);
    let (before, _) = fit(attrec(), "{}", &old, 0, 3).unwrap();
    let mut more = Fit::resume(&before, &new, None, 0, &any_amount).unwrap();
    assert!(more.train_epoch(UNWATCHED).unwrap().loss > 0.0, "z follows the remembered items of a");
    let after = more.finish().unwrap();
    let recent = |user: &str| after.explain(user, "x").unwrap().weights[0].columns.clone();
    assert_eq!(recent("a"), [0, 1, 2].map(Entity::Item));
    assert_eq!((recent("b"), recent("c")), ([1, 0].map(Entity::Item).to_vec(), vec![Entity::Item(2)]));
}

/// Half of the users follow a cycle of 24 items, from any start. Each of the others has ten of 48 items in an order that their
/// last items do not predict.
fn two_ways() -> Arc<Interactions> {
    let round = (0..40u32).flat_map(|user| {
        (0..10).map(move |place| (format!("round {user}"), ((user * 7 + place) % 24).to_string()))
    });
    let own = (0..40u32).flat_map(|user| {
        let mut items: Vec<u32> = (0..48).collect();
        items.sort_by_key(|item| (user * 331 + item * 53) * 26_544 % 1009);
        items.into_iter().take(10).map(move |item| (format!("own {user}"), (24 + item).to_string()))
    });
    let rows: Vec<(String, String)> = round.chain(own).collect();
    rated(&rows.iter().map(|(user, item)| (&user[..], &item[..], 1.0)).collect::<Vec<_>>())
}

/// What each term counts for a user.
fn terms(fitted: &Fitted, user: &str) -> Vec<f32> {
    fitted
        .explain(user, "3")
        .unwrap()
        .weights
        .into_iter()
        .find(|weights| weights.name == "terms")
        .unwrap()
        .values
}

#[test]
fn mixing_weights_per_user_separate_sequential_users() {
    // Two factors are too few for a user vector to store ten items.
    let options = r#"{"factors":2,"inputs":3,"targets":1,"longTerm":0.5,"longTermPer":"user","batchSize":64,
        "optimizer":"adam","learningRate":0.05}"#;
    let (fitted, _) = fit(attrec(), options, &two_ways(), 1, 60).unwrap();
    let mean =
        |kind: &str| (0..40).map(|user| terms(&fitted, &format!("{kind} {user}"))[0]).sum::<f32>() / 40.0;
    let (round, own) = (mean("round"), mean("own"));
    assert!(round + 0.05 < own, "long-term share of sequential users {round}, of the others {own}");
    // The parts add up to the prediction, which also ranks the items.
    for user in ["round 3", "own 8"] {
        let explained = fitted.explain(user, "9").unwrap();
        let index = [user].map(|user| fitted.catalogue().users.get(user).unwrap());
        let item = fitted.catalogue().items.get("9").unwrap();
        let mut predicted = [0.0];
        fitted.predict_indices(&index, &[item], &mut predicted);
        let sum: f32 = explained.parts.iter().map(|(_, part)| part).sum();
        assert!((sum - predicted[0]).abs() < 1e-5, "{sum} {predicted:?}");
        let mut scores = vec![0.0; fitted.catalogue().items.len()];
        let all = 0..scores.len();
        fitted.model().scorer(&index).score(all, &mut scores);
        assert!((scores[item as usize] - predicted[0]).abs() < 1e-5);
    }
    let loaded = file::read("m", &file::write(&fitted, &WriteOptions::default())).unwrap();
    assert_eq!(loaded.explain("own 8", "9").unwrap(), fitted.explain("own 8", "9").unwrap());
    // Training goes on with them, and who is new starts as all do.
    let more = rated(&[("new", "1", 1.0), ("new", "2", 1.0), ("own 8", "1", 1.0)]);
    let mut fit_on = Fit::resume(&fitted, &more, None, 1, &any_amount).unwrap();
    fit_on.train_epoch(UNWATCHED).unwrap();
    let after = fit_on.finish().unwrap();
    let moved = |user: &str| (terms(&after, user)[0] - terms(&fitted, user)[0]).abs();
    assert!(moved("own 7") < 0.05, "nothing is new of them");
    assert!(moved("own 8") > 0.0);
    assert!((terms(&after, "new")[0] - 0.5).abs() < 0.1);
}

#[test]
fn contributions_add_up_to_the_short_term() {
    let fitted = trained_on_the_ring();
    let explanation = fitted.explain("3", "5").unwrap();
    let short = explanation.parts.iter().find(|(name, _)| name == "shortTerm").unwrap().1;
    let pulls: f32 = explanation.items.iter().map(|(_, pull)| pull).sum();
    assert!((short - pulls).abs() < 1e-5 && short < -1e-3, "{short} {pulls}");
    let weights = fitted.explain("3", "5").unwrap().weights;
    for row in weights[0].values.chunks(4).enumerate().map(|(i, row)| (row[i], row.iter().sum::<f32>())) {
        assert!(row.0 == 0.0 && (row.1 - 1.0).abs() < 1e-6, "{row:?}");
    }
}

/// An item that follows another comes `lag` places after it: attention has to look there.
#[test]
fn the_planted_sequence_rule_is_learned() {
    for lag in [1, 3] {
        let data = generated(&format!(
            r#"{{"users":600,"items":200,"ratings":24000,"sequence":0.8,"lag":{lag},"seed":2}}"#
        ));
        let options = SplitOptions::from_json(r#""leave-one-out""#).unwrap();
        let parts = split(&data, &options, None).unwrap();
        let (train, test) = (Arc::new(parts.train), parts.test.unwrap());
        let hits = |kind: &str, options: &str, epochs| {
            let (fitted, _) = fit(Entry::find(kind).unwrap(), options, &train, 0, epochs).unwrap();
            (metrics(&fitted, &test, None).unwrap().values["hr@10"], fitted)
        };
        let (popular, _) = hits("pop", "{}", 1);
        let (found, fitted) = hits("attrec", r#"{"factors":32,"targets":1,"longTerm":0.2}"#, 15);
        assert!(found > 0.6 && found > 3.0 * popular, "lag {lag}: attrec {found}, pop {popular}");
        let (mean, _) = hits("attrec", r#"{"factors":32,"targets":1,"longTerm":0.2,"attention":"mean"}"#, 15);
        assert!(found > mean + 0.05, "lag {lag}: {found} with attention, {mean} without");
        // The mean share of each of the last five places, over all users.
        let mut shares = [0.0; 5];
        for user in train.users.iter() {
            let weights = fitted.explain(user, "1").unwrap().weights;
            shares.iter_mut().zip(&weights[1].values).for_each(|(sum, share)| *sum += share / 600.0);
        }
        let most = (0..5).max_by(|&a, &b| shares[a].total_cmp(&shares[b])).unwrap();
        assert_eq!(most, 5 - lag, "lag {lag}: {shares:?}");
    }
}
