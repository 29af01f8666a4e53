//! Generates data with planted structure, which tests can look for. This is the library's embedded data set.
//!
//! A user `u` and an item `i` have tastes `p_u` and `q_i`, vectors of a few factors. `q_i` has norm 1 and the direction of
//! the item's genres, `p_u` has standard normal coordinates. So their match `m = p_u · q_i` is standard normal, and
//!
//! ```text
//! rating = mean + bias_u + bias_i + taste · m + noise · ε        rounded to a whole star, 1 to 5
//! ```
//!
//! Users select the items they rate: item `i` with probability proportional to `popularity_i · sigmoid(choice · m)`, without
//! replacement, in the order of their times. Rounding adds to the noise, clipping reduces it.
//!
//! More structure is off by default. Each part has random streams of its own, and [`Planted`] contains them all:
//!
//! - `tags`: features of items, each with a taste. An item's tags are those with the nearest tastes among random ones.
//! - `cold`: items without rows. They have titles, genres and tags.
//! - `sequence`: every item has a follower. With probability `sequence` a user's next item is the follower of the item `lag`
//!   positions before, unless the user has it already.
//! - `relations`: users and items have sides, numbers below `relations`. The relation of a pair is the sum of both sides modulo
//!   `relations`, and in relation `k` the match is `m = Σ_f p_uf · q_i,(f+k) mod factors`. Relations are independent of each
//!   other, and no single pair of user and item vectors explains them all.

mod item_sampler;
mod options;
mod planted;
mod rows;
mod tags;
mod titles;

pub use options::SyntheticOptions;
pub use planted::Planted;
pub use rows::Rows;

use crate::core::interactions::Interactions;
use crate::core::item_table::ItemTable;
use crate::core::item_texts::ItemTexts;
use crate::core::vocabulary::Vocabulary;
use crate::error::DataError;
use planted::{Stream, plant, stream};
use std::sync::Arc;
use titles::{GENRES, Titles};

/// A generated data set: ids are the texts `1` to `users` and `1` to `items`.
#[derive(Clone, Debug)]
pub struct Synthetic {
    /// Ratings in whole stars from 1 to 5, with times in seconds since 1970 that ascend for each user; user after user.
    /// Every item has a title of its own and genres, and tags where there are any.
    pub data: Interactions,
    /// The planted structure.
    pub planted: Planted,
}

/// Generates a data set.
pub fn generate(options: &SyntheticOptions) -> Result<Synthetic, DataError> {
    options.check()?;
    let (texts, genres) = catalogue(options);
    let (columns, planted) = Rows::new(plant(options, &genres)).collect();
    let (users, items) = (numbers(options.users), numbers(options.items));
    let mut data = Interactions::new(users, items.clone(), columns, Some((1.0, 5.0)));
    data.item_table = Some(Arc::new(ItemTable::new(&items, texts)));
    data.item_features = (options.tags > 0).then(|| Arc::new(tags::generate(&planted, items)));
    Ok(Synthetic { data, planted })
}

/// The rows of the same data set user by user, for data too large for memory.
pub fn rows(options: &SyntheticOptions) -> Result<Rows, DataError> {
    options.check()?;
    let (_, genres) = catalogue(options);
    Ok(Rows::new(plant(options, &genres)))
}

/// The ids `1` to `count`.
fn numbers(count: u32) -> Arc<Vocabulary> {
    let mut ids = Vocabulary::default();
    for id in 1..=count {
        ids.intern(&id.to_string());
    }
    Arc::new(ids)
}

/// Titles and genre names, and the genre indices of each item.
fn catalogue(options: &SyntheticOptions) -> (ItemTexts, Vec<Vec<u32>>) {
    let mut titles = Titles::new(stream(options.seed, Stream::Titles, 0));
    let mut rng = stream(options.seed, Stream::Genres, 0);
    let mut texts = ItemTexts::default();
    let mut all = Vec::with_capacity(options.items as usize);
    for _ in 0..options.items {
        // One to three random genres; repetitions are dropped.
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
