//! The planted structure: tastes, biases, popularity, sequence and relations.

use super::options::SyntheticOptions;
use crate::rng::{Purpose, Rng};
use tastespace_kernels::math::{ln, pow};

/// The parameters behind the ratings, named as in the module's formula.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The options.
    pub options: SyntheticOptions,
    /// Bias of each user in stars: `(users)`.
    pub user_biases: Vec<f32>,
    /// Bias of each item in stars: `(items)`.
    pub item_biases: Vec<f32>,
    /// Tastes of the users: `(users, factors)`.
    pub user_tastes: Vec<f32>,
    /// Tastes of the items, of norm 1: `(items, factors)`.
    pub item_tastes: Vec<f32>,
    /// Tastes of the genres, of norm 1: `(genres, factors)`.
    pub genre_tastes: Vec<f32>,
    /// Popularity weight of each item; 0 for cold items: `(items)`.
    pub popularity: Vec<f64>,
    /// Tastes of the tags, of norm 1: `(tags, factors)`.
    pub tag_tastes: Vec<f32>,
    /// The item that follows each item by the sequence rule; the item itself without a rule or if it is cold: `(items)`. The
    /// others form one cycle.
    pub follows: Vec<u32>,
    /// The side of each user, below `relations`: `(users)`.
    pub user_sides: Vec<u32>,
    /// The side of each item, below `relations`: `(items)`.
    pub item_sides: Vec<u32>,
}

impl Planted {
    /// The match of `user` and `item` under their relation: standard normal over users.
    pub fn matching(&self, user: u32, item: u32) -> f64 {
        let shift = self.relation(user, item) as usize;
        let (user, item) = (self.taste(&self.user_tastes, user), self.taste(&self.item_tastes, item));
        let rotated = item[shift..].iter().chain(&item[..shift]);
        user.iter().zip(rotated).map(|(&p, &q)| f64::from(p) * f64::from(q)).sum()
    }

    /// The relation of `user` to `item`, below `relations`: the sum of their sides, modulo the number of relations.
    pub fn relation(&self, user: u32, item: u32) -> u32 {
        (self.user_sides[user as usize] + self.item_sides[item as usize]) % self.options.relations
    }

    /// Whether `item` has no rows.
    pub fn is_cold(&self, item: u32) -> bool {
        self.popularity[item as usize] == 0.0
    }

    /// The rating of `user` for `item` in stars before noise, rounding and clipping.
    pub fn expected(&self, user: u32, item: u32) -> f64 {
        let biases = f64::from(self.user_biases[user as usize]) + f64::from(self.item_biases[item as usize]);
        self.options.mean + biases + self.options.taste * self.matching(user, item)
    }

    fn taste<'a>(&self, tastes: &'a [f32], index: u32) -> &'a [f32] {
        let factors = self.options.factors as usize;
        &tastes[index as usize * factors..][..factors]
    }
}

/// Random streams, the shards of [`Purpose::Synthetic`]. Each user has a stream with its index, so that a user's rows do not
/// depend on other users.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    UserBiases,
    ItemBiases,
    UserTastes,
    ItemTastes,
    GenreTastes,
    Genres,
    Popularity,
    Activity,
    Items,
    Noise,
    Times,
    Titles,
    Tags,
    TagTastes,
    Cold,
    Sequence,
    Sides,
}

pub(super) fn stream(seed: u64, stream: Stream, index: u64) -> Rng {
    Rng::stream(seed, Purpose::Synthetic, index, stream as u64)
}

/// Standard deviation of an item's own taste, where each genre's taste has norm 1.
const ITEM_DEVIATION: f64 = 0.25;

pub(super) fn plant(options: &SyntheticOptions, genres: &[Vec<u32>]) -> Planted {
    let (users, items, factors) = (options.users as usize, options.items as usize, options.factors as usize);
    let normals = |name, count: usize, scale: f64| -> Vec<f32> {
        let mut rng = stream(options.seed, name, 0);
        (0..count).map(|_| (scale * rng.normal()) as f32).collect()
    };
    let mut genre_tastes = normals(Stream::GenreTastes, options.genres as usize * factors, 1.0);
    genre_tastes.chunks_mut(factors).for_each(normalise);
    let mut item_tastes = normals(Stream::ItemTastes, items * factors, ITEM_DEVIATION);
    for (taste, genres) in item_tastes.chunks_mut(factors).zip(genres) {
        for &genre in genres {
            for (factor, direction) in taste.iter_mut().zip(&genre_tastes[genre as usize * factors..]) {
                *factor += direction;
            }
        }
        normalise(taste);
    }
    // Popularity is independent of the item's index.
    let mut ranks: Vec<u32> = (1..=options.items).collect();
    stream(options.seed, Stream::Popularity, 0).shuffle(&mut ranks);
    let mut popularity: Vec<f64> =
        ranks.iter().map(|&rank| pow(f64::from(rank), -options.popularity)).collect();
    // The first items of a shuffle are cold, the others form the cycle in its order.
    let mut order: Vec<u32> = (0..options.items).collect();
    stream(options.seed, Stream::Cold, 0).shuffle(&mut order);
    let (cold, cycle) = order.split_at(options.cold as usize);
    cold.iter().for_each(|&item| popularity[item as usize] = 0.0);
    let mut follows: Vec<u32> = (0..options.items).collect();
    if options.sequence > 0.0 {
        for (position, &item) in cycle.iter().enumerate() {
            follows[item as usize] = cycle[(position + 1) % cycle.len()];
        }
    }
    let mut tag_tastes = normals(Stream::TagTastes, options.tags as usize * factors, 1.0);
    tag_tastes.chunks_mut(factors).for_each(normalise);
    let sides = |count: u32, shard: u64| {
        let mut rng = stream(options.seed, Stream::Sides, shard);
        (0..count).map(|_| rng.below(options.relations)).collect()
    };
    Planted {
        options: options.clone(),
        user_biases: normals(Stream::UserBiases, users, options.user_bias),
        item_biases: normals(Stream::ItemBiases, items, options.item_bias),
        user_tastes: normals(Stream::UserTastes, users * factors, 1.0),
        item_tastes,
        genre_tastes,
        popularity,
        tag_tastes,
        follows,
        user_sides: sides(options.users, 0),
        item_sides: sides(options.items, 1),
    }
}

/// Divides `vector` by its norm.
fn normalise(vector: &mut [f32]) {
    let square: f64 = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    // A vector of normals is practically never zero; if it is, it stays zero.
    let norm = square.sqrt().max(f64::MIN_POSITIVE);
    for x in vector {
        *x = (f64::from(*x) / norm) as f32;
    }
}

/// Exponentially distributed with mean 1.
pub(super) fn exponential(rng: &mut Rng) -> f64 {
    -ln(1.0 - rng.uniform())
}
