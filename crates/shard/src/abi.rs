//! The functions that the module exports.
//!
//! The host allocates room for a request with [`tastespace_alloc`], writes it, and calls [`tastespace_call`], which frees it. The
//! answer is freed by [`tastespace_free`]. After a trap, [`tastespace_panic`] is the message of the panic.

use crate::calls::Session;
use crate::frame::write;
use std::cell::RefCell;
use std::panic::set_hook;
use std::ptr;

/// Numbers of 8 bytes, so that the parts of a frame are aligned.
type Buffer = Box<[u64]>;

/// What the host reads of an answer or a message.
#[repr(C)]
pub struct Answer {
    /// 0 for an answer, 1 for an error.
    status: u32,
    at: *mut u64,
    /// Length in bytes.
    bytes: usize,
}

thread_local! {
    static SESSION: RefCell<Session> = RefCell::new(Session::default());
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn buffer(bytes: usize) -> Buffer {
    vec![0; bytes.div_ceil(size_of::<u64>())].into_boxed_slice()
}

/// Room for `bytes` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn tastespace_alloc(bytes: usize) -> *mut u64 {
    Box::into_raw(buffer(bytes)).cast()
}

/// The buffer that [`tastespace_alloc`] made.
///
/// # Safety
/// `at` is from [`tastespace_alloc`] with the same `bytes`, and is not used afterwards.
unsafe fn take(at: *mut u64, bytes: usize) -> Buffer {
    // SAFETY: the caller's promise.
    unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(at, bytes.div_ceil(size_of::<u64>()))) }
}

/// Performs the request of `bytes` bytes at `at`, and frees it.
///
/// # Safety
/// `at` is from [`tastespace_alloc`] with the same `bytes`, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tastespace_call(at: *mut u64, bytes: usize) -> *mut Answer {
    set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message");
        PANIC.with_borrow_mut(|message| text.clone_into(message));
    }));
    // SAFETY: the caller's promise.
    let request = unsafe { take(at, bytes) };
    let request: &[u8] = bytemuck::cast_slice(&request);
    let answer = SESSION.with_borrow_mut(|session| session.call(&request[..bytes]));
    let (status, frame) = match answer {
        Ok(frame) => (0, frame),
        Err(error) => (1, write(&error.json().to_string(), &[]).unwrap_or_default()),
    };
    let mut copy = buffer(frame.len());
    bytemuck::cast_slice_mut(&mut copy)[..frame.len()].copy_from_slice(&frame);
    Box::into_raw(Box::new(Answer { status, at: Box::into_raw(copy).cast(), bytes: frame.len() }))
}

/// Frees an answer.
///
/// # Safety
/// `answer` is from [`tastespace_call`], and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tastespace_free(answer: *mut Answer) {
    // SAFETY: the caller's promise; its buffer was made by `buffer` with this length.
    let Answer { at, bytes, .. } = unsafe { *Box::from_raw(answer) };
    // SAFETY: as above.
    drop(unsafe { take(at, bytes) });
}

/// The message of the panic that ended the instance, as UTF-8. Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn tastespace_panic() -> *const Answer {
    let message = PANIC.with_borrow_mut(std::mem::take);
    let mut copy = buffer(message.len());
    bytemuck::cast_slice_mut(&mut copy)[..message.len()].copy_from_slice(message.as_bytes());
    Box::into_raw(Box::new(Answer { status: 1, at: Box::into_raw(copy).cast(), bytes: message.len() }))
}
