//! Exact top-k recommendations: all candidates are scored, a block of users by a block of items at a time.

use crate::contract::error::ModelError;
use crate::contract::history::History;
use crate::contract::model::UNKNOWN;
use crate::serve::fitted::Fitted;
use crate::serve::screen::{self, Screen};
use crate::serve::topk::TopK;
use crate::serve::unknown::{Unknown, indices};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ops::Range;
use tastespace_optim::parallel;
use tastespace_options::{Domain, OptionError, OptionType, choices, options};

/// Ranked lists of several queries: the list of query `n` is between `ends[n − 1]` and `ends[n]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranked {
    /// Item indices, best first.
    pub items: Vec<u32>,
    /// Their scores.
    pub scores: Vec<f32>,
    /// End of each query's list.
    pub ends: Vec<u32>,
}

impl Ranked {
    /// No lists yet, with memory for `queries` lists of at most `k` items.
    pub(crate) fn with_capacity(queries: usize, k: usize) -> Self {
        let capacity = queries * k;
        Self {
            items: Vec::with_capacity(capacity),
            scores: Vec::with_capacity(capacity),
            ends: Vec::with_capacity(queries),
        }
    }

    /// Makes the lists those of `queries` queries: list `n` belongs to the query `places[n]`, others are empty.
    fn spread(&mut self, places: &[usize], queries: usize) {
        if places.len() == queries {
            return;
        }
        let mut lists = places.iter().zip(&self.ends).peekable();
        let mut end = 0;
        let ends = (0..queries).map(|query| {
            if let Some((_, &list)) = lists.next_if(|&(&place, _)| place == query) {
                end = list;
            }
            end
        });
        self.ends = ends.collect();
    }

    pub(crate) fn push(&mut self, best: Vec<(u32, f32)>) {
        for (item, score) in best {
            self.items.push(item);
            self.scores.push(score);
        }
        self.ends.push(self.items.len() as u32);
    }
}

choices! {
    /// Whether items that the user interacted with in training are excluded.
    pub enum Seen { Exclude = "exclude", Include = "include" }
}

options! {
    /// Options of [`Fitted::recommend`].
    pub struct RecommendOptions {
        /// Maximum number of items per query.
        k: u32 = 10, 1..=u32::MAX.into();
        /// Whether to exclude or include items that the user interacted with in training.
        seen: Seen = Seen::Exclude;
        /// Ids of items that are never recommended.
        exclude: Vec<String> = Vec::new(), "a list of item ids";
        /// Ids of the items to choose from: one list for all users, or a list for each user. Null for all items.
        candidates: Candidates = Candidates::All;
        /// Whether an unknown id is an error, or skipped: an unknown user or a history without a known item gets an empty
        /// list; unknown items in histories, in `exclude` and in `candidates` are left out.
        unknown: Unknown = Unknown::Error;
    }
}

/// Items to choose from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Candidates {
    /// All items.
    All,
    /// The same list for all users.
    Shared(Vec<String>),
    /// A list for each user, in their order.
    Each(Vec<Vec<String>>),
}

impl OptionType for Candidates {
    type Bounds = ();
    fn domain((): ()) -> Domain {
        Domain::TextLists("a list of item ids, a list of such lists (one for each user), or null")
    }
}

/// Largest number of users that a thread scores together: each block of items is packed once for all of them.
const USERS_AT_ONCE: usize = 256;

/// Largest number of users that a thread screens together: each block of items is read once for all of them.
const USERS_SCREENED_AT_ONCE: usize = 128;

/// Bytes of a user's vectors and seen items while they are scored, about.
const BYTES_PER_USER: usize = 4096;

/// Users whose lists are found before they are appended to the result.
const USERS_PER_BATCH: usize = 4096;

/// Largest number of items scored at a time, so that the block of scores and the item embeddings stay in the cache.
const ITEMS_AT_ONCE: usize = 512;

/// Largest gap between two runs of candidates that is scored anyway so that both fit in one block.
const LARGEST_GAP: u32 = 8;

/// Candidates as ranges of items, ascending, without some items in them.
struct CandidateSet {
    ranges: Vec<Range<usize>>,
    /// Ascending.
    without: Vec<u32>,
}

