//! Ranking metrics over all items, user by user.
//!
//! For each user of the test rows who is in training, all items are ranked by their score but those that the user had in
//! training (or that are excluded besides). A test item's rank `r`, from 0, is the number of items with a strictly better
//! score and half of those with an equal one, rounded down. With `R` the user's test items:
//!
//! | metric | per user, then averaged over users |
//! |---|---|
//! | `hr@k` | 1 if a test item has `r < k`, else 0 |
//! | `recall@k` | test items with `r < k`, over `\|R\|` |
//! | `precision@k` | the same over `k` |
//! | `ndcg@k` | `Σ 1/log₂(r + 2)` over test items with `r < k`, over the same sum for ranks 0, 1, … `min(\|R\|, k) − 1` |
//! | `map@k` | over test items with `r < k`: `(test items up to it)/(r + 1)`, summed, over `min(\|R\|, k)` |
//! | `mrr` | `1/(r + 1)` of the best test item |
//! | `auc` | share of pairs of a test item and any other that are in order, ties counted half |
//!
//! And of the lists as a whole, with the first `k`: `coverage@k`, the share of the catalogue that is in anyone's list;
//! `gini@k`, how unevenly items are listed (0: all alike, 1: one item only); `novelty@k`, the mean of `−log₂` of the share of
//! users who had the item in training.
//!
//! A test item that the model does not know has a rank after all others.

use super::{Metrics, Translation, Values};
use crate::error::ModelError;
use crate::fitted::Fitted;
use crate::model::{Shape, UNKNOWN};
use crate::topk::top_k;
use rayon::prelude::*;
use tastespace_data::{ByUser, Interactions};
use tastespace_kernels::math::ln;

/// Users whose scores are held at once by a thread.
const USERS_AT_ONCE: usize = 16;

/// What one user comes to.
struct UserResult {
    /// Ranks of the test items, ascending.
    ranks: Vec<u32>,
    /// Pairs of test items and others in order, over all such pairs.
    auc: f64,
    /// The first items of the list.
    list: Vec<u32>,
}

/// Most bytes that [`evaluate`] takes: scores of each thread, and of each user ranks and a list of 100.
pub(super) fn bytes(test: &Interactions, shape: Shape) -> u64 {
    let users = test.users.len().min(test.len());
    let scores = rayon::current_num_threads() * USERS_AT_ONCE * shape.items * 4;
    (scores + test.len() * 8 + users * (size_of::<UserResult>() + 8 * shape.items.min(100))) as u64
}

pub(super) fn evaluate(
    fitted: &Fitted,
    test: &Interactions,
    exclude: Option<&Interactions>,
    ks: &[u32],
) -> Result<Metrics, ModelError> {
    let catalogue = fitted.catalogue();
    let history = catalogue.history.as_ref().ok_or(ModelError::NoHistory)?;
    let users = Translation::new(&test.users, &catalogue.users);
    let items = Translation::new(&test.items, &catalogue.items);
    let by_user = test.by_user();
    let besides = exclude.map(|data| Besides {
        users: Translation::new(&catalogue.users, &data.users),
        items: Translation::new(&data.items, &catalogue.items),
        by_user: data.by_user(),
        data,
    });
    // Users of the test rows that are in training: in the test's terms and in the model's.
    let known: Vec<(u32, u32)> = (0..test.users.len() as u32)
        .filter(|&user| !by_user.rows(user).is_empty())
        .map(|user| (user, users.of(user)))
        .filter(|&(_, user)| catalogue.knows_user(user))
        .collect();
    let longest = ks.iter().copied().max().unwrap_or(0) as usize;
    let item_count = catalogue.items.len();
    let results: Vec<Vec<UserResult>> = known
        .par_chunks(USERS_AT_ONCE)
        .map_init(Vec::new, |scores, block| {
            let indices: Vec<u32> = block.iter().map(|&(_, user)| user).collect();
            scores.resize(block.len() * item_count, 0.0);
            fitted.model().scorer(&indices).score(0..item_count, scores);
            let rows = scores.chunks_exact_mut(item_count.max(1)).zip(block);
            rows.map(|(scores, &(test_user, user))| {
                let relevant: Vec<u32> = by_user
                    .rows(test_user)
                    .iter()
                    .map(|&row| items.of(test.columns().items[row as usize]))
                    .collect();
                for &item in history.of(user) {
                    scores[item as usize] = f32::NEG_INFINITY;
                }
                if let Some(besides) = &besides {
                    besides.exclude(user, scores);
                }
                judge(scores, &relevant, longest)
            })
            .collect()
        })
        .collect();
    let results: Vec<UserResult> = results.into_iter().flatten().collect();
    let rows: usize = results.iter().map(|result| result.ranks.len()).sum();
    let mut values = averages(&results, ks);
    lists(&mut values, &results, ks, fitted);
    Ok(Metrics { values, rows, cold: test.len() - rows })
}

