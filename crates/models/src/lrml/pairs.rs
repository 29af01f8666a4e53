//! Forward and backward pass of pairs and their negatives.
//!
//! ```text
//! s = p ⊙ q,   a = softmax(K s),   r = a M,   D = dist(p + r − q),   loss(D_0, D_1, …)
//! ```
//!
//! A pair and its negatives are its *candidates*, the pair itself first. The candidates have one user or item in common
//! unless `corrupt` replaces that side, and one relation in common if it is shared.

use super::{Corrupt, Options, Relation};
use crate::learn::row_gradients::NONE;
use std::sync::{Mutex, PoisonError};
use tastespace_kernels::contrast::Contrast;
use tastespace_kernels::memory_attention::{ForwardPass, Slots, clip_relation, clip_relation_backward};
use tastespace_kernels::translation::Translation;
use tastespace_kernels::vector::add_scaled;

/// Relations that are computed together, about: their workspace stays in the cache.
const RELATIONS_PER_BLOCK: usize = 128;

/// Pairs of a shard, which has its own random stream and memory gradients.
pub(super) const SHARD: usize = 64;

/// The loss of a pair and its negatives.
#[derive(Clone)]
pub(super) struct PairLoss {
    /// Values of an embedding, padding included.
    pub(super) width: usize,
    pub(super) slots: usize,
    /// Users, items and relations of the candidates of a pair: 1 if they have it in common.
    pub(super) users: usize,
    pub(super) items: usize,
    relations: usize,
    distance: Translation,
    contrast: Contrast,
    relation_radius: Option<f32>,
}

impl PairLoss {
    /// The loss of embeddings of this width.
    pub(super) fn new(options: &Options, width: usize) -> Self {
        let all = 1 + options.negatives as usize;
        let each = |side: Corrupt| {
            if options.corrupt == side || options.corrupt == Corrupt::Both { all } else { 1 }
        };
        Self {
            width,
            slots: options.slots as usize,
            users: each(Corrupt::User),
            items: each(Corrupt::Item),
            relations: if options.relation == Relation::Own { all } else { 1 },
            distance: options.distance.translation(),
            contrast: options.loss.contrast(),
            relation_radius: options.relation_radius(),
        }
    }

    fn pairs_per_block(&self) -> usize {
        (RELATIONS_PER_BLOCK / self.relations).clamp(1, SHARD)
    }

    fn candidates(&self) -> usize {
        self.users.max(self.items)
    }
}

/// Consecutive pairs: the users and items of their candidates, and the gradients of those.
pub(super) struct Pairs<'a> {
    /// `(pairs, users)` and `(pairs, items)`. A pair without negatives is [`NONE`] throughout; so is, after the backward pass,
    /// every user and item without a gradient.
    pub(super) users: &'a mut [u32],
    pub(super) items: &'a mut [u32],
    /// `(pairs, users, width)` and `(pairs, items, width)`; undefined where the user or item is [`NONE`].
    pub(super) user_gradients: &'a mut [f32],
    pub(super) item_gradients: &'a mut [f32],
}

impl<'a> Pairs<'a> {
    /// Blocks of `size` pairs.
    fn blocks(self, loss: &PairLoss, size: usize) -> impl Iterator<Item = Pairs<'a>> {
        let (users, items) = (size * loss.users, size * loss.items);
        let rows = self.users.chunks_mut(users).zip(self.items.chunks_mut(items));
        let gradients = self
            .user_gradients
            .chunks_mut(users * loss.width)
            .zip(self.item_gradients.chunks_mut(items * loss.width));
        rows.zip(gradients).map(|((users, items), (user_gradients, item_gradients))| Pairs {
            users,
            items,
            user_gradients,
            item_gradients,
        })
    }
}

/// Gradients of the memory, summed over pairs, and their loss.
pub(super) struct MemoryGradients {
    /// `(slots, width)`
    pub(super) keys: Vec<f32>,
    /// `(slots, width)`
    pub(super) memory: Vec<f32>,
    pub(super) loss: f64,
}

