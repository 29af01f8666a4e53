//! SVD++ (Koren 2008, *Factorization Meets the Neighborhood*): the set of rated items contributes, whatever the ratings.
//!
//! The user embedding is `p_u + z_u` with `z_u = |N|^-½ Σ_{j∈N} y_j` over the items `N` that the user rated. In the paper every
//! rating updates every `y_j` of its user: `y_j += γ(e |N|^-½ q − λ y_j)`, which costs |N| rows per rating. While the ratings of one
//! user are visited, each of their `y_j` gets the same sum, so it is enough to update `z`, `z += γ(e q − λ z)` because
//! `|N|^-½ · |N|^-½ · |N| = 1`, and afterwards `y_j = κ y_j + |N|^-½ (z − κ z₀)` with `κ = (1 − γλ)^|N|`. The result is the same at the
//! cost of two rows per rating.
//!
//! Users come in seeded order, each with all ratings in seeded order. An update of a user touches the `y` of all their items,
//! so there is one shard, and one thread.

use super::Options;
use super::model::BiasedMfModel;
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::tensor::{row, values_mut};
use crate::contract::trainer::{Control, Problem, Trainer};
use tastespace_data::rng::Purpose;
use tastespace_data::{ByUser, Columns, Rng};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::math::powi;
use tastespace_kernels::rating_step::{Rate, implicit_rating_step};
use tastespace_kernels::vector::add_scaled;

/// A rating of the current user.
#[derive(Clone, Copy, Default)]
struct Rating {
    item: u32,
    target: f32,
}

/// Rows padded to whole lanes.
struct Table {
    stride: usize,
    values: Vec<f32>,
}

impl Table {
    fn new(rows: usize, d: usize, from: impl Fn(u32) -> Vec<f32>) -> Self {
        let stride = padded(d);
        let mut values = vec![0.0; rows * stride];
        for (index, to) in values.chunks_exact_mut(stride).enumerate() {
            to[..d].copy_from_slice(&from(index as u32));
        }
        Self { stride, values }
    }

    fn row(&mut self, index: u32) -> &mut [f32] {
        &mut self.values[index as usize * self.stride..][..self.stride]
    }

    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.stride)
    }
}

/// Training by stochastic gradient descent with the implicit term.
pub(super) struct SvdPlusPlus {
    options: Options,
    seed: u64,
    epoch: u32,
    start: BiasedMfModel,
    by_user: ByUser,
    /// In the order of `by_user`.
    ratings: Vec<Rating>,
    users: Table,
    items: Table,
    implicit: Table,
    user_biases: Vec<f32>,
    item_biases: Vec<f32>,
    /// Of each bias, per update: users, items.
    bias_penalties: [Vec<f32>; 2],
    order: Vec<u32>,
    /// The ratings of the current user in their order.
    shuffled: Vec<Rating>,
    /// `z` of the current user: now, and before the user's ratings.
    z: Vec<f32>,
    z_before: Vec<f32>,
}

/// Bytes in addition to the models and the initial parameters.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let vector = padded(options.factors as usize);
    // Embeddings, biases and their regularization; for users also the offsets of their ratings and the order.
    let tables = shape.users * (vector + 4) + shape.items * (2 * vector + 2);
    (4 * tables + 12 * shape.rows) as u64
}

fn items_of(columns: &Columns, rows: &[u32]) -> impl ExactSizeIterator<Item = u32> {
    rows.iter().map(|&row| columns.items[row as usize])
}

impl SvdPlusPlus {
    pub(super) fn new(options: &Options, problem: &Problem, ratings: &[f32], start: BiasedMfModel) -> Self {
        let (columns, shape, d) = (problem.train.columns(), problem.shape(), options.factors as usize);
        let by_user = ByUser::new(columns, shape.users);
        let implicit = start.item_implicit.as_ref().expect("the implicit term has its table");
        // The user embeddings of the model include the implicit term; here it is separate.
        let own_part = |user: u32| {
            let mut own = row(&start.user_factors, user).to_vec();
            add_scaled(&mut own, -1.0, &start.implicit(items_of(columns, by_user.rows(user))));
            own
        };
        let largest = (0..shape.users as u32).map(|user| by_user.rows(user).len()).max().unwrap_or(0);
        let rating = |&row: &u32| Rating {
            item: columns.items[row as usize],
            target: ratings[row as usize] - start.mean,
        };
        Self {
            seed: problem.seed,
            epoch: problem.epochs_before(),
            ratings: by_user.all().iter().map(rating).collect(),
            users: Table::new(shape.users, d, own_part),
            items: Table::new(shape.items, d, |item| row(&start.item_factors, item).to_vec()),
            implicit: Table::new(shape.items, d, |item| row(implicit, item).to_vec()),
            user_biases: start.user_biases.clone(),
            item_biases: start.item_biases.clone(),
            bias_penalties: options.penalties().of_biases(columns, shape),
            order: (0..shape.users as u32).filter(|&user| !by_user.rows(user).is_empty()).collect(),
            shuffled: vec![Rating::default(); largest],
            z: vec![0.0; padded(d)],
            z_before: vec![0.0; padded(d)],
            options: options.clone(),
            by_user,
            start,
        }
    }

