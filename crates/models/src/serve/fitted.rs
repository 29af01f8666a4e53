//! A trained model with the catalogue that it was trained on: answers by outside ids.

use crate::contract::error::ModelError;
use crate::contract::explanation::{Explanation, Slots};
use crate::contract::history::History;
use crate::contract::kind::{Shape, Task};
use crate::contract::model::{Embeddings, Model, UNKNOWN, UNKNOWN_SCORE};
use crate::contract::tensor::Axis;
use crate::learn::similarity::sort_by_strength;
use crate::registry::{Checked, Entry};
pub use crate::serve::recommend::{Exclude, Ranked, RecommendOptions};
use crate::serve::topk::top_k;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use tastespace_data::{Interactions, ItemFeatures, ItemTexts, Vocabulary};
use tastespace_options::options;

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
    pub history: Option<Arc<History>>,
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
            history: Some(Arc::new(History::new(train))),
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

options! {
    /// Options of [`Fitted::similar_items`] and [`Fitted::similar_users`].
    pub struct SimilarOptions {
        /// Maximum number of results per query.
        k: u32 = 10, 1..=u32::MAX.into();
    }
}

options! {
    /// Options of [`Fitted::slots`].
    pub struct SlotsOptions {
        /// Maximum number of items, words and pairs per slot.
        k: u32 = 5, 1..=u32::MAX.into();
    }
}

/// Share of all rows that a word's items have at least to tell of a slot.
const SMALLEST_PART: f64 = 0.01;

