//! Options of the generator.

use super::tags::MOST_TAGS;
use super::titles::GENRES;
use crate::error::DataError;
use crate::rng::SEEDS;
use serde_json::json;
use tastespace_options::{OptionError, OptionSet, options};

options! {
    /// Options of the generator.
    pub struct SyntheticOptions {
        /// Number of users.
        users: u32 = 1000, 1..=10_000_000;
        /// Number of items.
        items: u32 = 600, 1..=10_000_000;
        /// Number of ratings, at most users · (items − cold).
        ratings: u32 = 50_000, 1..=1_000_000_000;
        /// Number of genres. An item has up to three.
        genres: u32 = 12, 1..=GENRES.len() as i64;
        /// Dimension of the tastes.
        factors: u32 = 4, 1..=64;
        /// Mean rating of a random pair, in stars.
        mean: f64 = 3.4, 1.0..=5.0;
        /// Standard deviation of the user biases, in stars.
        user_bias: f64 = 0.35, 0.0..=5.0;
        /// Standard deviation of the item biases, in stars.
        item_bias: f64 = 0.35, 0.0..=5.0;
        /// Standard deviation of the rating explained by taste, in stars.
        taste: f64 = 0.8, 0.0..=5.0;
        /// Standard deviation of the unpredictable noise, in stars. Rounding to whole stars adds to it.
        noise: f64 = 0.75, 0.0..=5.0;
        /// Strength of the users' preference for items that match their taste; 0 for none.
        choice: f64 = 1.0, 0.0..=10.0;
        /// Exponent of the items' popularity: the r-th item has probability proportional to r^−popularity.
        popularity: f64 = 0.7, 0.0..=3.0;
        /// Standard deviation of the logarithm of the number of ratings per user.
        activity: f64 = 0.6, 0.0..=3.0;
        /// Number of tags. An item has up to eight tags near its taste; 0 for none.
        tags: u32 = 0, 0..=i64::from(MOST_TAGS);
        /// Number of items without rows, below `items`. They have titles, genres and tags.
        cold: u32 = 0, 0..=9_999_999;
        /// Probability that a user's next item is the follower of an earlier one.
        sequence: f64 = 0.0, 0.0..=1.0;
        /// Distance of that earlier item, in positions.
        lag: u32 = 1, 1..=16;
        /// Number of relations between users and items, at most `factors`.
        relations: u32 = 1, 1..=64;
        /// Seed of the random numbers.
        seed: u64 = 0, SEEDS;
    }
}

impl SyntheticOptions {
    /// Options from a JSON object.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let options = Self::parse(GENERATOR, json)?;
        options.check()?;
        Ok(options)
    }

    /// Checks the options that depend on each other.
    pub(super) fn check(&self) -> Result<(), OptionError> {
        let warm = u64::from(self.items.saturating_sub(self.cold));
        for (key, value, least, most, limit) in [
            ("cold", self.cold, 0, u64::from(self.items.saturating_sub(1)), "items − 1"),
            ("ratings", self.ratings, 1, u64::from(self.users) * warm, "users · (items − cold)"),
            ("relations", self.relations, 1, u64::from(self.factors), "factors"),
        ] {
            if u64::from(value) > most {
                let expected = format!("an integer from {least} to {most}, which is {limit}");
                let value = json!(value);
                return Err(OptionError::BadValue { owner: GENERATOR, key, value, expected, in_type: true });
            }
        }
        Ok(())
    }
}

/// The owner of the options in messages.
const GENERATOR: &str = "generator";
