//! Training by mini-batches: triplets are found shard by shard, and then every row of the batch sums what they say of it.

use super::covariance::{self, Covariance};
use super::features::{self, Net};
use super::mine::{self, Miner};
use super::model::CmlModel;
use super::{Options, Sampling};
use crate::contract::error::ModelError;
use crate::contract::model::{Control, Model, Problem, Shape, Start, Trainer};
use crate::learn::minibatch::{NONE, Table, Touched, drawn, take_learnt};
use crate::learn::sampler::Sampler;
use rayon::prelude::*;
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::hinge::{pull_item, pull_user};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::vector::clip_to_ball;

/// Pairs whose triplets come from one stream, and are found by one thread.
const SHARD: usize = 128;

/// A user and an item that they had.
type Pair = [u32; 2];

/// Training in progress.
pub(super) struct Training {
    options: Options,
    seed: u64,
    epoch: u32,
    /// Batches so far.
    steps: u32,
    pairs: Vec<Pair>,
    shuffled: Vec<Pair>,
    users: Table,
    items: Table,
    sampler: Sampler,
    miner: Miner,
    batch: Batch,
    touched_users: Touched,
    touched_items: Touched,
    covariance: Option<Covariance>,
    features: Option<Net>,
    /// The items that features alone place.
    placed: Vec<u32>,
    /// Which users have training rows; the others are served from the centre.
    present: Vec<bool>,
}

/// The triplets of a batch.
struct Batch {
    /// The user of each triplet, [`NONE`] where a pair has none.
    users: Vec<u32>,
    /// The positive and the negative of each.
    items: Vec<u32>,
    /// What each weighs; 0 where its hinge is.
    weights: Vec<f32>,
    shards: Vec<Shard>,
}

/// What a shard of a batch has for itself.
struct Shard {
    scratch: mine::Scratch,
    loss: f64,
}

/// Bytes beside the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let Shape { users, items, rows, .. } = shape;
    let (width, batch) = (padded(options.factors as usize), (options.batch_size as usize).min(rows));
    let tables =
        Table::bytes(users, width, options.optimizer) + Table::bytes(items, width, options.optimizer);
    let touched = Touched::bytes(users, batch, width) + Touched::bytes(items, 2 * batch, width);
    let popularity = match options.sampling {
        Sampling::Uniform => 0,
        _ => Sampler::popularity_bytes(items),
    };
    let covariance = if options.covariance_weight > 0.0 { Covariance::bytes(width) } else { 0 };
    let net = if features::has(options, shape) { Net::bytes(options, shape, batch) } else { 0 };
    let scratch = batch.div_ceil(SHARD) * options.negatives as usize * 8;
    let own = (16 * rows + 16 * batch + users + scratch) as u64;
    tables + touched + Sampler::bytes(users, rows) + popularity + covariance + net + own
}

