//! A rating model of ratings `a r + b` predicts `a r̂ + b`: the scale of ratings does not matter.

use crate::common::{fit, generated};
use std::sync::Arc;
use tastespace_data::{Columns, Interactions};
use tastespace_models::contract::kind::Task;
use tastespace_models::registry::REGISTRY;

/// Options, epochs, and how far predictions may be apart, in units of a rating from 1 to 5. L-BFGS makes rounding errors about ten
/// times as large in a dozen iterations.
fn ways(kind: &str) -> Vec<(&'static str, u32, f32)> {
    match kind {
        "glocal-k" => [
            r#"{"hidden":[20,15],"pretrainEpochs":1,"center":"biases","dotScale":0.1}"#,
            r#"{"hidden":[20,15],"pretrainEpochs":1,"center":"mean","dotScale":0.1}"#,
            r#"{"hidden":[20,15],"pretrainEpochs":1,"center":"none","dotScale":0.1}"#,
        ]
        .map(|options| (options, 2, 1e-3))
        .to_vec(),
        "biased-mf" => ["{}", r#"{"implicit":true}"#].map(|options| (options, 10, 1e-3)).to_vec(),
        _ => vec![("{}", 1, 1e-4)],
    }
}

#[test]
fn the_scale_of_ratings_does_not_matter() {
    let train = generated(r#"{"users":60,"items":50,"ratings":900,"seed":2}"#);
    let on_another = |a: f32, b: f32| {
        let Columns { users, items, ratings, .. } = train.columns().clone();
        let ratings = ratings.unwrap().iter().map(|rating| a * rating + b).collect();
        let columns = Columns { users, items, ratings: Some(ratings), times: None };
        Arc::new(Interactions::new(train.users.clone(), train.items.clone(), columns, None))
    };
    let pairs: Vec<(u32, u32)> = (0..60).flat_map(|user| (0..50).map(move |item| (user, item))).collect();
    let (users, items): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
    for entry in REGISTRY.iter().filter(|entry| entry.task == Task::Rating) {
        for (options, epochs, tolerance) in ways(entry.kind) {
            let predicted = |a, b, seed| {
                let (fitted, _) = fit(entry, options, &on_another(a, b), seed, epochs).unwrap();
                let mut out = vec![0.0; users.len()];
                fitted.model().predict(&users, &items, &mut out);
                out
            };
            for seed in [0, 7] {
                let plain = predicted(1.0, 0.0, seed);
                for (a, b) in [(20.0, 0.0), (0.05, 0.0), (-1.0, 6.0), (25.0, -24.0)] {
                    let apart = predicted(a, b, seed)
                        .iter()
                        .zip(&plain)
                        .fold(0.0f32, |most, (other, plain)| most.max(((other - b) / a - plain).abs()));
                    println!("{} {options} {a} r + {b}: {apart:.1e}", entry.kind);
                    assert!(apart < tolerance, "{} {options} {a} r + {b}, seed {seed}: {apart}", entry.kind);
                }
            }
        }
    }
}
