//! LRML: slots separate planted relations, every option learns, and new users get answers.

use crate::common::{fit, folded_trained_and_popular, generated, metrics, rated};
use std::sync::Arc;
use tastespace_data::{Interactions, RowBuilder};
use tastespace_models::Fitted;
use tastespace_models::registry::Entry;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};
use tastespace_models::serve::slots::SlotsOptions;

fn lrml(options: &str, train: &Arc<Interactions>, epochs: u32) -> Fitted {
    fit(Entry::find("lrml").unwrap(), options, train, 1, epochs).unwrap().0
}

const TASTES: &str = r#"{"users":500,"items":200,"ratings":20000,"choice":3,"popularity":0.3,"seed":2}"#;
const SMALL: &str = r#""factors":16,"slots":6,"batchSize":500,"negatives":3"#;

/// Every tenth row, and the others.
fn parts(data: &Interactions) -> (Arc<Interactions>, Interactions) {
    (Arc::new(data.filtered(|row| row % 10 != 0)), data.filtered(|row| row % 10 == 0))
}

#[test]
fn every_option_beats_popularity() {
    let (train, test) = parts(&generated(TASTES));
    let auc = |fitted: &Fitted| metrics(fitted, &test, None).unwrap().values["auc"];
    let popularity = auc(&fit(Entry::find("pop").unwrap(), "{}", &train, 0, 1).unwrap().0);
    for options in [
        "",
        r#","relation":"shared""#,
        r#","distance":"euclidean","temperature":0.1"#,
        r#","distance":"absolute","temperature":1"#,
        r#","loss":"hinge","margin":0.5"#,
        r#","corrupt":"user""#,
        r#","corrupt":"both""#,
        r#","sampling":"popularity""#,
        r#","corrupt":"user","sampling":"popularity","popularityExponent":0.5"#,
        r#","optimizer":"adam","learningRate":0.01"#,
        r#","optimizer":"sgd","learningRate":0.005"#,
        r#","relationRadius":0.3"#,
        r#","gradientClip":0.05,"penalty":0.01"#,
        r#","radius":2"#,
        r#","radius":0"#,
    ] {
        let found = auc(&lrml(&format!("{{{SMALL}{options}}}"), &train, 15));
        assert!(found > popularity + 0.05, "{options}: {found}, popularity {popularity}");
    }
}

