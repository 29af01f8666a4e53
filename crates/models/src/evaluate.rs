//! Metrics on held-out rows.

use crate::ModelError;
use crate::fitted::Fitted;
use crate::model::UNKNOWN;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;
use tastespace_data::{Interactions, Vocabulary};

/// How far predicted ratings lie from the true ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatingMetrics {
    /// Root mean squared error, `√(Σ (r − r̂)² / n)`, in rating points.
    pub rmse: f64,
    /// Mean absolute error, `Σ |r − r̂| / n`, in rating points.
    pub mae: f64,
    /// Rows counted.
    pub rows: usize,
    /// Rows among them whose user or item has no training rows: predicted by what is known of the other.
    pub cold: usize,
}

/// Rows that are predicted and summed together: a constant, so that the sums do not depend on threads.
const SHARD: usize = 4096;

/// Root mean squared and mean absolute error over every row of `test`, predictions clipped to the rating range. A user whom
/// the model does not know is folded in from their rows in `given`, if there are any.
pub fn rating_metrics(
    fitted: &Fitted,
    test: &Interactions,
    given: Option<&Interactions>,
) -> Result<RatingMetrics, ModelError> {
    for (data, purpose) in [(Some(test), "evaluation"), (given, "the history of new users")] {
        if data.is_some_and(Interactions::is_empty) {
            return Err(ModelError::EmptyDataset { purpose });
        }
        if data.is_some_and(|data| data.columns().ratings.is_none()) {
            return Err(ModelError::NeedsRatings { kind: fitted.kind() });
        }
    }
    let catalogue = fitted.catalogue();
    let translate = |column: &[u32], translation: Translation| -> Vec<u32> {
        column.iter().map(|&index| translation.of(index)).collect()
    };
    let users = translate(&test.columns().users, Translation::new(&test.users, &catalogue.users));
    let items = translate(&test.columns().items, Translation::new(&test.items, &catalogue.items));
    let mut predictions = vec![0.0; test.len()];
    predictions
        .par_chunks_mut(SHARD)
        .zip(users.par_chunks(SHARD).zip(items.par_chunks(SHARD)))
        .for_each(|(out, (users, items))| fitted.predict_indices(users, items, out));
    let mut folded = vec![false; test.users.len()];
    if let Some(given) = given {
        fold_in(fitted, test, given, &items, &mut predictions, &mut folded)?;
    }

    let rows: Vec<usize> = (0..test.len()).collect();
    let sums: Vec<(f64, f64, usize)> = rows
        .par_chunks(SHARD)
        .map(|rows| {
            let (mut squares, mut distances, mut cold) = (0.0, 0.0, 0);
            for &row in rows {
                let error = f64::from(test.rating(row)) - f64::from(predictions[row]);
                squares += error * error;
                distances += error.abs();
                let user_known =
                    catalogue.knows_user(users[row]) || folded[test.columns().users[row] as usize];
                cold += usize::from(!(user_known && catalogue.knows_item(items[row])));
            }
            (squares, distances, cold)
        })
        .collect();
    let rows = test.len();
    let (squares, distances, cold) = sums
        .into_iter()
        .fold((0.0, 0.0, 0), |sum, shard| (sum.0 + shard.0, sum.1 + shard.1, sum.2 + shard.2));
    Ok(RatingMetrics { rmse: (squares / rows as f64).sqrt(), mae: distances / rows as f64, rows, cold })
}

/// Predicts the test rows of users whom the model does not know and `given` does, from their rows there. `items` are the
/// test rows' items in the model's terms.
fn fold_in(
    fitted: &Fitted,
    test: &Interactions,
    given: &Interactions,
    items: &[u32],
    predictions: &mut [f32],
    folded: &mut [bool],
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
    let predicted: Result<Vec<Vec<f32>>, ModelError> = newcomers
        .par_iter()
        .map_init(
            || vec![0.0; catalogue.items.len()],
            |scores, &(user, there)| {
                let rows = given_rows.rows(there).iter();
                let rows = rows.map(|&row| {
                    (given_items.of(given.columns().items[row as usize]), given.rating(row as usize))
                });
                let rows: Vec<(u32, f32)> = rows.filter(|&(item, _)| catalogue.knows_item(item)).collect();
                fitted.newcomer_scores(&rows, scores)?;
                fitted.clip(scores);
                // An item that is unknown keeps the prediction that nobody's taste is in.
                let of = |&row: &u32| {
                    scores.get(items[row as usize] as usize).copied().unwrap_or(predictions[row as usize])
                };
                Ok(test_rows.rows(user).iter().map(of).collect())
            },
        )
        .collect();
    for (&(user, _), predicted) in newcomers.iter().zip(predicted?) {
        folded[user as usize] = true;
        for (&row, prediction) in test_rows.rows(user).iter().zip(predicted) {
            predictions[row as usize] = prediction;
        }
    }
    Ok(())
}

/// Indices of one vocabulary in terms of another.
enum Translation {
    Same,
    Other(Vec<u32>),
}

impl Translation {
    fn new(from: &Arc<Vocabulary>, to: &Arc<Vocabulary>) -> Self {
        if Arc::ptr_eq(from, to) {
            return Self::Same;
        }
        Self::Other(from.iter().map(|id| to.get(id).unwrap_or(UNKNOWN)).collect())
    }

    fn of(&self, index: u32) -> u32 {
        match self {
            Self::Same => index,
            Self::Other(indices) => indices[index as usize],
        }
    }
}
