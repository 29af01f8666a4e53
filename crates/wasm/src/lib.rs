//! The WebAssembly face of tastespace: what JavaScript can call, and nothing that computes.
//!
//! One instance of this module is one engine. It lives in a worker of its own and answers one call at a time; with the
//! feature `threads` its parallel parts run on a pool of further workers, without it on the calling thread.

#![expect(unreachable_pub, reason = "JavaScript reaches what is exported, and wasm_bindgen wants it public")]

mod answers;
mod control;
mod datasets;
mod diagnostics;
mod engine;
mod errors;
mod handles;
mod memory;
#[cfg(all(feature = "threads", target_family = "wasm"))]
mod pool;
mod texts;
mod training;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// How many threads the parallel parts of a call run on.
#[wasm_bindgen]
pub fn threads() -> usize {
    rayon::current_num_threads()
}