#[test]
fn vectors_stay_in_the_ball_and_relations_too() {
    let (train, _) = parts(&generated(TASTES));
    let fitted = lrml(&format!(r#"{{{SMALL},"radius":0.8,"relationRadius":0.1}}"#), &train, 5);
    let tensors = fitted.model().tensors();
    for tensor in tensors.iter().filter(|tensor| tensor.name.ends_with("vectors")) {
        for row in tensor.values.chunks(16) {
            assert!(row.iter().map(|x| x * x).sum::<f32>().sqrt() < 0.8 + 1e-5, "{}", tensor.name);
        }
    }
    // A relation is no longer than its radius.
    for item in ["1", "17", "200"] {
        let explained = fitted.explain("3", item).unwrap();
        let (score, still) = (explained.parts[0].1 + explained.parts[1].1, explained.parts[0].1);
        assert!(((-score).sqrt() - (-still).sqrt()).abs() < 0.1 + 1e-4, "{explained:?}");
    }
}

/// Users of 36 kinds. Each kind likes one of six kinds of films and one of six kinds of books, in every combination, so that films
/// and books need different relations. Films have even numbers, books odd ones.
fn films_and_books() -> Interactions {
    let mut builder = RowBuilder::new(None);
    for user in 0..216u32 {
        let likes = [user % 6, user / 6 % 6];
        for item in 0..96u32 {
            let kind = item / 2 % 6;
            if likes[(item % 2) as usize] == kind && (user * 7 + item * 13) % 5 < 3 {
                builder.push(&user.to_string(), &item.to_string(), None, None).unwrap();
            }
        }
    }
    builder.finish()
}

/// The kind of a film or of a book, 0 to 11.
fn kind(item: &str) -> u32 {
    let item: u32 = item.parse().unwrap();
    item % 2 * 6 + item / 2 % 6
}

/// Attention that separates pairs from the start, and relations that start at zero.
const SHARP: &str =
    r#"{"factors":8,"slots":12,"negatives":8,"batchSize":256,"initialKeyLength":8,"relationRadius":0}"#;

/// The attention of an item's pairs to the slots identifies its kind: the nearest other item by attention is of the same kind.
#[test]
fn slots_separate_planted_relations() {
    let train = Arc::new(films_and_books());
    let (fitted, columns) = (lrml(SHARP, &train, 40), train.columns());
    let items: Vec<&str> = train.items.iter().collect();
    let mut profiles = vec![[0.0f32; 12]; items.len()];
    let mut counts = vec![0.0f32; items.len()];
    for (&user, &item) in columns.users.iter().zip(&columns.items) {
        let user = train.users.iter().nth(user as usize).unwrap();
        let explained = fitted.explain(user, items[item as usize]).unwrap();
        let weights = &explained.weights[0].values;
        profiles[item as usize].iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        counts[item as usize] += 1.0;
    }
    for (profile, count) in profiles.iter_mut().zip(counts) {
        profile.iter_mut().for_each(|weight| *weight /= count);
    }
    let apart = |a: usize, b: usize| {
        profiles[a].iter().zip(&profiles[b]).map(|(x, y)| (x - y).abs()).sum::<f32>() / 2.0
    };
    let nearest = |item: usize| {
        let others = (0..items.len()).filter(|&other| other != item);
        others.min_by(|&a, &b| apart(item, a).total_cmp(&apart(item, b))).unwrap()
    };
    let right = (0..items.len()).filter(|&item| kind(items[nearest(item)]) == kind(items[item])).count();
    let far: f32 = (1..items.len()).map(|item| apart(0, item)).fold(0.0, f32::max);
    // By chance seven in ninety-five.
    assert!(right * 10 >= items.len() * 9, "{right} of {}", items.len());
    assert!(far > 0.3, "the attention of all items is similar: {far}");
}

/// The typical items of a slot are of one kind, and its words name that kind.
#[test]
fn slots_are_described_by_items_and_words() {
    use tastespace_data::{FeaturesOptions, FeaturesReader};
    let mut reader = FeaturesReader::new(FeaturesOptions::default()).unwrap();
    let lines: String =
        (0..96).map(|item| format!("{item} kind-{} all\n", kind(&item.to_string()))).collect();
    reader.append(lines.as_bytes()).unwrap();
    let train = films_and_books().with_features(reader.finish(None).unwrap()).unwrap();
    let fitted = lrml(SHARP, &Arc::new(train), 40);
    let slots = fitted.slots(&SlotsOptions { k: 4 }).unwrap();
    assert_eq!(slots.len(), 12);
    assert!(slots.is_sorted_by(|a, b| a.share >= b.share));
    assert!((slots.iter().map(|slot| slot.share).sum::<f32>() - 1.0).abs() < 1e-4);
    let items: Vec<&str> = fitted.catalogue().items.iter().collect();
    let (mut same_kind, mut named) = (0, 0);
    for slot in &slots {
        let kinds: Vec<u32> = slot.items.iter().map(|&(item, _)| kind(items[item as usize])).collect();
        same_kind += kinds.iter().filter(|&&other| other == kinds[0]).count();
        let typical = format!("kind-{}", kinds[0]);
        let (_, times) = slot.words.iter().find(|(word, _)| *word == "all").unwrap_or(&slot.words[0]);
        assert!(*times > 0.99, "{slot:?}");
        named += usize::from(slot.words.iter().any(|(word, _)| *word == typical));
        assert_eq!((slot.words.len(), slot.pairs.len()), (4, 4));
        let (user, item, weight) = slot.pairs[0];
        let explained = fitted.model().explain(user, item, &[]).unwrap();
        assert_eq!(explained.weights[0].values[slot.slot as usize - 1], weight);
    }
    // By chance 15 of 48, and four of the twelve.
    assert!(
        same_kind > 24 && named > 10,
        "{same_kind} typical items are of the first one's kind, {named} kinds are named"
    );
    assert_eq!(
        fit(Entry::find("pop").unwrap(), "{}", &Arc::new(films_and_books()), 0, 1)
            .unwrap()
            .0
            .slots(&SlotsOptions::default())
            .unwrap_err()
            .code(),
        "model/unsupported"
    );
}

#[test]
fn a_new_user_is_served_nearly_as_well_as_a_trained_one() {
    let options = format!("{{{SMALL}}}");
    let [placed, learnt, popularity] =
        folded_trained_and_popular(&generated(TASTES), 400, &|train| lrml(&options, train, 15));
    assert!(placed > learnt - 0.03, "{placed}, in training {learnt}");
    assert!(placed > popularity + 0.05, "{placed}, by popularity {popularity}");
}

#[test]
fn histories_of_nothing_and_of_everything_have_answers() {
    let train = Arc::new(generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#));
    for options in ["{}", r#"{"distance":"absolute"}"#, r#"{"corrupt":"user"}"#, r#"{"corrupt":"both"}"#] {
        let fitted = lrml(options, &train, 3);
        let all = RecommendOptions { k: 100, seen: Seen::Include, ..Default::default() };
        let everything: Vec<String> = (1..=40).map(|item| item.to_string()).collect();
        let everything: Vec<&str> = everything.iter().map(String::as_str).collect();
        for history in [&[][..], &["7"], &everything[..]] {
            let ranked = fitted.recommend_for(history, &[], &all).unwrap();
            assert_eq!(ranked.items.len(), 40, "{options}");
            assert!(ranked.scores.iter().all(|score| score.is_finite()), "{options}");
        }
        let lists = |history: &[&str]| fitted.recommend_for(history, &[], &all).unwrap();
        assert_eq!(lists(&["3", "9", "3"]), lists(&["9", "3"]), "the same items give the same place");
    }
    // One user who has all there is leaves nothing to draw.
    for corrupt in ["item", "user", "both"] {
        let (fitted, losses) = fit(
            Entry::find("lrml").unwrap(),
            &format!(r#"{{"corrupt":"{corrupt}"}}"#),
            &rated(&[("a", "x", 1.0), ("a", "y", 1.0)]),
            0,
            2,
        )
        .unwrap();
        assert_eq!(losses, [0.0, 0.0], "{corrupt}");
        assert!(fitted.predict(&["a"], &["x"]).unwrap()[0].is_finite());
    }
}
