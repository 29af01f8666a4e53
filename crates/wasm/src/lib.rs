//! The WebAssembly binding of tastespace: calls, handles and errors, but no arithmetic.
//!
//! One instance of this module is one engine. It runs in its own worker and answers one call at a time. With the feature
//! `threads` parallel parts run on a pool of further workers, without it on the calling thread. Without the feature `train` it
//! only serves: it loads models and asks them.

#![cfg_attr(
    not(feature = "train"),
    allow(
        dead_code,
        unreachable_patterns,
        reason = "a module that only serves has models alone, and fewer errors"
    )
)]
#![expect(unreachable_pub, reason = "exports to JavaScript have to be public")]

mod answers;
#[cfg(feature = "train")]
mod control;
#[cfg(feature = "train")]
mod datasets;
#[cfg(feature = "train")]
mod decoders;
#[cfg(feature = "train")]
mod diagnostics;
mod engine;
mod errors;
#[cfg(feature = "train")]
mod evaluation;
#[cfg(feature = "train")]
mod filling;
mod handles;
mod loading;
mod memory;
#[cfg(feature = "train")]
mod options;
mod panics;
#[cfg(all(feature = "threads", target_family = "wasm"))]
mod pool;
#[cfg(feature = "train")]
mod rows;
mod texts;
#[cfg(feature = "train")]
mod training;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// The number of threads.
#[wasm_bindgen]
pub fn threads() -> usize {
    tastespace_models::parallel::threads()
}
