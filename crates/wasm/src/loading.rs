//! The call that reads a model.

use crate::errors::Result;
use crate::handles::{State, keep_model};
use crate::memory;
use tastespace_models::serve::file;
use wasm_bindgen::prelude::wasm_bindgen;

/// The model in the bytes of the file `name`.
#[wasm_bindgen]
pub fn load(name: &str, bytes: &[u8]) -> Result<u32> {
    memory::check_room("loading this model", bytes.len() as u64)?;
    let fitted = file::read(name, bytes)?;
    let (entry, options) = (fitted.entry(), fitted.options().clone());
    Ok(keep_model(entry, options, State::Fitted(fitted)))
}
