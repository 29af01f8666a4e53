//! One mini-batch of pairs, on any number of threads.
//!
//! 1. Shards of [`SHARD`] pairs draw their negatives, each from its own stream, and go forward and back a block at a time. A
//!    shard leaves the gradients of keys and memory summed over its pairs, and for each pair what it says of its users and items.
//! 2. Each row of the users and items sums what the pairs say of it, in the order of the batch; keys and memory sum the
//!    shards in theirs.
//! 3. Everything that was touched steps.

use super::{Corrupt, Distance, Options, Relation};
use crate::learn::minibatch::{NONE, Step, Table, Touched};
use crate::learn::sampler::{Sampler, Sampling};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;
use tastespace_kernels::contrast::Contrast;
use tastespace_kernels::lanes::padded;
use tastespace_kernels::memory_attention::{Attended, Slots, clip_relation, clip_relation_backward};
use tastespace_kernels::translation::Translation;
use tastespace_kernels::vector::{add_scaled, clip_to_ball, dot};

/// Pairs whose negatives come from one stream, and that one thread goes through.
pub(super) const SHARD: usize = 64;

/// Relations that are worked out together, about: what they take stays in the cache.
const RELATIONS_AT_ONCE: usize = 128;

/// Users that are drawn to find one who does not have everything.
const TRIES: usize = 32;

/// A user and an item that they had.
pub(super) type Pair = [u32; 2];

/// Parameters in training, all rows padded to whole lanes.
pub(super) struct Parameters {
    pub(super) users: Table,
    pub(super) items: Table,
    pub(super) keys: Table,
    pub(super) memory: Table,
}

/// What pairs have in common.
#[derive(Clone)]
pub(super) struct Rule {
    /// Length of a vector, padded.
    pub(super) width: usize,
    slots: usize,
    /// Users and items that a pair and its negatives have between them, and relations that are worked out for them.
    pub(super) users: usize,
    pub(super) items: usize,
    relations: usize,
    corrupt: Corrupt,
    sampling: Sampling,
    translation: Translation,
    contrast: Contrast,
    relation_radius: Option<f32>,
}

impl Rule {
    pub(super) fn new(options: &Options) -> Self {
        let all = 1 + options.negatives as usize;
        let corrupts = |by: Corrupt| options.corrupt == by || options.corrupt == Corrupt::Both;
        Self {
            width: padded(options.factors as usize),
            slots: options.slots as usize,
            users: if corrupts(Corrupt::User) { all } else { 1 },
            items: if corrupts(Corrupt::Item) { all } else { 1 },
            relations: if options.relation == Relation::Own { all } else { 1 },
            corrupt: options.corrupt,
            sampling: options.sampling,
            translation: options.distance.translation(),
            contrast: options.loss.contrast(options.margin, options.temperature),
            relation_radius: options.relation_radius(),
        }
    }

    /// Pairs of a block.
    fn pairs_at_once(&self) -> usize {
        (RELATIONS_AT_ONCE / self.relations).clamp(1, SHARD)
    }

    /// A pair with its negatives.
    fn candidates(&self) -> usize {
        self.users.max(self.items)
    }

    /// Draws a pair's users and items, its own first; `None` if there is no negative.
    fn choose(
        &self,
        [user, item]: Pair,
        unseen: &Unseen,
        rng: &mut Rng,
        users: &mut [u32],
        items: &mut [u32],
    ) -> Option<()> {
        (users[0], items[0]) = (user, item);
        match self.corrupt {
            Corrupt::Item => {
                let draws = unseen.items.of(user)?;
                draws.fill(self.sampling, rng, &mut items[1..]);
            }
            Corrupt::User => {
                let draws = unseen.users.as_ref()?.of(item)?;
                draws.fill(self.sampling, rng, &mut users[1..]);
            }
            Corrupt::Both => {
                let all = unseen.users.as_ref()?.candidates() as u32;
                for (user, item) in users[1..].iter_mut().zip(&mut items[1..]) {
                    let (other, draws) = (0..TRIES).find_map(|_| {
                        let other = rng.below(all);
                        unseen.items.of(other).map(|draws| (other, draws))
                    })?;
                    *user = other;
                    draws.fill(self.sampling, rng, std::slice::from_mut(item));
                }
            }
        }
        Some(())
    }
}

