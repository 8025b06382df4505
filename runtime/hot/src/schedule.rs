//! The running green thread, and the next one.
//!
//! A function that stops the running thread says so with a [`Switch`], and the code that called it switches: the
//! switch must be part of the compiled function, where the register allocator sees it.

use core::arch::asm;
use core::sync::atomic::Ordering;

use weft_abi::layout::before_yield::{CANCELLATION, PREFETCH};
use weft_abi::scheduling::{FAIRNESS_PERIOD, WOKEN_IN_SLICE_LIMIT};
use weft_abi::stack::{LIMIT_SLOT, REQUEST_LIMIT, RESERVE, block_size};
use weft_abi::{Sp, StackBase, Switch, Task, Worker};

use crate::queue;

unsafe extern "C" {
    fn weft_grow_run_queue();
    fn weft_prefer(count: u64);
    fn weft_end_slice();
    fn weft_current_slow() -> *mut Task;
    fn weft_yield_cancelled();
}

/// To the tail of the queue, and on with its head. A thread that is alone gets itself back.
///
/// # Safety
/// `worker` is the running worker, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_yield(worker: *mut Worker) -> Switch {
    // SAFETY: the worker is ours alone. The queue always has room for one claim.
    unsafe { (*worker).woken_in_slice = 0 };
    // SAFETY: as above.
    let queue = unsafe { &mut (*worker).run_queue };
    let save_at = queue::claim(queue);
    let load_at = queue::take(queue);
    Switch { save_at, load_at }
}

/// Does what comes before the switch of a `yield`, if anything does: it ends the running thread if that was cancelled,
/// and prefetches a stack that a later yield needs.
///
/// # Safety
/// `worker` is the running worker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_before_yield(worker: *const Worker) {
    // SAFETY: the worker is ours alone, but for this word, which others only set bits of.
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

/// The part of [`weft_before_yield`] that a program needs. Nothing is live over its branch, so without optimisation it
/// stores nothing.
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

/// The running thread's task.
///
/// # Safety
/// A green thread runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_current() -> *mut Task {
    // SAFETY: the block is in use.
    unsafe { (*current_base()).owner }
}

/// The base of the running thread's stack.
///
/// # Safety
/// A green thread runs.
#[inline(always)]
pub unsafe fn current_base() -> *mut StackBase {
    let limit: usize;
    // SAFETY: glibc keeps this word for stack limits; blocks begin so far below theirs.
    unsafe {
        asm!(
            "movq %fs:{slot}, {}",
            out(reg) limit,
            slot = const LIMIT_SLOT,
            options(att_syntax, nostack, nomem, preserves_flags)
        );
        if limit as u64 == REQUEST_LIMIT {
            return base_of(weft_current_slow());
        }
        core::ptr::with_exposed_provenance_mut(limit - RESERVE)
    }
}

/// The base of a thread's stack.
///
/// # Safety
/// The thread has not ended.
#[inline(always)]
pub unsafe fn base_of(task: *const Task) -> *mut StackBase {
    // SAFETY: as the caller promises.
    unsafe { (*task).stack_top.wrapping_sub(block_size((*task).stack_class as usize)).cast() }
}

/// Makes a thread ready that the running one has spawned or woken.
///
/// # Safety
/// `worker` is the running worker; `sp` is suspended and nobody else will resume it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_ready(worker: *mut Worker, sp: Sp) {
    // SAFETY: the worker is ours alone, and there is room when the place is claimed.
    unsafe {
        let woken_in_slice = (*worker).woken_in_slice + 1;
        if !queue::has_room(&(*worker).run_queue) {
            weft_grow_run_queue();
        }
        queue::claim(&mut (*worker).run_queue).write(sp);
        (*worker).woken_in_slice = woken_in_slice;
        if woken_in_slice == WOKEN_IN_SLICE_LIMIT {
            weft_end_slice();
        }
    }
}

/// The place of the next thread to run when the running one begins to wait or ends, or of what the worker does when
/// there is none.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn next(worker: *mut Worker) -> *mut Sp {
    // SAFETY: the worker is ours alone; the queue is not empty when a place is taken.
    unsafe {
        let woken_in_slice = (*worker).woken_in_slice;
        if woken_in_slice != 0 {
            (*worker).woken_in_slice = 0;
            if is_preferred(worker, woken_in_slice) {
                prefer(worker, woken_in_slice);
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

/// Whether the last `count` entries of the run queue, the offspring of the thread that stops, come before the others,
/// if there are any.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn is_preferred(worker: *mut Worker, count: u64) -> bool {
    // SAFETY: the worker is ours alone.
    unsafe {
        if queue::length(&(*worker).run_queue) as u64 <= count {
            return false;
        }
        (*worker).next_preferences += 1;
        !(*worker).next_preferences.is_multiple_of(FAIRNESS_PERIOD)
    }
}

/// Puts the last `count` entries of the run queue before the others.
///
/// # Safety
/// `worker` is the running worker, and the entries are there.
#[inline(always)]
unsafe fn prefer(worker: *mut Worker, count: u64) {
    // SAFETY: as the caller promises. A ring has room for one entry more.
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
