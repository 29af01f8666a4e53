//! Data with planted structure, the library's embedded data set: tests can check that what was planted is found.
//!
//! A user `u` and an item `i` have tastes `p_u` and `q_i`, vectors of a few factors; `q_i` has length 1 and points where the
//! item's genres do, `p_u` has standard normal coordinates. So `m = p_u · q_i`, how well they match, is standard normal, and
//!
//! ```text
//! rating = mean + bias_u + bias_i + taste · m + noise · ε        rounded to a whole star, 1 to 5
//! ```
//!
//! Users choose what they rate: item `i` with odds `popularity_i · sigmoid(choice · m)`, none twice, in the order of their
//! times. Rounding adds to the noise and clipping takes away: by default the formula itself misses the ratings by about 0.73
//! stars (root mean square), biases fitted alone by about 0.97 on held-out rows, so a model of tastes has much to win.

mod titles;

use crate::error::{DataError, Scope};
use crate::interactions::{Columns, Interactions};
use crate::items::{ItemTable, ItemTexts};
use crate::options::{self, bad};
use crate::rng::{Purpose, Rng};
use crate::vocabulary::Vocabulary;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use tastespace_kernels::math::{exp, ln, pow};
use titles::{GENRES, Titles};

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct SyntheticOptions {
    /// Number of users, 1 to 10,000,000.
    pub users: u32,
    /// Number of items, 1 to 10,000,000.
    pub items: u32,
    /// Number of ratings, 1 to `users · items`, at most 1,000,000,000.
    pub ratings: u32,
    /// Number of genres, 1 to 18; an item has up to three.
    pub genres: u32,
    /// Dimensions of the tastes, 1 to 64.
    pub factors: u32,
    /// Mean rating before choice, in stars, 1 to 5.
    pub mean: f64,
    /// Standard deviation of the users' biases, in stars, 0 to 5.
    pub user_bias: f64,
    /// Standard deviation of the items' biases, in stars, 0 to 5.
    pub item_bias: f64,
    /// Standard deviation of what taste adds, in stars, 0 to 5.
    pub taste: f64,
    /// Standard deviation of what nobody can know, in stars, 0 to 5. Rounding to whole stars adds to it.
    pub noise: f64,
    /// How strongly users choose what they match, 0 (not at all) to 10.
    pub choice: f64,
    /// Exponent of the items' popularity: the odds of the `r`-th are `r` to the minus this, 0 (all alike) to 3.
    pub popularity: f64,
    /// Standard deviation of the logarithm of the users' numbers of ratings, 0 (all alike) to 3.
    pub activity: f64,
    /// Seed of everything drawn.
    pub seed: u64,
}

impl Default for SyntheticOptions {
    fn default() -> Self {
        Self {
            users: 1000,
            items: 600,
            ratings: 50_000,
            genres: 12,
            factors: 4,
            mean: 3.4,
            user_bias: 0.35,
            item_bias: 0.35,
            taste: 0.8,
            noise: 0.75,
            choice: 1.0,
            popularity: 0.7,
            activity: 0.6,
            seed: 0,
        }
    }
}

impl SyntheticOptions {
    /// Options from a JSON object; `data/bad-option` names what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let options: Self = options::from_json(Scope::Data, json)?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), DataError> {
        let refuse = |key, value: Value, low: f64, high: f64| {
            Err(bad(Scope::Data, key, &value, format!("expected {low} to {high}")))
        };
        let most = (u64::from(self.users) * u64::from(self.items)).min(1_000_000_000);
        for (key, value, high) in [
            ("users", self.users, 10_000_000),
            ("items", self.items, 10_000_000),
            ("ratings", self.ratings, most),
            ("genres", self.genres, GENRES.len() as u64),
            ("factors", self.factors, 64),
        ] {
            if !(1..=high).contains(&u64::from(value)) {
                return refuse(key, json!(value), 1.0, high as f64);
            }
        }
        for (key, value, low, high) in [
            ("mean", self.mean, 1.0, 5.0),
            ("userBias", self.user_bias, 0.0, 5.0),
            ("itemBias", self.item_bias, 0.0, 5.0),
            ("taste", self.taste, 0.0, 5.0),
            ("noise", self.noise, 0.0, 5.0),
            ("choice", self.choice, 0.0, 10.0),
            ("popularity", self.popularity, 0.0, 3.0),
            ("activity", self.activity, 0.0, 3.0),
        ] {
            if !(low..=high).contains(&value) {
                return refuse(key, json!(value), low, high);
            }
        }
        Ok(())
    }
}

