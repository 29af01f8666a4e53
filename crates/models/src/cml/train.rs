//! Training: each shard of a mini-batch finds its triplets, then every row sums its gradients and is updated.

use super::covariance::{self, Covariance};
use super::features::{self, Net};
use super::mine::{Miner, Workspace};
use super::model::CmlModel;
use super::{Options, Sampling};
use crate::contract::error::ModelError;
use crate::contract::kind::{Kind, Shape};
use crate::contract::model::Model;
use crate::contract::trainer::{Problem, Trainer};
use crate::learn::minibatch::{AllPairs, Batch, MiniBatch, Objective, Pair};
use crate::learn::optimizer::{BatchOptions, Update};
use crate::learn::row_gradients::{Block, NONE, RowGradients};
use crate::learn::sampler::{Popularity, Sampler};
use crate::learn::table::{Rows, Table, TableSpec};
use tastespace_data::rng::Purpose;
use tastespace_kernels::hinge::{add_item_gradient, add_user_gradient};
use tastespace_kernels::lanes::padded;
use tastespace_kernels::vector::clip_to_ball;
use tastespace_optim::parallel;

/// Pairs whose triplets come from one random stream and are found by one task.
const SHARD: usize = 128;

/// The user and item embeddings.
fn tables(options: &Options) -> [TableSpec; 2] {
    let deviation = BatchOptions::deviation(options.batch.initial_length, options.factors);
    [("user_vectors", Rows::Users, 0), ("item_vectors", Rows::Items, 1)]
        .map(|(name, rows, stream)| TableSpec::new(name, rows, stream, options.factors, deviation).padded())
}

/// The embeddings in training and the workspace of a mini-batch.
struct Cml {
    options: Options,
    users: Table,
    items: Table,
    sampler: Sampler,
    miner: Miner,
    triplets: Triplets,
    user_gradients: RowGradients,
    item_gradients: RowGradients,
    covariance: Option<Covariance>,
    features: Option<Net>,
    /// Items without interactions that are placed by their features.
    placed: Vec<u32>,
    trained_users: Vec<bool>,
}

/// The triplets of a mini-batch, one per pair.
struct Triplets {
    /// `(pairs)`; [`NONE`] for a pair without a triplet.
    users: Vec<u32>,
    /// The positive and the negative: `(pairs, 2)`.
    items: Vec<u32>,
    /// `(pairs)`; 0 where the hinge is 0.
    weights: Vec<f32>,
    shards: Vec<Shard>,
}

struct Shard {
    workspace: Workspace,
    loss: f64,
}

/// Bytes in addition to the models.
pub(super) fn bytes(options: &Options, shape: Shape) -> u64 {
    let Shape { users, items, rows, .. } = shape;
    let (width, batch) = (padded(options.factors as usize), options.batch.largest_batch(rows));
    let tables: u64 = tables(options).iter().map(|table| table.bytes(shape, options.batch.optimizer)).sum();
    let gradients = RowGradients::bytes(users, batch, width) + RowGradients::bytes(items, 2 * batch, width);
    let popularity = match options.sampling {
        Sampling::Uniform => 0,
        _ => Sampler::popularity_bytes(items),
    };
    let covariance = if options.covariance_weight > 0.0 { Covariance::bytes(width) } else { 0 };
    let net = if features::has(options, shape) { Net::bytes(options, shape, batch) } else { 0 };
    let workspaces = batch.div_ceil(SHARD) * options.negatives as usize * 8;
    let own = (16 * batch + users + workspaces) as u64;
    let examples = MiniBatch::<Cml>::bytes(rows);
    tables + gradients + Sampler::bytes(users, rows) + popularity + covariance + net + own + examples
}

/// Starts training.
pub(super) fn trainer(options: &Options, problem: &Problem) -> Result<Box<dyn Trainer>, ModelError> {
    let (objective, pairs) = (Cml::new(options, problem)?, AllPairs(problem.train.clone()));
    Ok(Box::new(MiniBatch::new(objective, pairs, options.batch.batch_size, problem)))
}

