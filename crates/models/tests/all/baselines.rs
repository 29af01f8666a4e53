//! Baselines against an independent program (`test/fixtures/make/baselines.py`), and on planted, and
//! against their figures on real data.

use crate::common::{UNWATCHED, fit, generated, metrics, numbers, rated, vocabulary};
use serde_json::Value;
use std::sync::Arc;
use tastespace_data::{
    Columns, FilterOptions, Interactions, Reader, ReaderOptions, RowBuilder, SplitOptions, Vocabulary,
    filter, split,
};
use tastespace_models::Fit;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};

#[test]
fn results_match_an_independent_program() {
    let golden: Value =
        serde_json::from_str(include_str!("../../../../test/fixtures/baselines.json")).unwrap();
    let rows: Vec<Vec<f64>> = golden["rows"].as_array().unwrap().iter().map(numbers).collect();
    let columns = Columns {
        users: rows.iter().map(|row| row[0] as u32).collect(),
        items: rows.iter().map(|row| row[1] as u32).collect(),
        ..Columns::default()
    };
    let (users, items) = (vocabulary(&golden["users"]), vocabulary(&golden["items"]));
    let train = Arc::new(Interactions::new(users.clone(), items, columns, None));
    for case in golden["cases"].as_array().unwrap() {
        let kind = case["kind"].as_str().unwrap();
        let expected = match &case["losses"] {
            Value::Null => vec![case["loss"].as_f64().unwrap()],
            losses => numbers(losses),
        };
        let (entry, options) = (Entry::find(kind).unwrap(), case["options"].to_string());
        let seed = golden["seed"].as_u64().unwrap();
        let (fitted, losses) = fit(entry, &options, &train, seed, expected.len() as u32).unwrap();
        for (loss, expected) in losses.iter().zip(expected) {
            assert!((loss - expected).abs() < 1e-5, "{kind}: loss {loss} for {expected}");
        }
        let mut scores = vec![0.0; train.items.len()];
        for (user, expected) in (0..).zip(case["scores"].as_array().unwrap()) {
            fitted.model().scorer(&[user]).score(0..train.items.len(), &mut scores);
            for (score, expected) in scores.iter().zip(numbers(expected)) {
                // Weights and rows of order 1, a hundred steps at most.
                assert!(
                    (f64::from(*score) - expected).abs() < 2e-5,
                    "{kind}, user {user}: {score} {expected}"
                );
            }
        }
    }
}

/// Users of one parity have all items of that parity but one, which differs from user to user.
#[test]
fn items_of_similar_users_are_ranked_first() {
    let pairs = (0..40u32).flat_map(|user| (0..40u32).map(move |item| (user, item)));
    let had = pairs.filter(|(user, item)| user != item && (user + item).is_multiple_of(2));
    let rows: Vec<(String, String)> = had.map(|(user, item)| (user.to_string(), item.to_string())).collect();
    let train = rated(&rows.iter().map(|(user, item)| (&user[..], &item[..], 1.0)).collect::<Vec<_>>());
    for kind in ["ease", "item-knn", "bpr"] {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), "{}", &train, 0, 60).unwrap();
        let users: Vec<&str> = train.users.iter().collect();
        let ranked = fitted.recommend(&users, &RecommendOptions { k: 1, ..Default::default() }).unwrap();
        let best: Vec<&str> = ranked.items.iter().map(|&item| train.items.id(item)).collect();
        assert_eq!(best, users, "{kind}");
        let similar =
            fitted.similar_items(&["4"], &SimilarOptions { k: 5, ..SimilarOptions::default() }).unwrap();
        let parities = similar.items.iter().map(|&item| train.items.id(item).parse::<u32>().unwrap() % 2);
        assert_eq!(parities.collect::<Vec<u32>>(), [0; 5], "{kind}");
        // A new user with a few of them gets others of the same group.
        let options = RecommendOptions { k: 17, ..Default::default() };
        let new = fitted.recommend_for(&["3", "9", "21"], &[], &options).unwrap();
        let odd = new.items.iter().filter(|&&item| train.items.id(item).parse::<u32>().unwrap() % 2 == 1);
        assert_eq!(odd.count(), 17, "{kind}");
        let reasons = fitted.explain("6", "8").unwrap().items;
        assert!(reasons.iter().take(5).all(|&(_, value)| value > 0.0), "{kind}: {reasons:?}");
    }
}

