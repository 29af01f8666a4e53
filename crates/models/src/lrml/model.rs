//! The trained model: a score is the negative distance of `p + r` and `q`.
//!
//! All items are ranked without computing a relation vector for each pair: with `r = Σ_n a_n M_n`,
//! `‖p + r − q‖²` follows from the inner products of p, q and the memory rows, which are computed in advance.

use super::Options;
use super::fold_in::FoldIn;
use crate::contract::explanation::{Entity, Explanation, Slots, Weights};
use crate::contract::history::History;
use crate::contract::kind::Shape;
use crate::contract::model::{Abilities, Embeddings, Memory, Metric, Model, Scorer};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values};
use crate::learn::fold_in::mean;
use crate::learn::similarity::{centered_cosines, nearest_of, negative_squared_distances, shrink};
use crate::learn::table::Table;
use ndarray::Array2;
use std::ops::Range;
use std::sync::Arc;
use tastespace_kernels::lanes::{LANES, padded};
use tastespace_kernels::matrix::{multiply_transposed, pack, packed_length};
use tastespace_kernels::memory_attention::{EightItems, UserQuery, clip_relation};
use tastespace_kernels::self_attention::combine;
use tastespace_kernels::softmax::softmax;
use tastespace_kernels::translation::Translation;
use tastespace_kernels::vector::dot;

/// All parameters, and products of them.
#[derive(Clone)]
pub(super) struct LrmlModel {
    users: Array2<f32>,
    items: Array2<f32>,
    keys: Array2<f32>,
    memory: Array2<f32>,
    /// Inner products of the memory rows, `(N, N)`, and the transposed memory, `(d, N)`.
    gram: Vec<f32>,
    memory_transposed: Vec<f32>,
    /// Items in groups of eight, the last padded with zeros: inner products with the memory rows, `(⌈m / 8⌉, N, 8)`, and
    /// squared norms.
    item_products: Vec<f32>,
    squares: Vec<f32>,
    distance: Translation,
    relation_radius: Option<f32>,
    fold_in: FoldIn,
    history: Option<Arc<History>>,
}

