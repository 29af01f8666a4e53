//! Recall by item popularity: `recall@k/a-brows`, over the test interactions whose items have `a` to `b` training interactions.
//!
//! ```text
//! recall@k/a-brows = (such test interactions with r < k) / (such test interactions), over all users together
//! ```
//!
//! An average over users would weight a user with one such interaction like a user with a hundred. Without any such
//! interaction the value is 0.

use super::Values;
use super::metric::Metric;
use crate::serve::catalogue::Catalogue;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts for each metric. They do not depend on the order of additions.
pub(super) struct ByPopularity<'a> {
    catalogue: &'a Catalogue,
    counts: Vec<Count>,
}

struct Count {
    metric: Metric,
    /// Range of the number of training interactions.
    wanted: [u32; 2],
    rows: AtomicU64,
    hits: AtomicU64,
}

impl<'a> ByPopularity<'a> {
    /// No counts yet; `None` if no metric needs them.
    pub(super) fn new(metrics: &[Metric], catalogue: &'a Catalogue) -> Option<Self> {
        let count = |&metric: &Metric| {
            let wanted = metric.item_rows?;
            Some(Count { metric, wanted, rows: AtomicU64::new(0), hits: AtomicU64::new(0) })
        };
        let counts: Vec<Count> = metrics.iter().filter_map(count).collect();
        (!counts.is_empty()).then_some(Self { catalogue, counts })
    }

    /// Adds one user's test items, `relevant`, with their ascending `ranks`.
    pub(super) fn add(&self, scores: &[f32], relevant: &[u32], ranks: &[u32]) {
        let score = |item: u32| scores.get(item as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let mut items = relevant.to_vec();
        // Equal scores have equal ranks in either order.
        items.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
        for (&item, &rank) in items.iter().zip(ranks) {
            // An item that is not in the catalogue has no training interactions.
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
