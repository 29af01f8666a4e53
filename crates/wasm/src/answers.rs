//! Calls that ask a trained model.

use crate::errors::{EngineError, Result};
use crate::handles;
use crate::memory;
use crate::texts::{Asked, Copied, Texts, ranked_out, ranking_vectors_out, seen_out, vectors_out};
use crate::words::{Query, Side, word};
use serde_json::json;
use tastespace_models::contract::explanation::Explanation;
use tastespace_models::contract::tensor::Axis;
use tastespace_models::parallel;
use tastespace_models::serve::fitted::SimilarOptions;
use tastespace_models::serve::recommend::{Candidates, Ranked, RecommendOptions};
use tastespace_models::serve::slots::SlotsOptions;
use tastespace_models::serve::unknown::PredictOptions;
use tastespace_models::{Fitted, ModelError};
use tastespace_options::OptionSet;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Predictions for pairs of outside ids, NaN for a pair that is skipped.
#[wasm_bindgen]
pub fn predict(model: u32, users: &Texts, items: &Texts, options: &str) -> Result<Vec<f32>> {
    let options = PredictOptions::parse("predict", options)?;
    let (users, items) = (Copied::new(users)?, Copied::new(items)?);
    let (users, items) = (users.list()?, items.list()?);
    handles::with_model(model, |model| Ok(model.fitted()?.predict_with(&users, &items, &options)?))
}

/// A ranked list for each query: the best items for users or for histories, the nearest items of items, the nearest users
/// of users.
#[wasm_bindgen]
pub fn rank(model: u32, by: &str, asked: &Asked, options: &str) -> Result<JsValue> {
    let query = word(by)?;
    let ids = asked.ids().as_ref().map(Copied::new).transpose()?;
    let ids = ids.as_ref().map(Copied::list).transpose()?;
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        // Queries are outside ids or the indices of users.
        let ids = match (ids, asked.indices()) {
            (Some(ids), _) => ids,
            (None, Some(indices)) => users_at(fitted, &indices.to_vec())?,
            (None, None) => Vec::new(),
        };
        let ranked = match query {
            Query::Users => {
                let options = RecommendOptions::parse("recommend", options)?;
                check_room(fitted, ids.len(), &options)?;
                fitted.prepare(ids.len(), &options, &memory::free_for);
                fitted.recommend(&ids, &options)?
            }
            Query::Histories => {
                let options = RecommendOptions::parse("recommend", options)?;
                let ratings = asked.ratings().map_or_else(Vec::new, |ratings| ratings.to_vec());
                let ends = asked.ends().map_or_else(Vec::new, |ends| ends.to_vec());
                check_room(fitted, ends.len(), &options)?;
                recommend_for(fitted, &ids, &ratings, &ends, &options)?
            }
            Query::SimilarItems => {
                let options = SimilarOptions::parse("similar", options)?;
                check_similar(ids.len(), fitted.catalogue().items.len(), &options)?;
                fitted.similar_items(&ids, &options)?
            }
            Query::SimilarUsers => {
                let options = SimilarOptions::parse("similar", options)?;
                check_similar(ids.len(), fitted.catalogue().users.len(), &options)?;
                fitted.similar_users(&ids, &options)?
            }
        };
        Ok(ranked_out(&ranked))
    })
}

/// Lists, found and joined, and the scores of all for one query a thread.
fn check_similar(queries: usize, others: usize, options: &SimilarOptions) -> Result<()> {
    let k = others.min(options.k as usize) as u64;
    let needed = queries as u64 * (24 * k + 32) + (parallel::threads() * 16 * others) as u64;
    Ok(memory::check_room("finding so many similar ones", needed)?)
}

fn check_room(fitted: &Fitted, queries: usize, options: &RecommendOptions) -> Result<()> {
    let needed = fitted.recommend_bytes(queries, options);
    Ok(memory::check_room("recommending so many items to so many users", needed)?)
}

/// The outside ids of users by their indices.
fn users_at<'a>(fitted: &'a Fitted, indices: &[u32]) -> Result<Vec<&'a str>> {
    let users = &fitted.catalogue().users;
    let id = |&index: &u32| match (index as usize) < users.len() {
        true => Ok(users.id(index)),
        false => Err(EngineError::unknown_index(index, users.len())),
    };
    indices.iter().map(id).collect()
}

/// Recommendations for several histories. Their items and ratings follow one another; `ends` says where each history ends.
fn recommend_for(
    fitted: &Fitted,
    items: &[&str],
    ratings: &[f32],
    ends: &[u32],
    options: &RecommendOptions,
) -> Result<Ranked> {
    let one = |(query, &end): (usize, &u32)| {
        let start = query.checked_sub(1).map_or(0, |before| ends[before]);
        let history = start as usize..end as usize;
        let options = own_candidates(options, query, ends.len())?;
        let (Some(items), Some(ratings)) = (items.get(history.clone()), ratings.get(history)) else {
            return Err(EngineError::bad_texts());
        };
        Ok(fitted.recommend_for(items, ratings, &options)?)
    };
    let lists = parallel::try_map_with(ends.iter().enumerate(), || (), |(), query| one(query))?;
    let mut all = Ranked::default();
    for list in lists {
        all.items.extend(list.items);
        all.scores.extend(list.scores);
        all.ends.push(all.items.len() as u32);
    }
    Ok(all)
}

