//! Models that know how much having one item speaks for another: the score of an item for a person is the sum over what
//! they had, `Σ_{j∈N(u)} w_ji`, in ascending order of `j`.

use crate::contract::history::History;
use crate::contract::model::{Explanation, Model, Scorer, Tensor, UNKNOWN};
use crate::learn::ridge::distinct_items;
use std::ops::Range;
use std::sync::Arc;

/// How much each item speaks for each other one.
pub(super) trait Weights: Send + Sync {
    /// Number of items.
    fn items(&self) -> usize;
    /// How much having `had` speaks for `item`.
    fn weight(&self, had: u32, item: u32) -> f32;
    /// Adds how much having `had` speaks for each of `items`. `out: (items)`.
    fn add_to(&self, had: u32, items: Range<usize>, out: &mut [f32]);
    /// Similarity to `item`, −∞ for what it says nothing of. `out: (items)`.
    fn similarity(&self, item: u32, out: &mut [f32]);
    /// What the file holds.
    fn tensors(&self) -> Vec<Tensor<'_>>;
}

/// A model of such weights. Who had what is not its own: [`Model::remember`] tells it.
pub(super) struct ItemItem<W> {
    weights: Arc<W>,
    history: Option<Arc<History>>,
}

impl<W> ItemItem<W> {
    pub(super) fn new(weights: Arc<W>) -> Self {
        Self { weights, history: None }
    }

    /// What `user` had, ascending.
    fn had(&self, user: u32) -> Vec<u32> {
        let mut had = match &self.history {
            Some(history) if user != UNKNOWN => history.of(user).to_vec(),
            _ => Vec::new(),
        };
        had.sort_unstable();
        had
    }
}

/// Scores items for a few users.
struct Sums<'a, W> {
    weights: &'a W,
    /// What each user had, ascending.
    had: Vec<Vec<u32>>,
}

impl<W: Weights> Scorer for Sums<'_, W> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        out.fill(0.0);
        for (scores, had) in out.chunks_exact_mut(items.len().max(1)).zip(&self.had) {
            for &had in had {
                self.weights.add_to(had, items.clone(), scores);
            }
        }
    }
}

impl<W: Weights> Model for ItemItem<W> {
    fn remember(&mut self, history: &Arc<History>) {
        self.history = Some(history.clone());
    }

    fn needs_history(&self) -> bool {
        true
    }

    fn tensors(&self) -> Vec<Tensor<'_>> {
        self.weights.tensors()
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        let (mut user_before, mut had) = (UNKNOWN, Vec::new());
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            if user != user_before {
                (user_before, had) = (user, self.had(user));
            }
            *out = 0.0;
            if item != UNKNOWN {
                for &had in &had {
                    *out += self.weights.weight(had, item);
                }
            }
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        Box::new(Sums { weights: &*self.weights, had: users.iter().map(|&user| self.had(user)).collect() })
    }

    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        self.weights.similarity(item, out);
        Ok(())
    }

    fn user_similarity(&self, _: u32, _: &mut [f32]) -> Result<(), &'static str> {
        Err("it learns which items go together, and nothing of the people who had them")
    }

    /// The scores themselves; ratings do not matter.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let mut scores = vec![0.0; self.weights.items()];
        for had in distinct_items(rows) {
            self.weights.add_to(had, 0..scores.len(), &mut scores);
        }
        Ok(scores)
    }

    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]) {
        out.copy_from_slice(newcomer);
    }

    /// The sum is all there is; its terms are what each item adds that the user had.
    fn explain(&self, user: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let mut score = [0.0];
        self.predict(&[user], &[item], &mut score);
        let had = self.had(user).into_iter();
        let mut items: Vec<(u32, f32)> = had.map(|had| (had, self.weights.weight(had, item))).collect();
        items.retain(|&(_, weight)| weight != 0.0);
        items.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let parts = vec![("itemsHad".to_owned(), score[0])];
        Ok(Explanation { parts, items, ..Explanation::default() })
    }
}
