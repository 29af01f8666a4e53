//! The memory of recommendations, counted at the allocator, against the estimate that decides whether they are refused.

mod common;

use common::{fit, generated};
use peak_alloc::PeakAlloc;
use std::sync::Arc;
use tastespace_models::registry::Entry;
use tastespace_models::serve::recommend::{RecommendOptions, Seen};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[test]
fn recommendations_take_no_more_than_estimated() {
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
