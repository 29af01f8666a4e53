//! CML on planted data: all options, new users, and items without interactions.

use crate::common::{UNWATCHED, fit, folded_trained_and_popular, metrics};
use std::sync::Arc;
use tastespace_data::synthetic::{Synthetic, generate};
use tastespace_data::{Interactions, SyntheticOptions};
use tastespace_models::contract::tensor::Axis;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::RecommendOptions;
use tastespace_models::{Fit, Fitted};

fn planted(options: &str) -> Synthetic {
    generate(&SyntheticOptions::from_json(options).unwrap()).unwrap()
}

fn cml(options: &str, train: &Arc<Interactions>, epochs: u32) -> Fitted {
    fit(Entry::find("cml").unwrap(), options, train, 1, epochs).unwrap().0
}

/// Every tenth row, and the others.
fn parts(data: &Interactions) -> (Arc<Interactions>, Interactions) {
    (Arc::new(data.filtered(|row| row % 10 != 0)), data.filtered(|row| row % 10 == 0))
}

const TASTES: &str = r#"{"users":500,"items":200,"ratings":20000,"choice":3,"popularity":0.3,"seed":2}"#;
/// Small, so that tests are short. Everyone likes half of what there is, so the hardest of many negatives is seldom one.
const SMALL: &str = r#""factors":16,"batchSize":1000,"negatives":2,"margin":0.5"#;

fn cosine(tastes: &[f32], factors: usize, a: u32, b: u32) -> f32 {
    let of = |index: u32| &tastes[index as usize * factors..][..factors];
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(of(a), of(b)) / (dot(of(a), of(a)) * dot(of(b), of(b))).sqrt()
}

#[test]
fn items_and_users_of_one_taste_lie_together() {
    let Synthetic { data, planted } = planted(TASTES);
    let fitted = cml(&format!("{{{SMALL}}}"), &Arc::new(data), 30);
    let (catalogue, factors) = (fitted.catalogue(), planted.options.factors as usize);
    let options = SimilarOptions { k: 5, ..SimilarOptions::default() };
    let items: Vec<&str> = catalogue.items.iter().collect();
    let similar = fitted.similar_items(&items, &options).unwrap().items;
    let near = |tastes: &[f32], similar: &[u32]| {
        let pairs = similar.iter().enumerate();
        let sum: f32 = pairs.map(|(at, &other)| cosine(tastes, factors, at as u32 / 5, other)).sum();
        sum / similar.len() as f32
    };
    let of_items = near(&planted.item_tastes, &similar);
    let users: Vec<&str> = catalogue.users.iter().collect();
    let of_users = near(&planted.user_tastes, &fitted.similar_users(&users, &options).unwrap().items);
    // At random both are 0.
    assert!(of_items > 0.65 && of_users > 0.5, "{of_items} {of_users}");
}

#[test]
fn every_option_beats_popularity() {
    let (train, test) = parts(&planted(TASTES).data);
    let auc = |fitted: &Fitted| metrics(fitted, &test, None).unwrap().values["auc"];
    let popularity = auc(&fit(Entry::find("pop").unwrap(), "{}", &train, 0, 1).unwrap().0);
    for options in [
        "",
        r#","rankWeight":"sequential""#,
        r#","rankWeight":"none""#,
        r#","mining":"semi-hard""#,
        r#","mining":"random""#,
        r#","sampling":"popularity""#,
        r#","sampling":"two-stage""#,
        r#","optimizer":"adam","learningRate":0.01"#,
        r#","optimizer":"sgd","learningRate":0.002"#,
        r#","covarianceWeight":1e6"#,
    ] {
        let found = auc(&cml(&format!("{{{SMALL}{options}}}"), &train, 15));
        assert!(found > popularity + 0.05, "{options}: {found}, popularity {popularity}");
    }
}