impl MemoryGradients {
    pub(super) fn new(loss: &PairLoss) -> Self {
        let values = loss.slots * loss.width;
        Self { keys: vec![0.0; values], memory: vec![0.0; values], loss: 0.0 }
    }

    pub(super) fn clear(&mut self) {
        self.keys.fill(0.0);
        self.memory.fill(0.0);
        self.loss = 0.0;
    }
}

/// Workspace of a block. In the backward pass the relations with a gradient are moved to the front.
pub(super) struct Workspace {
    /// `(relations, width)`
    products: Vec<f32>,
    relations: Vec<f32>,
    relation_gradients: Vec<f32>,
    product_gradients: Vec<f32>,
    /// `(relations, slots)`
    attention: Vec<f32>,
    score_gradients: Vec<f32>,
    /// Factor by which clipping scaled each relation.
    scales: Vec<f32>,
    /// The pair and the candidate of each relation at the front.
    active: Vec<[usize; 2]>,
    /// Distance of each candidate, and the derivative of the loss with respect to it: `(candidates)`.
    distances: Vec<f32>,
    derivatives: Vec<f32>,
    /// Gradient of a candidate's distance with respect to p + r − q, times its derivative: `(width)`.
    gradient: Vec<f32>,
}

impl Workspace {
    pub(super) fn new(loss: &PairLoss) -> Self {
        let relations = loss.pairs_per_block() * loss.relations;
        let (values, attention) = (relations * loss.width, relations * loss.slots);
        Self {
            products: vec![0.0; values],
            relations: vec![0.0; values],
            relation_gradients: vec![0.0; values],
            product_gradients: vec![0.0; values],
            attention: vec![0.0; attention],
            score_gradients: vec![0.0; attention],
            scales: vec![1.0; relations],
            active: Vec::with_capacity(relations),
            distances: vec![0.0; loss.candidates()],
            derivatives: vec![0.0; loss.candidates()],
            gradient: vec![0.0; loss.width],
        }
    }

    pub(super) fn bytes(loss: &PairLoss) -> u64 {
        let relations = loss.pairs_per_block() * loss.relations;
        4 * (relations * (4 * loss.width + 2 * loss.slots + 4) + 2 * loss.candidates() + loss.width) as u64
    }

    /// Moves the product and attention of a relation to the front. Returns its new index.
    fn activate(&mut self, relation: usize, pair: usize, candidate: usize) -> usize {
        let (front, width) = (self.active.len(), self.gradient.len());
        let slots = self.attention.len() / self.scales.len();
        self.active.push([pair, candidate]);
        if front < relation {
            self.products.copy_within(relation * width..(relation + 1) * width, front * width);
            self.attention.copy_within(relation * slots..(relation + 1) * slots, front * slots);
        }
        front
    }
}

/// Idle workspaces, reused from shard to shard.
#[derive(Default)]
pub(super) struct Workspaces(Mutex<Vec<Workspace>>);

impl Workspaces {
    pub(super) fn take(&self, loss: &PairLoss) -> Workspace {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| Workspace::new(loss))
    }

    pub(super) fn give(&self, workspace: Workspace) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
    }
}

/// The parameters during a pass.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub(super) loss: &'a PairLoss,
    pub(super) slots: Slots<'a>,
    /// `(n, width)` and `(m, width)`.
    pub(super) users: &'a [f32],
    pub(super) items: &'a [f32],
}

impl<'a> Pass<'a> {
    /// Forward and backward pass of a shard.
    pub(super) fn shard(&self, pairs: Pairs, sums: &mut MemoryGradients, workspace: &mut Workspace) {
        sums.clear();
        for block in pairs.blocks(self.loss, self.loss.pairs_per_block()) {
            self.block(block, sums, workspace);
        }
    }