impl Training {
    pub(super) fn new(options: &Options, problem: &Problem) -> Self {
        let (columns, shape) = (problem.train.columns(), problem.shape());
        let width = padded(options.factors as usize);
        let table = |rows: usize, side: u64, name: &'static str, known: fn(&Start) -> &[bool]| {
            let d = options.factors as usize;
            let mut values = drawn(rows, d, options.initial_length, problem.seed, side);
            if let Some(start) = &problem.start {
                let learnt = start.tensors.values(name).expect("it was trained with these options");
                take_learnt(&mut values, learnt, d, Some(known(start)));
            }
            Table::new(values, width, options.optimizer, options.initial_accumulator)
        };
        let users = table(shape.users, 0, "user_vectors", |start| &start.users);
        let items = table(shape.items, 1, "item_vectors", |start| &start.items);
        let batch = (options.batch_size as usize).min(columns.len());
        let features = Net::new(options, problem, batch);
        let present = |column: &[u32], count: usize, before: fn(&Start) -> &[bool]| {
            let mut present = vec![false; count];
            column.iter().for_each(|&index| present[index as usize] = true);
            let known = problem.start.as_ref().map_or(&[][..], before);
            present.iter_mut().zip(known).for_each(|(present, &before)| *present |= before);
            present
        };
        let trained = present(&columns.items, shape.items, |start| &start.items);
        let placed: Vec<u32> = match &features {
            Some(net) => (0..shape.items as u32).filter(|&i| !trained[i as usize] && net.has(i)).collect(),
            None => Vec::new(),
        };
        let sampler = Sampler::new(columns, shape.users, shape.items, &placed);
        let sampler = match options.sampling {
            Sampling::Uniform => sampler,
            _ => sampler.with_popularity(columns, options.popularity_exponent),
        };
        let pairs: Vec<Pair> =
            columns.users.iter().zip(&columns.items).map(|(&user, &item)| [user, item]).collect();
        Self {
            seed: problem.seed,
            epoch: problem.start.as_ref().map_or(0, |start| start.epochs),
            steps: 0,
            shuffled: vec![[0; 2]; pairs.len()],
            pairs,
            miner: Miner::new(options, sampler.candidates()),
            sampler,
            batch: Batch {
                users: vec![NONE; batch],
                items: vec![NONE; 2 * batch],
                weights: vec![0.0; batch],
                shards: (0..batch.div_ceil(SHARD))
                    .map(|_| Shard { scratch: mine::Scratch::new(options), loss: 0.0 })
                    .collect(),
            },
            touched_users: Touched::new(shape.users, batch, width),
            touched_items: Touched::new(shape.items, 2 * batch, width),
            covariance: (options.covariance_weight > 0.0)
                .then(|| Covariance::new(options.covariance_weight, width)),
            features,
            placed,
            users,
            items,
            present: present(&columns.users, shape.users, |start| &start.users),
            options: options.clone(),
        }
    }

    /// Finds the triplets of a batch. Returns the sum of their weighted hinges.
    fn mine(&mut self, number: usize, size: usize, pairs: usize) -> f64 {
        let Self { miner, users, items, sampler, batch, shuffled, .. } = self;
        let (seed, epoch) = (self.seed, u64::from(self.epoch));
        let first = (number * size.div_ceil(SHARD)) as u64;
        let pairs = &shuffled[number * size..][..pairs];
        let found = batch.users.par_chunks_mut(SHARD).zip(batch.items.par_chunks_mut(2 * SHARD));
        let found = found.zip(batch.weights.par_chunks_mut(SHARD)).zip(&mut batch.shards);
        pairs.par_chunks(SHARD).zip(found).enumerate().for_each(
            |(place, (pairs, (((users_of, items_of), weights), shard)))| {
                let mut rng = Rng::stream(seed, Purpose::Negatives, epoch, first + place as u64);
                shard.loss = 0.0;
                let found = users_of.iter_mut().zip(items_of.as_chunks_mut::<2>().0).zip(weights);
                for (&pair, ((user, pulled), weight)) in pairs.iter().zip(found) {
                    let [of, item] = pair;
                    let triplet = sampler.of(of).and_then(|draws| {
                        let (vector, items) = (users.row(of), items.values());
                        miner.triplet(vector, items, item, &draws, &mut rng, &mut shard.scratch)
                    });
                    let Some(triplet) = triplet else {
                        (*user, *pulled, *weight) = (NONE, [NONE; 2], 0.0);
                        continue;
                    };
                    (*user, *pulled) = (of, [item, triplet.negative]);
                    *weight = if triplet.hinge > 0.0 { triplet.weight } else { 0.0 };
                    shard.loss += f64::from(triplet.weight) * f64::from(triplet.hinge);
                }
            },
        );
        self.batch.shards[..pairs.len().div_ceil(SHARD)].iter().map(|shard| shard.loss).sum()
    }

    /// Sums the gradients of the rows of a batch and steps them. Returns what the penalties come to.
    fn step(&mut self, number: usize, pairs: usize) -> f64 {
        let Self { batch, users, items, touched_users, touched_items, covariance, features, .. } = self;
        let (user_of, item_of) = (&batch.users[..pairs], &batch.items[..2 * pairs]);
        let group = |touched: &mut Touched, row_of: &[u32], table: &Table, sum: Option<&mut Vec<f32>>| {
            touched.group(row_of);
            if let Some(sum) = sum {
                covariance::sum(table, touched, sum);
            }
        };
        let [of_users, of_items] = match covariance {
            Some(covariance) => covariance.sums.each_mut().map(Some),
            None => [None, None],
        };
        rayon::join(
            || group(touched_users, user_of, users, of_users),
            || group(touched_items, item_of, items, of_items),
        );
        let mut penalty = match covariance {
            Some(covariance) => covariance.take([(users, touched_users), (items, touched_items)]),
            None => 0.0,
        };
        if let Some(net) = features {
            let first = number * (2 * self.options.batch_size as usize).div_ceil(features::SHARD);
            penalty += net.look(items, touched_items.rows(), [self.seed, self.epoch.into(), first as u64]);
        }
        let net = features.as_ref();
        let (weights, width, covariance) = (&batch.weights, users.width(), covariance.as_ref());
        // Both sides at the old rows: none has stepped yet.
        rayon::join(
            || {
                touched_users.compute(
                    || covariance::Scratch::new(width),
                    |scratch, block, gradients| {
                        match covariance {
                            Some(covariance) => covariance.gradients(users, &block, gradients, scratch),
                            None => gradients.fill(0.0),
                        }
                        for (place, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                            for &triplet in block.contributions(place) {
                                let weight = weights[triplet as usize];
                                if weight > 0.0 {
                                    let [positive, negative] =
                                        [0, 1].map(|side| items.row(item_of[2 * triplet as usize + side]));
                                    pull_user(gradient, weight, positive, negative);
                                }
                            }
                        }
                    },
                )
            },
            || {
                touched_items.compute(
                    || covariance::Scratch::new(width),
                    |scratch, block, gradients| {
                        match covariance {
                            Some(covariance) => covariance.gradients(items, &block, gradients, scratch),
                            None => gradients.fill(0.0),
                        }
                        for (place, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                            let item = items.row(block.rows[place]);
                            if let Some(net) = net {
                                net.pull(block.slot(place), gradient);
                            }
                            for &pulled in block.contributions(place) {
                                let triplet = pulled as usize / 2;
                                let weight = weights[triplet];
                                if weight > 0.0 {
                                    let signed = if pulled % 2 == 0 { weight } else { -weight };
                                    pull_item(gradient, signed, item, users.row(user_of[triplet]));
                                }
                            }
                        }
                    },
                )
            },
        );
        self.steps += 1;
        let step = self.options.optimizer.step(self.options.learning_rate, self.steps);
        let radius = self.options.radius as f32;
        if let Some(net) = features {
            net.step(self.steps);
        }
        rayon::join(
            || users.step(touched_users, step, |row| clip_to_ball(row, radius)),
            || items.step(touched_items, step, |row| clip_to_ball(row, radius)),
        );
        penalty
    }
}

impl Trainer for Training {
    /// The loss is the objective as it is before each batch's step, over the number of pairs.
    fn train_epoch(&mut self, control: Control) -> Result<f64, ModelError> {
        let mut rng = Rng::stream(self.seed, Purpose::Order, u64::from(self.epoch), 0);
        rng.shuffle_into(&self.pairs, &mut self.shuffled);
        let (size, all) = (self.options.batch_size as usize, self.pairs.len());
        let mut loss = 0.0;
        for number in 0..all.div_ceil(size) {
            control.check(number, all.div_ceil(size))?;
            let pairs = size.min(all - number * size);
            loss += self.mine(number, size, pairs);
            loss += self.step(number, pairs);
        }
        self.epoch += 1;
        Ok(loss / all as f64)
    }

    fn model(&self) -> Box<dyn Model> {
        let net = self.features.as_ref();
        let mut space = CmlModel::of(
            &self.options,
            &self.users,
            &self.items,
            &self.present,
            net.map(|net| net.perceptron(&self.items, &self.placed)),
        );
        if let Some(net) = net {
            self.placed.iter().for_each(|&item| space.place(item, net.features(item)));
        }
        Box::new(space)
    }
}
