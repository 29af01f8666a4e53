//! Same seed, same bits: the bytes of every model after three epochs, whatever the threads. `test/conformance/bits.test.ts`
//! holds the WebAssembly builds to the same digests.
//!
//! After a change that is meant to move results: `TASTESPACE_WRITE_BITS=1 cargo test -p tastespace-models --test bits`.

mod common;

use common::{fit, generated};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::serve::file::{self, WriteOptions};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/fixtures/bits.json");

#[test]
fn bytes_depend_on_seed_and_data_only() {
    let mut fixture: Value = serde_json::from_str(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
    // The common generator options, with those of a case.
    let train = |more: &Value| {
        let mut data = fixture["data"].clone();
        for (key, value) in more.as_object().into_iter().flatten() {
            data[key] = value.clone();
        }
        Arc::new(generated(&data.to_string()))
    };
    let (seed, epochs) = (fixture["seed"].as_u64().unwrap(), fixture["epochs"].as_u64().unwrap());
    let mut cases: Vec<Value> = fixture["cases"].as_array().unwrap().clone();
    for entry in REGISTRY {
        assert!(cases.iter().any(|case| case["kind"] == entry.kind), "{} has no case", entry.kind);
    }
    for case in &mut cases {
        let entry = Entry::find(case["kind"].as_str().unwrap()).unwrap();
        let (options, train) = (case["options"].to_string(), train(&case["more"]));
        let digest = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (fitted, _) = pool.install(|| fit(entry, &options, &train, seed, epochs as u32)).unwrap();
            let hash = Sha256::digest(file::write(&fitted, &WriteOptions::default()));
            hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let alone = digest(1);
        for threads in [2, 3, 8] {
            assert_eq!(digest(threads), alone, "{} {options} on {threads} threads", entry.kind);
        }
        case["sha256"] = json!(alone);
    }
    if std::env::var_os("TASTESPACE_WRITE_BITS").is_some() {
        fixture["cases"] = Value::Array(cases);
        std::fs::write(FIXTURE, format!("{fixture:#}\n")).unwrap();
    } else {
        assert_eq!(
            &cases,
            fixture["cases"].as_array().unwrap(),
            "results moved: see the module's documentation"
        );
    }
}
