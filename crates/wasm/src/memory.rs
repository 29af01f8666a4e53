//! Memory usage, counted at the allocator: WebAssembly memory never shrinks, so its size does not show how much is free.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tastespace_models::ModelError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Reserved for stacks, code and small allocations that estimates leave out.
const RESERVE: u64 = 64 << 20;

/// Bytes that the memory can grow to: 4 GiB, unless the loader could reserve only less.
static LIMIT: AtomicU64 = AtomicU64::new(1 << 32);

static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// Peak usage since it was last read.
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Size of the last allocation that failed.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// The system allocator, with counters.
struct Counting;

/// Counts an allocation of `size` bytes that had `before` bytes, or notes that it failed.
fn counted(pointer: *mut u8, before: usize, size: usize) -> *mut u8 {
    if pointer.is_null() {
        REFUSED.store(size, Ordering::Relaxed);
    } else {
        let change = size.wrapping_sub(before);
        let now = IN_USE.fetch_add(change, Ordering::Relaxed).wrapping_add(change);
        PEAK.fetch_max(now, Ordering::Relaxed);
    }
    pointer
}

// SAFETY: every call is passed to `System` unchanged; counting touches nothing that it manages.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        counted(unsafe { System.alloc(layout) }, 0, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        counted(unsafe { System.alloc_zeroed(layout) }, 0, layout.size())
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `realloc`.
        counted(unsafe { System.realloc(pointer, layout, size) }, layout.size(), size)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Sets the number of bytes that the memory can grow to, where that is not 4 GiB.
#[wasm_bindgen(js_name = setMemoryLimit)]
pub fn set_limit(bytes: f64) {
    LIMIT.store(bytes as u64, Ordering::Relaxed);
}

/// Bytes that the memory can grow to.
#[wasm_bindgen(js_name = memoryLimit)]
pub fn limit() -> f64 {
    LIMIT.load(Ordering::Relaxed) as f64
}

/// Bytes that are allocated now.
#[wasm_bindgen(js_name = usedBytes)]
pub fn in_use() -> f64 {
    IN_USE.load(Ordering::Relaxed) as f64
}

/// Size of the last allocation that failed; 0 if there was none. Allocates nothing, so that it can be called after the engine
/// ran out of memory.
#[wasm_bindgen(js_name = refusedBytes)]
pub fn refused() -> f64 {
    REFUSED.load(Ordering::Relaxed) as f64
}

/// Peak number of allocated bytes since the last call.
pub(crate) fn take_peak() -> usize {
    PEAK.swap(IN_USE.load(Ordering::Relaxed), Ordering::Relaxed)
}

/// Bytes that the memory has grown to, in use or not.
pub(crate) fn held() -> u64 {
    #[cfg(target_family = "wasm")]
    return core::arch::wasm32::memory_size(0) as u64 * (64 << 10);
    #[cfg(not(target_family = "wasm"))]
    return IN_USE.load(Ordering::Relaxed) as u64;
}

/// Bytes that may still be allocated.
pub(crate) fn free() -> u64 {
    let used = IN_USE.load(Ordering::Relaxed) as u64;
    LIMIT.load(Ordering::Relaxed).saturating_sub(RESERVE + used)
}

/// Of `wanted` bytes, those that can be allocated: as [`free`], unless the machine refuses them. To find out, the memory grows
/// to hold them, and stays that large.
pub(crate) fn free_for(wanted: u64) -> u64 {
    const PIECE: u64 = 16 << 20;
    // Half of it in one block: a large table does not fit into small pieces.
    let (block, rest) = if wanted > 2 * PIECE { (wanted / 2, wanted.div_ceil(2)) } else { (0, wanted) };
    let sizes = std::iter::once(block).chain(std::iter::repeat_n(PIECE, rest.div_ceil(PIECE) as usize));
    if wanted > free() { free() } else { had(sizes) }
}

/// Refuses work that needs more bytes than are free.
pub(crate) fn check_room(doing: &'static str, needed: u64) -> Result<(), ModelError> {
    refuse_above(free_for(needed), doing, needed)
}

/// The same by the count alone, for calls so frequent that a trial would cost time.
pub(crate) fn check_count(doing: &'static str, needed: u64) -> Result<(), ModelError> {
    refuse_above(free(), doing, needed)
}

/// Refuses work unless blocks of these sizes can be allocated at the same time: enough bytes may be free, but in pieces that are
/// too small.
pub(crate) fn check_blocks(doing: &'static str, sizes: &[u64]) -> Result<(), ModelError> {
    let needed = sizes.iter().sum();
    refuse_above(if needed > free() { free() } else { had(sizes.iter().copied()) }, doing, needed)
}

fn refuse_above(free: u64, doing: &'static str, needed: u64) -> Result<(), ModelError> {
    if needed <= free { Ok(()) } else { Err(ModelError::NoRoom { doing, needed, free }) }
}

/// How many bytes of blocks of these sizes can be allocated now.
fn had(sizes: impl Iterator<Item = u64>) -> u64 {
    let mut blocks = Vec::new();
    for size in sizes.filter(|&size| size > 0) {
        let Ok(layout) = Layout::array::<u8>(size.try_into().unwrap_or(usize::MAX)) else { continue };
        // SAFETY: the layout is not of size 0. Not counted, since it is never in use.
        let pointer = unsafe { System.alloc(layout) };
        if pointer.is_null() {
            continue;
        }
        blocks.push((pointer, layout));
    }
    let bytes = blocks.iter().map(|(_, layout)| layout.size() as u64).sum();
    for (pointer, layout) in blocks {
        // SAFETY: it was allocated above with this layout.
        unsafe { System.dealloc(pointer, layout) };
    }
    bytes
}
