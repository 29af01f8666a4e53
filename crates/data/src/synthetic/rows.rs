//! Ratings, user after user.

use super::choices::Choices;
use super::options::SyntheticOptions;
use super::planted::{Draw, Planted, exponential, stream};
use crate::core::columns::Columns;
use std::io::Write;
use tastespace_kernels::math::exp;

/// Seconds since 1970 of 2015-01-01: no user starts before, nor 8 years later.
const FIRST_START: f64 = 1_420_070_400.0;
const LAST_START: f64 = FIRST_START + 8.0 * 365.25 * 86_400.0;
/// Mean seconds between two ratings of a user, less one.
const PAUSE: f64 = 40_000.0;

/// The ratings that were planted, user after user: what needs no more memory than one user's rows at a time.
pub struct Rows {
    planted: Planted,
    choices: Choices,
    /// How many ratings each user has: `(users)`.
    counts: Vec<u32>,
    /// The next user.
    user: u32,
}

/// Bytes of CSV that are written at a time, about.
const PIECE: usize = 1 << 20;

impl Rows {
    pub(super) fn new(planted: Planted) -> Self {
        let (choices, counts) = (Choices::new(&planted), rows_per_user(&planted.options));
        Self { planted, choices, counts, user: 0 }
    }

    /// What they are made from.
    pub fn planted(&self) -> &Planted {
        &self.planted
    }

    /// Hands (user, item, rating, time) of each of the next user's rows to `take`, in the order of time. Says whether there
    /// was a user left.
    fn next_user(&mut self, mut take: impl FnMut(u32, u32, f32, f64)) -> bool {
        let Self { planted, choices, counts, user } = self;
        let Some(&count) = counts.get(*user as usize) else { return false };
        let options = &planted.options;
        let mut noise = stream(options.seed, Draw::Noise, (*user).into());
        let mut clock = stream(options.seed, Draw::Times, (*user).into());
        let mut time = (FIRST_START + clock.uniform() * (LAST_START - FIRST_START)).floor();
        for &item in choices.of(planted, *user, count) {
            let rating = planted.expected(*user, item) + options.noise * noise.normal();
            take(*user, item, (rating + 0.5).floor().clamp(1.0, 5.0) as f32, time);
            time += 1.0 + (PAUSE * exponential(&mut clock)).floor();
        }
        *user += 1;
        true
    }

    /// The rows of all users that are left, and what they were made from.
    pub(super) fn collect(mut self) -> (Columns, Planted) {
        // Allocated once: columns that grow hold up to twice what they need.
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

    /// The next rows as CSV, as [`csv::write`](crate::write::csv::write) writes them: a header first, then about 1 MiB at a time,
    /// nothing at the end.
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

/// How many ratings each user has: log-normal shares, `ratings` in all, one at least where there are enough, no more
/// than there are items that are not cold.
fn rows_per_user(options: &SyntheticOptions) -> Vec<u32> {
    let mut rng = stream(options.seed, Draw::Activity, 0);
    let weights: Vec<f64> = (0..options.users).map(|_| exp(options.activity * rng.normal())).collect();
    let total: f64 = weights.iter().sum();
    let least = u32::from(options.ratings >= options.users);
    let spare = options.ratings - least * options.users;
    let (mut weight, mut given) = (0.0, 0);
    let mut rows: Vec<u32> = weights
        .iter()
        .map(|share| {
            // Rounding the running total, not each share, loses none.
            weight += share;
            let end = (f64::from(spare) * (weight / total)).round() as u32;
            let count = end - given;
            given = end;
            least + count
        })
        .collect();
    // What goes beyond the catalogue goes to the next users who have room.
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
