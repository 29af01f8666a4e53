//! Training: shards of a mini-batch sample their negatives and compute gradients, then every row sums its gradients and
//! is updated.

use super::Options;
use super::model::LrmlModel;
use super::negatives::Negatives;
use super::pairs::{MemoryGradients, PairLoss, Pairs, Pass, SHARD, Workspace, Workspaces};
use crate::contract::error::ModelError;
use crate::contract::kind::Shape;
use crate::contract::model::Model;
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::minibatch::{AllPairs, Batch, MiniBatch, Objective, Pair};
use crate::learn::optimizer::{BatchOptions, Update};
use crate::learn::row_gradients::{NONE, RowGradients};
use crate::learn::table::{Rows, Table, TableSpec};
use tastespace_data::rng::Purpose;
use tastespace_kernels::lanes::padded;
use tastespace_kernels::memory_attention::Slots;
use tastespace_kernels::vector::{add_scaled, clip_to_ball, dot};
use tastespace_optim::parallel;

/// Users, items, memory keys and memory values.
fn tables(options: &Options) -> [TableSpec; 4] {
    let memory = Rows::Fixed(options.slots as usize);
    let table = |name, rows, stream, norm, radius| {
        let deviation = BatchOptions::deviation(norm, options.factors);
        TableSpec { radius, ..TableSpec::new(name, rows, stream, options.factors, deviation).padded() }
    };
    [
        table("user_vectors", Rows::Users, 0, options.batch.initial_length, options.radius),
        table("item_vectors", Rows::Items, 1, options.batch.initial_length, options.radius),
        table("memory_keys", memory, 2, options.initial_key_length, 0.0),
        table("memory", memory, 3, options.initial_memory_length, 0.0),
    ]
}

/// The parameters in training and the workspace of a mini-batch.
struct Lrml {
    options: Options,
    loss: PairLoss,
    negatives: Negatives,
    users: Side,
    items: Side,
    keys: Table,
    memory: Table,
    shards: Vec<MemoryGradients>,
    memory_gradients: MemoryGradients,
    /// Keys and memory, packed.
    packed: Vec<f32>,
    workspaces: Workspaces,
    trained_users: Vec<bool>,
}

/// The users or the items.
struct Side {
    table: Table,
    /// The rows of the candidates of a mini-batch, with a gradient each: `(pairs, candidates)`.
    rows: Vec<u32>,
    gradients: Vec<f32>,
    /// The gradients summed by row.
    sums: RowGradients,
}

impl Side {
    fn new(table: Table, count: usize, rows: usize) -> Self {
        let width = table.width();
        Self {
            table,
            rows: vec![NONE; rows],
            gradients: vec![0.0; rows * width],
            sums: RowGradients::new(count, rows, width),
        }
    }

    fn bytes(width: usize, count: usize, rows: usize) -> u64 {
        4 * (rows * (1 + width)) as u64 + RowGradients::bytes(count, rows, width)
    }

    fn gather(&mut self, rows: usize, penalty: f32) {
        let (gradients, width) = (&self.gradients, self.table.width());
        self.sums.gather(
            &self.table,
            &self.rows[..rows],
            penalty,
            |_, gradient| gradient.fill(0.0),
            |gradient, _, one| add_scaled(gradient, 1.0, &gradients[one * width..][..width]),
        );
    }

    fn update(&mut self, update: Update, radius: f32) {
        self.table.update(&self.sums, update, |row| {
            if radius > 0.0 {
                clip_to_ball(row, radius);
            }
        });
    }
}

/// Upper bound of the bytes in addition to the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let loss = PairLoss::new(options, padded(options.factors as usize));
    let pairs = options.batch.largest_batch(shape.rows);
    let tables: u64 = tables(options).iter().map(|table| table.bytes(shape, options.batch.optimizer)).sum();
    let memory = (pairs.div_ceil(SHARD) + 1) * 2 * loss.slots * loss.width;
    tables
        + Negatives::bytes(options, shape)
        + Side::bytes(loss.width, shape.users, pairs * loss.users)
        + Side::bytes(loss.width, shape.items, pairs * loss.items)
        + 4 * (memory + Slots::length(loss.slots, loss.width)) as u64
        + parallel::threads() as u64 * Workspace::bytes(&loss)
        + MiniBatch::<Lrml>::bytes(shape.rows)
        + shape.users as u64
}

/// Starts training.
pub(super) fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
    let (objective, pairs) = (Lrml::new(options, problem)?, AllPairs(problem.train.clone()));
    Ok(Box::new(MiniBatch::new(objective, pairs, options.batch.batch_size, problem)))
}