/// A slot of a memory as a person would read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadSlot {
    /// Its number, from 1.
    pub slot: u32,
    /// Its share of the attention of all training pairs.
    pub share: f32,
    /// Well-known items whose pairs look at it more than others, with their mean attention.
    pub items: Vec<(u32, f32)>,
    /// Genres and features of the items, with how many times the usual attention the pairs of such items give it.
    pub words: Vec<(String, f32)>,
    /// The pairs of a user and an item that look at it most, with their attention.
    pub pairs: Vec<(u32, u32, f32)>,
}

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
        mut model: Box<dyn Model>,
        training: Training,
    ) -> Self {
        if let Some(history) = &catalogue.history {
            model.remember(history);
        }
        Self { entry, options, catalogue, model: Arc::from(model), training }
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

    /// Predictions for pairs of indices, either of which may be [`UNKNOWN`]. Ratings are clipped to the range; a ranking model
    /// scores an unknown pair below all others.
    pub fn predict_indices(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        if self.entry.task == Task::Rating {
            self.model.predict(users, items, out);
            return self.clip(out);
        }
        let known = |&(user, item): &(&u32, &u32)| *user != UNKNOWN && *item != UNKNOWN;
        let pairs = users.iter().zip(items);
        let (known_users, known_items): (Vec<u32>, Vec<u32>) = pairs.clone().filter(known).unzip();
        let mut scores = vec![0.0; known_users.len()];
        self.model.predict(&known_users, &known_items, &mut scores);
        let mut scores = scores.into_iter();
        for (pair, out) in pairs.zip(out) {
            *out = if known(&pair) { scores.next().unwrap_or(UNKNOWN_SCORE) } else { UNKNOWN_SCORE };
        }
    }

    /// Predictions for pairs of outside ids. An unknown id is an error.
    pub fn predict(&self, users: &[&str], items: &[&str]) -> Result<Vec<f32>, ModelError> {
        if users.len() != items.len() {
            return Err(ModelError::UnequalPairs { users: users.len(), items: items.len() });
        }
        let users = indices(&self.catalogue.users, "user", users)?;
        let items = indices(&self.catalogue.items, "item", items)?;
        self.check_history()?;
        let mut out = vec![0.0; users.len()];
        self.predict_indices(&users, &items, &mut out);
        Ok(out)
    }

    /// The items nearest to each item, nearest first, without itself and without items that were never seen in training and
    /// that no features place.
    pub fn similar_items(&self, items: &[&str], options: &SimilarOptions) -> Result<Ranked, ModelError> {
        let queries = indices(&self.catalogue.items, "item", items)?;
        let (catalogue, places) = (&self.catalogue, self.model.abilities().features.is_some());
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

    /// Scores of all items, not clipped, for a person who is not in the model. `out: (items)`.
    pub fn new_user_scores(&self, rows: &[(u32, f32)], out: &mut [f32]) -> Result<(), ModelError> {
        let highest = self.catalogue.range.1;
        let rows: Vec<(u32, f32)> = rows
            .iter()
            .map(|&(item, rating)| (item, if rating.is_nan() { highest } else { rating }))
            .collect();
        let newcomer = self.model.fold_in(&rows);
        let newcomer = newcomer.map_err(|reason| self.unsupported("what someone new would like", reason))?;
        self.model.score_new_user(&newcomer, out);
        Ok(())
    }

    /// Refuses to answer of users where that takes the history, and the file has none.
    pub(crate) fn check_history(&self) -> Result<(), ModelError> {
        if self.model.needs_history() && self.catalogue.history.is_none() {
            return Err(ModelError::NeedsHistory { kind: self.kind(), what: "tell of a user from" });
        }
        Ok(())
    }

    /// The vectors of all users or all items, in the order of their indices.
    pub fn embeddings(&self, of: Axis) -> Result<Embeddings<'_>, ModelError> {
        self.model.embeddings(of).map_err(|reason| self.unsupported("where things lie in its space", reason))
    }

    /// Why an item has its score for a user. Needs the history for what the user's own items add.
    pub fn explain(&self, user: &str, item: &str) -> Result<Explanation, ModelError> {
        let user = indices(&self.catalogue.users, "user", &[user])?[0];
        let item = indices(&self.catalogue.items, "item", &[item])?[0];
        self.check_history()?;
        let rows = self.catalogue.history.as_ref().map_or(Vec::new(), |history| history.rows(user));
        let explained = self.model.explain(user, item, &rows);
        let mut explained = explained.map_err(|reason| self.unsupported("why", reason))?;
        if let (Some(features), Some(model)) = (&self.catalogue.features, self.model.abilities().features) {
            let of = model.explain_features(user, item, self.catalogue.placed_by(item));
            explained.features =
                of.iter().map(|&(of, value)| (features.name(of).to_owned(), value)).collect();
            sort_by_strength(&mut explained.features);
        }
        Ok(explained)
    }

    /// The slots of its memory as a person would read them, those with the most attention first.
    pub fn slots(&self, options: &SlotsOptions) -> Result<Vec<ReadSlot>, ModelError> {
        let memory = self.model.abilities().memory.ok_or("it has no memory");
        let slots = memory
            .and_then(|memory| memory.slots())
            .map_err(|reason| self.unsupported("summarize memory slots", reason))?;
        let k = options.k as usize;
        let mut read: Vec<ReadSlot> =
            (0..slots.shares.len()).map(|slot| self.read(&slots, slot, k)).collect();
        read.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.slot.cmp(&b.slot)));
        Ok(read)
    }

    /// One slot, with the `k` items whose pairs look at it most and the `k` words whose items do. To the pairs of an item as many
    /// are added as items have on average, which look at the slot as all pairs do: else only items would be told that one or
    /// two people had.
    fn read(&self, slots: &Slots, slot: usize, k: usize) -> ReadSlot {
        let (count, catalogue) = (slots.shares.len(), &*self.catalogue);
        let (share, rows) = (slots.shares[slot], &catalogue.item_rows);
        let of = |item: u32| slots.attention[item as usize * count + slot];
        let total: f64 = rows.iter().map(|&rows| f64::from(rows)).sum();
        let usual = (total / rows.len().max(1) as f64) as f32;
        let typical: Vec<f32> = (0..)
            .zip(rows)
            .map(|(item, &rows)| match rows as f32 {
                0.0 => f32::NEG_INFINITY,
                rows => (rows * of(item) + usual * share) / (rows + usual),
            })
            .collect();
        // Attention and rows of each word's items.
        let (mut words, mut sums) = (Vocabulary::default(), Vec::<(f64, f64)>::new());
        for (item, &rows) in (0..).zip(rows).filter(|&(_, &rows)| rows > 0) {
            let mut add = |word: &str| {
                let word = words.intern(word) as usize;
                sums.resize(sums.len().max(word + 1), (0.0, 0.0));
                sums[word].0 += f64::from(rows) * f64::from(of(item));
                sums[word].1 += f64::from(rows);
            };
            catalogue.texts.iter().for_each(|texts| texts.genres(item).for_each(&mut add));
            let features = catalogue.features.iter();
            features.for_each(|features| features.of(item).iter().for_each(|&tag| add(features.name(tag))));
        }
        let mut words: Vec<(String, f32)> = words
            .iter()
            .zip(&sums)
            .filter(|(_, (_, rows))| *rows >= SMALLEST_PART * total)
            .map(|(word, (sum, rows))| (word.to_owned(), (sum / rows / f64::from(share)) as f32))
            .collect();
        words.sort_by(|a, b| b.1.total_cmp(&a.1));
        words.truncate(k);
        let mut pairs = slots.pairs[slot].clone();
        pairs.truncate(k);
        let items = top_k(&typical, k).into_iter().map(|(item, _)| (item, of(item))).collect();
        ReadSlot { slot: slot as u32 + 1, share, items, words, pairs }
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
pub(crate) fn indices(
    vocabulary: &Vocabulary,
    side: &'static str,
    ids: &[&str],
) -> Result<Vec<u32>, ModelError> {
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
