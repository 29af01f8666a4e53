//! Mini-batches with Adam or AdaGrad, as Dive into Deep Learning (16.3) has them.
//!
//! A batch of `B` ratings in seeded order has the loss `(1/B) Σ ½(e² + λ‖p‖² + λ‖q‖² + …)` over its ratings: the objective
//! of the other ways to fit. The gradients of a row are summed in the order of the batch, and a row that is touched steps
//! once; others keep their moments while they rest, and the step count in Adam's corrections is everyone's. With `dense`
//! all rows step, and the penalty is what frameworks call weight decay, `½λ‖θ‖²` over all rows, whatever the batch.
//!
//! With `optimizer: 'adam', dense: true, mean: false, factors: 30, learningRate: .002, learningRateDecay: 1, penalty: 1e-5,
//! biasPenalty: 1e-5, batchSize: 512, initialDeviation: .01` this is the book's recipe.

use super::model::BiasedMfModel;
use super::{Optimizer, Options};
use crate::contract::error::ModelError;
use crate::contract::model::{Control, Model, Problem, Shape, Trainer, row};
use crate::learn::embedding::values_mut;
use crate::learn::minibatch::{self, Step, Table, Touched};
use ndarray::Array2;
use rayon::prelude::*;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::vector::{add_scaled, dot};

/// Ratings of a batch whose errors one thread works out at a time.
const RATINGS_AT_ONCE: usize = 128;

/// One side's parameters, a row `[vector, bias]` of `d + 1` each.
struct Side {
    table: Table,
    touched: Touched,
    /// Penalty of the vectors, and of the biases.
    penalties: [f32; 2],
    /// The row of each rating of the batch at hand.
    row_of: Vec<u32>,
}

impl Side {
    fn new(vectors: &Array2<f32>, biases: &[f32], options: &Options, penalties: [f64; 2]) -> Self {
        let width = vectors.ncols() + 1;
        let mut rows = vec![0.0; biases.len() * width];
        for (index, to) in rows.chunks_exact_mut(width).enumerate() {
            to[..width - 1].copy_from_slice(row(vectors, index as u32));
            to[width - 1] = biases[index];
        }
        let batch = options.batch_size as usize;
        Self {
            table: Table::new(rows, width, optimizer(options), 0.0),
            touched: Touched::new(biases.len(), batch, width),
            penalties: penalties.map(|penalty| penalty as f32),
            row_of: Vec::with_capacity(batch),
        }
    }

    fn bytes(rows: usize, options: &Options) -> u64 {
        let (width, batch) = (options.factors as usize + 1, options.batch_size as usize);
        Table::bytes(rows, width, optimizer(options)) + Touched::bytes(rows, batch, width) + 4 * batch as u64
    }

    /// Sums the gradients of the rows of the batch: `weight · (other's vector, 1)` of each rating, and `shrink · λ · (own row)`
    /// for each.
    fn sum(&mut self, other: &Self, weights: &[f32], shrink: f32) {
        self.touched.group(&self.row_of);
        let (table, width, penalties) = (&self.table, self.table.width(), self.penalties);
        let d = width - 1;
        self.touched.compute(
            || (),
            |(), block, gradients| {
                gradients.fill(0.0);
                for (place, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                    let ratings = block.contributions(place);
                    for &rating in ratings {
                        let weight = weights[rating as usize];
                        let vector = other.table.row(other.row_of[rating as usize]);
                        add_scaled(&mut gradient[..d], weight, &vector[..d]);
                        gradient[d] += weight;
                    }
                    add_penalty(
                        gradient,
                        table.row(block.rows[place]),
                        shrink * ratings.len() as f32,
                        penalties,
                    );
                }
            },
        );
    }

    /// Steps the rows that the batch touched, or all.
    fn step(&mut self, step: Step, dense: bool) {
        if !dense {
            return self.table.step(&self.touched, step, |_| ());
        }
        let (touched, penalties, width) = (&self.touched, self.penalties, self.table.width());
        self.table.each_row(&|| vec![0.0; width], &|gradient: &mut Vec<f32>, index, row| {
            match touched.gradient(index) {
                None => gradient.fill(0.0),
                Some(sum) => gradient.copy_from_slice(sum),
            }
            add_penalty(gradient, row.values, 1.0, penalties);
            step.apply(row, gradient);
        });
    }

    fn copy_out(&self, vectors: &mut Array2<f32>, biases: &mut [f32]) {
        let (d, width) = (self.table.width() - 1, self.table.width());
        let to = values_mut(vectors).chunks_exact_mut(d).zip(biases);
        for (from, (to, bias)) in self.table.values().chunks_exact(width).zip(to) {
            to.copy_from_slice(&from[..d]);
            *bias = from[d];
        }
    }
}

