//! Triplets: the negatives of a pair, the one that is used, and the rank weight.

use super::{Mining, Options, RankWeight, Sampling};
use crate::learn::sampler::Draws;
use tastespace_data::Rng;
use tastespace_kernels::distance::{squared_distance, squared_distances};
use tastespace_kernels::hinge::{hardest, impostors, semi_hard};
use tastespace_kernels::math::{exp, ln};
use tastespace_kernels::rank_weight::{parallel_rank, rank_weight, sequential_rank};
use tastespace_kernels::vector::{dot, norm};

/// Lower bound of `1 − s²`.
const NEAREST: f64 = 1e-6;

/// Finds triplets.
pub(super) struct Miner {
    sampling: Sampling,
    mining: Mining,
    rank_weight: RankWeight,
    margin: f32,
    /// The rank weight by the number of impostors, or by the number of samples up to the first: `(negatives + 1)`.
    weights: Vec<f32>,
    /// `(d − 3)/2` of the two-stage sampling.
    exponent: f64,
}

/// The negative of a triplet with the rank weight and the hinge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Triplet {
    pub(super) negative: u32,
    pub(super) weight: f32,
    pub(super) hinge: f32,
}

/// Workspace of a task: the negatives of a pair and their squared distances.
pub(super) struct Workspace {
    sampled: Vec<u32>,
    distances: Vec<f32>,
    weights: Vec<f64>,
}

impl Workspace {
    pub(super) fn new(options: &Options) -> Self {
        let count = options.negatives as usize;
        let second = if options.sampling == Sampling::TwoStage { count } else { 0 };
        Self { sampled: vec![0; count], distances: vec![0.0; count], weights: vec![0.0; second] }
    }
}

/// A row of `table: (rows, width)`.
#[inline]
fn row(table: &[f32], index: u32, width: usize) -> &[f32] {
    &table[index as usize * width..][..width]
}

impl Miner {
    /// A miner among `items` items.
    pub(super) fn new(options: &Options, items: usize) -> Self {
        let (items, draws) = (items as u64, u64::from(options.negatives));
        let weight = |count: u64| match options.rank_weight {
            RankWeight::Parallel => rank_weight(parallel_rank(items, count, draws)),
            RankWeight::Sequential if count == 0 => 0.0,
            RankWeight::Sequential => rank_weight(sequential_rank(items, count)),
            RankWeight::None => f32::from(count > 0),
        };
        Self {
            sampling: options.sampling,
            mining: options.mining,
            rank_weight: options.rank_weight,
            margin: options.margin as f32,
            weights: (0..=draws).map(weight).collect(),
            exponent: (f64::from(options.factors) - 3.0) / 2.0,
        }
    }

    /// A triplet of a `user: (d)` and an item of `items: (m, d)`; `None` if no negative qualifies.
    #[inline]
    pub(super) fn triplet(
        &self,
        user: &[f32],
        items: &[f32],
        item: u32,
        draws: &Draws,
        rng: &mut Rng,
        workspace: &mut Workspace,
    ) -> Option<Triplet> {
        let positive = squared_distance(user, row(items, item, user.len()));
        if self.rank_weight == RankWeight::Sequential {
            return Some(self.first_impostor(user, positive, items, draws, rng));
        }
        let Workspace { sampled, distances, .. } = workspace;
        match self.sampling {
            Sampling::Popularity => sampled.fill_with(|| draws.popular(rng)),
            Sampling::Uniform | Sampling::TwoStage => draws.fill_uniform(rng, sampled),
        }
        squared_distances(user, items, sampled, distances);
        let weight = self.weights[impostors(positive, self.margin, distances)];
        let (negative, distance) = if self.sampling == Sampling::TwoStage {
            let negative =
                self.similar_to_positive(row(items, item, user.len()), items, draws, rng, workspace);
            (negative, squared_distance(user, row(items, negative, user.len())))
        } else {
            let index = match self.mining {
                Mining::Hardest => hardest(distances),
                Mining::SemiHard => semi_hard(positive, self.margin, distances)?,
                Mining::Random => 0,
            };
            (sampled[index], distances[index])
        };
        Some(self.of(negative, weight, positive, distance))
    }

    fn of(&self, negative: u32, weight: f32, positive: f32, distance: f32) -> Triplet {
        Triplet { negative, weight, hinge: (self.margin + positive - distance).max(0.0) }
    }

    /// Samples until there is an impostor. If there is none, the last sample has weight 0.
    fn first_impostor(
        &self,
        user: &[f32],
        positive: f32,
        items: &[f32],
        draws: &Draws,
        rng: &mut Rng,
    ) -> Triplet {
        let mut number = 1;
        loop {
            let negative = draws.uniform(rng);
            let distance = squared_distance(user, row(items, negative, user.len()));
            let triplet = self.of(negative, self.weights[number], positive, distance);
            if triplet.hinge > 0.0 {
                return triplet;
            }
            if number + 1 == self.weights.len() {
                return Triplet { weight: 0.0, ..triplet };
            }
            number += 1;
        }
    }

    /// One of several popular items, sampled by its similarity to the positive.
    fn similar_to_positive(
        &self,
        positive: &[f32],
        items: &[f32],
        draws: &Draws,
        rng: &mut Rng,
        Workspace { sampled, weights, .. }: &mut Workspace,
    ) -> u32 {
        let positive_norm = norm(positive);
        let mut largest = f64::NEG_INFINITY;
        for (negative, weights) in sampled.iter_mut().zip(&mut *weights) {
            *negative = draws.popular(rng);
            let vector = row(items, *negative, positive.len());
            let norms = f64::from(positive_norm) * f64::from(norm(vector));
            let cosine = f64::from(dot(positive, vector)) / norms;
            // In logarithms, because the weight is unbounded as the cosine approaches 1. A zero vector has no direction.
            *weights = if cosine >= 0.0 {
                -self.exponent * ln((1.0 - cosine * cosine).max(NEAREST))
            } else {
                f64::NEG_INFINITY
            };
            largest = largest.max(*weights);
        }
        let mut total = 0.0;
        for weights in &mut *weights {
            // Cumulative sums, for inverse transform sampling.
            total += if largest == f64::NEG_INFINITY { 0.0 } else { exp(*weights - largest) };
            *weights = total;
        }
        let target = rng.uniform() * total;
        let index = weights.iter().position(|&sum| sum > target).unwrap_or(0);
        sampled[index]
    }
}
