//! How one OS thread gets the attention of another, which runs green threads.
//!
//! Who wants something sets a bit in [`Worker::requests`] and puts [`REQUEST_LIMIT`] where the worker's stack limit is.
//! The next check of a prologue or a loop leads into the runtime, which [takes](take) the bits and does what they ask
//! for, see `safepoint`. Nothing is interrupted, so the running thread is in a state that the runtime knows.
//!
//! The limit may be overwritten before it is seen: a switch puts that of the next thread there. So who asks [asks
//! again](remind) until the bit is gone. And a switch may have saved [`REQUEST_LIMIT`] for the thread that it left.
//! Then this thread comes into the runtime when it goes on, for nothing.

use std::sync::atomic::Ordering;

use weft_abi::Worker;
use weft_abi::stack::REQUEST_LIMIT;

/// All workers are to stop for a while.
pub const STOP: u32 = 1;
/// A thread was cancelled that may be one of this worker's.
pub const CANCEL: u32 = 2;
/// Somebody could run what this worker has ready.
pub const WORK: u32 = 4;
/// The running thread has had its turn.
pub const PREEMPT: u32 = 8;
/// Somebody wants an overview of all green threads.
pub const DUMP: u32 = 16;

/// Asks for something, once.
///
/// # Safety
/// `worker` is a worker, any.
pub unsafe fn ask(worker: *const Worker, bit: u32) {
    // SAFETY: a worker and its OS thread live as long as the process.
    unsafe {
        (*worker).requests.fetch_or(bit, Ordering::SeqCst);
        (*(*worker).limit_slot).store(REQUEST_LIMIT, Ordering::SeqCst);
    }
}

/// Asks again if something is asked for that nobody has taken; says so.
///
/// # Safety
/// As for [`ask`].
pub unsafe fn remind(worker: *const Worker) -> bool {
    // SAFETY: as for `ask`.
    unsafe {
        let is_asked = (*worker).requests.load(Ordering::SeqCst) != 0;
        if is_asked {
            (*(*worker).limit_slot).store(REQUEST_LIMIT, Ordering::SeqCst);
        }
        is_asked
    }
}

/// What was asked for since the last time. The limit must be the true one again before: who asks after this sets it
/// after this.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn take(worker: *const Worker) -> u32 {
    // SAFETY: as the caller promises.
    unsafe { (*worker).requests.swap(0, Ordering::SeqCst) }
}
