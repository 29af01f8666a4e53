//! The damped bias-only predictor: `r̂ = μ + b_i + b_u` (Koren 2010, *Factor in the Neighbors*, §2.1).
//!
//! `b_i = Σ_u (r_ui − μ − b_u) / (λ + n_i)`, then `b_u = Σ_i (r_ui − μ − b_i) / (λ + n_u)`: means shrunk toward zero as if by `λ`
//! ratings without deviation. Repeated [`SWEEPS`] times from zero, this converges to the ridge regression on both sides.
//!
//! Departures: the paper stops after one sweep, and uses different damping for users and items.

use crate::contract::error::ModelError;
use crate::contract::explanation::Explanation;
use crate::contract::kind::{Kind, Shape, Task};
use crate::contract::model::{Model, Scorer, UNKNOWN};
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::contract::trainer::{Control, Problem, Start, Trainer};
use crate::learn::rating_unit::mean_rating;
use std::ops;
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_options::{SearchRange, options};

/// The kind `bias`.
pub struct Bias;

options! {
    /// Options of `bias`.
    pub struct Options {
        /// Damping λ: a bias is shrunk toward zero as if by this many ratings with no deviation.
        damping: f64 = 5.0, 0.0..=1e9;
    }
}

impl Kind for Bias {
    const NAME: &'static str = "bias";
    const SUMMARY: &'static str = "Damped biases of users and items: the baseline for rating models";
    const SOURCE: &'static str = "Koren, ACM TKDD 4(1), 2010, section 2.1";
    const TASK: Task = Task::Rating;
    const CLOSED_FORM: bool = true;
    const SIZE_OPTION: Option<&'static str> = None;
    const SEARCH: &'static [SearchRange] = &[SearchRange::log("damping", 0.5, 50.0)];
    type Options = Options;

    fn model_bytes(_: &Options, shape: Shape) -> u64 {
        4 * (shape.users + shape.items) as u64
    }

    fn training_bytes(_: &Options, shape: Shape) -> u64 {
        // Current and next biases, and of one side the sums and the means.
        8 * (shape.users + shape.items) as u64 + 20 * shape.users.max(shape.items) as u64
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        if problem.train.columns().ratings.is_none() {
            return Err(ModelError::NeedsRatings { kind: Self::NAME, unread: problem.train.unread() });
        }
        let train = problem.train.clone();
        Ok(Box::new(ClosedForm { train, biases: Biases::zeros(options, problem.shape()) }))
    }

    fn load(options: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        Ok(Box::new(Biases {
            damping: options.damping,
            mean: tensors.take("mean", &[1])?[0],
            users: tensors.take("user_biases", &[shape.users])?,
            items: tensors.take("item_biases", &[shape.items])?,
        }))
    }
}

/// Sweeps over items and users. `docs/experiments.md` compares one with ten.
const SWEEPS: usize = 10;

struct ClosedForm {
    train: Arc<Interactions>,
    biases: Biases,
}

/// Damped mean of `residual(row)` over the interactions of each of `count` keys; 0 for a key without interactions.
fn damped_means(keys: &[u32], count: usize, damping: f64, residual: impl Fn(usize) -> f64) -> Vec<f32> {
    let mut sums = vec![(0.0f64, 0u32); count];
    for (row, &key) in keys.iter().enumerate() {
        let (sum, rows) = &mut sums[key as usize];
        *sum += residual(row);
        *rows += 1;
    }
    let mean = |(sum, rows)| if rows == 0 { 0.0 } else { sum / (damping + f64::from(rows)) };
    sums.into_iter().map(|sum| mean(sum) as f32).collect()
}

/// The biases of an earlier run, and those of users and items that only `train` has, computed with the others fixed.
pub(crate) fn extended(options: &Options, train: &Interactions, start: &Start) -> Biases {
    let (columns, damping, mean) = (train.columns(), options.damping, start.values("mean")[0]);
    let [mut users, mut items] = ["user_biases", "item_biases"].map(|name| start.values(name).to_vec());
    let above_mean = |row: usize| f64::from(train.rating(row)) - f64::from(mean);
    let new = damped_means(&columns.items, items.len(), damping, |row| {
        above_mean(row) - f64::from(users[columns.users[row] as usize])
    });
    replace_unknown(&mut items, &start.items, new);
    let new = damped_means(&columns.users, users.len(), damping, |row| {
        above_mean(row) - f64::from(items[columns.items[row] as usize])
    });
    replace_unknown(&mut users, &start.users, new);
    Biases { damping, mean, users, items }
}

fn replace_unknown(biases: &mut [f32], known: &[bool], new: Vec<f32>) {
    for ((bias, known), new) in biases.iter_mut().zip(known).zip(new) {
        if !known {
            *bias = new;
        }
    }
}

impl Trainer for ClosedForm {
    /// The loss is the RMSE on the training ratings.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        self.biases.solve(&self.train, |sweep| control.check(sweep, SWEEPS))
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(self.biases.clone())
    }
}

