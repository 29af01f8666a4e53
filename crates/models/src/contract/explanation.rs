//! Explanations of scores.

use serde::Serialize;

/// The reasons for a user's score of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Explanation {
    /// Named terms that add up to the score.
    pub parts: Vec<(String, f32)>,
    /// Items of the user with their contributions to the score, strongest first.
    pub items: Vec<(u32, f32)>,
    /// Items of the user with their distances to this item, nearest first, where items have embeddings.
    pub nearest: Vec<(u32, f32)>,
    /// Features that place an item without training interactions, with their contributions to the score, strongest first.
    pub features: Vec<(String, f32)>,
    /// Further tables, such as an attention map.
    pub weights: Vec<Weights>,
}

/// A table of weights, such as an attention map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weights {
    /// Name, such as `attention`.
    pub name: &'static str,
    /// What the rows stand for.
    pub rows: Vec<Entity>,
    /// What the columns stand for.
    pub columns: Vec<Entity>,
    /// Row-major: `(rows, columns)`.
    pub values: Vec<f32>,
}

/// A row or a column of [`Weights`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Entity {
    /// An item, by index.
    Item(u32),
    /// Anything else, by name, such as `slot 3`.
    Name(String),
}

/// The memory slots of a model, summarized over the training pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Slots {
    /// Each slot's share of the attention of all pairs: `(slots)`, adding up to 1.
    pub shares: Vec<f32>,
    /// The mean attention of each item's pairs, 0 for an item without pairs: `(items, slots)`.
    pub attention: Vec<f32>,
    /// For each slot the pairs of a user and an item with the highest attention.
    pub pairs: Vec<Vec<(u32, u32, f32)>>,
}
