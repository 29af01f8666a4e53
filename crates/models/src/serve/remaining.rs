//! The items that may be among the best of a user, while the items are screened.

use tastespace_kernels::quantized::BLOCK;

/// An item that may be among the best, with bounds of its score.
#[derive(Clone, Copy, Debug)]
pub(super) struct RemainingItem {
    pub(super) item: u32,
    pub(super) lower: f32,
    pub(super) upper: f32,
}

impl RemainingItem {
    /// An item with a score that is within `error` of `score`.
    pub(super) fn new(item: u32, score: f64, error: f64) -> Self {
        // Rounded away from the score.
        let (lower, upper) = ((score - error) as f32, (score + error) as f32);
        Self { item, lower: lower.next_down(), upper: upper.next_up() }
    }
}

/// The items that may be among the best of a user.
pub(super) struct Remaining<'a> {
    /// Length of the list.
    k: usize,
    /// Items that are left out, ascending.
    without: [&'a [u32]; 2],
    pub(super) kept: Vec<RemainingItem>,
    /// The first of `kept` are none of `without`.
    filtered: usize,
    /// Only items with upper bounds that reach it may be among the best.
    pub(super) threshold: f64,
    /// Number of items at which the threshold is raised.
    full: usize,
    /// Whether too many items are left for a screen to be of use.
    pub(super) abandoned: bool,
}

impl<'a> Remaining<'a> {
    pub(super) fn new(k: usize, without: [&'a [u32]; 2]) -> Self {
        Self {
            k,
            without,
            kept: Vec::new(),
            filtered: 0,
            threshold: f64::NEG_INFINITY,
            full: k + Self::step(k),
            abandoned: false,
        }
    }

    /// Items that are collected before the threshold is raised again.
    const fn step(k: usize) -> usize {
        if k < 64 { 64 } else { k }
    }

    /// Largest number of items that a user keeps.
    const fn most(k: usize) -> usize {
        3 * k + 512
    }

    /// Bytes of a user's items.
    pub(super) const fn bytes(k: usize) -> usize {
        (Self::most(k) + Self::step(k) + BLOCK) * size_of::<RemainingItem>()
    }

    /// Adds some items of a block. No score is above `cap`.
    pub(super) fn add(&mut self, items: impl ExactSizeIterator<Item = RemainingItem>, cap: f64) {
        let length = self.kept.len() + items.len();
        if length > self.kept.capacity() {
            self.kept.reserve_exact(length.max(self.full + BLOCK) - self.kept.len());
        }
        self.kept.extend(items);
        if self.kept.len() >= self.full {
            self.raise_threshold(cap);
        }
    }

    /// Drops the items that cannot be among the best `k`.
    pub(super) fn raise_threshold(&mut self, cap: f64) {
        let without = self.without;
        let wanted = |item: u32| without.iter().all(|items| items.binary_search(&item).is_err());
        let mut left = self.filtered;
        for at in self.filtered..self.kept.len() {
            let item = self.kept[at];
            if wanted(item.item) {
                self.kept[left] = item;
                left += 1;
            }
        }
        self.kept.truncate(left);
        if left >= self.k {
            let (_, last, _) =
                self.kept.select_nth_unstable_by(self.k - 1, |a, b| b.lower.total_cmp(&a.lower));
            // All scores above the cap are equal.
            self.threshold = self.threshold.max(f64::from(last.lower).min(cap));
            let threshold = self.threshold;
            self.kept.retain(|item| f64::from(item.upper) >= threshold);
        }
        self.filtered = self.kept.len();
        self.full = self.filtered.max(self.k) + Self::step(self.k);
        self.abandoned = self.filtered > Self::most(self.k);
    }
}
