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

/// Root mean squared and mean absolute error over every row of `test`, predictions clipped to the rating range.
pub fn rating_metrics(fitted: &Fitted, test: &Interactions) -> Result<RatingMetrics, ModelError> {
    if test.is_empty() {
        return Err(ModelError::EmptyDataset { purpose: "evaluation" });
    }
    if test.columns().ratings.is_none() {
        return Err(ModelError::NeedsRatings { kind: fitted.kind() });
    }
    let catalogue = fitted.catalogue();
    let users = Translation::new(&test.users, &catalogue.users);
    let items = Translation::new(&test.items, &catalogue.items);
    let columns = test.columns();
    let shards = columns.users.par_chunks(SHARD).zip(columns.items.par_chunks(SHARD)).enumerate();
    let sums: Vec<(f64, f64, usize)> = shards
        .map(|(shard, (shard_users, shard_items))| {
            let shard_users: Vec<u32> = shard_users.iter().map(|&user| users.of(user)).collect();
            let shard_items: Vec<u32> = shard_items.iter().map(|&item| items.of(item)).collect();
            let mut predictions = vec![0.0; shard_users.len()];
            fitted.predict_indices(&shard_users, &shard_items, &mut predictions);
            let (mut squares, mut distances, mut cold) = (0.0, 0.0, 0);
            for (row, &prediction) in predictions.iter().enumerate() {
                let error = f64::from(test.rating(shard * SHARD + row)) - f64::from(prediction);
                squares += error * error;
                distances += error.abs();
                let known = catalogue.knows_user(shard_users[row]) && catalogue.knows_item(shard_items[row]);
                cold += usize::from(!known);
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
