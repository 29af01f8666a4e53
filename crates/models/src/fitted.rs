//! A trained model with the catalogue that it was trained on: answers by outside ids.

use crate::error::ModelError;
use crate::history::History;
use crate::model::{Explanation, Model, Shape, Task};
use crate::options::{OptionDoc, Range};
use crate::registry::{Checked, Entry};
use crate::topk::{TopK, top_k};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use tastespace_data::{Interactions, ItemFeatures, ItemTexts, Vocabulary};

/// What a model knows beside its parameters: ids, how often each was seen, and by whom.
pub struct Catalogue {
    /// Outside ids of the users.
    pub users: Arc<Vocabulary>,
    /// Outside ids of the items.
    pub items: Arc<Vocabulary>,
    /// Training rows of each user.
    pub user_rows: Vec<u32>,
    /// Training rows of each item.
    pub item_rows: Vec<u32>,
    /// Lowest and highest rating possible.
    pub range: (f32, f32),
    /// Who had what; absent where it was left out of the file.
    pub history: Option<History>,
    /// Titles and genres of the items, if they were given.
    pub texts: Option<ItemTexts>,
    /// Features of the items, by their indices, if they were given.
    pub features: Option<Arc<ItemFeatures>>,
}

impl Catalogue {
    /// The catalogue of a training set.
    pub fn new(train: &Interactions) -> Self {
        let count = |column: &[u32], length| {
            let mut rows = vec![0; length];
            for &index in column {
                rows[index as usize] += 1;
            }
            rows
        };
        Self {
            user_rows: count(&train.columns().users, train.users.len()),
            item_rows: count(&train.columns().items, train.items.len()),
            users: train.users.clone(),
            items: train.items.clone(),
            range: train.range(),
            history: Some(History::new(train)),
            texts: train.item_table.as_ref().map(|table| table.align(&train.items)),
            features: train.item_features.as_ref().map(|features| Arc::new(features.aligned(&train.items))),
        }
    }

    /// Bytes that a catalogue of this shape takes: rows of each user and item, and the history.
    pub fn bytes(shape: Shape) -> u64 {
        let features = if shape.features > 0 { 4 * (shape.items + shape.feature_pairs) } else { 0 };
        (shape.users * 8 + shape.items * 4 + shape.rows * 8 + features) as u64
    }

    /// Bytes that making it takes beside: rows grouped by user.
    pub fn making_bytes(shape: Shape) -> u64 {
        (shape.users * 8 + shape.rows * 4) as u64
    }

    /// Whether `user`, which may be unknown, has training rows.
    pub fn knows_user(&self, user: u32) -> bool {
        self.user_rows.get(user as usize).is_some_and(|&rows| rows > 0)
    }

    /// The sizes of the data that it was trained on, which had so many `rows`.
    pub fn shape(&self, rows: usize) -> Shape {
        let (features, feature_pairs) = match &self.features {
            Some(features) => (features.width(), features.parts().all.len()),
            None => (0, 0),
        };
        Shape { users: self.users.len(), items: self.items.len(), rows, features, feature_pairs }
    }

    /// The features of `item`, where they are all that is known of it; none of an item with training rows.
    pub fn placed_by(&self, item: u32) -> &[u32] {
        match &self.features {
            Some(features) if self.item_rows[item as usize] == 0 => features.of(item),
            _ => &[],
        }
    }

    /// Whether `item`, which may be unknown, has training rows.
    pub fn knows_item(&self, item: u32) -> bool {
        self.item_rows.get(item as usize).is_some_and(|&rows| rows > 0)
    }
}

/// How a model came to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Epochs trained.
    pub epochs: u32,
    /// The seed.
    pub seed: u64,
    /// Training rows.
    pub rows: usize,
}

/// Items in order for several queries: those of query `n` lie between `ends[n − 1]` and `ends[n]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranked {
    /// Item indices, best first.
    pub items: Vec<u32>,
    /// Their scores.
    pub scores: Vec<f32>,
    /// Where each query's items end.
    pub ends: Vec<u32>,
}

