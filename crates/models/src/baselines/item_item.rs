//! Item-to-item models: the score of an item for a user is the sum of the weights from the user's items,
//! `Σ_{j∈N(u)} w_ji`, in ascending order of `j`.

use super::sparse_weights::SparseWeights;
use crate::contract::explanation::Explanation;
use crate::contract::history::History;
use crate::contract::model::{Model, Scorer};
use crate::contract::tensor::Tensor;
use crate::learn::fold_in::distinct_items;
use crate::learn::similarity::sort_by_strength;
use std::ops::Range;
use std::sync::Arc;

/// The weights between items.
pub(super) trait Weights: Send + Sync {
    /// Number of items.
    fn items(&self) -> usize;
    /// The weight from item `from` to `item`.
    fn weight(&self, from: u32, item: u32) -> f32;
    /// Adds the weights from item `from` to each of `items`. `out: (items)`.
    fn add_to(&self, from: u32, items: Range<usize>, out: &mut [f32]);
    /// Similarity to `item`, −∞ where there is none. `out: (items)`.
    fn similarity(&self, item: u32, out: &mut [f32]);
    /// The contents of the file.
    fn tensors(&self) -> Vec<Tensor<'_>>;
    /// The `count` strongest weights from each item.
    fn strongest(&self, count: usize) -> SparseWeights;
}

/// A model of such weights. The users' items come from [`Model::remember`].
pub(super) struct ItemItem<W> {
    weights: Arc<W>,
    history: Option<Arc<History>>,
}

impl<W> ItemItem<W> {
    pub(super) fn new(weights: Arc<W>) -> Self {
        Self { weights, history: None }
    }

    /// The items of `user`, ascending.
    fn items_of(&self, user: u32) -> Vec<u32> {
        let mut items = self.history.as_ref().map_or(Vec::new(), |history| history.of(user).to_vec());
        items.sort_unstable();
        items
    }
}

/// Scores items for a few users.
struct Sums<'a, W> {
    weights: &'a W,
    /// The items of each user, ascending.
    positives: Vec<Vec<u32>>,
}

impl<W: Weights> Scorer for Sums<'_, W> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        out.fill(0.0);
        for (scores, positives) in out.chunks_exact_mut(items.len().max(1)).zip(&self.positives) {
            for &from in positives {
                self.weights.add_to(from, items.clone(), scores);
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

    fn strongest(&self, count: usize) -> Option<Box<dyn Model>> {
        Some(Box::new(ItemItem::new(Arc::new(self.weights.strongest(count)))))
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        // Callers pass runs of one user.
        let (mut current, mut positives) = (None, Vec::new());
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            if current != Some(user) {
                (current, positives) = (Some(user), self.items_of(user));
            }
            *out = 0.0;
            positives.iter().for_each(|&from| *out += self.weights.weight(from, item));
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let positives = users.iter().map(|&user| self.items_of(user)).collect();
        Box::new(Sums { weights: &*self.weights, positives })
    }

    fn item_similarity(&self, item: u32, _: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        self.weights.similarity(item, out);
        Ok(())
    }

    fn user_similarity(&self, _: u32, _: &mut [f32]) -> Result<(), &'static str> {
        Err("it learns relations between items and nothing about users")
    }

    /// The scores of all items. Ratings are ignored.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let mut scores = vec![0.0; self.weights.items()];
        for from in distinct_items(rows) {
            self.weights.add_to(from, 0..scores.len(), &mut scores);
        }
        Ok(scores)
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        out.copy_from_slice(folded);
    }

    /// The score, and the weight from each of the user's items.
    fn explain(&self, user: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let mut score = [0.0];
        self.predict(&[user], &[item], &mut score);
        let positives = self.items_of(user).into_iter();
        let mut items: Vec<(u32, f32)> =
            positives.map(|from| (from, self.weights.weight(from, item))).collect();
        items.retain(|&(_, weight)| weight != 0.0);
        sort_by_strength(&mut items);
        let parts = vec![("itemsHad".to_owned(), score[0])];
        Ok(Explanation { parts, items, ..Explanation::default() })
    }
}
