//! Mini-batches with Adam or AdaGrad, as in Dive into Deep Learning (16.3).
//!
//! A mini-batch of `B` ratings has the loss `(1/B) Σ ½(e² + λ‖p‖² + λ‖q‖² + …)` over its ratings, the objective of the other training
//! algorithms. Gradients are summed by row, and each touched row is updated once; the other rows keep their moments, and
//! the step count in Adam's corrections is global. With `dense` all rows are updated, and the regularization is the weight
//! decay of deep-learning frameworks: `½λ‖θ‖²` over all rows in every mini-batch.
//!
//! Adam and AdaGrad divide by the size of the gradients, so here parameters and targets are those of ratings from 1 to 5
//! (see [`super::unit`]).
//!
//! With `optimizer: 'adam', dense: true, mean: false, factors: 30, learningRate: .002, learningRateDecay: 1, penalty: 1e-5,
//! biasPenalty: 1e-5, batchSize: 512, initialDeviation: .01` this is the book's recipe.

use super::model::BiasedMfModel;
use super::unit::Unit;
use super::{Optimizer, Options};
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::tensor::{row, values_mut};
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::minibatch::{Batch, MiniBatch, Objective};
use crate::learn::optimizer::{Optimizer as RowOptimizer, Update};
use crate::learn::row_gradients::RowGradients;
use crate::learn::table::Table;
use ndarray::Array2;
use tastespace_kernels::vector::{add_scaled, dot};
use tastespace_optim::parallel;

/// Ratings whose errors one task computes.
const RATINGS_PER_TASK: usize = 128;

/// The parameters of one side, with rows `[embedding, bias]` of `d + 1` values.
struct Side {
    table: Table,
    gradients: RowGradients,
    /// L2 regularization of the embeddings, and of the biases without damping.
    penalties: [f32; 2],
    /// L2 regularization of each bias, per rating.
    bias_penalties: Vec<f32>,
    /// The row of each rating of the mini-batch.
    row_of: Vec<u32>,
}

impl Side {
    fn new(
        (vectors, biases): (&Array2<f32>, &[f32]),
        unit: Unit,
        options: &Options,
        penalties: [f64; 2],
        bias_penalties: Vec<f32>,
    ) -> Self {
        let width = vectors.ncols() + 1;
        let (points, root) = (unit.points() as f32, unit.root() as f32);
        let mut rows = vec![0.0; biases.len() * width];
        for (index, to) in rows.chunks_exact_mut(width).enumerate() {
            for (to, value) in to.iter_mut().zip(row(vectors, index as u32)) {
                *to = value / root;
            }
            to[width - 1] = biases[index] / points;
        }
        let batch = options.batch_size as usize;
        Self {
            table: Table::new(rows, width, row_optimizer(options), 0.0),
            gradients: RowGradients::new(biases.len(), batch, width),
            penalties: penalties.map(|penalty| penalty as f32),
            bias_penalties,
            row_of: Vec::with_capacity(batch),
        }
    }

    fn bytes(rows: usize, options: &Options) -> u64 {
        let (width, batch) = (options.factors as usize + 1, options.batch_size as usize);
        Table::bytes(rows, width, row_optimizer(options))
            + RowGradients::bytes(rows, batch, width)
            + 4 * (batch + rows) as u64
    }

    /// Sums the gradients of the rows of the mini-batch: for each rating `weight · (other embedding, 1)` and
    /// `decay · λ · row`.
    fn sum(&mut self, other: &Self, weights: &[f32], decay: f32) {
        self.gradients.group(&self.row_of);
        let (table, width, [penalty, _]) = (&self.table, self.table.width(), self.penalties);
        let d = width - 1;
        self.gradients.compute(
            || (),
            |(), block, gradients| {
                gradients.fill(0.0);
                for (index, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                    let ratings = block.contributions(index);
                    for &rating in ratings {
                        let weight = weights[rating as usize];
                        let vector = other.table.row(other.row_of[rating as usize]);
                        add_scaled(&mut gradient[..d], weight, &vector[..d]);
                        gradient[d] += weight;
                    }
                    add_penalty(
                        gradient,
                        table.row(block.rows[index]),
                        decay * ratings.len() as f32,
                        [penalty, self.bias_penalties[block.rows[index] as usize]],
                    );
                }
            },
        );
    }

    /// Updates the touched rows, or all.
    fn update(&mut self, update: Update, dense: bool) {
        if !dense {
            return self.table.update(&self.gradients, update, |_| ());
        }
        let (gradients, penalties, width) = (&self.gradients, self.penalties, self.table.width());
        self.table.each_row(&|| vec![0.0; width], &|gradient: &mut Vec<f32>, index, row| {
            match gradients.gradient(index) {
                None => gradient.fill(0.0),
                Some(sum) => gradient.copy_from_slice(sum),
            }
            add_penalty(gradient, row.values, 1.0, penalties);
            update.apply(row, gradient);
        });
    }

