//! The items that a mini-batch compares its targets with.

use crate::learn::row_gradients::NONE;
use crate::learn::table::Table;
use tastespace_data::Rng;
use tastespace_kernels::math::ln;
use tastespace_kernels::matrix::{pack, pack_transposed, packed_length};

/// All items, or distinct uniform samples, with their vectors in panels.
pub(super) struct Candidates {
    items: Vec<u32>,
    /// The index of each item of the catalogue among the candidates, or [`NONE`].
    index_of: Vec<u32>,
    /// `(k, d)`
    vectors: Vec<f32>,
    /// For logits.
    forward: Vec<f32>,
    /// For gradients of outputs.
    backward: Vec<f32>,
    d: usize,
}

impl Candidates {
    /// Candidates among `items` items: `wanted` of them, or all if they are no more.
    pub(super) fn new(wanted: usize, items: usize, d: usize) -> Self {
        let k = wanted.min(items);
        let all = k == items;
        let listed = if all { (0..items as u32).collect() } else { Vec::with_capacity(k) };
        Self {
            index_of: if all { (0..items as u32).collect() } else { vec![NONE; items] },
            items: listed,
            vectors: vec![0.0; k * d],
            forward: vec![0.0; packed_length(k, d)],
            backward: vec![0.0; packed_length(d, k)],
            d,
        }
    }

    pub(super) fn bytes(wanted: usize, items: usize, d: usize) -> u64 {
        let k = wanted.min(items);
        4 * (items + k + k * d + packed_length(k, d) + packed_length(d, k)) as u64
    }

    /// Number of candidates of every mini-batch.
    pub(super) fn len(&self) -> usize {
        self.vectors.len() / self.d
    }

    pub(super) fn items(&self) -> &[u32] {
        &self.items
    }

    pub(super) fn index_of(&self, item: u32) -> Option<usize> {
        let index = self.index_of[item as usize];
        (index != NONE).then_some(index as usize)
    }

    /// Samples the candidates of the next mini-batch, unless they are all items, and packs their vectors.
    pub(super) fn sample(&mut self, rng: impl FnOnce() -> Rng, table: &Table) {
        let (count, k) = (self.index_of.len(), self.len());
        if k < count {
            self.items.drain(..).for_each(|item| self.index_of[item as usize] = NONE);
            let mut rng = rng();
            while self.items.len() < k {
                let item = rng.below(count as u32);
                if self.index_of[item as usize] == NONE {
                    self.index_of[item as usize] = self.items.len() as u32;
                    self.items.push(item);
                }
            }
        }
        for (vector, &item) in self.vectors.chunks_exact_mut(self.d).zip(&self.items) {
            vector.copy_from_slice(table.row(item));
        }
        pack(&self.vectors, self.d, &mut self.forward);
        pack_transposed(&self.vectors, self.d, &mut self.backward);
    }

    /// Panels for `outputs · candidatesᵀ`, and for `derivatives · candidates`.
    pub(super) fn panels(&self) -> [&[f32]; 2] {
        [&self.forward, &self.backward]
    }

    /// The corrections of [`tastespace_kernels::cross_entropy`] where the target is not among the candidates, and where it is.
    pub(super) fn corrections(&self) -> [f32; 2] {
        let (items, k) = (self.index_of.len(), self.len());
        [k, k - 1].map(|others| if others > 0 { ln((items - 1) as f64 / others as f64) as f32 } else { 0.0 })
    }
}