/// A generated data set: ids are the texts `1` to `users` and `1` to `items`.
#[derive(Clone, Debug)]
pub struct Synthetic {
    /// Ratings in whole stars from 1 to 5, with times in seconds since 1970 that ascend for each user; user after user.
    /// Every item has a title of its own and genres.
    pub data: Interactions,
    /// What the ratings were made from.
    pub planted: Planted,
}

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
    /// Weight of each item in what users choose from, before their tastes: `(items)`.
    pub popularity: Vec<f64>,
}

impl Planted {
    /// How well `user` and `item` match: standard normal over users.
    pub fn matching(&self, user: u32, item: u32) -> f64 {
        let (user, item) = (self.taste(&self.user_tastes, user), self.taste(&self.item_tastes, item));
        user.iter().zip(item).map(|(&p, &q)| f64::from(p) * f64::from(q)).sum()
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
enum Draw {
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
}

fn stream(seed: u64, draw: Draw, index: u64) -> Rng {
    Rng::stream(seed, Purpose::Synthetic, index, draw as u64)
}

/// How far an item may point away from its genres, as the length of a standard normal vector in units of them.
const OWN_WAY: f64 = 0.25;

/// Generates a data set.
pub fn generate(options: &SyntheticOptions) -> Result<Synthetic, DataError> {
    options.check()?;
    let (texts, genres) = catalogue(options);
    let planted = plant(options, &genres);
    let columns = rate(&planted);
    let ids = |count: u32| {
        let mut ids = Vocabulary::default();
        for id in 1..=count {
            ids.intern(&id.to_string());
        }
        Arc::new(ids)
    };
    let mut data = Interactions::new(ids(options.users), ids(options.items), columns, Some((1.0, 5.0)));
    data.item_table = Some(Arc::new(ItemTable::new(&data.items, texts)));
    Ok(Synthetic { data, planted })
}

/// Titles and genres, and the genres of each item as numbers.
fn catalogue(options: &SyntheticOptions) -> (ItemTexts, Vec<Vec<u32>>) {
    let mut titles = Titles::new(stream(options.seed, Draw::Titles, 0));
    let mut rng = stream(options.seed, Draw::Genres, 0);
    let mut texts = ItemTexts::default();
    let mut all = Vec::with_capacity(options.items as usize);
    for _ in 0..options.items {
        // One to three draws, of which those that repeat a genre count for nothing.
        let mut genres = Vec::with_capacity(3);
        for _ in 0..=rng.below(3) {
            let genre = rng.below(options.genres);
            if !genres.contains(&genre) {
                genres.push(genre);
            }
        }
        texts.push(&titles.next(), genres.iter().map(|&genre| GENRES[genre as usize]));
        all.push(genres);
    }
    (texts, all)
}

fn plant(options: &SyntheticOptions, genres: &[Vec<u32>]) -> Planted {
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
    Planted {
        options: *options,
        user_biases: normals(Draw::UserBiases, users, options.user_bias),
        item_biases: normals(Draw::ItemBiases, items, options.item_bias),
        user_tastes: normals(Draw::UserTastes, users * factors, 1.0),
        item_tastes,
        genre_tastes,
        popularity: ranks.iter().map(|&rank| pow(f64::from(rank), -options.popularity)).collect(),
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

/// Seconds since 1970 of 2015-01-01: no user starts before, nor 8 years later.
const FIRST_START: f64 = 1_420_070_400.0;
const LAST_START: f64 = FIRST_START + 8.0 * 365.25 * 86_400.0;
/// Mean seconds between two ratings of a user, less one.
const PAUSE: f64 = 40_000.0;

/// Lets every user choose and rate.
fn rate(planted: &Planted) -> Columns {
    let options = &planted.options;
    let mut columns = Columns::default();
    let (mut ratings, mut times) = (Vec::new(), Vec::new());
    let mut choices = Choices::new(planted);
    for (user, count) in (0..options.users).zip(rows_per_user(options)) {
        let chosen = choices.of(user, count);
        let mut noise = stream(options.seed, Draw::Noise, user.into());
        let mut clock = stream(options.seed, Draw::Times, user.into());
        let mut time = (FIRST_START + clock.uniform() * (LAST_START - FIRST_START)).floor();
        for &item in chosen {
            let rating = planted.expected(user, item) + options.noise * noise.normal();
            columns.users.push(user);
            columns.items.push(item);
            ratings.push((rating + 0.5).floor().clamp(1.0, 5.0) as f32);
            times.push(time);
            time += 1.0 + (PAUSE * exponential(&mut clock)).floor();
        }
    }
    (columns.ratings, columns.times) = (Some(ratings), Some(times));
    columns
}

/// Exponentially distributed with mean 1.
fn exponential(rng: &mut Rng) -> f64 {
    -ln(1.0 - rng.uniform())
}

/// How many ratings each user has: log-normal shares, `ratings` in all, one at least where there are enough, no more
/// than there are items.
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
            *count = wanted.min(options.items.into()) as u32;
            excess = wanted - u64::from(*count);
        }
    }
    rows
}

/// Draws users' choices: successive items without repetition, with odds of popularity and match.
struct Choices<'a> {
    planted: &'a Planted,
    /// Running total of the popularity: `(items)`.
    cumulative: Vec<f64>,
    /// The last user who chose each item: `(items)`.
    chosen_by: Vec<u32>,
    chosen: Vec<u32>,
    /// Keys of all items, for users who choose many.
    keys: Vec<(f64, u32)>,
}

