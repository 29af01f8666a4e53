//! Recall by how well known items are: `recall@k/a-brows`, of the test rows whose items had `a` to `b` rows in training.
//!
//! ```text
//! recall@k/a-brows = (such test rows with r < k) / (such test rows), of all users together
//! ```
//!
//! Averages over users would weigh who has one such row like who has a hundred, and leave out who has none. Where there is
//! no such row it is 0.

use super::Values;
use super::metric::Metric;
use crate::serve::catalogue::Catalogue;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts for each metric that asks. They add up to the same in any order.
pub(super) struct ByPopularity<'a> {
    catalogue: &'a Catalogue,
    counts: Vec<Count>,
}

struct Count {
    metric: Metric,
    /// What items are asked about: from so many to so many training rows.
    wanted: [u32; 2],
    rows: AtomicU64,
    hits: AtomicU64,
}

impl<'a> ByPopularity<'a> {
    /// Nothing counted yet; `None` if no metric asks.
    pub(super) fn new(metrics: &[Metric], catalogue: &'a Catalogue) -> Option<Self> {
        let count = |&metric: &Metric| {
            let wanted = metric.item_rows?;
            Some(Count { metric, wanted, rows: AtomicU64::new(0), hits: AtomicU64::new(0) })
        };
        let counts: Vec<Count> = metrics.iter().filter_map(count).collect();
        (!counts.is_empty()).then_some(Self { catalogue, counts })
    }

    /// Counts one user's test items, `relevant`, which have these `ranks`: these ascend.
    pub(super) fn add(&self, scores: &[f32], relevant: &[u32], ranks: &[u32]) {
        let score = |item: u32| scores.get(item as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let mut items = relevant.to_vec();
        // Equal scores have equal ranks, whichever comes first.
        items.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
        for (&item, &rank) in items.iter().zip(ranks) {
            // An item that the model does not know had no rows.
            let rows = self.catalogue.item_rows.get(item as usize).copied().unwrap_or(0);
            for count in &self.counts {
                if (count.wanted[0]..=count.wanted[1]).contains(&rows) {
                    count.rows.fetch_add(1, Ordering::Relaxed);
                    count.hits.fetch_add(u64::from(rank < count.metric.k), Ordering::Relaxed);
                }
            }
        }
    }

    pub(super) fn values(self) -> Values {
        let mut values = Values::default();
        for Count { metric, rows, hits, .. } in self.counts {
            let (rows, hits) = (rows.into_inner(), hits.into_inner());
            values.push(metric.to_string(), hits as f64 / rows.max(1) as f64);
        }
        values
    }
}
