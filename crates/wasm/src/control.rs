//! Two integers that the other side may read and write while a call runs.
//!
//! In the threaded build they lie in shared memory: JavaScript finds them by their addresses and uses `Atomics`. The
//! client sets both to 0 before it sends a call, so a call sees only what was meant for it.

use std::sync::atomic::{AtomicI32, AtomicU32};
use wasm_bindgen::prelude::wasm_bindgen;

static CANCEL: AtomicI32 = AtomicI32::new(0);
static PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Not 0 once the caller wants the running call to end early. Relaxed loads will do: nothing else hangs on it.
pub(crate) fn cancel() -> &'static AtomicI32 {
    &CANCEL
}

/// How far the running call has come, in units that the call chooses.
pub(crate) fn progress() -> &'static AtomicU32 {
    &PROGRESS
}

/// Where [`cancel`] lies, in bytes from the start of the memory.
#[wasm_bindgen(js_name = cancelAddress)]
pub fn cancel_address() -> usize {
    CANCEL.as_ptr().addr()
}

/// Where [`progress`] lies, in bytes from the start of the memory.
#[wasm_bindgen(js_name = progressAddress)]
pub fn progress_address() -> usize {
    PROGRESS.as_ptr().addr()
}
