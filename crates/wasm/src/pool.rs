//! A rayon pool on workers that JavaScript starts.
//!
//! The engine's own thread is the first of the pool. JavaScript starts the others in this order: [`prepare`] on the engine's
//! thread; then, in each worker, an instance of this module on the same memory, a message to the engine that it is ready,
//! and [`work`]; and [`build`] on the engine's thread once all are ready. Rayon makes a `ThreadBuilder` for each of its threads, which reaches a waiting worker
//! through a channel. The pool ends when the workers are terminated, together with the engine's.
//!
//! All state is in the memory that the instances share, so statics are shared too.

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use std::io::ErrorKind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(not(target_feature = "atomics"))]
compile_error!(
    "the feature `threads` needs shared memory: build with crates/wasm/build.mjs, which passes \
     `-C target-feature=+atomics` and builds the standard library with it"
);

/// State between `prepare` and `build`.
struct Pool {
    threads: usize,
    to_workers: SyncSender<ThreadBuilder>,
    from_engine: Mutex<Receiver<ThreadBuilder>>,
}

static POOL: OnceLock<Pool> = OnceLock::new();

/// Announces a pool of `threads`, this one and `threads − 1` workers. Called once.
#[wasm_bindgen(js_name = poolPrepare)]
pub fn prepare(threads: usize) -> Result<(), JsError> {
    let (to_workers, receiver) = sync_channel(threads);
    let pool = Pool { threads, to_workers, from_engine: Mutex::new(receiver) };
    POOL.set(pool).map_err(|_| JsError::new("the pool is prepared already"))
}

/// Makes the calling worker a thread of the pool. Does not return while the pool exists.
#[wasm_bindgen(js_name = poolWork)]
pub fn work() -> Result<(), JsError> {
    // The lock is released at the end of the statement, so that the next worker can receive while this one runs.
    let received = prepared()?.from_engine.lock().unwrap_or_else(PoisonError::into_inner).recv();
    received.map_err(|_| JsError::new("the pool ended before it was built"))?.run();
    Ok(())
}

/// Builds rayon's global pool from this thread and the workers that wait in [`work`].
#[wasm_bindgen(js_name = poolBuild)]
pub fn build() -> Result<(), JsError> {
    let pool = prepared()?;
    ThreadPoolBuilder::new()
        .num_threads(pool.threads)
        .use_current_thread()
        .spawn_handler(|thread| pool.to_workers.send(thread).map_err(|_| ErrorKind::BrokenPipe.into()))
        .build_global()
        .map_err(|error| JsError::new(&format!("the pool could not be built: {error}")))
}

fn prepared() -> Result<&'static Pool, JsError> {
    POOL.get().ok_or_else(|| JsError::new("the pool is not prepared"))
}
