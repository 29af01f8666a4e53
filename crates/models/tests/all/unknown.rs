//! Ids that the model does not know are an error, or skipped.

use crate::common::{fit, metrics, rated};
use tastespace_models::Fitted;
use tastespace_models::registry::Entry;
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::{Candidates, RecommendOptions};
use tastespace_models::serve::unknown::{PredictOptions, Unknown};

fn model(kind: &str) -> Fitted {
    let train = rated(&[
        ("a", "x", 5.0),
        ("a", "y", 4.0),
        ("b", "x", 3.0),
        ("b", "y", 2.0),
        ("b", "z", 1.0),
        ("c", "z", 4.0),
    ]);
    fit(Entry::find(kind).unwrap(), "{}", &train, 0, 2).unwrap().0
}

fn texts(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

#[test]
fn a_batch_goes_on_past_unknown_users_and_items() {
    let fitted = model("ease");
    let skip = RecommendOptions {
        unknown: Unknown::Skip,
        exclude: texts(&["sold-out", "y"]),
        ..RecommendOptions::default()
    };
    let strict = RecommendOptions { exclude: texts(&["y"]), ..RecommendOptions::default() };
    let ranked = fitted.recommend(&["nobody", "a", "noone", "c"], &skip).unwrap();
    let known = fitted.recommend(&["a", "c"], &strict).unwrap();
    assert_eq!((&ranked.items, &ranked.scores), (&known.items, &known.scores));
    assert_eq!(ranked.ends, [0, known.ends[0], known.ends[0], known.ends[1]]);
    for (users, exclude, code) in
        [(&["nobody"][..], &[][..], "model/unknown-user"), (&["a"], &["sold-out"], "model/unknown-item")]
    {
        let options = RecommendOptions { exclude: texts(exclude), ..RecommendOptions::default() };
        assert_eq!(fitted.recommend(users, &options).unwrap_err().code(), code);
    }
    let each = Candidates::Each(vec![texts(&["x"]), texts(&["z", "gone"]), texts(&["x", "y"])]);
    let options =
        RecommendOptions { unknown: Unknown::Skip, candidates: each, ..RecommendOptions::default() };
    let ranked = fitted.recommend(&["nobody", "a", "c"], &options).unwrap();
    assert_eq!(ranked.ends, [0, 1, 3]);
    assert_eq!(fitted.catalogue().items.id(ranked.items[0]), "z");
}

#[test]
fn unknown_items_of_a_history_are_left_out() {
    let fitted = model("ease");
    let skip = RecommendOptions { unknown: Unknown::Skip, ..RecommendOptions::default() };
    let list = |items: &[&str]| fitted.recommend_for(items, &[], &skip).unwrap();
    assert_eq!(
        list(&["gone", "x"]),
        fitted.recommend_for(&["x"], &[], &RecommendOptions::default()).unwrap()
    );
    assert_eq!((list(&["gone"]).items.len(), list(&["gone"]).ends), (0, vec![0]));
}

#[test]
fn ratings_outside_the_range_of_the_model_are_refused() {
    for kind in ["ease", "biased-mf"] {
        let fitted = model(kind);
        let options = RecommendOptions::default();
        let error = fitted.recommend_for(&["x", "y"], &[5.0, 10.0], &options).unwrap_err();
        assert_eq!(error.code(), "data/rating-out-of-range", "{kind}");
        assert!(error.to_string().contains("item 'y' with 10"), "{error}");
        fitted.recommend_for(&["x", "y"], &[5.0, f32::NAN], &options).unwrap();
    }
}

#[test]
fn predictions_of_skipped_pairs_are_not_numbers_and_lists_of_skipped_items_are_empty() {
    let fitted = model("ease");
    let (users, items) = (["a", "nobody", "a"], ["z", "z", "gone"]);
    assert_eq!(fitted.predict(&users, &items).unwrap_err().code(), "model/unknown-user");
    let found = fitted.predict_with(&users, &items, &PredictOptions { unknown: Unknown::Skip }).unwrap();
    assert_eq!(found.iter().map(|value| value.is_nan()).collect::<Vec<_>>(), [false, true, true]);
    let options = SimilarOptions { unknown: Unknown::Skip, ..SimilarOptions::default() };
    let similar = fitted.similar_items(&["gone", "x"], &options).unwrap();
    assert_eq!(similar.ends[0], 0);
    assert!(similar.ends[1] > 0);
}

#[test]
fn a_test_set_of_items_without_training_rows_has_no_metrics() {
    let fitted = model("ease");
    let cold = metrics(&fitted, &rated(&[("a", "new", 5.0), ("zed", "x", 5.0)]), None).unwrap();
    assert_eq!((cold.values.iter().count(), cold.rows, cold.cold), (0, 0, 2));
    let repeated = metrics(&fitted, &rated(&[("a", "x", 5.0), ("a", "z", 5.0)]), None).unwrap();
    assert_eq!((repeated.repeated, repeated.rows), (Some(1), 2));
}
