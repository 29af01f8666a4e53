//! Negative sampling: items that a user has not interacted with, from a random stream.
//!
//! Samples are rejected while they are positives of the user. For a user with more than half of all items, and after
//! [`TRIES`] rejected samples by popularity, the sample is uniform among the remaining items by their rank: `r` below their count,
//! and then the `r`-th of them. A user with all items has no negatives.

use crate::contract::error::ModelError;
use crate::contract::kind::Conflict;
use crate::contract::trainer::Problem;
use crate::learn::decay::Decay;
use tastespace_data::{ByUser, Columns, Rng};
use tastespace_kernels::math::pow;
use tastespace_options::{choices, options};

/// Rejected samples by popularity before the sample is uniform.
const TRIES: usize = 32;

choices! {
    /// Distribution of negative samples.
    pub enum Sampling { Uniform = "uniform", Popularity = "popularity" }
}

options! {
    /// Options of negative sampling.
    pub struct SamplingOptions {
        /// Distribution of negative samples: `uniform`, or by `popularity`.
        sampling: Sampling = Sampling::Uniform;
        /// Exponent of the number of interactions in the sampling probability. For `popularity`.
        popularity_exponent: f64 = 0.75, 0.0..=2.0;
        /// Age in days at which an interaction counts half in the sampling probability: `2^(−age / halfLife)`, where age is the time before the latest training interaction. For `popularity`. Needs times. A model with this option is not continued, because it keeps no times.
        half_life: Option<f64> = None, (0.001..=1e6, "equal weights");
    }
}

impl SamplingOptions {
    /// A half-life that nothing would use.
    pub fn conflict(&self) -> Option<Conflict> {
        let idle = self.half_life.is_some() && self.sampling == Sampling::Uniform;
        idle.then_some(Conflict { key: "halfLife", needs: "sampling to be popularity" })
    }

    /// The popularity of items, if that is the distribution.
    pub fn popularity<'a>(
        &self,
        kind: &'static str,
        problem: &'a Problem,
    ) -> Result<Option<Popularity<'a>>, ModelError> {
        match self.sampling {
            Sampling::Uniform => Ok(None),
            Sampling::Popularity => {
                Popularity::new(self.popularity_exponent, self.half_life, kind, problem).map(Some)
            }
        }
    }

    /// Bytes of the popularity of `items` items.
    pub fn bytes(&self, items: usize) -> u64 {
        match self.sampling {
            Sampling::Uniform => 0,
            Sampling::Popularity => Sampler::popularity_bytes(items),
        }
    }
}

/// What makes an item popular: the sum of the weights of its interactions, to the power of `exponent`.
pub struct Popularity<'a> {
    exponent: f64,
    /// The weight of an interaction, by row; 1 if absent.
    weight: Option<Box<dyn Fn(usize) -> f64 + 'a>>,
}

impl<'a> Popularity<'a> {
    /// With weights that halve with the age of the interactions of `problem`, if there is a half-life in days.
    pub fn new(
        exponent: f64,
        half_life: Option<f64>,
        kind: &'static str,
        problem: &'a Problem,
    ) -> Result<Self, ModelError> {
        let weight = Decay { half_life }.weights(kind, problem)?;
        Ok(Self { exponent, weight: weight.map(|weight| Box::new(weight) as Box<dyn Fn(usize) -> f64>) })
    }

    /// Weights of the samples by position. The mean weight of an interaction is 1, and an item has at least that weight.
    fn weights(&self, columns: &Columns, count: u32, candidates: Option<&[u32]>) -> Vec<f64> {
        let (mut sums, mut total) = (vec![0.0f64; count as usize], 0.0);
        for (row, &item) in columns.items.iter().enumerate() {
            let weight = self.weight.as_ref().map_or(1.0, |weight| weight(row));
            sums[place(candidates, item) as usize] += weight;
            total += weight;
        }
        let scale = columns.len() as f64 / total;
        sums.into_iter().map(|sum| pow((sum * scale).max(1.0), self.exponent)).collect()
    }
}

