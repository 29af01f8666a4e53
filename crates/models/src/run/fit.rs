//! A training run: epochs, validation, and selection of the best epoch.

use crate::contract::error::ModelError;
use crate::contract::kind::{Shape, Task};
use crate::contract::tensor::Tensor;
use crate::contract::trainer::{Control, Problem, Trainer};
use crate::evaluate::{self, Beside, Metric, Metrics, Request, SEEDS, Translation, watched};
use crate::registry::{Checked, Entry};
use crate::run::resume;
use crate::run::validation_users::{self, Named, Sample, ValidationUsers};
use crate::serve::catalogue::Catalogue;
use crate::serve::fitted::{Fitted, Training};
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;
use tastespace_data::Interactions;
use tastespace_options::options;

options! {
    /// Options of a training run.
    pub struct FitOptions {
        /// Seed of all random streams.
        seed: u64 = 0, SEEDS;
        /// Validation metric that selects the best epoch, such as `recall@50`. Empty for the default of the task.
        metric: String = String::new(), "the name of a metric, such as recall@50";
        /// Number of users to validate on, drawn by the seed, or `all`. With `auto`, rating models are validated on all users; ranking models on at least 1,000, and on more while that costs no more than a training epoch.
        validation_users: ValidationUsers = ValidationUsers::Named(Named::Auto);
    }
}

impl FitOptions {
    /// The metric that selects the best epoch.
    ///
    /// # Errors
    /// `config/unknown-metric` for a metric that the task does not have.
    pub fn metric(&self, entry: &Entry) -> Result<Metric, ModelError> {
        match &self.metric[..] {
            "" => Ok(Metric::usual(entry.task)),
            name => Metric::parse(name, entry.kind, entry.task),
        }
    }
}

/// Parameters are smaller, where ratings are: the square of a larger one is hardly a number of 32 bits.
const LARGEST_PARAMETER: f32 = 1e18;

/// Whether scores may be no numbers.
fn has_diverged(fitted: &Fitted) -> bool {
    let (low, high) = fitted.catalogue().range;
    let limit = (1e3 * low.abs().max(high.abs())).clamp(LARGEST_PARAMETER, f32::MAX);
    fitted.model().tensors().iter().map(Tensor::largest).any(|largest| largest.is_nan() || largest > limit)
}

/// Unlimited memory, for callers that do not limit it.
pub fn any_amount(_needed: u64) -> u64 {
    u64::MAX
}

/// A training run in progress.
pub struct Fit {
    entry: &'static Entry,
    options: Checked,
    seed: u64,
    rows: usize,
    validation: Option<Arc<Interactions>>,
    /// Interactions that fold in the users of `validation` who are not in the training data.
    given: Option<Arc<Interactions>>,
    /// The metric that selects the best epoch.
    metric: Metric,
    catalogue: Arc<Catalogue>,
    trainer: Box<dyn Trainer>,
    /// The model after the last whole epoch.
    current: Option<Fitted>,
    /// The model of the best epoch on validation, with its metric.
    best: Option<(f64, Fitted)>,
    epoch: u32,
    /// Epochs trained before this run.
    epochs_before: u32,
    shape: Shape,
    /// While the best model is that before the first epoch: its loss on each validation rating.
    start_losses: Option<Vec<f32>>,
    /// The users of `validation`, if these are not all.
    sample: Option<Sample>,
}

/// The result of an epoch.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochReport {
    /// Epoch, from 1.
    pub epoch: u32,
    /// Training loss, as the model defines it.
    pub loss: f64,
    /// Metrics on validation.
    pub validation: Option<Metrics>,
    /// Of the first epoch: metrics of the model before it, where that is one to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Metrics>,
    /// The users validated on, where these are not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_users: Option<Sample>,
    /// The metric that selects the best epoch.
    pub metric: String,
    /// The best epoch so far on validation, 0 for the model before the first; or the last epoch without validation.
    pub best_epoch: u32,
    /// Training interactions visited, counted once per pass.
    pub rows: usize,
}

