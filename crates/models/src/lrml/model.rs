//! What a trained `lrml` knows, users, items and the memory between them, and what it answers.

use super::Options;
use super::batch::Parameters;
use super::fold_in::FoldIn;
use crate::contract::history::History;
use crate::contract::model::{
    Along, Explanation, Model, Nearness, Scorer, Shape, Slots, Tensor, Tensors, Thing, UNKNOWN, Vectors,
    Weights, WrongTensor, row, values,
};
use crate::learn::embedding::{nearest_of, nearness};
use ndarray::Array2;
use std::ops::Range;
use std::sync::Arc;
use tastespace_kernels::lanes::{LANES, padded};
use tastespace_kernels::matrix::{multiply_transposed, pack, packed_length};
use tastespace_kernels::memory_attention::{EightItems, Person, clip_relation};
use tastespace_kernels::self_attention::combine;
use tastespace_kernels::softmax::softmax;
use tastespace_kernels::translation::Translation;
use tastespace_kernels::vector::{add_scaled, dot};

/// A score that is below all others: of a pair of which one is not known.
const FARTHEST: f32 = f32::MIN;

/// All parameters, and what follows from them.
#[derive(Clone)]
pub(super) struct LrmlModel {
    users: Array2<f32>,
    items: Array2<f32>,
    keys: Array2<f32>,
    memory: Array2<f32>,
    /// Products of the memory with itself, `(N, N)`, and itself with rows and columns swapped, `(d, N)`.
    gram: Vec<f32>,
    memory_turned: Vec<f32>,
    /// Of eight items at a time, the last filled up with zeros: products with the memory, `(⌈m / 8⌉, N, 8)`, and squared lengths.
    moved: Vec<f32>,
    squares: Vec<f32>,
    translation: Translation,
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
        let mut moved = vec![0.0; padded(items.nrows()) * slots];
        let mut squares = vec![0.0; padded(items.nrows())];
        for (item, vector) in items.rows().into_iter().enumerate() {
            let vector = vector.as_slice().expect("rows are whole");
            squares[item] = dot(vector, vector);
            let moved = &mut moved[item / LANES * slots * LANES..][..slots * LANES];
            for (slot, memory) in values(&memory).chunks_exact(d).enumerate() {
                moved[slot * LANES + item % LANES] = dot(memory, vector);
            }
        }
        let turned = (0..d).flat_map(|k| (0..slots).map(move |slot| [slot, k]));
        Self {
            memory_turned: turned.map(|place| memory[place]).collect(),
            users,
            items,
            keys,
            memory,
            gram,
            moved,
            squares,
            translation: options.distance.translation(),
            relation_radius: options.relation_radius(),
            fold_in: FoldIn::new(options),
            history: None,
        }
    }

    /// The trained tables without their padding; users who are not `present` are as the mean of the others.
    pub(super) fn of(options: &Options, parameters: &Parameters, present: &[bool]) -> Self {
        let d = options.factors as usize;
        let Parameters { users, items, keys, memory } = parameters;
        let mut users = users.matrix(d);
        let count = present.iter().filter(|&&present| present).count();
        let mut mean = vec![0.0; d];
        for (user, _) in present.iter().enumerate().filter(|(_, present)| **present) {
            add_scaled(&mut mean, 1.0 / count as f32, row(&users, user as u32));
        }
        for (mut user, _) in users.rows_mut().into_iter().zip(present).filter(|(_, present)| !**present) {
            user.as_slice_mut().expect("rows are whole").copy_from_slice(&mean);
        }
        Self::new(options, [users, items.matrix(d), keys.matrix(d), memory.matrix(d)])
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

    /// The weights of a pair and its relation.
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

    /// The same of a user and an item.
    pub(super) fn attend_pair(&self, user: u32, item: u32) -> (Vec<f32>, Vec<f32>) {
        self.attend(row(&self.users, user), row(&self.items, item))
    }

    fn score(&self, p: &[f32], q: &[f32]) -> f32 {
        let (_, relation) = self.attend(p, q);
        -self.translation.distance(p, &relation, q)
    }

    /// What scores items for people with these vectors: `(people, d)`.
    fn scorer_of(&self, vectors: Vec<f32>) -> Related<'_> {
        let (d, slots) = (self.factors(), self.slot_count());
        let people = vectors.chunks_exact(d);
        let mut moved = vec![0.0; people.len() * slots];
        multiply_transposed(&vectors, values(&self.memory), d, &mut moved, &mut vec![0.0; d * LANES]);
        Related {
            space: self,
            vectors,
            moved,
            keys: vec![0.0; (slots + 1) * d],
            panels: Vec::new(),
            weights: vec![0.0; (slots + 1) * LANES],
        }
    }
}

