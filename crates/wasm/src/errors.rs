//! Errors as data: what JavaScript catches is a string of JSON, `{ code, message, details }`. Anything else that is
//! thrown is a crash.

use serde_json::{Value, json};
use tastespace_data::DataError;
use tastespace_models::ModelError;
use wasm_bindgen::JsValue;

/// An error on its way to JavaScript.
#[derive(Debug)]
pub(crate) struct EngineError {
    code: &'static str,
    message: String,
    details: Value,
}

impl EngineError {
    /// A handle that was disposed of, or was never given out.
    pub(crate) fn disposed(handle: u32) -> Self {
        let message = "it was disposed of: nothing more can be asked of it".to_owned();
        Self { code: "disposed", message, details: json!({ "handle": handle }) }
    }

    /// A handle of the other kind, or a data set that is still being filled.
    pub(crate) fn wrong_handle(expected: &'static str, found: &'static str) -> Self {
        let message = format!("expected {expected}, got {found}");
        Self { code: "handle/wrong-kind", message, details: json!({ "expected": expected, "found": found }) }
    }

    /// Packed texts whose ends do not cut the bytes into UTF-8 texts.
    pub(crate) fn bad_texts() -> Self {
        let message = "packed texts are damaged: their ends do not cut the bytes into UTF-8 texts".to_owned();
        Self { code: "data/bad-texts", message, details: json!({}) }
    }
}

impl From<ModelError> for EngineError {
    fn from(error: ModelError) -> Self {
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
