//! What a pair weighs by how far down the list the item stands (Weston et al. 2010, as Hsieh et al. 2017 estimate it):
//! `w = ln(rank + 1)`, the rank being the number of impostors among all items, estimated from a few draws.

use crate::math::ln;

/// `ln(rank + 1)`: 0 for an item at the head of the list.
pub fn rank_weight(rank: u64) -> f32 {
    ln(rank as f64 + 1.0) as f32
}

/// The rank by `impostors` among `draws` of `items` in all: `⌊items · impostors / draws⌋`.
pub fn parallel_rank(items: u64, impostors: u64, draws: u64) -> u64 {
    items * impostors / draws
}

/// The rank by the number of draws, at least 1, that it took to meet an impostor: `⌊items / draws⌋`.
pub fn sequential_rank(items: u64, draws: u64) -> u64 {
    items / draws
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn weights_are_their_twins() {
        for (items, impostors, draws) in
            [(1682, 0, 20), (1682, 1, 20), (1682, 20, 20), (7, 3, 10), (1 << 40, 5, 9)]
        {
            let weight = rank_weight(parallel_rank(items, impostors, draws));
            assert!((f64::from(weight) - reference::parallel_weight(items, impostors, draws)).abs() < 2e-6);
            let weight = rank_weight(sequential_rank(items, draws));
            assert!((f64::from(weight) - reference::sequential_weight(items, draws)).abs() < 2e-6);
        }
        assert_eq!(rank_weight(0), 0.0);
    }
}
