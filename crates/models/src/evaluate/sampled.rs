//! The sampled protocol of many papers: each test item is ranked among `n` random items that the user has not interacted with.
//!
//! The items are sampled separately for each test item, without replacement, from all items except the user's training items, other
//! excluded items, and the user's test items; if there are fewer than `n`, all are used. The rank, from 0, is the number of items
//! with a strictly better score plus half of those with an equal one, rounded down. A user's value is the mean over their
//! test items. The protocol is inconsistent with ranking among all items (Krichene, Rendle, KDD 2020), so its metrics have
//! their own names: `hr@10/100neg`.

use super::ranks::MISS;
use crate::learn::sampler::untaken;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;

/// Workspace of the protocol.
#[derive(Default)]
pub(super) struct Sampler {
    /// Items that are not sampled, ascending.
    taken: Vec<u32>,
    /// The samples of one test item.
    drawn: Vec<u32>,
    users: Vec<u32>,
    items: Vec<u32>,
    scores: Vec<f32>,
}

impl Sampler {
    /// The rank of each of the `relevant` items of `user` among its own `negatives`, and the fraction of these that it beats.
    /// `excluded` items are no candidates.
    pub(super) fn ranks(
        &mut self,
        predict: impl FnOnce(&[u32], &[u32], &mut [f32]),
        item_count: usize,
        user: u32,
        relevant: &[u32],
        excluded: &[u32],
        (negatives, seed): (u32, u64),
    ) -> Vec<(u32, f64)> {
        self.taken.clear();
        self.taken.extend_from_slice(excluded);
        self.taken.extend(relevant.iter().filter(|&&item| (item as usize) < item_count));
        self.taken.sort_unstable();
        self.taken.dedup();
        let available = item_count as u32 - self.taken.len() as u32;
        let among = negatives.min(available);
        let mut rng = Rng::stream(seed, Purpose::Candidates, u64::from(negatives), u64::from(user));
        self.items.clear();
        for &item in relevant {
            self.items.push(item);
            draw(&mut rng, available, among, &mut self.drawn);
            self.items.extend(self.drawn.iter().map(|&place| untaken(&self.taken, place)));
        }
        self.users.clear();
        self.users.resize(self.items.len(), user);
        self.scores.resize(self.items.len(), 0.0);
        predict(&self.users, &self.items, &mut self.scores);
        let ranked = |(scores, &item): (&[f32], &u32)| {
            if item as usize >= item_count || excluded.contains(&item) {
                return (MISS, 0.5);
            }
            let better = scores[1..].iter().filter(|&&score| score > scores[0]).count();
            let equal = scores[1..].iter().filter(|&&score| score == scores[0]).count();
            let beaten = f64::from(among) - better as f64 - 0.5 * equal as f64;
            ((better + equal / 2) as u32, if among > 0 { beaten / f64::from(among) } else { 0.5 })
        };
        self.scores.chunks_exact(1 + among as usize).zip(relevant).map(ranked).collect()
    }
}

/// Fills `drawn` with `count` different numbers below `bound`, ascending, each set with equal probability (Floyd; Bentley 1987).
fn draw(rng: &mut Rng, bound: u32, count: u32, drawn: &mut Vec<u32>) {
    drawn.clear();
    for last in bound - count..bound {
        let number = rng.below(last + 1);
        match drawn.binary_search(&number) {
            Err(place) => drawn.insert(place, number),
            Ok(_) => drawn.push(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_what_is_not_taken() {
        let taken = [0, 3, 4, 9];
        let items: Vec<u32> = (0..6).map(|place| untaken(&taken, place)).collect();
        assert_eq!(items, [1, 2, 5, 6, 7, 8]);
        assert_eq!(untaken(&[], 7), 7);
    }

    #[test]
    fn draws_do_not_repeat_and_are_even() {
        let mut rng = Rng::stream(1, Purpose::Candidates, 0, 0);
        let (mut drawn, mut counts) = (Vec::new(), [0u32; 12]);
        for _ in 0..12_000 {
            draw(&mut rng, 12, 5, &mut drawn);
            assert!(drawn.len() == 5 && drawn.is_sorted_by(|a, b| a < b) && drawn[4] < 12);
            for &number in &drawn {
                counts[number as usize] += 1;
            }
        }
        // 5,000 each, with a standard deviation of 54.
        assert!(counts.iter().all(|count| count.abs_diff(5000) < 300), "{counts:?}");
        draw(&mut rng, 4, 4, &mut drawn);
        assert_eq!(drawn, [0, 1, 2, 3]);
    }
}
