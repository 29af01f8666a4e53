//! Planted structure is found.

use crate::common::{fit, generated, metrics};
use std::sync::Arc;
use tastespace_data::{SplitOptions, split};
use tastespace_models::registry::Entry;

#[test]
fn biased_mf_finds_the_tastes_that_biases_cannot_tell() {
    let data = generated(r#"{"users":800,"items":400,"ratings":40000}"#);
    let parts =
        split(&data, &SplitOptions::from_json(r#"{"by":"random","test":0.1}"#).unwrap(), None).unwrap();
    let (train, test) = (Arc::new(parts.train), parts.test.unwrap());
    let rmse = |kind, options: &str, epochs| {
        let (fitted, _) = fit(Entry::find(kind).unwrap(), options, &train, 0, epochs).unwrap();
        metrics(&fitted, &test, None).unwrap().values["rmse"]
    };
    let (biases, factors) = (rmse("bias", "{}", 1), rmse("biased-mf", r#"{"factors":16}"#, 60));
    // The planted formula itself is at .74; tastes make up half of what biases leave.
    assert!(factors < biases - 0.08, "biased-mf {factors}, bias {biases}");
    assert!(factors > 0.74, "better than the noise: {factors}");
}