    fn block(&self, mut block: Pairs, sums: &mut MemoryGradients, workspace: &mut Workspace) {
        let pairs = block.users.len() / self.loss.users;
        self.attend(&block, workspace);
        workspace.active.clear();
        for pair in 0..pairs {
            if block.users[pair * self.loss.users] != NONE {
                sums.loss += f64::from(self.pair(&mut block, pair, workspace));
            }
        }
        self.attend_backward(&mut block, sums, workspace);
    }

    /// The embeddings of a candidate.
    fn embeddings(&self, block: &Pairs, pair: usize, candidate: usize) -> [&'a [f32]; 2] {
        let user = block.users[self.user(pair, candidate)] as usize;
        let item = block.items[self.item(pair, candidate)] as usize;
        let width = self.loss.width;
        [&self.users[user * width..][..width], &self.items[item * width..][..width]]
    }

    /// The index of a candidate's user, item or relation in its block.
    fn user(&self, pair: usize, candidate: usize) -> usize {
        pair * self.loss.users + candidate.min(self.loss.users - 1)
    }

    fn item(&self, pair: usize, candidate: usize) -> usize {
        pair * self.loss.items + candidate.min(self.loss.items - 1)
    }

    fn relation(&self, pair: usize, candidate: usize) -> usize {
        pair * self.loss.relations + candidate.min(self.loss.relations - 1)
    }

    /// The relations of a block.
    fn attend(&self, block: &Pairs, workspace: &mut Workspace) {
        let PairLoss { width, slots, relations: each, .. } = *self.loss;
        let relations = block.users.len() / self.loss.users * each;
        let Workspace { products, relations: out, attention, scales, .. } = workspace;
        let (products, out) = (&mut products[..relations * width], &mut out[..relations * width]);
        for (relation, product) in products.chunks_exact_mut(width).enumerate() {
            let (pair, candidate) = (relation / each, relation % each);
            if block.users[self.user(pair, candidate)] == NONE {
                product.fill(0.0);
                continue;
            }
            let [p, q] = self.embeddings(block, pair, candidate);
            product.iter_mut().zip(p.iter().zip(q)).for_each(|(product, (p, q))| *product = p * q);
        }
        self.slots.attend(products, &mut attention[..relations * slots], out);
        if let Some(radius) = self.loss.relation_radius {
            let clipped = out.chunks_exact_mut(width).zip(scales);
            clipped.for_each(|(relation, scale)| *scale = clip_relation(relation, radius));
        }
    }

    /// The loss of a pair, and all gradients except those through the products.
    fn pair(&self, block: &mut Pairs, pair: usize, workspace: &mut Workspace) -> f32 {
        let PairLoss { width, users, items, .. } = *self.loss;
        for candidate in 0..self.loss.candidates() {
            let [p, q] = self.embeddings(block, pair, candidate);
            let relation = &workspace.relations[self.relation(pair, candidate) * width..][..width];
            workspace.distances[candidate] = self.loss.distance.distance(p, relation, q);
        }
        let loss = self.loss.contrast.loss(&workspace.distances, &mut workspace.derivatives);
        let (own_users, own_items) = (pair * users..(pair + 1) * users, pair * items..(pair + 1) * items);
        // The derivatives of the negatives add up to that of the pair: if it is 0, all are.
        if workspace.derivatives[0] == 0.0 {
            block.users[own_users].fill(NONE);
            block.items[own_items].fill(NONE);
            return loss;
        }
        block.user_gradients[own_users.start * width..own_users.end * width].fill(0.0);
        block.item_gradients[own_items.start * width..own_items.end * width].fill(0.0);
        if self.loss.relations == 1 {
            self.shared_backward(block, pair, workspace);
        } else {
            self.own_backward(block, pair, workspace);
        }
        loss
    }

