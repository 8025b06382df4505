//! Requests: flags that ask a worker to do something at its next safepoint.
//!
//! Another OS thread sets a bit in [`Worker::requests`] and puts [`REQUEST_LIMIT`] where the worker's stack limit is.
//! The next check of a prologue or a loop fails and leads into the runtime, which [takes](take) the bits and serves
//! them, see `sched::safepoint`. Nothing is interrupted, so the running thread is in a state that the runtime knows. Go
//! preempts in the same way, by `stackPreempt` in `stackguard0`.
//!
//! ```text
//!   requester                        worker
//!   requests |= PREEMPT
//!   limit slot = REQUEST_LIMIT       the next check fails ──▶ safepoint
//!                                    limit slot = the true limit
//!                                    take() ──▶ PREEMPT
//! ```
//!
//! The limit may be overwritten before a check sees it: a switch puts that of the next thread there. So requesters
//! [remind](remind) until the bit is gone. And a switch may have saved [`REQUEST_LIMIT`] for the thread that it left;
//! that thread comes into the runtime once for nothing when it goes on.

use std::sync::atomic::Ordering;

use weft_abi::Worker;
use weft_abi::stack::REQUEST_LIMIT;

use crate::arch::Current;

/// Stop until the world goes on.
pub const STOP: u32 = 1;
/// End threads that were cancelled; their tasks are in the inbox.
pub const CANCEL: u32 = 2;
/// Hand threads over to a worker that has none.
pub const WORK: u32 = 4;
/// End the time slice of the running thread.
pub const PREEMPT: u32 = 8;
/// Print a thread dump.
pub const DUMP: u32 = 16;

/// Asks a worker for something, once.
///
/// # Safety
/// `worker` is a worker of this process, any.
pub unsafe fn ask(worker: *const Worker, bit: u32) {
    // SAFETY: a worker and its OS thread live as long as the process, and both words are atomic.
    unsafe {
        (*worker).requests.fetch_or(bit, Ordering::SeqCst);
        (*(*worker).limit_slot).store(REQUEST_LIMIT, Ordering::SeqCst);
    }
}

/// Asks again if the worker has not taken an earlier request; returns whether that is so.
///
/// # Safety
/// As for [`ask`].
pub unsafe fn remind(worker: *const Worker) -> bool {
    // SAFETY: as in `ask`.
    unsafe {
        let is_asked = (*worker).requests.load(Ordering::SeqCst) != 0;
        if is_asked {
            (*(*worker).limit_slot).store(REQUEST_LIMIT, Ordering::SeqCst);
        }
        is_asked
    }
}

/// Takes the requests that were made since the last call. The true limit is in its place again before: a request that
/// is made after this overwrites it after this.
pub fn take(current: Current) -> u32 {
    // SAFETY: the worker is alive, and the word is atomic.
    unsafe { (*current.worker()).requests.swap(0, Ordering::SeqCst) }
}
