//! Requests: flags that ask a worker to do something at its next safepoint.
//!
//! Another OS thread sets a bit in [`Worker::requests`] and stores [`REQUEST_LIMIT`] as the worker's stack limit. The
//! next check of a prologue or a loop fails and calls the runtime, which [takes](take) the bits and serves them, see
//! `sched::safepoint`. The running thread is never interrupted elsewhere, so the runtime knows its state. Go preempts
//! goroutines in the same way: it stores `stackPreempt` in `stackguard0`.
//!
//! ```text
//!   requester                        worker
//!   requests |= PREEMPT
//!   limit slot = REQUEST_LIMIT       the next check fails ──▶ safepoint
//!                                    limit slot = the true limit
//!                                    take() ──▶ PREEMPT
//! ```
//!
//! A switch may overwrite [`REQUEST_LIMIT`] with the limit of the next thread before a check sees it. So requesters
//! [remind](remind) the worker until the bit is gone. A switch may also save [`REQUEST_LIMIT`] as the limit of the
//! thread that stops; when that thread goes on, it calls the runtime once without need.

use std::sync::atomic::Ordering;

use weft_abi::Worker;
use weft_abi::stack::REQUEST_LIMIT;

use crate::arch::Current;

/// Stop until the world goes on.
pub const STOP: u32 = 1;
/// End threads that were cancelled; their tasks are in the inbox.
pub const CANCEL: u32 = 2;
/// Hand threads over to a worker that has no threads.
pub const WORK: u32 = 4;
/// End the time slice of the running thread.
pub const PREEMPT: u32 = 8;
/// Print a thread dump.
pub const DUMP: u32 = 16;

/// Makes the request `bit` of a worker, without reminders.
///
/// # Safety
/// `worker` is any worker of this process.
pub unsafe fn ask(worker: *const Worker, bit: u32) {
    // SAFETY: a worker and its OS thread live as long as the process, and both words are atomic.
    unsafe {
        (*worker).requests.fetch_or(bit, Ordering::SeqCst);
        (*(*worker).limit_slot).store(REQUEST_LIMIT, Ordering::SeqCst);
    }
}

/// Repeats the requests that the worker has not taken yet; returns whether there are any.
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

/// Takes the requests that were made since the last call. The caller restores the true limit before this call. If it
/// restored the limit after the call, it could overwrite the [`REQUEST_LIMIT`] of a request that was not taken.
pub fn take(current: Current) -> u32 {
    // SAFETY: the worker is alive, and the word is atomic.
    unsafe { (*current.worker()).requests.swap(0, Ordering::SeqCst) }
}
