//! Two integers that JavaScript reads and writes while a call runs.
//!
//! In the threaded build they are in shared memory: JavaScript accesses them by their addresses, with `Atomics`. The client
//! sets both to 0 before it sends a call.

use std::sync::atomic::{AtomicI32, AtomicU32};
use tastespace_models::contract::trainer::Control;
use wasm_bindgen::prelude::wasm_bindgen;

static CANCEL: AtomicI32 = AtomicI32::new(0);
static PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Not 0 once the caller cancels the running call. Relaxed loads suffice, since no other data depends on it.
pub(crate) fn cancel() -> &'static AtomicI32 {
    &CANCEL
}

/// Progress of the running call, in its own units.
pub(crate) fn progress() -> &'static AtomicU32 {
    &PROGRESS
}

/// Both, for what can be cancelled.
pub(crate) fn watched() -> Control<'static> {
    Control { cancel: cancel(), progress: progress() }
}

/// Address of [`cancel`], in bytes.
#[wasm_bindgen(js_name = cancelAddress)]
pub fn cancel_address() -> usize {
    CANCEL.as_ptr().addr()
}

/// Address of [`progress`], in bytes.
#[wasm_bindgen(js_name = progressAddress)]
pub fn progress_address() -> usize {
    PROGRESS.as_ptr().addr()
}
