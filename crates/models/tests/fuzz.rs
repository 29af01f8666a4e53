//! Model files with faults and a checksum that belongs to them: refused by code, or the model answers. `npm run fuzz` runs it
//! for longer.

mod common;
#[path = "common/forged.rs"]
mod forged;
#[path = "../../data/tests/common/random_cases.rs"]
mod random;

use common::{fit, generated};
use forged::Parts;
use random::{mutate, random_cases};
use serde_json::{Value, json};
use std::sync::Arc;
use tastespace_data::Rng;
use tastespace_models::registry::Entry;
use tastespace_models::serve::file::{self, WriteOptions};
use tastespace_models::serve::fitted::Fitted;
use tastespace_models::serve::recommend::RecommendOptions;

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
fn words() -> Vec<[u8; 4]> {
    let floats = [f32::NAN, f32::INFINITY, f32::MAX, -f32::MAX, f32::MIN_POSITIVE, -0.0, 1.5, 16_777_216.0];
    let integers = [0, 1, 2, 8, 11, 12, 13, u32::MAX, 1 << 31, 0x00ff_ffff];
    floats.map(f32::to_le_bytes).into_iter().chain(integers.map(u32::to_le_bytes)).collect()
}

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
            4 => mutate(&mut tensor.data, &words().iter().map(|word| &word[..]).collect::<Vec<_>>(), rng),
            _ if tensor.data.len() >= 4 => {
                let words = words();
                let place = rng.below((tensor.data.len() / 4) as u32) as usize * 4;
                tensor.data[place..place + 4].copy_from_slice(&words[rng.below(words.len() as u32) as usize]);
            }
            _ => {}
        }
    }
}

/// Asks a model everything.
fn ask(fitted: &Fitted) {
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
    let _ = file::write(fitted, &WriteOptions::default());
}

#[test]
fn altered_files_are_refused_or_answer() {
    let files = files();
    let read = |bytes: &[u8]| match file::read("m.safetensors", bytes) {
        Ok(fitted) => ask(&fitted),
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