/// Rows whose items are left out beside those of training.
struct Besides<'a> {
    /// From the model's users to theirs.
    users: Translation,
    /// From their items to the model's.
    items: Translation,
    by_user: ByUser,
    data: &'a Interactions,
}

impl Besides<'_> {
    fn exclude(&self, user: u32, scores: &mut [f32]) {
        let user = self.users.of(user);
        if user == UNKNOWN {
            return;
        }
        for &row in self.by_user.rows(user) {
            if let Some(score) =
                scores.get_mut(self.items.of(self.data.columns().items[row as usize]) as usize)
            {
                *score = f32::NEG_INFINITY;
            }
        }
    }
}

/// Ranks the `relevant` items among all whose score is not −∞.
fn judge(scores: &[f32], relevant: &[u32], longest: usize) -> UserResult {
    let list = top_k(scores, longest).into_iter().map(|(item, _)| item).collect();
    // A test item that was in training, or that is unknown, is not among the candidates: nothing ranks it.
    let mut wanted: Vec<f32> = relevant
        .iter()
        .filter_map(|&item| scores.get(item as usize).copied().filter(|&score| score > f32::NEG_INFINITY))
        .collect();
    wanted.sort_unstable_by(f32::total_cmp);
    // Candidates by how many wanted scores are below theirs, and those that equal the next one.
    let mut above = vec![0u32; wanted.len() + 1];
    let mut equal = vec![0u32; wanted.len() + 1];
    let mut candidates = 0u32;
    for &score in scores.iter().filter(|&&score| score > f32::NEG_INFINITY) {
        let below = wanted.partition_point(|&other| other < score);
        above[below] += 1;
        equal[below] += u32::from(wanted.get(below) == Some(&score));
        candidates += 1;
    }
    let others = f64::from(candidates) - wanted.len() as f64;
    let (mut ranks, mut ordered) = (Vec::with_capacity(relevant.len()), 0.0);
    // From the best wanted score down, all that are equal at a time.
    let (mut better, mut end) = (0, wanted.len());
    while end > 0 {
        let first = wanted.partition_point(|&other| other < wanted[end - 1]);
        better += above[end];
        // Those that are wanted too make no pair.
        let better_others = f64::from(better) - (wanted.len() - end) as f64;
        let equal_others = f64::from(equal[first]) - (end - first) as f64;
        for _ in first..end {
            ranks.push(better + (equal[first] - 1) / 2);
            ordered += others - better_others - 0.5 * equal_others;
        }
        end = first;
    }
    let pairs = wanted.len() as f64 * others;
    ranks.extend(std::iter::repeat_n(u32::MAX, relevant.len() - wanted.len()));
    UserResult { ranks, auc: if pairs > 0.0 { ordered / pairs } else { 0.5 }, list }
}

/// Metrics of one user's ranks, ascending, at one `k`: `[ndcg, hr, recall, precision, map]`.
fn at_k(ranks: &[u32], k: u32) -> [f64; 5] {
    let hits = ranks.partition_point(|&rank| rank < k);
    let possible = ranks.len().min(k as usize);
    let gain = |rank: u32| std::f64::consts::LN_2 / ln(f64::from(rank) + 2.0);
    let best: f64 = (0..possible as u32).map(gain).sum();
    let gained: f64 = ranks[..hits].iter().map(|&rank| gain(rank)).sum();
    let precisions =
        ranks[..hits].iter().zip(1u32..).map(|(&rank, upto)| f64::from(upto) / (f64::from(rank) + 1.0));
    [
        gained / best,
        f64::from(u32::from(hits > 0)),
        hits as f64 / ranks.len() as f64,
        hits as f64 / f64::from(k),
        precisions.sum::<f64>() / possible as f64,
    ]
}