impl CandidateSet {
    /// The `candidates`, or all of `items` items, without those of `excluded`. Both lists are ascending, without duplicates.
    fn new(items: usize, candidates: Option<&[u32]>, excluded: &[u32]) -> Self {
        let Some(candidates) = candidates else {
            let starts = (0..items).step_by(ITEMS_AT_ONCE);
            let ranges = starts.map(|first| first..items.min(first + ITEMS_AT_ONCE)).collect();
            return Self { ranges, without: excluded.to_vec() };
        };
        let (mut ranges, mut without): (Vec<Range<usize>>, Vec<u32>) = (Vec::new(), Vec::new());
        for &item in candidates {
            let place = item as usize;
            match ranges.last_mut() {
                Some(last)
                    if place - last.end <= LARGEST_GAP as usize && place - last.start < ITEMS_AT_ONCE =>
                {
                    without.extend(last.end as u32..item);
                    last.end = place + 1;
                }
                _ => ranges.push(place..place + 1),
            }
        }
        without.extend_from_slice(excluded);
        without.sort_unstable();
        Self { ranges, without }
    }

    /// The ranges, each with its items that are no candidates.
    fn blocks(&self) -> impl Iterator<Item = (&Range<usize>, &[u32])> {
        self.ranges.iter().map(|range| {
            let from = self.without.partition_point(|&item| (item as usize) < range.start);
            let to = self.without.partition_point(|&item| (item as usize) < range.end);
            (range, &self.without[from..to])
        })
    }
}

impl Fitted {
    /// The best items for each user, best first; of equal scores the lower index is first.
    ///
    /// # Errors
    /// `model/unknown-user`, `model/unknown-item`, `model/no-history`, `config/out-of-range` for a wrong number of candidate lists.
    pub fn recommend(&self, users: &[&str], options: &RecommendOptions) -> Result<Ranked, ModelError> {
        self.recommend_by(users, options, self.screen(options))
    }

    /// The same by way of a `screen` of these items, if there is one.
    pub(super) fn recommend_by(
        &self,
        users: &[&str],
        options: &RecommendOptions,
        screen: Option<&Screen>,
    ) -> Result<Ranked, ModelError> {
        let asked = indices(&self.catalogue().users, "user", users, options.unknown)?;
        let nobody = asked.iter().all(|&user| user == UNKNOWN);
        if !nobody {
            self.check_history()?;
        }
        let seen = match (options.seen, &self.catalogue().history) {
            (Seen::Include, _) => None,
            (_, Some(history)) => Some(&**history),
            (_, None) if nobody => None,
            (_, None) => return Err(ModelError::NoHistory),
        };
        let (items, k) = (self.catalogue().items.len(), options.k as usize);
        let mut choices = self.choices(asked.len(), options)?;
        let (places, users): (Vec<usize>, Vec<u32>) =
            asked.iter().enumerate().filter(|&(_, &user)| user != UNKNOWN).unzip();
        if let (Choices::Each { candidates, .. }, true) = (&mut choices, users.len() < asked.len()) {
            *candidates = places.iter().map(|&place| std::mem::take(&mut candidates[place])).collect();
        }
        let mut ranked = Ranked::with_capacity(asked.len(), k.min(items));
        for (start, users) in (0..).step_by(USERS_PER_BATCH).zip(users.chunks(USERS_PER_BATCH)) {
            let best: Vec<Vec<Vec<(u32, f32)>>> = match &choices {
                Choices::Shared(candidates) => match screen {
                    Some(screen) => {
                        let chunk = users_at_once(users.len(), USERS_SCREENED_AT_ONCE);
                        let lists = |users: &[u32]| self.best_screened(users, seen, candidates, k, screen);
                        parallel::map(users.chunks(chunk), lists)
                    }
                    None => {
                        let chunk = users_at_once(users.len(), USERS_AT_ONCE);
                        parallel::map(users.chunks(chunk), |users| self.best(users, seen, candidates, k))
                    }
                },
                Choices::Each { candidates, excluded } => {
                    let each = users.iter().zip(&candidates[start..]);
                    parallel::map(each, |(&user, candidates)| {
                        self.best(&[user], seen, &CandidateSet::new(items, Some(candidates), excluded), k)
                    })
                }
            };
            best.into_iter().flatten().for_each(|best| ranked.push(best));
        }
        self.clip(&mut ranked.scores);
        ranked.spread(&places, asked.len());
        Ok(ranked)
    }

    /// Bytes of [`recommend`](Self::recommend) for `users` users: all lists once, those of a batch as they are found, and the
    /// workspace of each thread.
    pub fn recommend_bytes(&self, users: usize, options: &RecommendOptions) -> u64 {
        let items = self.catalogue().items.len();
        let k = items.min(options.k as usize) as u64;
        let at_once = parallel::threads() * USERS_AT_ONCE.min(users);
        let working = at_once * (ITEMS_AT_ONCE.min(items) * 4 + BYTES_PER_USER);
        let found = users.min(USERS_PER_BATCH) as u64 * (2 * 8 * k + 64);
        let screening = self.screening_bytes(screened_at_once(users), options);
        users as u64 * (8 * k + 8) + found + working as u64 + screening
    }