impl Distance {
    pub(super) fn translation(self) -> Translation {
        match self {
            Self::Euclidean => Translation::Euclidean,
            Self::Squared => Translation::Squared,
            Self::Absolute => Translation::Absolute,
        }
    }
}

impl Options {
    pub(super) fn relation_radius(&self) -> Option<f32> {
        (self.relation_radius > 0.0).then_some(self.relation_radius as f32)
    }
}

/// What negatives are drawn from.
pub(super) struct Unseen {
    /// Items that a user did not have.
    pub(super) items: Sampler,
    /// Users who did not have an item, where users are drawn.
    pub(super) users: Option<Sampler>,
}

/// What all pairs read.
pub(super) struct Pass<'a> {
    pub(super) rule: &'a Rule,
    pub(super) slots: Slots<'a>,
    /// `(n, width)` and `(m, width)`.
    pub(super) users: &'a [f32],
    pub(super) items: &'a [f32],
}

/// What is known of some pairs in a row: their users and items on the way in, gradients on the way out.
pub(super) struct Block<'a> {
    /// `(pairs, users)` and `(pairs, items)`; [`NONE`] throughout for a pair without negatives, and afterwards for what nothing
    /// is said of.
    pub(super) users: &'a mut [u32],
    pub(super) items: &'a mut [u32],
    /// The gradients of these rows, a row each; of those that are [`NONE`] without meaning.
    pub(super) of_users: &'a mut [f32],
    pub(super) of_items: &'a mut [f32],
}

impl<'a> Block<'a> {
    /// The same in blocks of so many pairs.
    fn split(self, rule: &Rule, pairs: usize) -> impl Iterator<Item = Block<'a>> {
        let width = rule.width;
        let users = self.users.chunks_mut(pairs * rule.users).zip(self.items.chunks_mut(pairs * rule.items));
        let gradients = self
            .of_users
            .chunks_mut(pairs * rule.users * width)
            .zip(self.of_items.chunks_mut(pairs * rule.items * width));
        users.zip(gradients).map(|((users, items), (of_users, of_items))| Block {
            users,
            items,
            of_users,
            of_items,
        })
    }
}

/// What some pairs say together.
pub(super) struct Sums {
    /// Gradients of keys and memory, `(slots, width)` each.
    pub(super) keys: Vec<f32>,
    pub(super) memory: Vec<f32>,
    pub(super) loss: f64,
}

impl Sums {
    pub(super) fn new(rule: &Rule) -> Self {
        let values = rule.slots * rule.width;
        Self { keys: vec![0.0; values], memory: vec![0.0; values], loss: 0.0 }
    }

    fn clear(&mut self) {
        self.keys.fill(0.0);
        self.memory.fill(0.0);
        self.loss = 0.0;
    }
}

/// What a thread works in: relations of a block, `(relations, width)` and `(relations, slots)`, those with a gradient moved to the
/// front on the way back.
pub(super) struct Bench {
    products: Vec<f32>,
    relations: Vec<f32>,
    of_relations: Vec<f32>,
    of_products: Vec<f32>,
    weights: Vec<f32>,
    of_scores: Vec<f32>,
    /// What clipping multiplied each relation by.
    scales: Vec<f32>,
    /// Of the relations at the front, the pair and the candidate that they are of.
    active: Vec<[u32; 2]>,
    /// `(candidates)`
    far: Vec<f32>,
    pulls: Vec<f32>,
    /// `(width)`
    gradient: Vec<f32>,
}

