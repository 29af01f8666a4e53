//! Explanations: factors, what each of the last items changes, and the attention of the last position.

use super::model::SasRecModel;
use super::network::Network;
use crate::contract::explanation::{Entity, Explanation, Weights};
use crate::contract::tensor::row;
use crate::learn::similarity::{product_parts, sort_by_strength};
use tastespace_kernels::vector::dot;

impl SasRecModel {
    /// The contribution of an item of the history is the score minus the score without this item. The table `attention` has
    /// the weights of the last position, for each block and head; a history that is not cut begins with its `start`.
    pub(super) fn explanation(&self, user: u32, item: u32) -> Explanation {
        let history = self.history(user, &[]);
        let recent = &history[history.len().saturating_sub(self.layout.length)..];
        let target = row(&self.item_vectors, item);
        let network = self.passed(recent);
        let d = self.layout.d;
        let outputs = network.outputs();
        let state = &outputs[outputs.len() - d..];
        let score = dot(state, target);
        let without = |left_out: usize| {
            let rest: Vec<u32> =
                recent.iter().enumerate().filter(|&(k, _)| k != left_out).map(|(_, &item)| item).collect();
            (recent[left_out], score - dot(&self.state(&rest), target))
        };
        let mut items: Vec<(u32, f32)> = (0..recent.len()).map(without).collect();
        sort_by_strength(&mut items);

        let weights = vec![self.attention_table(&network, recent)];
        Explanation { parts: product_parts(state, target), items, weights, ..Explanation::default() }
    }
    /// The weights of the last position of a network that has passed the `inputs`, for each block and head.
    pub(super) fn attention_table(&self, network: &Network, inputs: &[u32]) -> Weights {
        let heads = self.layout.heads;
        let t = network.outputs().len() / self.layout.d;
        let start = (t > inputs.len()).then(|| Entity::Name("start".to_owned()));
        let columns = start.into_iter().chain(inputs.iter().map(|&item| Entity::Item(item))).collect();
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for block in 0..self.layout.blocks {
            for (head, map) in network.map(block).chunks_exact(t * t).enumerate() {
                let name = if heads > 1 {
                    format!("block {}, head {}", block + 1, head + 1)
                } else {
                    format!("block {}", block + 1)
                };
                rows.push(Entity::Name(name));
                values.extend_from_slice(&map[(t - 1) * t..]);
            }
        }
        Weights { name: "attention", rows, columns, values }
    }
}
