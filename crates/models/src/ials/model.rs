//! The trained model: embeddings, and its answers.

use super::Options;
use super::regression::{Fixed, Workspace};
use super::train::root;
use crate::contract::explanation::Explanation;
use crate::contract::kind::Shape;
use crate::contract::model::{Embeddings, ItemTable, Metric, Model, Scorer};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor, row, values};
use crate::learn::fold_in::mean;
use crate::learn::ridge::ordered;
use crate::learn::scorer::VectorScorer;
use crate::learn::similarity::{centered_cosines, cosines, product_parts, sort_by_strength};
use ndarray::Array2;
use tastespace_kernels::cholesky;
use tastespace_kernels::vector::dot;

/// The name of the tensor of the weight scale.
const WEIGHT_SCALE: &str = "weight_scale";

/// All parameters. The columns of the item embeddings are orthogonal.
#[derive(Clone)]
pub(super) struct IalsModel {
    user_vectors: Array2<f32>,
    item_vectors: Array2<f32>,
    weight_scale: f32,
    options: Options,
}

impl IalsModel {
    pub(super) fn new(
        user_vectors: Array2<f32>,
        item_vectors: Array2<f32>,
        weight_scale: f32,
        options: &Options,
    ) -> Self {
        Self { user_vectors, item_vectors, weight_scale, options: options.clone() }
    }

    pub(super) fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Self, WrongTensor> {
        let d = options.factors as usize;
        let user_vectors = tensors.take_matrix("user_vectors", shape.users, d)?;
        let item_vectors = tensors.take_matrix("item_vectors", shape.items, d)?;
        let weight_scale = tensors.take(WEIGHT_SCALE, &[1])?[0];
        if !weight_scale.is_finite() || weight_scale <= 0.0 {
            return Err(WrongTensor { name: WEIGHT_SCALE, expected: vec![1], found: None });
        }
        Ok(Self::new(user_vectors, item_vectors, weight_scale, options))
    }

    fn fixed_items(&self) -> Fixed<'_> {
        Fixed::new(values(&self.item_vectors), self.item_vectors.ncols())
    }

    /// The items of `rows`, ascending, with the roots of their weights.
    fn cells(&self, rows: &[(u32, f32)]) -> Vec<(u32, f32)> {
        let weighted = |(item, rating): (u32, f32)| match rating.is_nan() {
            true => (item, 1.0),
            false => (item, root(self.options.weight(rating), self.weight_scale)),
        };
        ordered(rows).into_iter().map(weighted).collect()
    }

    /// `A⁻¹ q` for the matrix `A = D + Σ c_j q_j q_jᵀ` of the regression of a user with these cells.
    fn seen_by_user(&self, cells: &[(u32, f32)], q: &[f32]) -> Option<Vec<f64>> {
        let (fixed, d) = (self.fixed_items(), q.len());
        let (mut a, mut b) = (vec![0.0; d * d], q.iter().map(|&value| f64::from(value)).collect::<Vec<_>>());
        let mut x = vec![0.0; d];
        for &(item, root) in cells {
            for (x, &value) in x.iter_mut().zip(fixed.vector(item)) {
                *x = f64::from(root) * f64::from(value);
            }
            cholesky::add_observation(&mut a, &mut b, &x, 0.0);
        }
        let penalty = self.options.row_penalty(cells.len(), fixed.trained());
        for (k, value) in fixed.diagonal(&self.options, penalty).enumerate() {
            a[k * d + k] += value;
        }
        cholesky::solve(&mut a, &mut b).then_some(b)
    }
}

impl Model for IalsModel {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::matrix("user_vectors", Axis::Users, &self.user_vectors),
            Tensor::matrix("item_vectors", Axis::Items, &self.item_vectors),
            Tensor::vector(WEIGHT_SCALE, Axis::Whole, std::slice::from_ref(&self.weight_scale)),
        ]
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            *out = dot(row(&self.user_vectors, user), row(&self.item_vectors, item));
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let vectors = users.iter().flat_map(|&user| row(&self.user_vectors, user)).copied().collect();
        Box::new(VectorScorer::inner_products(vectors, &self.item_vectors))
    }

    fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        Some(vec![ItemTable::matrix(&self.item_vectors)])
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

    /// An item without a rating has the mean weight of the training positives.
    fn reads_missing_ratings(&self) -> bool {
        true
    }

    /// The regression of training for one user, solved exactly: a training user's items and ratings give the trained embedding with
    /// the solver `exact` and weights that do not decay with age. Without items the mean of the users. `(d)`.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let d = self.options.factors as usize;
        if rows.is_empty() {
            let users = values(&self.user_vectors).chunks_exact(d);
            let trained = users.filter(|user| user.iter().any(|&value| value != 0.0));
            return Ok(mean(trained.collect::<Vec<_>>().into_iter(), d));
        }
        let (mut vector, fixed) = (vec![0.0; d], self.fixed_items());
        let solved = Workspace::new(&fixed, &self.options).solve(&self.cells(rows), &mut vector);
        solved.map(|_| vector).ok_or("the regression has no solution; train with a larger `penalty`")
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        for (item, out) in (0..).zip(out) {
            *out = dot(folded, row(&self.item_vectors, item));
        }
    }

    fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, &'static str> {
        let vectors = if axis == Axis::Users { &self.user_vectors } else { &self.item_vectors };
        Ok(Embeddings::of(vectors, &[], Metric::InnerProduct))
    }

    /// The strongest products of factors; and the contribution of each of the user's items `j`, `c_j q_jᵀ A⁻¹ q_i` with the matrix
    /// `A` of the user's regression (Hu et al., section 5). Contributions add up to the score of the user folded in.
    fn explain(&self, user: u32, item: u32, rows: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let (p, q) = (row(&self.user_vectors, user), row(&self.item_vectors, item));
        let cells = self.cells(rows);
        let mut items: Vec<(u32, f32)> = Vec::new();
        if let Some(seen) = self.seen_by_user(&cells, q) {
            items.extend(cells.iter().map(|&(other, root)| {
                let products = seen.iter().zip(row(&self.item_vectors, other));
                let product: f64 = products.map(|(x, &value)| x * f64::from(value)).sum();
                (other, (f64::from(root) * f64::from(root) * product) as f32)
            }));
        }
        sort_by_strength(&mut items);
        Ok(Explanation { parts: product_parts(p, q), items, ..Explanation::default() })
    }
}
