//! Training: pairs in seeded order, batch after batch.

use super::batch::{Batch, Draws, Pair, Parameters, SHARD, Unseen};
use super::model::LrmlModel;
use super::{Corrupt, Options};
use crate::contract::error::ModelError;
use crate::contract::model::{Control, Model, Problem, Shape, Start, Trainer};
use crate::learn::embedding::present;
use crate::learn::minibatch::{Table, drawn, take_learnt};
use crate::learn::sampler::{Sampler, Sampling};
use tastespace_data::rng::Purpose;
use tastespace_data::{Columns, Rng};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::vector::clip_to_ball;

/// Training in progress.
pub(super) struct Training {
    options: Options,
    seed: u64,
    epoch: u32,
    /// Batches so far.
    steps: u32,
    pairs: Vec<Pair>,
    shuffled: Vec<Pair>,
    unseen: Unseen,
    parameters: Parameters,
    batch: Batch,
    /// Which users have training rows, now or before.
    present: Vec<bool>,
}

/// Bytes beside the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let Shape { users, items, rows, .. } = shape;
    let width = padded(options.factors as usize);
    let table = |rows: usize| Table::bytes(rows, width, options.optimizer);
    let tables = table(users) + table(items) + 2 * table(options.slots as usize);
    let popularity = |count: usize| match options.sampling {
        Sampling::Uniform => 0,
        Sampling::Popularity => Sampler::popularity_bytes(count),
    };
    let samplers = Sampler::bytes(users, rows)
        + popularity(items)
        + match options.corrupt {
            Corrupt::Item => 0,
            Corrupt::User | Corrupt::Both => Sampler::bytes(items, rows) + popularity(users),
        };
    let batch = Batch::bytes(options, (options.batch_size as usize).min(rows), users, items);
    tables + samplers + batch + (16 * rows + users) as u64
}

impl Training {
    pub(super) fn new(options: &Options, problem: &Problem) -> Self {
        let (columns, shape) = (problem.train.columns(), problem.shape());
        let mut present = present(&columns.users, shape.users);
        if let Some(start) = &problem.start {
            present.iter_mut().zip(&start.users).for_each(|(present, &before)| *present |= before);
        }
        let batch = (options.batch_size as usize).min(columns.len());
        let pairs: Vec<Pair> =
            columns.users.iter().zip(&columns.items).map(|(&user, &item)| [user, item]).collect();
        Self {
            seed: problem.seed,
            epoch: problem.start.as_ref().map_or(0, |start| start.epochs),
            steps: 0,
            shuffled: vec![[0; 2]; pairs.len()],
            pairs,
            unseen: unseen(options, columns, shape),
            parameters: start(options, problem),
            batch: Batch::new(options, batch, shape.users, shape.items),
            present,
            options: options.clone(),
        }
    }
}

/// What negatives are drawn from; where only items are drawn, nobody's users.
fn unseen(options: &Options, columns: &Columns, shape: Shape) -> Unseen {
    let sampler = |columns: &Columns, users: usize, items: usize| {
        let sampler = Sampler::new(columns, users, items, &[]);
        match options.sampling {
            Sampling::Uniform => sampler,
            Sampling::Popularity => sampler.with_popularity(columns, options.popularity_exponent),
        }
    };
    let turned = match options.corrupt {
        Corrupt::Item => None,
        Corrupt::User | Corrupt::Both => {
            Some(Columns { users: columns.items.clone(), items: columns.users.clone(), ..Columns::default() })
        }
    };
    Unseen {
        items: sampler(columns, shape.users, shape.items),
        users: turned.map(|turned| sampler(&turned, shape.items, shape.users)),
    }
}

/// Drawn values, each table from its own stream, or those that were learnt before.
fn start(options: &Options, problem: &Problem) -> Parameters {
    let (d, shape, slots) = (options.factors as usize, problem.shape(), options.slots as usize);
    let table = |number: u64, rows: usize, length: f64, name: &str, known: fn(&Start) -> Option<&[bool]>| {
        let mut values = drawn(rows, d, length, problem.seed, number);
        if name.ends_with("vectors") && options.radius > 0.0 {
            values.chunks_exact_mut(padded(d)).for_each(|row| clip_to_ball(row, options.radius as f32));
        }
        if let Some(start) = &problem.start {
            let learnt = start.tensors.values(name).expect("it was trained with these options");
            take_learnt(&mut values, learnt, d, known(start));
        }
        Table::new(values, padded(d), options.optimizer, options.initial_accumulator)
    };
    let length = options.initial_length;
    Parameters {
        users: table(0, shape.users, length, "user_vectors", |start| Some(&start.users)),
        items: table(1, shape.items, length, "item_vectors", |start| Some(&start.items)),
        keys: table(2, slots, options.initial_key_length, "memory_keys", |_| None),
        memory: table(3, slots, options.initial_memory_length, "memory", |_| None),
    }
}

impl Trainer for Training {
    /// The loss is the mean over the pairs, each before its batch's step.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let epoch = u64::from(self.epoch);
        let mut rng = Rng::stream(self.seed, Purpose::Order, epoch, 0);
        rng.shuffle_into(&self.pairs, &mut self.shuffled);
        let size = self.options.batch_size as usize;
        let batches = self.shuffled.len().div_ceil(size);
        let mut loss = 0.0;
        for (number, pairs) in self.shuffled.chunks(size).enumerate() {
            control.check(number, batches)?;
            self.steps += 1;
            let step = self.options.optimizer.step(self.options.learning_rate, self.steps);
            let first = number * size.div_ceil(SHARD);
            let draws = Draws { seed: self.seed, epoch, first, unseen: &self.unseen };
            loss += self.batch.train(&mut self.parameters, pairs, step, &draws);
        }
        self.epoch += 1;
        Ok(loss / self.pairs.len() as f64)
    }

    fn model(&self) -> Box<dyn Model> {
        Box::new(LrmlModel::of(&self.options, &self.parameters, &self.present))
    }
}
