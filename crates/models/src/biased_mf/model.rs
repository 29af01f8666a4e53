//! What a trained `biased-mf` knows, and what it answers.

use super::{Options, Penalties};
use crate::contract::model::{
    Along, Explanation, Model, Nearness, Problem, Scorer, Shape, Start, Tensor, Tensors, UNKNOWN, Vectors,
    WrongTensor, row,
};
use crate::learn::embedding::{cosines, draw, present, product_parts, take_known, values_mut};
use crate::learn::ridge::ordered;
use crate::learn::scorer::VectorScorer;
use ndarray::Array2;
use tastespace_kernels::cholesky;
use tastespace_kernels::vector::{add_scaled, dot};

/// All parameters.
#[derive(Clone)]
pub(super) struct BiasedMfModel {
    pub(super) mean: f32,
    pub(super) user_biases: Vec<f32>,
    pub(super) item_biases: Vec<f32>,
    /// With the implicit term, what the user's items add is in here.
    pub(super) user_factors: Array2<f32>,
    pub(super) item_factors: Array2<f32>,
    /// `y`, with the implicit term.
    pub(super) item_implicit: Option<Array2<f32>>,
    penalties: Penalties,
}

impl BiasedMfModel {
    /// Knows the mean rating alone.
    pub(super) fn zeros(options: &Options, mean: f32, shape: Shape) -> Self {
        let d = options.factors as usize;
        Self {
            mean,
            user_biases: vec![0.0; shape.users],
            item_biases: vec![0.0; shape.items],
            user_factors: Array2::zeros((shape.users, d)),
            item_factors: Array2::zeros((shape.items, d)),
            item_implicit: options.implicit.then(|| Array2::zeros((shape.items, d))),
            penalties: options.penalties(),
        }
    }

    /// What training starts from: drawn vectors, or what was learnt before with drawn ones for who is new.
    pub(super) fn start(options: &Options, problem: &Problem, ratings: &[f32]) -> Self {
        let (shape, columns) = (problem.shape(), problem.train.columns());
        let sum: f64 = ratings.iter().map(|&rating| f64::from(rating)).sum();
        let mean = if options.mean { (sum / ratings.len() as f64) as f32 } else { 0.0 };
        let mut start = Self::zeros(options, mean, shape);
        let (deviation, seed) = (options.initial_deviation, problem.seed);
        draw(&mut start.user_factors, &present(&columns.users, shape.users), deviation, seed, 0);
        draw(&mut start.item_factors, &present(&columns.items, shape.items), deviation, seed, 1);
        if let Some(before) = &problem.start {
            start.go_on_from(before);
        }
        start
    }

    /// Takes over the rows that were trained before.
    fn go_on_from(&mut self, before: &Start) {
        let learnt = |name| before.tensors.values(name).expect("it was trained with these options");
        let take = |to: &mut [f32], name, known: &[bool]| take_known(to, learnt(name), known);
        self.mean = learnt("mean")[0];
        take(&mut self.user_biases, "user_biases", &before.users);
        take(&mut self.item_biases, "item_biases", &before.items);
        take(values_mut(&mut self.user_factors), "user_factors", &before.users);
        take(values_mut(&mut self.item_factors), "item_factors", &before.items);
        if let Some(implicit) = &mut self.item_implicit {
            values_mut(implicit).copy_from_slice(learnt("item_implicit"));
        }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let d = options.factors as usize;
        Ok(Self {
            mean: tensors.take("mean", &[1])?[0],
            user_biases: tensors.take("user_biases", &[shape.users])?,
            item_biases: tensors.take("item_biases", &[shape.items])?,
            user_factors: tensors.take_matrix("user_factors", shape.users, d)?,
            item_factors: tensors.take_matrix("item_factors", shape.items, d)?,
            item_implicit: match options.implicit {
                true => Some(tensors.take_matrix("item_implicit", shape.items, d)?),
                false => None,
            },
            penalties: options.penalties(),
        })
    }

    fn factors(&self) -> usize {
        self.item_factors.ncols()
    }

    /// `|N|^-½ Σ_{j∈N} y_j` over the items of `rows`: what a person's items say of them, whatever the ratings. `(d)`.
    pub(super) fn implicit(&self, items: impl ExactSizeIterator<Item = u32>) -> Vec<f32> {
        let mut sum = vec![0.0; self.factors()];
        if let Some(implicit) = &self.item_implicit {
            let weight = 1.0 / (items.len().max(1) as f32).sqrt();
            for item in items {
                add_scaled(&mut sum, weight, row(implicit, item));
            }
        }
        sum
    }
}

