//! Any data, any options, and model files with faults and a checksum that belongs to them: refused by code, or the model
//! answers. `npm run fuzz` runs it for longer.

mod common;
#[path = "common/forged.rs"]
mod forged;
#[path = "../../data/tests/common/random_cases.rs"]
mod random;

use common::{fit, generated};
use forged::Parts;
use random::{mutate, random_cases};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use tastespace_data::{Interactions, Rng, RowBuilder};
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::Fitted;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/fixtures/bits.json");

/// A small file of every kind, with the options of the bits test.
fn files() -> Vec<Vec<u8>> {
    let fixture: Value = serde_json::from_str(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
    let cases = fixture["cases"].as_array().unwrap().iter();
    let file = |case: &Value| {
        let mut data = json!({ "users": 30, "items": 60, "ratings": 300, "seed": 3 });
        for (key, value) in case["more"].as_object().into_iter().flatten() {
            data[key] = value.clone();
        }
        let entry = Entry::find(case["kind"].as_str().unwrap()).unwrap();
        let train = Arc::new(generated(&data.to_string()));
        let (fitted, _) = fit(entry, &case["options"].to_string(), &train, 1, 1).ok()?;
        Some(file::write(&fitted, &WriteOptions::default()))
    };
    let files: Vec<Vec<u8>> = cases.filter_map(file).collect();
    assert!(files.len() > 12, "{} files", files.len());
    files
}

/// Values in little-endian order that lengths, indices and parameters must not have.
static WORDS: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let floats = [f32::NAN, f32::INFINITY, f32::MAX, -f32::MAX, f32::MIN_POSITIVE, -0.0, 1.5, 16_777_216.0];
    let integers = [0, 1, 2, 8, 11, 12, 13, u32::MAX, 1 << 31, 0x00ff_ffff];
    floats.map(f32::to_le_bytes).into_iter().chain(integers.map(u32::to_le_bytes)).collect()
});

