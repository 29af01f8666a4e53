//! Calls for tests of threads, shared integers and crashes.

use crate::control;
use crate::errors::Result;
use crate::words::{Fault, word};
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::Ordering;
use wasm_bindgen::prelude::wasm_bindgen;

/// The number of pool threads that run at the same time.
#[wasm_bindgen(js_name = probeThreads)]
pub fn probe_threads() -> usize {
    let meeting = Barrier::new(rayon::current_num_threads());
    rayon::broadcast(|_| meeting.wait()).len()
}

/// Runs until it is cancelled, or for `rounds` checks of the flag; returns whether it was cancelled. Progress is 1 meanwhile.
#[wasm_bindgen(js_name = probeCancel)]
pub fn probe_cancel(rounds: u32) -> bool {
    control::progress().store(1, Ordering::Relaxed);
    (0..rounds).any(|_| control::cancel().load(Ordering::Relaxed) != 0)
}

/// Crashes the engine: `panic` panics, `trap` executes an illegal instruction, `memory` allocates until memory runs out; on a
/// thread of the pool or on the engine's own.
#[wasm_bindgen(js_name = injectFault)]
pub fn inject_fault(kind: &str, in_pool: bool) -> Result<()> {
    let kind = word(kind)?;
    let fault = || match kind {
        #[cfg(target_family = "wasm")]
        Fault::Trap => std::arch::wasm32::unreachable(),
        Fault::Memory => loop {
            std::mem::forget(black_box(Vec::<u8>::with_capacity(64 << 20)));
        },
        Fault::Panic | Fault::Trap => panic!("injected fault"),
    };
    if !in_pool {
        fault();
    }
    // On the last thread; the first is the engine's own.
    rayon::broadcast(|thread| {
        if thread.index() + 1 == thread.num_threads() {
            fault();
        }
    });
    Ok(())
}