/// Samples negatives. The order of a user's samples is part of the result; users are independent.
pub struct Sampler {
    /// The items that can be sampled, ascending; absent if all can. A *position* is an index of this list.
    candidates: Option<Vec<u32>>,
    /// Number of items that can be sampled.
    count: u32,
    positives: Positives,
    popularity: Option<Alias>,
}

impl Sampler {
    /// A sampler of all `items` except those that are `left_out`, ascending, none of which is in `columns`.
    pub fn new(columns: &Columns, users: usize, items: usize, left_out: &[u32]) -> Self {
        let candidates = (!left_out.is_empty()).then(|| {
            (0..items as u32).filter(|item| left_out.binary_search(item).is_err()).collect::<Vec<u32>>()
        });
        Self {
            count: (items - left_out.len()) as u32,
            positives: Positives::new(columns, users, candidates.as_deref()),
            candidates,
            popularity: None,
        }
    }

    /// The same with sampling by the popularity of the items in `columns`, if there is one; an item without interactions counts as one
    /// with a single interaction.
    pub fn with_popularity(self, columns: &Columns, popularity: Option<&Popularity>) -> Self {
        let weights = popularity.map(|it| it.weights(columns, self.count, self.candidates.as_deref()));
        Self { popularity: weights.map(Alias::new), ..self }
    }

    /// Bytes of a sampler for `rows` interactions, without popularity.
    pub fn bytes(users: usize, rows: usize) -> u64 {
        // Offsets, positions, and filters of 8 to 16 bits per interaction and at least 64 per user.
        (12 * users + 4 * rows + (rows * 3 / 2).max(8 * users)) as u64
    }

    /// Bytes of popularity.
    pub fn popularity_bytes(items: usize) -> u64 {
        (8 * items) as u64
    }

    /// Number of items that can be sampled.
    pub fn candidates(&self) -> usize {
        self.count as usize
    }

    /// A sampler for `user`; `None` if the user has all items.
    pub fn of(&self, user: u32) -> Option<Draws<'_>> {
        let positives = self.positives.of(user, self.count);
        (positives.places.len() < self.count as usize).then_some(Draws { sampler: self, positives })
    }

    fn item(&self, place: u32) -> u32 {
        self.candidates.as_ref().map_or(place, |candidates| candidates[place as usize])
    }
}

/// The position of a candidate.
fn place(candidates: Option<&[u32]>, item: u32) -> u32 {
    match candidates {
        None => item,
        Some(candidates) => candidates.binary_search(&item).expect("an item with rows may be drawn") as u32,
    }
}

/// Samples negatives of one user.
pub struct Draws<'a> {
    sampler: &'a Sampler,
    positives: OfUser<'a>,
}

impl Draws<'_> {
    /// Fills `drawn` with negatives.
    #[inline]
    pub fn fill(&self, sampling: Sampling, rng: &mut Rng, drawn: &mut [u32]) {
        match sampling {
            Sampling::Uniform => self.fill_uniform(rng, drawn),
            Sampling::Popularity => drawn.fill_with(|| self.popular(rng)),
        }
    }

    /// Fills `drawn` with uniform negatives, the same as [`Self::uniform`] one by one.
    pub fn fill_uniform(&self, rng: &mut Rng, drawn: &mut [u32]) {
        let (count, positives) = (self.sampler.count, self.positives);
        if 2 * positives.places.len() > count as usize {
            return drawn.fill_with(|| self.among_the_rest(rng));
        }
        // A local generator stays in registers.
        let mut own = rng.clone();
        drawn.fill_with(|| {
            loop {
                let place = own.below(count);
                if !positives.contain(place) {
                    return place;
                }
            }
        });
        *rng = own;
        if let Some(candidates) = &self.sampler.candidates {
            drawn.iter_mut().for_each(|place| *place = candidates[*place as usize]);
        }
    }

    /// A uniform negative.
    pub fn uniform(&self, rng: &mut Rng) -> u32 {
        let mut drawn = [0];
        self.fill_uniform(rng, &mut drawn);
        drawn[0]
    }

    /// A negative by popularity; see [`Sampler::with_popularity`].
    #[inline]
    pub fn popular(&self, rng: &mut Rng) -> u32 {
        let popularity = self.sampler.popularity.as_ref().expect("a sampler with popularity");
        for _ in 0..TRIES {
            let place = popularity.draw(rng);
            if !self.positives.contain(place) {
                return self.sampler.item(place);
            }
        }
        self.among_the_rest(rng)
    }

    /// A uniform negative, by its rank among the negatives.
    fn among_the_rest(&self, rng: &mut Rng) -> u32 {
        let places = self.positives.places;
        let rest = rng.below(self.sampler.count - places.len() as u32);
        self.sampler.item(untaken(places, rest))
    }
}

