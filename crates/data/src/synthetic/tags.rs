//! Tags near the items' tastes.

use super::planted::{Planted, Stream, stream};
use super::titles::{ADJECTIVES, NOUNS};
use crate::core::item_features::ItemFeatures;
use crate::core::vocabulary::Vocabulary;
use std::sync::Arc;

/// Largest number of tags; there are names for more.
pub(super) const MOST_TAGS: u32 = 1000;
/// Most tags of an item.
const MOST: u32 = 8;
/// Random tags of which the nearest becomes an item's tag.
const CANDIDATES: u32 = 4;

/// The tags of each item: one to eight times the nearest to its taste of four random tags, without repetitions.
pub(super) fn generate(planted: &Planted, items: Arc<Vocabulary>) -> ItemFeatures {
    let options = &planted.options;
    let factors = options.factors as usize;
    let mut names = Vocabulary::default();
    for tag in 0..options.tags as usize {
        names.intern(&name(tag));
    }
    let mut rng = stream(options.seed, Stream::Tags, 0);
    let lists = planted.item_tastes.chunks(factors).map(|taste| {
        let near = |tag: u32| -> f64 {
            let direction = &planted.tag_tastes[tag as usize * factors..][..factors];
            taste.iter().zip(direction).map(|(&q, &d)| f64::from(q) * f64::from(d)).sum()
        };
        let mut tags: Vec<u32> = (0..=rng.below(MOST))
            .filter_map(|_| {
                (0..CANDIDATES)
                    .map(|_| rng.below(options.tags))
                    .max_by(|&a, &b| near(a).total_cmp(&near(b)).then(b.cmp(&a)))
            })
            .collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    });
    ItemFeatures::of_lists("tags", items, Arc::new(names), lists)
}

/// The name of a tag: "lighthouse", then "velvet lighthouse".
fn name(tag: usize) -> String {
    let noun = NOUNS[tag % NOUNS.len()].to_lowercase();
    match tag / NOUNS.len() {
        0 => noun,
        round => format!("{} {noun}", ADJECTIVES[round - 1].to_lowercase()),
    }
}
