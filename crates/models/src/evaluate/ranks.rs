//! Ranks of a user's test items, and the metrics that follow from them.

use super::metric::Measure;
use tastespace_kernels::math::ln;

/// Rank of a test item that is no candidate: after all others, and no hit at any list length.
pub(super) const MISS: u32 = u32::MAX;

/// Up to this many test items each candidate is compared with all of them, vectorized; beyond, by binary search.
const FEW: usize = 16;

/// The ranks of one user.
#[derive(Debug, PartialEq)]
pub(super) struct Ranked {
    /// Ranks of the test items, ascending, from 0.
    pub(super) ranks: Vec<u32>,
    /// Fraction of pairs of a test item and another candidate in the right order; ties count half.
    pub(super) auc: f64,
}

/// Ranks the `relevant` items among all candidates, which are the items whose score is not −∞.
pub(super) fn rank(scores: &[f32], relevant: &[u32]) -> Ranked {
    // Test items that are excluded or not in the catalogue are no candidates and have no rank.
    let mut wanted: Vec<f32> = relevant
        .iter()
        .filter_map(|&item| scores.get(item as usize).copied().filter(|&score| score > f32::NEG_INFINITY))
        .collect();
    wanted.sort_unstable_by(f32::total_cmp);
    let candidates: u32 = scores.iter().map(|&score| u32::from(score > f32::NEG_INFINITY)).sum();
    let counts = if wanted.len() <= FEW { compared(scores, &wanted) } else { looked_up(scores, &wanted) };
    let others = f64::from(candidates) - wanted.len() as f64;
    let (mut ranks, mut ordered) = (Vec::with_capacity(relevant.len()), 0.0);
    // From the best test item down, those of equal score together.
    let mut end = wanted.len();
    while end > 0 {
        let first = wanted.partition_point(|&other| other < wanted[end - 1]);
        let (better, equal) = counts[end - 1];
        // Pairs of two test items do not count.
        let better_others = f64::from(better) - (wanted.len() - end) as f64;
        let equal_others = f64::from(equal) - (end - first) as f64;
        for _ in first..end {
            ranks.push(better + (equal - 1) / 2);
            ordered += others - better_others - 0.5 * equal_others;
        }
        end = first;
    }
    let pairs = wanted.len() as f64 * others;
    ranks.extend(std::iter::repeat_n(MISS, relevant.len() - wanted.len()));
    Ranked { ranks, auc: if pairs > 0.0 { ordered / pairs } else { 0.5 } }
}

/// For each of the ascending `wanted` scores the number of better and of equal scores, itself included.
fn compared(scores: &[f32], wanted: &[f32]) -> Vec<(u32, u32)> {
    let count = |wanted: &f32| {
        // Branchless sums, which vectorize.
        let count = |(better, equal), score: &f32| {
            (better + u32::from(score > wanted), equal + u32::from(score == wanted))
        };
        scores.iter().fold((0, 0), count)
    };
    wanted.iter().map(count).collect()
}

/// The same in one pass over the scores.
fn looked_up(scores: &[f32], wanted: &[f32]) -> Vec<(u32, u32)> {
    // For each score: the number of wanted scores below it, and whether the next one equals it.
    let mut counts = vec![(0u32, 0u32); wanted.len() + 1];
    for &score in scores.iter().filter(|&&score| score >= wanted[0]) {
        let below = wanted.partition_point(|&other| other < score);
        counts[below].0 += 1;
        counts[below].1 += u32::from(wanted.get(below) == Some(&score));
    }
    let mut better = 0;
    let mut found = vec![(0, 0); wanted.len()];
    let mut end = wanted.len();
    while end > 0 {
        let first = wanted.partition_point(|&other| other < wanted[end - 1]);
        better += counts[end].0;
        found[first..end].fill((better, counts[first].1));
        end = first;
    }
    found
}

/// The sum over test items of the precision of the list that ends with them.
fn precisions(hits: &[u32]) -> f64 {
    hits.iter().zip(1u32..).map(|(&rank, upto)| f64::from(upto) / (f64::from(rank) + 1.0)).sum()
}

/// Metrics from ranks.
pub(super) struct Gains {
    /// The maximal gain of n test items: `Σ 1/log₂(r + 2)` over the first n ranks.
    most: Vec<f64>,
}

fn gain(rank: u32) -> f64 {
    std::f64::consts::LN_2 / ln(f64::from(rank) + 2.0)
}

impl Gains {
    /// For users with up to this many test items.
    pub(super) fn new(items: usize) -> Self {
        let mut most = Vec::with_capacity(items + 1);
        most.push(0.0);
        for rank in 0..items as u32 {
            most.push(most[rank as usize] + gain(rank));
        }
        Self { most }
    }

