//! Panics as JavaScript exceptions.
//!
//! Code that unwinds is larger, and after a panic the engine is dead anyway. The exception leaves the module at once, without
//! releasing anything: on the engine's thread it reaches the caller, on a thread of the pool the client is notified.

use std::panic::{PanicHookInfo, set_hook};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::throw_str;

#[wasm_bindgen(start)]
fn start() {
    set_hook(Box::new(|panic| throw_str(message(panic))));
}

fn message<'a>(panic: &'a PanicHookInfo) -> &'a str {
    let payload = panic.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