impl Ranked {
    fn push(&mut self, best: Vec<(u32, f32)>) {
        for (item, score) in best {
            self.items.push(item);
            self.scores.push(score);
        }
        self.ends.push(self.items.len() as u32);
    }
}

/// Options of [`Fitted::recommend`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecommendOptions {
    /// Items to return for each user.
    pub k: u32,
    /// `seen`: none that the user had in training; `none`: leave nothing out.
    pub exclude: String,
}

impl Default for RecommendOptions {
    fn default() -> Self {
        Self { k: 10, exclude: "seen".to_owned() }
    }
}

/// Options of [`Fitted::similar_items`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimilarOptions {
    /// Items to return for each item.
    pub k: u32,
}

impl Default for SimilarOptions {
    fn default() -> Self {
        Self { k: 10 }
    }
}

const K: OptionDoc = OptionDoc {
    name: "k",
    range: Range::Integer(1, u32::MAX as i64),
    doc: "Items to return for each query; fewer come back where there are fewer.",
};

/// The options of [`Fitted::recommend`] as data.
pub const RECOMMEND_OPTIONS: &[OptionDoc] = &[
    K,
    OptionDoc {
        name: "exclude",
        range: Range::Choice(&["seen", "none"]),
        doc: "What to leave out: what the user had in training, or nothing.",
    },
];

/// The options of [`Fitted::similar_items`] as data.
pub const SIMILAR_OPTIONS: &[OptionDoc] = &[K];

/// Users whose scores are worked out together by a thread.
const USERS_AT_ONCE: usize = 64;

/// Items that are scored for them at a time. The block of the score matrix and the items' vectors then stay in the cache
/// from one step to the next.
const ITEMS_AT_ONCE: usize = 512;

/// A trained model that answers by outside ids. Cheap to clone.
#[derive(Clone)]
pub struct Fitted {
    entry: &'static Entry,
    options: Checked,
    catalogue: Arc<Catalogue>,
    model: Arc<dyn Model>,
    training: Training,
}

impl Fitted {
    /// Puts a trained model and its catalogue together.
    pub fn new(
        entry: &'static Entry,
        options: Checked,
        catalogue: Arc<Catalogue>,
        model: Arc<dyn Model>,
        training: Training,
    ) -> Self {
        Self { entry, options, catalogue, model, training }
    }