impl Fit {
    /// Prepares training on `train`. `free(n)` returns how many of `n` requested bytes are available.
    pub fn new(
        entry: &'static Entry,
        options: Checked,
        train: Arc<Interactions>,
        validation: Option<Arc<Interactions>>,
        seed: u64,
        free: &dyn Fn(u64) -> u64,
    ) -> Result<Self, ModelError> {
        check_rows(&train, validation.as_deref())?;
        check_counts(entry, &train)?;
        let shape = Shape::of(&train);
        let options = options.for_data(shape).unwrap_or(options);
        let learned = learned(entry, train.clone(), "training")?;
        // Where there are dislikes, the positives and their history exist beside all interactions.
        let beside = if Arc::ptr_eq(&learned, &train) { 0 } else { 2 * learned.bytes() as u64 };
        let needed = Self::bytes(entry, &options, shape, validation.as_deref()) + beside;
        check_room(entry, shape, needed, free)?;
        // First, because building it needs memory temporarily.
        let catalogue = Catalogue::new(entry.task, &train);
        drop(train);
        let problem = Problem { train: learned, seed, start: None };
        Self::start(entry, options, &problem, catalogue, validation)
    }

    /// Prepares to continue a trained model on `train`, which may have new users and items. Continuing on the same data
    /// equals uninterrupted training, except for the state of stateful optimizers.
    pub fn resume(
        before: &Fitted,
        train: &Interactions,
        validation: Option<Arc<Interactions>>,
        seed: u64,
        free: &dyn Fn(u64) -> u64,
    ) -> Result<Self, ModelError> {
        check_rows(train, validation.as_deref())?;
        let (entry, options) = (before.entry(), before.options().clone());
        let mut shape = resume::shape(before.catalogue(), train);
        let replayed = (!entry.continues_on_all)
            .then(|| resume::replayed(before.catalogue(), train, validation.as_deref()))
            .flatten();
        shape.rows += replayed.iter().flatten().filter(|&&kept| kept).count();
        if entry.continues_on_all {
            let history = before.catalogue().history.as_ref();
            let what = "continue with new interactions";
            shape.rows += history.ok_or(ModelError::NeedsHistory { kind: entry.kind, what })?.items.len();
        }
        let needed = Self::bytes(entry, &options, shape, validation.as_deref())
            + options.model_bytes(shape)
            + resume::bytes(before.catalogue(), train);
        check_room(entry, shape, needed, free)?;
        let mut train = resume::renumbered(before.catalogue(), train);
        let catalogue;
        let on_all = entry.continues_on_all || replayed.is_some();
        if let (true, Some(history)) = (on_all, &before.catalogue().history) {
            let timed = entry.sequential && train.columns().times.is_some();
            train = resume::together(history, replayed.as_deref(), before.catalogue().users.len(), &train);
            if timed {
                train = resume::timed(train);
            }
            catalogue = resume::catalogue_of_all(entry.task, before.catalogue(), &train);
        } else {
            catalogue = resume::catalogue(entry.task, before.catalogue(), &train);
        }
        let start = Some(resume::start(before, &train));
        let train = learned(entry, Arc::new(train), "training")?;
        Self::start(entry, options, &Problem { train, seed, start }, catalogue, validation)
    }