    /// The same as [`best`](Self::best) of all items without those excluded, by way of a screen.
    fn best_screened(
        &self,
        users: &[u32],
        seen: Option<&History>,
        candidates: &CandidateSet,
        k: usize,
        screen: &Screen,
    ) -> Vec<Vec<(u32, f32)>> {
        let own: Vec<Vec<u32>> = users.iter().map(|&user| ascending(seen, user)).collect();
        let without: Vec<[&[u32]; 2]> = own.iter().map(|own| [&own[..], &candidates.without]).collect();
        let mut scorer = self.scorer(users);
        let mut best = match scorer.linear() {
            Some(scorer) => screen::best(screen, scorer, &without, k),
            None => vec![None; users.len()],
        };
        let left: Vec<u32> =
            users.iter().zip(&best).filter(|(_, best)| best.is_none()).map(|(&user, _)| user).collect();
        if !left.is_empty() {
            let lists = self.best(&left, seen, candidates, k);
            best.iter_mut()
                .filter(|best| best.is_none())
                .zip(lists)
                .for_each(|(best, list)| *best = Some(list));
        }
        best.into_iter().flatten().collect()
    }

    /// The best `k` candidates for each user, without those that they have `seen`.
    fn best(
        &self,
        users: &[u32],
        seen: Option<&History>,
        candidates: &CandidateSet,
        k: usize,
    ) -> Vec<Vec<(u32, f32)>> {
        let items = self.catalogue().items.len();
        let mut scorer = self.scorer(users);
        let mut scores = vec![0.0; users.len() * ITEMS_AT_ONCE.min(items)];
        let mut best: Vec<TopK> = users.iter().map(|_| TopK::new(k, items)).collect();
        // The items to skip, the next one last.
        let mut seen: Vec<Vec<u32>> = users
            .iter()
            .map(|&user| {
                let mut seen = ascending(seen, user);
                seen.reverse();
                seen
            })
            .collect();
        for (range, without) in candidates.blocks() {
            let scores = &mut scores[..users.len() * range.len()];
            scorer.score(range.clone(), scores);
            for (scores, (best, seen)) in
                scores.chunks_exact_mut(range.len()).zip(best.iter_mut().zip(&mut seen))
            {
                while let Some(item) = seen.pop_if(|item| (*item as usize) < range.end) {
                    // Items before the range are no candidates.
                    if let Some(place) = (item as usize).checked_sub(range.start) {
                        scores[place] = f32::NEG_INFINITY;
                    }
                }
                for &item in without {
                    scores[item as usize - range.start] = f32::NEG_INFINITY;
                }
                best.offer(range.start, scores);
            }
        }
        best.into_iter().map(TopK::into_sorted).collect()
    }

    /// The best items for a new user with these items and ratings; NaN is a missing rating. With `seen: 'exclude'`
    /// the user's items are left out.
    pub fn recommend_for(
        &self,
        items: &[&str],
        ratings: &[f32],
        options: &RecommendOptions,
    ) -> Result<Ranked, ModelError> {
        let rows = self.history_rows(items, ratings, options.unknown)?;
        let mut scores = vec![0.0; self.catalogue().items.len()];
        if rows.is_empty() && !items.is_empty() {
            return Ok(Ranked { ends: vec![0], ..Ranked::default() });
        }
        let candidates = match self.choices(1, options)? {
            Choices::Shared(candidates) => candidates,
            Choices::Each { candidates, excluded } => {
                CandidateSet::new(scores.len(), Some(&candidates[0]), &excluded)
            }
        };
        self.new_user_ranking(&rows, &mut scores)?;
        if options.seen == Seen::Exclude {
            for &(item, _) in &rows {
                scores[item as usize] = f32::NEG_INFINITY;
            }
        }
        let mut best = TopK::new(options.k as usize, scores.len());
        for (range, without) in candidates.blocks() {
            for &item in without {
                scores[item as usize] = f32::NEG_INFINITY;
            }
            best.offer(range.start, &scores[range.clone()]);
        }
        let mut ranked = Ranked::default();
        ranked.push(best.into_sorted());
        self.clip(&mut ranked.scores);
        Ok(ranked)
    }

    /// The known items of a history with their ratings, NaN where one is missing.
    pub(super) fn history_rows(
        &self,
        items: &[&str],
        ratings: &[f32],
        unknown: Unknown,
    ) -> Result<Vec<(u32, f32)>, ModelError> {
        let items = indices(&self.catalogue().items, "item", items, unknown)?;
        let rating = |place: usize| ratings.get(place).copied().unwrap_or(f32::NAN);
        let rows = items.iter().enumerate().map(|(place, &item)| (item, rating(place)));
        let rows: Vec<(u32, f32)> = rows.filter(|&(item, _)| item != UNKNOWN).collect();
        self.check_ratings(&rows)?;
        Ok(rows)
    }