/// Adds `weight · λ · row` to a gradient, both `[vector, bias]`.
fn add_penalty(gradient: &mut [f32], row: &[f32], weight: f32, [vector, bias]: [f32; 2]) {
    let d = row.len() - 1;
    add_scaled(&mut gradient[..d], weight * vector, &row[..d]);
    gradient[d] += weight * bias * row[d];
}

/// How rows step.
fn optimizer(options: &Options) -> minibatch::Optimizer {
    match options.optimizer {
        Optimizer::Adam => minibatch::Optimizer::Adam,
        _ => minibatch::Optimizer::AdaGrad,
    }
}

/// A rating.
#[derive(Clone, Copy, Default)]
struct Rating {
    user: u32,
    item: u32,
    target: f32,
}

/// Training by mini-batches.
pub(super) struct Batches {
    options: Options,
    seed: u64,
    epoch: u32,
    /// Batches so far.
    steps: u32,
    start: BiasedMfModel,
    ratings: Vec<Rating>,
    shuffled: Vec<Rating>,
    users: Side,
    items: Side,
    /// Errors of the ratings of the batch at hand, and then what their gradients weigh.
    errors: Vec<f32>,
}

/// Bytes beside the models and what it starts from.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let sides = Side::bytes(shape.users, options) + Side::bytes(shape.items, options);
    sides + 4 * u64::from(options.batch_size) + (shape.rows * 2 * size_of::<Rating>()) as u64
}

impl Batches {
    pub(super) fn new(options: &Options, problem: &Problem, ratings: &[f32], start: BiasedMfModel) -> Self {
        let (columns, penalties) = (problem.train.columns(), options.penalties());
        let rows = columns.users.iter().zip(&columns.items).zip(ratings);
        let ratings: Vec<Rating> =
            rows.map(|((&user, &item), rating)| Rating { user, item, target: rating - start.mean }).collect();
        let user_penalties = [penalties.users, penalties.user_biases];
        let item_penalties = [penalties.items, penalties.item_biases];
        Self {
            options: options.clone(),
            seed: problem.seed,
            epoch: problem.start.as_ref().map_or(0, |start| start.epochs),
            steps: 0,
            shuffled: vec![Rating::default(); ratings.len()],
            ratings,
            users: Side::new(&start.user_factors, &start.user_biases, options, user_penalties),
            items: Side::new(&start.item_factors, &start.item_biases, options, item_penalties),
            errors: Vec::with_capacity(options.batch_size as usize),
            start,
        }
    }
}

impl Trainer for Batches {
    /// The loss is the root mean squared error of each rating before its batch's step.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let mut rng = Rng::stream(self.seed, Purpose::Order, u64::from(self.epoch), 0);
        rng.shuffle_into(&self.ratings, &mut self.shuffled);
        let (users, items, errors) = (&mut self.users, &mut self.items, &mut self.errors);
        let learning = self.options.learning(self.epoch);
        let mut squares = 0.0;
        let size = self.options.batch_size as usize;
        let batches = self.shuffled.len().div_ceil(size);
        for (number, batch) in self.shuffled.chunks(size).enumerate() {
            control.check(number, batches)?;
            users.row_of.clear();
            users.row_of.extend(batch.iter().map(|rating| rating.user));
            items.row_of.clear();
            items.row_of.extend(batch.iter().map(|rating| rating.item));
            errors.resize(batch.len(), 0.0);
            let parts = batch.par_chunks(RATINGS_AT_ONCE).zip(errors.par_chunks_mut(RATINGS_AT_ONCE));
            parts.for_each(|(ratings, errors)| {
                for (rating, error) in ratings.iter().zip(errors) {
                    let (p, q) = (users.table.row(rating.user), items.table.row(rating.item));
                    let d = p.len() - 1;
                    *error = rating.target - p[d] - q[d] - dot(&p[..d], &q[..d]);
                }
            });
            let share = 1.0 / batch.len() as f32;
            for error in &mut *errors {
                squares += f64::from(*error) * f64::from(*error);
                *error *= -share;
            }
            // Dense steps shrink all rows alike, once a batch.
            let shrink = if self.options.dense { 0.0 } else { share };
            // No row has stepped yet, so both gradients are at the old rows.
            users.sum(items, errors, shrink);
            items.sum(users, errors, shrink);
            self.steps += 1;
            let step = optimizer(&self.options).step(learning, self.steps);
            users.step(step, self.options.dense);
            items.step(step, self.options.dense);
        }
        self.epoch += 1;
        Ok((squares / self.ratings.len() as f64).sqrt())
    }

    fn model(&self) -> Box<dyn Model> {
        let mut model = self.start.clone();
        self.users.copy_out(&mut model.user_factors, &mut model.user_biases);
        self.items.copy_out(&mut model.item_factors, &mut model.item_biases);
        Box::new(model)
    }
}
