//! The memory that training takes, counted at the allocator, against the estimate by which it is refused.

mod common;

use common::{UNWATCHED, generated};
use peak_alloc::PeakAlloc;
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_models::Fit;
use tastespace_models::registry::{Entry, REGISTRY};
use tastespace_models::run::fit::any_amount;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Options that train in other ways, which take other memory.
const WAYS: &[(&str, &str)] = &[
    ("attrec", r#"{ "optimizer": "adam", "negatives": 4, "batchSize": 8192 }"#),
    ("attrec", r#"{ "factors": 8, "longTermPer": "user" }"#),
    (
        "sasrec",
        r#"{ "factors": 32, "blocks": 3, "heads": 2, "length": 10, "negatives": 100, "dropout": 0, "batchSize": 512 }"#,
    ),
    ("biased-mf", r#"{ "optimizer": "adam" }"#),
    ("biased-mf", r#"{ "optimizer": "als" }"#),
    ("biased-mf", r#"{ "implicit": true, "factors": 20 }"#),
    ("biased-mf", r#"{ "seeds": 3 }"#),
    ("cml", r#"{ "optimizer": "adam", "sampling": "popularity" }"#),
    ("ials", r#"{ "factors": 100 }"#),
    ("lrml", r#"{ "optimizer": "adam", "sampling": "popularity", "corrupt": "both" }"#),
    // Its defaults would take a gigabyte here.
    ("glocal-k", r#"{ "hidden": [50, 60], "pretrainEpochs": 1 }"#),
    (
        "glocal-k",
        r#"{ "hidden": [20], "pretrainEpochs": 1, "restart": false, "finetuneIterations": 12, "center": "biases" }"#,
    ),
];

/// Generated data without titles. Estimates leave titles out, because they are small compared with the rows of large data.
fn untitled(sizes: &str) -> Arc<Interactions> {
    let mut data = generated(sizes);
    data.item_table = None;
    Arc::new(data)
}

// One test, since two at a time would count each other's memory.
#[test]
fn the_estimate_is_within_15_percent_of_the_bytes_of_training() {
    for sizes in [
        // Mostly rows, and mostly parameters.
        r#"{ "users": 2500, "items": 600, "ratings": 100000 }"#,
        r#"{ "users": 8000, "items": 2000, "ratings": 30000 }"#,
        // And features.
        r#"{ "users": 2000, "items": 2500, "ratings": 40000, "tags": 1000 }"#,
    ] {
        let (train, validation) = (untitled(sizes), untitled(sizes));
        let defaults = REGISTRY.iter().filter(|entry| entry.kind != "glocal-k").map(|entry| (entry, "{}"));
        let ways = WAYS.iter().map(|&(kind, options)| (Entry::find(kind).unwrap(), options));
        for (entry, options) in defaults.chain(ways) {
            for validation in [None, Some(&validation)] {
                let checked = entry.check(options).unwrap();
                let estimates = std::cell::Cell::new(0);
                let free = |needed| {
                    estimates.set(needed);
                    any_amount(needed)
                };
                MEMORY.reset_peak_usage();
                let before = MEMORY.current_usage();
                let mut fit = Fit::new(entry, checked, train.clone(), validation.cloned(), 0, &free).unwrap();
                // The second epoch also holds the model of the first.
                for _ in 0..2 {
                    fit.train_epoch(UNWATCHED).unwrap();
                }
                let taken = (MEMORY.peak_usage() - before) as f64;
                let estimate = estimates.get() as f64;
                let ratio = estimate / taken;
                let case = format!("{} {options} {sizes} {}", entry.kind, validation.is_some());
                println!("{case}: {ratio:.3} of {:.1} MB", taken / 1e6);
                // Differences below a megabyte do not matter.
                let near = (0.85..1.15).contains(&ratio) || (estimate - taken).abs() < 1e6;
                assert!(near, "{case}: the estimate is {ratio:.2} of {taken} bytes");
            }
        }
    }
}
