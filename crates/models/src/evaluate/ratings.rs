//! Errors of predicted ratings: `rmse = √(Σ (r − r̂)² / n)` and `mae = Σ |r − r̂| / n`, in rating points.

use super::metric::Measure;
use super::{Metrics, PerUser, Request, Translation, Values};
use crate::ModelError;
use crate::contract::trainer::Control;
use crate::serve::fitted::Fitted;
use tastespace_data::Interactions;
use tastespace_optim::parallel;

/// Interactions that are predicted and summed together. A constant, so that the sums do not depend on threads.
const SHARD: usize = 4096;

/// Upper bound of the bytes of [`evaluate`].
pub(super) fn bytes(test: &Interactions, request: &Request) -> u64 {
    // The losses of this model and of the start.
    let losses = if request.losses.is_some() { 8 } else { 0 };
    (12 + losses) * test.len() as u64
}

/// Predictions are clipped to the rating range. A user that the model does not know is folded in from their interactions in
/// `given`, if there are any.
pub(super) fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    given: Option<&Interactions>,
    request: &Request,
    control: Control,
) -> Result<Metrics, ModelError> {
    if let Some(data) =
        [Some(test), given].into_iter().flatten().find(|data| data.columns().ratings.is_none())
    {
        return Err(ModelError::NeedsRatings { kind: fitted.kind(), unread: data.unread() });
    }
    let catalogue = fitted.catalogue();
    let users = Translation::new(&test.users, &catalogue.users).of_all(&test.columns().users);
    let items = Translation::new(&test.items, &catalogue.items).of_all(&test.columns().items);
    let mut predictions = vec![0.0; test.len()];
    let shards = predictions.chunks_mut(SHARD).zip(users.chunks(SHARD).zip(items.chunks(SHARD)));
    let predict = |(): &mut (), (out, (users, items)): (&mut [f32], (&[u32], &[u32]))| {
        control.check_cancelled()?;
        fitted.predict_indices(users, items, out);
        Ok::<(), ModelError>(())
    };
    parallel::try_map_with(shards, || (), predict)?;
    let mut folded = vec![false; test.users.len()];
    if let Some(given) = given {
        fold_in(fitted, (test, given), &items, (&mut predictions, &mut folded), control)?;
    }

    let sums = parallel::map(predictions.chunks(SHARD).enumerate(), |(shard, predictions)| {
        let (mut squares, mut distances, mut cold) = (0.0, 0.0, 0);
        for (row, &prediction) in (shard * SHARD..).zip(predictions) {
            let error = f64::from(test.rating(row)) - f64::from(prediction);
            squares += error * error;
            distances += error.abs();
            let user_known = catalogue.knows_user(users[row]) || folded[test.columns().users[row] as usize];
            cold += usize::from(!(user_known && catalogue.knows_item(items[row])));
        }
        (squares, distances, cold)
    });
    let rows = test.len();
    let (squares, distances, cold) = sums
        .into_iter()
        .fold((0.0, 0.0, 0), |sum, shard| (sum.0 + shard.0, sum.1 + shard.1, sum.2 + shard.2));
    let mut values = Values::default();
    for metric in &request.metrics {
        let value = match metric.measure {
            Measure::Rmse => (squares / rows as f64).sqrt(),
            _ => distances / rows as f64,
        };
        values.push(metric.to_string(), value);
    }
    let per_user = request.per_user.then(|| per_user(test, &predictions, request));
    let losses = request.losses.map(|metric| {
        let squared = metric.measure == Measure::Rmse;
        let error = |(row, prediction): (usize, &f32)| test.rating(row) - prediction;
        let errors = predictions.iter().enumerate().map(error);
        errors.map(|error| if squared { error * error } else { error.abs() }).collect()
    });
    Ok(Metrics { values, rows, cold, repeated: None, per_user, losses })
}

/// The metrics of each user.
fn per_user(test: &Interactions, predictions: &[f32], request: &Request) -> PerUser {
    let by_user = test.by_user();
    let users: Vec<u32> =
        (0..test.users.len() as u32).filter(|&user| !by_user.rows(user).is_empty()).collect();
    let value = |measure: Measure, user: u32| {
        let rows = by_user.rows(user);
        let errors = rows
            .iter()
            .map(|&row| f64::from(test.rating(row as usize)) - f64::from(predictions[row as usize]));
        match measure {
            Measure::Rmse => (errors.map(|error| error * error).sum::<f64>() / rows.len() as f64).sqrt(),
            _ => errors.map(f64::abs).sum::<f64>() / rows.len() as f64,
        }
    };
    let of_metric = |measure| users.iter().map(move |&user| value(measure, user)).collect::<Vec<f64>>();
    PerUser {
        rows: users.iter().map(|&user| by_user.rows(user).len() as u32).collect(),
        metrics: request.metrics.iter().map(ToString::to_string).collect(),
        values: request.metrics.iter().flat_map(|metric| of_metric(metric.measure)).collect(),
        users: users.clone(),
    }
}

/// Predicts the test interactions of users that are only in `given`. `items` are the items by index in the model.
fn fold_in(
    fitted: &Fitted,
    (test, given): (&Interactions, &Interactions),
    items: &[u32],
    (predictions, folded): (&mut [f32], &mut [bool]),
    control: Control,
) -> Result<(), ModelError> {
    let catalogue = fitted.catalogue();
    let given_items = Translation::new(&given.items, &catalogue.items);
    let (test_rows, given_rows) = (test.by_user(), given.by_user());
    let newcomers: Vec<(u32, u32)> = (0..test.users.len() as u32)
        .filter_map(|user| {
            let id = test.users.id(user);
            let known = catalogue.users.get(id).is_some_and(|user| catalogue.knows_user(user));
            let there = given.users.get(id).filter(|&there| !given_rows.rows(there).is_empty());
            there.filter(|_| !known && !test_rows.rows(user).is_empty()).map(|there| (user, there))
        })
        .collect();
    let predicted = parallel::try_map_with(
        newcomers.iter(),
        || vec![0.0; catalogue.items.len()],
        |scores, &(user, there)| {
            control.check_cancelled()?;
            let rows = given_rows.rows(there).iter();
            let rows = rows.map(|&row| {
                (given_items.of(given.columns().items[row as usize]), given.rating(row as usize))
            });
            let rows: Vec<(u32, f32)> = rows.filter(|&(item, _)| catalogue.knows_item(item)).collect();
            fitted.new_user_scores(&rows, scores)?;
            fitted.clip(scores);
            // An item that is not in the catalogue keeps the prediction without the user.
            let of = |&row: &u32| {
                scores.get(items[row as usize] as usize).copied().unwrap_or(predictions[row as usize])
            };
            Ok::<Vec<f32>, ModelError>(test_rows.rows(user).iter().map(of).collect())
        },
    );
    for (&(user, _), predicted) in newcomers.iter().zip(predicted?) {
        folded[user as usize] = true;
        for (&row, prediction) in test_rows.rows(user).iter().zip(predicted) {
            predictions[row as usize] = prediction;
        }
    }
    Ok(())
}
