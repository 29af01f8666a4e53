//! Tags that lie near the items' tastes.

use super::planted::{Draw, Planted, stream};
use super::titles::{ADJECTIVES, NOUNS};
use crate::core::item_features::ItemFeatures;
use crate::core::vocabulary::Vocabulary;
use std::sync::Arc;

/// How many tags there are names for, in round numbers.
pub(super) const MOST_TAGS: u32 = 1000;
/// Most tags that an item has.
const MOST: u32 = 8;
/// Tags drawn at random of which an item has the nearest.
const CANDIDATES: u32 = 4;

/// Each item's tags: one to eight draws, each the nearest to its taste of four tags; one that repeats counts for nothing.
pub(super) fn draw(planted: &Planted, items: Arc<Vocabulary>) -> ItemFeatures {
    let options = &planted.options;
    let factors = options.factors as usize;
    let mut names = Vocabulary::default();
    for tag in 0..options.tags as usize {
        names.intern(&name(tag));
    }
    let mut rng = stream(options.seed, Draw::Tags, 0);
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