    /// One quantity of the first `k` of a user's ascending `ranks`.
    pub(super) fn value(&self, measure: Measure, k: u32, ranks: &[u32], auc: f64) -> f64 {
        let hits = &ranks[..ranks.partition_point(|&rank| rank < k)];
        let possible = ranks.len().min(k as usize);
        match measure {
            Measure::Ndcg => hits.iter().map(|&rank| gain(rank)).sum::<f64>() / self.most[possible],
            Measure::Hr => f64::from(u8::from(!hits.is_empty())),
            Measure::Recall => hits.len() as f64 / ranks.len() as f64,
            Measure::Precision => hits.len() as f64 / f64::from(k),
            Measure::Map => precisions(hits) / possible as f64,
            Measure::TrecMap => precisions(hits) / ranks.len() as f64,
            Measure::Mrr if ranks[0] == MISS => 0.0,
            Measure::Mrr => 1.0 / (f64::from(ranks[0]) + 1.0),
            Measure::Auc => auc,
            _ => unreachable!("it is not a measure of one user's ranks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::model::UNKNOWN;
    use proptest::prelude::*;

    /// The definition, item by item.
    fn naive(scores: &[f32], relevant: &[u32]) -> (Vec<u32>, f64) {
        let candidates: Vec<usize> =
            (0..scores.len()).filter(|&item| scores[item] > f32::NEG_INFINITY).collect();
        let (mut ranks, mut ordered, mut pairs) = (Vec::new(), 0.0, 0.0);
        for &item in relevant {
            let score = scores[item as usize];
            let better = candidates.iter().filter(|&&other| scores[other] > score).count();
            let equal =
                candidates.iter().filter(|&&other| other != item as usize && scores[other] == score).count();
            ranks.push((better + equal / 2) as u32);
            for &other in candidates.iter().filter(|&&other| !relevant.contains(&(other as u32))) {
                pairs += 1.0;
                ordered += if scores[other] < score {
                    1.0
                } else if scores[other] == score {
                    0.5
                } else {
                    0.0
                };
            }
        }
        ranks.sort_unstable();
        (ranks, if pairs > 0.0 { ordered / pairs } else { 0.5 })
    }

    proptest! {
        #[test]
        fn ranks_and_auc_are_their_definitions(
            scores in prop::collection::vec(0u8..9, 1..90),
            chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..50),
        ) {
            let scores: Vec<f32> =
                scores.iter().map(|&s| if s == 0 { f32::NEG_INFINITY } else { f32::from(s) }).collect();
            let mut relevant: Vec<u32> = chosen.iter().map(|index| index.index(scores.len()) as u32).collect();
            relevant.sort_unstable();
            relevant.dedup();
            relevant.retain(|&item| scores[item as usize] > f32::NEG_INFINITY);
            let (ranks, auc) = naive(&scores, &relevant);
            let ranked = rank(&scores, &relevant);
            prop_assert_eq!(ranked.ranks, ranks);
            prop_assert!((ranked.auc - auc).abs() < 1e-9, "{} {}", ranked.auc, auc);

            let mut wanted: Vec<f32> = relevant.iter().map(|&item| scores[item as usize]).collect();
            wanted.sort_unstable_by(f32::total_cmp);
            if !wanted.is_empty() {
                prop_assert_eq!(compared(&scores, &wanted), looked_up(&scores, &wanted));
            }
        }
    }

    #[test]
    fn an_unknown_item_is_a_miss() {
        let Ranked { ranks, auc } = rank(&[3.0, 2.0, 1.0], &[1, UNKNOWN]);
        assert_eq!(ranks, [1, MISS]);
        let gains = Gains::new(2);
        let value = |measure| gains.value(measure, 2, &ranks, auc);
        assert_eq!([Measure::Hr, Measure::Recall, Measure::Precision].map(value), [1.0, 0.5, 0.5]);
        // One of two at rank 1: (1/log₂3) / (1 + 1/log₂3), and (1/2)/2.
        assert!((value(Measure::Ndcg) - 0.6309297535714575 / 1.6309297535714575).abs() < 1e-12);
        assert_eq!([Measure::Map, Measure::Mrr, Measure::Auc].map(value), [0.25, 0.5, 0.5]);
        // The ideal list of length 1 has one of the two: over 1, or over 2.
        let (ranks, at_one) = (&[0, 1][..], |measure| gains.value(measure, 1, &[0, 1], auc));
        assert_eq!([Measure::Map, Measure::TrecMap].map(at_one), [1.0, 0.5]);
        assert_eq!(
            [Measure::Map, Measure::TrecMap].map(|measure| gains.value(measure, 2, ranks, auc)),
            [1.0; 2]
        );
        assert_eq!(gains.value(Measure::Mrr, 0, &[MISS], 0.5), 0.0);
    }
}