/// Scores items for a few people, eight items at a time.
struct Related<'a> {
    space: &'a LrmlModel,
    /// `(people, d)`, and their products with the memory: `(people, N)`.
    vectors: Vec<f32>,
    moved: Vec<f32>,
    /// Scratch of one person: the keys as they see them, and themselves.
    keys: Vec<f32>,
    /// Scratch of a range: the items packed.
    panels: Vec<f32>,
    /// Scratch of eight items.
    weights: Vec<f32>,
}

impl Scorer for Related<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        if items.is_empty() {
            return;
        }
        let Self { space, vectors, moved, keys, panels, weights } = self;
        let (d, slots) = (space.factors(), space.slot_count());
        // From a whole eight to a whole eight.
        let first = items.start / LANES * LANES;
        let rows = first * d..(items.end.next_multiple_of(LANES) * d).min(space.items.len());
        panels.resize(packed_length(rows.len() / d, d), 0.0);
        pack(&values(&space.items)[rows], d, panels);
        let people = vectors.chunks_exact(d).zip(moved.chunks_exact(slots));
        for ((vector, moved), out) in people.zip(out.chunks_exact_mut(items.len())) {
            let (own_keys, own) = keys.split_at_mut(slots * d);
            own.copy_from_slice(vector);
            for (own, key) in own_keys.chunks_exact_mut(d).zip(values(&space.keys).chunks_exact(d)) {
                for (own, (key, p)) in own.iter_mut().zip(key.iter().zip(vector)) {
                    *own = key * p;
                }
            }
            let person = Person {
                keys,
                moved,
                square: dot(vector, vector),
                gram: &space.gram,
                radius: space.relation_radius,
            };
            for (eight, panel) in panels.chunks_exact(LANES * d).enumerate() {
                let start = first + eight * LANES;
                let eight = EightItems {
                    vectors: panel,
                    moved: &space.moved[start * slots..][..slots * LANES],
                    squares: space.squares[start..].first_chunk().expect("squares are in eights"),
                };
                let mut far = person.squared_distances(&eight, weights);
                if space.translation == Translation::Absolute {
                    far = person.absolute_distances(&eight, weights, &space.memory_turned);
                } else {
                    far = far.map(|square| space.translation.of_square(square));
                }
                let wanted = start.max(items.start)..(start + LANES).min(items.end);
                for item in wanted {
                    out[item - items.start] = -far[item - start];
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
            Tensor::matrix("user_vectors", Along::Users, &self.users),
            Tensor::matrix("item_vectors", Along::Items, &self.items),
            Tensor::matrix("memory_keys", Along::Whole, &self.keys),
            Tensor::matrix("memory", Along::Whole, &self.memory),
        ]
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = if user == UNKNOWN || item == UNKNOWN {
                FARTHEST
            } else {
                self.score(row(&self.users, user), row(&self.items, item))
            };
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.users, user)).copied().collect();
        Box::new(self.scorer_of(vectors))
    }

    /// Minus the squared distance of the items.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        nearness(&self.items, row(&self.items, item), out);
        Ok(())
    }

    /// Minus the squared distance of the users.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        nearness(&self.users, row(&self.users, user), out);
        Ok(())
    }

    /// The place of who had these items; of who had none the mean of all people.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        Ok(self.fold_in.place(&self.users, &self.items, [&self.keys, &self.memory].map(values), rows))
    }

    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]) {
        self.scorer_of(newcomer.to_vec()).score(0..out.len(), out);
    }

    fn vectors(&self, of: Along) -> Result<Vectors<'_>, &'static str> {
        if of == Along::Users {
            return Err("what lies between a user and an item is another for each pair");
        }
        Ok(Vectors::of(&self.items, &[], Nearness::Distance))
    }

    /// What the score is without a relation, and what the relation adds. The weights are those of the pair over the slots; the
    /// nearest are of the items that the user had.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (p, q) = (row(&self.users, user), row(&self.items, item));
        let (weights, relation) = self.attend(p, q);
        let still = -self.translation.distance(p, &vec![0.0; p.len()], q);
        let moved = -self.translation.distance(p, &relation, q);
        let slots = (1..=weights.len()).map(|slot| Thing::Name(format!("slot {slot}"))).collect();
        Ok(Explanation {
            parts: vec![("withoutRelation".to_owned(), still), ("relation".to_owned(), moved - still)],
            nearest: nearest_of(&self.items, item, rows),
            weights: vec![Weights {
                name: "attention",
                rows: vec![Thing::Name("pair".to_owned())],
                columns: slots,
                values: weights,
            }],
            ..Explanation::default()
        })
    }

    fn slots(&self) -> Result<Slots, &'static str> {
        let history = self.history.as_ref().ok_or("its file tells nothing of who had what")?;
        Ok(super::slots::slots(self, history, self.items.nrows()))
    }
}
