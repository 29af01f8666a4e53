//! What is planted: tastes, biases, what is popular, what follows what, who relates how to what.

use super::options::SyntheticOptions;
use crate::rng::{Purpose, Rng};
use tastespace_kernels::math::{ln, pow};

/// What the ratings were made from; symbols as in the module's formula.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The options, among them the strengths of taste and noise.
    pub options: SyntheticOptions,
    /// Bias of each user in stars: `(users)`.
    pub user_biases: Vec<f32>,
    /// Bias of each item in stars: `(items)`.
    pub item_biases: Vec<f32>,
    /// Tastes of the users: `(users, factors)`.
    pub user_tastes: Vec<f32>,
    /// Tastes of the items, each of length 1: `(items, factors)`.
    pub item_tastes: Vec<f32>,
    /// Where the genres point, each of length 1: `(genres, factors)`.
    pub genre_tastes: Vec<f32>,
    /// Weight of each item in what users choose from, before their tastes; 0 of cold items: `(items)`.
    pub popularity: Vec<f64>,
    /// Where the tags point, each of length 1: `(tags, factors)`.
    pub tag_tastes: Vec<f32>,
    /// The item that follows each item, by the rule of strength `sequence`; itself where no rule is planted or the item is
    /// cold: `(items)`. The others make one circle.
    pub follows: Vec<u32>,
    /// The side of each user, below `relations`: `(users)`.
    pub user_sides: Vec<u32>,
    /// The side of each item, below `relations`: `(items)`.
    pub item_sides: Vec<u32>,
}

impl Planted {
    /// How well `user` and `item` match, in the relation that they have: standard normal over users.
    pub fn matching(&self, user: u32, item: u32) -> f64 {
        let turn = self.relation(user, item) as usize;
        let (user, item) = (self.taste(&self.user_tastes, user), self.taste(&self.item_tastes, item));
        let turned = item[turn..].iter().chain(&item[..turn]);
        user.iter().zip(turned).map(|(&p, &q)| f64::from(p) * f64::from(q)).sum()
    }

    /// The relation of `user` to `item`, below `relations`: the sum of their sides, modulo the number of relations.
    pub fn relation(&self, user: u32, item: u32) -> u32 {
        (self.user_sides[user as usize] + self.item_sides[item as usize]) % self.options.relations
    }

    /// Whether `item` has no row.
    pub fn is_cold(&self, item: u32) -> bool {
        self.popularity[item as usize] == 0.0
    }

    /// The rating of `user` for `item` without noise, rounding and clipping, in stars.
    pub fn expected(&self, user: u32, item: u32) -> f64 {
        let biases = f64::from(self.user_biases[user as usize]) + f64::from(self.item_biases[item as usize]);
        self.options.mean + biases + self.options.taste * self.matching(user, item)
    }

    fn taste<'a>(&self, tastes: &'a [f32], index: u32) -> &'a [f32] {
        let factors = self.options.factors as usize;
        &tastes[index as usize * factors..][..factors]
    }
}

/// What is drawn, each from streams of its own: the shards of [`Purpose::Synthetic`]. What belongs to one user comes from
/// the stream of that user's index, so that it does not depend on how much others draw.
#[derive(Clone, Copy)]
pub(super) enum Draw {
    UserBiases,
    ItemBiases,
    UserTastes,
    ItemTastes,
    GenreTastes,
    Genres,
    Popularity,
    Activity,
    Choices,
    Noise,
    Times,
    Titles,
    Tags,
    TagTastes,
    Cold,
    Sequence,
    Sides,
}

pub(super) fn stream(seed: u64, draw: Draw, index: u64) -> Rng {
    Rng::stream(seed, Purpose::Synthetic, index, draw as u64)
}

/// How far an item may point away from its genres, as the length of a standard normal vector in units of them.
const OWN_WAY: f64 = 0.25;

pub(super) fn plant(options: &SyntheticOptions, genres: &[Vec<u32>]) -> Planted {
    let (users, items, factors) = (options.users as usize, options.items as usize, options.factors as usize);
    let normals = |draw, count: usize, scale: f64| -> Vec<f32> {
        let mut rng = stream(options.seed, draw, 0);
        (0..count).map(|_| (scale * rng.normal()) as f32).collect()
    };
    let mut genre_tastes = normals(Draw::GenreTastes, options.genres as usize * factors, 1.0);
    genre_tastes.chunks_mut(factors).for_each(to_length_one);
    let mut item_tastes = normals(Draw::ItemTastes, items * factors, OWN_WAY);
    for (taste, genres) in item_tastes.chunks_mut(factors).zip(genres) {
        for &genre in genres {
            for (factor, direction) in taste.iter_mut().zip(&genre_tastes[genre as usize * factors..]) {
                *factor += direction;
            }
        }
        to_length_one(taste);
    }
    // Which items are popular has nothing to do with their numbers.
    let mut ranks: Vec<u32> = (1..=options.items).collect();
    stream(options.seed, Draw::Popularity, 0).shuffle(&mut ranks);
    let mut popularity: Vec<f64> =
        ranks.iter().map(|&rank| pow(f64::from(rank), -options.popularity)).collect();
    // A shuffle's first items are cold, the others make the circle in its order.
    let mut order: Vec<u32> = (0..options.items).collect();
    stream(options.seed, Draw::Cold, 0).shuffle(&mut order);
    let (cold, circle) = order.split_at(options.cold as usize);
    cold.iter().for_each(|&item| popularity[item as usize] = 0.0);
    let mut follows: Vec<u32> = (0..options.items).collect();
    if options.sequence > 0.0 {
        for (place, &item) in circle.iter().enumerate() {
            follows[item as usize] = circle[(place + 1) % circle.len()];
        }
    }
    let mut tag_tastes = normals(Draw::TagTastes, options.tags as usize * factors, 1.0);
    tag_tastes.chunks_mut(factors).for_each(to_length_one);
    let sides = |count: u32, shard: u64| {
        let mut rng = stream(options.seed, Draw::Sides, shard);
        (0..count).map(|_| rng.below(options.relations)).collect()
    };
    Planted {
        options: *options,
        user_biases: normals(Draw::UserBiases, users, options.user_bias),
        item_biases: normals(Draw::ItemBiases, items, options.item_bias),
        user_tastes: normals(Draw::UserTastes, users * factors, 1.0),
        item_tastes,
        genre_tastes,
        popularity,
        tag_tastes,
        follows,
        user_sides: sides(options.users, 0),
        item_sides: sides(options.items, 1),
    }
}

/// Divides `vector` by its length.
fn to_length_one(vector: &mut [f32]) {
    let square: f64 = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    // A vector of normals is as good as never zero; if it is, it points nowhere.
    let length = square.sqrt().max(f64::MIN_POSITIVE);
    for x in vector {
        *x = (f64::from(*x) / length) as f32;
    }
}

/// Exponentially distributed with mean 1.
pub(super) fn exponential(rng: &mut Rng) -> f64 {
    -ln(1.0 - rng.uniform())
}
