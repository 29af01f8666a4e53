//! The slots of the memory as the pairs of training look at them.

use super::model::LrmlModel;
use crate::contract::history::History;
use crate::contract::model::Slots;

/// Pairs of an item that are looked at, at most, spread over its users.
const PAIRS_OF_AN_ITEM: usize = 32;

/// Pairs of each slot that are told.
const PAIRS_OF_A_SLOT: usize = 5;

/// How the training pairs look at the slots. A pair's weight is taken for as many pairs as it stands for.
pub(super) fn slots(space: &LrmlModel, history: &History, items: usize) -> Slots {
    let count = space.slot_count();
    let mut users_of = vec![Vec::new(); items];
    for user in 0..history.offsets.len() as u32 - 1 {
        history.of(user).iter().for_each(|&item| users_of[item as usize].push(user));
    }
    let mut found = Slots {
        shares: vec![0.0; count],
        attention: vec![0.0; items * count],
        pairs: vec![Vec::with_capacity(PAIRS_OF_A_SLOT + 1); count],
    };
    let mut totals = vec![0.0f64; count];
    for (item, users) in users_of.iter().enumerate() {
        let mean = &mut found.attention[item * count..][..count];
        let taken = users.len().min(PAIRS_OF_AN_ITEM);
        for place in 0..taken {
            let user = users[place * users.len() / taken];
            let (weights, _) = space.attend_pair(user, item as u32);
            for (slot, &weight) in weights.iter().enumerate() {
                mean[slot] += weight / taken as f32;
                let pairs = &mut found.pairs[slot];
                let before = pairs.partition_point(|&(.., other)| other >= weight);
                if before < PAIRS_OF_A_SLOT {
                    pairs.insert(before, (user, item as u32, weight));
                    pairs.truncate(PAIRS_OF_A_SLOT);
                }
            }
        }
        let rows = users.len() as f64;
        totals.iter_mut().zip(&*mean).for_each(|(total, &mean)| *total += rows * f64::from(mean));
    }
    let rows = history.items.len().max(1) as f64;
    found.shares = totals.into_iter().map(|total| (total / rows) as f32).collect();
    found
}