impl Bench {
    pub(super) fn new(rule: &Rule) -> Self {
        let relations = rule.pairs_at_once() * rule.relations;
        let (wide, slots) = (relations * rule.width, relations * rule.slots);
        Self {
            products: vec![0.0; wide],
            relations: vec![0.0; wide],
            of_relations: vec![0.0; wide],
            of_products: vec![0.0; wide],
            weights: vec![0.0; slots],
            of_scores: vec![0.0; slots],
            scales: vec![1.0; relations],
            active: Vec::with_capacity(relations),
            far: vec![0.0; rule.candidates()],
            pulls: vec![0.0; rule.candidates()],
            gradient: vec![0.0; rule.width],
        }
    }

    /// Bytes of one.
    pub(super) fn bytes(rule: &Rule) -> u64 {
        let relations = rule.pairs_at_once() * rule.relations;
        4 * (relations * (4 * rule.width + 2 * rule.slots + 3) + 2 * rule.candidates() + rule.width) as u64
    }
}

/// Benches that no thread works at, so that none is made anew for every shard.
#[derive(Default)]
struct Benches(Mutex<Vec<Bench>>);

impl Benches {
    fn take(&self) -> Option<Bench> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give(&self, bench: Bench) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bench);
    }
}

fn row(table: &[f32], index: u32, width: usize) -> &[f32] {
    &table[index as usize * width..][..width]
}