impl LrmlModel {
    /// Bytes of a model of this shape.
    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        let (d, slots) = (u64::from(options.factors), u64::from(options.slots));
        let items = padded(shape.items) as u64;
        4 * (shape.users as u64 * d + items * (d + slots + 1) + slots * (3 * d + slots))
    }

    fn new(options: &Options, [users, items, keys, memory]: [Array2<f32>; 4]) -> Self {
        let (slots, d) = memory.dim();
        let mut panel = vec![0.0; d * LANES];
        let mut gram = vec![0.0; slots * slots];
        multiply_transposed(values(&memory), values(&memory), d, &mut gram, &mut panel);
        let mut item_products = vec![0.0; padded(items.nrows()) * slots];
        let mut squares = vec![0.0; padded(items.nrows())];
        for (item, vector) in items.rows().into_iter().enumerate() {
            let vector = vector.as_slice().expect("rows are contiguous");
            squares[item] = dot(vector, vector);
            let products = &mut item_products[item / LANES * slots * LANES..][..slots * LANES];
            for (slot, memory) in values(&memory).chunks_exact(d).enumerate() {
                products[slot * LANES + item % LANES] = dot(memory, vector);
            }
        }
        let transposed = (0..d).flat_map(|k| (0..slots).map(move |slot| [slot, k]));
        Self {
            memory_transposed: transposed.map(|index| memory[index]).collect(),
            users,
            items,
            keys,
            memory,
            gram,
            item_products,
            squares,
            distance: options.distance.translation(),
            relation_radius: options.relation_radius(),
            fold_in: FoldIn::new(options),
            history: None,
        }
    }

    /// The trained tables without padding. A user that is not `trained` gets the mean of the others.
    pub(super) fn of(options: &Options, tables: [&Table; 4], trained: &[bool]) -> Self {
        let [mut users, items, keys, memory] = tables.map(|table| table.matrix(options.factors as usize));
        let known: Vec<&[f32]> =
            (0..).zip(trained).filter(|(_, trained)| **trained).map(|(user, _)| row(&users, user)).collect();
        let mean = mean(known.into_iter(), users.ncols());
        for (mut user, _) in users.rows_mut().into_iter().zip(trained).filter(|(_, trained)| !**trained) {
            user.as_slice_mut().expect("rows are contiguous").copy_from_slice(&mean);
        }
        Self::new(options, [users, items, keys, memory])
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let (d, slots) = (options.factors as usize, options.slots as usize);
        let mut take = |name, rows| tensors.take_matrix(name, rows, d);
        let tables = [
            take("user_vectors", shape.users)?,
            take("item_vectors", shape.items)?,
            take("memory_keys", slots)?,
            take("memory", slots)?,
        ];
        Ok(Self::new(options, tables))
    }

    fn factors(&self) -> usize {
        self.items.ncols()
    }

    pub(super) fn slot_count(&self) -> usize {
        self.memory.nrows()
    }

    /// The attention weights of a pair, and its relation.
    fn attend(&self, p: &[f32], q: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let product: Vec<f32> = p.iter().zip(q).map(|(p, q)| p * q).collect();
        let keys = values(&self.keys).chunks_exact(p.len());
        let mut weights: Vec<f32> = keys.map(|key| dot(key, &product)).collect();
        softmax(&mut weights);
        let mut relation = vec![0.0; p.len()];
        combine(&weights, values(&self.memory), &mut relation);
        if let Some(radius) = self.relation_radius {
            clip_relation(&mut relation, radius);
        }
        (weights, relation)
    }

    /// The same for a user and an item by index.
    pub(super) fn attend_pair(&self, user: u32, item: u32) -> (Vec<f32>, Vec<f32>) {
        self.attend(row(&self.users, user), row(&self.items, item))
    }

    fn score(&self, p: &[f32], q: &[f32]) -> f32 {
        let (_, relation) = self.attend(p, q);
        -self.distance.distance(p, &relation, q)
    }

    /// A scorer for users with these `embeddings: (users, d)`.
    fn scorer_of(&self, embeddings: Vec<f32>) -> RelationScorer<'_> {
        let (d, slots) = (self.factors(), self.slot_count());
        let mut products = vec![0.0; embeddings.len() / d * slots];
        multiply_transposed(&embeddings, values(&self.memory), d, &mut products, &mut vec![0.0; d * LANES]);
        RelationScorer {
            model: self,
            embeddings,
            products,
            keys: vec![0.0; (slots + 1) * d],
            panels: Vec::new(),
            weights: vec![0.0; (slots + 1) * LANES],
        }
    }
}

/// Scores items for a few users, eight items at a time.
struct RelationScorer<'a> {
    model: &'a LrmlModel,
    /// `(users, d)`, and their inner products with the memory rows: `(users, N)`.
    embeddings: Vec<f32>,
    products: Vec<f32>,
    /// Workspace of one user: the keys multiplied by their embedding, then the embedding: `(N + 1, d)`.
    keys: Vec<f32>,
    /// Workspace of a range of items: their packed embeddings.
    panels: Vec<f32>,
    /// Workspace of eight items.
    weights: Vec<f32>,
}

