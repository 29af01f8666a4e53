//! What can be wrong with data, each with its own stable code.

use serde_json::{Value, json};

/// An error in data or its options. [`code`](Self::code) is stable; the message says what was wrong, where, and what is
/// accepted.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Bytes with no row in them.
    #[error("{file} is empty: expected lines of user, item and perhaps rating and time")]
    Empty {
        /// Name of the file as the caller knows it.
        file: String,
    },
}

impl DataError {
    /// The stable code, such as `data/empty`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "data/empty",
        }
    }

    /// The values that the message names, as data.
    pub fn details(&self) -> Value {
        match self {
            Self::Empty { file } => json!({ "file": file }),
        }
    }
}