#[test]
fn all_vectors_stay_in_the_ball_and_the_covariance_loss_unmixes_them() {
    let (train, _) = parts(&planted(TASTES).data);
    let mixed = |covariance: f64| {
        let options = format!(r#"{{{SMALL},"radius":0.8,"covarianceWeight":{covariance}}}"#);
        let fitted = cml(&options, &train, 15);
        let tensors = fitted.model().tensors();
        let items = tensors.iter().find(|tensor| tensor.name == "item_vectors").unwrap();
        let rows: Vec<&[f32]> = items.values.chunks(16).collect();
        for row in tensors.iter().flat_map(|tensor| tensor.values.chunks(16)) {
            let square: f32 = row.iter().map(|x| x * x).sum();
            assert!(square.sqrt() < 0.8 + 1e-5, "{square}");
        }
        let mean = |value: &dyn Fn(&[f32]) -> f32| {
            rows.iter().map(|row| value(row)).sum::<f32>() / rows.len() as f32
        };
        let mut sum = 0.0;
        for j in 0..16 {
            for k in 0..j {
                sum += (mean(&|x| x[j] * x[k]) - mean(&|x| x[j]) * mean(&|x| x[k])).powi(2);
            }
        }
        sum
    };
    let (with, without) = (mixed(1e8), mixed(0.0));
    assert!(with < 0.5 * without, "{with} {without}");
}

/// How often the better matching of two cold items has the higher score.
fn ordered(fitted: &Fitted, planted: &tastespace_data::Planted) -> f64 {
    let cold: Vec<u32> = (0..planted.options.items).filter(|&item| planted.is_cold(item)).collect();
    let (mut right, mut all) = (0, 0);
    for user in (0..planted.options.users).step_by(5) {
        let mut scores = vec![0.0; cold.len()];
        fitted.model().predict(&vec![user; cold.len()], &cold, &mut scores);
        for (a, &first) in cold.iter().enumerate() {
            for (b, &second) in cold.iter().enumerate().skip(a + 1) {
                let better = planted.matching(user, first) > planted.matching(user, second);
                right += usize::from(better == (scores[a] > scores[b]));
                all += 1;
            }
        }
    }
    right as f64 / all as f64
}

#[test]
fn features_place_items_without_interactions() {
    let Synthetic { data, planted } = planted(
        r#"{"users":500,"items":240,"ratings":20000,"choice":3,"popularity":0.3,"tags":40,"cold":40,"seed":2}"#,
    );
    let train = Arc::new(data);
    let fitted = cml(&format!("{{{SMALL}}}"), &train, 30);
    let without = cml(&format!(r#"{{{SMALL},"featureWeight":0}}"#), &train, 30);
    let (by_tags, by_chance) = (ordered(&fitted, &planted), ordered(&without, &planted));
    // Of the pairs of items with rows about 0.7 are in order.
    assert!(by_tags > 0.64 && by_chance < 0.56, "{by_tags} {by_chance}");

    let cold = (0..240).find(|&item| planted.is_cold(item)).unwrap();
    let (item, warm) = ((cold + 1).to_string(), (0..240).find(|&item| !planted.is_cold(item)).unwrap());
    let bytes = file::write(&fitted, &WriteOptions::default());
    let loaded = file::read("m", &bytes).unwrap();
    assert_eq!(bytes, file::write(&loaded, &WriteOptions::default()));
    let everything = RecommendOptions { k: 240, ..Default::default() };
    for fitted in [&fitted, &loaded] {
        let listed = fitted.recommend(&["1"], &everything).unwrap().items;
        assert!(listed.contains(&cold));
        let similar = fitted
            .similar_items(
                &[&(warm + 1).to_string()],
                &SimilarOptions { k: 240, ..SimilarOptions::default() },
            )
            .unwrap();
        assert!(similar.items.contains(&cold), "a cold item has its place among the others");
        let explained = fitted.explain("1", &item).unwrap();
        let tags = train.item_features.as_ref().unwrap();
        let names: Vec<&str> = tags.align(&train.items).of(cold).iter().map(|&tag| tags.name(tag)).collect();
        assert_eq!(explained.features.len(), names.len());
        assert!(explained.features.iter().all(|(name, _)| names.contains(&name.as_str())), "{explained:?}");
        assert!(explained.features.iter().any(|(_, value)| value.abs() > 0.0));
        assert_eq!(explained.nearest.len(), fitted.catalogue().history.as_ref().unwrap().of(0).len());
        assert!(explained.nearest.is_sorted_by(|a, b| a.1 <= b.1));
        let (had, distance) = explained.nearest[0];
        let points = fitted.embeddings(Axis::Items).unwrap();
        let point = |item: u32| &points.values[item as usize * points.width..][..points.width];
        let apart = point(had).iter().zip(point(cold)).map(|(x, y)| (x - y) * (x - y)).sum::<f32>().sqrt();
        assert!((apart - distance).abs() < 1e-5);
        assert!(fitted.explain("1", &(warm + 1).to_string()).unwrap().features.is_empty());
    }

    // Going on, the perceptron goes on too.
    let mut more = Fit::resume(&fitted, &train, None, 1, &any_amount).unwrap();
    more.train_epoch(UNWATCHED).unwrap();
    assert!(ordered(&more.finish().unwrap(), &planted) > 0.64);
}

/// Users who like the items of one side. All 18 items have features, in a file with `lines`; the last two have no interactions.
fn sided(lines: impl Iterator<Item = u32>) -> Arc<Interactions> {
    use tastespace_data::{FeaturesOptions, FeaturesReader, RowBuilder};
    let mut builder = RowBuilder::new(None);
    for (user, item) in (0..60u32).flat_map(|user| (0..8).map(move |k| (user, 2 * k + user % 2))) {
        builder.push(&user.to_string(), &item.to_string(), None, None).unwrap();
    }
    let mut reader = FeaturesReader::new(FeaturesOptions::default()).unwrap();
    let lines: String = lines.map(|item| format!("{item} side-{} all\n", item % 2)).collect();
    reader.append(lines.as_bytes()).unwrap();
    Arc::new(builder.finish().with_features(reader.finish(None).unwrap()).unwrap())
}

#[test]
fn continued_training_finds_features_by_id_in_another_file() {
    let (data, reversed) = (sided(0..18), sided((0..18).rev()));
    let fitted = cml(r#"{"factors":8,"batchSize":100}"#, &data, 30);
    let continued = |data: &Interactions| {
        let mut more = Fit::resume(&fitted, data, None, 1, &any_amount).unwrap();
        more.train_epoch(UNWATCHED).unwrap();
        more.finish().unwrap().predict(&["0", "0", "1", "1"], &["16", "17", "16", "17"]).unwrap()
    };
    for (same, other) in continued(&data).into_iter().zip(continued(&reversed)) {
        assert!((same - other).abs() < 1e-3, "{same} {other}");
    }
}

#[test]
fn items_with_features_only_are_recommended() {
    let data = sided(0..18);
    assert_eq!(data.items.iter().collect::<Vec<_>>(), (0..18).map(|id| id.to_string()).collect::<Vec<_>>());
    let fitted = cml(r#"{"factors":8,"batchSize":100}"#, &data, 30);
    // One item without interactions is left of the side that the user likes.
    let best = fitted.recommend(&["0", "1"], &RecommendOptions { k: 1, ..Default::default() }).unwrap();
    assert_eq!(best.items, [16, 17]);
}

#[test]
fn a_new_user_is_served_nearly_as_well_as_a_trained_one() {
    let options = format!("{{{SMALL}}}");
    let [placed, learnt, popularity] =
        folded_trained_and_popular(&planted(TASTES).data, 400, &|train| cml(&options, train, 25));
    assert!(placed > learnt - 0.02, "{placed}, in training {learnt}");
    assert!(placed > popularity + 0.1, "{placed}, by popularity {popularity}");
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for (options, key) in [
        (r#"{"rankWeight":"sequential","mining":"random"}"#, "mining"),
        (r#"{"rankWeight":"sequential","sampling":"popularity"}"#, "rankWeight"),
        (r#"{"sampling":"two-stage","mining":"semi-hard"}"#, "mining"),
    ] {
        let error = Entry::find("cml").unwrap().check(options).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), ("config/conflict", &key.into()));
    }
}
