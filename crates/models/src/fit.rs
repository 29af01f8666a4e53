//! Training: epochs, validation, and the best of them kept.

use crate::error::ModelError;
use crate::evaluate::{Beside, EvaluateOptions, Metrics, chooses, evaluate};
use crate::fitted::{Catalogue, Fitted, Training};
use crate::grown;
use crate::model::{Control, Problem, Trainer};
use crate::options::{OptionDoc, Range};
use crate::registry::{Checked, Entry};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tastespace_data::Interactions;

/// Options of a training run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct FitOptions {
    /// Everything random follows from it.
    pub seed: u64,
    /// Whether to go on from what was learnt, instead of from nothing.
    pub go_on: bool,
}

/// The options of a training run as data.
pub const FIT_OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "seed",
        range: Range::Integer(0, (1 << 53) - 1),
        doc: "Everything random follows from it.",
    },
    OptionDoc {
        name: "goOn",
        range: Range::Boolean,
        doc: "Whether to go on from what was learnt, instead of from nothing.",
    },
];

/// Training in progress.
pub struct Fit {
    entry: &'static Entry,
    options: Checked,
    seed: u64,
    rows: usize,
    validation: Option<Arc<Interactions>>,
    /// What is known of the people of `validation` whom the training rows do not have.
    given: Option<Arc<Interactions>>,
    catalogue: Arc<Catalogue>,
    trainer: Box<dyn Trainer>,
    /// The model after the last whole epoch.
    current: Option<Fitted>,
    /// The model of the epoch that did best on validation, with the metric there.
    best: Option<(f64, Fitted)>,
    epoch: u32,
    /// Epochs that the model had when this began.
    epochs_before: u32,
}

/// What an epoch came to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochReport {
    /// Epoch, from 1.
    pub epoch: u32,
    /// Training loss, as the model defines it.
    pub loss: f64,
    /// Metrics on the validation rows.
    pub validation: Option<Metrics>,
    /// The metric that chooses the best epoch.
    pub metric: &'static str,
    /// The best epoch so far: on validation, or else the last.
    pub best_epoch: u32,
    /// Training rows visited.
    pub rows: usize,
}

impl Fit {
    /// Makes ready to train on `train`. `free` is how many bytes may be taken; `u64::MAX` if nobody counts.
    pub fn new(
        entry: &'static Entry,
        options: Checked,
        train: Arc<Interactions>,
        validation: Option<Arc<Interactions>>,
        seed: u64,
        free: u64,
    ) -> Result<Self, ModelError> {
        Self::start(entry, options, Problem { train, seed, start: None }, None, validation, free)
    }

    /// Makes ready to go on from a trained model on `train`, which may hold users and items that are new to it. With the
    /// data that it was trained on it goes on as if it had never stopped, if the optimiser has no memory of its own.
    pub fn go_on(
        before: &Fitted,
        train: &Interactions,
        validation: Option<Arc<Interactions>>,
        seed: u64,
        free: u64,
    ) -> Result<Self, ModelError> {
        let train = Arc::new(grown::renumbered(before.catalogue(), train));
        let start = grown::start(before, &train);
        let catalogue = grown::catalogue(before.catalogue(), &train);
        let problem = Problem { train, seed, start: Some(start) };
        Self::start(before.entry(), before.options().clone(), problem, Some(catalogue), validation, free)
    }

    fn start(
        entry: &'static Entry,
        options: Checked,
        problem: Problem,
        catalogue: Option<Catalogue>,
        validation: Option<Arc<Interactions>>,
        free: u64,
    ) -> Result<Self, ModelError> {
        if problem.train.is_empty() {
            return Err(ModelError::EmptyDataset { purpose: "training" });
        }
        if validation.as_ref().is_some_and(|rows| rows.is_empty()) {
            return Err(ModelError::EmptyDataset { purpose: "validation" });
        }
        let shape = problem.shape();
        let needed = entry.bytes(&options, shape) + Catalogue::bytes(shape);
        if needed > free {
            return Err(ModelError::TooLarge {
                kind: entry.kind,
                needed,
                free,
                users: shape.users,
                items: shape.items,
                rows: shape.rows,
                shrink: entry.size_option,
            });
        }
        let trainer = entry.trainer(&options, &problem)?;
        let catalogue = Arc::new(catalogue.unwrap_or_else(|| Catalogue::new(&problem.train)));
        Ok(Self {
            entry,
            options,
            seed: problem.seed,
            rows: shape.rows,
            validation,
            given: None,
            catalogue,
            trainer,
            current: None,
            best: None,
            epoch: 0,
            epochs_before: problem.start.map_or(0, |start| start.epochs),
        })
    }

    /// The same with what is known of the people of the validation rows whom the training rows do not have: they are placed
    /// by it, and then count like others.
    pub fn with_given(self, given: Option<Arc<Interactions>>) -> Self {
        Self { given, ..self }
    }

    /// Trains one epoch. After an error the model of the last whole epoch still stands.
    pub fn train_epoch(&mut self, control: Control) -> Result<EpochReport, ModelError> {
        let loss = self.trainer.train_epoch(control)?;
        self.epoch += 1;
        if !loss.is_finite() {
            let (kind, option) = (self.entry.kind, self.entry.rate_option);
            return Err(ModelError::Diverged { kind, epoch: self.epoch, option });
        }
        let training = Training { epochs: self.epochs_before + self.epoch, seed: self.seed, rows: self.rows };
        let model = Arc::from(self.trainer.model());
        let current = Fitted::new(self.entry, self.options.clone(), self.catalogue.clone(), model, training);
        let (metric, more_is_better) = chooses(self.entry.task);
        let validation = match &self.validation {
            Some(rows) => {
                let beside = Beside { given: self.given.as_deref(), exclude: None };
                Some(evaluate(&current, rows, beside, &EvaluateOptions::default())?)
            }
            None => None,
        };
        if let Some(metrics) = &validation {
            let value = metrics.values[metric];
            let better = |best: f64| if more_is_better { value > best } else { value < best };
            if self.best.as_ref().is_none_or(|&(best, _)| better(best)) {
                self.best = Some((value, current.clone()));
            }
        }
        self.current = Some(current);
        let best_epoch = match &self.best {
            Some((_, fitted)) => fitted.training().epochs - self.epochs_before,
            None => self.epoch,
        };
        Ok(EpochReport { epoch: self.epoch, loss, validation, metric, best_epoch, rows: self.rows })
    }

    /// The model after the last whole epoch.
    pub fn current(&self) -> Option<&Fitted> {
        self.current.as_ref()
    }

    /// Ends training: the model of the best epoch on validation, or of the last whole one.
    pub fn finish(self) -> Option<Fitted> {
        self.best.map(|(_, fitted)| fitted).or(self.current)
    }
}