/// The item at a position among those that are not in the ascending list `taken`.
pub(crate) fn untaken(taken: &[u32], place: u32) -> u32 {
    // Before `taken[index]` there are `taken[index] − index` items that are not taken.
    let (mut low, mut high) = (0, taken.len());
    while low < high {
        let middle = low.midpoint(high);
        if taken[middle] - middle as u32 <= place { low = middle + 1 } else { high = middle }
    }
    place + low as u32
}

/// Each user's positions, with a bit filter that rejects most other positions.
struct Positives {
    /// Start of each user's positions, and the total: `(users + 1)`.
    offsets: Vec<u32>,
    /// Positions, user after user, ascending for each.
    places: Vec<u32>,
    /// Start of each user's filter, and the total: `(users + 1)`, in words.
    sieve_offsets: Vec<u32>,
    /// Bit `position mod size` is set for each position; sizes are powers of two with at least eight bits per position.
    sieve: Vec<u64>,
}

/// The positions of one user.
#[derive(Clone, Copy)]
struct OfUser<'a> {
    places: &'a [u32],
    sieve: &'a [u64],
    /// Whether the filter has a bit for every position, so that it decides alone.
    exact: bool,
}

impl OfUser<'_> {
    #[inline]
    fn contain(&self, place: u32) -> bool {
        let word = self.sieve[(place as usize / 64) & (self.sieve.len() - 1)];
        word >> (place % 64) & 1 == 1 && (self.exact || self.places.binary_search(&place).is_ok())
    }
}

impl Positives {
    fn new(columns: &Columns, users: usize, candidates: Option<&[u32]>) -> Self {
        let by_user = ByUser::in_row_order(&columns.users, users);
        let offsets = by_user.offsets().to_vec();
        let mut places = vec![0; columns.len()];
        for (to, &row) in places.iter_mut().zip(by_user.all()) {
            *to = place(candidates, columns.items[row as usize]);
        }
        drop(by_user);
        let words = |count: u32| (count as usize).next_power_of_two().div_ceil(8) as u32;
        let mut sieve_offsets = Vec::with_capacity(users + 1);
        sieve_offsets.push(0);
        for range in offsets.windows(2) {
            sieve_offsets.push(sieve_offsets[sieve_offsets.len() - 1] + words(range[1] - range[0]));
        }
        let mut sieve = vec![0u64; sieve_offsets[users] as usize];
        for user in 0..users {
            let places = &mut places[offsets[user] as usize..offsets[user + 1] as usize];
            places.sort_unstable();
            let sieve = &mut sieve[sieve_offsets[user] as usize..sieve_offsets[user + 1] as usize];
            for &place in &*places {
                sieve[(place as usize / 64) & (sieve.len() - 1)] |= 1 << (place % 64);
            }
        }
        Self { offsets, places, sieve_offsets, sieve }
    }

    /// The positions of one user among `count` candidates.
    fn of(&self, user: u32, count: u32) -> OfUser<'_> {
        let range = |offsets: &[u32]| offsets[user as usize] as usize..offsets[user as usize + 1] as usize;
        let sieve = &self.sieve[range(&self.sieve_offsets)];
        OfUser {
            places: &self.places[range(&self.offsets)],
            sieve,
            exact: 64 * sieve.len() >= count as usize,
        }
    }
}