    /// The model's kind.
    pub fn kind(&self) -> &'static str {
        self.entry.kind
    }

    /// The model's row in the registry.
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// The options that it was trained with.
    pub fn options(&self) -> &Checked {
        &self.options
    }

    /// What it knows beside its parameters.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Its parameters.
    pub fn model(&self) -> &dyn Model {
        &*self.model
    }

    /// How it came to be.
    pub fn training(&self) -> Training {
        self.training
    }

    /// The model in short, as data.
    pub fn info(&self) -> Value {
        let catalogue = &self.catalogue;
        json!({
            "kind": self.kind(), "task": self.entry.task, "options": self.options.json(),
            "users": catalogue.users.len(), "items": catalogue.items.len(),
            "range": [catalogue.range.0, catalogue.range.1], "history": catalogue.history.is_some(),
            "titles": catalogue.texts.is_some(), "training": self.training,
        })
    }

    /// Predictions for pairs of indices, either of which may be unknown; ratings are clipped to the range.
    pub fn predict_indices(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        self.model.predict(users, items, out);
        self.clip(out);
    }

    /// Predictions for pairs of outside ids. An unknown id is an error.
    pub fn predict(&self, users: &[&str], items: &[&str]) -> Result<Vec<f32>, ModelError> {
        if users.len() != items.len() {
            return Err(ModelError::UnequalPairs { users: users.len(), items: items.len() });
        }
        let users = indices(&self.catalogue.users, "user", users)?;
        let items = indices(&self.catalogue.items, "item", items)?;
        let mut out = vec![0.0; users.len()];
        self.predict_indices(&users, &items, &mut out);
        Ok(out)
    }

    /// The best items for each user, best first. Of equal scores the lower index comes first.
    pub fn recommend(&self, users: &[&str], options: &RecommendOptions) -> Result<Ranked, ModelError> {
        let users = indices(&self.catalogue.users, "user", users)?;
        let seen = match (options.exclude.as_str(), &self.catalogue.history) {
            ("none", _) => None,
            (_, Some(history)) => Some(history),
            (_, None) => return Err(ModelError::NoHistory),
        };
        let best: Vec<Vec<Vec<(u32, f32)>>> =
            users.par_chunks(USERS_AT_ONCE).map(|users| self.best(users, seen, options.k as usize)).collect();
        let mut ranked = Ranked::default();
        for best in best.into_iter().flatten() {
            ranked.push(best);
        }
        self.clip(&mut ranked.scores);
        Ok(ranked)
    }

    /// Bytes that [`recommend`](Self::recommend) takes for so many users: all lists twice, as they are found and joined.
    pub fn recommend_bytes(&self, users: usize, options: &RecommendOptions) -> u64 {
        users as u64 * self.catalogue.items.len().min(options.k as usize) as u64 * 16
    }

    /// The best `k` items for each user without those that they have `seen`.
    fn best(&self, users: &[u32], seen: Option<&History>, k: usize) -> Vec<Vec<(u32, f32)>> {
        let items = self.catalogue.items.len();
        let mut scorer = self.model.scorer(users);
        let mut scores = vec![0.0; users.len() * ITEMS_AT_ONCE.min(items)];
        let mut best: Vec<TopK> = users.iter().map(|_| TopK::new(k, items)).collect();
        // What each user has yet to be spared, in the order in which the items come.
        let mut seen: Vec<Vec<u32>> = users
            .iter()
            .map(|&user| {
                let mut seen = seen.map_or(Vec::new(), |history| history.of(user).to_vec());
                seen.sort_unstable_by(|a, b| b.cmp(a));
                seen
            })
            .collect();
        for first in (0..items).step_by(ITEMS_AT_ONCE) {
            let block = first..items.min(first + ITEMS_AT_ONCE);
            let scores = &mut scores[..users.len() * block.len()];
            scorer.score(block.clone(), scores);
            for (scores, (best, seen)) in
                scores.chunks_exact_mut(block.len()).zip(best.iter_mut().zip(&mut seen))
            {
                while let Some(item) = seen.pop_if(|item| (*item as usize) < block.end) {
                    scores[item as usize - first] = f32::NEG_INFINITY;
                }
                best.offer(first, scores);
            }
        }
        best.into_iter().map(TopK::into_sorted).collect()
    }

    /// The items nearest to each item, nearest first, without itself and without items that were never seen in training and
    /// that no features place.
    pub fn similar_items(&self, items: &[&str], options: &SimilarOptions) -> Result<Ranked, ModelError> {
        let queries = indices(&self.catalogue.items, "item", items)?;
        let (catalogue, places) = (&self.catalogue, self.model.places_by_features());
        let known = |item: u32| catalogue.knows_item(item) || places && !catalogue.placed_by(item).is_empty();
        let all = catalogue.items.len();
        self.nearest(&queries, (all, known), options, "which items are similar", |item, out| {
            self.model.item_similarity(item, out)
        })
    }

    /// The users nearest to each user, nearest first, without itself and without users that were never seen in training.
    pub fn similar_users(&self, users: &[&str], options: &SimilarOptions) -> Result<Ranked, ModelError> {
        let queries = indices(&self.catalogue.users, "user", users)?;
        let known = |user| self.catalogue.knows_user(user);
        let all = self.catalogue.users.len();
        self.nearest(&queries, (all, known), options, "which users are similar", |user, out| {
            self.model.user_similarity(user, out)
        })
    }

    /// For each query the nearest of those of `all` that are `known`, without itself.
    fn nearest(
        &self,
        queries: &[u32],
        (all, known): (usize, impl Fn(u32) -> bool),
        options: &SimilarOptions,
        what: &'static str,
        similarities: impl Fn(u32, &mut [f32]) -> Result<(), &'static str>,
    ) -> Result<Ranked, ModelError> {
        let mut similarity = vec![0.0; all];
        let mut ranked = Ranked::default();
        for &query in queries {
            similarities(query, &mut similarity).map_err(|reason| self.unsupported(what, reason))?;
            for (other, similarity) in (0..).zip(&mut similarity) {
                if other == query || !known(other) {
                    *similarity = f32::NEG_INFINITY;
                }
            }
            ranked.push(top_k(&similarity, options.k as usize));
        }
        Ok(ranked)
    }

    /// The best items for a person who is not in the model, from items and the ratings that they gave; a rating that is
    /// NaN counts as the highest. With `exclude: 'seen'` none of these items.
    pub fn recommend_for(
        &self,
        items: &[&str],
        ratings: &[f32],
        options: &RecommendOptions,
    ) -> Result<Ranked, ModelError> {
        let items = indices(&self.catalogue.items, "item", items)?;
        let mut scores = vec![0.0; self.catalogue.items.len()];
        let rows: Vec<(u32, f32)> = items
            .iter()
            .enumerate()
            .map(|(place, &item)| (item, ratings.get(place).copied().unwrap_or(f32::NAN)))
            .collect();
        self.newcomer_scores(&rows, &mut scores)?;
        if options.exclude != "none" {
            for &item in &items {
                scores[item as usize] = f32::NEG_INFINITY;
            }
        }
        let mut ranked = Ranked::default();
        ranked.push(top_k(&scores, options.k as usize));
        self.clip(&mut ranked.scores);
        Ok(ranked)
    }

    /// Scores of all items, not clipped, for a person who is not in the model. `out: (items)`.
    pub fn newcomer_scores(&self, rows: &[(u32, f32)], out: &mut [f32]) -> Result<(), ModelError> {
        let highest = self.catalogue.range.1;
        let rows: Vec<(u32, f32)> = rows
            .iter()
            .map(|&(item, rating)| (item, if rating.is_nan() { highest } else { rating }))
            .collect();
        let newcomer = self.model.fold_in(&rows);
        let newcomer = newcomer.map_err(|reason| self.unsupported("what someone new would like", reason))?;
        self.model.score_newcomer(&newcomer, out);
        Ok(())
    }

    /// Why an item has its score for a user. Needs the history for what the user's own items add.
    pub fn explain(&self, user: &str, item: &str) -> Result<Explanation, ModelError> {
        let user = indices(&self.catalogue.users, "user", &[user])?[0];
        let item = indices(&self.catalogue.items, "item", &[item])?[0];
        let rows = self.catalogue.history.as_ref().map_or(Vec::new(), |history| history.rows(user));
        let explained = self.model.explain(user, item, &rows);
        let mut explained = explained.map_err(|reason| self.unsupported("why", reason))?;
        if let (Some(features), true) = (&self.catalogue.features, self.model.places_by_features()) {
            let of = self.model.explain_features(user, item, self.catalogue.placed_by(item));
            explained.features =
                of.iter().map(|&(of, value)| (features.name(of).to_owned(), value)).collect();
            explained.features.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        }
        Ok(explained)
    }

    fn unsupported(&self, what: &'static str, reason: &'static str) -> ModelError {
        ModelError::Unsupported { kind: self.kind(), what, reason }
    }

    /// Clips ratings to their range.
    pub fn clip(&self, scores: &mut [f32]) {
        if self.entry.task == Task::Rating {
            let (low, high) = self.catalogue.range;
            for score in scores {
                *score = score.clamp(low, high);
            }
        }
    }
}

/// Indices of outside ids, all of which must be known.
fn indices(vocabulary: &Vocabulary, side: &'static str, ids: &[&str]) -> Result<Vec<u32>, ModelError> {
    let index = |id: &&str| {
        vocabulary.get(id).ok_or_else(|| ModelError::UnknownId {
            side,
            id: id.chars().take(80).collect(),
            known: vocabulary.len(),
            example: vocabulary.iter().next().map(str::to_owned),
        })
    };
    ids.iter().map(index).collect()
}
