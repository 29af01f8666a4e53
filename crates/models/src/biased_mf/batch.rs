//! Mini-batches with Adam or AdaGrad, as Dive into Deep Learning (16.3) has them.
//!
//! A batch of `B` ratings in seeded order has the loss `(1/B) Σ ½(e² + λ‖p‖² + λ‖q‖² + …)` over its ratings: the objective
//! of the other ways to fit. The gradients of a row are summed in the order of the batch, and a row that is touched steps
//! once; others keep their moments while they rest, and the step count in Adam's corrections is everyone's. With `dense`
//! all rows step, and the penalty is what frameworks call weight decay, `½λ‖θ‖²` over all rows, whatever the batch.
//!
//! With `optimizer: 'adam', dense: true, mean: false, factors: 30, learningRate: .002, learningRateDecay: 1, penalty: 1e-5,
//! biasPenalty: 1e-5, batchSize: 512, initialDeviation: .01` this is the book's recipe.

use super::factors::Factors;
use super::{Optimizer, Options};
use crate::error::ModelError;
use crate::model::{Control, Model, Problem, Shape, Trainer, row};
use crate::tables::values_mut;
use ndarray::Array2;
use rayon::prelude::*;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::vector::{add_scaled, dot};
use tastespace_optim::{AdaGrad, Adam};

/// No slot in the batch at hand.
const NONE: u32 = u32::MAX;

/// One side's parameters, a row `[vector, bias]` of `width = d + 1` each, with what the optimiser knows of them.
struct Side {
    width: usize,
    rows: Vec<f32>,
    /// Sums of squares, or second moments.
    second: Vec<f32>,
    /// First moments; AdaGrad has no use for them.
    first: Vec<f32>,
    /// Penalty of the vectors, and of the biases.
    penalties: [f32; 2],
    /// Where each row's gradient is in `gradients`, for the rows of the batch at hand.
    slots: Vec<u32>,
    /// The rows of the batch at hand, by first appearance.
    touched: Vec<u32>,
    gradients: Vec<f32>,
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
            width,
            second: vec![0.0; rows.len()],
            first: vec![0.0; rows.len()],
            rows,
            penalties: penalties.map(|penalty| penalty as f32),
            slots: vec![NONE; biases.len()],
            touched: Vec::with_capacity(batch),
            gradients: vec![0.0; batch * width],
        }
    }

    fn row(&self, index: u32) -> &[f32] {
        &self.rows[index as usize * self.width..][..self.width]
    }

    /// Adds `weight · (other's vector, 1) + shrink · λ · (own row)` to a row's gradient.
    fn add(&mut self, index: u32, weight: f32, other: &[f32], shrink: f32) {
        let (width, [vector_penalty, bias_penalty]) = (self.width, self.penalties);
        let slot = &mut self.slots[index as usize];
        if *slot == NONE {
            *slot = self.touched.len() as u32;
            self.touched.push(index);
            self.gradients[*slot as usize * width..][..width].fill(0.0);
        }
        let gradient = &mut self.gradients[*slot as usize * width..][..width];
        let row = &self.rows[index as usize * width..][..width];
        let d = width - 1;
        add_scaled(&mut gradient[..d], weight, &other[..d]);
        gradient[d] += weight;
        if shrink > 0.0 {
            add_scaled(&mut gradient[..d], shrink * vector_penalty, &row[..d]);
            gradient[d] += shrink * bias_penalty * row[d];
        }
    }

    /// Steps the rows that the batch touched, or all.
    fn step(&mut self, step: Step, dense: bool) {
        let (width, [vector_penalty, bias_penalty]) = (self.width, self.penalties);
        if dense {
            let (slots, gradients) = (&self.slots, &self.gradients);
            // A row owns its moments, so the order does not matter.
            let states = self.second.par_chunks_mut(width).zip(self.first.par_chunks_mut(width));
            self.rows.par_chunks_mut(width).zip(states).enumerate().with_min_len(256).for_each_init(
                || vec![0.0; width],
                |gradient, (index, (row, (second, first)))| {
                    match slots[index] {
                        NONE => gradient.fill(0.0),
                        slot => gradient.copy_from_slice(&gradients[slot as usize * width..][..width]),
                    }
                    add_scaled(&mut gradient[..width - 1], vector_penalty, &row[..width - 1]);
                    gradient[width - 1] += bias_penalty * row[width - 1];
                    step.apply(row, gradient, first, second);
                },
            );
        } else {
            for (slot, &index) in self.touched.iter().enumerate() {
                let at = index as usize * width..(index as usize + 1) * width;
                let gradient = &self.gradients[slot * width..][..width];
                let (first, second) = (&mut self.first[at.clone()], &mut self.second[at.clone()]);
                step.apply(&mut self.rows[at], gradient, first, second);
            }
        }
        for index in self.touched.drain(..) {
            self.slots[index as usize] = NONE;
        }
    }

    fn copy_out(&self, vectors: &mut Array2<f32>, biases: &mut [f32]) {
        let d = self.width - 1;
        for ((from, to), bias) in
            self.rows.chunks_exact(self.width).zip(values_mut(vectors).chunks_exact_mut(d)).zip(biases)
        {
            to.copy_from_slice(&from[..d]);
            *bias = from[d];
        }
    }
}

