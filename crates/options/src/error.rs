//! What can be wrong with options.

use serde_json::{Value, json};

/// Options that were refused. [`code`](Self::code) is stable.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptionError {
    /// Options that are no JSON object.
    #[error("the options of {owner} are {value}: expected a JSON object of named values")]
    NotObject {
        /// The model kind, or the call whose options these are.
        owner: &'static str,
        /// The start of the text that was given.
        value: String,
    },
    /// A key that is no option.
    #[error("{owner} has no option '{key}': its options are {}", accepted.join(", "))]
    UnknownKey {
        /// The model kind, or the call whose options these are.
        owner: &'static str,
        /// The unknown key.
        key: String,
        /// All options.
        accepted: Vec<&'static str>,
    },
    /// A value of the wrong type or out of range.
    #[error("{owner} option '{key}' is {}: expected {expected}", excerpt(&value.to_string()))]
    BadValue {
        /// The model kind, or the call whose options these are.
        owner: &'static str,
        /// The option.
        key: &'static str,
        /// The value that was given.
        value: Value,
        /// What is accepted, in words.
        expected: String,
        /// Whether the type is right and only the range is not.
        in_type: bool,
    },
    /// A value that excludes the value of another option.
    #[error("{owner} option '{key}' needs {needs}")]
    Conflict {
        /// The model kind, or the call whose options these are.
        owner: &'static str,
        /// The option.
        key: &'static str,
        /// The values that it needs, in words.
        needs: &'static str,
    },
}

/// The start of a wrong value, at most 80 characters, as a message quotes it.
fn excerpt(value: &str) -> String {
    value.chars().take(80).collect()
}

impl OptionError {
    /// The error of `text`, which is not a JSON object.
    pub fn not_object(owner: &'static str, text: &str) -> Self {
        Self::NotObject { owner, value: excerpt(text) }
    }

    /// The stable code, such as `config/out-of-range`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotObject { .. } => "config/wrong-type",
            Self::UnknownKey { .. } => "config/unknown-key",
            Self::BadValue { in_type: true, .. } => "config/out-of-range",
            Self::BadValue { .. } => "config/wrong-type",
            Self::Conflict { .. } => "config/conflict",
        }
    }

    /// The values that the message names, as data.
    pub fn details(&self) -> Value {
        match self {
            Self::NotObject { owner, value } => json!({ "kind": owner, "value": value }),
            Self::UnknownKey { owner, key, accepted } => {
                json!({ "kind": owner, "key": key, "accepted": accepted })
            }
            Self::BadValue { owner, key, value, expected, .. } => {
                json!({ "kind": owner, "key": key, "value": value, "expected": expected })
            }
            Self::Conflict { owner, key, needs } => json!({ "kind": owner, "key": key, "needs": needs }),
        }
    }
}
