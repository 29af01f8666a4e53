//! The generator: properties of its rows, and the planted structure.

use serde_json::json;
use tastespace_data::synthetic::{generate, rows};
use tastespace_data::{Interactions, Synthetic, SyntheticOptions, csv};

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
fn rows_have_the_documented_properties() {
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
fn the_planted_structure_is_in_the_rows() {
    let Synthetic { data, planted, .. } = make("{}");
    let truth = rmse(&data, |user, item| planted.expected(user, item));
    let biases = rmse(&data, |user, item| {
        planted.expected(user, item) - planted.options.taste * planted.matching(user, item)
    });
    assert!((0.70..0.76).contains(&truth) && biases > truth + 0.2, "{truth} {biases}");
    // Users select matching items: over all pairs the mean match is 0.
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
    // FNV-1a over the bits of all columns. It is the same on every host, since no function of the platform is involved.
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
fn tags_lie_near_the_items_tastes() {
    let Synthetic { data, planted } = make(r#"{"tags":60}"#);
    let features = data.item_features.as_ref().unwrap();
    let matrix = features.align(&data.items);
    assert_eq!((matrix.items(), matrix.width), (600, 60));
    assert_eq!((features.name(0), features.name(32)), ("archive", "amber archive"));
    let factors = planted.options.factors as usize;
    let near = |item: u32, tag: u32| -> f32 {
        let taste = &planted.item_tastes[item as usize * factors..][..factors];
        taste.iter().zip(&planted.tag_tastes[tag as usize * factors..]).map(|(q, d)| q * d).sum()
    };
    let of_items: Vec<f32> = (0..600)
        .flat_map(|item| matrix.of(item).iter().map(move |&tag| (item, tag)))
        .map(|(item, tag)| near(item, tag))
        .collect();
    assert!((0..600).all(|item| (1..=8).contains(&matrix.of(item).len()) && matrix.of(item).is_sorted()));
    let mean = of_items.iter().sum::<f32>() / of_items.len() as f32;
    // Over all pairs the mean is 0.
    assert!(mean > 0.4, "{mean}");
    // Tags have random streams of their own: the rows are the same without them.
    assert_eq!(make("{}").data.columns(), data.columns());
}

#[test]
fn cold_items_have_no_rows() {
    let Synthetic { data, planted } = make(r#"{"cold":150,"tags":20,"sequence":0.3}"#);
    let mut counts = vec![0; 600];
    data.columns().items.iter().for_each(|&item| counts[item as usize] += 1);
    for item in 0..600 {
        assert_eq!(planted.is_cold(item), counts[item as usize] == 0, "{item}");
    }
    assert_eq!((0..600).filter(|&item| planted.is_cold(item)).count(), 150);
    assert_eq!((data.len(), data.items.len()), (50_000, 600));
    let texts = data.item_table.as_ref().unwrap().align(&data.items);
    let tags = data.item_features.as_ref().unwrap().align(&data.items);
    assert!((0..600).all(|item| texts.title(item).is_some() && !tags.of(item).is_empty()));
}

#[test]
fn items_follow_by_the_rule() {
    for lag in [1, 3] {
        let Synthetic { data, planted } = make(&format!(r#"{{"sequence":0.5,"lag":{lag}}}"#));
        assert_eq!((data.len(), data.duplicates), (50_000, 0));
        let columns = data.columns();
        let (mut followed, mut all) = (0, 0);
        for row in lag..data.len() {
            if columns.users[row - lag] == columns.users[row] {
                all += 1;
                followed +=
                    usize::from(planted.follows[columns.items[row - lag] as usize] == columns.items[row]);
            }
        }
        let fraction = followed as f64 / all as f64;
        // Half, minus the followers that the user has already.
        assert!((0.42..0.52).contains(&fraction), "{lag}: {fraction}");
        // By chance it is one item in hundreds.
        let by_chance = make("{}").data;
        let items = &by_chance.columns().items;
        let chance =
            (lag..items.len()).filter(|&row| planted.follows[items[row - lag] as usize] == items[row]);
        assert!(chance.count() < 500);
    }
}

#[test]
fn ratings_depend_on_the_relation() {
    let Synthetic { data, planted } = make(r#"{"relations":3,"choice":0}"#);
    let error = |shift: u32| {
        rmse(&data, |user, item| {
            // The ratings if every relation were shifted by this number.
            let mut other = planted.clone();
            other.user_sides[user as usize] = (planted.user_sides[user as usize] + shift) % 3;
            other.expected(user, item)
        })
    };
    assert!(error(0) < 0.76 && error(1) > 1.1 && error(2) > 1.1, "{} {} {}", error(0), error(1), error(2));
    let columns = data.columns();
    let mut counts = [0; 3];
    for (&user, &item) in columns.users.iter().zip(&columns.items) {
        counts[planted.relation(user, item) as usize] += 1;
    }
    assert!(counts.iter().all(|&count| count > 14_000), "{counts:?}");
}

#[test]
fn streamed_rows_equal_the_data_set() {
    let options = r#"{"users":9000,"items":700,"ratings":90000,"sequence":0.2,"relations":2,"cold":20}"#;
    let data = make(options).data;
    let mut rows = rows(&SyntheticOptions::from_json(options).unwrap()).unwrap();
    let mut text = Vec::new();
    let mut pieces = 0;
    loop {
        let piece = rows.next_csv();
        if piece.is_empty() {
            break;
        }
        pieces += 1;
        text.extend(piece);
    }
    assert!(pieces > 1 && text == csv::write(&data, 0..data.len()));
}

#[test]
fn extremes_are_met() {
    for (options, rows) in [
        (r#"{"users":1,"items":1,"ratings":1,"genres":1,"factors":1}"#, 1),
        (r#"{"users":9,"items":7,"ratings":63,"popularity":3,"activity":3,"choice":10}"#, 63),
        (r#"{"users":50,"items":40,"ratings":1999,"activity":3}"#, 1999),
        (r#"{"users":2,"items":300000,"ratings":70000,"popularity":3}"#, 70_000),
        (r#"{"users":50,"items":40,"ratings":3,"activity":0,"noise":0,"taste":0}"#, 3),
        (r#"{"users":9,"items":7,"ratings":36,"cold":3,"sequence":1,"lag":2,"relations":4,"tags":1000}"#, 36),
        (r#"{"users":3,"items":2,"ratings":3,"cold":1,"sequence":1}"#, 3),
    ] {
        let data = make(options).data;
        assert_eq!((data.len(), data.duplicates), (rows, 0), "{options}");
    }
}

#[test]
fn wrong_options_are_refused() {
    for (options, code, key) in [
        (r#"{"users":0}"#, "config/out-of-range", "users"),
        (r#"{"ratings":600001}"#, "config/out-of-range", "ratings"),
        (r#"{"genres":19}"#, "config/out-of-range", "genres"),
        (r#"{"noise":-1}"#, "config/out-of-range", "noise"),
        (r#"{"items":5,"cold":5}"#, "config/out-of-range", "cold"),
        (r#"{"users":10,"items":10,"cold":5,"ratings":51}"#, "config/out-of-range", "ratings"),
        (r#"{"sequence":1.1}"#, "config/out-of-range", "sequence"),
        (r#"{"lag":0}"#, "config/out-of-range", "lag"),
        (r#"{"relations":5}"#, "config/out-of-range", "relations"),
        (r#"{"tags":1001}"#, "config/out-of-range", "tags"),
        (r#"{"mean":"high"}"#, "config/wrong-type", "mean"),
        (r#"{"sede":1}"#, "config/unknown-key", "sede"),
    ] {
        let error = SyntheticOptions::from_json(options).unwrap_err();
        assert_eq!((error.code(), &error.details()["key"]), (code, &json!(key)), "{error}");
    }
}
