//! Scheduling order: the choice of the thread that runs next.
//!
//! A function that stops the running thread returns a [`Switch`], and its caller switches: the switch must be part of
//! the compiled function, where the register allocator sees it.
//!
//! Threads run first in, first out, with one exception: when the running thread begins to wait or ends, the threads
//! that it has spawned or woken in this time slice run next. A thread that spawns A and B and joins A, while X is
//! runnable:
//!
//! ```text
//!   spawn A, spawn B     head  X A B  tail     woken_in_slice = 2
//!   join A               head  A B X  tail     A and B move before X, and A runs
//! ```
//!
//! This order has two advantages: the values that A and B need are still in the cache, and few threads are alive at a
//! time if each runs its children first.

use core::sync::atomic::Ordering;

use weft_abi::layout::before_yield::{CANCELLATION, PREFETCH};
use weft_abi::scheduling::{FAIRNESS_PERIOD, WOKEN_IN_SLICE_LIMIT};
use weft_abi::{RunQueue, Sp, Switch, Worker};

use crate::{queue, trace};

unsafe extern "C" {
    fn weft_grow_run_queue();
    fn weft_prefer(count: u64);
    fn weft_end_slice();
    fn weft_yield_cancelled();
}

/// Changes the order of the run queue. Afterwards the threads that the running thread has woken are not known to be the
/// last entries, so none of them is preferred.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn reorder<T>(worker: *mut Worker, change: impl FnOnce(&mut RunQueue) -> T) -> T {
    // SAFETY: only the running worker's own code touches its queue, and `change` cannot reach the queue but through its
    // argument.
    unsafe {
        (*worker).woken_in_slice = 0;
        change(&mut (*worker).run_queue)
    }
}

/// Moves the running thread to the tail of the queue, and switches to the thread at the head: to the same thread if no
/// other thread is runnable.
///
/// # Safety
/// `worker` is the running worker, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_yield(worker: *mut Worker) -> Switch {
    // SAFETY: the caller passes the running worker. The queue always has room for one claim.
    unsafe {
        trace::yields(worker);
        reorder(worker, |queue| {
            let save_at = queue::claim(queue);
            let load_at = queue::take(queue);
            Switch { save_at, load_at }
        })
    }
}

/// Does the rare work of a `yield` before its switch: ends the running thread if it was cancelled, and prefetches a
/// stack that a later yield needs.
///
/// # Safety
/// `worker` is the running worker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_before_yield(worker: *const Worker) {
    // SAFETY: the caller passes the running worker. Other workers only set bits of this one atomic word.
    unsafe {
        let asked = (*worker).before_yield.load(Ordering::Relaxed);
        if asked != 0 {
            if asked & CANCELLATION != 0 {
                weft_yield_cancelled();
            }
            queue::prefetch(&(*worker).run_queue);
        }
    }
}

/// The part of [`weft_before_yield`] that is not only an optimisation: the check for a cancellation. Unoptimised code
/// stores in its frame every value that is live over a branch. No value is live over the branch here, so none is
/// stored.
///
/// # Safety
/// `worker` is the running worker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_before_yield_unoptimised(worker: *const Worker) {
    // SAFETY: as in `weft_before_yield`.
    unsafe {
        if (*worker).before_yield.load(Ordering::Relaxed) & CANCELLATION != 0 {
            weft_yield_cancelled();
        }
    }
}

/// Makes runnable the thread `sp`, which the running thread has spawned or woken. At the [`WOKEN_IN_SLICE_LIMIT`]th
/// such call in its time slice, the running thread's slice ends.
///
/// # Safety
/// `worker` is the running worker; `sp` is suspended and nothing else resumes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_ready(worker: *mut Worker, sp: Sp) {
    // SAFETY: the caller guarantees that only the queue's entry resumes `sp`. The queue has room when `sp` is added.
    unsafe {
        let woken = (*worker).woken_in_slice + 1;
        if !queue::has_room(&(*worker).run_queue) {
            weft_grow_run_queue();
        }
        append(worker, sp, woken);
        if woken == WOKEN_IN_SLICE_LIMIT {
            weft_end_slice();
        }
    }
}

/// Adds a thread at the tail, as the last of `woken` threads that the running thread has spawned or woken.
///
/// # Safety
/// `worker` is the running worker, whose queue has room; `sp` is suspended and nothing else resumes it.
#[inline(always)]
pub unsafe fn append(worker: *mut Worker, sp: Sp, woken: u64) {
    // SAFETY: only the running worker's own code touches its queue, and there is room.
    unsafe {
        queue::claim(&mut (*worker).run_queue).write(sp);
        (*worker).woken_in_slice = woken;
    }
}

/// The address of the stack pointer of the thread that runs next when the running thread begins to wait or ends; if no
/// thread is runnable, the address of the idle pseudo-thread's stack pointer.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn next(worker: *mut Worker) -> *mut Sp {
    // SAFETY: only the running worker's own code touches its queue, and an entry is taken only if there is one.
    unsafe {
        let woken = (*worker).woken_in_slice;
        if woken != 0 {
            (*worker).woken_in_slice = 0;
            if is_preferred(worker, woken) {
                prefer(worker, woken);
            }
        }
        if queue::is_empty(&(*worker).run_queue) {
            &raw mut (*worker).idle
        } else {
            if (*worker).before_yield.load(Ordering::Relaxed) & PREFETCH != 0 {
                queue::prefetch(&(*worker).run_queue);
            }
            queue::take(&mut (*worker).run_queue)
        }
    }
}

/// Decides whether the last `count` entries of the run queue, which the stopping thread has spawned or woken, run
/// before the other entries; false if there are no other entries. Every [`FAIRNESS_PERIOD`]th decision is false.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn is_preferred(worker: *mut Worker, count: u64) -> bool {
    // SAFETY: only the running worker's own code touches these words.
    unsafe {
        if queue::length(&(*worker).run_queue) as u64 <= count {
            return false;
        }
        (*worker).next_preferences += 1;
        !(*worker).next_preferences.is_multiple_of(FAIRNESS_PERIOD)
    }
}

/// Moves the last `count` entries of the run queue to its head.
///
/// # Safety
/// `worker` is the running worker, and the queue has at least `count` entries.
#[inline(always)]
unsafe fn prefer(worker: *mut Worker, count: u64) {
    // SAFETY: the caller guarantees that the queue has an entry at the tail, and taking it frees the slot that the head
    // needs.
    unsafe {
        if count == 1 {
            let queue = &mut (*worker).run_queue;
            let last = queue::take_last(queue);
            queue::put_first(queue, last);
        } else {
            weft_prefer(count);
        }
    }
}