/// The options of one of several queries: with its own candidates, where each has its own.
fn own_candidates(options: &RecommendOptions, query: usize, queries: usize) -> Result<RecommendOptions> {
    let candidates = match &options.candidates {
        Candidates::Each(lists) if lists.len() != queries => {
            return Err(EngineError::wrong_candidates(lists.len(), queries));
        }
        Candidates::Each(lists) => Candidates::Shared(lists[query].clone()),
        same => same.clone(),
    };
    // Not cloned as a whole: that would copy the candidates of all queries for each of them.
    let RecommendOptions { k, seen, unknown, .. } = *options;
    Ok(RecommendOptions { k, seen, unknown, exclude: options.exclude.clone(), candidates })
}

/// Why items have their scores for users, as a JSON list with an explanation for each pair: `{ parts: [[name, value]],
/// items: [[item index, value]], nearest: [[item index, distance]], features: [[name, value]], weights: [{ name, rows,
/// columns, values }] }`, where rows and columns of weights are `{ item: index }` or `{ name }`.
#[wasm_bindgen]
pub fn explain(model: u32, users: &Texts, items: &Texts) -> Result<String> {
    let (users, items) = (Copied::new(users)?, Copied::new(items)?);
    let (users, items) = (users.list()?, items.list()?);
    if users.len() != items.len() {
        return Err(ModelError::UnequalPairs { users: users.len(), items: items.len() }.into());
    }
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        let explained = users.iter().zip(&items).map(|(user, item)| Ok(fitted.explain(user, item)?));
        Ok(json!(explained.collect::<Result<Vec<Explanation>>>()?).to_string())
    })
}

/// Why `items` have their scores for a new user with a history, as JSON like that of [`explain`]: the history is the ids and
/// ratings of `asked`.
#[wasm_bindgen(js_name = explainFor)]
pub fn explain_for(model: u32, asked: &Asked, items: &Texts) -> Result<String> {
    let history = asked.ids().as_ref().map(Copied::new).transpose()?;
    let history = history.as_ref().map(Copied::list).transpose()?.unwrap_or_default();
    let ratings = asked.ratings().map_or_else(Vec::new, |ratings| ratings.to_vec());
    let items = Copied::new(items)?;
    let items = items.list()?;
    handles::with_model(model, |model| {
        let explained = model.fitted()?.explain_for(&history, &ratings, &items)?;
        Ok(json!(explained).to_string())
    })
}

/// The slots of a model's memory as JSON, those with the most attention first: `[{ slot, share, items: [[item index,
/// attention]], words: [[name, lift]], pairs: [[user index, item index, attention]] }]`.
#[wasm_bindgen]
pub fn slots(model: u32, options: &str) -> Result<String> {
    let options = SlotsOptions::parse("slots", options)?;
    handles::with_model(model, |model| Ok(json!(model.fitted()?.slots(&options)?).to_string()))
}

/// Number of training rows of each user or item, in the order of their indices.
#[wasm_bindgen]
pub fn rows(model: u32, of: &str) -> Result<Vec<u32>> {
    let side = word(of)?;
    handles::with_model(model, |model| {
        let catalogue = model.fitted()?.catalogue();
        Ok(match side {
            Side::Users => catalogue.user_rows.clone(),
            Side::Items => catalogue.item_rows.clone(),
        })
    })
}

/// The embeddings of the users or items of a model.
#[wasm_bindgen]
pub fn vectors(model: u32, of: &str) -> Result<JsValue> {
    let axis = axis(word(of)?);
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        let catalogue = fitted.catalogue();
        let rows = if axis == Axis::Users { &catalogue.user_rows } else { &catalogue.item_rows };
        Ok(vectors_out(&fitted.embeddings(axis)?, rows))
    })
}

fn axis(side: Side) -> Axis {
    match side {
        Side::Users => Axis::Users,
        Side::Items => Axis::Items,
    }
}

/// Vectors by which the items are ranked: of the users or items `from..to` of a model.
#[wasm_bindgen(js_name = rankingVectors)]
pub fn ranking_vectors(model: u32, of: &str, from: u32, to: u32) -> Result<JsValue> {
    let axis = axis(word(of)?);
    handles::with_model(model, |model| {
        let fitted = model.fitted()?;
        let catalogue = fitted.catalogue();
        let count = if axis == Axis::Users { catalogue.users.len() } else { catalogue.items.len() };
        let range = (from as usize).min(count)..(to as usize).min(count);
        Ok(ranking_vectors_out(&fitted.ranking_vectors(axis, range)?))
    })
}

/// The items that each user of a model has seen, in order: those of user `n` are between `ends[n - 1]` and `ends[n]`.
#[wasm_bindgen]
pub fn seen(model: u32) -> Result<JsValue> {
    handles::with_model(model, |model| Ok(seen_out(model.fitted()?.seen()?)))
}
