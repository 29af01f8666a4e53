//! The best `k` of many scores, exactly.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A scored item, ordered by score; of equal scores the lower index is the better.
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

/// The `k` best of `scores: (items)`, best first, as `(item, score)`. A score of −∞ means "not to be had".
pub fn top_k(scores: &[f32], k: usize) -> Vec<(u32, f32)> {
    let mut heap = BinaryHeap::with_capacity(k.min(scores.len()) + 1);
    let mut worst_kept = f32::NEG_INFINITY;
    for (item, &score) in scores.iter().enumerate() {
        // Items come in ascending order, so an equal score never displaces one that is kept.
        if score > worst_kept && k > 0 {
            if heap.len() == k {
                heap.pop();
            }
            heap.push(Reverse(Scored { score, item: item as u32 }));
            if heap.len() == k {
                worst_kept = heap.peek().expect("k is not 0").0.score;
            }
        }
    }
    heap.into_sorted_vec().into_iter().map(|Reverse(kept)| (kept.item, kept.score)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_the_head_of_a_stable_sort(scores in prop::collection::vec(0u8..20, 0..80), k in 0usize..90) {
            let scores: Vec<f32> =
                scores.iter().map(|&s| if s == 0 { f32::NEG_INFINITY } else { f32::from(s) }).collect();
            let mut sorted: Vec<(u32, f32)> = (0..).zip(scores.iter().copied()).collect();
            sorted.retain(|(_, score)| score.is_finite());
            sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
            sorted.truncate(k);
            prop_assert_eq!(top_k(&scores, k), sorted);
        }
    }
}