impl Pass<'_> {
    /// Pairs forward and back.
    pub(super) fn shard(&self, block: Block, sums: &mut Sums, bench: &mut Bench) {
        sums.clear();
        for block in block.split(self.rule, self.rule.pairs_at_once()) {
            self.block(block, sums, bench);
        }
    }

    fn block(&self, block: Block, sums: &mut Sums, bench: &mut Bench) {
        let Rule { width, slots, users: users_each, items: items_each, relations: each, .. } = *self.rule;
        let pairs = block.users.len() / users_each;
        self.relations(&block, pairs * each, bench);

        // What each pair costs. Of the relations with a gradient, what goes back is moved to the front.
        bench.active.clear();
        for pair in 0..pairs {
            let users = &mut block.users[pair * users_each..][..users_each];
            let items = &mut block.items[pair * items_each..][..items_each];
            if users[0] == NONE {
                continue;
            }
            let of_users = &mut block.of_users[pair * users_each * width..][..users_each * width];
            let of_items = &mut block.of_items[pair * items_each * width..][..items_each * width];
            sums.loss += f64::from(self.pair(pair, [users, items], [of_users, of_items], bench));
        }

        let active = bench.active.len();
        let products = &bench.products[..active * width];
        self.slots.attend_backward(
            Attended {
                products,
                weights: &bench.weights[..active * slots],
                of_relations: &bench.of_relations[..active * width],
            },
            &mut bench.of_scores[..active * slots],
            &mut bench.of_products[..active * width],
            &mut sums.keys,
            &mut sums.memory,
        );
        // Unseen the products to what they were made of.
        for (&[pair, candidate], of_product) in bench.active.iter().zip(bench.of_products.chunks_exact(width))
        {
            let (pair, candidate) = (pair as usize, candidate as usize);
            let (user_place, item_place) = (
                pair * users_each + candidate.min(users_each - 1),
                pair * items_each + candidate.min(items_each - 1),
            );
            let (p, q) = (
                row(self.users, block.users[user_place], width),
                row(self.items, block.items[item_place], width),
            );
            add_product(&mut block.of_users[user_place * width..][..width], of_product, q);
            add_product(&mut block.of_items[item_place * width..][..width], of_product, p);
        }
    }

    /// The relations of a block, of which there are so many.
    fn relations(&self, block: &Block, relations: usize, bench: &mut Bench) {
        let Rule { width, slots, users: users_each, items: items_each, relations: each, .. } = *self.rule;
        for (place, product) in bench.products[..relations * width].chunks_exact_mut(width).enumerate() {
            let (pair, candidate) = (place / each, place % each);
            let user = block.users[pair * users_each + candidate.min(users_each - 1)];
            let item = block.items[pair * items_each + candidate.min(items_each - 1)];
            if user == NONE {
                product.fill(0.0);
                continue;
            }
            let pair = row(self.users, user, width).iter().zip(row(self.items, item, width));
            product.iter_mut().zip(pair).for_each(|(product, (p, q))| *product = p * q);
        }
        self.slots.attend(
            &bench.products[..relations * width],
            &mut bench.weights[..relations * slots],
            &mut bench.relations[..relations * width],
        );
        if let Some(radius) = self.rule.relation_radius {
            let clipped = bench.relations[..relations * width].chunks_exact_mut(width).zip(&mut bench.scales);
            clipped.for_each(|(relation, scale)| *scale = clip_relation(relation, radius));
        }
    }

    /// What a pair costs; its gradients but for what goes through its products, and what goes into these.
    fn pair(
        &self,
        pair: usize,
        [users, items]: [&mut [u32]; 2],
        [of_users, of_items]: [&mut [f32]; 2],
        bench: &mut Bench,
    ) -> f32 {
        let Rule { width, slots, relations: each, translation, contrast, .. } = *self.rule;
        let candidates = self.rule.candidates();
        let (last_user, last_item) = (users.len() - 1, items.len() - 1);
        let place_of = |candidate: usize| pair * each + candidate.min(each - 1);
        let vectors = |candidate: usize, users: &[u32], items: &[u32]| {
            [
                row(self.users, users[candidate.min(last_user)], width),
                row(self.items, items[candidate.min(last_item)], width),
            ]
        };
        for candidate in 0..candidates {
            let [p, q] = vectors(candidate, users, items);
            let relation = &bench.relations[place_of(candidate) * width..][..width];
            bench.far[candidate] = translation.distance(p, relation, q);
        }
        let cost = contrast.cost(&bench.far, &mut bench.pulls);
        // All of the negatives' pulls together are as much: where it is 0 they are nothing.
        if bench.pulls[0] == 0.0 {
            users.fill(NONE);
            items.fill(NONE);
            return cost;
        }

        of_users.fill(0.0);
        of_items.fill(0.0);
        let mut front = None;
        for candidate in 0..candidates {
            let pull = bench.pulls[candidate];
            if pull == 0.0 {
                // Only a negative can have none here, and of what it shares with the pair others tell.
                if last_user > 0 {
                    users[candidate] = NONE;
                }
                if last_item > 0 {
                    items[candidate] = NONE;
                }
                continue;
            }
            let [p, q] = vectors(candidate, users, items);
            let place = place_of(candidate);
            let relation = &bench.relations[place * width..][..width];
            translation.gradient(pull, bench.far[candidate], [p, relation, q], &mut bench.gradient);
            add_scaled(&mut of_users[candidate.min(last_user) * width..][..width], 1.0, &bench.gradient);
            add_scaled(&mut of_items[candidate.min(last_item) * width..][..width], -1.0, &bench.gradient);
            // The first of those that have this relation moves it to the front, others add to it.
            let of_relation = |front: usize| front * width..(front + 1) * width;
            match front.filter(|_| each == 1) {
                Some(front) => add_scaled(&mut bench.of_relations[of_relation(front)], 1.0, &bench.gradient),
                None => {
                    let to = bench.active.len();
                    front = Some(to);
                    bench.active.push([pair as u32, candidate as u32]);
                    bench.of_relations[of_relation(to)].copy_from_slice(&bench.gradient);
                    if to < place {
                        bench.products.copy_within(place * width..(place + 1) * width, to * width);
                        bench.weights.copy_within(place * slots..(place + 1) * slots, to * slots);
                    }
                }
            }
            if each > 1 && self.rule.relation_radius.is_some() {
                let to = bench.active.len() - 1;
                let of_relation = &mut bench.of_relations[of_relation(to)];
                clip_relation_backward(of_relation, relation, bench.scales[place]);
            }
        }
        if let (1, Some(front), Some(_)) = (each, front, self.rule.relation_radius) {
            let of_relation = &mut bench.of_relations[front * width..][..width];
            clip_relation_backward(
                of_relation,
                &bench.relations[pair * width..][..width],
                bench.scales[pair],
            );
        }
        cost
    }
}

