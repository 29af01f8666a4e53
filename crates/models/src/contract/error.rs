//! What can go wrong with models, each with its own stable code.

use serde_json::{Value, json};
use tastespace_data::DataError;
use tastespace_options::OptionError;

/// An error of a model, its options, its data or its file. [`code`](Self::code) is stable.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The data itself is at fault.
    #[error(transparent)]
    Data(#[from] DataError),

    /// A kind that is not registered.
    #[error("there is no model kind '{kind}': the kinds are {}", accepted.join(", "))]
    UnknownKind {
        /// What was asked for.
        kind: String,
        /// All registered kinds.
        accepted: Vec<&'static str>,
    },
    /// Options that were refused.
    #[error(transparent)]
    Options(#[from] OptionError),
    /// A metric that there is none of, or not for this task.
    #[error("{kind} is not measured by '{metric}': accepted are {accepted}")]
    UnknownMetric {
        /// The model kind, or what was asked for.
        kind: &'static str,
        /// What was given.
        metric: String,
        /// What its task is measured by, in words.
        accepted: &'static str,
    },
    /// An interval of a metric that is not an average over users.
    #[error("{metric} is about everyone's lists together: users have no values of it to draw from")]
    NotPerUser {
        /// The metric.
        metric: String,
    },
    /// Values that are not one for each run, metric and user.
    #[error("{found} values: expected {expected}, one for each run, metric and user, and no metric twice")]
    WrongValues {
        /// Values that there should be.
        expected: usize,
        /// Values that there are.
        found: usize,
    },
    /// Training or evaluation on a data set without rows.
    #[error("the data set for {purpose} has no rows")]
    EmptyDataset {
        /// What it was to be used for.
        purpose: &'static str,
    },
    /// A rating model on data without ratings.
    #[error("{kind} predicts ratings, and the data set has none: give a rating column")]
    NeedsRatings {
        /// The model kind.
        kind: &'static str,
    },
    /// More memory than there is.
    #[error(
        "{kind} needs about {} MiB to train on {users} users, {items} items and {rows} rows, and {} MiB are free: {}",
        needed >> 20, free >> 20, smaller(*shrink)
    )]
    TooLarge {
        /// The model kind.
        kind: &'static str,
        /// Bytes needed.
        needed: u64,
        /// Bytes that may still be taken.
        free: u64,
        /// Users in the catalogue.
        users: usize,
        /// Items in the catalogue.
        items: usize,
        /// Training rows.
        rows: usize,
        /// The option to lower, if it depends on one.
        shrink: Option<&'static str>,
    },
    /// More memory for an answer than there is.
    #[error("{doing} takes about {} MiB, and {} MiB are free", needed >> 20, free >> 20)]
    NoRoom {
        /// What was asked for.
        doing: &'static str,
        /// Bytes needed.
        needed: u64,
        /// Bytes that may still be taken.
        free: u64,
    },
    /// The cancel flag was raised; the epoch at hand is given up.
    #[error("training was cancelled")]
    Cancelled,
    /// Numbers left the finite range.
    #[error("{kind} diverged in epoch {epoch}: its loss is not finite; lower {option}")]
    Diverged {
        /// The model kind.
        kind: &'static str,
        /// Epoch, from 1.
        epoch: u32,
        /// The option to lower.
        option: &'static str,
    },

    /// A system of equations that 32-bit numbers cannot solve.
    #[error("the equations of this {kind} are too near to having no solution: raise {option}")]
    Singular {
        /// The model kind.
        kind: &'static str,
        /// The option to raise.
        option: &'static str,
    },

    /// A question to a model that has not been trained.
    #[error("this {kind} model has not been fitted yet: call fit first")]
    NotFitted {
        /// The model kind.
        kind: &'static str,
    },
    /// An outside id that the model does not know.
    #[error("unknown {side} '{id}': the model knows {known} {side}s{}", example.as_ref().map_or(String::new(), |id| format!(", such as '{id}'")))]
    UnknownId {
        /// `user` or `item`.
        side: &'static str,
        /// The id.
        id: String,
        /// How many ids there are.
        known: usize,
        /// One of them.
        example: Option<String>,
    },
    /// Lists that should go together and differ in length.
    #[error("{users} users and {items} items: pairs need as many of each")]
    UnequalPairs {
        /// Length of the one.
        users: usize,
        /// Length of the other.
        items: usize,
    },
    /// What was seen is not stored.
    #[error(
        "this model was saved without its history, so it cannot leave out what was seen: use exclude: 'none'"
    )]
    NoHistory,
    /// What was seen is not stored, and the kind answers from it.
    #[error("this {kind} model was saved without its history, which it would {what}")]
    NeedsHistory {
        /// The model kind.
        kind: &'static str,
        /// What it needs it for.
        what: &'static str,
    },
    /// Something that this kind cannot do.
    #[error("{kind} cannot tell {what}: {reason}")]
    Unsupported {
        /// The model kind.
        kind: &'static str,
        /// What was asked for.
        what: &'static str,
        /// Why not.
        reason: &'static str,
    },

    /// A file that is no tastespace model, or a damaged one.
    #[error("{file} is not a sound tastespace model: {reason}")]
    Corrupt {
        /// Name of the file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of a later format.
    #[error(
        "{file} has model format {found}, and this tastespace reads up to format {supported}: update tastespace"
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

/// What can be done about too large a model.
fn smaller(option: Option<&str>) -> String {
    match option {
        Some(option) => format!("lower its size ({option}) or the data"),
        None => "only less data takes less".to_owned(),
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
            Self::NeedsRatings { .. } => "dataset/needs-ratings",
            Self::TooLarge { .. } | Self::NoRoom { .. } => "memory/too-large",
            Self::Cancelled => "cancelled",
            Self::Diverged { .. } | Self::Singular { .. } => "model/diverged",
            Self::NotFitted { .. } => "model/not-fitted",
            Self::UnknownId { side: "user", .. } => "model/unknown-user",
            Self::UnknownId { .. } => "model/unknown-item",
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
            Self::NeedsRatings { kind } | Self::NotFitted { kind } | Self::NeedsHistory { kind, .. } => {
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
