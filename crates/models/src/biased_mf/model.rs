//! The trained model: parameters, and its answers.

use super::unit::Unit;
use super::{Options, Penalties};
use crate::contract::explanation::Explanation;
use crate::contract::kind::Shape;
use crate::contract::model::{Embeddings, ItemTable, Metric, Model, Scorer, UNKNOWN};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values_mut};
use crate::contract::trainer::Problem;
use crate::learn::rating_unit::{is_mirrored, mean_rating};
use crate::learn::ridge::ordered;
use crate::learn::scorer::VectorScorer;
use crate::learn::similarity::{centered_cosines, cosines, product_parts, sort_by_strength};
use crate::learn::table::{Rows, TableSpec};
use ndarray::Array2;
use tastespace_kernels::cholesky;
use tastespace_kernels::vector::{add_scaled, dot};

/// All parameters.
#[derive(Clone)]
pub(super) struct BiasedMfModel {
    pub(super) mean: f32,
    pub(super) user_biases: Vec<f32>,
    pub(super) item_biases: Vec<f32>,
    /// With the implicit term, this includes the contribution of the user's items.
    pub(super) user_factors: Array2<f32>,
    pub(super) item_factors: Array2<f32>,
    /// `y`, with the implicit term.
    pub(super) item_implicit: Option<Array2<f32>>,
    pub(super) unit: Unit,
    /// In the unit of the ratings.
    pub(super) penalties: Penalties,
}

impl BiasedMfModel {
    /// A model of the mean rating alone.
    pub(super) fn zeros(options: &Options, mean: f32, unit: Unit, shape: Shape) -> Self {
        let d = options.factors as usize;
        Self {
            mean,
            user_biases: vec![0.0; shape.users],
            item_biases: vec![0.0; shape.items],
            user_factors: Array2::zeros((shape.users, d)),
            item_factors: Array2::zeros((shape.items, d)),
            item_implicit: options.implicit.then(|| Array2::zeros((shape.items, d))),
            unit,
            penalties: unit.penalties(options),
        }
    }

    /// The initial parameters: random embeddings, or those of an earlier run.
    pub(super) fn start(options: &Options, problem: &Problem, ratings: &[f32]) -> Self {
        let (users, items) = (problem.trained_users(), problem.trained_items());
        let mean = if options.mean { mean_rating(ratings) as f32 } else { 0.0 };
        let unit = match &problem.start {
            Some(before) => Unit::stored(&before.tensors),
            None => Unit::of(ratings),
        };
        let deviation = options.initial_deviation * unit.root();
        let table =
            |name, rows, stream| TableSpec::new(name, rows, stream, options.factors, deviation).split();
        let mut start = Self {
            user_factors: table("user_factors", Rows::Users, 0).initial_matrix(problem, &users),
            item_factors: table("item_factors", Rows::Items, 1).initial_matrix(problem, &items),
            ..Self::zeros(options, mean, unit, problem.shape())
        };
        if problem.start.is_none() && is_mirrored(ratings) {
            // Then all of training is the mirror image: products change their sign, as biases do.
            values_mut(&mut start.user_factors).iter_mut().for_each(|value| *value = -*value);
        }
        if let Some(before) = &problem.start {
            start.mean = before.values("mean")[0];
            before.copy_known("user_biases", &before.users, &mut start.user_biases);
            before.copy_known("item_biases", &before.items, &mut start.item_biases);
            if let Some(implicit) = &mut start.item_implicit {
                values_mut(implicit).copy_from_slice(before.values("item_implicit"));
            }
        }
        start
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let d = options.factors as usize;
        let unit = Unit::take(tensors)?;
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
            unit,
            penalties: unit.penalties(options),
        })
    }

    fn factors(&self) -> usize {
        self.item_factors.ncols()
    }

    /// `|N|^-½ Σ_{j∈N} y_j` over a user's items `N`, whatever the ratings: `(d)`.
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

