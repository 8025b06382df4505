//! Waiting in lists and in multi-waits, and waking.
//!
//! A list is changed under its lock. With one worker no lock is taken: a green thread loses its worker only at yield
//! points and safepoints, and neither occurs between lock and unlock. A thread that begins to wait holds the lock until
//! its stack pointer is in its task: the switch itself releases the lock. A receive from an empty channel, and the send
//! that wakes the receiver:
//!
//! ```text
//!   receiver                                     sender
//!   weft_lock_list
//!   weft_wait: links itself in
//!   switch: sp into its task, lock released
//!                                                weft_lock_list
//!                                                weft_take_waiter ──▶ the receiver
//!                                                weft_unlock_list
//!                                                writes the value to weft_waiter_words, in the mailbox
//!                                                weft_wake: the receiver is runnable
//!   goes on, pops outcome and value
//! ```

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

use weft_abi::layout::MAILBOX;
use weft_abi::task::Side;
use weft_abi::{Cancellation, SelectArm, Sp, Switch, Task, WaitList, Waiter, Worker, well_known};

use crate::current::weft_current;
use crate::schedule::{next, weft_ready};
use crate::trace;

unsafe extern "C" {
    fn weft_cancelled_in_list(task: *mut Task, list: *mut WaitList);
    fn weft_cancelled_in_multi_wait(task: *mut Task);
    fn weft_lock_slow(lock: *mut u32);
    fn weft_take_waiter_slow(list: *mut WaitList, side: u64) -> *mut Waiter;
    fn weft_wake_arm(arm: *mut Waiter, outcome: u64);
}

/// Locks a list for the running worker.
///
/// # Safety
/// `worker` is the running worker; there is no safepoint before the list is unlocked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_lock_list(worker: *mut Worker, list: *mut WaitList) {
    // SAFETY: the lock lives as long as its list.
    unsafe {
        if (*worker).is_parallel != 0 && !try_lock(&raw mut (*list).lock) {
            weft_lock_slow(&raw mut (*list).lock);
        }
    }
    // Even if no lock is taken, other threads may have run since the last access to the list: at a poll, which the
    // compiler inserts only after optimisation. The fence makes the optimiser load all values from memory again.
    compiler_fence(Ordering::AcqRel);
}

/// Takes a lock unless it is held; returns whether the lock was taken.
///
/// # Safety
/// The lock is alive.
#[inline(always)]
pub unsafe fn try_lock(lock: *mut u32) -> bool {
    // SAFETY: the word of a lock is only used as an atomic.
    unsafe { AtomicU32::from_ptr(lock).swap(1, Ordering::Acquire) == 0 }
}

/// Unlocks a list.
///
/// # Safety
/// The worker has locked the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_unlock_list(list: *mut WaitList) {
    // SAFETY: the lock lives as long as its list.
    unsafe { AtomicU32::from_ptr(&raw mut (*list).lock).store(0, Ordering::Release) }
}

/// Removes from a side the first waiter that can still be woken, and returns it; null if there is none.
///
/// # Safety
/// The worker has locked the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_take_waiter(list: *mut WaitList, side: u64) -> *mut Waiter {
    // SAFETY: waiters in a list are alive.
    unsafe {
        let ends = side_of(list, side as u32);
        let waiter = (*ends).first;
        if waiter.is_null() {
            return waiter;
        }
        if !is_task(waiter) {
            return weft_take_waiter_slow(list, side);
        }
        unlink_first(ends);
        waiter
    }
}

/// Wakes a waiter that was taken out of a list.
///
/// # Safety
/// `worker` is the running worker; nothing else wakes the waiter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_wake(worker: *mut Worker, waiter: *mut Waiter, outcome: u64) {
    // SAFETY: a waiter that was taken is alive, and only the caller wakes it.
    unsafe {
        if is_task(waiter) {
            trace::wakes(worker, waiter, outcome);
            weft_ready(worker, detach(waiter.cast(), outcome));
        } else {
            weft_wake_arm(waiter, outcome);
        }
    }
}

/// The address of the words of the value that a waiter sends or receives.
///
/// # Safety
/// The waiter is in a list, or was taken out of it and is not woken yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_waiter_words(waiter: *mut Waiter) -> *mut u64 {
    // SAFETY: a task that waits has a stack pointer with a mailbox above it; an arm has words of its own.
    unsafe {
        if is_task(waiter) {
            (*waiter.cast::<Task>()).sp.add(MAILBOX + 8).cast()
        } else {
            (&raw mut (*waiter.cast::<SelectArm>()).words).cast()
        }
    }
}

/// Adds the running thread to a side of a list. The caller switches at once, and the switch unlocks the list.
///
/// # Safety
/// `worker` is the running worker, and has locked the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_wait(worker: *mut Worker, list: *mut WaitList, side: u64) -> Switch {
    // SAFETY: the running thread is in no list, since it runs.
    unsafe {
        let task = weft_current();
        if is_cancelled(task) {
            weft_cancelled_in_list(task, list);
        }
        link(&raw mut (*task).waiter, list, side as u32);
        trace::waits(worker, task, list, side);
        Switch { save_at: &raw mut (*task).sp, load_at: next(worker) }
    }
}

