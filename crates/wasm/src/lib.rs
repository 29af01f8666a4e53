//! The WebAssembly binding of tastespace: calls, handles and errors, but no arithmetic.
//!
//! One instance of this module is one engine. It runs in its own worker and answers one call at a time. With the feature
//! `threads` parallel parts run on a pool of further workers, without it on the calling thread.

#![expect(unreachable_pub, reason = "exports to JavaScript have to be public")]

mod answers;
mod control;
mod datasets;
mod decoders;
mod diagnostics;
mod engine;
mod errors;
mod handles;
mod memory;
mod panics;
#[cfg(all(feature = "threads", target_family = "wasm"))]
mod pool;
mod texts;
mod training;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// The number of threads.
#[wasm_bindgen]
pub fn threads() -> usize {
    rayon::current_num_threads()
}