/// Averages over the users, added in their order.
fn averages(results: &[UserResult], ks: &[u32]) -> Values {
    let users = results.len().max(1) as f64;
    let mut values = Values::default();
    for &k in ks {
        let mut sums = [0.0; 5];
        for result in results {
            for (sum, value) in sums.iter_mut().zip(at_k(&result.ranks, k)) {
                *sum += value;
            }
        }
        for (name, sum) in ["ndcg", "hr", "recall", "precision", "map"].iter().zip(sums) {
            values.push(format!("{name}@{k}"), sum / users);
        }
    }
    let best = results.iter().map(|result| 1.0 / (f64::from(result.ranks[0]) + 1.0));
    values.push("mrr", best.sum::<f64>() / users);
    values.push("auc", results.iter().map(|result| result.auc).sum::<f64>() / users);
    values
}

/// What the lists come to as a whole.
fn lists(values: &mut Values, results: &[UserResult], ks: &[u32], fitted: &Fitted) {
    let catalogue = fitted.catalogue();
    let users = catalogue.user_rows.iter().filter(|&&rows| rows > 0).count().max(1) as f64;
    for &k in ks {
        let mut listed = vec![0u32; catalogue.items.len()];
        let (mut novelty, mut total) = (0.0, 0u64);
        for &item in results.iter().flat_map(|result| result.list.iter().take(k as usize)) {
            listed[item as usize] += 1;
            // An item that nobody had is as new as one that one person had.
            let had = f64::from(catalogue.item_rows[item as usize].max(1));
            novelty -= ln(had / users) / std::f64::consts::LN_2;
            total += 1;
        }
        let covered = listed.iter().filter(|&&count| count > 0).count();
        listed.sort_unstable();
        let items = listed.len().max(1) as f64;
        let weighted: f64 =
            (1u32..).zip(&listed).map(|(place, &count)| f64::from(place) * f64::from(count)).sum();
        let total = total.max(1) as f64;
        values.push(format!("coverage@{k}"), covered as f64 / items);
        values.push(format!("gini@{k}"), (2.0 * weighted / (items * total) - (items + 1.0) / items).max(0.0));
        values.push(format!("novelty@{k}"), novelty / total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            scores in prop::collection::vec(0u8..9, 1..60),
            chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..9),
        ) {
            let scores: Vec<f32> =
                scores.iter().map(|&s| if s == 0 { f32::NEG_INFINITY } else { f32::from(s) }).collect();
            let mut relevant: Vec<u32> = chosen.iter().map(|index| index.index(scores.len()) as u32).collect();
            relevant.sort_unstable();
            relevant.dedup();
            relevant.retain(|&item| scores[item as usize] > f32::NEG_INFINITY);
            let (ranks, auc) = naive(&scores, &relevant);
            let result = judge(&scores, &relevant, 5);
            prop_assert_eq!(result.ranks, ranks);
            prop_assert!((result.auc - auc).abs() < 1e-9, "{} {}", result.auc, auc);
        }
    }

    #[test]
    fn an_unknown_item_is_a_miss() {
        let result = judge(&[3.0, 2.0, 1.0], &[1, UNKNOWN], 2);
        assert_eq!((result.ranks.clone(), result.list), (vec![1, u32::MAX], vec![0, 1]));
        let [ndcg, hr, recall, precision, map] = at_k(&result.ranks, 2);
        assert_eq!((hr, recall, precision), (1.0, 0.5, 0.5));
        // One of two at rank 1: (1/log₂3) / (1 + 1/log₂3), and (1/2)/2.
        assert!((ndcg - 0.6309297535714575 / 1.6309297535714575).abs() < 1e-12);
        assert_eq!(map, 0.25);
    }
}
