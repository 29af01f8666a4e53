//! The native build as an engine of the bench: trains one job, given as JSON, and prints a line per epoch.
//!
//! See `bench/lib/engine.mjs`. The WebAssembly engine makes the same calls on the same files, so both have the same error to
//! the last digit.
#![forbid(unsafe_code)]

use cpu_time::ProcessTime;
use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32};
use std::time::Instant;
use tastespace_data::{Interactions, Reader, ReaderOptions, SplitOptions, split};
use tastespace_models::Fit;
use tastespace_models::contract::trainer::Control;
use tastespace_models::evaluate::{Beside, EvaluateOptions, evaluate};
use tastespace_models::registry::Entry;
use tastespace_models::run::fit::any_amount;

/// The job.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    model: String,
    options: Value,
    train: String,
    test: String,
    warm_up: u32,
    epochs: u32,
    seed: u64,
    threads: usize,
}

static GO_ON: AtomicI32 = AtomicI32::new(0);
static PROGRESS: AtomicU32 = AtomicU32::new(0);

fn main() -> Result<(), Box<dyn Error>> {
    let job = std::env::args().nth(1).ok_or("expected a job, as JSON")?;
    let job: Job = serde_json::from_str(&job)?;
    // The work runs inside the pool, as in the engine: the calling thread only waits.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(job.threads).build()?;
    pool.install(|| train(&job)).map_err(|message| message.into())
}

fn train(job: &Job) -> Result<(), String> {
    let parts = split(
        &read(&job.train)?,
        &SplitOptions::from_json(r#"{"by":"file"}"#).map_err(told)?,
        Some(&read(&job.test)?),
    )
    .map_err(told)?;
    let (train, test) = (Arc::new(parts.train), parts.test.ok_or("no test part")?);
    let entry = Entry::find(&job.model).map_err(told)?;
    let options = entry.check(&job.options.to_string()).map_err(told)?;
    let mut fit = Fit::new(entry, options, train, None, job.seed, &any_amount).map_err(told)?;
    for epoch in 0..job.warm_up + job.epochs {
        let (wall, cpu) = (Instant::now(), ProcessTime::now());
        let report = fit.train_epoch(Control { cancel: &GO_ON, progress: &PROGRESS }).map_err(told)?;
        let (seconds, cpu) = (wall.elapsed().as_secs_f64(), cpu.elapsed().as_secs_f64());
        let phase = if epoch < job.warm_up { "warm-up" } else { "epoch" };
        tell(json!({ "phase": phase, "seconds": seconds, "cpu": cpu, "rows": report.rows }));
    }
    let fitted = fit.finish().ok_or("no epoch was trained")?;
    let metrics = evaluate(&fitted, &test, Beside::default(), &EvaluateOptions::default()).map_err(told)?;
    let mut quality = serde_json::to_value(metrics).map_err(told)?;
    quality["phase"] = "quality".into();
    tell(quality);
    let version = format!("tastespace {}", env!("CARGO_PKG_VERSION"));
    tell(json!({ "phase": "end", "version": version, "peakMemory": peak_memory() }));
    Ok(())
}

fn read(path: &str) -> Result<Interactions, String> {
    let mut reader = Reader::new(ReaderOptions::default()).expect("UTF-8");
    reader.append(&std::fs::read(path).map_err(|error| format!("{path}: {error}"))?).map_err(told)?;
    reader.finish().map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn tell(line: Value) {
    println!("{line}");
}

/// Peak memory of the process in bytes, if the system reports it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