impl Cml {
    fn new(options: &Options, problem: &Problem) -> Result<Self, ModelError> {
        let (columns, shape) = (problem.train.columns(), problem.shape());
        let [users, items] = tables(options).map(|table| table.build(problem, &options.batch));
        let (width, batch) = (users.width(), options.batch.largest_batch(columns.len()));
        let features = Net::new(options, problem, batch);
        let placed: Vec<u32> = match &features {
            Some(net) => {
                let trained = problem.trained_items();
                (0..shape.items as u32).filter(|&item| !trained[item as usize] && net.has(item)).collect()
            }
            None => Vec::new(),
        };
        let popularity = match options.sampling {
            Sampling::Uniform => None,
            _ => {
                let (exponent, half_life) = (options.popularity_exponent, options.half_life);
                Some(Popularity::new(exponent, half_life, super::Cml::NAME, problem)?)
            }
        };
        let sampler = Sampler::new(columns, shape.users, shape.items, &placed)
            .with_popularity(columns, popularity.as_ref());
        let shard = || Shard { workspace: Workspace::new(options), loss: 0.0 };
        Ok(Self {
            miner: Miner::new(options, sampler.candidates()),
            sampler,
            triplets: Triplets {
                users: vec![NONE; batch],
                items: vec![NONE; 2 * batch],
                weights: vec![0.0; batch],
                shards: (0..batch.div_ceil(SHARD)).map(|_| shard()).collect(),
            },
            user_gradients: RowGradients::new(shape.users, batch, width),
            item_gradients: RowGradients::new(shape.items, 2 * batch, width),
            covariance: (options.covariance_weight > 0.0)
                .then(|| Covariance::new(options.covariance_weight, width)),
            features,
            placed,
            users,
            items,
            trained_users: problem.trained_users(),
            options: options.clone(),
        })
    }

    /// Finds the triplets of a mini-batch. Returns the sum of their weighted hinges.
    fn mine(&mut self, pairs: &[Pair], batch: &Batch) -> f64 {
        let Self { miner, users, items, sampler, triplets, .. } = self;
        let found = triplets.users.chunks_mut(SHARD).zip(triplets.items.chunks_mut(2 * SHARD));
        let found = found.zip(triplets.weights.chunks_mut(SHARD)).zip(&mut triplets.shards);
        parallel::for_each(
            pairs.chunks(SHARD).zip(found).enumerate(),
            |(number, (pairs, (((users_of, items_of), weights), shard)))| {
                let mut rng = batch.stream(Purpose::Negatives, batch.size.div_ceil(SHARD), number);
                shard.loss = 0.0;
                let found = users_of.iter_mut().zip(items_of.as_chunks_mut::<2>().0).zip(weights);
                for (&[user, positive], ((user_of, items_of), weight)) in pairs.iter().zip(found) {
                    let triplet = sampler.of(user).and_then(|draws| {
                        let (vector, items) = (users.row(user), items.values());
                        miner.triplet(vector, items, positive, &draws, &mut rng, &mut shard.workspace)
                    });
                    let Some(triplet) = triplet else {
                        (*user_of, *items_of, *weight) = (NONE, [NONE; 2], 0.0);
                        continue;
                    };
                    (*user_of, *items_of) = (user, [positive, triplet.negative]);
                    *weight = if triplet.hinge > 0.0 { triplet.weight } else { 0.0 };
                    shard.loss += f64::from(triplet.weight) * f64::from(triplet.hinge);
                }
            },
        );
        triplets.shards[..pairs.len().div_ceil(SHARD)].iter().map(|shard| shard.loss).sum()
    }

