//! Explanations for new users, who are given by their histories.
//!
//! Every kind folds in a history, so one definition holds for all: the contribution of an item is the score minus the score without
//! this item. Contributions do not add up to the score, since items can stand for one another.

use crate::contract::error::ModelError;
use crate::contract::explanation::Explanation;
use crate::contract::model::{Embeddings, Metric};
use crate::contract::tensor::Axis;
use crate::learn::recent_items::by_last_use;
use crate::learn::similarity::{sort_by_strength, sort_nearest};
use crate::serve::fitted::Fitted;
use crate::serve::unknown::{Unknown, indices};
use tastespace_kernels::distance::squared_distance;
use tastespace_optim::parallel;

impl Fitted {
    /// Explains the scores of `asked` for a new user with these items and ratings; NaN is a missing rating.
    pub fn explain_for(
        &self,
        items: &[&str],
        ratings: &[f32],
        asked: &[&str],
    ) -> Result<Vec<Explanation>, ModelError> {
        let rows = self.history_rows(items, ratings, Unknown::Error)?;
        let asked = indices(&self.catalogue().items, "item", asked, Unknown::Error)?;
        let mut distinct: Vec<u32> = Vec::new();
        for &(item, _) in &rows {
            if !distinct.contains(&item) {
                distinct.push(item);
            }
        }
        let all = self.scores_of(&rows, &asked)?;
        let without = parallel::try_map_with(
            distinct.iter(),
            || (),
            |(), &left_out| {
                let rest: Vec<_> = rows.iter().copied().filter(|&(item, _)| item != left_out).collect();
                self.scores_of(&rest, &asked)
            },
        )?;
        let embeddings = self.model().embeddings(Axis::Items).ok();
        let near = embeddings.filter(|embeddings| embeddings.metric == Metric::Distance);
        let weights = self.model().abilities().sequence.map(|model| model.attention(&by_last_use(&rows)));
        let weights = weights.unwrap_or_default();
        let explain = |(place, &item): (usize, &u32)| {
            let mut contributions: Vec<(u32, f32)> = distinct
                .iter()
                .zip(&without)
                .map(|(&had, scores)| (had, all[place] - scores[place]))
                .filter(|(_, value)| value.is_finite())
                .collect();
            sort_by_strength(&mut contributions);
            Explanation {
                parts: vec![("score".to_owned(), all[place])],
                items: contributions,
                nearest: near.as_ref().map_or(Vec::new(), |near| nearest(near, item, &distinct)),
                weights: weights.clone(),
                ..Explanation::default()
            }
        };
        Ok(asked.iter().enumerate().map(explain).collect())
    }

    fn scores_of(&self, rows: &[(u32, f32)], asked: &[u32]) -> Result<Vec<f32>, ModelError> {
        let mut scores = vec![0.0; self.catalogue().items.len()];
        self.new_user_scores(rows, &mut scores)?;
        Ok(asked.iter().map(|&item| scores[item as usize]).collect())
    }
}

/// The other items with their distances from `item`, nearest first.
fn nearest(of: &Embeddings, item: u32, others: &[u32]) -> Vec<(u32, f32)> {
    let vector = |item: u32| &of.values[item as usize * of.width..][..of.width];
    let others = others.iter().filter(|&&other| other != item);
    let distance = |&other: &u32| (other, squared_distance(vector(item), vector(other)).sqrt());
    let mut nearest: Vec<(u32, f32)> = others.map(distance).collect();
    sort_nearest(&mut nearest);
    nearest
}