/// Values of the metadata that do not suit the tensors, or nothing.
const METADATA: [(&str, &str); 8] = [
    ("range", "[5, 1]"),
    ("range", "[0, 0]"),
    ("range", "[-1e30, 1e30]"),
    ("kind", r#""cml""#),
    ("kind", r#""ease""#),
    ("options", "{}"),
    ("training", r#"{ "epochs": 4294967295, "seed": 0, "rows": 0 }"#),
    ("training", r#"{ "epochs": 1, "seed": 0, "rows": 18446744073709551615 }"#),
];

/// Alters some tensors or the metadata.
fn alter(parts: &mut Parts, rng: &mut Rng) {
    for _ in 0..=rng.below(2) {
        let at = rng.below(parts.tensors.len() as u32) as usize;
        let tensor = &mut parts.tensors[at];
        match rng.below(8) {
            0 => drop(parts.tensors.remove(at)),
            1 => tensor.shape.reverse(),
            2 => {
                // Fewer or more rows, with bytes that agree.
                let rows = tensor.shape.first().copied().unwrap_or(1);
                let row = tensor.data.len() / rows.max(1);
                let wanted = rng.below(2 * rows as u32 + 2) as usize;
                tensor.data.resize(wanted * row, 0);
                if let Some(first) = tensor.shape.first_mut() {
                    *first = wanted;
                }
            }
            3 => {
                let (key, value) = METADATA[rng.below(METADATA.len() as u32) as usize];
                parts.metadata[key] = serde_json::from_str(value).unwrap();
            }
            4 => mutate(&mut tensor.data, &WORDS.iter().map(|word| &word[..]).collect::<Vec<_>>(), rng),
            _ if tensor.data.len() >= 4 => {
                let place = rng.below((tensor.data.len() / 4) as u32) as usize * 4;
                tensor.data[place..place + 4].copy_from_slice(&WORDS[rng.below(WORDS.len() as u32) as usize]);
            }
            _ => {}
        }
    }
}

/// Asks a model everything, and for its file.
fn ask(fitted: &Fitted) -> Vec<u8> {
    let catalogue = fitted.catalogue();
    let users: Vec<&str> = catalogue.users.iter().take(3).collect();
    let items: Vec<&str> = catalogue.items.iter().take(4).collect();
    let options = RecommendOptions { k: 5, ..RecommendOptions::default() };
    let _ = fitted.recommend(&users, &options);
    let _ = fitted.recommend_for(&items, &[], &options);
    let _ = fitted.similar_items(&items, &Default::default());
    let _ = fitted.similar_users(&users, &Default::default());
    let _ = fitted.explain_for(&items, &[], &items);
    for (user, item) in users.iter().zip(&items) {
        let _ = fitted.predict(&[user], &[item]);
        let _ = fitted.explain(user, item);
    }
    file::write(fitted, &WriteOptions::default())
}

/// Small data of any form: one user, one item, equal ratings, dislikes, huge or tiny ratings, none at all.
fn any_data(rng: &mut Rng) -> Interactions {
    let (users, items) = (1 + rng.below(12), 1 + rng.below(12));
    let (form, has_times) = (rng.below(8), rng.below(2) == 0);
    let mut builder = RowBuilder::new(None);
    for _ in 0..1 + rng.below(80) {
        let rating = match form {
            0 => None,
            1 => Some(3.0),
            2 => Some(if rng.below(2) == 0 { -1.0 } else { 1.0 }),
            3 => Some(rng.below(100_000) as f32 * 1e10),
            4 => Some(rng.below(100_000) as f32 * 1e-20),
            5 => Some(-0.5 - rng.below(5) as f32),
            6 => Some(f32::from_bits(0x3f80_0000 + rng.below(4))),
            _ => Some(1.0 + rng.below(9) as f32 / 2.0),
        };
        let (user, item) = (rng.below(users).to_string(), rng.below(items).to_string());
        let time = has_times.then(|| f64::from(rng.below(1000)) * 1e6);
        // Refused is a rating that is no number of 32 bits.
        let _ = builder.push(&user, &item, rating, time);
    }
    builder.finish()
}

/// Values for some options, within their ranges.
fn any_options(entry: &Entry, rng: &mut Rng) -> Value {
    let described = entry.describe();
    let all = described["options"].as_array().unwrap();
    let mut options = serde_json::Map::new();
    for _ in 0..rng.below(5) {
        let option = &all[rng.below(all.len() as u32) as usize];
        let (low, high) =
            (option["min"].as_f64().unwrap_or(0.0), option["max"].as_f64().unwrap_or(1.0).min(1e12));
        let value = match option["type"].as_str().unwrap() {
            "integer" => json!(low as i64 + i64::from(rng.below((high - low).min(20.0) as u32 + 1))),
            "integers" => json!([1 + rng.below(9)]),
            "number" => match rng.below(4) {
                0 => json!(low),
                1 if option["max"].is_f64() => json!(high),
                _ => {
                    // Uniform in the logarithm.
                    let least = low.max(high * 1e-9);
                    json!((least * (high / least).powf(rng.uniform())).clamp(low, high))
                }
            },
            "boolean" => json!(rng.below(2) == 0),
            "choice" => {
                let choices = option["choices"].as_array().unwrap();
                choices[rng.below(choices.len() as u32) as usize].clone()
            }
            _ => continue,
        };
        options.insert(option["name"].as_str().unwrap().to_owned(), value);
    }
    // Small data needs few, and all kinds would take long with more.
    for (name, most) in [("batchSize", 64), ("hidden", 9), ("seeds", 2)] {
        if options.get(name).and_then(Value::as_i64).is_some_and(|value| value > most) {
            options.insert(name.to_owned(), json!(most));
        }
    }
    Value::Object(options)
}

#[test]
fn any_data_trains_or_is_refused_and_scores_are_numbers() {
    random_cases(|rng| {
        let data = Arc::new(any_data(rng));
        let entry = &REGISTRY[rng.below(REGISTRY.len() as u32) as usize];
        let options = any_options(entry, rng).to_string();
        let trained = fit(entry, &options, &data, u64::from(rng.next_u32()), 1 + rng.below(3));
        let fitted = match trained {
            Ok((fitted, losses)) => {
                assert!(losses.iter().all(|loss| loss.is_finite()), "{} {options}: {losses:?}", entry.kind);
                fitted
            }
            Err(error) => return assert!(error.code().contains('/'), "{error}"),
        };
        let bytes = ask(&fitted);
        let catalogue = fitted.catalogue();
        let users: Vec<&str> = catalogue.users.iter().collect();
        let options_of_lists = RecommendOptions { seen: Seen::Include, ..RecommendOptions::default() };
        let ranked = fitted.recommend(&users, &options_of_lists).unwrap();
        assert!(ranked.scores.iter().all(|score| score.is_finite()), "{} {options}: {ranked:?}", entry.kind);
        for user in users {
            for item in catalogue.items.iter() {
                let predicted = fitted.predict(&[user], &[item]).unwrap()[0];
                assert!(predicted.is_finite(), "{} {options}: {user} {item}", entry.kind);
            }
        }
        if let Err(error) = file::read("m.safetensors", &bytes) {
            panic!("{} {options}: {error}", entry.kind);
        }
    });
}

#[test]
fn altered_files_are_refused_or_answer() {
    let files = files();
    let read = |bytes: &[u8]| match file::read("m.safetensors", bytes) {
        Ok(fitted) => drop(ask(&fitted)),
        Err(error) => assert!(error.code().starts_with("file/"), "{error}"),
    };
    random_cases(|rng| {
        let file = &files[rng.below(files.len() as u32) as usize];
        if rng.below(8) == 0 {
            let mut bytes = file.clone();
            mutate(&mut bytes, &[b"{", b"\"", b"}", b"[", b"F16", b"U8", b"9", b"\xff\xff"], rng);
            return read(&bytes);
        }
        let mut parts = Parts::of(file);
        alter(&mut parts, rng);
        if let Some(bytes) = parts.sealed() {
            read(&bytes);
        }
    });
}