/// The predicted rating, not clipped, from embedding and bias of the user and of the item, of those that are known.
pub(super) fn predicted(mean: f32, user: Option<(&[f32], f32)>, item: Option<(&[f32], f32)>) -> f32 {
    let mut rating = mean;
    for (_, bias) in [user, item].into_iter().flatten() {
        rating += bias;
    }
    if let (Some((user, _)), Some((item, _))) = (user, item) {
        rating += dot(user, item);
    }
    rating
}

impl Model for BiasedMfModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = vec![
            Tensor::vector("mean", Axis::Whole, std::slice::from_ref(&self.mean)),
            Tensor::vector("user_biases", Axis::Users, &self.user_biases),
            Tensor::vector("item_biases", Axis::Items, &self.item_biases),
            Tensor::matrix("user_factors", Axis::Users, &self.user_factors),
            Tensor::matrix("item_factors", Axis::Items, &self.item_factors),
        ];
        tensors.extend(self.unit.tensor());
        if let Some(implicit) = &self.item_implicit {
            tensors.push(Tensor::matrix("item_implicit", Axis::Items, implicit));
        }
        tensors
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            let user =
                (user != UNKNOWN).then(|| (row(&self.user_factors, user), self.user_biases[user as usize]));
            let item =
                (item != UNKNOWN).then(|| (row(&self.item_factors, item), self.item_biases[item as usize]));
            *out = predicted(self.mean, user, item);
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.user_factors, user)).copied().collect();
        let bases = users.iter().map(|&user| self.mean + self.user_biases[user as usize]).collect();
        Box::new(VectorScorer::products(vectors, &self.item_factors, bases, &self.item_biases))
    }

    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        Some(vec![ItemTable::matrix(&self.item_factors), ItemTable::column(&self.item_biases[..])])
    }

    /// Cosine similarity of the item embeddings, after subtracting their mean over the training interactions.
    fn item_similarity(&self, item: u32, rows: &[u32], out: &mut [f32]) -> Result<(), &'static str> {
        centered_cosines(&self.item_factors, rows, item, out);
        Ok(())
    }

    /// Cosine similarity of the user embeddings.
    fn user_similarity(&self, user: u32, out: &mut [f32]) -> Result<(), &'static str> {
        cosines(&self.user_factors, user, out);
        Ok(())
    }

    /// Ridge regression of the ratings on the item embeddings: user embedding, then bias, `(d + 1)`.
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
        // The objective regularizes a row once per rating, and damps a bias once; 1e-6 keeps the system positive definite.
        let count = rows.len() as f64;
        for k in 0..=d {
            let Penalties { users, user_biases, bias_damping, .. } = self.penalties;
            let penalty = if k < d { count * users } else { count * user_biases + bias_damping };
            a[k * (d + 1) + k] += penalty + 1e-6;
        }
        let mut folded = implicit;
        folded.push(0.0);
        if !rows.is_empty() && cholesky::solve(&mut a, &mut b) {
            for (value, solved) in folded.iter_mut().zip(b) {
                *value += solved as f32;
            }
        }
        Ok(folded)
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        let (bias, vector) = folded.split_last().expect("the last value is the bias");
        for (item, out) in out.iter_mut().enumerate() {
            *out =
                self.mean + bias + self.item_biases[item] + dot(vector, row(&self.item_factors, item as u32));
        }
    }

    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        let (factors, biases) = match axis {
            Axis::Users => (&self.user_factors, &self.user_biases),
            _ => (&self.item_factors, &self.item_biases),
        };
        Ok(Embeddings::of(factors, biases, Metric::InnerProduct))
    }

    /// Mean, biases and the strongest products of factors; and the contribution of each rated item through the user embedding,
    /// as if that were fitted with the item embeddings fixed: `q_iᵀ (Σ q qᵀ + nλ)⁻¹ q_j t_j`.
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
        sort_by_strength(&mut items);
        Ok(Explanation { parts, items, ..Explanation::default() })
    }
}
