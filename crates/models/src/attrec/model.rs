//! The trained model: tables, and its answers.

use super::formula::Formula;
use super::user::UserState;
use super::{Options, Score};
use crate::contract::explanation::{Explanation, Weights};
use crate::contract::kind::Shape;
use crate::contract::model::{Abilities, Embeddings, ItemTable, Metric, Model, Scorer, Sequential};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values};
use crate::learn::recent_items::{RecentItems, by_last_use};
use crate::learn::similarity::{add_centered, cosine, divide_by_norms};
use ndarray::Array2;
use std::borrow::Cow;
use std::ops::Range;
use tastespace_kernels::distance::squared_distance;
use tastespace_kernels::vector::dot;

/// All parameters.
#[derive(Clone)]
pub(super) struct AttRecModel {
    pub(super) formula: Formula,
    /// U.
    pub(super) user_vectors: Array2<f32>,
    /// Each user's parameter of ω, `(n)`, or empty.
    pub(super) user_log_odds: Vec<f32>,
    /// V.
    pub(super) item_vectors: Array2<f32>,
    /// X.
    pub(super) sequence_vectors: Array2<f32>,
    pub(super) query_weights: Array2<f32>,
    pub(super) key_weights: Array2<f32>,
    recent_items: RecentItems,
    /// The time signal of each position: `(L, d)`, or empty.
    pub(super) signals: Vec<f32>,
    /// Squared norms of the rows of V and X.
    pub(super) squares: [Vec<f32>; 2],
}

impl AttRecModel {
    /// Bytes of a model of this shape.
    pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
        let (d, inputs) = (u64::from(options.factors), u64::from(options.inputs));
        let (users, items) = (shape.users as u64, shape.items as u64);
        let width = Formula::new(options).user_width() as u64;
        4 * (users * (width + inputs) + items * (2 * d + 2) + (2 * d + inputs) * d)
    }

    /// A model of trained tables.
    pub(super) fn new(
        options: &Options,
        [users, long, short]: [Array2<f32>; 3],
        user_log_odds: Vec<f32>,
        weights: &[f32],
        recent_items: RecentItems,
    ) -> Self {
        let d = options.factors as usize;
        let square = |part: usize| {
            let values = weights.chunks_exact(d * d).nth(part).map_or(vec![0.0; d * d], <[f32]>::to_vec);
            Array2::from_shape_vec((d, d), values).expect("weights are square")
        };
        Self::of(options, [users, long, short, square(0), square(1)], recent_items, user_log_odds)
    }

    fn of(
        options: &Options,
        tables: [Array2<f32>; 5],
        recent_items: RecentItems,
        user_log_odds: Vec<f32>,
    ) -> Self {
        let formula = Formula::new(options);
        let [user_vectors, item_vectors, sequence_vectors, query_weights, key_weights] = tables;
        Self {
            squares: [squares(&item_vectors), squares(&sequence_vectors)],
            signals: formula.signals(),
            formula,
            user_vectors,
            user_log_odds,
            item_vectors,
            sequence_vectors,
            query_weights,
            key_weights,
            recent_items,
        }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let (d, inputs) = (options.factors as usize, options.inputs as usize);
        let tables = [
            tensors.take_matrix("user_vectors", shape.users, d)?,
            tensors.take_matrix("item_vectors", shape.items, d)?,
            tensors.take_matrix("sequence_vectors", shape.items, d)?,
            tensors.take_matrix("query_weights", d, d)?,
            tensors.take_matrix("key_weights", d, d)?,
        ];
        let recent_items = RecentItems::load(tensors, shape.users, shape.items, inputs)?;
        let user_log_odds = match Formula::new(options).mixing.parameters() {
            0 => Vec::new(),
            _ => tensors.take("user_log_odds", &[shape.users])?,
        };
        Ok(Self::of(options, tables, recent_items, user_log_odds))
    }

    /// The last items of a user, the latest last.
    pub(super) fn recent(&self, user: u32) -> Vec<u32> {
        self.recent_items.of(user)
    }
}

fn squares(table: &Array2<f32>) -> Vec<f32> {
    (0..table.nrows() as u32).map(|index| dot(row(table, index), row(table, index))).collect()
}

