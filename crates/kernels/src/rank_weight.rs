//! The weight of a pair by the rank of its item (Weston et al. 2010, with the estimate of Hsieh et al. 2017): `w = ln(rank + 1)`.
//! The rank is the number of impostors among all items, estimated from a few samples.

use crate::math::ln;

/// `ln(rank + 1)`: 0 for the item at the top of the list.
pub fn rank_weight(rank: u64) -> f32 {
    ln(rank as f64 + 1.0) as f32
}

/// The rank from the `impostors` among `samples` of `items`: `⌊items · impostors / samples⌋`.
pub fn parallel_rank(items: u64, impostors: u64, samples: u64) -> u64 {
    items * impostors / samples
}

/// The rank from the number of samples up to the first impostor, at least 1: `⌊items / samples⌋`.
pub fn sequential_rank(items: u64, samples: u64) -> u64 {
    items / samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn weights_are_their_twins() {
        for (items, impostors, samples) in
            [(1682, 0, 20), (1682, 1, 20), (1682, 20, 20), (7, 3, 10), (1 << 40, 5, 9)]
        {
            let weight = rank_weight(parallel_rank(items, impostors, samples));
            assert!((f64::from(weight) - reference::parallel_weight(items, impostors, samples)).abs() < 2e-6);
            let weight = rank_weight(sequential_rank(items, samples));
            assert!((f64::from(weight) - reference::sequential_weight(items, samples)).abs() < 2e-6);
        }
        assert_eq!(rank_weight(0), 0.0);
    }
}
