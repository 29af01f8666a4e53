//! Errors of models, each with a stable code.

use serde_json::{Value, json};
use tastespace_data::DataError;
use tastespace_options::OptionError;

/// An error of a model, its options, its data or its file. [`code`](Self::code) is stable.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// An error of the data.
    #[error(transparent)]
    Data(#[from] DataError),

    /// A kind that is not registered.
    #[error("unknown model kind '{kind}': expected one of {}", accepted.join(", "))]
    UnknownKind {
        /// The unknown kind.
        kind: String,
        /// All registered kinds.
        accepted: Vec<&'static str>,
    },
    /// Options that were refused.
    #[error(transparent)]
    Options(#[from] OptionError),
    /// A metric that does not exist, or not for this task.
    #[error("unknown metric '{metric}' for {kind}: expected {accepted}")]
    UnknownMetric {
        /// The model kind, or the call.
        kind: &'static str,
        /// The unknown metric.
        metric: String,
        /// The metrics of the task, in words.
        accepted: &'static str,
    },
    /// An interval of a metric that is not an average over users.
    #[error("{metric} is computed on all lists together, so it has no values per user to resample")]
    NotPerUser {
        /// The metric.
        metric: String,
    },
    /// A wrong number of values to resample.
    #[error(
        "got {found} values: expected {expected}, one for each run, metric and user, with distinct metrics"
    )]
    WrongValues {
        /// Expected number of values.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// Training or evaluation on a data set without interactions.
    #[error("the data set for {purpose} has no interactions")]
    EmptyDataset {
        /// The use of the data set.
        purpose: &'static str,
    },
    /// Validation of a ranking model on unknown users only.
    #[error(
        "none of the {rows} validation interactions can be evaluated: their {side} have no training interactions; \
         hold out other interactions, or {}",
        if *side == "users" { "give some interactions of these users" } else { "train on several interactions of each item" }
    )]
    NothingToValidate {
        /// Validation interactions.
        rows: usize,
        /// The users or, where some of these are known, the items.
        side: &'static str,
    },
    /// A rating model on data without ratings.
    #[error(
        "{kind} predicts ratings, and the data has none: use a ranking model, or name the column of ratings{}",
        tastespace_data::error::column_advice("rating", unread)
    )]
    NeedsRatings {
        /// The model kind.
        kind: &'static str,
        /// The columns of the file that are not read.
        unread: Vec<String>,
    },
    /// A ranking model on data without a positive.
    #[error(
        "{kind} ranks items by positives, but all {rows} ratings of the data set for {purpose} are below zero, which are \
         dislikes: use a rating model such as biased-mf, or add items that users like"
    )]
    NoPositives {
        /// The model kind.
        kind: &'static str,
        /// The use of the data set.
        purpose: &'static str,
        /// Number of ratings.
        rows: usize,
    },
    /// A rating model on counts.
    #[error(
        "{kind} predicts ratings on a scale, but these look like counts: whole numbers from {lowest} to {highest}, most of \
         them small. Use a ranking model, such as ease or cml, which takes every count as a positive; or keep the \
         counts of at least N as implicit feedback (--positive-threshold N) for a ranking model; or declare the range of \
         the ratings to predict them anyway (--rating-range {lowest},{highest})"
    )]
    Counts {
        /// The model kind.
        kind: &'static str,
        /// Smallest count.
        lowest: f32,
        /// Largest count.
        highest: f32,
    },
    /// Training that needs more memory than is free.
    #[error(
        "{kind} needs about {} MiB to train on {users} users, {items} items and {rows} interactions, but only {} MiB are free: {}",
        needed >> 20, free >> 20, smaller(*shrink)
    )]
    TooLarge {
        /// The model kind.
        kind: &'static str,
        /// Bytes needed.
        needed: u64,
        /// Free bytes.
        free: u64,
        /// Users in the catalogue.
        users: usize,
        /// Items in the catalogue.
        items: usize,
        /// Training interactions.
        rows: usize,
        /// The option to lower, if it depends on one.
        shrink: Option<&'static str>,
    },
    /// An answer that needs more memory than is free.
    #[error("{doing} needs about {} MiB, but only {} MiB are free", needed >> 20, free >> 20)]
    NoRoom {
        /// The request.
        doing: &'static str,
        /// Bytes needed.
        needed: u64,
        /// Free bytes.
        free: u64,
    },
    /// Training was cancelled during an epoch, whose result is discarded.
    #[error("training was cancelled")]
    Cancelled,
    /// The loss or a parameter is not a number, infinite, or so large that scores would be.
    #[error("{kind} diverged in epoch {epoch}: the loss or a parameter is not finite; lower {option}")]
    Diverged {
        /// The model kind.
        kind: &'static str,
        /// Epoch, from 1.
        epoch: u32,
        /// The option to lower.
        option: &'static str,
    },

    /// A linear system that is singular in 32-bit precision.
    #[error("the linear system of {kind} is nearly singular: raise {option}")]
    Singular {
        /// The model kind.
        kind: &'static str,
        /// The option to raise.
        option: &'static str,
    },

    /// A request to a model that is not trained.
    #[error("this {kind} model is not fitted: call fit first")]
    NotFitted {
        /// The model kind.
        kind: &'static str,
    },
    /// An id that the model does not know.
    #[error("unknown {side} '{id}': the model {}", match example {
        Some(example) => format!("knows {known} {side}s, such as '{example}'"),
        None => format!("was saved without its {side}s: it recommends to new {side}s by their histories"),
    })]
    UnknownId {
        /// `user` or `item`.
        side: &'static str,
        /// The id.
        id: String,
        /// Number of known ids.
        known: usize,
        /// A known id.
        example: Option<String>,
    },
    /// A rating in the history of a new user that is outside the range of the model.
    #[error(
        "the history rates item '{item}' with {rating}, which is outside the range of this model, {low} to {high}: \
         scale the ratings to that range, or leave them out"
    )]
    RatingOutOfRange {
        /// The item.
        item: String,
        /// Its rating.
        rating: f32,
        /// Lowest rating of the model.
        low: f32,
        /// Highest rating of the model.
        high: f32,
    },
    /// Lists of pairs that differ in length.
    #[error("got {users} users and {items} items: expected equal numbers, one item for each user")]
    UnequalPairs {
        /// Number of users.
        users: usize,
        /// Number of items.
        items: usize,
    },
    /// Excluding seen items without the history.
    #[error(
        "this model was saved without its interaction history, so it cannot exclude seen items: include them, or save the model with its history"
    )]
    NoHistory,
    /// A request that needs the history.
    #[error(
        "this {kind} model was saved without its interaction history, which it needs to {what}: save the model with its history"
    )]
    NeedsHistory {
        /// The model kind.
        kind: &'static str,
        /// The request.
        what: &'static str,
    },
    /// A request that the kind does not support.
    #[error("{kind} cannot {what}: {reason}")]
    Unsupported {
        /// The model kind.
        kind: &'static str,
        /// The request.
        what: &'static str,
        /// The reason.
        reason: &'static str,
    },

    /// A file that is no tastespace model, or is damaged.
    #[error("{file} is not a valid tastespace model file: {reason}")]
    Corrupt {
        /// Name of the file.
        file: String,
        /// The fault.
        reason: String,
    },
    /// A file of a later format.
    #[error(
        "{file} has model format {found}, but this version of tastespace reads formats up to {supported}: update tastespace"
    )]
    NewerFile {
        /// Name of the file.
        file: String,
        /// Its format.
        found: u64,
        /// The latest format that is read.
        supported: u64,
    },
}

