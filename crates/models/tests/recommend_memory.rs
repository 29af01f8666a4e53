//! The memory of recommendations, counted at the allocator, against the estimate that decides whether they are refused.

mod common;

use common::{fit, generated};
use peak_alloc::PeakAlloc;
use std::sync::Arc;
use tastespace_models::registry::Entry;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The bytes that `prepare` asks for are those that it and the recommendations take, and later ones are estimated with the table.
fn prepared() {
    let train = Arc::new(generated(r#"{ "users": 3000, "items": 6000, "ratings": 30000 }"#));
    let users: Vec<&str> = train.users.iter().collect();
    for kind in ["biased-mf", "cml", "attrec"] {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), "{}", &train, 0, 1).unwrap();
        for k in [10, 150] {
            let options = RecommendOptions { k, ..RecommendOptions::default() };
            let without = fitted.recommend(&users, &options).unwrap();
            // No table without room.
            let refused = fitted.clone();
            refused.prepare(users.len(), &options, &|needed| needed - 1);
            let asked = std::cell::Cell::new(0);
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            fitted.prepare(users.len(), &options, &|needed| {
                asked.set(needed);
                needed
            });
            let table = (MEMORY.current_usage() - before) as u64;
            let with = fitted.recommend(&users, &options).unwrap();
            assert_eq!(with, without, "{kind}");
            let taken = (MEMORY.peak_usage() - before) as u64;
            drop(with);
            // The second list length finds the table of the first.
            if k == 10 {
                assert!(
                    table > 6000 * 100 && taken <= asked.get(),
                    "{kind}: {taken} bytes, asked for {}",
                    asked.get()
                );
            } else {
                assert_eq!((table, asked.get()), (0, 0), "{kind}");
            }
            let estimate = fitted.recommend_bytes(users.len(), &options);
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            fitted.recommend(&users, &options).unwrap();
            let taken = (MEMORY.peak_usage() - before) as u64;
            assert!(taken <= estimate, "{kind}, k = {k}: {taken} bytes, estimated {estimate}");
        }
    }
}

// One test, since two at a time would count each other's memory.
#[test]
fn recommendations_take_no_more_than_estimated() {
    prepared();
    let train = Arc::new(generated(r#"{ "users": 9000, "items": 600, "ratings": 60000 }"#));
    let users: Vec<&str> = train.users.iter().collect();
    for kind in ["biased-mf", "ease", "cml"] {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), "{}", &train, 0, 1).unwrap();
        for k in [1, 10, 100_000] {
            let options = RecommendOptions { k, seen: Seen::Include, ..RecommendOptions::default() };
            let estimate = fitted.recommend_bytes(users.len(), &options);
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            let ranked = fitted.recommend(&users, &options).unwrap();
            let taken = (MEMORY.peak_usage() - before) as u64;
            assert_eq!(ranked.items.len(), users.len() * 600.min(k as usize));
            assert!(taken <= estimate, "{kind}, k = {k}: {taken} bytes, estimated {estimate}");
            // An estimate far above would refuse what fits.
            assert!(k < 100 || estimate < taken * 3 / 2, "{kind}: {taken} bytes, estimated {estimate}");
        }
    }
}