    /// The gradient of one candidate: adds it to its user and subtracts it from its item. Returns whether there is one.
    fn candidate_backward(
        &self,
        block: &mut Pairs,
        pair: usize,
        candidate: usize,
        workspace: &mut Workspace,
    ) -> bool {
        let width = self.loss.width;
        let derivative = workspace.derivatives[candidate];
        let (user, item) = (self.user(pair, candidate), self.item(pair, candidate));
        if derivative == 0.0 {
            // A user or item of its own has no other gradient.
            if self.loss.users > 1 {
                block.users[user] = NONE;
            }
            if self.loss.items > 1 {
                block.items[item] = NONE;
            }
            return false;
        }
        let [p, q] = self.embeddings(block, pair, candidate);
        let relation = &workspace.relations[self.relation(pair, candidate) * width..][..width];
        let distance = workspace.distances[candidate];
        self.loss.distance.gradient(derivative, distance, [p, relation, q], &mut workspace.gradient);
        add_scaled(&mut block.user_gradients[user * width..][..width], 1.0, &workspace.gradient);
        add_scaled(&mut block.item_gradients[item * width..][..width], -1.0, &workspace.gradient);
        true
    }

    /// Each candidate has its own relation.
    fn own_backward(&self, block: &mut Pairs, pair: usize, workspace: &mut Workspace) {
        let width = self.loss.width;
        for candidate in 0..self.loss.candidates() {
            if self.candidate_backward(block, pair, candidate, workspace) {
                let relation = self.relation(pair, candidate);
                let front = workspace.activate(relation, pair, candidate);
                let Workspace { relation_gradients, gradient, .. } = &mut *workspace;
                relation_gradients[front * width..][..width].copy_from_slice(gradient);
                self.clip_backward(front, relation, workspace);
            }
        }
    }

    /// All candidates have the relation of the pair; its gradient is the sum of theirs.
    fn shared_backward(&self, block: &mut Pairs, pair: usize, workspace: &mut Workspace) {
        let width = self.loss.width;
        let front = workspace.activate(pair, pair, 0);
        for candidate in 0..self.loss.candidates() {
            if self.candidate_backward(block, pair, candidate, workspace) {
                let Workspace { relation_gradients, gradient, .. } = &mut *workspace;
                let sum = &mut relation_gradients[front * width..][..width];
                if candidate == 0 { sum.copy_from_slice(gradient) } else { add_scaled(sum, 1.0, gradient) }
            }
        }
        self.clip_backward(front, pair, workspace);
    }

    /// From the gradient of a clipped relation to that before clipping.
    fn clip_backward(&self, front: usize, relation: usize, workspace: &mut Workspace) {
        let width = self.loss.width;
        let Workspace { relation_gradients, relations, scales, .. } = workspace;
        if self.loss.relation_radius.is_some() {
            clip_relation_backward(
                &mut relation_gradients[front * width..][..width],
                &relations[relation * width..][..width],
                scales[relation],
            );
        }
    }

    /// From the gradients of the relations at the front to those of keys, memory, users and items.
    fn attend_backward(&self, block: &mut Pairs, sums: &mut MemoryGradients, workspace: &mut Workspace) {
        let PairLoss { width, slots, .. } = *self.loss;
        let count = workspace.active.len();
        self.slots.attend_backward(
            ForwardPass {
                products: &workspace.products[..count * width],
                weights: &workspace.attention[..count * slots],
                relation_gradients: &workspace.relation_gradients[..count * width],
            },
            &mut workspace.score_gradients[..count * slots],
            &mut workspace.product_gradients[..count * width],
            &mut sums.keys,
            &mut sums.memory,
        );
        let gradients = workspace.product_gradients.chunks_exact(width);
        for (&[pair, candidate], gradient) in workspace.active.iter().zip(gradients) {
            let [p, q] = self.embeddings(block, pair, candidate);
            let (user, item) = (self.user(pair, candidate), self.item(pair, candidate));
            add_product(&mut block.user_gradients[user * width..][..width], gradient, q);
            add_product(&mut block.item_gradients[item * width..][..width], gradient, p);
        }
    }
}

/// `out += x ⊙ y`.
fn add_product(out: &mut [f32], x: &[f32], y: &[f32]) {
    for (out, (x, y)) in out.iter_mut().zip(x.iter().zip(y)) {
        *out += x * y;
    }
}
