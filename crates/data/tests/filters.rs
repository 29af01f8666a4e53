//! Filters: by time, by rating, by number of rows.

mod common;

use common::{made_of, read, rows};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use tastespace_data::{DataError, FilterOptions, Interactions, filter};

fn by(options: &str, data: &Interactions) -> Result<Interactions, DataError> {
    filter(data, &FilterOptions::from_json(options)?)
}

fn five() -> Interactions {
    made_of(&[
        (1, 7, 2.0, 0.0),
        (1, 8, 4.0, 86_400.0),
        (2, 7, 5.0, 86_399.0),
        (3, 7, 3.5, 9e5),
        (3, 9, 4.0, 1e6),
    ])
}

fn pairs(data: &Interactions) -> Vec<String> {
    rows(data).iter().map(|row| format!("{}-{}", row.0, row.1)).collect()
}

#[test]
fn ranges_of_time_have_an_end() {
    for (options, expected) in [
        (r#"{"from":86400}"#, &["1-8", "3-7", "3-9"][..]),
        (r#"{"until":"1970-01-02"}"#, &["1-7", "2-7"]),
        (r#"{"from":"1970-01-01T23:00","until":900000}"#, &["1-8", "2-7"]),
        ("{}", &["1-7", "1-8", "2-7", "3-7", "3-9"]),
    ] {
        assert_eq!(pairs(&by(options, &five()).unwrap()), expected, "{options}");
    }
}

#[test]
fn positives_become_choices_of_a_smaller_catalogue() {
    let found = by(r#"{"positiveThreshold":4}"#, &five()).unwrap();
    assert_eq!(pairs(&found), ["1-8", "2-7", "3-9"]);
    assert_eq!((found.columns().ratings.is_none(), found.range()), (true, (1.0, 1.0)));
    let found = by(r#"{"positiveThreshold":4,"from":1000000}"#, &five()).unwrap();
    assert_eq!((found.users.len(), found.items.len(), found.items.id(0)), (1, 1, "9"));
    // Without a threshold ratings and their range stay.
    assert_eq!(by(r#"{"from":1000000}"#, &five()).unwrap().range(), (2.0, 5.0));
}

#[test]
fn long_chains_unravel() {
    // Every user and item has two rows but the ends, which pull all others along.
    let rows: Vec<_> = (0..100_000u32).map(|row| (row / 2, row.div_ceil(2), 1.0, 0.0)).collect();
    let error = by(r#"{"core":2}"#, &made_of(&rows)).unwrap_err();
    assert_eq!((error.code(), &error.details()["rows"]), ("data/nothing-left", &json!(100_000)), "{error}");
}

#[test]
fn titles_and_features_stay() {
    let made = tastespace_data::synthetic::generate(&Default::default()).unwrap().data;
    let found = by(r#"{"core":20}"#, &made).unwrap();
    assert!(found.items.len() < 600);
    assert_eq!(found.item_table.as_ref().unwrap().align(&found.items).titled(), found.items.len());
}

#[test]
fn what_cannot_be_is_refused() {
    let plain = read("a,b\n").unwrap();
    for (options, code) in [
        (r#"{"from":0}"#, "dataset/needs-timestamps"),
        (r#"{"positiveThreshold":3}"#, "dataset/needs-ratings"),
        (r#"{"core":2}"#, "data/nothing-left"),
    ] {
        assert_eq!(by(options, &plain).unwrap_err().code(), code, "{options}");
    }
    for (options, code, key) in [
        (r#"{"from":"soon"}"#, "config/wrong-type", "from"),
        (r#"{"from":[1]}"#, "config/wrong-type", "from"),
        (r#"{"from":5,"until":5}"#, "config/out-of-range", "until"),
        (r#"{"positiveThreshold":1e300}"#, "config/out-of-range", "positiveThreshold"),
        (r#"{"core":-1}"#, "config/out-of-range", "core"),
        (r#"{"kcore":5}"#, "config/unknown-key", "kcore"),
    ] {
        let error = by(options, &five()).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), (code, &json!(key)), "{error}");
    }
}

proptest! {
    #[test]
    fn a_core_is_the_largest_in_which_all_have_enough(
        rows in prop::collection::vec((0..12u32, 0..12u32), 1..90), least in 1..5u32,
    ) {
        let data = made_of(&rows.iter().map(|&(u, i)| (u, i, 1.0, 0.0)).collect::<Vec<_>>());
        // Plainly: remove and count again until nothing changes.
        let mut expected = pairs(&data);
        loop {
            let mut counts = BTreeMap::new();
            let ends = |pair: &str| pair.split_once('-').map(|(u, i)| [format!("u{u}"), format!("i{i}")]).unwrap();
            for end in expected.iter().flat_map(|pair| ends(pair)) {
                *counts.entry(end).or_insert(0) += 1;
            }
            let before = expected.len();
            expected.retain(|pair| ends(pair).iter().all(|end| counts[end] >= least));
            if expected.len() == before {
                break;
            }
        }
        match by(&json!({ "core": least }).to_string(), &data) {
            Ok(found) => prop_assert_eq!(pairs(&found), expected),
            Err(error) => prop_assert!(expected.is_empty() && error.code() == "data/nothing-left"),
        }
    }
}

#[test]
fn items_known_by_features_alone_stay() {
    use tastespace_data::{FeaturesOptions, FeaturesReader};
    let mut reader = FeaturesReader::new(FeaturesOptions::default()).unwrap();
    reader.append(b"7 war\n9 love\n12 love\n5 war\n").unwrap();
    let data = five().with_features(reader.finish(None).unwrap()).unwrap();
    assert_eq!(data.items.iter().collect::<Vec<_>>(), ["5", "7", "8", "9", "12"]);
    assert_eq!(pairs(&data), pairs(&five()));
    // 9 is filtered out with its rows; 5 and 12 had none.
    let found = by(r#"{"positiveThreshold":4,"until":100000}"#, &data).unwrap();
    assert_eq!(found.items.iter().collect::<Vec<_>>(), ["5", "7", "8", "12"]);
    assert_eq!(pairs(&found), ["1-8", "2-7"]);
}
