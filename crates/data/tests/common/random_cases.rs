//! Random cases, for as long as FUZZ_SECONDS says, from FUZZ_SEED. A case follows from the seed and its number; FUZZ_CASE
//! repeats one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tastespace_data::Rng;
use tastespace_data::rng::Purpose;

/// A case that takes longer hangs.
const HANG: Duration = Duration::from_secs(60);

/// Runs `case` with the numbers of one case after the other, on all cores.
pub(crate) fn random_cases(case: impl Fn(&mut Rng) + Sync) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, seed) = (number("FUZZ_SECONDS").unwrap_or(5), number("FUZZ_SEED").unwrap_or(0));
    let of = |number| Rng::stream(seed, Purpose::Order, 0, number);
    if let Some(one) = number("FUZZ_CASE") {
        return case(&mut of(one));
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // The case of each thread.
    let current: Vec<AtomicU64> = (0..cores).map(|_| AtomicU64::new(u64::MAX)).collect();
    let run = |current: &AtomicU64| {
        while Instant::now() < end && !failed.load(Relaxed) {
            let number = next.fetch_add(1, Relaxed);
            current.store(number, Relaxed);
            if catch_unwind(AssertUnwindSafe(|| case(&mut of(number)))).is_err() {
                failed.store(true, Relaxed);
                eprintln!("FUZZ_SEED={seed} FUZZ_CASE={number} repeats it");
            }
        }
    };
    std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = current.iter().map(|current| scope.spawn(move || run(current))).collect();
        while !threads.iter().all(|thread| thread.is_finished()) {
            std::thread::sleep(Duration::from_millis(100));
            if Instant::now() > end + HANG {
                let cases: Vec<u64> = current.iter().map(|case| case.load(Relaxed)).collect();
                eprintln!("a case hangs: FUZZ_SEED={seed} FUZZ_CASE=… repeats one of {cases:?}");
                std::process::abort();
            }
        }
    });
    println!("{} cases", next.into_inner());
    assert!(!failed.into_inner(), "a case failed, as printed above");
}

/// One of `choices`.
pub(crate) fn pick<'a, T: ?Sized>(choices: &[&'a T], rng: &mut Rng) -> &'a T {
    choices[rng.below(choices.len() as u32) as usize]
}

/// Makes a few faults in `bytes`: bits flipped, parts cut, repeated, moved or filled, and `words` written over.
pub(crate) fn mutate(bytes: &mut Vec<u8>, words: &[&[u8]], rng: &mut Rng) {
    for _ in 0..=rng.below(4) {
        let length = bytes.len();
        let below = |rng: &mut Rng, bound: usize| rng.below(bound.max(1) as u32) as usize;
        let at = below(rng, length);
        let part = at..length.min(at + below(rng, 40));
        match rng.below(8) {
            _ if length == 0 => bytes.extend_from_slice(pick(words, rng)),
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = [0, 0x7f, 0x80, 0xff][below(rng, 4)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(part)),
            4 => {
                let copy = bytes[part].to_vec();
                let to = below(rng, length);
                bytes.splice(to..to, copy);
            }
            5 => bytes[part].fill(rng.next_u32() as u8),
            6 => {
                let word = pick(words, rng);
                bytes.splice(at..length.min(at + below(rng, 8)), word.iter().copied());
            }
            _ => {
                let word = pick(words, rng);
                bytes.splice(at..at, word.iter().copied());
            }
        }
    }
}
