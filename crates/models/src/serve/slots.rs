//! Memory slots in words: the items, genres, features and pairs that each slot attends to.

use super::fitted::Fitted;
use super::topk::top_k;
use crate::contract::error::ModelError;
use crate::contract::explanation::Slots;
use serde::Serialize;
use tastespace_data::Vocabulary;
use tastespace_options::options;

options! {
    /// Options of [`Fitted::slots`].
    pub struct SlotsOptions {
        /// Maximum number of items, words and pairs per slot. There are at most 5 pairs.
        k: u32 = 5, 1..=u32::MAX.into();
    }
}

/// A word is listed only if its items have at least this fraction of all interactions.
const SMALLEST_FRACTION: f64 = 0.01;

/// A memory slot in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlotSummary {
    /// Number of the slot, from 1.
    pub slot: u32,
    /// Its share of the attention of all training pairs.
    pub share: f32,
    /// Typical items, with the mean attention of their pairs.
    pub items: Vec<(u32, f32)>,
    /// Genres and features of items, with the ratio of their pairs' attention to the slot's share.
    pub words: Vec<(String, f32)>,
    /// The pairs of a user and an item with the highest attention.
    pub pairs: Vec<(u32, u32, f32)>,
}

impl Fitted {
    /// The memory slots in words, in order of their share of attention.
    ///
    /// # Errors
    /// `model/unsupported` if the model has no memory, or was saved without its history.
    pub fn slots(&self, options: &SlotsOptions) -> Result<Vec<SlotSummary>, ModelError> {
        let memory = self.model().abilities().memory.ok_or("it has no memory");
        let slots = memory
            .and_then(|memory| memory.slots())
            .map_err(|reason| self.unsupported("describe memory slots", reason))?;
        let k = options.k as usize;
        let mut summaries: Vec<SlotSummary> =
            (0..slots.shares.len()).map(|slot| self.summary(&slots, slot, k)).collect();
        summaries.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.slot.cmp(&b.slot)));
        Ok(summaries)
    }

    /// One slot with its `k` most typical items and words. An item's mean attention is shrunk toward the slot's share, with the
    /// average number of interactions per item as a pseudo-count, so that items with one or two interactions do not dominate.
    fn summary(&self, slots: &Slots, slot: usize, k: usize) -> SlotSummary {
        let (count, catalogue) = (slots.shares.len(), self.catalogue());
        let (share, rows) = (slots.shares[slot], &catalogue.item_rows);
        let attention = |item: u32| slots.attention[item as usize * count + slot];
        let total: f64 = rows.iter().map(|&rows| f64::from(rows)).sum();
        let pseudo_count = (total / rows.len().max(1) as f64) as f32;
        let typical: Vec<f32> = (0..)
            .zip(rows)
            .map(|(item, &rows)| match rows as f32 {
                0.0 => f32::NEG_INFINITY,
                rows => (rows * attention(item) + pseudo_count * share) / (rows + pseudo_count),
            })
            .collect();
        // Summed attention and interactions of the items of each word.
        let (mut words, mut sums) = (Vocabulary::default(), Vec::<(f64, f64)>::new());
        for (item, &rows) in (0..).zip(rows).filter(|&(_, &rows)| rows > 0) {
            let mut add = |word: &str| {
                let word = words.intern(word) as usize;
                sums.resize(sums.len().max(word + 1), (0.0, 0.0));
                sums[word].0 += f64::from(rows) * f64::from(attention(item));
                sums[word].1 += f64::from(rows);
            };
            catalogue.texts.iter().for_each(|texts| texts.genres(item).for_each(&mut add));
            let features = catalogue.features.iter();
            features.for_each(|features| features.of(item).iter().for_each(|&tag| add(features.name(tag))));
        }
        let mut words: Vec<(String, f32)> = words
            .iter()
            .zip(&sums)
            .filter(|(_, (_, rows))| *rows >= SMALLEST_FRACTION * total)
            .map(|(word, (sum, rows))| (word.to_owned(), (sum / rows / f64::from(share)) as f32))
            .collect();
        words.sort_by(|a, b| b.1.total_cmp(&a.1));
        words.truncate(k);
        let mut pairs = slots.pairs[slot].clone();
        pairs.truncate(k);
        let items = top_k(&typical, k).into_iter().map(|(item, _)| (item, attention(item))).collect();
        SlotSummary { slot: slot as u32 + 1, share, items, words, pairs }
    }
}
