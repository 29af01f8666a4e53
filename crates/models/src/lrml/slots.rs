//! Summary of the memory slots over the training pairs.

use super::model::LrmlModel;
use crate::contract::explanation::Slots;
use crate::contract::history::History;

/// Largest number of pairs evaluated per item, spread evenly over its users.
const PAIRS_PER_ITEM: usize = 32;

/// Pairs reported per slot.
const PAIRS_PER_SLOT: usize = 5;

/// Summarizes the attention of the training pairs. The sampled pairs of an item stand for all of its pairs.
pub(super) fn slots(model: &LrmlModel, history: &History, items: usize) -> Slots {
    let count = model.slot_count();
    let mut users_of = vec![Vec::new(); items];
    for user in 0..history.offsets.len() as u32 - 1 {
        history.of(user).iter().for_each(|&item| users_of[item as usize].push(user));
    }
    let mut found = Slots {
        shares: vec![0.0; count],
        attention: vec![0.0; items * count],
        pairs: vec![Vec::with_capacity(PAIRS_PER_SLOT + 1); count],
    };
    let mut totals = vec![0.0f64; count];
    for (item, users) in users_of.iter().enumerate() {
        let mean = &mut found.attention[item * count..][..count];
        let sampled = users.len().min(PAIRS_PER_ITEM);
        for index in 0..sampled {
            let user = users[index * users.len() / sampled];
            let (weights, _) = model.attend_pair(user, item as u32);
            for (slot, &weight) in weights.iter().enumerate() {
                mean[slot] += weight / sampled as f32;
                let pairs = &mut found.pairs[slot];
                let before = pairs.partition_point(|&(.., other)| other >= weight);
                if before < PAIRS_PER_SLOT {
                    pairs.insert(before, (user, item as u32, weight));
                    pairs.truncate(PAIRS_PER_SLOT);
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
