//! Whether a model's items are screened: built once there are enough queries to pay for it, and used for long catalogues.

use crate::contract::model::ItemTable;
use crate::serve::fitted::Fitted;
use crate::serve::recommend::{Candidates, RecommendOptions, screened_at_once};
use crate::serve::screen::Screen;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Smallest number of items that are screened.
const FEWEST_ITEMS: usize = 4096;

/// Smallest number of items for each item of a list: longer lists leave too little out.
const ITEMS_PER_PLACE: usize = 32;

/// Number of queries that pay for a screen.
const ENOUGH_QUERIES: usize = 64;

/// What a call costs without a screen in addition to its queries: each call packs the items.
const CALL: usize = 15;

/// A model's screen, and the queries before it was built.
#[derive(Default)]
pub(super) struct Screening {
    queries: AtomicUsize,
    /// `None` if the model's values allow none.
    screen: OnceLock<Option<Screen>>,
}

/// Number of tables, and values per item in all of them.
fn shape(tables: &[ItemTable<'_>]) -> (usize, usize) {
    (tables.len(), tables.iter().map(|table| table.width).sum())
}

impl Fitted {
    /// Prepares for recommendations to `queries` users: once there were enough queries, makes a table by which later ones are
    /// faster, if that many bytes are free together with those of the recommendations. Lists are the same with and without.
    /// `free` returns the bytes that are free of those needed.
    pub fn prepare(&self, queries: usize, options: &RecommendOptions, free: &dyn Fn(u64) -> u64) {
        let screening = &self.screening;
        if !self.screens(options) || screening.screen.get().is_some() {
            return;
        }
        let before = screening.queries.fetch_add(queries + CALL, Ordering::Relaxed);
        if before + queries + CALL < ENOUGH_QUERIES {
            return;
        }
        let Some(tables) = self.item_tables() else {
            // No later call finds any.
            let _ = screening.screen.set(None);
            return;
        };
        let (items, (count, d)) = (self.catalogue().items.len(), shape(&tables));
        let making = Screen::making_bytes(items, count, d).max(self.recommend_bytes(queries, options));
        let users = screened_at_once(queries);
        let needed =
            Screen::bytes(items, count, d) + making + Screen::working_bytes_of(users, options.k as usize, d);
        if free(needed) >= needed {
            // Two threads may have made the same one.
            let _ = screening.screen.set(Screen::new(&tables, items));
        }
    }

    /// Whether items are screened for such a query.
    fn screens(&self, options: &RecommendOptions) -> bool {
        let items = self.catalogue().items.len();
        let short = (options.k as usize).saturating_mul(ITEMS_PER_PLACE) <= items;
        items >= FEWEST_ITEMS && short && matches!(options.candidates, Candidates::All)
    }

    /// The screen, if items are screened for such a query.
    pub(super) fn screen(&self, options: &RecommendOptions) -> Option<&Screen> {
        if self.screens(options) { self.screening.screen.get()?.as_ref() } else { None }
    }

    /// Bytes of screening `users` users at once.
    pub(super) fn screening_bytes(&self, users: usize, options: &RecommendOptions) -> u64 {
        self.screen(options).map_or(0, |screen| screen.working_bytes(users, options.k as usize))
    }
}
