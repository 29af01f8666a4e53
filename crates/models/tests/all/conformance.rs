//! Requirements of every registered kind.

use crate::common::{UNWATCHED, fit, generated, metrics, rated};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};
use tastespace_data::{Interactions, RowBuilder};
use tastespace_models::contract::kind::Task;
use tastespace_models::contract::trainer::Control;
use tastespace_models::evaluate::{Beside, EvaluateOptions, evaluate, evaluate_until};
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};
use tastespace_models::{Fit, Fitted};

/// Options for data as small as it is here; the defaults where they do.
fn options(entry: &Entry) -> &'static str {
    match entry.kind {
        "glocal-k" => {
            r#"{"hidden":[40,40],"weightPenalty":3,"pretrainEpochs":15,"identity":true,"globalDeviation":0.01}"#
        }
        _ => "{}",
    }
}

fn small() -> Arc<Interactions> {
    Arc::new(generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#))
}

fn trained(entry: &'static Entry) -> Fitted {
    fit(entry, options(entry), &small(), 1, 3).unwrap().0
}

fn bytes(fitted: &Fitted) -> Vec<u8> {
    file::write(fitted, &WriteOptions::default())
}

#[test]
fn the_loss_falls() {
    for entry in REGISTRY {
        let epochs = entry.describe()["epochs"].as_u64().unwrap().min(20) as u32;
        let (fitted, losses) = fit(entry, options(entry), &small(), 1, epochs).unwrap();
        assert!(losses.iter().all(|loss| loss.is_finite()), "{}", entry.kind);
        if epochs > 1 {
            assert!(losses.last() < losses.first(), "{}: {losses:?}", entry.kind);
        }
        assert_eq!(fitted.training().epochs, epochs);
    }
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_others() {
    for entry in REGISTRY {
        assert_eq!(bytes(&trained(entry)), bytes(&trained(entry)), "{}", entry.kind);
        let (other, _) = fit(entry, options(entry), &small(), 2, 3).unwrap();
        assert_ne!(bytes(&trained(entry)), bytes(&other), "{}: the seed is at least on record", entry.kind);
    }
}

/// Users of one parity like items of that parity and no others; the diagonal is held out.
#[test]
fn a_checkerboard_is_recovered() {
    let rating = |user: u32, item: u32| if (user + item).is_multiple_of(2) { 5.0 } else { 1.0 };
    let mut builder = RowBuilder::new(None);
    for user in 0..40u32 {
        for item in (0..40u32).filter(|&item| item != user) {
            builder.push(&user.to_string(), &item.to_string(), Some(rating(user, item)), None).unwrap();
        }
    }
    let train = Arc::new(builder.finish());
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Rating && entry.kind != "bias") {
        let (fitted, _) = fit(entry, options(entry), &train, 0, 60).unwrap();
        let ids: Vec<String> = (0..40).map(|id: u32| id.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for prediction in fitted.predict(&ids, &ids).unwrap() {
            assert!(prediction > 4.0, "{}: {prediction} on the diagonal of fives", entry.kind);
        }
        // 19 items of the other parity and none of one's own: the diagonal's comes first.
        let ranked = fitted.recommend(&ids, &RecommendOptions { k: 1, ..Default::default() }).unwrap();
        assert_eq!(ranked.items, (0..40).collect::<Vec<u32>>(), "{}", entry.kind);
        let similar =
            fitted.similar_items(&["4"], &SimilarOptions { k: 5, ..SimilarOptions::default() }).unwrap();
        assert!(similar.items.iter().all(|item| item.is_multiple_of(2)), "{}: {similar:?}", entry.kind);
    }
}

#[test]
fn a_file_gives_the_same_model_back() {
    for entry in REGISTRY {
        let before = trained(entry);
        let after = file::read("m", &bytes(&before)).unwrap();
        assert_eq!(bytes(&before), bytes(&after), "{}", entry.kind);
        let (users, items) = (["1", "2", "60"], ["40", "1", "7"]);
        assert_eq!(before.predict(&users, &items).unwrap(), after.predict(&users, &items).unwrap());
        let options = RecommendOptions::default();
        assert_eq!(before.recommend(&users, &options).unwrap(), after.recommend(&users, &options).unwrap());
    }
}

#[test]
fn unknown_ids_are_refused_by_code() {
    for entry in REGISTRY {
        let fitted = trained(entry);
        let code = |error: tastespace_models::ModelError| error.code();
        assert_eq!(fitted.predict(&["nobody"], &["1"]).map_err(code), Err("model/unknown-user"));
        assert_eq!(fitted.predict(&["1"], &["nothing"]).map_err(code), Err("model/unknown-item"));
        assert_eq!(fitted.predict(&["1"], &[]).map_err(code), Err("model/unequal-pairs"));
        let options = RecommendOptions::default();
        assert_eq!(fitted.recommend(&["nobody"], &options).map_err(code), Err("model/unknown-user"));
        let similar = fitted.similar_items(&["nothing"], &SimilarOptions::default());
        assert_eq!(similar.map_err(code), Err("model/unknown-item"));
    }
}

#[test]
fn recommendations_exclude_seen_items_and_end_with_the_catalogue() {
    let train = small();
    for entry in REGISTRY {
        let fitted = trained(entry);
        let users: Vec<&str> = train.users.iter().collect();
        let all = RecommendOptions { k: 1000, seen: Seen::Include, ..Default::default() };
        let unseen = RecommendOptions { k: 1000, ..Default::default() };
        let (all, unseen) =
            (fitted.recommend(&users, &all).unwrap(), fitted.recommend(&users, &unseen).unwrap());
        let history = fitted.catalogue().history.as_ref().unwrap();
        let mut from = 0;
        for (user, &end) in unseen.ends.iter().enumerate() {
            let items = &unseen.items[from..end as usize];
            let seen = history.of(user as u32);
            assert_eq!(items.len() + seen.len(), train.items.len());
            assert!(items.iter().all(|item| !seen.contains(item)), "{}", entry.kind);
            let scores = &unseen.scores[from..end as usize];
            assert!(scores.is_sorted_by(|a, b| a >= b), "{}", entry.kind);
            from = end as usize;
            assert_eq!(all.ends[user] as usize, (user + 1) * train.items.len());
        }
    }
}

#[test]
fn scores_of_all_items_are_the_predictions() {
    for entry in REGISTRY {
        let fitted = trained(entry);
        let items = fitted.catalogue().items.len();
        let users: Vec<u32> = (0..21).collect();
        let mut scores = vec![0.0; users.len() * items];
        // In two blocks, the second of which is not whole.
        let (mut scorer, half) = (fitted.model().scorer(&users), items / 2 + 1);
        for block in [0..half, half..items] {
            let mut part = vec![0.0; users.len() * block.len()];
            scorer.score(block.clone(), &mut part);
            for (row, part) in scores.chunks_mut(items).zip(part.chunks(block.len())) {
                row[block.clone()].copy_from_slice(part);
            }
        }
        for (row, &user) in scores.chunks(items).zip(&users) {
            let mut predictions = vec![0.0; items];
            fitted.model().predict(
                &vec![user; items],
                &(0..items as u32).collect::<Vec<_>>(),
                &mut predictions,
            );
            for (score, prediction) in row.iter().zip(predictions) {
                // Sums of 64 products below 1 in another order.
                assert!((score - prediction).abs() < 1e-5, "{}: {score} {prediction}", entry.kind);
            }
        }
    }
}

#[test]
fn the_smallest_data_sets_train_and_the_empty_one_is_refused() {
    for entry in REGISTRY {
        let one = rated(&[("u", "i", 4.0)]);
        let (fitted, _) = fit(entry, options(entry), &one, 0, 2).unwrap();
        let score = fitted.predict(&["u"], &["i"]).unwrap()[0];
        assert!(entry.task == Task::Ranking || (score - 4.0).abs() < 0.1, "{}", entry.kind);
        assert!(fitted.recommend(&["u"], &RecommendOptions::default()).unwrap().items.is_empty());
        assert_eq!(bytes(&file::read("m", &bytes(&fitted)).unwrap()), bytes(&fitted));

        let empty = Arc::new(RowBuilder::new(None).finish());
        let error = fit(entry, options(entry), &empty, 0, 1).err().unwrap();
        assert_eq!(error.code(), "dataset/empty", "{}", entry.kind);
        let validated =
            Fit::new(entry, entry.check(options(entry)).unwrap(), one, Some(empty), 0, &any_amount);
        assert_eq!(validated.err().unwrap().code(), "dataset/empty");
    }
}

#[test]
fn rating_models_want_ratings() {
    let mut builder = RowBuilder::new(None);
    builder.push("u", "i", None, None).unwrap();
    let choices = Arc::new(builder.finish());
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Rating) {
        let error = fit(entry, options(entry), &choices, 0, 1).err().unwrap();
        assert_eq!(error.code(), "dataset/needs-ratings", "{}", entry.kind);
        let error = metrics(&trained(entry), &choices, None).unwrap_err();
        assert_eq!(error.code(), "dataset/needs-ratings", "{}", entry.kind);
    }
}

/// Three items: the test item of a is ranked first, and c is unknown.
#[test]
fn ranking_excludes_seen_items_and_unknown_users() {
    let train = rated(&[("a", "x", 1.0), ("b", "x", 1.0), ("b", "y", 1.0), ("d", "z", 1.0), ("d", "y", 1.0)]);
    let test = rated(&[("a", "y", 1.0), ("b", "z", 1.0), ("c", "x", 1.0), ("a", "new", 1.0)]);
    let (fitted, _) = fit(Entry::find("pop").unwrap(), "{}", &train, 0, 1).unwrap();
    let all = metrics(&fitted, &test, None).unwrap();
    assert_eq!((all.rows, all.cold), (3, 1));
    // a: y (2 rows) before z (1 row), and the unknown item last. b: only z is left.
    assert_eq!((all.values["hr@10"], all.values["recall@10"], all.values["mrr"]), (1.0, 0.75, 1.0));
    let exclude = Some(&*rated(&[("a", "y", 1.0)])).cloned();
    let beside = Beside { given: None, exclude: exclude.as_ref() };
    let left =
        evaluate(&fitted, &test, beside, &EvaluateOptions { k: vec![1], ..EvaluateOptions::default() })
            .unwrap();
    assert_eq!(left.values["hr@1"], 0.5, "a's y was left out, and nothing else of a's is known");
}

/// Held-out users without given interactions: there is nothing to average, and nothing to choose an epoch by.
#[test]
fn metrics_without_any_user_are_absent_and_validation_by_them_is_refused() {
    let (train, unknown) = (rated(&[("a", "x", 1.0), ("b", "y", 1.0)]), rated(&[("c", "x", 1.0)]));
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Ranking) {
        let (fitted, _) = fit(entry, options(entry), &train, 0, 1).unwrap();
        let measured = metrics(&fitted, &unknown, None).unwrap();
        assert_eq!(
            (measured.rows, measured.cold, measured.values.iter().count()),
            (0, 1, 0),
            "{}",
            entry.kind
        );
        let given = Some(&*rated(&[("c", "y", 1.0)])).cloned();
        assert!(metrics(&fitted, &unknown, given.as_ref()).unwrap().values.get("hr@10").is_some());
        let checked = entry.check(options(entry)).unwrap();
        let mut fit = Fit::new(entry, checked, train.clone(), Some(unknown.clone()), 0, &any_amount).unwrap();
        let error = fit.train_epoch(UNWATCHED).unwrap_err();
        assert_eq!(error.code(), "dataset/no-known-users", "{}", entry.kind);
    }
}

