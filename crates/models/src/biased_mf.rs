//! Biased matrix factorisation (Koren, Bell, Volinsky 2009, *Matrix Factorization Techniques for Recommender Systems*).
//!
//! `r̂ = μ + b_u + b_i + p_u·q_i`, fitted to squared error by per-rating stochastic gradient descent:
//! `e = r − r̂; p += γ(e q − λ p); q += γ(e p − λ q); b += γ(e − λ_b b)`, with `γ = γ₀ · decay^epoch`.
//!
//! | here | paper | what |
//! |---|---|---|
//! | `mean` | μ | mean of the training ratings, fixed |
//! | `user_biases`, `item_biases` | b_u, b_i | start at 0 |
//! | `user_factors: (n, d)`, `item_factors: (m, d)` | p_u, q_i | start at Normal(0, `initialDeviation`) |
//! | `learningRate`, `learningRateDecay` | γ₀, – | step, and its factor from epoch to epoch |
//! | `penalty`, `biasPenalty` | λ | L2 penalties, per update |
//!
//! An epoch visits each rating once: eight strata in seeded order, a barrier between them, the blocks of a stratum in
//! parallel, the ratings of a block in a seeded order (see [`crate::blocks`]). So the result depends on seed and data only.
//!
//! Departures: the visiting order is by blocks, not fully random (equal in quality to four digits); the penalty of the
//! biases has a name of its own; a row without training ratings is zero, so that it adds nothing to a prediction.

use crate::blocks::{BLOCKS, Blocks, Cell, Groups};
use crate::error::ModelError;
use crate::model::{
    Control, Kind, Model, Problem, Shape, Task, Tensor, Tensors, Trainer, UNKNOWN, WrongTensor, row, values,
};
use crate::options::{OptionDoc, Range};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::lanes::{LANES, padded};
use tastespace_kernels::math::powi;
use tastespace_kernels::matrix::multiply_transposed;
use tastespace_kernels::rating_step::{Rate, rating_step};
use tastespace_kernels::vector::{dot, norm};

/// The kind `biased-mf`.
pub struct BiasedMf;

/// Options of `biased-mf`; what they mean stands in [`BiasedMf::OPTIONS`](Kind::OPTIONS).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Options {
    pub factors: u32,
    pub learning_rate: f64,
    pub learning_rate_decay: f64,
    pub penalty: f64,
    pub bias_penalty: f64,
    pub initial_deviation: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            factors: 64,
            learning_rate: 0.007,
            learning_rate_decay: 0.99,
            penalty: 0.09,
            bias_penalty: 0.05,
            initial_deviation: 0.03,
        }
    }
}

impl Kind for BiasedMf {
    const NAME: &'static str = "biased-mf";
    const SUMMARY: &'static str =
        "Biased matrix factorisation: a rating as mean, biases and an inner product";
    const SOURCE: &'static str = "Koren, Bell, Volinsky, IEEE Computer 42(8), 2009";
    const TASK: Task = Task::Rating;
    const EPOCHS: (u32, u32) = (200, 20);
    const SIZE_OPTION: &'static str = "factors";
    const RATE_OPTION: &'static str = "learningRate";
    const OPTIONS: &'static [OptionDoc] = &[
        OptionDoc {
            name: "factors",
            range: Range::Integer(1, 4096),
            doc: "Length of a user's and an item's vector.",
        },
        OptionDoc {
            name: "learningRate",
            range: Range::Number(1e-6, 1.0),
            doc: "Step of the first epoch, per rating.",
        },
        OptionDoc {
            name: "learningRateDecay",
            range: Range::Number(0.1, 1.0),
            doc: "Factor of the step from one epoch to the next; 1 keeps it.",
        },
        OptionDoc {
            name: "penalty",
            range: Range::Number(0.0, 10.0),
            doc: "L2 penalty of the vectors, per update.",
        },
        OptionDoc {
            name: "biasPenalty",
            range: Range::Number(0.0, 10.0),
            doc: "L2 penalty of the biases, per update.",
        },
        OptionDoc {
            name: "initialDeviation",
            range: Range::Number(0.0, 10.0),
            doc: "Standard deviation of the vectors' initial values.",
        },
    ];
    type Options = Options;

    fn bytes(options: &Options, shape: Shape) -> u64 {
        let (d, rows) = (options.factors as u64, (shape.users + shape.items) as u64);
        let trained = rows * 4 * (padded(d as usize) as u64 + 1);
        let kept = 2 * rows * 4 * (d + 1);
        let cells = shape.rows as u64 * size_of::<Cell>() as u64;
        trained + kept + cells + cells / BLOCKS as u64 + rows * 16
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        Ok(Box::new(Sgd::new(options.clone(), problem)?))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        let d = options.factors as usize;
        Ok(Box::new(Factors {
            mean: tensors.take("mean", &[1])?[0],
            user_biases: tensors.take("user_biases", &[shape.users])?,
            item_biases: tensors.take("item_biases", &[shape.items])?,
            user_factors: tensors.take_matrix("user_factors", shape.users, d)?,
            item_factors: tensors.take_matrix("item_factors", shape.items, d)?,
        }))
    }
}

