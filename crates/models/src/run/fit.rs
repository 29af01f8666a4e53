//! Training: epochs, validation, and the best of them kept.

use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::evaluate::{self, Beside, Metric, Metrics, SEEDS, watched};
use crate::registry::{Checked, Entry};
use crate::run::resume;
use crate::serve::catalogue::Catalogue;
use crate::serve::fitted::{Fitted, Training};
use serde::Serialize;
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_options::options;

options! {
    /// Options of a training run.
    pub struct FitOptions {
        /// Seed of all random streams.
        seed: u64 = 0, SEEDS;
        /// Whether to continue from the trained parameters instead of starting anew.
        go_on: bool = false;
        /// Validation metric that selects the best epoch, such as `recall@50`. Empty for the default of the task.
        metric: String = String::new(), "the name of a metric, such as recall@50";
    }
}

impl FitOptions {
    /// The metric that chooses the best epoch of a kind. Refused is what its task is not measured by.
    pub fn metric(&self, entry: &Entry) -> Result<Metric, ModelError> {
        match &self.metric[..] {
            "" => Ok(Metric::usual(entry.task)),
            name => Metric::parse(name, entry.kind, entry.task),
        }
    }
}

/// How much memory there is to callers who do not count it.
pub fn any_amount(_needed: u64) -> u64 {
    u64::MAX
}

/// Training in progress.
pub struct Fit {
    entry: &'static Entry,
    options: Checked,
    seed: u64,
    rows: usize,
    validation: Option<Arc<Interactions>>,
    /// What is known of the people of `validation` whom the training rows do not have.
    given: Option<Arc<Interactions>>,
    /// What chooses the best epoch.
    metric: Metric,
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
    pub metric: String,
    /// The best epoch so far: on validation, or else the last.
    pub best_epoch: u32,
    /// Training rows visited, each as often as it was.
    pub rows: usize,
}

impl Fit {
    /// Makes ready to train on `train`. `free` tells how many bytes may be taken by who needs so many.
    pub fn new(
        entry: &'static Entry,
        options: Checked,
        train: Arc<Interactions>,
        validation: Option<Arc<Interactions>>,
        seed: u64,
        free: &dyn Fn(u64) -> u64,
    ) -> Result<Self, ModelError> {
        check_rows(&train, validation.as_deref())?;
        let problem = Problem { train, seed, start: None };
        check_room(
            entry,
            problem.shape(),
            Self::bytes(entry, &options, problem.shape(), validation.as_deref()),
            free,
        )?;
        // First, because making it takes memory that the trainer can then have.
        let catalogue = Catalogue::new(&problem.train);
        Self::start(entry, options, &problem, catalogue, validation)
    }

    /// Makes ready to go on from a trained model on `train`, which may hold users and items that are new to it. With the
    /// data that it was trained on it goes on as if it had never stopped, if the optimiser has no memory of its own.
    pub fn go_on(
        before: &Fitted,
        train: &Interactions,
        validation: Option<Arc<Interactions>>,
        seed: u64,
        free: &dyn Fn(u64) -> u64,
    ) -> Result<Self, ModelError> {
        check_rows(train, validation.as_deref())?;
        let (entry, options) = (before.entry(), before.options().clone());
        let mut shape = resume::shape(before.catalogue(), train);
        if entry.closed_form {
            let history = before.catalogue().history.as_ref();
            let what = "compute it anew from, with the new rows";
            shape.rows += history.ok_or(ModelError::NeedsHistory { kind: entry.kind, what })?.items.len();
        }
        let needed = Self::bytes(entry, &options, shape, validation.as_deref())
            + options.model_bytes(shape)
            + resume::bytes(before.catalogue(), train);
        check_room(entry, shape, needed, free)?;
        let mut train = resume::renumbered(before.catalogue(), train);
        let catalogue;
        if let (true, Some(history)) = (entry.closed_form, &before.catalogue().history) {
            train = resume::together(history, before.catalogue().users.len(), &train);
            catalogue = resume::catalogue_of_all(before.catalogue(), &train);
        } else {
            catalogue = resume::catalogue(before.catalogue(), &train);
        }
        let start = Some(resume::start(before, &train));
        Self::start(entry, options, &Problem { train: Arc::new(train), seed, start }, catalogue, validation)
    }

