//! The best `k` of many scores, exactly.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A scored item, ordered by score; of equal scores the lower index is better.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scored {
    score: f32,
    item: u32,
}

impl Eq for Scored {}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.item.cmp(&self.item))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Scores that are compared with the threshold together.
const CHUNK: usize = 32;

/// The best `k` of the scores so far.
pub struct TopK {
    k: usize,
    kept: BinaryHeap<Reverse<Scored>>,
    /// Only higher scores are kept.
    threshold: f32,
}

impl TopK {
    /// Keeps the best `k` of no more than `items` scores.
    pub fn new(k: usize, items: usize) -> Self {
        let threshold = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { k, kept: BinaryHeap::with_capacity(k.min(items) + 1), threshold }
    }

    /// Offers the scores of the items from `first` on, which come after all items offered before. Items with a score of −∞ are
    /// never kept.
    pub fn offer(&mut self, first: usize, scores: &[f32]) {
        for (chunk, scores) in scores.chunks(CHUNK).enumerate() {
            // Without a branch per score, so that it vectorizes; once the threshold is high, little else happens.
            if !scores.iter().fold(false, |any, &score| any | (score > self.threshold)) {
                continue;
            }
            for (index, &score) in scores.iter().enumerate() {
                self.offer_one((first + chunk * CHUNK + index) as u32, score);
            }
        }
    }

    /// Offers the score of one item, which comes after all items offered before.
    pub(crate) fn offer_one(&mut self, item: u32, score: f32) {
        // Items come in ascending order, so an equal score never displaces a kept one.
        if score > self.threshold {
            let scored = Reverse(Scored { score, item });
            if self.kept.len() < self.k {
                self.kept.push(scored);
                if self.kept.len() < self.k {
                    return;
                }
            } else {
                *self.kept.peek_mut().expect("k is not 0") = scored;
            }
            self.threshold = self.kept.peek().expect("k is not 0").0.score;
        }
    }

    /// The kept items, best first, as `(item, score)`.
    pub fn into_sorted(self) -> Vec<(u32, f32)> {
        let sorted = self.kept.into_sorted_vec();
        sorted.into_iter().map(|Reverse(kept)| (kept.item, kept.score)).collect()
    }
}

/// The `k` best of `scores: (items)`, best first, as `(item, score)`. Items with a score of −∞ are left out.
pub fn top_k(scores: &[f32], k: usize) -> Vec<(u32, f32)> {
    let mut best = TopK::new(k, scores.len());
    best.offer(0, scores);
    best.into_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_the_head_of_a_stable_sort(scores in prop::collection::vec(0u8..20, 0..200), k in 0usize..90) {
            let scores: Vec<f32> =
                scores.iter().map(|&s| if s == 0 { f32::NEG_INFINITY } else { f32::from(s) }).collect();
            let mut sorted: Vec<(u32, f32)> = (0..).zip(scores.iter().copied()).collect();
            sorted.retain(|(_, score)| score.is_finite());
            sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
            sorted.truncate(k);
            prop_assert_eq!(top_k(&scores, k), &sorted[..]);

            let mut in_parts = TopK::new(k, scores.len());
            for (part, scores) in scores.chunks(33).enumerate() {
                in_parts.offer(part * 33, scores);
            }
            prop_assert_eq!(in_parts.into_sorted(), sorted);
        }
    }
}