#[test]
fn too_little_memory_is_refused_before_training_starts() {
    for entry in REGISTRY {
        let error =
            Fit::new(entry, entry.check(options(entry)).unwrap(), small(), None, 0, &|_| 1000).err().unwrap();
        assert_eq!(error.code(), "memory/too-large", "{}", entry.kind);
        assert!(error.details()["neededBytes"].as_u64().unwrap() > 1000);
    }
}

#[test]
fn cancelling_keeps_the_last_whole_epoch() {
    for entry in REGISTRY {
        let mut fit =
            Fit::new(entry, entry.check(options(entry)).unwrap(), small(), None, 1, &any_amount).unwrap();
        fit.train_epoch(UNWATCHED).unwrap();
        let (cancel, progress) = (AtomicI32::new(1), AtomicU32::new(0));
        let error = fit.train_epoch(Control { cancel: &cancel, progress: &progress }).unwrap_err();
        assert_eq!(error.code(), "cancelled", "{}", entry.kind);
        let kept = fit.finish().unwrap();
        let (expected, _) = crate::common::fit(entry, options(entry), &small(), 1, 1).unwrap();
        assert_eq!(bytes(&kept), bytes(&expected), "{}", entry.kind);
    }
}

#[test]
fn an_evaluation_can_be_cancelled() {
    let cancel = AtomicI32::new(1);
    for entry in REGISTRY {
        let (fitted, _) = crate::common::fit(entry, options(entry), &small(), 0, 1).unwrap();
        let control = Control { cancel: &cancel, progress: &AtomicU32::new(0) };
        let (test, beside, options) = (small(), Beside::default(), EvaluateOptions::default());
        let error = evaluate_until(&fitted, &test, beside, &options, control).unwrap_err();
        assert_eq!(error.code(), "cancelled", "{}", entry.kind);
    }
}