    fn start(
        entry: &'static Entry,
        options: Checked,
        problem: &Problem,
        catalogue: Catalogue,
        validation: Option<Arc<Interactions>>,
    ) -> Result<Self, ModelError> {
        let validation = validation.map(|rows| learned(entry, rows, "validation")).transpose()?;
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
            epochs_before: problem.epochs_before(),
            shape: problem.shape(),
            sample: None,
            start_losses: None,
        })
    }

    /// Upper bound of the bytes of training from scratch: the catalogue, then the trainer with the models of the current and of
    /// the best epoch.
    pub fn bytes(entry: &Entry, options: &Checked, shape: Shape, validation: Option<&Interactions>) -> u64 {
        let model = options.model_bytes(shape);
        let metric = Metric::usual(entry.task);
        let losses = options.has_start().then_some(metric);
        let request = Request { losses, ..watched(metric, entry.task, 0) };
        let evaluating = validation.map_or(0, |rows| evaluate::bytes(entry.task, rows, shape, &request));
        let training = options.training_bytes(shape);
        let training = if entry.closed_form {
            // It ends when its only model is computed.
            model + training.max(evaluating)
        } else {
            training + model + validation.map_or(0, |_| model) + evaluating
        };
        Catalogue::bytes(shape) + training.max(Catalogue::making_bytes(shape))
    }

    /// Uses the interactions of `given` to fold in validation users that are not in the training data.
    pub fn with_given(self, given: Option<Arc<Interactions>>) -> Self {
        Self { given, ..self }
    }

    /// Selects the best epoch by another metric.
    pub fn with_metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// Validates on a sample of the users. After [`with_given`](Self::with_given), which decides whose rows can be evaluated.
    pub fn with_validation_users(mut self, users: ValidationUsers) -> Self {
        if let Some(rows) = &self.validation {
            let (data, is_given) = ((self.entry.task, self.shape), self.given.is_some());
            let (rows, sample) =
                validation_users::sample(rows, users, data, &self.catalogue, is_given, self.seed);
            (self.validation, self.sample) = (Some(rows), sample);
        }
        self
    }

    /// Trains one epoch. After an error the model of the last whole epoch remains, unless parameters diverged whose loss did not.
    pub fn train_epoch(&mut self, control: Control) -> Result<EpochReport, ModelError> {
        let start = self.validate_start(control)?;
        let loss = self.trainer.train_epoch(control)?;
        self.epoch += 1;
        let (kind, option) = (self.entry.kind, self.entry.rate_option);
        let diverged = ModelError::Diverged { kind, epoch: self.epoch, option };
        if !loss.is_finite() {
            return Err(diverged);
        }
        // Free the last model before the next one is built: only the best is kept.
        self.current = None;
        let current = self.fitted();
        // The loss of an epoch is that before its last updates.
        if has_diverged(&current) {
            return Err(diverged);
        }
        self.current = Some(current.clone());
        let validation = match self.validate(&current, control) {
            // An epoch may have taken hours. There is none to keep instead.
            Err(ModelError::Cancelled) if self.best.is_none() => None,
            validated => validated?,
        };
        let metric = self.metric.to_string();
        let rows = self.rows * self.trainer.passes();
        let best_epoch = match &self.best {
            Some((_, fitted)) => fitted.training().epochs - self.epochs_before,
            None => self.epoch,
        };
        let validation_users = self.sample;
        Ok(EpochReport {
            epoch: self.epoch,
            loss,
            validation,
            start,
            validation_users,
            metric,
            best_epoch,
            rows,
        })
    }

    /// The trainer's model.
    fn fitted(&self) -> Fitted {
        let training = Training { epochs: self.epochs_before + self.epoch, seed: self.seed, rows: self.rows };
        let (options, catalogue) = (self.options.clone(), self.catalogue.clone());
        Fitted::new(self.entry, options, catalogue, self.trainer.model(), training)
    }

    /// Whether the trainer's model is one to choose although no epoch was trained.
    fn has_start(&self) -> bool {
        self.epoch == 0 && self.epochs_before == 0 && self.options.has_start()
    }

    /// Before the first epoch: metrics of the model so far, if that is one to choose.
    fn validate_start(&mut self, control: Control) -> Result<Option<Metrics>, ModelError> {
        if self.has_start() && self.validation.is_some() {
            self.validate(&self.fitted(), control)
        } else {
            Ok(None)
        }
    }

    /// Metrics on validation of a model, which is kept if it is the best so far.
    fn validate(&mut self, model: &Fitted, control: Control) -> Result<Option<Metrics>, ModelError> {
        let Some(rows) = &self.validation else { return Ok(None) };
        let beside = Beside { given: self.given.as_deref(), exclude: None };
        let keeps = self.has_start() || self.start_losses.is_some();
        let losses = keeps.then_some(self.metric);
        let request = Request { losses, ..watched(self.metric, self.entry.task, self.seed) };
        let mut metrics = evaluate::measure(model, rows, beside, &request, control)?;
        let losses = metrics.losses.take();
        let missing = || self.nothing_to_validate(rows);
        let value = metrics.values.get(&self.metric.to_string()).ok_or_else(missing)?;
        let better = |best: &(f64, Fitted)| match self.metric.more_is_better() {
            true => value > best.0,
            false => value < best.0,
        };
        // Any epoch is better than none, but only one that is beyond chance is better than the start.
        let is_certain = match (&self.start_losses, &losses) {
            (Some(start), Some(losses)) => is_beyond_chance(start, losses),
            _ => true,
        };
        if self.best.as_ref().is_none_or(better) && is_certain {
            self.best = Some((value, model.clone()));
            // From here on epochs compete with epochs.
            self.start_losses = if self.has_start() { losses } else { None };
        }
        Ok(Some(metrics))
    }

    /// Why no validation row can be evaluated: their users are not known or, where some are, their items.
    fn nothing_to_validate(&self, rows: &Interactions) -> ModelError {
        let to_model = Translation::new(&rows.users, &self.catalogue.users);
        let known = |&user: &u32| self.catalogue.knows_user(to_model.of(user));
        let some_known = self.given.is_some() || rows.columns().users.iter().any(known);
        ModelError::NothingToValidate { rows: rows.len(), side: if some_known { "items" } else { "users" } }
    }

    /// The model after the last whole epoch.
    pub fn current(&self) -> Option<&Fitted> {
        self.current.as_ref()
    }

    /// Ends training. Returns the model of the best epoch on validation, or of the last whole epoch. Without an epoch, the
    /// model before the first one, where that is one to choose.
    pub fn finish(self) -> Option<Fitted> {
        let start = self.has_start().then(|| self.fitted());
        self.best.map(|(_, fitted)| fitted).or(self.current).or(start)
    }
}