impl Model for BiasedMfModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = vec![
            Tensor::vector("mean", Along::Whole, std::slice::from_ref(&self.mean)),
            Tensor::vector("user_biases", Along::Users, &self.user_biases),
            Tensor::vector("item_biases", Along::Items, &self.item_biases),
            Tensor::matrix("user_factors", Along::Users, &self.user_factors),
            Tensor::matrix("item_factors", Along::Items, &self.item_factors),
        ];
        if let Some(implicit) = &self.item_implicit {
            tensors.push(Tensor::matrix("item_implicit", Along::Items, implicit));
        }
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            let mut score = self.mean;
            if user != UNKNOWN {
                score += self.user_biases[user as usize];
            }
            if item != UNKNOWN {
                score += self.item_biases[item as usize];
            }
            if user != UNKNOWN && item != UNKNOWN {
                score += dot(row(&self.user_factors, user), row(&self.item_factors, item));
            }
            *out = score;
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.user_factors, user)).copied().collect();
        let bases = users.iter().map(|&user| self.mean + self.user_biases[user as usize]).collect();
        Box::new(VectorScorer::products(vectors, &self.item_factors, bases, &self.item_biases))
    }

    /// Cosine of the items' vectors.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.item_factors, item, out);
        Ok(())
    }

    /// Cosine of the users' vectors.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.user_factors, user, out);
        Ok(())
    }

    /// Ridge regression of the ratings on the items' rows: vector, then bias, `(d + 1)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let rows = ordered(rows);
        let d = self.factors();
        let implicit = self.implicit(rows.iter().map(|&(item, _)| item));
        let (mut a, mut b) = (vec![0.0; (d + 1) * (d + 1)], vec![0.0; d + 1]);
        let mut x = vec![1.0; d + 1];
        for &(item, rating) in &rows {
            let vector = row(&self.item_factors, item);
            for (x, &value) in x.iter_mut().zip(vector) {
                *x = f64::from(value);
            }
            let known = self.mean + self.item_biases[item as usize] + dot(&implicit, vector);
            cholesky::add_observation(&mut a, &mut b, &x, f64::from(rating) - f64::from(known));
        }
        // The objective penalises a row once for each of its ratings; a trace more keeps the system definite.
        let count = rows.len() as f64;
        for k in 0..=d {
            let penalty = if k < d { self.penalties.users } else { self.penalties.user_biases };
            a[k * (d + 1) + k] += count * penalty + 1e-6;
        }
        let mut newcomer = implicit;
        newcomer.push(0.0);
        if !rows.is_empty() && cholesky::solve(&mut a, &mut b) {
            for (value, solved) in newcomer.iter_mut().zip(b) {
                *value += solved as f32;
            }
        }
        Ok(newcomer)
    }

    fn score_newcomer(&self, newcomer: &[f32], out: &mut [f32]) {
        let (bias, vector) = newcomer.split_last().expect("a newcomer has a bias");
        for (item, out) in out.iter_mut().enumerate() {
            *out =
                self.mean + bias + self.item_biases[item] + dot(vector, row(&self.item_factors, item as u32));
        }
    }

    fn vectors(&self, of: Along) -> Result<Vectors<'_>, &'static str> {
        let (factors, biases) = match of {
            Along::Users => (&self.user_factors, &self.user_biases),
            _ => (&self.item_factors, &self.item_biases),
        };
        Ok(Vectors::of(factors, biases, Nearness::InnerProduct))
    }

    /// Mean, biases and the strongest products of factors; and of the items that were rated, what each adds by way of the
    /// user's vector, were that vector fitted to the ratings with the items as they are: `q_iᵀ (Σ q qᵀ + nλ)⁻¹ q_j t_j`.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (p, q) = (row(&self.user_factors, user), row(&self.item_factors, item));
        let d = self.factors();
        let mut parts = vec![
            ("mean".to_owned(), self.mean),
            ("userBias".to_owned(), self.user_biases[user as usize]),
            ("itemBias".to_owned(), self.item_biases[item as usize]),
        ];
        parts.extend(product_parts(p, q));

        let rows = ordered(rows);
        let (mut a, mut b) = (vec![0.0; d * d], vec![0.0; d]);
        let wide =
            |item: u32| -> Vec<f64> { row(&self.item_factors, item).iter().map(|&x| f64::from(x)).collect() };
        for &(rated, _) in &rows {
            cholesky::add_observation(&mut a, &mut b, &wide(rated), 0.0);
        }
        for k in 0..d {
            a[k * d + k] += rows.len() as f64 * self.penalties.users + 1e-6;
        }
        let mut direction = wide(item);
        let mut items: Vec<(u32, f32)> = Vec::new();
        if cholesky::solve(&mut a, &mut direction) {
            items.extend(rows.iter().map(|&(rated, rating)| {
                let base = self.mean + self.user_biases[user as usize] + self.item_biases[rated as usize];
                let along: f64 = wide(rated).iter().zip(&direction).map(|(x, y)| x * y).sum();
                (rated, (along * f64::from(rating - base)) as f32)
            }));
        }
        items.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Ok(Explanation { parts, items, ..Explanation::default() })
    }
}
