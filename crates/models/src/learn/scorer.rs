//! Scores of a few users for ranges of items from embeddings, by one packed matrix product.

use crate::contract::model::{Coefficients, ItemTable, LinearScorer, Scorer};
use crate::contract::tensor::{row, values};
use ndarray::Array2;
use std::ops::Range;
use tastespace_kernels::lanes::LANES;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::vector::dot;

/// Scores by inner product or by distance.
pub struct VectorScorer<'a> {
    /// User embeddings: `(users, d)`.
    vectors: Vec<f32>,
    items: &'a Array2<f32>,
    by: By<'a>,
    /// Workspace of the product.
    panel: Vec<f32>,
    /// Workspace of some items: their vectors.
    some: Vec<f32>,
}

/// The score from the inner product.
enum By<'a> {
    /// `u·v`.
    InnerProduct,
    /// `base + bias + u·v`: bases of users, biases of items.
    Product { bases: Vec<f32>, biases: &'a [f32] },
    /// `−‖u − v‖² = 2 u·v − ‖u‖² − ‖v‖²`, with the squares of the users.
    Distance { squares: Vec<f32> },
}

impl<'a> VectorScorer<'a> {
    /// Scores `u·v` of the users' `vectors: (users, d)` and the rows of `items: (m, d)`.
    pub fn inner_products(vectors: Vec<f32>, items: &'a Array2<f32>) -> Self {
        Self::new(vectors, items, By::InnerProduct)
    }

    /// Scores `u·v` of the users' `vectors: (users, d)` and the rows of `items: (m, d)`, plus `bases: (users)` and `biases: (m)`.
    pub fn products(vectors: Vec<f32>, items: &'a Array2<f32>, bases: Vec<f32>, biases: &'a [f32]) -> Self {
        Self::new(vectors, items, By::Product { bases, biases })
    }

    /// Scores `−‖u − v‖²` of the users' `vectors: (users, d)` and the rows of `items: (m, d)`. As a difference of squares it has an
    /// error of about 1e-7 of `‖u‖² + ‖v‖²`: the order of items whose distances differ by less is arbitrary.
    pub fn distances(vectors: Vec<f32>, items: &'a Array2<f32>) -> Self {
        let d = items.ncols();
        let squares = vectors.chunks_exact(d.max(1)).map(|vector| dot(vector, vector)).collect();
        Self::new(vectors, items, By::Distance { squares })
    }

    fn new(vectors: Vec<f32>, items: &'a Array2<f32>, by: By<'a>) -> Self {
        Self { panel: vec![0.0; items.ncols() * LANES], vectors, items, by, some: Vec::new() }
    }
}

impl By<'_> {
    /// Makes inner products with user number `user` the scores.
    fn finish<'s>(&self, user: usize, scores: &mut [f32], terms: impl Iterator<Item = &'s f32>) {
        let scores = scores.iter_mut().zip(terms);
        match self {
            By::InnerProduct => (),
            By::Product { bases, .. } => scores.for_each(|(score, bias)| *score += bases[user] + bias),
            By::Distance { squares } => {
                // Rounding may make a distance slightly negative.
                scores
                    .for_each(|(score, square)| *score = (2.0 * *score - (squares[user] + square)).min(0.0));
            }
        }
    }
}

impl Scorer for VectorScorer<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        let (d, count) = (self.items.ncols(), items.len().max(1));
        let vectors = &values(self.items)[items.start * d..items.end * d];
        multiply_transposed(&self.vectors, vectors, d, out, &mut self.panel);
        let item_squares: Vec<f32>;
        let terms = match &self.by {
            By::InnerProduct => return,
            By::Product { biases, .. } => &biases[items],
            By::Distance { .. } => {
                // Computed once for all users: each square costs as much as a score.
                item_squares = vectors.chunks_exact(d).map(|vector| dot(vector, vector)).collect();
                &item_squares
            }
        };
        for (user, scores) in out.chunks_exact_mut(count).enumerate() {
            self.by.finish(user, scores, terms.iter());
        }
    }

    fn linear(&mut self) -> Option<&mut dyn LinearScorer> {
        Some(self)
    }
}