    /// Visits all ratings of one user; returns the sum of squared errors.
    fn train_user(&mut self, user: u32, rng: &mut Rng) -> f64 {
        let offsets = &self.by_user.offsets()[user as usize..][..2];
        let ratings = &self.ratings[offsets[0] as usize..offsets[1] as usize];
        let (rate, penalty) = (self.options.rate(self.epoch, self.start.unit), self.start.penalties.implicit);
        let weight = 1.0 / (ratings.len() as f32).sqrt();
        self.z.fill(0.0);
        for rating in ratings {
            add_scaled(&mut self.z, weight, self.implicit.row(rating.item));
        }
        self.z_before.copy_from_slice(&self.z);
        let shuffled = &mut self.shuffled[..ratings.len()];
        rng.shuffle_into(ratings.iter().copied(), shuffled);
        let mut squares = 0.0;
        for rating in shuffled {
            let vectors = [self.users.row(user), &mut self.z[..], self.items.row(rating.item)];
            let user_bias = &mut self.user_biases[user as usize];
            let item_bias = &mut self.item_biases[rating.item as usize];
            let rate = Rate {
                user_bias_penalty: self.bias_penalties[0][user as usize],
                item_bias_penalty: self.bias_penalties[1][rating.item as usize],
                ..rate
            };
            let error =
                implicit_rating_step(vectors, user_bias, item_bias, rating.target, rate, penalty as f32);
            squares += f64::from(error) * f64::from(error);
        }
        let keep = powi(1.0 - f64::from(rate.vector_learning) * penalty, ratings.len() as u32) as f32;
        for rating in ratings {
            let implicit = self.implicit.row(rating.item);
            for ((y, z), before) in implicit.iter_mut().zip(&self.z).zip(&self.z_before) {
                *y = keep * *y + weight * (z - keep * before);
            }
        }
        squares
    }
}

/// Users between two checks for cancellation.
const USERS_AT_ONCE: usize = 64;

impl Trainer for SvdPlusPlus {
    /// The loss is the RMSE of the ratings, each just before its update.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let mut rng = Rng::stream(self.seed, Purpose::Order, u64::from(self.epoch), 0);
        // From the same order each time, so that an epoch depends on its number only.
        self.order.sort_unstable();
        rng.shuffle(&mut self.order);
        let mut squares = 0.0;
        for place in 0..self.order.len() {
            if place.is_multiple_of(USERS_AT_ONCE) {
                control.check(place, self.order.len())?;
            }
            squares += self.train_user(self.order[place], &mut rng);
        }
        self.epoch += 1;
        Ok((squares / self.ratings.len() as f64).sqrt())
    }

    fn model(&self) -> Box<dyn Model> {
        let (mut model, d) = (self.start.clone(), self.options.factors as usize);
        let tables = [
            (&mut model.user_factors, &self.users),
            (&mut model.item_factors, &self.items),
            (model.item_implicit.as_mut().expect("the implicit term has its table"), &self.implicit),
        ];
        for (to, from) in tables {
            for (to, from) in values_mut(to).chunks_exact_mut(d).zip(from.rows()) {
                to.copy_from_slice(&from[..d]);
            }
        }
        for &user in &self.order {
            let offsets = &self.by_user.offsets()[user as usize..][..2];
            let rated =
                self.ratings[offsets[0] as usize..offsets[1] as usize].iter().map(|rating| rating.item);
            let implicit = model.implicit(rated);
            add_scaled(&mut values_mut(&mut model.user_factors)[user as usize * d..][..d], 1.0, &implicit);
        }
        model.user_biases.copy_from_slice(&self.user_biases);
        model.item_biases.copy_from_slice(&self.item_biases);
        Box::new(model)
    }
}