/// Samples an index by weight in constant time (Walker 1977, built as in Vose 1991): a uniform column, and then one of the two
/// indices that share it.
struct Alias {
    /// The part of a column that belongs to its own index, in units of 2⁻³², and the other index.
    columns: Vec<(u32, u32)>,
}

impl Alias {
    /// Columns below the mean are filled from those above it, the last of each first.
    fn new(weights: Vec<f64>) -> Self {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut shares: Vec<f64> = weights.into_iter().map(|weight| weight / mean).collect();
        let mut columns: Vec<(u32, u32)> = (0..shares.len() as u32).map(|index| (u32::MAX, index)).collect();
        let (mut low, mut high): (Vec<u32>, Vec<u32>) =
            (0..shares.len() as u32).partition(|&index| shares[index as usize] < 1.0);
        while let (Some(&least), Some(&most)) = (low.last(), high.last()) {
            low.pop();
            let share = shares[least as usize];
            columns[least as usize] = ((share * 4_294_967_296.0) as u32, most);
            shares[most as usize] -= 1.0 - share;
            if shares[most as usize] < 1.0 {
                high.pop();
                low.push(most);
            }
        }
        Self { columns }
    }

    #[inline]
    fn draw(&self, rng: &mut Rng) -> u32 {
        let column = rng.below(self.columns.len() as u32);
        let (own, other) = self.columns[column as usize];
        if rng.next_u32() < own { column } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastespace_data::rng::Purpose;

    /// User 0 has items 0, 3 and 4 of ten, user 1 all but 2 and 7, user 2 none, user 3 all.
    fn columns() -> Columns {
        let of = |user: u32, items: &[u32]| items.iter().map(|&item| (user, item)).collect::<Vec<_>>();
        let rows =
            [of(0, &[4, 0, 3]), of(1, &[0, 1, 3, 4, 5, 6, 8, 9]), of(3, &Vec::from_iter(0..10))].concat();
        let (users, items) = rows.into_iter().unzip();
        Columns { users, items, ..Columns::default() }
    }

    fn plain(exponent: f64) -> Popularity<'static> {
        Popularity { exponent, weight: None }
    }

    fn counts(draws: u32, draw: impl Fn(&mut Rng) -> u32) -> Vec<u32> {
        let mut rng = Rng::stream(1, Purpose::Negatives, 0, 0);
        let mut counts = vec![0; 10];
        (0..draws).for_each(|_| counts[draw(&mut rng) as usize] += 1);
        counts
    }

    #[test]
    fn every_negative_is_drawn_as_often_and_no_positive_is() {
        let sampler = Sampler::new(&columns(), 4, 10, &[]);
        assert!(sampler.of(3).is_none());
        for (user, negatives) in [(0, vec![1, 2, 5, 6, 7, 8, 9]), (1, vec![2, 7]), (2, Vec::from_iter(0..10))]
        {
            let draws = sampler.of(user).unwrap();
            let counts = counts(10_000, |rng| draws.uniform(rng));
            let [mut one, mut many] = [1, 1].map(|seed| Rng::stream(seed, Purpose::Negatives, 0, 0));
            let mut drawn = [0; 9];
            draws.fill_uniform(&mut many, &mut drawn);
            assert_eq!(drawn, [0; 9].map(|_| draws.uniform(&mut one)));
            assert_eq!(one.next_u32(), many.next_u32());
            for (item, &count) in counts.iter().enumerate() {
                if negatives.contains(&item) {
                    // At most five standard deviations.
                    let expected = 10_000.0 / negatives.len() as f64;
                    assert!(
                        (f64::from(count) - expected).abs() < 5.0 * expected.sqrt(),
                        "{user}: {counts:?}"
                    );
                } else {
                    assert_eq!(count, 0, "{user}: {counts:?}");
                }
            }
        }
    }

