//! Splits: properties of all rules, and of each one.

mod common;

use common::{made_of, read, rows};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tastespace_data::{DataError, Interactions, Parts, RowBuilder, SplitOptions, split};

fn by(options: &str, data: &Interactions) -> Result<Parts, DataError> {
    // Text that is not a JSON object is the text of a rule.
    let json = if options.starts_with('{') { options.to_owned() } else { json!(options).to_string() };
    split(data, &SplitOptions::from_json(&json)?, None)
}

/// (user, item) of each row. A data set contains no pair twice, so pairs identify rows.
fn pairs(part: Option<&Interactions>) -> Vec<(String, String)> {
    let rows = part.map(rows).unwrap_or_default();
    rows.iter().map(|&(user, item, ..)| (user.to_owned(), item.to_owned())).collect()
}

/// The disjoint parts.
fn disjoint(parts: &Parts) -> [Option<&Interactions>; 5] {
    [
        Some(&parts.train),
        parts.validation.as_ref(),
        parts.test.as_ref(),
        parts.validation_given.as_ref(),
        parts.test_given.as_ref(),
    ]
}

fn some_rows() -> impl Strategy<Value = Interactions> {
    let row = (0..12u32, 0..15u32, 1..=5u8, 0..6u8);
    let rows = prop::collection::vec(row, 1..150);
    rows.prop_map(|rows| {
        let rows: Vec<_> = rows.iter().map(|&(u, i, r, t)| (u, i, r.into(), t.into())).collect();
        made_of(&rows)
    })
}

