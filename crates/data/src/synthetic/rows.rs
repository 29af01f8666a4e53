//! Generates ratings, one user after the other.

use super::item_sampler::ItemSampler;
use super::options::SyntheticOptions;
use super::planted::{Planted, Stream, exponential, stream};
use crate::core::columns::Columns;
use std::io::Write;
use tastespace_kernels::math::exp;

/// Seconds since 1970 of 2015-01-01: the first ratings of users fall in the 8 years from then.
const FIRST_START: f64 = 1_420_070_400.0;
const LAST_START: f64 = FIRST_START + 8.0 * 365.25 * 86_400.0;
/// Mean seconds between two ratings of a user, minus one.
const PAUSE: f64 = 40_000.0;

/// The generated rows, user by user. Holds one user's rows in memory at a time.
pub struct Rows {
    planted: Planted,
    sampler: ItemSampler,
    /// Number of ratings of each user: `(users)`.
    counts: Vec<u32>,
    /// The next user.
    user: u32,
}

/// Approximate bytes of CSV per piece.
const PIECE: usize = 1 << 20;

impl Rows {
    pub(super) fn new(planted: Planted) -> Self {
        let (sampler, counts) = (ItemSampler::new(&planted), rows_per_user(&planted.options));
        Self { planted, sampler, counts, user: 0 }
    }

    /// The planted structure.
    pub fn planted(&self) -> &Planted {
        &self.planted
    }

    /// Passes (user, item, rating, time) of each of the next user's rows to `take`, in the order of time. Returns false if no
    /// user is left.
    fn next_user(&mut self, mut take: impl FnMut(u32, u32, f32, f64)) -> bool {
        let Self { planted, sampler, counts, user } = self;
        let Some(&count) = counts.get(*user as usize) else { return false };
        let options = &planted.options;
        let mut noise = stream(options.seed, Stream::Noise, (*user).into());
        let mut clock = stream(options.seed, Stream::Times, (*user).into());
        let mut time = (FIRST_START + clock.uniform() * (LAST_START - FIRST_START)).floor();
        for &item in sampler.of(planted, *user, count) {
            let rating = planted.expected(*user, item) + options.noise * noise.normal();
            take(*user, item, (rating + 0.5).floor().clamp(1.0, 5.0) as f32, time);
            time += 1.0 + (PAUSE * exponential(&mut clock)).floor();
        }
        *user += 1;
        true
    }

    /// The rows of all remaining users, and the planted structure.
    pub(super) fn collect(mut self) -> (Columns, Planted) {
        // Allocated once: a vector that grows may hold twice the memory it needs.
        let room = self.counts[self.user as usize..].iter().map(|&count| count as usize).sum();
        let mut columns = Columns {
            users: Vec::with_capacity(room),
            items: Vec::with_capacity(room),
            ..Columns::default()
        };
        let (mut ratings, mut times) = (Vec::with_capacity(room), Vec::with_capacity(room));
        while self.next_user(|user, item, rating, time| {
            columns.users.push(user);
            columns.items.push(item);
            ratings.push(rating);
            times.push(time);
        }) {}
        (columns.ratings, columns.times) = (Some(ratings), Some(times));
        (columns, self.planted)
    }

    /// The next rows as CSV in the form of [`csv::write`](crate::write::csv::write), about 1 MiB at a time, with a header at
    /// first. Empty at the end.
    pub fn next_csv(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PIECE + PIECE / 16);
        if self.user == 0 {
            out.extend(b"user,item,rating,timestamp\n");
        }
        while out.len() < PIECE
            && self.next_user(|user, item, rating, time| {
                writeln!(out, "{},{},{rating},{time}", user + 1, item + 1).expect("memory takes any bytes");
            })
        {}
        out
    }
}

/// Number of ratings of each user: log-normal, `ratings` in total, at least one if there are enough, and at most the number
/// of items that are not cold.
fn rows_per_user(options: &SyntheticOptions) -> Vec<u32> {
    let mut rng = stream(options.seed, Stream::Activity, 0);
    let weights: Vec<f64> = (0..options.users).map(|_| exp(options.activity * rng.normal())).collect();
    let total: f64 = weights.iter().sum();
    let least = u32::from(options.ratings >= options.users);
    let spare = options.ratings - least * options.users;
    let (mut weight, mut given) = (0.0, 0);
    let mut rows: Vec<u32> = weights
        .iter()
        .map(|own| {
            // Rounding the running total loses no rating.
            weight += own;
            let end = (f64::from(spare) * (weight / total)).round() as u32;
            let count = end - given;
            given = end;
            least + count
        })
        .collect();
    // Ratings beyond the catalogue go to the next users below it.
    let mut excess = 0;
    for _ in 0..2 {
        for count in &mut rows {
            let wanted = u64::from(*count) + excess;
            *count = wanted.min((options.items - options.cold).into()) as u32;
            excess = wanted - u64::from(*count);
        }
    }
    rows
}
