//! Training that continues on new interactions alone.

use crate::common::{UNWATCHED, fit, generated, metrics};
use std::sync::Arc;
use tastespace_data::{Columns, Interactions, SplitOptions, split};
use tastespace_models::contract::kind::Task;
use tastespace_models::registry::REGISTRY;
use tastespace_models::run::fit::{Fit, any_amount};

/// The rows whose user is below, or from, a number.
fn of_users(data: &Interactions, below: u32, is_below: bool) -> Interactions {
    let all = data.columns();
    let rows: Vec<u32> =
        (0..data.len() as u32).filter(|&row| (all.users[row as usize] < below) == is_below).collect();
    let columns: Columns = all.select(&rows);
    Interactions::new(data.users.clone(), data.items.clone(), columns, Some(data.range()))
}

#[test]
fn what_was_learned_before_is_not_forgotten() {
    let data = generated(r#"{"users":500,"items":150,"ratings":20000,"sequence":0.5,"seed":5}"#);
    let parts = split(&data, &SplitOptions::from_json(r#"{"by":"leave-one-out"}"#).unwrap(), None).unwrap();
    let test = of_users(&parts.test.unwrap(), 400, true);
    let old = Arc::new(of_users(&parts.train, 400, true));
    let new = of_users(&parts.train, 400, false);
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Ranking && !entry.continues_on_all) {
        let (before, _) = fit(entry, "{}", &old, 1, 8).unwrap();
        let mut more = Fit::resume(&before, &new, None, 2, &any_amount).unwrap();
        let report = more.train_epoch(UNWATCHED).unwrap();
        assert_eq!(report.rows, old.len() + new.len(), "{}", entry.kind);
        (0..4).for_each(|_| drop(more.train_epoch(UNWATCHED).unwrap()));
        let after = more.finish().unwrap();
        let ndcg = |fitted| metrics(fitted, &test, None).unwrap().values["ndcg@10"];
        let (before, after) = (ndcg(&before), ndcg(&after));
        assert!(after > 0.9 * before, "{}: {before} before, {after} after", entry.kind);
    }
}

#[test]
fn rows_of_validation_and_rows_that_come_again_are_not_repeated() {
    let data = Arc::new(generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#));
    let parts = split(
        &data,
        &SplitOptions::from_json(r#"{"by":"random","test":0.1,"validation":true}"#).unwrap(),
        None,
    )
    .unwrap();
    let validation = Arc::new(parts.validation.unwrap());
    // An epoch of glocal-k reads the rows several times.
    for entry in REGISTRY.iter().filter(|entry| !entry.continues_on_all && entry.kind != "glocal-k") {
        let (before, _) = fit(entry, "{}", &data, 1, 1).unwrap();
        let rows = |train: &Interactions, held: Option<&Arc<Interactions>>| {
            let mut more = Fit::resume(&before, train, held.cloned(), 1, &any_amount).unwrap();
            more.train_epoch(UNWATCHED).unwrap().rows
        };
        let half = of_users(&data, 30, true);
        assert_eq!(rows(&data, None), data.len(), "{}", entry.kind);
        assert_eq!(rows(&half, None), data.len(), "{}", entry.kind);
        assert_eq!(rows(&parts.train, Some(&validation)), data.len() - validation.len(), "{}", entry.kind);
    }
}
