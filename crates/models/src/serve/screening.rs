//! Whether a model's items are screened: built once there are enough queries to pay for it, and used for long catalogues.

use crate::contract::model::ItemTable;
use crate::serve::fitted::Fitted;
use crate::serve::recommend::{Candidates, RecommendOptions, screened_at_once};
use crate::serve::screen::Screen;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Smallest number of items that are screened.
const FEWEST_ITEMS: usize = 2048;

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
        let making = Screen::making_bytes(items, count).max(self.recommend_bytes(queries, options));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::trainer::Control;
    use crate::registry::REGISTRY;
    use crate::run::fit::{Fit, any_amount};
    use crate::serve::recommend::Seen;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, AtomicU32};
    use tastespace_data::{SyntheticOptions, synthetic};

    /// Lists with a screen are those without, for all kinds that have one, whatever is left out. Many items have no interactions, so that
    /// many scores are equal.
    #[test]
    fn a_screen_changes_no_list_of_any_kind() {
        let json = r#"{"users":70,"items":900,"ratings":2500,"seed":3}"#;
        let options = SyntheticOptions::from_json(json).unwrap();
        let train = Arc::new(synthetic::generate(&options).unwrap().data);
        let users: Vec<&str> = train.users.iter().collect();
        let exclude: Vec<String> = train.items.iter().step_by(7).map(str::to_owned).collect();
        let mut screened = Vec::new();
        for entry in REGISTRY {
            let checked = entry.check("{}").unwrap();
            let mut fit = Fit::new(entry, checked, train.clone(), None, 1, &any_amount).unwrap();
            let (cancel, progress) = (AtomicI32::new(0), AtomicU32::new(0));
            fit.train_epoch(Control { cancel: &cancel, progress: &progress }).unwrap();
            let fitted = fit.finish().unwrap();
            let is_linear = fitted.scorer(&[0, 1]).linear().is_some();
            let Some(tables) = fitted.item_tables() else {
                assert!(!is_linear, "{}", entry.kind);
                continue;
            };
            assert!(is_linear, "{}", entry.kind);
            screened.push(entry.kind);
            let screen = Screen::new(&tables, 900).unwrap();
            for (k, seen) in
                [(1, Seen::Include), (10, Seen::Exclude), (150, Seen::Exclude), (1000, Seen::Include)]
            {
                for exclude in [Vec::new(), exclude.clone()] {
                    let options = RecommendOptions { k, seen, exclude, ..RecommendOptions::default() };
                    for users in [&users[..], &users[3..4]] {
                        let without = fitted.recommend_by(users, &options, None).unwrap();
                        let with = fitted.recommend_by(users, &options, Some(&screen)).unwrap();
                        let bits =
                            |scores: &[f32]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
                        assert_eq!(with.items, without.items, "{}, k = {k}", entry.kind);
                        assert_eq!(bits(&with.scores), bits(&without.scores), "{}, k = {k}", entry.kind);
                        assert_eq!(with.ends, without.ends, "{}, k = {k}", entry.kind);
                    }
                }
            }
        }
        assert_eq!(screened, ["cml", "attrec", "sasrec", "biased-mf", "bpr", "ials"]);
    }
}
