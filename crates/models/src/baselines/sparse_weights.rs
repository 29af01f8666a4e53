//! A few weights from each item: the neighbors of an item, or its strongest weights.

use super::item_item::Weights;
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::serve::topk::top_k;
use std::ops;

/// Which similarities there are between items.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Similar {
    /// An item is similar to the items that it has weights to.
    To,
    /// An item is similar to the items that have weights to it.
    From,
}

/// Weights from each item to `width` others.
pub(super) struct SparseWeights {
    pub(super) items: usize,
    pub(super) width: usize,
    /// The other items, ascending and padded with the item itself: `(items, width)`. `f32` holds indices exactly below 2²⁴; larger
    /// catalogues do not fit into memory.
    pub(super) neighbours: Vec<f32>,
    /// Their weights: `(items, width)`.
    pub(super) weights: Vec<f32>,
    /// Name of the weights in the file.
    pub(super) name: &'static str,
    pub(super) similar: Similar,
}

/// Name of the neighbors in the file.
const NEIGHBOURS: &str = "neighbours";

impl SparseWeights {
    /// Takes the weights from a file, at most `most` of each item.
    pub(super) fn load(
        tensors: &mut Tensors,
        (name, similar): (&'static str, Similar),
        items: usize,
        most: usize,
    ) -> Result<Self, WrongTensor> {
        let found = tensors.shape(NEIGHBOURS).and_then(|shape| shape.get(1).copied());
        let width = found.unwrap_or(most).min(most);
        let neighbours = tensors.take(NEIGHBOURS, &[items, width])?;
        let weights = tensors.take(name, &[items, width])?;
        Ok(Self { items, width, neighbours, weights, name, similar })
    }

    /// Whether a file has such weights.
    pub(super) fn are_in(tensors: &Tensors) -> bool {
        tensors.shape(NEIGHBOURS).is_some()
    }

    /// The `count` strongest of the weights that `each` lists of every item. Of equal weights those to the first items.
    pub(super) fn strongest(
        (name, similar): (&'static str, Similar),
        (items, count): (usize, usize),
        each: impl Fn(u32, &mut Vec<(u32, f32)>),
    ) -> Self {
        let width = count.min(items.saturating_sub(1));
        let (mut neighbours, mut weights) = (Vec::new(), Vec::new());
        let (mut all, mut strengths) = (Vec::new(), vec![f32::NEG_INFINITY; items]);
        for item in 0..items as u32 {
            each(item, &mut all);
            for &(other, weight) in all.iter().filter(|&&(_, weight)| weight != 0.0) {
                strengths[other as usize] = weight.abs();
            }
            let mut kept: Vec<u32> = top_k(&strengths, width).iter().map(|&(other, _)| other).collect();
            kept.resize(width, item);
            kept.sort_unstable();
            neighbours.extend(kept.iter().map(|&other| other as f32));
            let first = weights.len();
            weights.resize(first + width, 0.0);
            for (other, weight) in all.drain(..) {
                strengths[other as usize] = f32::NEG_INFINITY;
                if let Ok(place) = kept.binary_search(&other) {
                    weights[first + place] = weight;
                }
            }
        }
        Self { items, width, neighbours, weights, name, similar }
    }

    /// The items of `items` that `had` has weights to, with these. Whatever a file says, none is outside.
    fn among(&self, had: u32, items: ops::Range<usize>) -> impl Iterator<Item = (usize, f32)> {
        let row = had as usize * self.width..(had as usize + 1) * self.width;
        let (neighbours, weights) = (&self.neighbours[row.clone()], &self.weights[row]);
        let from = neighbours.partition_point(|&item| item < items.start as f32);
        let found = neighbours[from..].iter().map(|&item| item as usize).zip(&weights[from..]);
        let (start, end) = (items.start, items.end);
        let within = found.take_while(move |&(item, _)| item < end).filter(move |&(item, _)| item >= start);
        within.map(|(item, &weight)| (item, weight))
    }
}

impl Weights for SparseWeights {
    fn items(&self) -> usize {
        self.items
    }

    fn weight(&self, had: u32, item: u32) -> f32 {
        let item = item as usize;
        self.among(had, item..item + 1).map(|(_, weight)| weight).sum()
    }

    fn add_to(&self, had: u32, items: ops::Range<usize>, out: &mut [f32]) {
        let first = items.start;
        for (item, weight) in self.among(had, items) {
            out[item - first] += weight;
        }
    }

    fn similarity(&self, item: u32, out: &mut [f32]) {
        out.fill(f32::NEG_INFINITY);
        match self.similar {
            Similar::To => {
                for (other, weight) in self.among(item, 0..self.items) {
                    out[other] = weight;
                }
            }
            Similar::From => {
                let place = item as usize;
                for (from, out) in (0..).zip(out) {
                    let weight = self.among(from, place..place + 1).map(|(_, weight)| weight).next();
                    *out = weight.unwrap_or(f32::NEG_INFINITY);
                }
            }
        }
    }

    fn tensors(&self) -> Vec<Tensor<'_>> {
        let tensor = |name: &'static str, values| Tensor {
            name: name.into(),
            shape: vec![self.items, self.width],
            values,
            axis: Axis::Items,
        };
        vec![tensor(NEIGHBOURS, &self.neighbours), tensor(self.name, &self.weights)]
    }

    fn strongest(&self, count: usize) -> SparseWeights {
        let of = |item, out: &mut Vec<(u32, f32)>| {
            out.extend(self.among(item, 0..self.items).map(|(other, weight)| (other as u32, weight)));
        };
        Self::strongest((self.name, self.similar), (self.items, count.min(self.width)), of)
    }
}