impl<'a> Choices<'a> {
    fn new(planted: &'a Planted) -> Self {
        let mut total = 0.0;
        let running = planted.popularity.iter().map(|weight| {
            total += weight;
            total
        });
        Self {
            cumulative: running.collect(),
            chosen_by: vec![u32::MAX; planted.popularity.len()],
            chosen: Vec::new(),
            keys: Vec::new(),
            planted,
        }
    }

    /// The items that `user` chooses, `count` of them, in order.
    fn of(&mut self, user: u32, count: u32) -> &[u32] {
        let mut rng = stream(self.planted.options.seed, Draw::Choices, user.into());
        self.chosen.clear();
        // Drawing until something new comes takes too long for a user who has nearly everything.
        let few = count as usize <= self.cumulative.len() / 8;
        if !(few && self.by_rejection(user, count as usize, &mut rng)) {
            self.by_keys(user, count as usize, &mut rng);
        }
        &self.chosen
    }

    /// Odds by match: a probability.
    fn appeal(&self, user: u32, item: u32) -> f64 {
        1.0 / (1.0 + exp(-self.planted.options.choice * self.planted.matching(user, item)))
    }

    /// Draws by popularity and keeps by appeal. Gives up, and says so, where hardly anything new comes: under a steep
    /// popularity the rarest items have odds below the steps of the random numbers.
    fn by_rejection(&mut self, user: u32, count: usize, rng: &mut Rng) -> bool {
        let total = self.cumulative[self.cumulative.len() - 1];
        for _ in 0..100 * count + 1000 {
            if self.chosen.len() == count {
                return true;
            }
            let place = rng.uniform() * total;
            let item = self.cumulative.partition_point(|&end| end <= place) as u32;
            if self.chosen_by[item as usize] != user && rng.uniform() < self.appeal(user, item) {
                self.chosen_by[item as usize] = user;
                self.chosen.push(item);
            }
        }
        false
    }

    /// The same odds for all items at once: exponential times with rates of the weights, the first ones chosen
    /// (Efraimidis, Spirakis 2006).
    fn by_keys(&mut self, user: u32, count: usize, rng: &mut Rng) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        keys.extend(self.planted.popularity.iter().enumerate().map(|(item, popularity)| {
            let item = item as u32;
            (exponential(rng) / (popularity * self.appeal(user, item)), item)
        }));
        // Numbers of items break ties, so the order is one.
        keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.chosen.clear();
        self.chosen.extend(keys[..count].iter().map(|&(_, item)| item));
        self.keys = keys;
    }
}