#[test]
fn the_best_epoch_on_validation_is_kept() {
    let rows = generated(r#"{"users":80,"items":60,"ratings":1500,"seed":5}"#);
    let part = |keep: fn(usize) -> bool| {
        let rows_of: Vec<u32> = (0..rows.len() as u32).filter(|&row| keep(row as usize)).collect();
        Arc::new(rows.select(&rows_of))
    };
    let (train, validation) = (part(|row| row % 5 != 0), part(|row| row % 5 == 0));
    for entry in REGISTRY {
        // A rate that overfits soon, where there is a rate, and no start that could be chosen.
        let overfitting = r#"{"learningRate":0.1,"penalty":0,"mean":false}"#;
        let options = if entry.kind == "biased-mf" { overfitting } else { options(entry) };
        let checked = entry.check(options).unwrap();
        let mut fit =
            Fit::new(entry, checked, train.clone(), Some(validation.clone()), 1, &any_amount).unwrap();
        let reports: Vec<_> = (0..8).map(|_| fit.train_epoch(UNWATCHED).unwrap()).collect();
        let errors: Vec<f64> = reports
            .iter()
            .map(|report| report.validation.as_ref().unwrap().values[&report.metric[..]])
            .collect();
        let loss = |epoch: usize| if entry.task == Task::Rating { errors[epoch] } else { -errors[epoch] };
        let best = (0..8).min_by(|&a, &b| loss(a).total_cmp(&loss(b))).unwrap();
        let kept = fit.finish().unwrap();
        assert_eq!(kept.training().epochs as usize, best + 1, "{}: {errors:?}", entry.kind);
        let kept = metrics(&kept, &validation, None).unwrap();
        assert_eq!(kept.values[&reports[0].metric[..]], errors[best]);
        if entry.kind == "biased-mf" {
            assert!(best < 7, "it was to overfit: {errors:?}");
        }
    }
}

#[test]
fn cold_rows_are_predicted_from_the_known_side() {
    let train = rated(&[("a", "x", 5.0), ("a", "y", 4.0), ("b", "x", 2.0), ("b", "y", 1.0)]);
    let test = rated(&[("a", "x", 5.0), ("a", "new", 4.0), ("c", "y", 3.0), ("c", "new", 3.0)]);
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Rating) {
        let (fitted, _) = fit(entry, options(entry), &train, 0, 3).unwrap();
        let all = metrics(&fitted, &test, None).unwrap();
        assert_eq!((all.rows, all.cold), (4, 3), "{}", entry.kind);
        let mut out = [0.0; 3];
        let unknown = tastespace_models::contract::model::UNKNOWN;
        fitted.predict_indices(&[unknown, 0, 1], &[unknown, unknown, unknown], &mut out);
        // The autoencoder's output for a row of zeros, averaged over all users, is near the mean.
        let tolerance = if entry.kind == "glocal-k" { 0.5 } else { 1e-6 };
        assert!((out[0] - 3.0).abs() < tolerance, "{}: the mean, {}", entry.kind, out[0]);
        assert!(out[1] > out[2], "{}: a gives more than b", entry.kind);
    }
}