impl Lrml {
    fn new(options: &Options, problem: &Problem) -> Result<Self, ModelError> {
        let (columns, shape) = (problem.train.columns(), problem.shape());
        let [users, items, keys, memory] = tables(options).map(|table| table.build(problem, &options.batch));
        let loss = PairLoss::new(options, users.width());
        let pairs = options.batch.largest_batch(columns.len());
        Ok(Self {
            negatives: Negatives::new(options, problem)?,
            users: Side::new(users, shape.users, pairs * loss.users),
            items: Side::new(items, shape.items, pairs * loss.items),
            keys,
            memory,
            shards: (0..pairs.div_ceil(SHARD)).map(|_| MemoryGradients::new(&loss)).collect(),
            memory_gradients: MemoryGradients::new(&loss),
            packed: vec![0.0; Slots::length(loss.slots, loss.width)],
            workspaces: Workspaces::default(),
            trained_users: problem.trained_users(),
            options: options.clone(),
            loss,
        })
    }

    /// Forward and backward pass of all shards. Returns the summed loss.
    fn pass(&mut self, examples: &[Pair], batch: &Batch) -> f64 {
        let Self { loss, negatives, users, items, keys, memory, shards, packed, workspaces, .. } = self;
        let (loss, width) = (&*loss, loss.width);
        let slots = Slots::pack(keys.values(), memory.values(), width, packed);
        let pass = Pass { loss, slots, users: users.table.values(), items: items.table.values() };
        let tasks = examples
            .chunks(SHARD)
            .zip(users.rows.chunks_mut(SHARD * loss.users))
            .zip(items.rows.chunks_mut(SHARD * loss.items))
            .zip(users.gradients.chunks_mut(SHARD * loss.users * width))
            .zip(items.gradients.chunks_mut(SHARD * loss.items * width))
            .zip(&mut *shards)
            .enumerate();
        parallel::for_each(
            tasks,
            |(shard, (((((examples, users), items), user_gradients), item_gradients), sums))| {
                let mut rng = batch.stream(Purpose::Negatives, batch.size.div_ceil(SHARD), shard);
                let users = &mut users[..examples.len() * loss.users];
                let items = &mut items[..examples.len() * loss.items];
                let candidates = users.chunks_exact_mut(loss.users).zip(items.chunks_exact_mut(loss.items));
                for (&pair, (users, items)) in examples.iter().zip(candidates) {
                    if negatives.sample(pair, &mut rng, users, items).is_none() {
                        users.fill(NONE);
                        items.fill(NONE);
                    }
                }
                let mut workspace = workspaces.take(loss);
                pass.shard(Pairs { users, items, user_gradients, item_gradients }, sums, &mut workspace);
                workspaces.give(workspace);
            },
        );
        shards[..examples.len().div_ceil(SHARD)].iter().map(|sums| sums.loss).sum()
    }

    /// Sums the gradients of every touched row and of the memory.
    fn sum_gradients(&mut self, pairs: usize) {
        let Self { options, loss, users, items, keys, memory, shards, memory_gradients, .. } = self;
        let penalty = options.penalty as f32;
        parallel::join(
            || users.gather(pairs * loss.users, penalty),
            || items.gather(pairs * loss.items, penalty),
        );
        memory_gradients.clear();
        for shard in &shards[..pairs.div_ceil(SHARD)] {
            add_scaled(&mut memory_gradients.keys, 1.0, &shard.keys);
            add_scaled(&mut memory_gradients.memory, 1.0, &shard.memory);
        }
        add_scaled(&mut memory_gradients.keys, penalty, keys.values());
        add_scaled(&mut memory_gradients.memory, penalty, memory.values());
        if options.gradient_clip > 0.0 {
            self.clip_gradients(pairs);
        }
    }

    /// Scales all gradients so that their norm, divided by the number of pairs, is at most `gradientClip`.
    fn clip_gradients(&mut self, pairs: usize) {
        let mut gradients = [
            self.users.sums.gradients_mut(),
            self.items.sums.gradients_mut(),
            &mut self.memory_gradients.keys,
            &mut self.memory_gradients.memory,
        ];
        let rows = gradients.iter().flat_map(|gradients| gradients.chunks_exact(self.loss.width));
        let norm = rows.map(|row| f64::from(dot(row, row))).sum::<f64>().sqrt() / pairs as f64;
        if norm > self.options.gradient_clip {
            let scale = (self.options.gradient_clip / norm) as f32;
            gradients.iter_mut().for_each(|gradients| gradients.iter_mut().for_each(|x| *x *= scale));
        }
    }
}

impl Objective for Lrml {
    type Example = Pair;

    fn update(&self, _epoch: u32, number: u32) -> Update {
        self.options.batch.update(number)
    }

    fn train(&mut self, examples: &[Pair], batch: &Batch) -> f64 {
        let loss = self.pass(examples, batch);
        self.sum_gradients(examples.len());
        let (users, items, radius) = (&mut self.users, &mut self.items, self.options.radius as f32);
        parallel::join(|| users.update(batch.update, radius), || items.update(batch.update, radius));
        self.keys.update_all(&self.memory_gradients.keys, batch.update);
        self.memory.update_all(&self.memory_gradients.memory, batch.update);
        loss
    }

    fn model(&self) -> Box<dyn Model> {
        let tables = [&self.users.table, &self.items.table, &self.keys, &self.memory];
        Box::new(LrmlModel::of(&self.options, tables, &self.trained_users))
    }
}