/// The model.
#[derive(Clone)]
pub(crate) struct Biases {
    damping: f64,
    pub(crate) mean: f32,
    pub(crate) users: Vec<f32>,
    pub(crate) items: Vec<f32>,
}

impl Biases {
    fn zeros(options: &Options, shape: Shape) -> Self {
        let (users, items) = (vec![0.0; shape.users], vec![0.0; shape.items]);
        Self { damping: options.damping, mean: 0.0, users, items }
    }

    /// The biases of training ratings, from which other kinds start.
    pub(crate) fn of(options: &Options, train: &Interactions, shape: Shape) -> Self {
        let mut biases = Self::zeros(options, shape);
        biases.solve(train, |_| Ok(())).expect("nothing cancels it");
        biases
    }

    /// Replaces the biases by those of `train`. Calls `check` before each sweep. Returns the RMSE on `train`.
    fn solve(
        &mut self,
        train: &Interactions,
        check: impl Fn(usize) -> Result<(), ModelError>,
    ) -> Result<f64, ModelError> {
        let (columns, rows) = (train.columns(), train.len());
        let rating = |row| f64::from(train.rating(row));
        let mean = columns.ratings.as_deref().map_or(1.0, mean_rating);
        let of = |biases: &[f32], keys: &[u32], row: usize| f64::from(biases[keys[row] as usize]);
        let (mut users, mut items) = (vec![0.0; self.users.len()], vec![0.0; self.items.len()]);
        for sweep in 0..SWEEPS {
            check(sweep)?;
            let without_user = |row| rating(row) - mean - of(&users, &columns.users, row);
            items = damped_means(&columns.items, items.len(), self.damping, without_user);
            let without_item = |row| rating(row) - mean - of(&items, &columns.items, row);
            users = damped_means(&columns.users, users.len(), self.damping, without_item);
        }
        let error =
            |row| rating(row) - mean - of(&items, &columns.items, row) - of(&users, &columns.users, row);
        let loss = ((0..rows).map(|row| error(row) * error(row)).sum::<f64>() / rows as f64).sqrt();
        *self = Self { damping: self.damping, mean: mean as f32, users, items };
        Ok(loss)
    }
}

/// Scores items for a few users.
struct Sums<'a> {
    /// Mean and bias of each user: `(users)`.
    bases: Vec<f32>,
    items: &'a [f32],
}

impl Scorer for Sums<'_> {
    fn score(&mut self, items: ops::Range<usize>, out: &mut [f32]) {
        let biases = &self.items[items];
        for (scores, base) in out.chunks_exact_mut(biases.len().max(1)).zip(&self.bases) {
            for (score, bias) in scores.iter_mut().zip(biases) {
                *score = base + bias;
            }
        }
    }
}

impl Model for Biases {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![
            Tensor::vector("mean", Axis::Whole, std::slice::from_ref(&self.mean)),
            Tensor::vector("user_biases", Axis::Users, &self.users),
            Tensor::vector("item_biases", Axis::Items, &self.items),
        ]
    }

    fn predict(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        for ((&user, &item), out) in users.iter().zip(items).zip(out) {
            let user = if user == UNKNOWN { 0.0 } else { self.users[user as usize] };
            let item = if item == UNKNOWN { 0.0 } else { self.items[item as usize] };
            *out = self.mean + user + item;
        }
    }

    fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let bases = users.iter().map(|&user| self.mean + self.users[user as usize]).collect();
        Box::new(Sums { bases, items: &self.items })
    }

    fn item_similarity(&self, _: u32, _: &[u32], _: &mut [f32]) -> Result<(), &'static str> {
        Err("it knows only a bias of each item, which does not describe the item")
    }

    fn user_similarity(&self, _: u32, _: &mut [f32]) -> Result<(), &'static str> {
        Err("it knows only a bias of each user, which does not describe their taste")
    }

    /// The damped mean of the residuals after the item biases.
    fn fold_in(&self, rows: &[(u32, f32)]) -> Result<Vec<f32>, &'static str> {
        let mut left: Vec<f64> = rows
            .iter()
            .map(|&(item, rating)| f64::from(rating) - f64::from(self.mean + self.items[item as usize]))
            .collect();
        // Sorted, so that the sum does not depend on the order of the input.
        left.sort_by(f64::total_cmp);
        Ok(vec![(left.iter().sum::<f64>() / (self.damping + left.len() as f64).max(1e-9)) as f32])
    }

    fn score_new_user(&self, folded: &[f32], out: &mut [f32]) {
        for (out, bias) in out.iter_mut().zip(&self.items) {
            *out = self.mean + folded[0] + bias;
        }
    }

    fn explain(&self, user: u32, item: u32, _: &[(u32, f32)]) -> Result<Explanation, &'static str> {
        let parts = vec![
            ("mean".to_owned(), self.mean),
            ("userBias".to_owned(), self.users[user as usize]),
            ("itemBias".to_owned(), self.items[item as usize]),
        ];
        Ok(Explanation { parts, ..Explanation::default() })
    }
}
