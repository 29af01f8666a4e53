//! The trained model: tables, and its answers.

use super::Options;
use super::layout::{Layout, Packed};
use super::network::Network;
use super::segments::inputs;
use super::train::embed;
use crate::contract::explanation::{Explanation, Weights};
use crate::contract::kind::Shape;
use crate::contract::model::{Abilities, Embeddings, ItemTable, Metric, Model, Scorer, Sequential};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values};
use crate::learn::recent_items::{RecentItems, by_last_use};
use crate::learn::row_gradients::NONE;
use crate::learn::scorer::VectorScorer;
use crate::learn::similarity::centered_cosines;
use ndarray::Array2;
use tastespace_kernels::vector::dot;

/// All parameters.
#[derive(Clone)]
pub(super) struct SasRecModel {
    pub(super) layout: Layout,
    /// E: `(m, d)`.
    pub(super) item_vectors: Array2<f32>,
    /// P, and the start of a history: `(length + 1, d)`.
    position_vectors: Array2<f32>,
    weights: Array2<f32>,
    packed: Packed,
    recent_items: RecentItems,
}

impl SasRecModel {
    /// Bytes of a model of this shape.
    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        let layout = Layout::new(options);
        let rows = shape.items + layout.length + 1 + layout.rows();
        4 * (rows * layout.d + shape.users * layout.length) as u64 + Packed::bytes(layout)
    }

    /// A model of trained tables: items, positions, weights.
    pub(super) fn new(
        layout: Layout,
        [item_vectors, position_vectors, weights]: [Array2<f32>; 3],
        recent_items: RecentItems,
    ) -> Self {
        let mut packed = Packed::new(layout);
        packed.pack(layout, values(&weights));
        Self { layout, item_vectors, position_vectors, weights, packed, recent_items }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let layout = Layout::new(options);
        let tables = [
            tensors.take_matrix("item_vectors", shape.items, layout.d)?,
            tensors.take_matrix("position_vectors", layout.length + 1, layout.d)?,
            tensors.take_matrix("weights", layout.rows(), layout.d)?,
        ];
        let recent_items = RecentItems::load(tensors, shape.users, shape.items, layout.length)?;
        Ok(Self::new(layout, tables, recent_items))
    }

    /// The last items of a user whose sequence continues with the items of `since`.
    pub(super) fn history(&self, user: u32, since: &[u32]) -> Vec<u32> {
        let mut items = self.recent_items.of(user);
        items.retain(|item| !since.contains(item));
        items.extend(since);
        items
    }

    /// The network after the last of `items`.
    pub(super) fn passed(&self, items: &[u32]) -> Network {
        let inputs = inputs(items, self.layout.length);
        let mut network = Network::new(self.layout, inputs.len(), false, false);
        let x = network.push(inputs.len());
        let inputs = inputs.iter().map(|input| input.unwrap_or(NONE));
        embed(x, inputs, values(&self.item_vectors), values(&self.position_vectors), self.layout.d);
        network.forward(values(&self.weights), &self.packed);
        network
    }

    /// The output after the last of `items`: `(d)`.
    pub(super) fn state(&self, items: &[u32]) -> Vec<f32> {
        let network = self.passed(items);
        let outputs = network.outputs();
        outputs[outputs.len() - self.layout.d..].to_vec()
    }
}

impl Model for SasRecModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::matrix("item_vectors", Axis::Items, &self.item_vectors),
            Tensor::matrix("position_vectors", Axis::Whole, &self.position_vectors),
            Tensor::matrix("weights", Axis::Whole, &self.weights),
            self.recent_items.tensor(),
        ]
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        // Callers pass runs of one user, for whom the network is passed once.
        let mut state: Option<(u32, Vec<f32>)> = None;
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            if state.as_ref().is_none_or(|&(known, _)| known != user) {
                state = Some((user, self.state(&self.history(user, &[]))));
            }
            let (_, state) = state.as_ref().expect("it was just computed");
            *out = dot(state, row(&self.item_vectors, item));
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        self.scorer_since(users, &[])
    }

    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        Some(vec![ItemTable::matrix(&self.item_vectors)])
    }

    /// Cosine similarity of the item embeddings, after subtracting their mean over the training interactions.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        centered_cosines(&self.item_vectors, rows, item, out);
        Ok(())
    }

    fn user_similarity(&self, _user: u32, _out: &mut [f32]) -> Result<(), &'static str> {
        Err("it has no user embeddings: a user is their last items")
    }

    /// The output after the items of `rows`, in order; of a repeated item the last counts. `(d)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let items = by_last_use(rows);
        Ok(self.state(&items))
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        let items = 0..out.len();
        VectorScorer::inner_products(folded.to_vec(), &self.item_vectors).score(items, out);
    }

    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        if axis == Axis::Users {
            return Err("a user's vector depends on their last items");
        }
        Ok(Embeddings::of(&self.item_vectors, &[], Metric::InnerProduct))
    }

    fn explain(&self, user: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        Ok(self.explanation(user, item))
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities { sequence: Some(self), ..Abilities::default() }
    }
}

impl Sequential for SasRecModel {
    fn scorer_since(&self, users: &[u32], since: &[Vec<u32>]) -> Box<dyn Scorer + '_> {
        let since = |index: usize| since.get(index).map_or(&[][..], |items| &items[..]);
        let state = |(index, &user): (usize, &u32)| self.state(&self.history(user, since(index)));
        let vectors = users.iter().enumerate().flat_map(state).collect();
        Box::new(VectorScorer::inner_products(vectors, &self.item_vectors))
    }

    fn attention(&self, items: &[u32]) -> Vec<Weights> {
        let recent = &items[items.len().saturating_sub(self.layout.length)..];
        vec![self.attention_table(&self.passed(recent), recent)]
    }
}
