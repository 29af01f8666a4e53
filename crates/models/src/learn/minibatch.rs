//! Training in mini-batches: the epoch loop that all such models share.

use super::optimizer::Update;
use crate::contract::error::ModelError;
use crate::contract::model::Model;
use crate::contract::trainer::{Control, Problem, Trainer};
use std::sync::Arc;
use tastespace_data::rng::Purpose;
use tastespace_data::{Interactions, Rng};

/// A user and an item that the user interacted with.
pub type Pair = [u32; 2];

/// Training examples in an order that stays.
pub trait Examples<E>: Send {
    /// Their number.
    fn count(&self) -> usize;
    /// Fills `shuffled` with all of them in random order.
    fn shuffle_into(&self, rng: &mut Rng, shuffled: &mut [E]);
}

impl<E: Copy + Send> Examples<E> for Vec<E> {
    fn count(&self) -> usize {
        self.len()
    }

    fn shuffle_into(&self, rng: &mut Rng, shuffled: &mut [E]) {
        rng.shuffle_into(self.iter().copied(), shuffled);
    }
}

/// The pairs of all interactions, without a copy of them.
pub struct AllPairs(pub Arc<Interactions>);

impl Examples<Pair> for AllPairs {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn shuffle_into(&self, rng: &mut Rng, shuffled: &mut [Pair]) {
        let columns = self.0.columns();
        let pairs = columns.users.iter().zip(&columns.items);
        rng.shuffle_into(pairs.map(|(&user, &item)| [user, item]), shuffled);
    }
}

/// The parameters of a mini-batch model and its loss.
pub trait Objective: Send {
    /// A training example.
    type Example: Copy + Default + Send + Sync;

    /// The update of the mini-batch of this number, from 1, in an epoch, from 0.
    fn update(&self, epoch: u32, number: u32) -> Update;
    /// Trains on one mini-batch. Returns the sum of its losses before the update.
    fn train(&mut self, examples: &[Self::Example], batch: &Batch) -> f64;
    /// The loss of an epoch, from the sum of all losses and the number of examples.
    fn epoch_loss(&self, sum: f64, examples: usize) -> f64 {
        sum / examples as f64
    }
    /// A copy of the parameters as a trained model.
    fn model(&self) -> Box<dyn Model>;
}

/// The position of a mini-batch in the training run, which determines its random streams.
pub struct Batch {
    /// The seed.
    pub seed: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// Number of the mini-batch in the epoch, from 0.
    pub number: usize,
    /// Examples of a whole mini-batch.
    pub size: usize,
    /// Number of the mini-batch in the training run, from 1.
    pub step: u32,
    /// The update of the parameters.
    pub update: Update,
}

impl Batch {
    /// The random stream of a shard of the mini-batch. All mini-batches of an epoch have the same number of `shards`.
    pub fn stream(&self, purpose: Purpose, shards: usize, shard: usize) -> Rng {
        Rng::stream(self.seed, purpose, self.epoch, (self.number * shards + shard) as u64)
    }
}

/// Training of an [`Objective`] on shuffled examples.
pub struct MiniBatch<O: Objective> {
    objective: O,
    seed: u64,
    epoch: u32,
    /// Mini-batches so far.
    steps: u32,
    /// Whether the state of the optimizer is still that of a new model, while the parameters are those of a trained one.
    forgot: bool,
    size: usize,
    examples: Box<dyn Examples<O::Example>>,
    shuffled: Vec<O::Example>,
}

impl<O: Objective> MiniBatch<O> {
    /// Trains `objective` on `examples`, `size` of them per mini-batch.
    pub fn new(
        objective: O,
        examples: impl Examples<O::Example> + 'static,
        size: u32,
        problem: &Problem,
    ) -> Self {
        Self {
            objective,
            seed: problem.seed,
            epoch: problem.epochs_before(),
            steps: 0,
            forgot: problem.epochs_before() > 0,
            size: size as usize,
            shuffled: vec![O::Example::default(); examples.count()],
            examples: Box::new(examples),
        }
    }

    /// Bytes of `examples` examples in the order of an epoch. A `Vec` of them takes as much again.
    pub fn bytes(examples: usize) -> u64 {
        (examples * size_of::<O::Example>()) as u64
    }
}

impl<O: Objective> MiniBatch<O> {
    /// Fills AdaGrad's sums of squared gradients before training goes on. Model files do not hold them, and with empty ones the
    /// first steps would be as long as those of a new model: they would undo what the model has learned. One pass over the
    /// examples measures the gradients of the trained parameters, and counts for all the epochs before.
    fn recall(&mut self, control: Control) -> Result<(), ModelError> {
        let Some(update) = self.objective.update(self.epoch, 1).recall(self.epoch) else { return Ok(()) };
        // The triplets of the last epoch, if it had the same seed.
        let epoch = u64::from(self.epoch) - 1;
        self.examples.shuffle_into(&mut Rng::stream(self.seed, Purpose::Order, epoch, 0), &mut self.shuffled);
        let batches = self.shuffled.len().div_ceil(self.size);
        let (seed, size) = (self.seed, self.size);
        for (number, examples) in self.shuffled.chunks(self.size).enumerate() {
            control.check(number, batches)?;
            self.objective.train(examples, &Batch { seed, epoch, number, size, step: 1, update });
        }
        Ok(())
    }
}

impl<O: Objective> Trainer for MiniBatch<O> {
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        if std::mem::take(&mut self.forgot) {
            self.recall(control)?;
        }
        let epoch = u64::from(self.epoch);
        self.examples.shuffle_into(&mut Rng::stream(self.seed, Purpose::Order, epoch, 0), &mut self.shuffled);
        let batches = self.shuffled.len().div_ceil(self.size);
        control.check(0, batches)?;
        let mut loss = 0.0;
        for (number, examples) in self.shuffled.chunks(self.size).enumerate() {
            control.check(number, batches)?;
            self.steps += 1;
            let update = self.objective.update(self.epoch, self.steps);
            let (seed, size, step) = (self.seed, self.size, self.steps);
            loss += self.objective.train(examples, &Batch { seed, epoch, number, size, step, update });
        }
        self.epoch += 1;
        Ok(self.objective.epoch_loss(loss, self.examples.count()))
    }

    fn model(&self) -> Box<dyn Model> {
        self.objective.model()
    }
}