    fn copy_out(&self, vectors: &mut Array2<f32>, biases: &mut [f32], unit: Unit) {
        let (points, root) = (unit.points() as f32, unit.root() as f32);
        let (d, width) = (self.table.width() - 1, self.table.width());
        let to = values_mut(vectors).chunks_exact_mut(d).zip(biases);
        for (from, (to, bias)) in self.table.values().chunks_exact(width).zip(to) {
            for (to, value) in to.iter_mut().zip(&from[..d]) {
                *to = root * value;
            }
            *bias = points * from[d];
        }
    }
}

/// Adds `weight · λ · row` to a gradient, both `[embedding, bias]`.
fn add_penalty(gradient: &mut [f32], row: &[f32], weight: f32, [vector, bias]: [f32; 2]) {
    let d = row.len() - 1;
    add_scaled(&mut gradient[..d], weight * vector, &row[..d]);
    gradient[d] += weight * bias * row[d];
}

fn row_optimizer(options: &Options) -> RowOptimizer {
    match options.optimizer {
        Optimizer::Adam => RowOptimizer::Adam,
        _ => RowOptimizer::AdaGrad,
    }
}

/// A rating.
#[derive(Clone, Copy, Default)]
struct Rating {
    user: u32,
    item: u32,
    target: f32,
}

/// The parameters in training.
struct Ratings {
    options: Options,
    start: BiasedMfModel,
    users: Side,
    items: Side,
    /// Errors of the ratings of the mini-batch, and then the weights of their gradients.
    errors: Vec<f32>,
}

/// Bytes in addition to the models and the initial parameters.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let sides = Side::bytes(shape.users, options) + Side::bytes(shape.items, options);
    sides + 4 * u64::from(options.batch_size) + 2 * MiniBatch::<Ratings>::bytes(shape.rows)
}

/// Starts training.
pub(super) fn trainer(
    options: &Options,
    problem: &Problem,
    ratings: &[f32],
    start: BiasedMfModel,
) -> Box<dyn Trainer> {
    let (columns, penalties) = (problem.train.columns(), options.penalties());
    let unit = start.unit;
    let points = unit.points() as f32;
    let rows = columns.users.iter().zip(&columns.items).zip(ratings);
    let examples: Vec<_> = rows
        .map(|((&user, &item), rating)| Rating { user, item, target: (rating - start.mean) / points })
        .collect();
    let [of_users, of_items] = penalties.of_biases(columns, problem.shape());
    let user_penalties = [penalties.users, penalties.user_biases];
    let item_penalties = [penalties.items, penalties.item_biases];
    let objective = Ratings {
        options: options.clone(),
        users: Side::new((&start.user_factors, &start.user_biases), unit, options, user_penalties, of_users),
        items: Side::new((&start.item_factors, &start.item_biases), unit, options, item_penalties, of_items),
        errors: Vec::with_capacity(options.batch_size as usize),
        start,
    };
    Box::new(MiniBatch::new(objective, examples, options.batch_size, problem))
}

impl Objective for Ratings {
    type Example = Rating;

    fn update(&self, epoch: u32, number: u32) -> Update {
        row_optimizer(&self.options).update(self.options.learning_rate(epoch), number)
    }

    /// Returns the sum of squared errors.
    fn train(&mut self, ratings: &[Rating], batch: &Batch) -> f64 {
        let Self { options, users, items, errors, .. } = self;
        users.row_of.clear();
        users.row_of.extend(ratings.iter().map(|rating| rating.user));
        items.row_of.clear();
        items.row_of.extend(ratings.iter().map(|rating| rating.item));
        errors.resize(ratings.len(), 0.0);
        let parts = ratings.chunks(RATINGS_PER_TASK).zip(errors.chunks_mut(RATINGS_PER_TASK));
        parallel::for_each(parts, |(ratings, errors)| {
            for (rating, error) in ratings.iter().zip(errors) {
                let (p, q) = (users.table.row(rating.user), items.table.row(rating.item));
                let d = p.len() - 1;
                *error = rating.target - p[d] - q[d] - dot(&p[..d], &q[..d]);
            }
        });
        let weight = 1.0 / ratings.len() as f32;
        let mut squares = 0.0;
        for error in &mut *errors {
            squares += f64::from(*error) * f64::from(*error);
            *error *= -weight;
        }
        // A dense update regularizes all rows once per mini-batch.
        let decay = if options.dense { 0.0 } else { weight };
        // Both gradients are at the parameters before the update.
        users.sum(items, errors, decay);
        items.sum(users, errors, decay);
        users.update(batch.update, options.dense);
        items.update(batch.update, options.dense);
        squares
    }

    /// The RMSE of the ratings, each before the update of its mini-batch.
    fn epoch_loss(&self, squares: f64, ratings: usize) -> f64 {
        self.start.unit.points() * (squares / ratings as f64).sqrt()
    }

    fn model(&self) -> Box<dyn Model> {
        let mut model = self.start.clone();
        self.users.copy_out(&mut model.user_factors, &mut model.user_biases, model.unit);
        self.items.copy_out(&mut model.item_factors, &mut model.item_biases, model.unit);
        Box::new(model)
    }
}