/// One group's rows while they are trained: vectors padded to whole lanes, so that the step has no tail.
struct Rows {
    stride: usize,
    factors: Vec<f32>,
    biases: Vec<f32>,
}

impl Rows {
    fn new(initial: &Array2<f32>, members: &[u32]) -> Self {
        let stride = padded(initial.ncols());
        let mut factors = vec![0.0; members.len() * stride];
        for (to, &member) in factors.chunks_exact_mut(stride).zip(members) {
            to[..initial.ncols()].copy_from_slice(row(initial, member));
        }
        Self { stride, factors, biases: vec![0.0; members.len()] }
    }

    fn get(&mut self, place: u32) -> (&mut [f32], &mut f32) {
        let start = place as usize * self.stride;
        (&mut self.factors[start..start + self.stride], &mut self.biases[place as usize])
    }

    /// Copies the rows to their members' places.
    fn copy_out(&self, members: &[u32], factors: &mut Array2<f32>, biases: &mut [f32]) {
        let d = factors.ncols();
        let to = factors.as_slice_mut().expect("parameters are kept in standard layout");
        for (from, (&member, &bias)) in
            self.factors.chunks_exact(self.stride).zip(members.iter().zip(&self.biases))
        {
            to[member as usize * d..][..d].copy_from_slice(&from[..d]);
            biases[member as usize] = bias;
        }
    }
}

/// A user group with what an epoch needs for it alone.
struct UserGroup {
    rows: Rows,
    /// The block at hand in its order.
    shuffled: Vec<Cell>,
    /// Sum of squared errors of the epoch so far.
    squares: f64,
}

/// Training by stochastic gradient descent.
struct Sgd {
    options: Options,
    seed: u64,
    epoch: u32,
    ratings: usize,
    shape: Shape,
    mean: f32,
    blocks: Blocks,
    users: Vec<UserGroup>,
    items: Vec<Rows>,
}

/// Initial vectors: Normal(0, deviation), drawn row by row from the stream of the table.
fn initial(rows: usize, options: &Options, seed: u64, table: u64) -> Array2<f32> {
    let mut rng = Rng::stream(seed, Purpose::Initial, 0, table);
    Array2::from_shape_simple_fn((rows, options.factors as usize), || {
        (rng.normal() * options.initial_deviation) as f32
    })
}

impl Sgd {
    fn new(options: Options, problem: &Problem) -> Result<Self, ModelError> {
        let (train, shape, seed) = (&problem.train, problem.shape(), problem.seed);
        let ratings = train.columns().ratings.as_deref();
        let ratings = ratings.ok_or(ModelError::NeedsRatings { kind: BiasedMf::NAME })?;
        let sum: f64 = ratings.iter().map(|&rating| f64::from(rating)).sum();
        let mean = (sum / ratings.len() as f64) as f32;
        let blocks = Blocks::new(train.columns(), shape.users, shape.items, seed, |row| ratings[row] - mean);
        let rows = |initial: Array2<f32>, groups: &Groups| -> Vec<Rows> {
            groups.members.iter().map(|members| Rows::new(&initial, members)).collect()
        };
        let users = rows(initial(shape.users, &options, seed, 0), &blocks.users);
        let items = rows(initial(shape.items, &options, seed, 1), &blocks.items);
        let users = users.into_iter().zip(&blocks.strips).map(|(rows, strip)| UserGroup {
            rows,
            shuffled: vec![Cell::default(); strip.largest()],
            squares: 0.0,
        });
        Ok(Self {
            epoch: 0,
            ratings: ratings.len(),
            users: users.collect(),
            options,
            seed,
            shape,
            mean,
            blocks,
            items,
        })
    }

    fn rate(&self) -> Rate {
        let learning = self.options.learning_rate * powi(self.options.learning_rate_decay, self.epoch);
        Rate {
            learning: learning as f32,
            penalty: self.options.penalty as f32,
            bias_penalty: self.options.bias_penalty as f32,
        }
    }
}