/// Standard errors of the mean difference by which an epoch must beat the model before the first one: some 2 % of epochs that are
/// no better do so by chance.
const CERTAIN: f64 = 2.0;

/// Whether losses on the same ratings are lower by more than chance.
fn is_beyond_chance(before: &[f32], after: &[f32]) -> bool {
    let count = before.len() as f64;
    let differences =
        || before.iter().zip(after).map(|(&before, &after)| f64::from(before) - f64::from(after));
    let mean = differences().sum::<f64>() / count;
    let variance =
        differences().map(|difference| (difference - mean) * (difference - mean)).sum::<f64>() / count;
    mean > CERTAIN * (variance / count).sqrt()
}

fn check_rows(train: &Interactions, validation: Option<&Interactions>) -> Result<(), ModelError> {
    for (data, purpose) in [(Some(train), "training"), (validation, "validation")] {
        if data.is_some_and(Interactions::is_empty) {
            return Err(ModelError::EmptyDataset { purpose });
        }
    }
    Ok(())
}

/// The interactions of `data` that the kind learns from. The same data, unless it is a ranking kind and there are dislikes.
fn learned(
    entry: &Entry,
    data: Arc<Interactions>,
    purpose: &'static str,
) -> Result<Arc<Interactions>, ModelError> {
    match entry.task.learned(&data) {
        Cow::Borrowed(_) => Ok(data),
        Cow::Owned(positives) if positives.is_empty() => {
            Err(ModelError::NoPositives { kind: entry.kind, purpose, rows: data.len() })
        }
        Cow::Owned(positives) => Ok(Arc::new(positives)),
    }
}

/// Fails if a rating kind is to be trained on counts.
fn check_counts(entry: &Entry, train: &Interactions) -> Result<(), ModelError> {
    if entry.task == Task::Ranking || !train.looks_like_counts() {
        return Ok(());
    }
    let (lowest, highest) = train.range();
    Err(ModelError::Counts { kind: entry.kind, lowest, highest })
}

/// Fails if fewer bytes are free than needed.
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
