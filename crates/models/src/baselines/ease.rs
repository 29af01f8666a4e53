//! EASE (Steck 2019, *Embarrassingly Shallow Autoencoders for Sparse Data*): a linear model that predicts each item from the
//! others, in closed form.
//!
//! With `X: (n, m)` 1 where a user interacted with an item, the minimum of `‖X − X B‖² + λ‖B‖²` under `diag B = 0` is
//!
//! `P = (Xᵀ X + λ I)⁻¹`, `B_ji = −P_ji / P_ii`, `B_ii = 0`.
//!
//! | here | paper | meaning |
//! |---|---|---|
//! | `item_weights: (m, m)` | B | row j: the weights from item j to each item |
//! | `penalty` | λ | L2 regularization |
//!
//! The score of an item is `Σ_j B_ji` over the user's positives j, which count alike whatever their ratings. Memory is `m²`; a catalogue that does not fit is refused.
//!
//! Departures: `f32`, except for the blocks on the diagonal (see `inverse`).

use super::cooccurrence::{self, Cooccurrence};
use super::inverse;
use super::item_item::{ItemItem, Weights};
use super::sparse_weights::{Similar, SparseWeights};
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape, Task};
use crate::contract::model::Model;
use crate::contract::tensor::{Axis, Tensor, Tensors, WrongTensor};
use crate::contract::trainer::{Control, Problem, Trainer};
use std::ops;
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_optim::parallel;
use tastespace_options::{SearchRange, options};

/// The name of the strongest weights in a file without the others, and what is similar.
const STRONGEST: (&str, Similar) = ("weights", Similar::From);

/// The kind `ease`.
pub struct Ease;

options! {
    /// Options of `ease`.
    pub struct Options {
        /// L2 regularization λ of the item weights, in users. Higher values need more users to support a weight.
        penalty: f64 = 250.0, 0.1..=1e9;
    }
}

impl Kind for Ease {
    const NAME: &'static str = "ease";
    const SUMMARY: &'static str =
        "EASE: a linear model that predicts each item from the others, in closed form";
    const SOURCE: &'static str = "Steck, WWW 2019";
    const TASK: Task = Task::Ranking;
    const CLOSED_FORM: bool = true;
    const ITEM_WEIGHTS: bool = true;
    const SIZE_OPTION: Option<&'static str> = None;
    const SEARCH: &'static [SearchRange] = &[SearchRange::log("penalty", 10.0, 10_000.0)];
    type Options = Options;

    fn model_bytes(_: &Options, shape: Shape) -> u64 {
        4 * (shape.items as u64).pow(2)
    }

    fn training_bytes(_: &Options, shape: Shape) -> u64 {
        let counting = cooccurrence::bytes(shape.users, shape.items, shape.rows);
        // The counts are freed before the inverse is computed.
        counting.max(inverse::bytes(shape.items))
    }

    fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
        let Shape { users, items, rows, .. } = problem.shape();
        // The weights are one allocation, which WebAssembly limits to 2 GiB.
        let (needed, free) = (Self::model_bytes(options, problem.shape()), isize::MAX as u64);
        if needed > free {
            let (kind, shrink) = (Self::NAME, Self::SIZE_OPTION);
            return Err(ModelError::TooLarge { kind, needed, free, users, items, rows, shrink });
        }
        Ok(Box::new(ClosedForm {
            penalty: options.penalty as f32,
            train: problem.train.clone(),
            found: None,
        }))
    }

    fn load(_: &Options, tensors: &mut Tensors, shape: Shape) -> Result<Box<dyn Model>, WrongTensor> {
        if SparseWeights::are_in(tensors) {
            let weights = SparseWeights::load(tensors, STRONGEST, shape.items, shape.items)?;
            return Ok(Box::new(ItemItem::new(Arc::new(weights))));
        }
        let weights = tensors.take("item_weights", &[shape.items, shape.items])?;
        Ok(Box::new(ItemItem::new(Arc::new(Dense { items: shape.items, weights }))))
    }
}

struct ClosedForm {
    penalty: f32,
    train: Arc<Interactions>,
    /// The weights with the loss, after training.
    found: Option<(Arc<Dense>, f64)>,
}

/// Adds the lower triangle of `XᵀX + λI` to zeros: `gram: (m, m)`. Counts are exact below 2²⁴.
fn add_gram(gram: &mut [f32], train: &Interactions, penalty: f32) {
    let items = train.items.len();
    let together = Cooccurrence::new(train.columns(), train.users.len(), items);
    parallel::for_each(gram.chunks_mut(items).enumerate(), |(item, counts)| {
        together.each(item as u32, item as u32, |other| counts[other as usize] += 1.0);
        counts[item] += penalty;
    });
}

impl Trainer for ClosedForm {
    /// The loss is the objective, `Σ_i (1/P_ii − λ)`, over the training interactions.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        control.check(0, 1)?;
        if let Some((_, loss)) = &self.found {
            return Ok(*loss);
        }
        let items = self.train.items.len();
        let mut weights = vec![0.0f32; items * items];
        add_gram(&mut weights, &self.train, self.penalty);
        if !inverse::invert(&mut weights, items, |done, all| control.check(done, all))? {
            return Err(ModelError::Singular { kind: Ease::NAME, option: "penalty" });
        }
        let diagonal: Vec<f32> = (0..items).map(|item| -1.0 / weights[item * items + item]).collect();
        parallel::for_each(weights.chunks_mut(items).enumerate(), |(had, row)| {
            for (weight, scale) in row.iter_mut().zip(&diagonal) {
                *weight *= scale;
            }
            row[had] = 0.0;
        });
        let objectives = diagonal.iter().map(|negated| -f64::from(*negated) - f64::from(self.penalty));
        let loss = objectives.sum::<f64>() / self.train.len() as f64;
        self.found = Some((Arc::new(Dense { items, weights }), loss));
        Ok(loss)
    }

    fn model(&self) -> Box<dyn Model> {
        let (weights, _) = self.found.as_ref().expect("an epoch was trained");
        Box::new(ItemItem::new(weights.clone()))
    }
}

/// All weights, those from an item in a row.
struct Dense {
    items: usize,
    weights: Vec<f32>,
}

impl Dense {
    fn row(&self, had: u32) -> &[f32] {
        &self.weights[had as usize * self.items..][..self.items]
    }
}

impl Weights for Dense {
    fn items(&self) -> usize {
        self.items
    }

    fn weight(&self, had: u32, item: u32) -> f32 {
        self.row(had)[item as usize]
    }

    fn add_to(&self, had: u32, items: ops::Range<usize>, out: &mut [f32]) {
        for (out, weight) in out.iter_mut().zip(&self.row(had)[items]) {
            *out += weight;
        }
    }

    /// The weights from each item to `item`. Those in the other direction are higher to popular items.
    fn similarity(&self, item: u32, out: &mut [f32]) {
        for (from, out) in (0..).zip(out) {
            *out = self.weight(from, item);
        }
    }

    fn tensors(&self) -> Vec<Tensor<'_>> {
        let shape = vec![self.items, self.items];
        vec![Tensor { name: "item_weights".into(), shape, values: &self.weights, axis: Axis::Items }]
    }

    fn strongest(&self, count: usize) -> SparseWeights {
        let of = |had, out: &mut Vec<(u32, f32)>| out.extend((0..).zip(self.row(had).iter().copied()));
        SparseWeights::strongest(STRONGEST, (self.items, count), of)
    }
}