/// Recent interactions weigh more, so that an item of today passes one of last year.
#[test]
fn popularity_can_decay_with_age() {
    let day = 86_400.0;
    let mut rows = RowBuilder::new(None);
    for (user, item, days) in [("a", "old", 0.0), ("b", "old", 0.0), ("c", "old", 5.0), ("a", "new", 10.0)] {
        rows.push(user, item, None, Some(1e9 + days * day)).unwrap();
    }
    let data = Arc::new(rows.finish());
    let entry = Entry::find("pop").unwrap();
    let scores = |options: &str| {
        let (fitted, _) = fit(entry, options, &data, 0, 1).unwrap();
        fitted.predict(&["a", "a"], &["old", "new"]).unwrap()
    };
    assert_eq!(scores("{}"), [3.0, 1.0]);
    assert_eq!(scores(r#"{"halfLife":null}"#), [3.0, 1.0]);
    for (found, expected) in scores(r#"{"halfLife":5}"#).into_iter().zip([0.25 + 0.25 + 0.5, 1.0]) {
        assert!((found - expected).abs() < 1e-6);
    }
    assert!(scores(r#"{"halfLife":2}"#)[0] < 0.3);

    for value in ["0", "-1"] {
        let error = entry.check(&format!(r#"{{"halfLife":{value}}}"#)).unwrap_err();
        assert_eq!(error.code(), "config/out-of-range", "{error}");
    }
    let (fitted, _) = fit(entry, r#"{"halfLife":5}"#, &data, 0, 1).unwrap();
    let error = Fit::resume(&fitted, &data, None, 0, &any_amount).err().unwrap();
    assert_eq!(error.code(), "model/unsupported", "{error}");
}

#[test]
fn a_half_life_needs_times() {
    let mut rows = RowBuilder::new(None);
    rows.push("a", "x", None, None).unwrap();
    let data = Arc::new(rows.finish());
    for kind in ["pop", "ials"] {
        let error = fit(Entry::find(kind).unwrap(), r#"{"halfLife":5}"#, &data, 0, 1).err().unwrap();
        assert_eq!(error.code(), "dataset/needs-timestamps");
        let expected = "halfLife needs the time of every row, and the data has none: leave out the option halfLife, or name";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

/// Scores depend on the user's items, and new interactions are trained with all old ones.
#[test]
fn continuing_a_closed_form_computes_it_from_all_rows() {
    let data = generated(r#"{"users":50,"items":30,"ratings":600,"seed":2}"#);
    let part = |from, to| data.select(&(from..to).collect::<Vec<u32>>());
    let bytes = |fitted: &tastespace_models::Fitted| {
        let mut after = std::collections::BTreeMap::new();
        for tensor in fitted.model().tensors() {
            after.insert(tensor.name, tensor.values.to_vec());
        }
        after
    };
    for kind in ["ease", "item-knn"] {
        let entry = Entry::find(kind).unwrap();
        let (first, _) = fit(entry, "{}", &Arc::new(part(0, 400)), 0, 1).unwrap();
        let resume = |from: &_| Fit::resume(from, &part(350, 600), None, 0, &any_amount);
        let mut more = resume(&first).unwrap();
        more.train_epoch(UNWATCHED).unwrap();
        let (whole, _) = fit(entry, "{}", &Arc::new(part(0, 600)), 0, 1).unwrap();
        assert_eq!(bytes(&more.finish().unwrap()), bytes(&whole), "{kind}");

        let without = file::write(&first, &WriteOptions { history: false, ..WriteOptions::default() });
        let without = file::read("m", &without).unwrap();
        assert_eq!(resume(&without).err().unwrap().code(), "model/no-history");
        assert_eq!(without.predict(&["1"], &["2"]).unwrap_err().code(), "model/no-history");
        assert_eq!(without.explain("1", "2").unwrap_err().code(), "model/no-history");
        let none = RecommendOptions { seen: Seen::Include, ..Default::default() };
        assert_eq!(without.recommend(&["1"], &none).unwrap_err().code(), "model/no-history");
        // Items are enough for a new user.
        assert_eq!(without.recommend_for(&["1", "2"], &[], &none).unwrap().items.len(), 10);
    }
}

#[test]
fn ease_refuses_a_catalogue_whose_square_does_not_fit() {
    let mut ids = Vocabulary::default();
    for item in 0..26_000 {
        ids.intern(&item.to_string());
    }
    let columns = Columns { users: vec![0], items: vec![0], ..Columns::default() };
    let data = Arc::new(Interactions::new(Arc::new(ids.clone()), Arc::new(ids), columns, None));
    let entry = Entry::find("ease").unwrap();
    let options = entry.check("{}").unwrap();
    let error = Fit::new(entry, options, data, None, 0, &|_| 2 << 30).err().unwrap();
    assert_eq!(error.code(), "memory/too-large");
    assert!(error.details()["neededBytes"].as_u64().unwrap() > 4 * 26_000 * 26_000, "{error}");
}

/// The bars of the published and measured figures: the last item of each user, the next-last left out of training.
#[test]
fn figures_on_movielens() {
    let folder = std::env::var("TASTESPACE_DATA").unwrap_or("../../../shared/data".to_owned());
    let Ok(bytes) = std::fs::read(format!("{folder}/ml-100k/u.data")) else {
        return eprintln!("skipped: {folder}/ml-100k/u.data is not there (TASTESPACE_DATA)");
    };
    let mut reader = Reader::new(ReaderOptions::default()).unwrap();
    reader.append(&bytes).unwrap();
    let options = SplitOptions::from_json(r#"{"by":"leave-one-out","validation":true}"#).unwrap();
    let parts = split(&reader.finish().unwrap(), &options, None).unwrap();
    let (train, test) = (Arc::new(parts.train), parts.test.unwrap());
    let validation = parts.validation.unwrap();
    for (kind, hr, ndcg) in [("pop", 0.086, 0.045), ("ease", 0.138, 0.070)] {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), "{}", &train, 0, 1).unwrap();
        let beside = tastespace_models::evaluate::Beside { given: None, exclude: Some(&validation) };
        let values = tastespace_models::evaluate::evaluate(&fitted, &test, beside, &Default::default())
            .unwrap()
            .values;
        assert!((values["hr@10"] - hr).abs() < 0.005, "{kind}: {}", values["hr@10"]);
        assert!((values["ndcg@10"] - ndcg).abs() < 0.005, "{kind}: {}", values["ndcg@10"]);
    }
}

/// Where tastes are planted, each is well ahead of popularity.
#[test]
fn baselines_beat_popularity_on_planted_tastes() {
    // Here ratings carry the tastes: which items a user rates does not.
    let data = generated(r#"{"users":800,"items":400,"ratings":100000}"#);
    let data = filter(&data, &FilterOptions::from_json(r#"{"positiveThreshold":4}"#).unwrap()).unwrap();
    let parts =
        split(&data, &SplitOptions::from_json(r#"{"by":"random","test":0.1}"#).unwrap(), None).unwrap();
    let (train, test) = (Arc::new(parts.train), parts.test.unwrap());
    let ndcg = |kind, epochs| {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), "{}", &train, 0, epochs).unwrap();
        metrics(&fitted, &test, None).unwrap().values["ndcg@10"]
    };
    let floor = ndcg("pop", 1);
    // Few epochs, because bpr overfits individual pairs later.
    for (kind, epochs) in [("ease", 1), ("item-knn", 1), ("bpr", 5)] {
        let value = ndcg(kind, epochs);
        assert!(value > 1.3 * floor, "{kind}: {value}, popularity {floor}");
    }
}
