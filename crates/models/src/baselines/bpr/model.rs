//! The trained model: embeddings, and its answers.

use super::Options;
use crate::contract::explanation::Explanation;
use crate::contract::kind::Shape;
use crate::contract::model::{Embeddings, ItemTable, Metric, Model, Scorer};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row};
use crate::contract::trainer::Problem;
use crate::learn::fold_in::distinct_items;
use crate::learn::scorer::VectorScorer;
use crate::learn::similarity::{centered_cosines, cosines, product_parts, sort_by_strength};
use crate::learn::table::{Rows, TableSpec};
use ndarray::Array2;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::math::exp;
use tastespace_kernels::pairwise_step::pairwise_user_step;
use tastespace_kernels::vector::dot;

/// Passes over the items of a new user in fold-in.
const PASSES: u32 = 100;

/// All parameters.
#[derive(Clone)]
pub(super) struct BprModel {
    pub(super) user_vectors: Array2<f32>,
    pub(super) item_vectors: Array2<f32>,
    pub(super) item_biases: Vec<f32>,
    options: Options,
}

impl BprModel {
    /// The initial parameters: random embeddings, or those of an earlier run.
    pub(super) fn start(options: &Options, problem: &Problem) -> Self {
        let (users, items) = (problem.trained_users(), problem.trained_items());
        let table = |name, rows, stream| {
            TableSpec::new(name, rows, stream, options.factors, options.initial_deviation).split()
        };
        let mut item_biases = vec![0.0; items.len()];
        if let Some(before) = &problem.start {
            before.copy_known("item_biases", &before.items, &mut item_biases);
        }
        Self {
            user_vectors: table("user_vectors", Rows::Users, 0).initial_matrix(problem, &users),
            item_vectors: table("item_vectors", Rows::Items, 1).initial_matrix(problem, &items),
            item_biases,
            options: options.clone(),
        }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let d = options.factors as usize;
        Ok(Self {
            user_vectors: tensors.take_matrix("user_vectors", shape.users, d)?,
            item_vectors: tensors.take_matrix("item_vectors", shape.items, d)?,
            item_biases: tensors.take("item_biases", &[shape.items])?,
            options: options.clone(),
        })
    }

    fn score(&self, vector: &[f32], item: u32) -> f32 {
        self.item_biases[item as usize] + dot(vector, row(&self.item_vectors, item))
    }

    /// The trained items that are not in `positives`, which is ascending. An untrained item has a zero embedding.
    fn negatives(&self, positives: &[u32]) -> Vec<u32> {
        let trained = |item: u32| row(&self.item_vectors, item).iter().any(|&value| value != 0.0);
        let items = 0..self.item_biases.len() as u32;
        items.filter(|item| positives.binary_search(item).is_err() && trained(*item)).collect()
    }
}

impl Model for BprModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::matrix("user_vectors", Axis::Users, &self.user_vectors),
            Tensor::matrix("item_vectors", Axis::Items, &self.item_vectors),
            Tensor::vector("item_biases", Axis::Items, &self.item_biases),
        ]
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = self.score(row(&self.user_vectors, user), item);
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.user_vectors, user)).copied().collect();
        Box::new(VectorScorer::products(
            vectors,
            &self.item_vectors,
            vec![0.0; users.len()],
            &self.item_biases,
        ))
    }

    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        Some(vec![ItemTable::matrix(&self.item_vectors), ItemTable::column(&self.item_biases[..])])
    }

    /// Cosine similarity of the item embeddings, after subtracting their mean over the training interactions.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        centered_cosines(&self.item_vectors, rows, item, out);
        Ok(())
    }

    /// Cosine similarity of the user embeddings.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.user_vectors, user, out);
        Ok(())
    }

    /// The same gradient descent with the items fixed, from 0 and with a learning rate that decays to 0, so that it converges.
    /// Equal items give equal negatives. `(d)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let positives = distinct_items(rows);
        let negatives = self.negatives(&positives);
        let mut vector = vec![0.0; self.options.factors as usize];
        if negatives.is_empty() {
            return Ok(vector);
        }
        let mut rng = Rng::stream(0, Purpose::Negatives, 0, 0);
        for pass in 0..PASSES {
            let mut rate = self.options.rate(0);
            rate.learning *= (PASSES - pass) as f32 / PASSES as f32;
            for &item in &positives {
                let negative = negatives[rng.below(negatives.len() as u32) as usize];
                let [q_i, q_j] = [item, negative].map(|item| row(&self.item_vectors, item));
                let difference = self.item_biases[item as usize] - self.item_biases[negative as usize];
                pairwise_user_step(&mut vector, q_i, q_j, difference, rate);
            }
        }
        Ok(vector)
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        for (item, out) in (0..).zip(out) {
            *out = self.score(folded, item);
        }
    }

    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        let (vectors, biases) = match axis {
            Axis::Users => (&self.user_vectors, &[][..]),
            _ => (&self.item_vectors, &self.item_biases[..]),
        };
        Ok(Embeddings::of(vectors, biases, Metric::InnerProduct))
    }

    /// The item bias and the strongest products of factors; and the contribution of each of the user's items through the user
    /// embedding, as if that were converged: then `n λ p = Σ_i E_j[σ(x_uj − x_ui) (q_i − q_j)]` over the user's `n` items `i` and
    /// all other items `j`.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (p, q) = (row(&self.user_vectors, user), row(&self.item_vectors, item));
        let mut parts = vec![("itemBias".to_owned(), self.item_biases[item as usize])];
        parts.extend(product_parts(p, q));
        let positives = distinct_items(rows);
        let negatives = self.negatives(&positives);
        let mut items: Vec<(u32, f32)> = Vec::new();
        if self.options.penalty > 0.0 && !negatives.is_empty() {
            let weight = 1.0 / (negatives.len() as f64 * positives.len() as f64 * self.options.penalty);
            // The score of an item, and its inner product with this item.
            let known = |other: u32| {
                let along = dot(row(&self.item_vectors, other), q);
                (f64::from(self.score(p, other)), f64::from(along))
            };
            let others: Vec<(f64, f64)> = negatives.iter().map(|&other| known(other)).collect();
            items.extend(positives.iter().map(|&positive| {
                let (score, along) = known(positive);
                let sum = others.iter().map(|(other, over)| (along - over) / (1.0 + exp(score - other)));
                (positive, (weight * sum.sum::<f64>()) as f32)
            }));
        }
        sort_by_strength(&mut items);
        Ok(Explanation { parts, items, ..Explanation::default() })
    }
}