    /// Fails if a rating is outside the range of the model. Data of a single value, such as implicit feedback, has no range.
    fn check_ratings(&self, rows: &[(u32, f32)]) -> Result<(), ModelError> {
        let (low, high) = self.catalogue().range;
        // No comparison holds for NaN, which stands for a missing rating.
        match rows.iter().find(|&&(_, rating)| low < high && (rating < low || rating > high)) {
            Some(&(item, rating)) => {
                let item = self.catalogue().items.id(item).to_owned();
                Err(ModelError::RatingOutOfRange { item, rating, low, high })
            }
            None => Ok(()),
        }
    }

    /// The candidates of `users` users.
    fn choices(&self, users: usize, options: &RecommendOptions) -> Result<Choices, ModelError> {
        let ascending = |ids: &[String]| {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut indices = indices(&self.catalogue().items, "item", &ids, options.unknown)?;
            indices.retain(|&item| item != UNKNOWN);
            indices.sort_unstable();
            indices.dedup();
            Ok::<_, ModelError>(indices)
        };
        let excluded = ascending(&options.exclude)?;
        let items = self.catalogue().items.len();
        Ok(match &options.candidates {
            Candidates::All => Choices::Shared(CandidateSet::new(items, None, &excluded)),
            Candidates::Shared(ids) => {
                Choices::Shared(CandidateSet::new(items, Some(&ascending(ids)?), &excluded))
            }
            Candidates::Each(lists) if lists.len() == users => Choices::Each {
                candidates: lists.iter().map(|ids| ascending(ids)).collect::<Result<_, _>>()?,
                excluded,
            },
            Candidates::Each(lists) => {
                return Err(OptionError::BadValue {
                    owner: "recommend",
                    key: "candidates",
                    value: json!(format!("{} lists", lists.len())),
                    expected: format!("one list for all users, or {users} lists, one for each user"),
                    in_type: true,
                }
                .into());
            }
        })
    }
}

/// Candidates: the same for all users, or a list for each.
enum Choices {
    Shared(CandidateSet),
    Each { candidates: Vec<Vec<u32>>, excluded: Vec<u32> },
}

/// The items that a user has `seen`, ascending.
fn ascending(seen: Option<&History>, user: u32) -> Vec<u32> {
    let mut seen = seen.map_or(Vec::new(), |history| history.of(user).to_vec());
    seen.sort_unstable();
    seen
}

/// Largest number of `users` users that all threads screen at a time.
pub(super) fn screened_at_once(users: usize) -> usize {
    users.min(parallel::threads() * USERS_SCREENED_AT_ONCE)
}

/// Users per chunk: as many as are scored together, `most`, but so that every thread has some.
fn users_at_once(users: usize, most: usize) -> usize {
    let threads = parallel::threads();
    let chunks = users.div_ceil(most).next_multiple_of(threads);
    users.div_ceil(chunks.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn candidates_are_without_filtered_items(
            items in 1usize..1300,
            candidates in prop::collection::btree_set(0u32..1300, 0..60),
            excluded in prop::collection::btree_set(0u32..1300, 0..60),
            all in any::<bool>(),
        ) {
            let within = |set: std::collections::BTreeSet<u32>| -> Vec<u32> {
                set.into_iter().filter(|&item| (item as usize) < items).collect()
            };
            let (candidates, excluded) = (within(candidates), within(excluded));
            let candidate_set = CandidateSet::new(items, (!all).then_some(&candidates), &excluded);
            let mut left = Vec::new();
            let mut end = 0;
            for (range, without) in candidate_set.blocks() {
                prop_assert!(end <= range.start && range.len() <= ITEMS_AT_ONCE && range.end <= items);
                end = range.end;
                let range = range.start as u32..range.end as u32;
                left.extend(range.filter(|item| !without.contains(item)));
            }
            let wanted = |item: &u32| (all || candidates.contains(item)) && !excluded.contains(item);
            prop_assert_eq!(left, (0..items as u32).filter(wanted).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn every_thread_has_users_and_none_too_many() {
        for users in [0, 1, 2, 63, 256, 257, 1000, 100_000] {
            let chunk = users_at_once(users, USERS_AT_ONCE);
            assert!((1..=USERS_AT_ONCE).contains(&chunk), "{users}");
            assert!(users.div_ceil(chunk) >= rayon::current_num_threads().min(users / 2));
        }
    }
}