/// Other ways to train than those of `properties.rs`. SVD++ takes the implicit part out of a user's vector and puts it back.
#[test]
fn continued_biased_mf_equals_uninterrupted_training() {
    let (train, entry, ids) = (small(), Entry::find("biased-mf").unwrap(), ["1", "7", "60"]);
    for (options, tolerance) in
        [(r#"{"factors":5,"implicit":true}"#, 1e-4), (r#"{"factors":5,"optimizer":"als"}"#, 0.0)]
    {
        let (first, _) = fit(entry, options, &train, 1, 2).unwrap();
        let mut more = Fit::resume(&first, &train, None, 1, &any_amount).unwrap();
        (0..3).for_each(|_| drop(more.train_epoch(UNWATCHED).unwrap()));
        let (whole, more) = (fit(entry, options, &train, 1, 5).unwrap().0, more.finish().unwrap());
        assert_eq!(more.training(), whole.training());
        let both = more.predict(&ids, &["1", "2", "3"]).unwrap().into_iter();
        for (a, b) in both.zip(whole.predict(&ids, &["1", "2", "3"]).unwrap()) {
            assert!((a - b).abs() <= tolerance, "{options}: {a} {b}");
        }
    }
}

/// More groups than users and items leave most of them empty; one group is one block, on one thread.
#[test]
fn the_number_of_blocks_is_an_option_of_the_model() {
    let train = small();
    for entry in ["biased-mf", "bpr"].map(|kind| Entry::find(kind).unwrap()) {
        let digests = [1, 3, 8, 256].map(|blocks| {
            let options = format!(r#"{{"factors":8,"blocks":{blocks}}}"#);
            let (fitted, losses) = fit(entry, &options, &train, 1, 4).unwrap();
            assert!(losses.last() < losses.first(), "{} {options}: {losses:?}", entry.kind);
            let read = file::read("m", &bytes(&fitted)).unwrap();
            assert_eq!(read.info()["options"]["blocks"], blocks);
            let (whole, _) = fit(entry, &options, &train, 1, 5).unwrap();
            let mut more = Fit::resume(&read, &train, None, 1, &any_amount).unwrap();
            more.train_epoch(UNWATCHED).unwrap();
            assert_eq!(bytes(&more.finish().unwrap()), bytes(&whole), "{} {options}", entry.kind);
            bytes(&fitted)
        });
        assert!((1..4).all(|at| !digests[..at].contains(&digests[at])), "{}", entry.kind);
        for value in ["0", "257", "2.5"] {
            let error = entry.check(&format!(r#"{{"blocks":{value}}}"#)).unwrap_err();
            assert!(error.code().starts_with("config/"), "{error}");
        }
    }
}

#[test]
fn new_users_join_and_old_users_stay() {
    let old = rated(&[("ann", "x", 5.0), ("ann", "y", 1.0), ("bob", "x", 4.0), ("bob", "y", 2.0)]);
    let new = rated(&[("cid", "x", 5.0), ("cid", "z", 1.0), ("ann", "y", 2.0)]);
    for entry in REGISTRY {
        let (before, _) = fit(entry, options(entry), &old, 0, 3).unwrap();
        let mut more = Fit::resume(&before, &new, None, 0, &any_amount).unwrap();
        more.train_epoch(UNWATCHED).unwrap();
        let after = more.finish().unwrap();
        let catalogue = after.catalogue();
        assert_eq!(catalogue.users.iter().collect::<Vec<_>>(), ["ann", "bob", "cid"], "{}", entry.kind);
        assert_eq!(catalogue.items.iter().collect::<Vec<_>>(), ["x", "y", "z"]);
        // The pair that came again counts once.
        assert_eq!((&catalogue.user_rows[..], &catalogue.item_rows[..]), (&[2, 2, 2][..], &[3, 2, 1][..]));
        let history = catalogue.history.as_ref().unwrap();
        assert_eq!(history.rows(0), [(0, 5.0), (1, 2.0)]);
        assert_eq!(history.rows(2), [(0, 5.0), (2, 1.0)]);
        assert_eq!(bytes(&file::read("m", &bytes(&after)).unwrap()), bytes(&after));
        if entry.kind == "biased-mf" {
            let of = |fitted: &Fitted| fitted.predict(&["bob"], &["y"]).unwrap()[0];
            assert!((of(&before) - of(&after)).abs() < 0.1, "bob had no new ratings");
        }
    }
}

#[test]
fn a_new_user_gets_the_ratings_of_a_trained_one() {
    let data = generated(r#"{"users":400,"items":120,"ratings":16000,"seed":4}"#);
    let people: Vec<u32> =
        (0..data.len() as u32).filter(|&row| data.columns().users[row as usize] < 300).collect();
    let folded_trained_and_popular: Vec<u32> =
        (0..data.len() as u32).filter(|&row| data.columns().users[row as usize] >= 300).collect();
    let (given, asked): (Vec<u32>, Vec<u32>) =
        folded_trained_and_popular.iter().partition(|&&row| row % 2 == 0);
    let mut known = people.clone();
    known.extend(&given);
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Rating) {
        let epochs = entry.describe()["epochs"].as_u64().unwrap().min(60) as u32;
        let rmse = |train: &[u32], given: Option<&[u32]>| {
            let (fitted, _) = fit(entry, options(entry), &Arc::new(data.select(train)), 0, epochs).unwrap();
            let given = given.map(|rows| data.select(rows));
            metrics(&fitted, &data.select(&asked), given.as_ref()).unwrap()
        };
        let (folded, trained, cold) = (rmse(&people, Some(&given)), rmse(&known, None), rmse(&people, None));
        assert_eq!((folded.cold, cold.cold), (0, asked.len()), "{}", entry.kind);
        let rmse = |of: &tastespace_models::evaluate::Metrics| of.values["rmse"];
        assert!(rmse(&folded) < rmse(&trained) + 0.02, "{}: {folded:?} {trained:?}", entry.kind);
        assert!(rmse(&folded) < rmse(&cold) - 0.05, "{}: {folded:?} {cold:?}", entry.kind);
    }
}

#[test]
fn the_order_of_a_new_users_items_matters_to_sequential_kinds_only() {
    for entry in REGISTRY {
        let fitted = trained(entry);
        let options = RecommendOptions { k: 40, ..Default::default() };
        let one = fitted.recommend_for(&["1", "2", "9"], &[5.0, 1.0, 3.0], &options).unwrap();
        let other = fitted.recommend_for(&["9", "1", "2"], &[3.0, 5.0, 1.0], &options).unwrap();
        assert_eq!(one == other, !entry.sequential, "{}", entry.kind);
        assert_eq!(one.items.len(), 37);
        let liked = fitted.recommend_for(&["1"], &[], &options).unwrap();
        assert_eq!(
            liked,
            fitted.recommend_for(&["1"], &[5.0], &options).unwrap(),
            "no rating is the highest"
        );
        assert!(fitted.recommend_for(&[], &[], &options).is_ok());
    }
}

#[test]
fn explanations_add_up() {
    for entry in REGISTRY {
        let fitted = trained(entry);
        let mut score = [0.0];
        fitted.model().predict(&[2], &[5], &mut score);
        let explanation = fitted.explain("3", "6").unwrap();
        let sum: f32 = explanation.parts.iter().map(|(_, value)| value).sum();
        assert!((sum - score[0]).abs() < 1e-5, "{}: {explanation:?} for {score:?}", entry.kind);
        assert!(explanation.items.is_sorted_by(|a, b| a.1.abs() >= b.1.abs()));
        assert_eq!(fitted.explain("nobody", "1").unwrap_err().code(), "model/unknown-user");
    }
}

/// If the user embedding is the ridge regression of the ratings, the contributions add up to the product.
#[test]
fn the_items_of_an_explanation_add_up_to_the_taste() {
    let entry = Entry::find("biased-mf").unwrap();
    let options = r#"{"optimizer":"als","factors":4,"biasPenalty":10}"#;
    let (fitted, _) = fit(entry, options, &small(), 0, 30).unwrap();
    let explanation = fitted.explain("3", "6").unwrap();
    let taste: f32 = explanation.parts.iter().skip(3).map(|(_, value)| value).sum();
    let items: f32 = explanation.items.iter().map(|(_, value)| value).sum();
    // The vector and the bias were solved together and the items moved once more since.
    assert!((taste - items).abs() < 0.05, "{taste} {items}");
    assert!(taste.abs() > 0.05, "something to explain: {taste}");
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let entry = Entry::find("biased-mf").unwrap();
    for (options, key) in
        [(r#"{"implicit":true,"optimizer":"als"}"#, "implicit"), (r#"{"dense":true}"#, "dense")]
    {
        let error = entry.check(options).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &key.into()));
    }
}
