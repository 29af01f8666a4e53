//! Triplets: negatives for a pair, the one that counts, and what it weighs.

use super::{Mining, Options, RankWeight, Sampling};
use crate::learn::sampler::Draws;
use tastespace_data::Rng;
use tastespace_kernels::distance::{squared_distance, squared_distances};
use tastespace_kernels::hinge::{hardest, impostors, semi_hard};
use tastespace_kernels::math::{exp, ln};
use tastespace_kernels::rank_weight::{parallel_rank, rank_weight, sequential_rank};
use tastespace_kernels::vector::{dot, norm};

/// The least that is taken for `1 − s²`.
const NEAREST: f64 = 1e-6;

/// How triplets are made.
pub(super) struct Miner {
    sampling: Sampling,
    mining: Mining,
    rank_weight: RankWeight,
    margin: f32,
    /// What a pair weighs by its number of impostors, or by the draws to the first: `(negatives + 1)`.
    weights: Vec<f32>,
    /// `(d − 3)/2` of the two-stage sampling.
    exponent: f64,
}

/// A triplet's negative with the pair's weight and its hinge, which is 0 where the triplet asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Triplet {
    pub(super) negative: u32,
    pub(super) weight: f32,
    pub(super) hinge: f32,
}

/// What a thread works with: the negatives of the pair at hand and their squared distances.
pub(super) struct Scratch {
    drawn: Vec<u32>,
    distances: Vec<f32>,
    odds: Vec<f64>,
}

impl Scratch {
    pub(super) fn new(options: &Options) -> Self {
        let count = options.negatives as usize;
        let second = if options.sampling == Sampling::TwoStage { count } else { 0 };
        Self { drawn: vec![0; count], distances: vec![0.0; count], odds: vec![0.0; second] }
    }
}

/// A row of `table: (rows, width)`.
#[inline]
fn row(table: &[f32], index: u32, width: usize) -> &[f32] {
    &table[index as usize * width..][..width]
}

impl Miner {
    /// A miner among so many items.
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

    /// A triplet for a `user: (d)` and an item of `items: (m, d)`; `None` where no negative will do.
    #[inline]
    pub(super) fn triplet(
        &self,
        user: &[f32],
        items: &[f32],
        item: u32,
        draws: &Draws,
        rng: &mut Rng,
        scratch: &mut Scratch,
    ) -> Option<Triplet> {
        let positive = squared_distance(user, row(items, item, user.len()));
        if self.rank_weight == RankWeight::Sequential {
            return Some(self.first_impostor(user, positive, items, draws, rng));
        }
        let Scratch { drawn, distances, .. } = scratch;
        match self.sampling {
            Sampling::Popularity => drawn.fill_with(|| draws.popular(rng)),
            Sampling::Uniform | Sampling::TwoStage => draws.fill_uniform(rng, drawn),
        }
        squared_distances(user, items, drawn, distances);
        let weight = self.weights[impostors(positive, self.margin, distances)];
        let (negative, distance) = if self.sampling == Sampling::TwoStage {
            let negative = self.like_the_positive(row(items, item, user.len()), items, draws, rng, scratch);
            (negative, squared_distance(user, row(items, negative, user.len())))
        } else {
            let place = match self.mining {
                Mining::Hardest => hardest(distances),
                Mining::SemiHard => semi_hard(positive, self.margin, distances)?,
                Mining::Random => 0,
            };
            (drawn[place], distances[place])
        };
        Some(self.of(negative, weight, positive, distance))
    }

    fn of(&self, negative: u32, weight: f32, positive: f32, distance: f32) -> Triplet {
        Triplet { negative, weight, hinge: (self.margin + positive - distance).max(0.0) }
    }

    /// Draws until there is an impostor; the last draw counts for nothing if there is none.
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

    /// One of as many popular items, with odds by how like the positive it is.
    fn like_the_positive(
        &self,
        positive: &[f32],
        items: &[f32],
        draws: &Draws,
        rng: &mut Rng,
        Scratch { drawn, odds, .. }: &mut Scratch,
    ) -> u32 {
        let length = norm(positive);
        let mut largest = f64::NEG_INFINITY;
        for (negative, odds) in drawn.iter_mut().zip(&mut *odds) {
            *negative = draws.popular(rng);
            let vector = row(items, *negative, positive.len());
            let lengths = f64::from(length) * f64::from(norm(vector));
            let cosine = f64::from(dot(positive, vector)) / lengths;
            // The logarithm, for odds grow beyond all bounds as directions meet; a vector of no length has no direction.
            *odds = if cosine >= 0.0 {
                -self.exponent * ln((1.0 - cosine * cosine).max(NEAREST))
            } else {
                f64::NEG_INFINITY
            };
            largest = largest.max(*odds);
        }
        let mut total = 0.0;
        for odds in &mut *odds {
            // The sum so far, so that a number below the total finds its place.
            total += if largest == f64::NEG_INFINITY { 0.0 } else { exp(*odds - largest) };
            *odds = total;
        }
        let wanted = rng.uniform() * total;
        let place = odds.iter().position(|&upto| upto > wanted).unwrap_or(0);
        drawn[place]
    }
}
