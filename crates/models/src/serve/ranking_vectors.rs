//! Vectors of users and items by which any database or index ranks the items as the model does.

use super::fitted::Fitted;
use crate::contract::error::ModelError;
use crate::contract::model::{Coefficients, Embeddings, Metric, Scorer};
use crate::contract::tensor::Axis;
use std::ops::Range;

/// Users whose vectors are computed at a time: a scorer keeps workspaces for each.
const USERS_AT_ONCE: usize = 1024;

/// Vectors of some users or items. The score of an item is `base + u·v` or, for [`Metric::Distance`], `−‖u − v‖²`.
pub struct RankingVectors {
    /// How a user's and an item's vector give the score.
    pub metric: Metric,
    /// Length of a vector.
    pub width: usize,
    /// `(users or items, width)`.
    pub values: Vec<f32>,
    /// Of users, for inner products: `(users)`. Else empty.
    pub bases: Vec<f32>,
}

impl Fitted {
    /// The vectors of the users or items in `range`, for kinds whose scores are sums of products. Scores of rating models are
    /// those of top lists, [lower bounds](super::lower_bound), not clipped.
    pub fn ranking_vectors(&self, axis: Axis, range: Range<usize>) -> Result<RankingVectors, ModelError> {
        let Some(tables) = self.item_tables() else {
            let reason = "its scores are neither inner products nor distances of vectors";
            return Err(self.unsupported("export ranking vectors", reason));
        };
        self.check_history()?;
        let users = if axis == Axis::Users { range.clone() } else { 0..0 };
        if let Some(points) = self.points(users) {
            let Embeddings { width, values: items, .. } = self.embeddings(Axis::Items)?;
            let items = || items[range.start * width..range.end * width].to_vec();
            let values = if axis == Axis::Users { points } else { items() };
            return Ok(RankingVectors { metric: Metric::Distance, width, values, bases: Vec::new() });
        }
        let width = tables.iter().map(|table| table.width).sum();
        let mut vectors =
            RankingVectors { metric: Metric::InnerProduct, width, values: Vec::new(), bases: Vec::new() };
        match axis {
            Axis::Items => {
                vectors.values.reserve_exact(range.len() * width);
                for item in range {
                    for table in &tables {
                        let row = item * table.width..(item + 1) * table.width;
                        vectors.values.extend_from_slice(&table.values[row]);
                    }
                }
            }
            _ => {
                vectors.values.reserve_exact(range.len() * width);
                let users: Vec<u32> = range.map(|user| user as u32).collect();
                for users in users.chunks(USERS_AT_ONCE) {
                    let Coefficients { vectors: values, bases, .. } = coefficients(&mut *self.scorer(users));
                    vectors.values.extend(values);
                    vectors.bases.extend(bases);
                }
            }
        }
        Ok(vectors)
    }
}

fn coefficients(scorer: &mut dyn Scorer) -> Coefficients {
    scorer.linear().expect("kinds with tables of items have linear scorers").coefficients()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::trainer::Control;
    use crate::registry::{Entry, REGISTRY};
    use crate::run::fit::{Fit, any_amount};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, AtomicU32};
    use tastespace_data::synthetic::{self, SyntheticOptions};

    #[test]
    fn the_vectors_give_the_scores_by_which_items_are_ranked() {
        let options =
            SyntheticOptions::from_json(r#"{"users":50,"items":80,"ratings":1200,"seed":3}"#).unwrap();
        let train = Arc::new(synthetic::generate(&options).unwrap().data);
        let (users, items) = (train.users.len(), train.items.len());
        let mut by = Vec::new();
        let own_weights = (Entry::find("attrec").unwrap(), r#"{"longTermPer":"user"}"#);
        for (entry, options) in REGISTRY.iter().map(|entry| (entry, "{}")).chain([own_weights]) {
            let checked = entry.check(options).unwrap();
            let mut fit = Fit::new(entry, checked, train.clone(), None, 1, &any_amount).unwrap();
            let (cancel, progress) = (AtomicI32::new(0), AtomicU32::new(0));
            fit.train_epoch(Control { cancel: &cancel, progress: &progress }).unwrap();
            let fitted = fit.finish().unwrap();
            let Ok(of_items) = fitted.ranking_vectors(Axis::Items, 0..items) else { continue };
            by.push((entry.kind, of_items.metric));
            let width = of_items.width;
            let of_users = fitted.ranking_vectors(Axis::Users, 3..users).unwrap();
            assert_eq!((of_users.metric, of_users.width), (of_items.metric, width));
            let all: Vec<u32> = (3..users as u32).collect();
            let mut scores = vec![0.0; all.len() * items];
            fitted.scorer(&all).score(0..items, &mut scores);
            for (place, scores) in scores.chunks_exact(items).enumerate() {
                let user = &of_users.values[place * width..][..width];
                for (item, &score) in of_items.values.chunks_exact(width).zip(scores) {
                    let pairs = user.iter().zip(item).map(|(&u, &v)| (f64::from(u), f64::from(v)));
                    let expected = match of_items.metric {
                        Metric::Distance => -pairs.map(|(u, v)| (u - v).powi(2)).sum::<f64>(),
                        Metric::InnerProduct => {
                            f64::from(of_users.bases[place]) + pairs.map(|(u, v)| u * v).sum::<f64>()
                        }
                    };
                    assert!(
                        (f64::from(score) - expected).abs() < 2e-5 * (1.0 + expected.abs()),
                        "{}",
                        entry.kind
                    );
                }
            }
        }
        let (distance, product) = (Metric::Distance, Metric::InnerProduct);
        let expected = [
            ("cml", distance),
            ("attrec", distance),
            ("sasrec", product),
            ("biased-mf", product),
            ("bpr", product),
            ("ials", product),
            // Its users have weights of their own, so that no distance is that of all.
            ("attrec", product),
        ];
        assert_eq!(by, expected);
    }
}
