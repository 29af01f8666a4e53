//! Scores of a few users for a range of items by matrix products: `−‖u − v‖² = 2 u·v − ‖u‖² − ‖v‖²`.

use super::Score;
use super::model::AttRecModel;
use super::user::UserState;
use crate::contract::model::Scorer;
use crate::contract::tensor::values;
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
        }
    }
}

impl Scorer for AttRecScorer<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        let Self { model, weights, bases, vectors, panel, products } = self;
        let d = model.formula.d;
        let rows = items.start * d..items.end * d;
        products.resize(out.len(), 0.0);
        multiply_transposed(&vectors[0], &values(&model.item_vectors)[rows.clone()], d, out, panel);
        multiply_transposed(&vectors[1], &values(&model.sequence_vectors)[rows], d, products, panel);
        let distance = if model.formula.score == Score::Distance { 1.0 } else { 0.0 };
        let [long, short] = &model.squares;
        let count = items.len().max(1);
        let users = out.chunks_exact_mut(count).zip(products.chunks_exact(count));
        for (user, (scores, products)) in users.enumerate() {
            let ([long_weight, short_weight], base) =
                (weights[user].map(|weight| distance * weight), bases[user]);
            let squares = long[items.clone()].iter().zip(&short[items.clone()]);
            for ((score, product), (long, short)) in scores.iter_mut().zip(products).zip(squares) {
                *score = (*score + product) - (base + (long_weight * long + short_weight * short));
            }
        }
    }
}
