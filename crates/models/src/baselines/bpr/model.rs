//! What a trained `bpr` knows, and what it answers.

use super::Options;
use crate::contract::model::{
    Along, Explanation, Model, Nearness, Problem, Scorer, Shape, Tensor, Tensors, UNKNOWN, Vectors,
    WrongTensor, row,
};
use crate::learn::embedding::{cosines, draw, present, product_parts, take_known, values_mut};
use crate::learn::ridge::distinct_items;
use crate::learn::scorer::VectorScorer;
use ndarray::Array2;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::math::exp;
use tastespace_kernels::pairwise_step::pairwise_user_step;
use tastespace_kernels::vector::dot;

/// Passes over the items of someone new by which their vector is found.
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
    /// What training starts from: drawn vectors, or what was learnt before with drawn ones for who is new.
    pub(super) fn start(options: &Options, problem: &Problem) -> Self {
        let (shape, columns, d) = (problem.shape(), problem.train.columns(), options.factors as usize);
        let mut start = Self {
            user_vectors: Array2::zeros((shape.users, d)),
            item_vectors: Array2::zeros((shape.items, d)),
            item_biases: vec![0.0; shape.items],
            options: options.clone(),
        };
        let (deviation, seed) = (options.initial_deviation, problem.seed);
        draw(&mut start.user_vectors, &present(&columns.users, shape.users), deviation, seed, 0);
        draw(&mut start.item_vectors, &present(&columns.items, shape.items), deviation, seed, 1);
        if let Some(before) = &problem.start {
            let learnt = |name| before.tensors.values(name).expect("it was trained with these options");
            take_known(values_mut(&mut start.user_vectors), learnt("user_vectors"), &before.users);
            take_known(values_mut(&mut start.item_vectors), learnt("item_vectors"), &before.items);
            take_known(&mut start.item_biases, learnt("item_biases"), &before.items);
        }
        start
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

    /// The items that were trained and are not in `had`, which is ascending. What was not trained is all zero.
    fn negatives(&self, had: &[u32]) -> Vec<u32> {
        let trained = |item: u32| row(&self.item_vectors, item).iter().any(|&value| value != 0.0);
        let items = 0..self.item_biases.len() as u32;
        items.filter(|item| had.binary_search(item).is_err() && trained(*item)).collect()
    }
}

impl Model for BprModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::matrix("user_vectors", Along::Users, &self.user_vectors),
            Tensor::matrix("item_vectors", Along::Items, &self.item_vectors),
            Tensor::vector("item_biases", Along::Items, &self.item_biases),
        ]
    }

    /// Of someone unknown it knows what is known of the item alone.
    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = match (user, item) {
                (_, UNKNOWN) => 0.0,
                (UNKNOWN, item) => self.item_biases[item as usize],
                (user, item) => self.score(row(&self.user_vectors, user), item),
            };
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

    /// Cosine of the items' vectors.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.item_vectors, item, out);
        Ok(())
    }

    /// Cosine of the users' vectors.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.user_vectors, user, out);
        Ok(())
    }

    /// The vector that the same descent finds with the items as they are, from 0 and with a step that falls to 0, so that
    /// it comes to rest; with the same negatives for everyone who had the same. `(d)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let had = distinct_items(rows);
        let negatives = self.negatives(&had);
        let mut vector = vec![0.0; self.options.factors as usize];
        if negatives.is_empty() {
            return Ok(vector);
        }
        let mut rng = Rng::stream(0, Purpose::Negatives, 0, 0);
        for pass in 0..PASSES {
            let mut rate = self.options.step(0);
            rate.learning *= (PASSES - pass) as f32 / PASSES as f32;
            for &item in &had {
                let negative = negatives[rng.below(negatives.len() as u32) as usize];
                let [q_i, q_j] = [item, negative].map(|item| row(&self.item_vectors, item));
                let difference = self.item_biases[item as usize] - self.item_biases[negative as usize];
                pairwise_user_step(&mut vector, q_i, q_j, difference, rate);
            }
        }
        Ok(vector)
    }

    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]) {
        for (item, out) in (0..).zip(out) {
            *out = self.score(newcomer, item);
        }
    }

    fn vectors(&self, of: Along) -> Result<Vectors<'_>, &'static str> {
        let (vectors, biases) = match of {
            Along::Users => (&self.user_vectors, &[][..]),
            _ => (&self.item_vectors, &self.item_biases[..]),
        };
        Ok(Vectors::of(vectors, biases, Nearness::InnerProduct))
    }

    /// The item's bias and the strongest products of factors; and what each item that the user had adds to the score by way
    /// of the user's vector, where that vector is at rest: there `n λ p = Σ_i E_j[σ(x_uj − x_ui) (q_i − q_j)]` over the
    /// `n` items `i` that they had and all `j` that they did not have.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (p, q) = (row(&self.user_vectors, user), row(&self.item_vectors, item));
        let mut parts = vec![("itemBias".to_owned(), self.item_biases[item as usize])];
        parts.extend(product_parts(p, q));
        let had = distinct_items(rows);
        let negatives = self.negatives(&had);
        let mut items: Vec<(u32, f32)> = Vec::new();
        if self.options.penalty > 0.0 && !negatives.is_empty() {
            let share = 1.0 / (negatives.len() as f64 * had.len() as f64 * self.options.penalty);
            // Of each item its score for the user, and its product with the item at hand.
            let known = |other: u32| {
                let along = dot(row(&self.item_vectors, other), q);
                (f64::from(self.score(p, other)), f64::from(along))
            };
            let others: Vec<(f64, f64)> = negatives.iter().map(|&other| known(other)).collect();
            items.extend(had.iter().map(|&had| {
                let (score, along) = known(had);
                let pull = others.iter().map(|(other, over)| (along - over) / (1.0 + exp(score - other)));
                (had, (share * pull.sum::<f64>()) as f32)
            }));
        }
        items.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Ok(Explanation { parts, items, ..Explanation::default() })
    }
}
