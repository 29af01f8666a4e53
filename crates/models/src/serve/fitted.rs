//! A trained model with its catalogue: predictions, similar items and users, explanations, all by id.

use crate::contract::error::ModelError;
use crate::contract::explanation::Explanation;
use crate::contract::history::History;
use crate::contract::kind::Task;
use crate::contract::model::{
    Coefficients, Embeddings, ItemTable, LinearScorer, Model, Scorer, UNKNOWN, UNKNOWN_SCORE,
};
use crate::contract::tensor::Axis;
use crate::learn::similarity::sort_by_strength;
use crate::registry::{Checked, Entry};
use crate::serve::catalogue::Catalogue;
use crate::serve::feedback::Feedback;
use crate::serve::recommend::Ranked;
use crate::serve::screening::Screening;
use crate::serve::topk::top_k;
use crate::serve::unknown::{PredictOptions, Unknown, indices};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;
use tastespace_data::is_positive;
use tastespace_options::options;

/// The training run of a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Epochs trained.
    pub epochs: u32,
    /// Seed of the random streams.
    pub seed: u64,
    /// Training interactions.
    pub rows: usize,
}

options! {
    /// Options of [`Fitted::similar_items`] and [`Fitted::similar_users`].
    pub struct SimilarOptions {
        /// Maximum number of results per query.
        k: u32 = 10, 1..=u32::MAX.into();
        /// Whether an unknown id is an error, or its list is empty.
        unknown: Unknown = Unknown::Error;
    }
}

/// A trained model with its catalogue. Cheap to clone.
#[derive(Clone)]
pub struct Fitted {
    entry: &'static Entry,
    options: Checked,
    catalogue: Arc<Catalogue>,
    /// See [`Catalogue::margins`].
    margins: Arc<[f32]>,
    model: Arc<dyn Model>,
    training: Training,
    pub(super) screening: Arc<Screening>,
}

/// Scores items by the lower bounds of predicted ratings.
struct LowerBounds<'a> {
    predictions: Box<dyn Scorer + 'a>,
    margins: &'a [f32],
}

impl Scorer for LowerBounds<'_> {
    fn score(&mut self, items: Range<usize>, out: &mut [f32]) {
        let margins = &self.margins[items.clone()];
        self.predictions.score(items, out);
        out.chunks_exact_mut(margins.len().max(1)).for_each(|scores| subtract(scores, margins));
    }

    fn linear(&mut self) -> Option<&mut dyn LinearScorer> {
        self.predictions.linear()?;
        Some(self)
    }
}

impl LowerBounds<'_> {
    fn linear_predictions(&mut self) -> &mut dyn LinearScorer {
        self.predictions.linear().expect("this scorer is linear only if its predictions are")
    }
}

impl LinearScorer for LowerBounds<'_> {
    /// Those of the predictions, and −1 for the margin.
    fn coefficients(&mut self) -> Coefficients {
        let mut coefficients = self.linear_predictions().coefficients();
        assert!(coefficients.cap == f32::INFINITY, "the margin is subtracted before the cap");
        let users = coefficients.bases.len().max(1);
        let width = (coefficients.vectors.len() / users).max(1);
        let vectors = coefficients.vectors.chunks_exact(width);
        coefficients.vectors = vectors.flat_map(|vector| vector.iter().copied().chain([-1.0])).collect();
        coefficients
    }

    fn score_some(&mut self, user: usize, items: &[u32], out: &mut [f32]) {
        self.linear_predictions().score_some(user, items, out);
        let margins = items.iter().map(|&item| &self.margins[item as usize]);
        out.iter_mut().zip(margins).for_each(|(score, margin)| *score -= margin);
    }
}

fn subtract(scores: &mut [f32], margins: &[f32]) {
    scores.iter_mut().zip(margins).for_each(|(score, margin)| *score -= margin);
}

impl Fitted {
    /// A trained model with its catalogue.
    pub fn new(
        entry: &'static Entry,
        options: Checked,
        catalogue: Arc<Catalogue>,
        mut model: Box<dyn Model>,
        training: Training,
    ) -> Self {
        if let Some(learned) = &catalogue.learned {
            model.remember(learned);
        }
        let margins = catalogue.margins().into();
        let screening = Arc::default();
        Self { entry, options, catalogue, margins, model: Arc::from(model), training, screening }
    }

