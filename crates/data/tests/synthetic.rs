//! The generator: what it promises about its rows, and that what was planted is there.

use serde_json::json;
use tastespace_data::synthetic::generate;
use tastespace_data::{Interactions, Synthetic, SyntheticOptions};

fn make(options: &str) -> Synthetic {
    generate(&SyntheticOptions::from_json(options).unwrap()).unwrap()
}

/// Root mean square of rating minus `prediction(user, item)`.
fn rmse(data: &Interactions, prediction: impl Fn(u32, u32) -> f64) -> f64 {
    let columns = data.columns();
    let squares = (0..data.len()).map(|row| {
        let predicted = prediction(columns.users[row], columns.items[row]);
        (f64::from(data.rating(row)) - predicted.clamp(1.0, 5.0)).powi(2)
    });
    (squares.sum::<f64>() / data.len() as f64).sqrt()
}

#[test]
fn rows_are_as_promised() {
    let Synthetic { data, .. } = make("{}");
    let texts = data.item_table.as_ref().unwrap().align(&data.items);
    assert_eq!((data.users.len(), data.items.len(), data.len()), (1000, 600, 50_000));
    assert_eq!((data.duplicates, data.range()), (0, (1.0, 5.0)));
    assert_eq!((data.users.id(0), data.items.id(599)), ("1", "600"));
    let columns = data.columns();
    let (ratings, times) = (columns.ratings.as_ref().unwrap(), columns.times.as_ref().unwrap());
    assert!(ratings.iter().all(|rating| [1.0, 2.0, 3.0, 4.0, 5.0].contains(rating)));
    for row in 1..data.len() {
        assert!(columns.users[row - 1] != columns.users[row] || times[row - 1] < times[row]);
    }
    assert!(times.iter().all(|time| time.fract() == 0.0));
    assert_eq!((texts.len(), texts.titled(), texts.genre_names().len()), (600, 600, 12));
    assert!((0..600).all(|item| (1..=3).contains(&texts.genres(item).len())));
}

#[test]
fn what_was_planted_is_found() {
    let Synthetic { data, planted, .. } = make("{}");
    let truth = rmse(&data, |user, item| planted.expected(user, item));
    let biases = rmse(&data, |user, item| {
        planted.expected(user, item) - planted.options.taste * planted.matching(user, item)
    });
    assert!((0.70..0.76).contains(&truth) && biases > truth + 0.2, "{truth} {biases}");
    // Users choose what they match: over all pairs the mean of the match is 0.
    let columns = data.columns();
    let pairs = columns.users.iter().zip(&columns.items);
    let mean = pairs.map(|(&user, &item)| planted.matching(user, item)).sum::<f64>() / data.len() as f64;
    assert!(mean > 0.3, "{mean}");
    // Popularity is a power law: the top tenth of items has far more than a tenth of the rows.
    let mut counts = vec![0; 600];
    columns.items.iter().for_each(|&item| counts[item as usize] += 1);
    counts.sort_unstable();
    assert!(counts[540..].iter().sum::<i32>() > 15_000, "{counts:?}");
}

#[test]
fn seeds_decide_every_bit() {
    // FNV-1a over the bits of all columns. It is the same on every host: no function of the platform has a part in it.
    let digest = |data: &Interactions| {
        let columns = data.columns();
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut add = |bits: u64| hash = (hash ^ bits).wrapping_mul(0x0100_0000_01b3);
        for row in 0..data.len() {
            add(columns.users[row].into());
            add(columns.items[row].into());
            add(data.rating(row).to_bits().into());
            add(columns.times.as_ref().unwrap()[row].to_bits());
        }
        hash
    };
    let of_seed = |seed: u64| make(&format!(r#"{{"users":60,"items":50,"ratings":900,"seed":{seed}}}"#));
    assert_eq!(digest(&of_seed(0).data), 7_724_876_193_087_689_528);
    assert_ne!(digest(&of_seed(0).data), digest(&of_seed(1).data));
    let title =
        |made: Synthetic| made.data.item_table.unwrap().align(&made.data.items).title(0).map(str::to_owned);
    assert_ne!(title(of_seed(0)), title(of_seed(1)));
}

#[test]
fn extremes_are_met() {
    for (options, rows) in [
        (r#"{"users":1,"items":1,"ratings":1,"genres":1,"factors":1}"#, 1),
        (r#"{"users":9,"items":7,"ratings":63,"popularity":3,"activity":3,"choice":10}"#, 63),
        (r#"{"users":50,"items":40,"ratings":1999,"activity":3}"#, 1999),
        (r#"{"users":2,"items":300000,"ratings":70000,"popularity":3}"#, 70_000),
        (r#"{"users":50,"items":40,"ratings":3,"activity":0,"noise":0,"taste":0}"#, 3),
    ] {
        let data = make(options).data;
        assert_eq!((data.len(), data.duplicates), (rows, 0), "{options}");
    }
}

#[test]
fn wrong_options_are_refused() {
    for (options, key) in [
        (r#"{"users":0}"#, "users"),
        (r#"{"ratings":600001}"#, "ratings"),
        (r#"{"genres":19}"#, "genres"),
        (r#"{"noise":-1}"#, "noise"),
        (r#"{"mean":"high"}"#, "mean"),
        (r#"{"sede":1}"#, "sede"),
    ] {
        let error = SyntheticOptions::from_json(options).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), ("data/bad-option", &json!(key)), "{error}");
    }
}