/// Returns whether the running thread, whose task is `task`, has to park in its multi-wait. If so, the task is locked
/// on return, so that no waker comes between this check and the park.
///
/// # Safety
/// `worker` is the running worker, and `task` is the running thread's task.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_must_park(worker: *mut Worker, task: *mut Task) -> bool {
    // SAFETY: the task of the running thread is alive, and its lock is only used as an atomic.
    unsafe {
        let lock = &raw mut (*task).lock;
        if (*worker).is_parallel != 0 && !try_lock(lock) {
            weft_lock_slow(lock);
        }
        if is_cancelled(task) {
            weft_cancelled_in_multi_wait(task);
        }
        let must_wait = (*task).wait_state.is_pending();
        if !must_wait {
            AtomicU32::from_ptr(lock).store(0, Ordering::Release);
        }
        must_wait
    }
}

/// Prepares the switch with which the running thread, whose task is `task`, parks until its multi-wait is decided. The
/// caller switches at once, and the switch unlocks the task.
///
/// # Safety
/// `worker` is the running worker, and has locked `task`, the task of the running thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_park(worker: *mut Worker, task: *mut Task) -> Switch {
    // SAFETY: the task of the running thread is alive.
    unsafe {
        trace::waits_for_any(worker, task);
        Switch { save_at: &raw mut (*task).sp, load_at: next(worker) }
    }
}

/// Returns whether a thread was cancelled and has to end where it waits. Another worker may write the word at the same
/// time.
///
/// # Safety
/// The task is alive.
#[inline(always)]
unsafe fn is_cancelled(task: *const Task) -> bool {
    // SAFETY: the task is alive, and the read of a byte is atomic.
    unsafe { (&raw const (*task).cancellation).read_volatile() == Cancellation::Requested as u8 }
}

/// Takes the stack pointer of a waiting thread out of its task, so that the caller can make the thread runnable, and
/// writes `outcome` to the thread's mailbox.
///
/// # Safety
/// The thread has parked and is in no list, and nothing else wakes it.
#[inline(always)]
pub unsafe fn detach(task: *mut Task, outcome: u64) -> Sp {
    // SAFETY: a thread that waits has a mailbox at its stack pointer.
    unsafe {
        let sp = (*task).sp;
        (*task).sp = core::ptr::null_mut();
        sp.add(MAILBOX).cast::<u64>().write(outcome);
        // Behind the mailbox lies the frame with which the thread goes on, often in the next cache line.
        _mm_prefetch::<_MM_HINT_T0>(sp.wrapping_add(64).cast());
        sp
    }
}

/// Appends a waiter to a side of a list.
///
/// # Safety
/// The worker has locked the list, and the waiter is in no list.
#[inline(always)]
pub unsafe fn link(waiter: *mut Waiter, list: *mut WaitList, number: u32) {
    // SAFETY: waiters in a list are alive.
    unsafe {
        let side = side_of(list, number);
        let last = (*side).last;
        (*waiter).next = core::ptr::null_mut();
        (*waiter).previous = last;
        (*waiter).list = list;
        (*waiter).side = number;
        (*side).last = waiter;
        if last.is_null() {
            (*side).first = waiter;
        } else {
            (*last).next = waiter;
        }
    }
}

/// Takes a waiter out of its list.
///
/// # Safety
/// The worker has locked the waiter's list.
#[inline(always)]
pub unsafe fn unlink(waiter: *mut Waiter) {
    // SAFETY: waiters in a list are alive.
    unsafe {
        let (next, previous) = ((*waiter).next, (*waiter).previous);
        let side = side_of((*waiter).list, (*waiter).side);
        if previous.is_null() {
            (*side).first = next;
        } else {
            (*previous).next = next;
        }
        if next.is_null() {
            (*side).last = previous;
        } else {
            (*next).previous = previous;
        }
        (*waiter).list = core::ptr::null_mut();
    }
}

/// Removes the first waiter of a side.
///
/// # Safety
/// The worker has locked the list of the side, and the side is not empty.
#[inline(always)]
unsafe fn unlink_first(side: *mut Side) {
    // SAFETY: waiters in a list are alive.
    unsafe {
        let first = (*side).first;
        let next = (*first).next;
        (*side).first = next;
        if next.is_null() {
            (*side).last = core::ptr::null_mut();
        } else {
            (*next).previous = core::ptr::null_mut();
        }
        (*first).list = core::ptr::null_mut();
    }
}

/// Whether a waiter is a task, not an arm of a `select`.
///
/// # Safety
/// The waiter is alive.
#[inline(always)]
pub unsafe fn is_task(waiter: *mut Waiter) -> bool {
    // SAFETY: every waiter begins with a header.
    unsafe { (*waiter).header.descriptor == well_known::TASK }
}

/// The side `number` of a list.
///
/// # Safety
/// The list is alive and has that side.
#[inline(always)]
unsafe fn side_of(list: *mut WaitList, number: u32) -> *mut Side {
    // SAFETY: a list has two sides; a `Joiners` begins like a list and has only the first.
    unsafe { (&raw mut (*list).sides).cast::<Side>().add(number as usize) }
}