/// Advice for a model that needs too much memory.
fn smaller(option: Option<&str>) -> String {
    match option {
        Some(option) => format!("lower {option}, or use less data"),
        None => "use less data (core leaves out items with few rows) or another kind".to_owned(),
    }
}

impl ModelError {
    /// The stable code, such as `model/not-fitted`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Data(error) => error.code(),
            Self::UnknownKind { .. } => "config/unknown-kind",
            Self::Options(error) => error.code(),
            Self::UnknownMetric { .. } | Self::NotPerUser { .. } => "config/unknown-metric",
            Self::WrongValues { .. } => "config/wrong-values",
            Self::EmptyDataset { .. } => "dataset/empty",
            Self::NothingToValidate { side: "items", .. } => "dataset/no-known-items",
            Self::NothingToValidate { .. } => "dataset/no-known-users",
            Self::NeedsRatings { .. } => "dataset/needs-ratings",
            Self::NoPositives { .. } => "dataset/no-positives",
            Self::Counts { .. } => "dataset/counts",
            Self::TooLarge { .. } | Self::NoRoom { .. } => "memory/too-large",
            Self::Cancelled => "cancelled",
            Self::Diverged { .. } | Self::Singular { .. } => "model/diverged",
            Self::NotFitted { .. } => "model/not-fitted",
            Self::UnknownId { side: "user", .. } => "model/unknown-user",
            Self::UnknownId { .. } => "model/unknown-item",
            Self::RatingOutOfRange { .. } => "data/rating-out-of-range",
            Self::UnequalPairs { .. } => "model/unequal-pairs",
            Self::NoHistory | Self::NeedsHistory { .. } => "model/no-history",
            Self::Unsupported { .. } => "model/unsupported",
            Self::Corrupt { .. } => "file/corrupt",
            Self::NewerFile { .. } => "file/newer-version",
        }
    }

    /// The values that the message names, as data.
    pub fn details(&self) -> Value {
        match self {
            Self::Data(error) => error.details(),
            Self::UnknownKind { kind, accepted } => json!({ "kind": kind, "accepted": accepted }),
            Self::Options(error) => error.details(),
            Self::UnknownMetric { kind, metric, accepted } => {
                json!({ "kind": kind, "metric": metric, "accepted": accepted })
            }
            Self::NotPerUser { metric } => json!({ "metric": metric }),
            Self::WrongValues { expected, found } => json!({ "expected": expected, "found": found }),
            Self::EmptyDataset { purpose } => json!({ "purpose": purpose }),
            Self::NothingToValidate { rows, side } => json!({ "rows": rows, "side": side }),
            Self::NoPositives { kind, purpose, rows } => {
                json!({ "kind": kind, "purpose": purpose, "rows": rows })
            }
            Self::Counts { kind, lowest, highest } => {
                json!({ "kind": kind, "lowest": lowest, "highest": highest })
            }
            Self::NeedsRatings { kind, unread } => json!({ "kind": kind, "unread": unread }),
            Self::NotFitted { kind } | Self::NeedsHistory { kind, .. } => {
                json!({ "kind": kind })
            }
            Self::TooLarge { kind, needed, free, users, items, rows, shrink } => json!({
                "kind": kind, "neededBytes": needed, "freeBytes": free, "users": users, "items": items,
                "rows": rows, "option": shrink,
            }),
            Self::NoRoom { needed, free, .. } => json!({ "neededBytes": needed, "freeBytes": free }),
            Self::Cancelled | Self::NoHistory => json!({}),
            Self::Diverged { kind, epoch, option } => {
                json!({ "kind": kind, "epoch": epoch, "option": option })
            }
            Self::Singular { kind, option } => json!({ "kind": kind, "option": option }),
            Self::UnknownId { id, known, .. } => json!({ "id": id, "known": known }),
            Self::RatingOutOfRange { item, rating, low, high } => {
                json!({ "item": item, "rating": rating, "low": low, "high": high })
            }
            Self::UnequalPairs { users, items } => json!({ "users": users, "items": items }),
            Self::Unsupported { kind, what, reason } => {
                json!({ "kind": kind, "what": what, "reason": reason })
            }
            Self::Corrupt { file, reason } => json!({ "file": file, "reason": reason }),
            Self::NewerFile { file, found, supported } => {
                json!({ "file": file, "found": found, "supported": supported })
            }
        }
    }
}