    #[test]
    fn popular_items_are_drawn_more_often() {
        let sampler = Sampler::new(&columns(), 4, 10, &[]).with_popularity(&columns(), Some(&plain(2.0)));
        // Interactions: 3 of items 0, 3 and 4, 1 of 2 and 7, 2 of the others.
        let counts_of = |user| counts(40_000, |rng| sampler.of(user).unwrap().popular(rng));
        let all = counts_of(2);
        let total = 3.0 * 9.0 + 2.0 + 5.0 * 4.0;
        for (item, weight) in [(0, 9.0), (2, 1.0), (5, 4.0)] {
            let expected = 40_000.0 * weight / total;
            assert!((f64::from(all[item]) - expected).abs() < 5.0 * f64::sqrt(expected), "{item}: {all:?}");
        }
        let some = counts_of(0);
        assert_eq!([some[0], some[3], some[4]], [0; 3]);
        assert!((f64::from(some[5]) - 40_000.0 * 4.0 / 22.0).abs() < 5.0 * 85.0, "{some:?}");
    }

    #[test]
    fn old_interactions_count_less() {
        // Those of user 1 count a tenth: 2.1 of items 0, 3 and 4, 0.1 + 1 of the other items of user 1, 1 of 2 and 7.
        let weight = |row: usize| if (3..11).contains(&row) { 0.1 } else { 1.0 };
        let aged = Popularity { exponent: 2.0, weight: Some(Box::new(weight)) };
        let scale = 21.0 / (13.0 + 8.0 * 0.1);
        let weights = aged.weights(&columns(), 10, None);
        let expected = [2.1, 1.1, 1.0, 2.1, 2.1, 1.1, 1.1, 1.0, 1.1, 1.1].map(|sum| sum * scale);
        for (weight, sum) in weights.into_iter().zip(expected) {
            assert!((weight - sum * sum).abs() < 1e-12);
        }
        // An item with only old interactions counts as one with a mean one.
        let old =
            Popularity { exponent: 1.0, weight: Some(Box::new(|row| if row < 3 { 1e-9 } else { 1.0 })) };
        let rows = Columns { users: vec![0; 6], items: vec![0, 0, 0, 1, 1, 1], ..Columns::default() };
        assert_eq!(old.weights(&rows, 2, None)[0], 1.0);
        // Equal weights change nothing.
        let equal = Popularity { exponent: 0.75, weight: Some(Box::new(|_| 0.5)) };
        assert_eq!(equal.weights(&columns(), 10, None), plain(0.75).weights(&columns(), 10, None));
    }

    #[test]
    fn what_is_left_out_is_never_drawn() {
        let rows = Columns { users: vec![0, 0], items: vec![1, 9], ..Columns::default() };
        let sampler = Sampler::new(&rows, 1, 10, &[0, 5, 8]).with_popularity(&rows, Some(&plain(0.5)));
        assert_eq!(sampler.candidates(), 7);
        let draws = sampler.of(0).unwrap();
        for counts in [counts(5000, |rng| draws.uniform(rng)), counts(5000, |rng| draws.popular(rng))] {
            let drawn: Vec<usize> = (0..10).filter(|&item| counts[item] > 0).collect();
            assert_eq!(drawn, [2, 3, 4, 6, 7]);
        }
    }

    #[test]
    fn a_user_with_nearly_everything_is_served_soon() {
        let items = 100_000;
        let all_but_one = (0..items).filter(|&item| item != 77_777);
        let rows = Columns {
            users: vec![0; items as usize - 1],
            items: all_but_one.collect(),
            ..Columns::default()
        };
        let sampler = Sampler::new(&rows, 1, items as usize, &[]).with_popularity(&rows, Some(&plain(1.0)));
        let mut rng = Rng::stream(1, Purpose::Negatives, 0, 0);
        let draws = sampler.of(0).unwrap();
        for _ in 0..1000 {
            assert_eq!((draws.uniform(&mut rng), draws.popular(&mut rng)), (77_777, 77_777));
        }
    }
}