fn some_rule() -> impl Strategy<Value = String> {
    let rule = prop::sample::select(vec![
        "random:0.2",
        "random:0.2;validation=true",
        "per-user:0.6,0.2,0.2",
        "per-user:0.5,0.5;validation=0.3",
        "per-user:0.6,0.2,0.2;min=5;validation=false",
        "leave-one-out",
        "leave-one-out;validation=true",
        "leave-one-out;validation=true;order=rows",
        "time:0.3",
        "time:0.3;validation=0.5",
        "user:0.3",
        "user:0.3;validation=0.4;given=0.8",
        "kfold:3;fold=1;validation=0.2",
    ]);
    (rule, 0..4u32).prop_map(|(rule, seed)| match rule.starts_with("leave") || rule.starts_with("time") {
        true => rule.to_owned(),
        false => format!("{rule};seed={seed}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn parts_are_disjoint_cover_the_data_and_keep_order(data in some_rows(), rule in some_rule()) {
        let Ok(parts) = by(&rule, &data) else {
            // Too few rows are refused, for any seed.
            return Ok(());
        };
        let all = pairs(Some(&data));
        let mut seen = BTreeSet::new();
        for part in disjoint(&parts).into_iter().flatten() {
            let found = pairs(Some(part));
            prop_assert!(!found.is_empty());
            let positions: Vec<_> = found.iter().map(|pair| all.iter().position(|other| other == pair)).collect();
            prop_assert!(positions.is_sorted() && positions.iter().all(Option::is_some), "{:?}", positions);
            for pair in found {
                prop_assert!(seen.insert(pair));
            }
            prop_assert!(Arc::ptr_eq(&part.users, &data.users) && Arc::ptr_eq(&part.items, &data.items));
            prop_assert_eq!(part.range(), data.range());
        }
        if !rule.contains("min=") {
            prop_assert_eq!(seen.len(), data.len());
        }
        // The data for the final training is everything except test, in row order.
        let test: BTreeSet<_> = [parts.test.as_ref(), parts.test_given.as_ref()].into_iter().flat_map(pairs).collect();
        let rest: Vec<_> = all.into_iter().filter(|pair| seen.contains(pair) && !test.contains(pair)).collect();
        match &parts.train_and_validation {
            Some(whole) => prop_assert_eq!(pairs(Some(whole)), rest),
            None => prop_assert_eq!(pairs(Some(&parts.train)), rest),
        }
        prop_assert_eq!(parts.validation.is_some(), parts.train_and_validation.is_some());
        if rule.starts_with("per-user") || rule.starts_with("leave-one-out") {
            let trained: BTreeSet<_> = pairs(Some(&parts.train)).into_iter().map(|(user, _)| user).collect();
            prop_assert!(pairs(parts.test.as_ref()).iter().all(|(user, _)| trained.contains(user)));
        }
        // The same options give the same parts.
        let again = by(&rule, &data).unwrap();
        prop_assert!(disjoint(&parts).map(pairs) == disjoint(&again).map(pairs));
    }
}

/// Users 1, 2, 3 with one, two and three rows, and 4 with five, two of them at the same time.
fn few() -> Interactions {
    made_of(&[
        (1, 1, 3.0, 9.0),
        (2, 2, 3.0, 8.0),
        (2, 1, 3.0, 2.0),
        (3, 1, 3.0, 1.0),
        (3, 2, 3.0, 3.0),
        (3, 3, 3.0, 2.0),
        (4, 5, 3.0, 7.0),
        (4, 4, 3.0, 7.0),
        (4, 3, 3.0, 6.0),
        (4, 2, 3.0, 5.0),
        (4, 1, 3.0, 4.0),
    ])
}

fn named(part: &Option<Interactions>) -> Vec<String> {
    pairs(part.as_ref()).iter().map(|(user, item)| format!("{user}-{item}")).collect()
}

#[test]
fn leave_one_out_orders_by_time_then_row() {
    let parts = by("leave-one-out;validation=true", &few()).unwrap();
    assert_eq!(named(&parts.test), ["2-2", "3-2", "4-4"]);
    assert_eq!(named(&parts.validation), ["3-3", "4-5"]);
    assert_eq!(parts.train.len(), 6);
    let parts = by("leave-one-out;order=rows", &few()).unwrap();
    assert_eq!(named(&parts.test), ["2-1", "3-3", "4-1"]);
    assert_eq!(parts.validation.map(|part| part.len()), None);
}

#[test]
fn latest_rows_are_held_out() {
    let parts = by("time:0.2;validation=0.5", &few()).unwrap();
    assert_eq!(named(&parts.test), ["1-1", "2-2"]);
    // Four and a half of the other nine, rounded up; of two rows at one second the later in the file.
    assert_eq!(named(&parts.validation), ["4-5", "4-4", "4-3", "4-2", "4-1"]);
}

#[test]
fn fractions_of_users_rows_are_rounded() {
    let sizes = |rows: u32, rule: &str| {
        let rows: Vec<_> = (0..rows).map(|item| (1, item, 1.0, 0.0)).collect();
        by(rule, &made_of(&rows)).map(|parts| {
            let len = |part: &Option<Interactions>| part.as_ref().map_or(0, Interactions::len);
            [parts.train.len(), len(&parts.validation), len(&parts.test)]
        })
    };
    for (rows, expected) in
        [(3, [1, 1, 1]), (4, [2, 1, 1]), (5, [3, 1, 1]), (7, [5, 1, 1]), (8, [4, 2, 2]), (100, [60, 20, 20])]
    {
        assert_eq!(sizes(rows, "per-user:0.6,0.2,0.2").unwrap(), expected, "{rows}");
    }
    assert_eq!(sizes(10, "per-user:0.6,0.2,0.2;validation=false").unwrap(), [8, 0, 2]);
    assert_eq!(sizes(10, "per-user:0.6,0.2,0.2;validation=true").unwrap(), [6, 2, 2]);
    assert_eq!(sizes(10, "per-user:0.6,0.2,0.2;validation=0.5").unwrap(), [4, 4, 2]);
    assert_eq!(sizes(20, "per-user:0.8,0.2;validation=true").unwrap(), [14, 2, 4]);
    let error = sizes(4, "per-user:0.6,0.2,0.2;min=5").unwrap_err();
    assert_eq!((error.code(), &error.details()["needed"]), ("split/too-few-rows", &json!(5)), "{error}");
}

#[test]
fn users_with_few_rows_are_left_out() {
    let parts = by("per-user:0.6,0.2,0.2;min=5", &few()).unwrap();
    let users: BTreeSet<String> =
        disjoint(&parts).into_iter().flat_map(pairs).map(|(user, _)| user).collect();
    assert_eq!(Vec::from_iter(users), ["4"]);
}

#[test]
fn held_out_users_give_a_fraction_of_their_rows() {
    let rows: Vec<_> =
        (0..50).flat_map(|user| (0..=user % 7).map(move |item| (user, item, 1.0, 0.0))).collect();
    let parts = by("user:0.2;given=0.5;validation=0.1", &made_of(&rows)).unwrap();
    let counts = |part: Option<&Interactions>| {
        let mut counts = BTreeMap::new();
        for (user, _) in pairs(part) {
            *counts.entry(user).or_insert(0usize) += 1;
        }
        counts
    };
    let trained = counts(Some(&parts.train));
    for (asked, given, users) in [
        (parts.test.as_ref(), parts.test_given.as_ref(), 10),
        (parts.validation.as_ref(), parts.validation_given.as_ref(), 4),
    ] {
        let (asked, given) = (counts(asked), counts(given));
        assert_eq!(asked.len(), users);
        for (user, asked) in asked {
            let all = user.parse::<usize>().unwrap() % 7 + 1;
            assert_eq!((asked, given.get(&user).copied().unwrap_or(0)), (all - all / 2, all / 2));
            assert!(!trained.contains_key(&user));
        }
    }
    assert_eq!(trained.len(), 36);
}

#[test]
fn folds_hold_all_rows_once() {
    let data = made_of(&(0..23).map(|row| (row, 1, 1.0, 0.0)).collect::<Vec<_>>());
    let mut all: Vec<_> = (0..5)
        .flat_map(|fold| {
            let test = by(&format!("kfold:5;fold={fold};seed=3"), &data).unwrap().test;
            assert!([4, 5].contains(&test.as_ref().unwrap().len()));
            pairs(test.as_ref())
        })
        .collect();
    all.sort();
    let mut expected = pairs(Some(&data));
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(by("kfold:24", &data).unwrap_err().code(), "split/too-few-rows");
}

#[test]
fn seeds_decide() {
    let data = made_of(&(0..400).map(|row| (row / 8, row % 8, 1.0, 0.0)).collect::<Vec<_>>());
    for rule in ["random:0.2", "per-user:0.8,0.2", "user:0.2", "kfold:5"] {
        let test = |seed: u32| pairs(by(&format!("{rule};seed={seed}"), &data).unwrap().test.as_ref());
        assert!(test(1) == test(1) && test(1) != test(2), "{rule}");
    }
    // Test rows do not depend on whether there is a validation part.
    for rule in ["random:0.2", "per-user:0.8,0.2", "user:0.2", "kfold:5", "time:0.2", "leave-one-out"] {
        let test = |rest: &str| pairs(by(&format!("{rule}{rest}"), &data).unwrap().test.as_ref());
        assert!(test("") == test(";validation=true"), "{rule}");
    }
}

#[test]
fn errors_name_what_is_missing() {
    let mut builder = RowBuilder::new(None);
    for (user, item) in [("a", "x"), ("a", "y"), ("b", "x")] {
        builder.push(user, item, None, None).unwrap();
    }
    let data = builder.finish();
    for (rule, code, part) in [
        ("leave-one-out", "dataset/needs-timestamps", "order = \"rows\""),
        ("time:0.5", "dataset/needs-timestamps", "another rule"),
        ("leave-one-out;order=rows;validation=true", "split/too-few-rows", "no user has the 3 rows"),
        ("user:0.1", "split/too-few-rows", "2 users are too few"),
        ("per-user:0.9,0.1", "split/too-few-rows", "no user has the 5 rows"),
        ("per-user:0.9,0.1;min=9", "split/too-few-rows", "no user has the 9 rows"),
        ("kfold:5", "split/too-few-rows", "3 rows are too few"),
        ("kfold:5", "split/too-few-rows", "a test part of 0.2 of them"),
    ] {
        let error = by(rule, &data).unwrap_err();
        assert_eq!(error.code(), code, "{rule}: {error}");
        assert!(error.to_string().contains(part), "{rule}: {error}");
    }
    assert_eq!(by("leave-one-out;order=rows", &data).unwrap().test.map(|test| test.len()), Some(1));
}

#[test]
fn titles_survive_a_split() {
    let data = tastespace_data::synthetic::generate(&Default::default()).unwrap().data;
    for rule in ["random", "leave-one-out", "user"] {
        let parts = by(rule, &data).unwrap();
        for part in disjoint(&parts).into_iter().flatten() {
            let table = part.item_table.as_ref().expect("titles are kept");
            assert_eq!(table.align(&part.items).titled(), 600);
        }
    }
    let (train, test) = (read("1,1,3\n1,3,2\n").unwrap(), read("1,2,3\n").unwrap());
    let mut titled = train.clone();
    titled.item_table = data.item_table.clone();
    let options = SplitOptions::from_json(r#""file""#).unwrap();
    for (train, test) in [(&titled, &test), (&test, &titled)] {
        let parts = split(train, &options, Some(test)).unwrap();
        for part in [&parts.train, parts.test.as_ref().unwrap()] {
            // Titles are looked up by id, so the union of two catalogues has all of them.
            assert_eq!(part.item_table.as_ref().unwrap().align(&part.items).titled(), 3);
        }
    }
}