    /// The model's kind.
    pub fn kind(&self) -> &'static str {
        self.entry.kind
    }

    /// The model's entry in the registry.
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// The options that the model was trained with.
    pub fn options(&self) -> &Checked {
        &self.options
    }

    /// Users and items.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The trained parameters.
    pub fn model(&self) -> &dyn Model {
        &*self.model
    }

    /// The training run.
    pub fn training(&self) -> Training {
        self.training
    }

    /// A summary of the model as JSON.
    pub fn info(&self) -> Value {
        let catalogue = &self.catalogue;
        json!({
            "kind": self.kind(), "task": self.entry.task, "options": self.options.json(),
            "users": catalogue.users.len(), "items": catalogue.items.len(),
            "range": [catalogue.range.0, catalogue.range.1], "history": catalogue.history.is_some(),
            "titles": catalogue.texts.is_some(), "training": self.training,
            "feedback": self.feedback(),
        })
    }

    /// The ratings that a ranking model was trained on. `None` for rating models, and where the model has no ratings.
    fn feedback(&self) -> Option<Feedback> {
        let ratings = self.catalogue.history.as_ref().and_then(|history| history.ratings.as_deref());
        ratings.filter(|_| self.entry.task == Task::Ranking).map(Feedback::new)
    }

    /// A scorer by which items are ranked for each of `users`: scores, and for rating models the
    /// [lower bounds](super::lower_bound) of predicted ratings, not clipped.
    pub fn scorer(&self, users: &[u32]) -> Box<dyn Scorer + '_> {
        let predictions = self.model.scorer(users);
        if self.margins.is_empty() {
            return predictions;
        }
        Box::new(LowerBounds { predictions, margins: &self.margins })
    }

    /// The tables of items of which these scores are sums of products, if they are.
    pub(super) fn item_tables(&self) -> Option<Vec<ItemTable<'_>>> {
        let mut tables = self.model.item_tables()?;
        if !self.margins.is_empty() {
            tables.push(ItemTable::column(&self.margins[..]));
        }
        Some(tables)
    }

    /// See [`Model::points`].
    pub(super) fn points(&self, users: Range<usize>) -> Option<Vec<f32>> {
        self.model.points(users)
    }

    /// The same for pairs of indices, of which those with [`UNKNOWN`] are below all others.
    pub fn ranking_scores(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        let known = |&(user, item): &(&u32, &u32)| *user != UNKNOWN && *item != UNKNOWN;
        let pairs = users.iter().zip(items);
        let (known_users, known_items): (Vec<u32>, Vec<u32>) = pairs.clone().filter(known).unzip();
        let mut scores = vec![0.0; known_users.len()];
        self.model.predict(&known_users, &known_items, &mut scores);
        if !self.margins.is_empty() {
            let margins: Vec<f32> = known_items.iter().map(|&item| self.margins[item as usize]).collect();
            subtract(&mut scores, &margins);
        }
        let mut scores = scores.into_iter();
        for (pair, out) in pairs.zip(out) {
            *out = if known(&pair) { scores.next().unwrap_or(UNKNOWN_SCORE) } else { UNKNOWN_SCORE };
        }
    }

    /// Predictions for pairs of indices, either of which may be [`UNKNOWN`]. Ratings are clipped to the range; a ranking model
    /// scores an unknown pair below all others.
    pub fn predict_indices(&self, users: &[u32], items: &[u32], out: &mut [f32]) {
        if self.entry.task == Task::Rating {
            self.model.predict(users, items, out);
            return self.clip(out);
        }
        self.ranking_scores(users, items, out);
    }

    /// Predictions for pairs of ids.
    ///
    /// # Errors
    /// `model/unknown-user`, `model/unknown-item`, `model/unequal-pairs`, `model/no-history`.
    pub fn predict(&self, users: &[&str], items: &[&str]) -> Result<Vec<f32>, ModelError> {
        self.predict_with(users, items, &PredictOptions::default())
    }

    /// Predictions for pairs of ids. A skipped pair is NaN.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict).
    pub fn predict_with(
        &self,
        users: &[&str],
        items: &[&str],
        options: &PredictOptions,
    ) -> Result<Vec<f32>, ModelError> {
        if users.len() != items.len() {
            return Err(ModelError::UnequalPairs { users: users.len(), items: items.len() });
        }
        let users = indices(&self.catalogue.users, "user", users, options.unknown)?;
        let items = indices(&self.catalogue.items, "item", items, options.unknown)?;
        self.check_history()?;
        let mut out = vec![0.0; users.len()];
        self.predict_indices(&users, &items, &mut out);
        for ((&user, &item), out) in users.iter().zip(&items).zip(&mut out) {
            if user == UNKNOWN || item == UNKNOWN {
                *out = f32::NAN;
            }
        }
        Ok(out)
    }

    /// The most similar items of each item, best first, without the item itself. Items that have neither training
    /// interactions nor features that place them are left out.
    pub fn similar_items(&self, items: &[&str], options: &SimilarOptions) -> Result<Ranked, ModelError> {
        let queries = indices(&self.catalogue.items, "item", items, options.unknown)?;
        let (catalogue, places) = (&self.catalogue, self.model.abilities().features.is_some());
        let known = |item: u32| catalogue.knows_item(item) || places && !catalogue.placed_by(item).is_empty();
        let all = catalogue.items.len();
        self.nearest(&queries, (all, known), options, "find similar items", |item, out| {
            self.model.item_similarity(item, &catalogue.item_rows, out)
        })
    }

    /// The most similar users of each user, best first, without the user itself and users without training interactions.
    pub fn similar_users(&self, users: &[&str], options: &SimilarOptions) -> Result<Ranked, ModelError> {
        let queries = indices(&self.catalogue.users, "user", users, options.unknown)?;
        let known = |user| self.catalogue.knows_user(user);
        let all = self.catalogue.users.len();
        self.nearest(&queries, (all, known), options, "find similar users", |user, out| {
            self.model.user_similarity(user, out)
        })
    }

    /// For each query the most similar of those of `all` that are `known`, without the query.
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
            if query == UNKNOWN {
                ranked.push(Vec::new());
                continue;
            }
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

    /// Scores of all items, not clipped, for a new user with the items and ratings of `rows`. NaN is a missing rating: the
    /// highest one stands for it, unless the kind has a rule of its own. `out: (items)`.
    pub fn new_user_scores(&self, rows: &[(u32, f32)], out: &mut [f32]) -> Result<(), ModelError> {
        let missing = if self.model.reads_missing_ratings() { f32::NAN } else { self.catalogue.range.1 };
        let ranking = self.entry.task == Task::Ranking;
        let rows: Vec<(u32, f32)> = rows
            .iter()
            .map(|&(item, rating)| (item, if rating.is_nan() { missing } else { rating }))
            .filter(|&(_, rating)| !ranking || rating.is_nan() || is_positive(rating))
            .collect();
        let folded = self.model.fold_in(&rows);
        let folded = folded.map_err(|reason| self.unsupported("score new users", reason))?;
        self.model.score_new_user(&folded, out);
        Ok(())
    }

    /// The scores by which items are ranked for a new user, as [`scorer`](Self::scorer) has them for a known one. `out: (items)`.
    pub fn new_user_ranking(&self, rows: &[(u32, f32)], out: &mut [f32]) -> Result<(), ModelError> {
        self.new_user_scores(rows, out)?;
        subtract(out, &self.margins);
        Ok(())
    }

    /// Fails if the model needs the history of a user and was saved without.
    pub(crate) fn check_history(&self) -> Result<(), ModelError> {
        if self.model.needs_history() && self.catalogue.history.is_none() {
            return Err(ModelError::NeedsHistory { kind: self.kind(), what: "score a user" });
        }
        Ok(())
    }

    /// The items that each user has seen, which [`recommend`](Self::recommend) leaves out.
    pub fn seen(&self) -> Result<&History, ModelError> {
        let what = "list the items of its users";
        self.catalogue.history.as_deref().ok_or(ModelError::NeedsHistory { kind: self.kind(), what })
    }

    /// The embeddings of all users or all items, in the order of their indices.
    pub fn embeddings(&self, axis: Axis) -> Result<Embeddings<'_>, ModelError> {
        self.model.embeddings(axis).map_err(|reason| self.unsupported("export embeddings", reason))
    }

    /// Explains a user's score of an item. The contributions of the user's items need the history.
    pub fn explain(&self, user: &str, item: &str) -> Result<Explanation, ModelError> {
        let user = indices(&self.catalogue.users, "user", &[user], Unknown::Error)?[0];
        let item = indices(&self.catalogue.items, "item", &[item], Unknown::Error)?[0];
        self.check_history()?;
        let rows = self.catalogue.learned.as_ref().map_or(Vec::new(), |learned| learned.rows(user));
        let explained = self.model.explain(user, item, &rows);
        let mut explained = explained.map_err(|reason| self.unsupported("explain scores", reason))?;
        if let (Some(features), Some(model)) = (&self.catalogue.features, self.model.abilities().features) {
            let of = model.explain_features(user, item, self.catalogue.placed_by(item));
            explained.features =
                of.iter().map(|&(of, value)| (features.name(of).to_owned(), value)).collect();
            sort_by_strength(&mut explained.features);
        }
        Ok(explained)
    }

    pub(super) fn unsupported(&self, what: &'static str, reason: &'static str) -> ModelError {
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
