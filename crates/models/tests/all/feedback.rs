//! Kinds of feedback: dislikes are no positives of a ranking model, and counts are no ratings.

use crate::common::{UNWATCHED, fit, metrics, rated};
use std::sync::Arc;
use tastespace_data::{Interactions, Reader, ReaderOptions};
use tastespace_models::contract::kind::Task;
use tastespace_models::evaluate::{Beside, EvaluateOptions, evaluate};
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::recommend::RecommendOptions;
use tastespace_models::{Fit, Fitted, ModelError};
use tastespace_options::OptionSet;

/// Ratings 1 and -1: users 0 to 14 like items 0 to 9 and dislike items 10 to 19, the others the reverse.
fn thumbs() -> Arc<Interactions> {
    let text = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/fixtures/thumbs.csv"));
    let mut reader = Reader::new(ReaderOptions::default()).unwrap();
    reader.append(text).unwrap();
    Arc::new(reader.finish().unwrap())
}

fn ranking_kinds() -> impl Iterator<Item = &'static Entry> {
    REGISTRY.iter().filter(|entry| entry.task == Task::Ranking)
}

fn trained(kind: &str, train: &Arc<Interactions>) -> Fitted {
    let entry = Entry::find(kind).unwrap();
    let options = if entry.sequential { r#"{"order":"rows"}"# } else { "{}" };
    // Early stopping ends training on so few rows after a few epochs.
    fit(entry, options, train, 0, 5).unwrap().0
}

/// The ids of the best items for a user.
fn best(fitted: &Fitted, user: &str, k: u32) -> Vec<u32> {
    let options = RecommendOptions { k, ..RecommendOptions::default() };
    let ranked = fitted.recommend(&[user], &options).unwrap();
    ranked.items.iter().map(|&item| fitted.catalogue().items.id(item).parse().unwrap()).collect()
}

#[test]
fn disliked_items_are_recommended_last() {
    let train = thumbs();
    for kind in ["ease", "item-knn", "bpr", "cml", "lrml"] {
        let fitted = trained(kind, &train);
        let rated = fitted.catalogue().history.as_ref().unwrap().of(0).to_vec();
        let liked = (0..10).filter(|id: &u32| !rated.contains(id)).count();
        let list = best(&fitted, "0", 20);
        assert!(list[..liked].iter().all(|&item| item < 10), "{kind}: {list:?}");
        // Dislikes are seen.
        assert_eq!(list.len(), 20 - rated.len(), "{kind}");
    }
}

#[test]
fn a_model_without_dislikes_in_its_data_equals_one_that_ignores_them() {
    let train = thumbs();
    let likes = Arc::new(train.positives().into_owned());
    for entry in ranking_kinds() {
        let [all, likes] = [&train, &likes].map(|data| trained(entry.kind, data));
        for (a, b) in all.model().tensors().iter().zip(likes.model().tensors()) {
            assert_eq!((&a.name, a.values), (&b.name, b.values), "{}", entry.kind);
        }
        let scores = |fitted: &Fitted| fitted.predict(&["0", "20"], &["3", "3"]).unwrap();
        assert_eq!(scores(&all), scores(&likes), "{}", entry.kind);
        let read = file::read("model", &file::write(&all, &WriteOptions::default())).unwrap();
        assert_eq!(scores(&read), scores(&likes), "{} from a file", entry.kind);
    }
}

#[test]
fn disliked_items_of_a_new_user_are_seen_and_no_positives() {
    for kind in ["ease", "item-knn", "cml", "lrml"] {
        let fitted = trained(kind, &thumbs());
        let options = RecommendOptions { k: 3, ..RecommendOptions::default() };
        let list = |items: &[&str], ratings: &[f32]| fitted.recommend_for(items, ratings, &options).unwrap();
        let (likes, both) = (list(&["1", "2"], &[1.0, 1.0]), list(&["1", "2", "15"], &[1.0, 1.0, -1.0]));
        assert_eq!(likes, both, "{kind}");
    }
}

#[test]
fn disliked_test_items_are_not_relevant() {
    let fitted = trained("ease", &thumbs());
    let test = rated(&[("0", "1", 1.0), ("0", "12", -1.0)]);
    let likes = rated(&[("0", "1", 1.0)]);
    let (found, expected) = (metrics(&fitted, &test, None).unwrap(), metrics(&fitted, &likes, None).unwrap());
    assert_eq!((found.values, found.rows, found.cold), (expected.values, 1, 0));
    let dislikes = rated(&[("0", "12", -1.0)]);
    assert_eq!(metrics(&fitted, &dislikes, None).unwrap_err().code(), "dataset/no-positives");
}

#[test]
fn every_kind_is_measured_on_the_users_with_a_liked_training_row() {
    let thumbs = thumbs();
    let columns = thumbs.columns();
    let row = |row: usize| {
        let rating = columns.ratings.as_ref().unwrap()[row];
        (thumbs.users.id(columns.users[row]), thumbs.items.id(columns.items[row]), rating)
    };
    let dislikes = [("50", "3", -1.0), ("50", "4", -1.0)];
    let train = rated(&(0..thumbs.len()).map(row).chain(dislikes).collect::<Vec<_>>());
    let test = rated(&[("0", "1", 1.0), ("20", "12", 1.0), ("50", "1", 1.0)]);
    let options = r#"{"task":"ranking","perUser":true,"metrics":["ndcg@10"]}"#;
    let options = EvaluateOptions::parse("evaluate", options).unwrap();
    for entry in REGISTRY {
        let fitted = trained(entry.kind, &train);
        let found = evaluate(&fitted, &test, Beside::default(), &options).unwrap();
        assert_eq!(found.per_user.unwrap().users, [0, 1], "{}", entry.kind);
        assert_eq!((found.rows, found.cold), (2, 1), "{}", entry.kind);
    }
}

#[test]
fn ranking_models_refuse_data_without_a_positive() {
    let (dislikes, likes) =
        (rated(&[("a", "x", -1.0), ("b", "y", -2.0)]), rated(&[("a", "x", 1.0), ("b", "y", 1.0)]));
    for entry in ranking_kinds() {
        let start = |train: &Arc<Interactions>, validation: Option<&Arc<Interactions>>| {
            let options = entry.check("{}").unwrap();
            Fit::new(entry, options, train.clone(), validation.cloned(), 0, &any_amount).err()
        };
        for error in [start(&dislikes, None), start(&likes, Some(&dislikes))] {
            let Some(error @ ModelError::NoPositives { .. }) = error else {
                panic!("{}: {error:?}", entry.kind);
            };
            assert!(error.to_string().contains("all 2 ratings"), "{error}");
        }
    }
}

#[test]
fn continued_training_takes_dislikes_as_seen_too() {
    let train = thumbs();
    for kind in ["ease", "pop", "bpr"] {
        let fitted = trained(kind, &train);
        let more = rated(&[("0", "1", 1.0), ("0", "19", -1.0)]);
        let mut fit = Fit::resume(&fitted, &more, None, 0, &any_amount).unwrap();
        fit.train_epoch(UNWATCHED).unwrap();
        let continued = fit.finish().unwrap();
        let catalogue = continued.catalogue();
        let item = |id| catalogue.items.get(id).unwrap();
        assert!(catalogue.history.as_ref().unwrap().of(0).contains(&item("19")), "{kind}");
        assert!(!catalogue.learned.as_ref().unwrap().of(0).contains(&item("19")), "{kind}");
        let before = fitted.catalogue().item_rows[item("19") as usize];
        assert_eq!(catalogue.item_rows[item("19") as usize], before, "{kind}");
    }
}

#[test]
fn rating_models_refuse_counts_unless_their_range_is_declared() {
    let plays: Vec<(String, f32)> = (0..200).map(|row| (row.to_string(), 1.0)).collect();
    let mut rows: Vec<(&str, &str, f32)> =
        plays.iter().map(|(item, count)| ("a", &item[..], *count)).collect();
    rows.push(("b", "0", 9000.0));
    let counts = rated(&rows);
    let declared = {
        let columns = counts.columns().clone();
        let range = Some((1.0, 9000.0));
        Arc::new(Interactions::new(counts.users.clone(), counts.items.clone(), columns, range))
    };
    for entry in REGISTRY {
        let start = |train: &Arc<Interactions>| {
            let options = if entry.sequential { r#"{"order":"rows"}"# } else { "{}" };
            Fit::new(entry, entry.check(options).unwrap(), train.clone(), None, 0, &any_amount).map(|_| ())
        };
        match (entry.task, start(&counts)) {
            (Task::Ranking, result) => result.unwrap(),
            (Task::Rating, result) => {
                let error = result.unwrap_err();
                assert_eq!(error.code(), "dataset/counts", "{}", entry.kind);
                assert!(error.to_string().contains("--rating-range 1,9000"), "{error}");
            }
        }
        start(&declared).unwrap();
    }
}

#[test]
fn a_ranking_model_reports_how_it_took_its_ratings() {
    let feedback = |fitted: &Fitted| fitted.info()["feedback"].clone();
    let reported = feedback(&trained("ease", &thumbs()));
    assert_eq!(
        (&reported["observed"], &reported["lowPositives"]),
        (&serde_json::json!([-1.0, 1.0]), &0.into())
    );
    assert!(reported["positives"].as_u64() < reported["ratings"].as_u64());
    assert!(feedback(&trained("bias", &thumbs())).is_null());
}
