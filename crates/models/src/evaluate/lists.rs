//! Metrics of all top-k lists together.

use super::Values;
use super::metric::{LISTS, Measure, Metric};
use crate::serve::catalogue::Catalogue;
use crate::serve::topk::top_k;
use std::sync::atomic::{AtomicU32, Ordering};
use tastespace_kernels::math::ln;

/// How often each item is among the first `k`, for several `k`. The counts do not depend on the order of additions.
pub(super) struct Lists {
    /// List lengths, ascending.
    ks: Vec<u32>,
    /// Number of lists that have an item at this length and at no shorter one: `(lengths, items)`.
    listed: Vec<AtomicU32>,
    items: usize,
}

impl Lists {
    /// No lists yet; `None` if no metric needs lists.
    pub(super) fn new(metrics: &[Metric], items: usize) -> Option<Self> {
        let ks = lengths(metrics);
        let listed = (0..ks.len() * items).map(|_| AtomicU32::new(0)).collect();
        (!ks.is_empty()).then_some(Self { ks, listed, items })
    }

    /// Adds the lists of one user with these scores.
    pub(super) fn add(&self, scores: &[f32]) {
        let longest = *self.ks.last().expect("there is a length");
        for (place, (item, _)) in (0u32..).zip(top_k(scores, longest as usize)) {
            let length = self.ks.partition_point(|&k| k <= place);
            self.listed[length * self.items + item as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Number of lists that have each item, by length: `(lengths, items)`.
    fn counts(self) -> Vec<u32> {
        let mut counts: Vec<u32> = self.listed.into_iter().map(AtomicU32::into_inner).collect();
        for place in self.items..counts.len() {
            counts[place] += counts[place - self.items];
        }
        counts
    }

    /// Those of `metrics` that are about lists.
    pub(super) fn values(self, metrics: &[Metric], catalogue: &Catalogue) -> Values {
        let (ks, items) = (self.ks.clone(), self.items);
        let counts = self.counts();
        let mut values = Values::default();
        for metric in metrics.iter().filter(|metric| LISTS.contains(&metric.measure)) {
            let length = ks.binary_search(&metric.k).expect("it was asked for");
            let counts = &counts[length * items..][..items];
            let value = match metric.measure {
                Measure::Coverage => {
                    counts.iter().filter(|&&count| count > 0).count() as f64 / items.max(1) as f64
                }
                Measure::Gini => gini(counts),
                _ => novelty(counts, catalogue),
            };
            values.push(metric.to_string(), value);
        }
        values
    }
}

/// The list lengths of some metrics, ascending.
pub(super) fn lengths(metrics: &[Metric]) -> Vec<u32> {
    let lists = metrics.iter().filter(|metric| LISTS.contains(&metric.measure));
    let mut ks: Vec<u32> = lists.map(|metric| metric.k).collect();
    ks.sort_unstable();
    ks.dedup();
    ks
}

fn gini(counts: &[u32]) -> f64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let items = sorted.len().max(1) as f64;
    let total = sum(counts).max(1) as f64;
    let weighted: f64 =
        (1u32..).zip(&sorted).map(|(place, &count)| f64::from(place) * f64::from(count)).sum();
    (2.0 * weighted / (items * total) - (items + 1.0) / items).max(0.0)
}

fn novelty(counts: &[u32], catalogue: &Catalogue) -> f64 {
    let users = catalogue.user_rows.iter().filter(|&&rows| rows > 0).count().max(1) as f64;
    let of_item = |(&count, &rows): (&u32, &u32)| {
        // An item without training interactions counts as one with a single interaction.
        let bits = -ln(f64::from(rows.max(1)) / users) / std::f64::consts::LN_2;
        if count > 0 { f64::from(count) * bits } else { 0.0 }
    };
    let bits: f64 = counts.iter().zip(&catalogue.item_rows).map(of_item).sum();
    bits / sum(counts).max(1) as f64
}

fn sum(counts: &[u32]) -> u64 {
    counts.iter().map(|&count| u64::from(count)).sum()
}
