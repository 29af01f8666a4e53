//! Errors as data: JavaScript catches JSON text, `{ code, message, details }`. Anything else that is thrown is a crash.

use serde_json::{Value, json};
use tastespace_data::DataError;
use tastespace_models::ModelError;
use tastespace_options::OptionError;
use wasm_bindgen::JsValue;

/// The result of a call.
pub(crate) type Result<T> = std::result::Result<T, EngineError>;

/// An error on its way to JavaScript.
#[derive(Debug)]
pub(crate) struct EngineError {
    code: &'static str,
    message: String,
    details: Value,
}

impl EngineError {
    /// A handle that was disposed of, or never existed.
    pub(crate) fn disposed(handle: u32) -> Self {
        let message = "it was disposed of and can no longer be used".to_owned();
        Self { code: "disposed", message, details: json!({ "handle": handle }) }
    }

    /// A handle of another kind, or a data set that is not finished.
    pub(crate) fn wrong_handle(expected: &'static str, found: &'static str) -> Self {
        let message = format!("expected {expected}, got {found}");
        Self { code: "handle/wrong-kind", message, details: json!({ "expected": expected, "found": found }) }
    }

    /// A second training of a model that is in training.
    pub(crate) fn busy(kind: &str) -> Self {
        let message = format!("this {kind} model is being trained: wait for that, or abort it");
        Self { code: "model/busy", message, details: json!({ "kind": kind }) }
    }

    /// A word that a call does not know.
    pub(crate) fn unknown_word(word: &str, accepted: &[&str]) -> Self {
        let message = format!("unknown word '{word}': expected one of {}", accepted.join(", "));
        Self { code: "engine/unknown-word", message, details: json!({ "word": word, "accepted": accepted }) }
    }

    /// An index without a user.
    pub(crate) fn unknown_index(index: u32, users: usize) -> Self {
        let message = format!("there is no user at index {index}: the model has {users} users");
        Self { code: "model/unknown-user", message, details: json!({ "index": index, "users": users }) }
    }

    /// A number of candidate lists that differs from the number of queries.
    pub(crate) fn wrong_candidates(lists: usize, queries: usize) -> Self {
        let message =
            format!("there are {lists} lists of candidates for {queries} histories: expected one for each");
        let details =
            json!({ "kind": "recommend", "key": "candidates", "value": lists, "expected": queries });
        Self { code: "config/out-of-range", message, details }
    }

    /// Packed texts with ends that do not separate UTF-8 texts.
    pub(crate) fn bad_texts() -> Self {
        let message = "packed texts are damaged: their ends do not separate UTF-8 texts".to_owned();
        Self { code: "data/bad-texts", message, details: json!({}) }
    }
}

impl From<ModelError> for EngineError {
    fn from(error: ModelError) -> Self {
        Self { code: error.code(), message: error.to_string(), details: error.details() }
    }
}

impl From<OptionError> for EngineError {
    fn from(error: OptionError) -> Self {
        Self { code: error.code(), message: error.to_string(), details: error.details() }
    }
}

impl From<DataError> for EngineError {
    fn from(error: DataError) -> Self {
        Self { code: error.code(), message: error.to_string(), details: error.details() }
    }
}

impl From<EngineError> for JsValue {
    fn from(error: EngineError) -> Self {
        let EngineError { code, message, details } = error;
        Self::from_str(&json!({ "code": code, "message": message, "details": details }).to_string())
    }
}