    /// Groups the triplets by user and by item. Returns the covariance and feature losses.
    fn group(&mut self, pairs: usize, batch: &Batch) -> f64 {
        let Self { triplets, users, items, user_gradients, item_gradients, covariance, .. } = self;
        let group =
            |gradients: &mut RowGradients, rows: &[u32], table: &Table, sum: Option<&mut Vec<f32>>| {
                gradients.group(rows);
                if let Some(sum) = sum {
                    covariance::sum(table, gradients, sum);
                }
            };
        let [user_sum, item_sum] = match covariance {
            Some(covariance) => covariance.sums.each_mut().map(Some),
            None => [None, None],
        };
        parallel::join(
            || group(user_gradients, &triplets.users[..pairs], users, user_sum),
            || group(item_gradients, &triplets.items[..2 * pairs], items, item_sum),
        );
        let mut loss = match covariance {
            Some(covariance) => covariance.measure([(users, user_gradients), (items, item_gradients)]),
            None => 0.0,
        };
        if let Some(net) = &mut self.features {
            loss += net.forward(items, item_gradients.rows(), batch);
        }
        loss
    }

    /// Sums the gradients of the rows of a mini-batch, all at the embeddings before the update.
    fn sum_gradients(&mut self) {
        let Self { triplets, users, items, user_gradients, item_gradients, covariance, features, .. } = self;
        let (triplets, users, items) = (&*triplets, &*users, &*items);
        let (covariance, features, width) = (covariance.as_ref(), features.as_ref(), users.width());
        let start = |table: &Table, block: &Block, gradients: &mut [f32], workspace: &mut _| match covariance
        {
            Some(covariance) => covariance.gradients(table, block, gradients, workspace),
            None => gradients.fill(0.0),
        };
        parallel::join(
            || {
                user_gradients.compute(
                    || covariance::Workspace::new(width),
                    |workspace, block, gradients| {
                        start(users, &block, gradients, workspace);
                        for (index, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                            for &triplet in block.contributions(index) {
                                let weight = triplets.weights[triplet as usize];
                                if weight > 0.0 {
                                    let [positive, negative] = [0, 1]
                                        .map(|side| items.row(triplets.items[2 * triplet as usize + side]));
                                    add_user_gradient(gradient, weight, positive, negative);
                                }
                            }
                        }
                    },
                )
            },
            || {
                item_gradients.compute(
                    || covariance::Workspace::new(width),
                    |workspace, block, gradients| {
                        start(items, &block, gradients, workspace);
                        for (index, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                            let item = items.row(block.rows[index]);
                            if let Some(net) = features {
                                net.add_item_gradient(block.slot(index), gradient);
                            }
                            for &contribution in block.contributions(index) {
                                let triplet = contribution as usize / 2;
                                let weight = triplets.weights[triplet];
                                if weight > 0.0 {
                                    let signed = if contribution % 2 == 0 { weight } else { -weight };
                                    add_item_gradient(
                                        gradient,
                                        signed,
                                        item,
                                        users.row(triplets.users[triplet]),
                                    );
                                }
                            }
                        }
                    },
                )
            },
        );
    }
}

impl Objective for Cml {
    type Example = Pair;

    fn update(&self, _epoch: u32, number: u32) -> Update {
        self.options.batch.update(number)
    }

    /// The loss is the objective, with its covariance and feature terms.
    fn train(&mut self, pairs: &[Pair], batch: &Batch) -> f64 {
        let loss = self.mine(pairs, batch) + self.group(pairs.len(), batch);
        self.sum_gradients();
        if let Some(net) = &mut self.features
            && !batch.update.is_recall()
        {
            net.update(batch.step);
        }
        let Self { users, items, user_gradients, item_gradients, .. } = self;
        let radius = self.options.radius as f32;
        parallel::join(
            || users.update(user_gradients, batch.update, |row| clip_to_ball(row, radius)),
            || items.update(item_gradients, batch.update, |row| clip_to_ball(row, radius)),
        );
        loss
    }

    fn model(&self) -> Box<dyn Model> {
        let net = self.features.as_ref();
        let perceptron = net.map(|net| net.perceptron(&self.items, &self.placed));
        let mut model =
            CmlModel::of(&self.options, &self.users, &self.items, &self.trained_users, perceptron);
        if let Some(net) = net {
            self.placed.iter().for_each(|&item| model.place(item, net.features(item)));
        }
        Box::new(model)
    }
}
