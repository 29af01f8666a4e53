//! Files in half precision, and with the strongest weights only.

use crate::common::{fit, generated};
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_models::Fitted;
use tastespace_models::contract::explanation::Entity;
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::serve::file::{self, Precision, WriteOptions};

fn data() -> Arc<Interactions> {
    Arc::new(generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#))
}

fn scores(fitted: &Fitted) -> Vec<f32> {
    let pairs: Vec<(u32, u32)> = (0..60).flat_map(|user| (0..40).map(move |item| (user, item))).collect();
    let (users, items): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
    let mut scores = vec![0.0; users.len()];
    fitted.model().predict(&users, &items, &mut scores);
    scores
}

#[test]
fn half_precision_rounds_the_scores_of_every_kind_and_is_stable() {
    let half = WriteOptions { precision: Precision::Half, ..WriteOptions::default() };
    for entry in REGISTRY {
        let (fitted, _) = fit(entry, "{}", &data(), 1, 3).unwrap();
        let bytes = file::write(&fitted, &half);
        let whole = file::write(&fitted, &WriteOptions::default());
        let after = file::read("m", &bytes).unwrap();
        assert_eq!(file::write(&after, &half), bytes, "{}", entry.kind);
        assert!(file::bytes(&fitted, &half) >= bytes.len() as u64, "{}", entry.kind);
        if entry.kind != "pop" {
            assert!(bytes.len() < whole.len(), "{}", entry.kind);
        }
        let (before, rounded) = (scores(&fitted), scores(&after));
        let size = before.iter().fold(0.0, |most: f32, score| most.max(score.abs()));
        for (a, b) in before.iter().zip(&rounded) {
            assert!((a - b).abs() <= 0.02 * size, "{}: {a} became {b}", entry.kind);
        }
    }
}

#[test]
fn the_strongest_weights_give_the_scores_if_they_are_all() {
    for kind in ["ease", "item-knn"] {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), "{}", &data(), 1, 1).unwrap();
        let with = |weights| WriteOptions { weights: Some(weights), ..WriteOptions::default() };
        let all = file::read("m", &file::write(&fitted, &with(1000))).unwrap();
        assert_eq!(scores(&all), scores(&fitted), "{kind}");
        let mut similar = [vec![0.0; 40], vec![0.0; 40]];
        fitted.model().item_similarity(3, &[], &mut similar[0]).unwrap();
        all.model().item_similarity(3, &[], &mut similar[1]).unwrap();
        similar.iter_mut().for_each(|of| of[3] = 0.0);
        assert_eq!(similar[0], similar[1], "{kind}");

        let bytes = file::write(&fitted, &with(5));
        assert!(bytes.len() < file::write(&fitted, &with(20)).len());
        let few = file::read("m", &bytes).unwrap();
        assert_eq!(file::write(&few, &WriteOptions::default()), bytes, "{kind}");
        // Of one item's weights, those that are left are the largest.
        let weights = |fitted: &Fitted| {
            let mut of_item = vec![0.0; 40];
            fitted.new_user_scores(&[(7, 5.0)], &mut of_item).unwrap();
            of_item
        };
        let (before, after) = (weights(&fitted), weights(&few));
        let left: Vec<f32> = after.iter().copied().filter(|&weight| weight != 0.0).collect();
        assert_eq!(left.len(), 5, "{kind}");
        let least = left.iter().fold(f32::INFINITY, |least, weight| least.min(weight.abs()));
        for (a, b) in before.iter().zip(&after) {
            assert!(a == b || (*b == 0.0 && a.abs() <= least), "{kind}: {a} became {b}");
        }
    }
}

#[test]
fn weights_are_those_between_items() {
    let options = WriteOptions { weights: Some(5), ..WriteOptions::default() };
    for entry in REGISTRY {
        let refused = options.check(entry).map_err(|error| error.code());
        let expected = if entry.item_weights { Ok(()) } else { Err("model/unsupported") };
        assert_eq!(refused, expected, "{}", entry.kind);
    }
}

#[test]
fn scores_of_a_history_are_explained_by_every_kind() {
    let history = [("3", 5.0), ("17", 4.0), ("30", 3.0), ("17", 4.0)];
    let (items, ratings): (Vec<&str>, Vec<f32>) = history.into_iter().unzip();
    for entry in REGISTRY {
        let (fitted, _) = fit(entry, "{}", &data(), 1, 3).unwrap();
        let explained = fitted.explain_for(&items, &ratings, &["9", "12"]).unwrap();
        assert_eq!(explained.len(), 2);
        let catalogue = fitted.catalogue();
        let index = |id: &str| catalogue.items.get(id).unwrap();
        let scored = |rows: &[(u32, f32)]| {
            let mut scores = vec![0.0; catalogue.items.len()];
            fitted.new_user_scores(rows, &mut scores).unwrap();
            scores[index("12") as usize]
        };
        let rows: Vec<(u32, f32)> =
            items.iter().zip(&ratings).map(|(id, &rating)| (index(id), rating)).collect();
        let score = scored(&rows);
        assert_eq!(explained[1].parts, [("score".to_owned(), score)], "{}", entry.kind);
        assert_eq!(explained[1].items.len(), 3, "{}", entry.kind);
        for &(item, value) in &explained[1].items {
            let rest: Vec<_> = rows.iter().copied().filter(|&(other, _)| other != item).collect();
            assert_eq!(value, score - scored(&rest), "{}", entry.kind);
        }
        // Attention is over the items in the order of their last use.
        let inputs = ["3", "30", "17"].map(|id| Entity::Item(index(id)));
        for table in &explained[1].weights {
            let items: Vec<_> =
                table.columns.iter().filter(|entity| matches!(entity, Entity::Item(_))).collect();
            assert_eq!(items, inputs.iter().collect::<Vec<_>>(), "{}", entry.kind);
            for row in table.values.chunks_exact(table.columns.len()) {
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{}: {row:?}", entry.kind);
            }
        }
        assert_eq!(!explained[1].weights.is_empty(), ["attrec", "sasrec"].contains(&entry.kind));
        let unknown = fitted.explain_for(&["nothing"], &[], &["9"]).map_err(|error| error.code());
        assert_eq!(unknown.err(), Some("model/unknown-item"));
        // A single item is all that there is to go by.
        assert_eq!(fitted.explain_for(&["3"], &[5.0], &["9"]).unwrap()[0].items.len(), 1, "{}", entry.kind);
    }
}