    fn start(
        entry: &'static Entry,
        options: Checked,
        problem: &Problem,
        catalogue: Catalogue,
        validation: Option<Arc<Interactions>>,
    ) -> Result<Self, ModelError> {
        let trainer = options.trainer(problem)?;
        Ok(Self {
            entry,
            options,
            seed: problem.seed,
            rows: problem.train.len(),
            validation,
            given: None,
            metric: Metric::usual(entry.task),
            catalogue: Arc::new(catalogue),
            trainer,
            current: None,
            best: None,
            epoch: 0,
            epochs_before: problem.start.as_ref().map_or(0, |start| start.epochs),
        })
    }

    /// Most bytes that training from nothing takes: the catalogue and then, for what making it took goes first, the
    /// trainer with the models of the epoch at hand and of the best one.
    pub fn bytes(entry: &Entry, options: &Checked, shape: Shape, validation: Option<&Interactions>) -> u64 {
        let model = options.model_bytes(shape);
        let request = watched(Metric::usual(entry.task), entry.task, 0);
        let evaluating = validation.map_or(0, |rows| evaluate::bytes(entry.task, rows, shape, &request));
        let training = options.training_bytes(shape);
        let training = if entry.closed_form {
            // It is over when its one model comes.
            model + training.max(evaluating)
        } else {
            training + model + validation.map_or(0, |_| model) + evaluating
        };
        Catalogue::bytes(shape) + training.max(Catalogue::making_bytes(shape))
    }

    /// The same with what is known of the people of the validation rows whom the training rows do not have: they are placed
    /// by it, and then count like others.
    pub fn with_given(self, given: Option<Arc<Interactions>>) -> Self {
        Self { given, ..self }
    }

    /// The same with another metric to choose the best epoch on the validation rows.
    pub fn with_metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
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
        // The last one goes before the next one comes: only the best is kept beside it.
        self.current = None;
        let (options, catalogue) = (self.options.clone(), self.catalogue.clone());
        let current = Fitted::new(self.entry, options, catalogue, self.trainer.model(), training);
        let metric = self.metric.to_string();
        let validation = match &self.validation {
            Some(rows) => {
                let beside = Beside { given: self.given.as_deref(), exclude: None };
                let request = watched(self.metric, self.entry.task, self.seed);
                Some(evaluate::measure(&current, rows, beside, &request)?)
            }
            None => None,
        };
        if let Some(metrics) = &validation {
            let value = metrics.values[&metric[..]];
            let better = |best: f64| if self.metric.more_is_better() { value > best } else { value < best };
            if self.best.as_ref().is_none_or(|&(best, _)| better(best)) {
                self.best = Some((value, current.clone()));
            }
        }
        self.current = Some(current);
        let rows = self.rows * self.trainer.passes();
        let best_epoch = match &self.best {
            Some((_, fitted)) => fitted.training().epochs - self.epochs_before,
            None => self.epoch,
        };
        Ok(EpochReport { epoch: self.epoch, loss, validation, metric, best_epoch, rows })
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

fn check_rows(train: &Interactions, validation: Option<&Interactions>) -> Result<(), ModelError> {
    for (data, purpose) in [(Some(train), "training"), (validation, "validation")] {
        if data.is_some_and(Interactions::is_empty) {
            return Err(ModelError::EmptyDataset { purpose });
        }
    }
    Ok(())
}

/// Refuses what needs more bytes than there are.
fn check_room(entry: &Entry, shape: Shape, needed: u64, free: &dyn Fn(u64) -> u64) -> Result<(), ModelError> {
    let free = free(needed);
    if needed <= free {
        return Ok(());
    }
    let Shape { users, items, rows, .. } = shape;
    Err(ModelError::TooLarge {
        kind: entry.kind,
        needed,
        free,
        users,
        items,
        rows,
        shrink: entry.size_option,
    })
}