impl Model for AttRecModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = vec![
            Tensor::matrix("user_vectors", Axis::Users, &self.user_vectors),
            Tensor::matrix("item_vectors", Axis::Items, &self.item_vectors),
            Tensor::matrix("sequence_vectors", Axis::Items, &self.sequence_vectors),
            Tensor::matrix("query_weights", Axis::Whole, &self.query_weights),
            Tensor::matrix("key_weights", Axis::Whole, &self.key_weights),
            self.recent_items.tensor(),
        ];
        if !self.user_log_odds.is_empty() {
            tensors.push(Tensor::vector("user_log_odds", Axis::Users, &self.user_log_odds));
        }
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        // Callers pass runs of one user, for whom attention is computed once.
        let mut state: Option<(u32, UserState)> = None;
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            if state.as_ref().is_none_or(|&(known, _)| known != user) {
                state = Some((user, self.user(user, &[])));
            }
            let (_, state) = state.as_ref().expect("it was just computed");
            *out = self.score(state, item);
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        self.scorer_since(users, &[])
    }

    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        let [long, short] = &self.squares;
        let vectors = [&self.item_vectors, &self.sequence_vectors].map(ItemTable::matrix);
        Some(
            vectors.into_iter().chain([long, short].map(|squares| ItemTable::column(&squares[..]))).collect(),
        )
    }

    /// Cosine similarity of the items' two vectors together, after subtracting their means over the training interactions. Both
    /// count alike, unless one is not trained.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        let [long, short] = self.formula.mixing.all.map(|weight| if weight > 0.0 { 1.0 } else { 0.0 });
        let mut squares = vec![0.0; out.len()];
        out.fill(0.0);
        add_centered(&self.item_vectors, rows, long, item, out, &mut squares);
        add_centered(&self.sequence_vectors, rows, short, item, out, &mut squares);
        divide_by_norms(&squares, item, out);
        Ok(())
    }

    /// Negative squared distance of the users' embeddings; cosine for inner products.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        if self.formula.mixing.all[0] == 0.0 {
            return Err("without a long term it has no user embeddings");
        }
        let query = row(&self.user_vectors, user);
        for (other, out) in (0..).zip(out) {
            let other = row(&self.user_vectors, other);
            *out = match self.formula.score {
                Score::Distance => -squared_distance(query, other),
                Score::Product => cosine(query, other),
            };
        }
        Ok(())
    }

    /// Mixing weights and vectors of a user with the items of `rows`, in order; of a repeated item the last counts.
    /// `(2 + 2d)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let items = by_last_use(rows);
        let UserState { weights, long, short } = self.new_user(&items);
        Ok([&weights[..], &long, &short].concat())
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        let (weights, vectors) = folded.split_at(2);
        let (long, short) = vectors.split_at(self.formula.d);
        let state =
            UserState { weights: [weights[0], weights[1]], long: long.to_vec(), short: short.to_vec() };
        let items = 0..out.len();
        self.scorer_of(&[state]).score(items, out);
    }

    /// Item vectors of both terms, concatenated and scaled by √ω and √(1 − ω), so that the distance to a user vector built the
    /// same way gives the score; for inner products scaled by ω and 1 − ω.
    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        if axis == Axis::Users {
            return Err("a user's vector depends on their last items");
        }
        let weights = self.formula.mixing.all;
        let (metric, [long_scale, short_scale]) = match self.formula.score {
            Score::Distance => (Metric::Distance, weights.map(f32::sqrt)),
            Score::Product => (Metric::InnerProduct, weights),
        };
        let d = self.formula.d;
        let mut joined = Vec::with_capacity(2 * d * self.item_vectors.nrows());
        for (long, short) in
            values(&self.item_vectors).chunks_exact(d).zip(values(&self.sequence_vectors).chunks_exact(d))
        {
            joined.extend(long.iter().map(|value| long_scale * value));
            joined.extend(short.iter().map(|value| short_scale * value));
        }
        Ok(Embeddings { width: 2 * d, values: Cow::Owned(joined), biases: &[], metric })
    }

    fn points(&self, users: Range<usize>) -> Option<Vec<f32>> {
        let all = self.formula.mixing.all;
        let is_distance = self.formula.score == Score::Distance && self.user_log_odds.is_empty();
        // A user of whom a term is unknown has other weights.
        let everyone = 0..self.user_vectors.nrows() as u32;
        if !is_distance || !everyone.into_iter().all(|user| self.is_mixed(user)) {
            return None;
        }
        let points = users.flat_map(|user| {
            let UserState { long, short, .. } = self.user(user as u32, &[]);
            [(long, all[0].sqrt()), (short, all[1].sqrt())]
                .into_iter()
                .flat_map(|(vector, scale)| vector.into_iter().map(move |value| scale * value))
        });
        Some(points.collect())
    }

    fn explain(&self, user: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        Ok(self.explanation(user, item))
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities { sequence: Some(self), ..Abilities::default() }
    }
}

impl Sequential for AttRecModel {
    fn scorer_since(&self, users: &[u32], since: &[Vec<u32>]) -> Box<dyn Scorer + '_> {
        let since = |index: usize| since.get(index).map_or(&[][..], |items| &items[..]);
        let states: Vec<UserState> =
            users.iter().enumerate().map(|(index, &user)| self.user(user, since(index))).collect();
        Box::new(self.scorer_of(&states))
    }

    fn attention(&self, items: &[u32]) -> Vec<Weights> {
        if items.is_empty() || self.formula.mixing.all[1] == 0.0 {
            return Vec::new();
        }
        self.attended(items).tables(&items[items.len().saturating_sub(self.formula.inputs)..])
    }
}
