//! Scores of a few users for a range of items by matrix products: `−‖u − v‖² = 2 u·v − ‖u‖² − ‖v‖²`.

use super::Score;
use super::model::AttRecModel;
use super::user::UserState;
use crate::contract::model::{Coefficients, LinearScorer, Scorer};
use crate::contract::tensor::{row, values};
use std::ops::Range;
use tastespace_kernels::lanes::LANES;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::vector::dot;

/// Scores items for a few users.
pub(super) struct AttRecScorer<'a> {
    model: &'a AttRecModel,
    weights: Vec<[f32; 2]>,
    /// Subtracted from all scores of a user.
    bases: Vec<f32>,
    /// Vectors of both terms, times twice their mixing weight: `(users, d)` each.
    vectors: [Vec<f32>; 2],
    panel: Vec<f32>,
    products: Vec<f32>,
    /// Workspace of some items: their vectors.
    some: Vec<f32>,
}

impl AttRecModel {
    pub(super) fn scorer_of(&self, users: &[UserState]) -> AttRecScorer<'_> {
        let slope = if self.formula.score == Score::Distance { 2.0 } else { 1.0 };
        let vectors = |term: usize| -> Vec<f32> {
            let scaled = |user: &UserState| {
                let weight = slope * user.weights[term];
                let vector = if term == 0 { &user.long } else { &user.short };
                vector.iter().map(move |value| weight * value).collect::<Vec<f32>>()
            };
            users.iter().flat_map(scaled).collect()
        };
        let base = |user: &UserState| match self.formula.score {
            Score::Distance => {
                user.weights[0] * dot(&user.long, &user.long)
                    + user.weights[1] * dot(&user.short, &user.short)
            }
            Score::Product => 0.0,
        };
        AttRecScorer {
            model: self,
            weights: users.iter().map(|user| user.weights).collect(),
            bases: users.iter().map(base).collect(),
            vectors: [vectors(0), vectors(1)],
            panel: vec![0.0; self.formula.d * LANES],
            products: Vec::new(),
            some: Vec::new(),
        }
    }
}

impl Scorer for AttRecScorer<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        let Self { model, weights, bases, vectors, panel, products, .. } = self;
        let d = model.formula.d;
        let rows = items.start * d..items.end * d;
        products.resize(out.len(), 0.0);
        multiply_transposed(&vectors[0], &values(&model.item_vectors)[rows.clone()], d, out, panel);
        multiply_transposed(&vectors[1], &values(&model.sequence_vectors)[rows], d, products, panel);
        let [long, short] = &model.squares;
        let count = items.len().max(1);
        let users = out.chunks_exact_mut(count).zip(products.chunks_exact(count));
        for (user, (scores, products)) in users.enumerate() {
            let weights = square_weights(model, weights[user]);
            let squares = long[items.clone()].iter().zip(&short[items.clone()]);
            for ((score, product), (long, short)) in scores.iter_mut().zip(products).zip(squares) {
                *score = total(*score, *product, bases[user], weights, [*long, *short]);
            }
        }
    }

    fn linear(&mut self) -> Option<&mut dyn LinearScorer> {
        Some(self)
    }
}

/// The weights of the items' squares, which only distances have.
fn square_weights(model: &AttRecModel, weights: [f32; 2]) -> [f32; 2] {
    let distance = if model.formula.score == Score::Distance { 1.0 } else { 0.0 };
    weights.map(|weight| distance * weight)
}

/// The score from the products of both terms.
#[inline(always)]
fn total(long: f32, short: f32, base: f32, weights: [f32; 2], squares: [f32; 2]) -> f32 {
    (long + short) - (base + (weights[0] * squares[0] + weights[1] * squares[1]))
}

impl LinearScorer for AttRecScorer<'_> {
    fn coefficients(&mut self) -> Coefficients {
        let d = self.model.formula.d;
        let [long, short] = &self.vectors;
        let users = self.weights.iter().zip(long.chunks_exact(d).zip(short.chunks_exact(d)));
        let vectors = users.flat_map(|(&weights, (long, short))| {
            let squares = square_weights(self.model, weights).map(|weight| -weight);
            long.iter().chain(short).copied().chain(squares)
        });
        let bases = self.bases.iter().map(|base| -base).collect();
        Coefficients { vectors: vectors.collect(), bases, cap: f32::INFINITY }
    }

    fn score_some(&mut self, user: usize, items: &[u32], out: &mut [f32]) {
        let Self { model, weights, bases, vectors, panel, some, .. } = self;
        let d = model.formula.d;
        let weights = square_weights(model, weights[user]);
        for (items, out) in items.chunks(LANES).zip(out.chunks_mut(LANES)) {
            let mut products = [[0.0; LANES]; 2];
            let tables = [&model.item_vectors, &model.sequence_vectors];
            for ((table, vectors), products) in tables.into_iter().zip(&*vectors).zip(&mut products) {
                some.clear();
                items.iter().for_each(|&item| some.extend_from_slice(row(table, item)));
                let own = &vectors[user * d..][..d];
                multiply_transposed(own, some, d, &mut products[..items.len()], panel);
            }
            for (place, (&item, out)) in items.iter().zip(out).enumerate() {
                let squares = [0, 1].map(|term| model.squares[term][item as usize]);
                *out = total(products[0][place], products[1][place], bases[user], weights, squares);
            }
        }
    }
}