/// How a batch's gradients are applied.
#[derive(Clone, Copy)]
enum Step {
    Adam(Adam),
    AdaGrad(AdaGrad),
}

impl Step {
    /// Steps one row.
    fn apply(self, row: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        match self {
            Self::Adam(adam) => adam.step(row, gradient, first, second),
            Self::AdaGrad(adagrad) => adagrad.step(row, gradient, second),
        }
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
    start: Factors,
    ratings: Vec<Rating>,
    shuffled: Vec<Rating>,
    users: Side,
    items: Side,
}

/// Bytes beside the models and what it starts from.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let width = u64::from(options.factors) + 1;
    let tables = (shape.users + shape.items) as u64 * (3 * 4 * width + 4);
    tables + 2 * 4 * width * u64::from(options.batch_size) + (shape.rows * 2 * size_of::<Rating>()) as u64
}

impl Batches {
    pub(super) fn new(options: &Options, problem: &Problem, ratings: &[f32], start: Factors) -> Self {
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
            start,
        }
    }
}

impl Trainer for Batches {
    /// The loss is the root mean squared error of each rating before its batch's step.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let mut rng = Rng::stream(self.seed, Purpose::Order, u64::from(self.epoch), 0);
        rng.shuffle_into(&self.ratings, &mut self.shuffled);
        let learning = self.options.learning(self.epoch);
        let mut squares = 0.0;
        let size = self.options.batch_size as usize;
        let batches = self.shuffled.len().div_ceil(size);
        for (number, batch) in self.shuffled.chunks(size).enumerate() {
            control.check(number, batches)?;
            let share = 1.0 / batch.len() as f32;
            // Dense steps shrink all rows alike, once a batch.
            let shrink = if self.options.dense { 0.0 } else { share };
            for rating in batch {
                let (p, q) = (self.users.row(rating.user), self.items.row(rating.item));
                let d = p.len() - 1;
                let error = rating.target - p[d] - q[d] - dot(&p[..d], &q[..d]);
                squares += f64::from(error) * f64::from(error);
                // No row has stepped yet, so both gradients are at the old rows.
                self.users.add(rating.user, -error * share, q, shrink);
                self.items.add(rating.item, -error * share, self.users.row(rating.user), shrink);
            }
            self.steps += 1;
            let step = match self.options.optimizer {
                Optimizer::Adam => Step::Adam(Adam::at(learning, self.steps)),
                _ => Step::AdaGrad(AdaGrad { learning: learning as f32 }),
            };
            self.users.step(step, self.options.dense);
            self.items.step(step, self.options.dense);
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
