//! What the generator can be asked for.

use super::tags::MOST_TAGS;
use super::titles::GENRES;
use crate::error::{DataError, Scope};
use crate::options::{self, bad};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct SyntheticOptions {
    /// Number of users, 1 to 10,000,000.
    pub users: u32,
    /// Number of items, 1 to 10,000,000.
    pub items: u32,
    /// Number of ratings, 1 to `users · (items − cold)`, at most 1,000,000,000.
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
    /// Number of tags, 0 to 1000; an item has up to eight, which lie near its taste.
    pub tags: u32,
    /// Number of items, below `items`, that have no row: new ones, of which only genres and tags are known.
    pub cold: u32,
    /// Strength of the rule of what follows what: the odds that a user's next item is the one that follows, 0 (no rule) to
    /// 1.
    pub sequence: f64,
    /// How far back the rule looks: an item follows the one chosen so many before, 1 to 16.
    pub lag: u32,
    /// Number of kinds of relation between users and items, 1 (all alike) to `factors`.
    pub relations: u32,
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
            tags: 0,
            cold: 0,
            sequence: 0.0,
            lag: 1,
            relations: 1,
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

    pub(super) fn check(&self) -> Result<(), DataError> {
        let refuse = |key, value: Value, low: f64, high: f64| {
            Err(bad(Scope::Data, key, &value, format!("expected {low} to {high}")))
        };
        let warm = u64::from(self.items.saturating_sub(self.cold));
        let most = (u64::from(self.users) * warm).min(1_000_000_000);
        for (key, value, low, high) in [
            ("users", self.users, 1, 10_000_000),
            ("items", self.items, 1, 10_000_000),
            ("cold", self.cold, 0, u64::from(self.items.saturating_sub(1))),
            ("ratings", self.ratings, 1, most),
            ("genres", self.genres, 1, GENRES.len() as u64),
            ("tags", self.tags, 0, MOST_TAGS.into()),
            ("factors", self.factors, 1, 64),
            ("relations", self.relations, 1, self.factors.into()),
            ("lag", self.lag, 1, 16),
        ] {
            if !(low..=high).contains(&u64::from(value)) {
                return refuse(key, json!(value), low as f64, high as f64);
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
            ("sequence", self.sequence, 0.0, 1.0),
        ] {
            if !(low..=high).contains(&value) {
                return refuse(key, json!(value), low, high);
            }
        }
        Ok(())
    }
}
