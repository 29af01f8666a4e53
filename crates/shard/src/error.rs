//! Errors, each with a stable code.

use serde_json::{Value, json};
use tastespace_models::ModelError;

/// An error of a call.
#[derive(Debug)]
pub enum ShardError {
    /// An error of the options or of the model.
    Model(ModelError),
    /// A request that the host should not have made.
    BadRequest(String),
}

impl From<ModelError> for ShardError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

impl ShardError {
    /// The error as `{code, message, details}`.
    pub fn json(&self) -> Value {
        match self {
            Self::Model(error) => {
                json!({ "code": error.code(), "message": error.to_string(), "details": error.details() })
            }
            Self::BadRequest(message) => {
                json!({ "code": "shard/bad-request", "message": message, "details": {} })
            }
        }
    }
}

/// Fails with [`ShardError::BadRequest`] unless `holds`.
pub(crate) fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), ShardError> {
    if holds { Ok(()) } else { Err(ShardError::BadRequest(message())) }
}