/// `out += x ⊙ y`.
fn add_product(out: &mut [f32], x: &[f32], y: &[f32]) {
    for (out, (x, y)) in out.iter_mut().zip(x.iter().zip(y)) {
        *out += x * y;
    }
}

/// Where a batch stands, and what it draws from.
pub(super) struct Draws<'a> {
    pub(super) seed: u64,
    pub(super) epoch: u64,
    /// The batch's first shard, counted over the epoch.
    pub(super) first: usize,
    pub(super) unseen: &'a Unseen,
}

/// The batch at hand.
pub(super) struct Batch {
    rule: Rule,
    penalty: f32,
    /// Of the ball of users and items, 0 for none.
    radius: f32,
    gradient_clip: f64,
    users: Vec<u32>,
    items: Vec<u32>,
    of_users: Vec<f32>,
    of_items: Vec<f32>,
    touched_users: Touched,
    touched_items: Touched,
    shards: Vec<Sums>,
    benches: Benches,
    /// Gradients of keys and memory.
    dense: Sums,
    packed: Vec<f32>,
}

impl Batch {
    /// Room for batches of up to so many pairs.
    pub(super) fn new(options: &Options, pairs: usize, users: usize, items: usize) -> Self {
        let rule = Rule::new(options);
        let (of_users, of_items) = (pairs * rule.users, pairs * rule.items);
        Self {
            users: vec![NONE; of_users],
            items: vec![NONE; of_items],
            of_users: vec![0.0; of_users * rule.width],
            of_items: vec![0.0; of_items * rule.width],
            touched_users: Touched::new(users, of_users, rule.width),
            touched_items: Touched::new(items, of_items, rule.width),
            shards: (0..pairs.div_ceil(SHARD)).map(|_| Sums::new(&rule)).collect(),
            benches: Benches::default(),
            dense: Sums::new(&rule),
            packed: vec![0.0; Slots::length(rule.slots, rule.width)],
            penalty: options.penalty as f32,
            radius: options.radius as f32,
            gradient_clip: options.gradient_clip,
            rule,
        }
    }

    /// Bytes of that room.
    pub(super) fn bytes(options: &Options, pairs: usize, users: usize, items: usize) -> u64 {
        let rule = Rule::new(options);
        let (of_users, of_items) = (pairs * rule.users, pairs * rule.items);
        let sums = (pairs.div_ceil(SHARD) + 1) * 2 * rule.slots * rule.width;
        let own = (of_users + of_items) * (1 + rule.width) + sums + Slots::length(rule.slots, rule.width);
        4 * own as u64
            + Touched::bytes(users, of_users, rule.width)
            + Touched::bytes(items, of_items, rule.width)
            + rayon::current_num_threads() as u64 * Bench::bytes(&rule)
    }

    /// Trains on `pairs`, and returns the sum of what they cost.
    pub(super) fn train(
        &mut self,
        parameters: &mut Parameters,
        pairs: &[Pair],
        step: Step,
        draws: &Draws,
    ) -> f64 {
        let loss = self.pass(parameters, pairs, draws);
        self.sum(parameters, pairs.len());
        self.step(parameters, step);
        loss
    }

