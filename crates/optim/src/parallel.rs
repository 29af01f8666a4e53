//! Loops on all threads.
//!
//! Each loop is an ordinary iterator over independent tasks: threads take the next task until there are none. Results must not
//! depend on which thread runs a task. Only a few functions are compiled for each loop, where rayon's iterators compile
//! dozens, and they were a sixth of the module that a page loads. Without the feature `threads` the calling thread runs every
//! task, and there is no rayon.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Calls `each` on every task.
pub fn for_each<T>(tasks: impl Iterator<Item = T> + Send, each: impl Fn(T) + Sync) {
    for_each_with(tasks, || (), |(), task| each(task));
}

/// Calls `each` on every task, with a workspace for each thread.
pub fn for_each_with<T, W>(
    tasks: impl Iterator<Item = T> + Send,
    workspace: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, T) + Sync,
) {
    let (least, most) = tasks.size_hint();
    let tasks = Mutex::new(tasks);
    // A function of its own, so that the lock is released before the task is run.
    let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
    on_threads(most.unwrap_or(least.max(1)), &|| {
        let Some(first) = next() else { return };
        let mut workspace = workspace();
        each(&mut workspace, first);
        while let Some(task) = next() {
            each(&mut workspace, task);
        }
    });
}

/// The results of `each` on every task, in the order of the tasks.
pub fn map<T, R: Send>(tasks: impl Iterator<Item = T> + Send, each: impl Fn(T) -> R + Sync) -> Vec<R> {
    map_with(tasks, || (), |(), task| each(task))
}

/// The results of `each` on every task, in the order of the tasks, with a workspace for each thread.
pub fn map_with<T, R: Send, W>(
    tasks: impl Iterator<Item = T> + Send,
    workspace: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, T) -> R + Sync,
) -> Vec<R> {
    let results = Mutex::new(Vec::new());
    for_each_with(tasks.enumerate(), workspace, |workspace, (number, task)| {
        let result = each(workspace, task);
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        if results.len() <= number {
            results.resize_with(number + 1, || None);
        }
        results[number] = Some(result);
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().map(|result| result.expect("every task was run")).collect()
}

/// As [`map_with`]. After an error no further tasks are started, and it is returned.
pub fn try_map_with<T, R: Send, E: Send, W>(
    tasks: impl Iterator<Item = T> + Send,
    workspace: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let failed = AtomicBool::new(false);
    let tasks = tasks.take_while(|_| !failed.load(Ordering::Relaxed));
    let results = map_with(tasks, workspace, |workspace, task| {
        let result = each(workspace, task);
        if result.is_err() {
            failed.store(true, Ordering::Relaxed);
        }
        result
    });
    results.into_iter().collect()
}

/// Runs both, in parallel.
pub fn join(a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    let (mut a, mut b) = (Some(a), Some(b));
    join_any(&mut || a.take().into_iter().for_each(|a| a()), &mut || b.take().into_iter().for_each(|b| b()));
}

/// The number of threads.
pub fn threads() -> usize {
    pool::threads()
}

/// Runs `work` on every thread.
pub fn on_all_threads(work: &(dyn Fn() + Sync)) {
    pool::on_all_threads(work);
}

fn join_any(a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut() + Send)) {
    pool::join(a, b);
}

/// Runs `work` as many times as there are threads, but at most `tasks` times.
fn on_threads(tasks: usize, work: &(dyn Fn() + Sync)) {
    match tasks.min(threads()) {
        0 | 1 => work(),
        threads => pool::repeat(threads, work),
    }
}

#[cfg(feature = "threads")]
mod pool {
    use rayon::prelude::*;

    pub(super) fn threads() -> usize {
        rayon::current_num_threads()
    }

    pub(super) fn on_all_threads(work: &(dyn Fn() + Sync)) {
        rayon::broadcast(|_| work());
    }

    pub(super) fn join(a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut() + Send)) {
        rayon::join(a, b);
    }

    pub(super) fn repeat(times: usize, work: &(dyn Fn() + Sync)) {
        (0..times).into_par_iter().with_max_len(1).for_each(|_| work());
    }
}

#[cfg(not(feature = "threads"))]
mod pool {
    pub(super) fn threads() -> usize {
        1
    }

    pub(super) fn on_all_threads(work: &(dyn Fn() + Sync)) {
        work();
    }

    pub(super) fn join(a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut() + Send)) {
        a();
        b();
    }

    pub(super) fn repeat(times: usize, work: &(dyn Fn() + Sync)) {
        (0..times).for_each(|_| work());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    #[test]
    fn every_task_is_run_once_and_results_are_in_order() {
        for (threads, count) in [(1, 0), (3, 0), (1, 5), (3, 1), (3, 1000)] {
            let mut values = vec![1; count];
            let doubled = on(threads, || {
                for_each(values.chunks_mut(3).enumerate(), |(chunk, values)| {
                    values.iter_mut().for_each(|value| *value += chunk);
                });
                map(values.iter(), |value| 2 * value)
            });
            let expected: Vec<usize> = (0..count).map(|index| 2 * (1 + index / 3)).collect();
            assert_eq!(doubled, expected);
        }
    }

    #[test]
    fn a_thread_keeps_its_workspace() {
        let workspaces = Mutex::new(0);
        let new = || *workspaces.lock().unwrap() += 1;
        on(3, || for_each_with(0..1000, new, |_, _| ()));
        assert!((1..=3).contains(&*workspaces.lock().unwrap()));
    }

    #[test]
    fn loops_nest() {
        let sums = on(3, || map(0..50, |outer| map(0..50, |inner| outer * inner).iter().sum::<i32>()));
        assert_eq!(sums, (0..50).map(|outer| outer * 1225).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_ends_a_loop() {
        let tried = Mutex::new(0);
        let result = on(2, || {
            try_map_with(
                0..100_000,
                || (),
                |(), task| {
                    *tried.lock().unwrap() += 1;
                    if task >= 10 { Err(task) } else { Ok(task) }
                },
            )
        });
        assert!(result.is_err());
        assert!(*tried.lock().unwrap() < 1000);
        assert_eq!(on(2, || try_map_with(0..20, || (), |(), task| Ok::<_, ()>(task))), Ok((0..20).collect()));
    }

    #[test]
    fn both_sides_of_a_join_are_run() {
        let (mut a, mut b) = (0, 0);
        on(2, || join(|| a = 1, || b = 2));
        assert_eq!((a, b), (1, 2));
    }

    #[test]
    fn work_is_run_on_every_thread() {
        let runs = Mutex::new(Vec::new());
        on(3, || {
            on_all_threads(&|| runs.lock().unwrap().push(rayon::current_thread_index()));
            assert_eq!(threads(), 3);
        });
        let mut runs = runs.into_inner().unwrap();
        runs.sort();
        assert_eq!(runs, [Some(0), Some(1), Some(2)]);
    }
}
