//! Alternating ridge regressions (Zhou et al. 2008, *Large-Scale Parallel Collaborative Filtering for the Netflix Prize*).
//!
//! With the items fixed, the objective separates by user: each `[p_u, b_u]` is the ridge regression of `r − μ − b_i` on
//! the rows `[q_i, 1]`, with the regularization counted once per rating (`|N(u)| λ`, and once the
//! damping of a bias). Then the same for the items. Solved in `f64`. Each row is solved by one thread, in the order of the data,
//! so the result does not depend on the number of threads.

use super::Options;
use super::model::BiasedMfModel;
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::tensor::{values, values_mut};
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::learn::cells::{self, Cells};
use ndarray::Array2;
use tastespace_kernels::cholesky;
use tastespace_kernels::vector::dot;
use tastespace_optim::parallel;

/// Training by alternating ridge regressions.
pub(super) struct Als {
    model: BiasedMfModel,
    /// For each user the items with `rating − μ`.
    by_user: Cells,
    /// For each item the users with `rating − μ`.
    by_item: Cells,
}

/// Bytes in addition to the models and the initial parameters.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let width = u64::from(options.factors) + 1;
    let systems = parallel::threads() as u64 * 8 * width * (width + 2);
    cells::bytes(shape.users, shape.rows) + cells::bytes(shape.items, shape.rows) + systems
}

impl Als {
    pub(super) fn new(problem: &Problem, ratings: &[f32], start: BiasedMfModel) -> Self {
        let (columns, shape) = (problem.train.columns(), problem.shape());
        let targets = || ratings.iter().map(|rating| rating - start.mean);
        Self {
            by_user: Cells::new(shape.users, &columns.users, &columns.items, targets()),
            by_item: Cells::new(shape.items, &columns.items, &columns.users, targets()),
            model: start,
        }
    }
}

/// Solves all rows of one side with the other side fixed. A row without ratings is unchanged. Returns the sum of squared
/// errors before.
fn solve_side(
    (vectors, biases): (&mut Array2<f32>, &mut [f32]),
    (other_vectors, other_biases): (&Array2<f32>, &[f32]),
    ratings: &Cells,
    [vector_penalty, bias_penalty, bias_damping]: [f64; 3],
) -> f64 {
    let d = vectors.ncols();
    let others = values(other_vectors);
    let rows = values_mut(vectors).chunks_mut(d).zip(biases.iter_mut()).enumerate();
    let workspace = || (vec![0.0; (d + 1) * (d + 1)], vec![0.0; d + 1], vec![1.0; d + 1]);
    let squares = parallel::map_with(rows, workspace, |(a, b, x), (index, (vector, bias))| {
        let cells = ratings.of(index);
        if cells.is_empty() {
            return 0.0;
        }
        a.fill(0.0);
        b.fill(0.0);
        let mut squares = 0.0;
        for &(other, rating) in cells {
            let other_vector = &others[other as usize * d..][..d];
            for (x, &value) in x.iter_mut().zip(other_vector) {
                *x = f64::from(value);
            }
            let target = f64::from(rating) - f64::from(other_biases[other as usize]);
            cholesky::add_observation(a, b, x, target);
            let error = target - f64::from(*bias) - f64::from(dot(vector, other_vector));
            squares += error * error;
        }
        for k in 0..=d {
            // 1e-6 keeps the system positive definite without regularization.
            let (penalty, damping) = if k < d { (vector_penalty, 0.0) } else { (bias_penalty, bias_damping) };
            a[k * (d + 1) + k] += cells.len() as f64 * penalty + damping + 1e-6;
        }
        if cholesky::solve(a, b) {
            for (value, &solved) in vector.iter_mut().zip(&*b) {
                *value = solved as f32;
            }
            *bias = b[d] as f32;
        }
        squares
    });
    squares.iter().sum()
}

impl Trainer for Als {
    /// The loss is the RMSE between the user update and the item update.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let (penalties, model) = (self.model.penalties, &mut self.model);
        control.check(0, 2)?;
        solve_side(
            (&mut model.user_factors, &mut model.user_biases),
            (&model.item_factors, &model.item_biases),
            &self.by_user,
            [penalties.users, penalties.user_biases, penalties.bias_damping],
        );
        control.check(1, 2)?;
        let squares = solve_side(
            (&mut model.item_factors, &mut model.item_biases),
            (&model.user_factors, &model.user_biases),
            &self.by_item,
            [penalties.items, penalties.item_biases, penalties.bias_damping],
        );
        Ok((squares / self.by_item.len() as f64).sqrt())
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(self.model.clone())
    }
}