    /// All shards, forward and back.
    fn pass(&mut self, parameters: &Parameters, pairs: &[Pair], draws: &Draws) -> f64 {
        let Self { rule, users, items, of_users, of_items, shards, benches, packed, .. } = self;
        let width = rule.width;
        let slots = Slots::pack(parameters.keys.values(), parameters.memory.values(), width, packed);
        let pass = Pass { rule, slots, users: parameters.users.values(), items: parameters.items.values() };
        pairs
            .par_chunks(SHARD)
            .zip(users.par_chunks_mut(SHARD * rule.users))
            .zip(items.par_chunks_mut(SHARD * rule.items))
            .zip(of_users.par_chunks_mut(SHARD * rule.users * width))
            .zip(of_items.par_chunks_mut(SHARD * rule.items * width))
            .zip(&mut *shards)
            .enumerate()
            .for_each(|(place, (((((pairs, users), items), of_users), of_items), sums))| {
                let mut bench = benches.take().unwrap_or_else(|| Bench::new(rule));
                let shard = (draws.first + place) as u64;
                let mut rng = Rng::stream(draws.seed, Purpose::Negatives, draws.epoch, shard);
                let users = &mut users[..pairs.len() * rule.users];
                let items = &mut items[..pairs.len() * rule.items];
                let chosen = users.chunks_exact_mut(rule.users).zip(items.chunks_exact_mut(rule.items));
                for (&pair, (users, items)) in pairs.iter().zip(chosen) {
                    if rule.choose(pair, draws.unseen, &mut rng, users, items).is_none() {
                        users.fill(NONE);
                        items.fill(NONE);
                    }
                }
                pass.shard(Block { users, items, of_users, of_items }, sums, &mut bench);
                benches.give(bench);
            });
        shards[..pairs.len().div_ceil(SHARD)].iter().map(|sums| sums.loss).sum()
    }

    /// Sums the gradients of every row that was touched.
    fn sum(&mut self, parameters: &Parameters, pairs: usize) {
        let Self { rule, penalty, users, items, of_users, of_items, touched_users, touched_items, .. } = self;
        let (width, penalty) = (rule.width, *penalty);
        rayon::join(
            || gather(touched_users, &users[..pairs * rule.users], of_users, &parameters.users, penalty),
            || gather(touched_items, &items[..pairs * rule.items], of_items, &parameters.items, penalty),
        );
        self.dense.clear();
        let dense = &mut self.dense;
        for sums in &self.shards[..pairs.div_ceil(SHARD)] {
            add_scaled(&mut dense.keys, 1.0, &sums.keys);
            add_scaled(&mut dense.memory, 1.0, &sums.memory);
        }
        add_scaled(&mut dense.keys, penalty, parameters.keys.values());
        add_scaled(&mut dense.memory, penalty, parameters.memory.values());
        if self.gradient_clip > 0.0 {
            let mut gradients = [
                self.touched_users.gradients_mut(),
                self.touched_items.gradients_mut(),
                &mut dense.keys,
                &mut dense.memory,
            ];
            let rows = gradients.iter().flat_map(|gradients| gradients.chunks_exact(width));
            let length = rows.map(|row| f64::from(dot(row, row))).sum::<f64>().sqrt() / pairs as f64;
            if length > self.gradient_clip {
                let scale = (self.gradient_clip / length) as f32;
                gradients.iter_mut().for_each(|gradients| gradients.iter_mut().for_each(|x| *x *= scale));
            }
        }
    }

    /// Steps every row that was touched.
    fn step(&mut self, parameters: &mut Parameters, step: Step) {
        let Self { rule, radius, touched_users, touched_items, dense, .. } = self;
        let Parameters { users, items, keys, memory } = parameters;
        let radius = *radius;
        // Clipped now, they are in the ball when they are looked up next.
        let clip = |row: &mut [f32]| {
            if radius > 0.0 {
                clip_to_ball(row, radius);
            }
        };
        rayon::join(|| users.step(touched_users, step, clip), || items.step(touched_items, step, clip));
        for (table, gradients) in [(keys, &dense.keys), (memory, &dense.memory)] {
            table.each_row(&|| (), &|(), slot, row| {
                step.apply(row, &gradients[slot as usize * rule.width..][..rule.width]);
            });
        }
    }
}

/// Sums what the batch says of each row of a table, and its penalty.
fn gather(touched: &mut Touched, rows: &[u32], said: &[f32], table: &Table, penalty: f32) {
    let width = table.width();
    touched.group(rows);
    touched.compute(
        || (),
        |(), block, gradients| {
            for (place, gradient) in gradients.chunks_exact_mut(width).enumerate() {
                gradient.fill(0.0);
                if penalty > 0.0 {
                    add_scaled(gradient, penalty, table.row(block.rows[place]));
                }
                for &one in block.contributions(place) {
                    add_scaled(gradient, 1.0, &said[one as usize * width..][..width]);
                }
            }
        },
    );
}