/// Visits the cells of one block in the order of its stream.
fn train_block(users: &mut UserGroup, items: &mut Rows, cells: &[Cell], mut order: Rng, rate: Rate) {
    let shuffled = &mut users.shuffled[..cells.len()];
    order.shuffle_into(cells, shuffled);
    let mut squares = 0.0;
    for cell in shuffled {
        let (p, user_bias) = users.rows.get(cell.user);
        let (q, item_bias) = items.get(cell.item);
        let error = rating_step(p, q, user_bias, item_bias, cell.value, rate);
        squares += f64::from(error) * f64::from(error);
    }
    users.squares += squares;
}

impl Trainer for Sgd {
    /// The loss is the root mean squared error of each rating just before its step.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let (rate, seed, epoch) = (self.rate(), self.seed, u64::from(self.epoch));
        let blocks = &self.blocks;
        for (done, stratum) in Blocks::strata(seed, epoch).into_iter().enumerate() {
            control.check(done, BLOCKS)?;
            // User group g meets item group (g + stratum) mod 8: rotate the item groups and walk both together.
            let (front, back) = self.items.split_at_mut(stratum);
            let items = back.par_iter_mut().chain(front.par_iter_mut());
            self.users.par_iter_mut().zip(items).enumerate().with_max_len(1).for_each(
                |(group, (users, items))| {
                    let item_group = (group + stratum) % BLOCKS;
                    let order = Blocks::order(seed, epoch, group, item_group);
                    train_block(users, items, blocks.strips[group].block(item_group), order, rate);
                },
            );
        }
        self.epoch += 1;
        let squares: f64 = self.users.iter_mut().map(|group| std::mem::take(&mut group.squares)).sum();
        Ok((squares / self.ratings as f64).sqrt())
    }

    fn model(&self) -> Box<dyn Model> {
        let d = self.options.factors as usize;
        let mut model = Factors {
            mean: self.mean,
            user_biases: vec![0.0; self.shape.users],
            item_biases: vec![0.0; self.shape.items],
            user_factors: Array2::zeros((self.shape.users, d)),
            item_factors: Array2::zeros((self.shape.items, d)),
        };
        for (group, members) in self.users.iter().zip(&self.blocks.users.members) {
            group.rows.copy_out(members, &mut model.user_factors, &mut model.user_biases);
        }
        for (rows, members) in self.items.iter().zip(&self.blocks.items.members) {
            rows.copy_out(members, &mut model.item_factors, &mut model.item_biases);
        }
        Box::new(model)
    }
}

/// A trained model.
struct Factors {
    mean: f32,
    user_biases: Vec<f32>,
    item_biases: Vec<f32>,
    user_factors: Array2<f32>,
    item_factors: Array2<f32>,
}

impl Model for Factors {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::vector("mean", std::slice::from_ref(&self.mean)),
            Tensor::vector("user_biases", &self.user_biases),
            Tensor::vector("item_biases", &self.item_biases),
            Tensor::matrix("user_factors", &self.user_factors),
            Tensor::matrix("item_factors", &self.item_factors),
        ]
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

    fn score(&self, users: &[u32], out: &mut [f32], scratch: &mut Vec<f32>) {
        let d = self.user_factors.ncols();
        scratch.clear();
        scratch.resize((users.len() + LANES) * d, 0.0);
        let (rows, panel) = scratch.split_at_mut(users.len() * d);
        for (to, &user) in rows.chunks_exact_mut(d).zip(users) {
            to.copy_from_slice(row(&self.user_factors, user));
        }
        multiply_transposed(rows, values(&self.item_factors), d, out, panel);
        for (scores, &user) in out.chunks_exact_mut(self.item_biases.len().max(1)).zip(users) {
            let base = self.mean + self.user_biases[user as usize];
            for (score, bias) in scores.iter_mut().zip(&self.item_biases) {
                *score += base + bias;
            }
        }
    }

    /// Cosine of the items' vectors.
    fn item_similarity(&self, item: u32, out: &mut [f32]) -> Result<(), &'static str> {
        let query = row(&self.item_factors, item);
        let length = norm(query);
        for (other, out) in out.iter_mut().enumerate() {
            let vector = row(&self.item_factors, other as u32);
            let lengths = length * norm(vector);
            *out = if lengths > 0.0 { dot(query, vector) / lengths } else { 0.0 };
        }
        Ok(())
    }
}