impl Scorer for RelationScorer<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        if items.is_empty() {
            return;
        }
        let Self { model, embeddings, products, keys, panels, weights } = self;
        let (d, slots) = (model.factors(), model.slot_count());
        // Whole groups of eight.
        let first = items.start / LANES * LANES;
        let rows = first * d..(items.end.next_multiple_of(LANES) * d).min(model.items.len());
        panels.resize(packed_length(rows.len() / d, d), 0.0);
        pack(&values(&model.items)[rows], d, panels);
        let users = embeddings.chunks_exact(d).zip(products.chunks_exact(slots));
        for ((embedding, products), out) in users.zip(out.chunks_exact_mut(items.len())) {
            let (own_keys, own) = keys.split_at_mut(slots * d);
            own.copy_from_slice(embedding);
            for (own, key) in own_keys.chunks_exact_mut(d).zip(values(&model.keys).chunks_exact(d)) {
                for (own, (key, p)) in own.iter_mut().zip(key.iter().zip(embedding)) {
                    *own = key * p;
                }
            }
            let user = UserQuery {
                keys,
                memory_products: products,
                square: dot(embedding, embedding),
                gram: &model.gram,
                radius: model.relation_radius,
            };
            for (eight, panel) in panels.chunks_exact(LANES * d).enumerate() {
                let start = first + eight * LANES;
                let eight = EightItems {
                    vectors: panel,
                    memory_products: &model.item_products[start * slots..][..slots * LANES],
                    squares: model.squares[start..].first_chunk().expect("squares are in eights"),
                };
                let mut distances = user.squared_distances(&eight, weights);
                if model.distance == Translation::Absolute {
                    distances = user.absolute_distances(&eight, weights, &model.memory_transposed);
                } else {
                    distances = distances.map(|square| model.distance.of_square(square));
                }
                let wanted = start.max(items.start)..(start + LANES).min(items.end);
                for item in wanted {
                    out[item - items.start] = -distances[item - start];
                }
            }
        }
    }
}

impl Model for LrmlModel {
    fn remember(&mut self, history: &Arc<History>) {
        self.history = Some(history.clone());
    }

    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::matrix("user_vectors", Axis::Users, &self.users),
            Tensor::matrix("item_vectors", Axis::Items, &self.items),
            Tensor::matrix("memory_keys", Axis::Whole, &self.keys),
            Tensor::matrix("memory", Axis::Whole, &self.memory),
        ]
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = self.score(row(&self.users, user), row(&self.items, item));
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.users, user)).copied().collect();
        Box::new(self.scorer_of(vectors))
    }

    /// Cosine similarity of the item embeddings, after subtracting their mean over the training interactions, shrunk
    /// for items with few interactions.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        centered_cosines(&self.items, rows, item, out);
        shrink(rows, out);
        Ok(())
    }

    /// Negative squared distance of the users.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        negative_squared_distances(&self.users, row(&self.users, user), out);
        Ok(())
    }

    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        Ok(self.fold_in.embed(&self.users, &self.items, [&self.keys, &self.memory].map(values), rows))
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        self.scorer_of(folded.to_vec()).score(0..out.len(), out);
    }

    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        if axis == Axis::Users {
            return Err("the distance between a user and an item depends on the relation of the pair");
        }
        Ok(Embeddings::of(&self.items, &[], Metric::Distance))
    }

    /// The score without the relation, and the difference that the relation makes; the attention of the pair over the slots;
    /// the user's items nearest to this one.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (p, q) = (row(&self.users, user), row(&self.items, item));
        let (weights, relation) = self.attend(p, q);
        let without = -self.distance.distance(p, &vec![0.0; p.len()], q);
        let with = -self.distance.distance(p, &relation, q);
        let slots = (1..=weights.len()).map(|slot| Entity::Name(format!("slot {slot}"))).collect();
        Ok(Explanation {
            parts: vec![("withoutRelation".to_owned(), without), ("relation".to_owned(), with - without)],
            nearest: nearest_of(&self.items, item, rows),
            weights: vec![Weights {
                name: "attention",
                rows: vec![Entity::Name("pair".to_owned())],
                columns: slots,
                values: weights,
            }],
            ..Explanation::default()
        })
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities { memory: Some(self), ..Abilities::default() }
    }
}

impl Memory for LrmlModel {
    fn slots(&self) -> Result<Slots, &'static str> {
        let history = self.history.as_ref().ok_or("it was saved without its interaction history")?;
        Ok(super::slots::slots(self, history, self.items.nrows()))
    }
}
