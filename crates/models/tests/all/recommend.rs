//! Candidates, and items that are never recommended.

use crate::common::{fit, generated};
use std::sync::Arc;
use tastespace_models::registry::REGISTRY;
use tastespace_models::serve::recommend::{Ranked, RecommendOptions};
use tastespace_options::OptionSet;

fn options(text: &str) -> RecommendOptions {
    RecommendOptions::parse("recommend", text).unwrap()
}

/// The list of each query: items and the bits of their scores.
fn lists(ranked: &Ranked) -> Vec<Vec<(u32, u32)>> {
    let mut from = 0;
    let list = |&end: &u32| {
        let places = from..end as usize;
        from = end as usize;
        places.map(|place| (ranked.items[place], ranked.scores[place].to_bits())).collect()
    };
    ranked.ends.iter().map(list).collect()
}

#[test]
fn lists_contain_only_candidates() {
    // More than one block of items.
    let train = Arc::new(generated(r#"{"users":90,"items":700,"ratings":6000,"seed":3}"#));
    let id = |item: &u32| train.items.id(*item).to_owned();
    for entry in REGISTRY {
        let (fitted, _) = fit(entry, "{}", &train, 1, 2).unwrap();
        let users: Vec<&str> = train.users.iter().take(70).collect();
        let all = lists(&fitted.recommend(&users, &options(r#"{"k":1000}"#)).unwrap());
        let shared: Vec<u32> = (0..700).filter(|item| item % 9 < 2 || (600..640).contains(item)).collect();
        let filter: Vec<u32> = (0..700).filter(|item| item % 13 == 0).collect();
        let each: Vec<Vec<u32>> = (0..users.len() as u32)
            .map(|user| (0..700).filter(|item| (item + user) % 50 == 3).collect())
            .collect();
        let ids = |items: &[u32]| serde_json::json!(items.iter().map(id).collect::<Vec<_>>());
        let each_ids: Vec<_> = each.iter().map(|items| ids(items)).collect();
        for (json, wanted) in [
            (serde_json::json!({ "k": 7, "exclude": ids(&filter) }), None),
            (
                serde_json::json!({ "k": 7, "candidates": ids(&shared) }),
                Some(vec![shared.clone(); users.len()]),
            ),
            (serde_json::json!({ "k": 7, "candidates": each_ids, "exclude": ids(&filter) }), Some(each)),
        ] {
            let filter: &[u32] = if json["exclude"].is_null() { &[] } else { &filter };
            let got = lists(&fitted.recommend(&users, &options(&json.to_string())).unwrap());
            for (user, (got, all)) in got.iter().zip(&all).enumerate() {
                let has = |item: &u32| wanted.as_ref().is_none_or(|lists| lists[user].contains(item));
                let expected = all.iter().filter(|(item, _)| has(item) && !filter.contains(item)).take(7);
                assert_eq!(*got, expected.copied().collect::<Vec<_>>(), "{}, user {user}", entry.kind);
            }
        }
        // A user's list does not depend on the other users, and a new user gets no excluded item.
        let alone = lists(&fitted.recommend(&users[3..4], &options(r#"{"k":1000}"#)).unwrap());
        assert_eq!(alone[0], all[3], "{}", entry.kind);
        let json = serde_json::json!({ "candidates": ids(&shared), "exclude": [id(&1)] });
        let new = fitted.recommend_for(&[&id(&0), &id(&5)], &[], &options(&json.to_string())).unwrap();
        assert!(
            new.items.iter().all(|item| shared.contains(item) && ![0, 1].contains(item)),
            "{}",
            entry.kind
        );
    }
}

#[test]
fn unknown_items_and_wrong_numbers_of_lists_are_refused_by_name() {
    let train = Arc::new(generated(r#"{"users":20,"items":10,"ratings":90}"#));
    let (fitted, _) = fit(&REGISTRY[0], r#"{"factors":2}"#, &train, 0, 1).unwrap();
    for (json, code, part) in [
        (r#"{"candidates":["1","nothing"]}"#, "model/unknown-item", "'nothing'"),
        (r#"{"exclude":["none"]}"#, "model/unknown-item", "'none'"),
        (r#"{"candidates":[["1"]]}"#, "config/out-of-range", "or 2 lists, one for each user"),
    ] {
        let error = fitted.recommend(&["1", "2"], &options(json)).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(part), "{error}");
    }
    for json in
        [r#"{"candidates":[1]}"#, r#"{"candidates":"1"}"#, r#"{"exclude":[["1"]]}"#, r#"{"seen":["1"]}"#]
    {
        let error = RecommendOptions::parse("recommend", json).unwrap_err();
        assert_eq!(error.code(), "config/wrong-type", "{json}");
    }
    let none = fitted.recommend(&["1"], &options(r#"{"candidates":[]}"#)).unwrap();
    assert!(none.items.is_empty());
}
