//! Negative sampling by popularity that decays with age.

use crate::common::{fit, generated};
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;
use tastespace_models::{Fit, Fitted};

/// Kinds with the options of their sampling.
const SAMPLERS: [(&str, &str); 5] = [
    ("cml", r#""sampling":"popularity""#),
    ("cml", r#""sampling":"two-stage""#),
    ("lrml", r#""sampling":"popularity""#),
    ("lrml", r#""sampling":"popularity","corrupt":"user""#),
    ("attrec", r#""sampling":"popularity""#),
];

const DAY: f64 = 86_400.0;

/// Random interactions, with a time for each row.
fn with_times(time: impl Fn(usize) -> f64) -> Arc<Interactions> {
    let data = generated(r#"{"users":60,"items":40,"ratings":900,"seed":3}"#);
    let mut columns = data.columns().clone();
    columns.times = Some((0..data.len()).map(time).collect());
    Arc::new(Interactions::new(data.users.clone(), data.items.clone(), columns, None))
}

fn trained(kind: &str, options: &str, data: &Arc<Interactions>) -> Fitted {
    fit(Entry::find(kind).unwrap(), &format!("{{{options}}}"), data, 1, 2).unwrap().0
}

fn item_vectors(fitted: &Fitted) -> Vec<f32> {
    let tensors = fitted.model().tensors();
    tensors.iter().find(|tensor| tensor.name == "item_vectors").unwrap().values.to_vec()
}

#[test]
fn old_interactions_make_an_item_less_popular() {
    let [one_age, many] = [with_times(|_| 1e9), with_times(|row| 1e9 + row as f64 * DAY)];
    for (kind, sampling) in SAMPLERS {
        let of = |half_life: &str, data| {
            item_vectors(&trained(kind, &format!(r#"{sampling},"halfLife":{half_life}"#), data))
        };
        assert_eq!(of("10", &one_age), of("null", &one_age), "{kind} {sampling}");
        assert_ne!(of("10", &many), of("null", &many), "{kind} {sampling}");
    }
}

#[test]
fn a_half_life_needs_times_and_popularity_and_is_not_continued() {
    let timed = with_times(|row| 1e9 + row as f64 * DAY);
    let mut columns = timed.columns().clone();
    columns.times = None;
    let timeless = Arc::new(Interactions::new(timed.users.clone(), timed.items.clone(), columns, None));
    for (kind, sampling) in SAMPLERS {
        let (entry, options) = (Entry::find(kind).unwrap(), format!(r#"{sampling},"halfLife":10"#));
        if kind != "attrec" {
            let error = fit(entry, &format!("{{{options}}}"), &timeless, 1, 1).err().unwrap();
            assert_eq!(error.code(), "dataset/needs-timestamps", "{kind} {sampling}");
            assert!(error.to_string().starts_with("halfLife needs the time of every row"), "{error}");
        }
        let before = trained(kind, &options, &timed);
        let error = Fit::resume(&before, &timed, None, 1, &any_amount).err().unwrap();
        assert_eq!(error.code(), "model/unsupported", "{kind} {sampling}");
        assert!(error.to_string().contains("call fit with the earlier and the new interactions"), "{error}");

        let error = entry.check(r#"{"halfLife":10}"#).unwrap_err();
        assert_eq!(error.code(), "config/conflict", "{kind}");
        assert!(error.to_string().contains("sampling to be popularity"), "{error}");
    }
}
