//! Validation on a sample of the users.

use crate::common::{UNWATCHED, generated};
use serde_json::json;
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_models::Fit;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::{EpochReport, FitOptions, any_amount};
use tastespace_options::OptionSet;

/// Every fourth row is for validation.
fn parts() -> (Arc<Interactions>, Arc<Interactions>) {
    let rows = generated(r#"{"users":2000,"items":1500,"ratings":12000,"seed":3}"#);
    let part = |validation: bool| {
        let rows_of: Vec<u32> = (0..rows.len() as u32).filter(|&row| (row % 4 == 0) == validation).collect();
        Arc::new(rows.select(&rows_of))
    };
    (part(false), part(true))
}

fn report(kind: &str, options: &serde_json::Value, seed: u64) -> EpochReport {
    let (train, validation) = parts();
    let entry = Entry::find(kind).unwrap();
    let users = FitOptions::parse("fit", &options.to_string()).unwrap().validation_users;
    let mut fit =
        Fit::new(entry, entry.check(r#"{"factors":4}"#).unwrap(), train, Some(validation), seed, &any_amount)
            .unwrap()
            .with_validation_users(users);
    fit.train_epoch(UNWATCHED).unwrap()
}

fn rows(report: &EpochReport) -> usize {
    report.validation.as_ref().unwrap().rows
}

#[test]
fn rankings_are_validated_on_a_sample_of_at_least_a_thousand_users() {
    let sampled = report("bpr", &json!({}), 1);
    let sample = sampled.validation_users.unwrap();
    assert_eq!(sample.users, 1000);
    assert!(sample.of > 1500);
    let all = report("bpr", &json!({ "validationUsers": "all" }), 1);
    assert!(all.validation_users.is_none());
    assert!(rows(&sampled) < rows(&all));
}

#[test]
fn the_seed_draws_the_users() {
    let of = |seed| rows(&report("bpr", &json!({ "validationUsers": 50 }), seed));
    assert_eq!(of(1), of(1));
    assert!((2..6).any(|seed| of(seed) != of(1)));
}

#[test]
fn ratings_are_validated_on_all_users_unless_a_number_is_given() {
    assert!(report("biased-mf", &json!({}), 1).validation_users.is_none());
    let sampled = report("biased-mf", &json!({ "validationUsers": 10 }), 1);
    assert_eq!(sampled.validation_users.unwrap().users, 10);
}

#[test]
fn what_is_no_number_of_users_is_refused() {
    for value in [json!(0), json!(-1), json!(1.5), json!("some"), json!(null)] {
        let error = FitOptions::parse("fit", &json!({ "validationUsers": value }).to_string()).unwrap_err();
        assert!(error.to_string().contains("auto, all or an integer from 1"), "{error}");
    }
}