impl LinearScorer for VectorScorer<'_> {
    fn coefficients(&mut self) -> Coefficients {
        let d = self.items.ncols();
        let users = self.vectors.len() / d.max(1);
        let side_by_side = |slope: f32, last: f32| -> Vec<f32> {
            let vectors = self.vectors.chunks_exact(d.max(1));
            vectors.flat_map(|vector| vector.iter().map(move |x| slope * x).chain([last])).collect()
        };
        match &self.by {
            By::InnerProduct => {
                Coefficients { vectors: self.vectors.clone(), bases: vec![0.0; users], cap: f32::INFINITY }
            }
            By::Product { bases, .. } => {
                Coefficients { vectors: side_by_side(1.0, 1.0), bases: bases.clone(), cap: f32::INFINITY }
            }
            By::Distance { squares } => {
                let bases = squares.iter().map(|square| -square).collect();
                Coefficients { vectors: side_by_side(2.0, -1.0), bases, cap: 0.0 }
            }
        }
    }

    fn score_some(&mut self, user: usize, items: &[u32], out: &mut [f32]) {
        let d = self.items.ncols();
        let own = &self.vectors[user * d..][..d];
        for (items, out) in items.chunks(LANES).zip(out.chunks_mut(LANES)) {
            self.some.clear();
            items.iter().for_each(|&item| self.some.extend_from_slice(row(self.items, item)));
            multiply_transposed(own, &self.some, d, out, &mut self.panel);
            let mut terms = [0.0; LANES];
            match &self.by {
                By::InnerProduct => (),
                By::Product { biases, .. } => {
                    terms.iter_mut().zip(items).for_each(|(term, &item)| *term = biases[item as usize]);
                }
                By::Distance { .. } => {
                    let vectors = self.some.chunks_exact(d);
                    terms.iter_mut().zip(vectors).for_each(|(term, vector)| *term = dot(vector, vector));
                }
            }
            self.by.finish(user, out, terms.iter());
        }
    }
}

/// The tables of [`VectorScorer::distances`].
pub fn distance_tables(items: &Array2<f32>) -> Vec<ItemTable<'_>> {
    let vectors = values(items).chunks_exact(items.ncols().max(1));
    let squares: Vec<f32> = vectors.map(|vector| dot(vector, vector)).collect();
    vec![ItemTable::matrix(items), ItemTable::column(squares)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize, d: usize, seed: usize) -> Array2<f32> {
        let value = |(row, column): (usize, usize)| {
            (((row * d + column + seed) * 2_654_435_761) % 1000) as f32 / 500.0 - 1.0
        };
        Array2::from_shape_fn((rows, d), value)
    }

    #[test]
    fn scores_are_their_formulas_in_any_range() {
        let (users, items, d) = (5, 23, 11);
        let (u, v) = (table(users, d, 3), table(items, d, 8));
        let (bases, biases) = (values(&table(users, 1, 5)).to_vec(), values(&table(items, 1, 6)).to_vec());
        let wide = |x: f32| f64::from(x);
        for range in [0..items, 0..1, 7..20, 22..23, 4..4] {
            let mut out = vec![f32::NAN; users * range.len()];
            let mut check = |scorer: &mut VectorScorer, expected: &dyn Fn(usize, usize) -> f64| {
                scorer.score(range.clone(), &mut out);
                for (row, scores) in out.chunks_exact(range.len().max(1)).enumerate() {
                    for (item, &score) in range.clone().zip(scores) {
                        assert!((wide(score) - expected(row, item)).abs() < 1e-5);
                    }
                }
            };
            let mut products = VectorScorer::products(values(&u).to_vec(), &v, bases.clone(), &biases);
            check(&mut products, &|row, item| {
                let product: f64 = (0..d).map(|k| wide(u[[row, k]]) * wide(v[[item, k]])).sum();
                wide(bases[row]) + wide(biases[item]) + product
            });
            let mut plain = VectorScorer::inner_products(values(&u).to_vec(), &v);
            check(&mut plain, &|row, item| (0..d).map(|k| wide(u[[row, k]]) * wide(v[[item, k]])).sum());
            let mut distances = VectorScorer::distances(values(&u).to_vec(), &v);
            check(&mut distances, &|row, item| {
                -(0..d).map(|k| (wide(u[[row, k]]) - wide(v[[item, k]])).powi(2)).sum::<f64>()
            });
        }
    }
}
