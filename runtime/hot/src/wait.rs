//! Waiting, and waking who waits.
//!
//! A list is worked on by who holds its lock. With one worker nobody else is there, and locks are not taken: a green
//! thread loses its worker only at yield points and safepoints, and there is none between lock and unlock. A thread
//! that begins to wait holds the lock until its stack pointer is in its task: the switch itself gives the lock back.

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

use weft_abi::layout::MAILBOX;
use weft_abi::task::Side;
use weft_abi::{Cancellation, SelectArm, Sp, Switch, Task, WaitList, Waiter, Worker, well_known};

use crate::schedule::{next, weft_current, weft_ready};

unsafe extern "C" {
    fn weft_cancelled_in_list(task: *mut Task, list: *mut WaitList);
    fn weft_cancelled_in_multi_wait(task: *mut Task);
    fn weft_lock_slow(lock: *mut u32);
    fn weft_take_waiter_slow(list: *mut WaitList, side: u64) -> *mut Waiter;
    fn weft_wake_arm(arm: *mut Waiter, outcome: u64);
}

/// Has the list for this worker alone until it is unlocked.
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
    // Where no lock is taken others have run all the same since this thread came here last: at a poll, which is not
    // there yet when the code is optimised. What it has read before is not what is there now.
    compiler_fence(Ordering::AcqRel);
}

/// Takes a lock if nobody holds it.
///
/// # Safety
/// The lock is alive.
#[inline(always)]
pub unsafe fn try_lock(lock: *mut u32) -> bool {
    // SAFETY: as the caller promises.
    unsafe { AtomicU32::from_ptr(lock).swap(1, Ordering::Acquire) == 0 }
}

/// Gives a list back.
///
/// # Safety
/// The worker has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_unlock_list(list: *mut WaitList) {
    // SAFETY: the lock lives as long as its list.
    unsafe { AtomicU32::from_ptr(&raw mut (*list).lock).store(0, Ordering::Release) }
}

/// Takes who has waited longest on that side and can still be woken; null if there is nobody.
///
/// # Safety
/// The worker has the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_take_waiter(list: *mut WaitList, side: u64) -> *mut Waiter {
    // SAFETY: what is in a list is alive.
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

/// Wakes who was taken out of a list.
///
/// # Safety
/// `worker` is the running worker; nobody else wakes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_wake(worker: *mut Worker, waiter: *mut Waiter, outcome: u64) {
    // SAFETY: as the caller promises.
    unsafe {
        if is_task(waiter) {
            weft_ready(worker, detach(waiter.cast(), outcome));
        } else {
            weft_wake_arm(waiter, outcome);
        }
    }
}

/// Where the words of the value lie that a waiter offers or is handed.
///
/// # Safety
/// The waiter is waiting, or was taken and is not woken yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_waiter_words(waiter: *mut Waiter) -> *mut u64 {
    // SAFETY: as the caller promises.
    unsafe {
        if is_task(waiter) {
            (*waiter.cast::<Task>()).sp.add(MAILBOX + 8).cast()
        } else {
            (&raw mut (*waiter.cast::<SelectArm>()).words).cast()
        }
    }
}

/// Waits on that side of a list. The caller parks at once, and gives back the list's lock in doing so.
///
/// # Safety
/// `worker` is the running worker, and has the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_wait(worker: *mut Worker, list: *mut WaitList, side: u64) -> Switch {
    // SAFETY: the running thread is in no list.
    unsafe {
        let task = weft_current();
        if is_cancelled(task) {
            weft_cancelled_in_list(task, list);
        }
        link(&raw mut (*task).waiter, list, side as u32);
        Switch { save_at: &raw mut (*task).sp, load_at: next(worker) }
    }
}

/// Whether the running thread, that of `task`, has to wait for a choice; its lock is held then, and nobody chooses
/// before it has parked.
///
/// # Safety
/// `worker` is the running worker, and `task` the running thread's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_must_park(worker: *mut Worker, task: *mut Task) -> bool {
    // SAFETY: as the caller promises.
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

/// Waits until something was chosen for `task`. The caller parks at once, and gives back the task's lock.
///
/// # Safety
/// `worker` is the running worker, and `task` the running thread's, whose lock it has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_park(worker: *mut Worker, task: *mut Task) -> Switch {
    // SAFETY: as the caller promises.
    unsafe { Switch { save_at: &raw mut (*task).sp, load_at: next(worker) } }
}

/// Whether a thread is to end where it waits. Another worker may write the word.
///
/// # Safety
/// The task is alive.
#[inline(always)]
unsafe fn is_cancelled(task: *const Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe { (&raw const (*task).cancellation).read_volatile() == Cancellation::Requested as u8 }
}

/// The stack pointer of a thread that waits and is to be made ready, with a word left for it.
///
/// # Safety
/// The thread has parked and is in no list, and nobody else wakes it.
#[inline(always)]
pub unsafe fn detach(task: *mut Task, outcome: u64) -> Sp {
    // SAFETY: a thread that waits has a mailbox at its stack pointer.
    unsafe {
        let sp = (*task).sp;
        (*task).sp = core::ptr::null_mut();
        sp.add(MAILBOX).cast::<u64>().write(outcome);
        // Behind the mailbox lies the frame that it goes on with, often in the next line.
        _mm_prefetch::<_MM_HINT_T0>(sp.wrapping_add(64).cast());
        sp
    }
}

/// To the end of one side of a list.
///
/// # Safety
/// The worker has the list, and the waiter is in none.
#[inline(always)]
pub unsafe fn link(waiter: *mut Waiter, list: *mut WaitList, number: u32) {
    // SAFETY: what is in a list is alive.
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

/// Out of the list that it is in.
///
/// # Safety
/// The worker has that list.
#[inline(always)]
pub unsafe fn unlink(waiter: *mut Waiter) {
    // SAFETY: what is in a list is alive.
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

/// Out of its list, whose first it is.
///
/// # Safety
/// The worker has that list, and it is not empty.
#[inline(always)]
unsafe fn unlink_first(side: *mut Side) {
    // SAFETY: what is in a list is alive.
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
/// It is a waiter.
#[inline(always)]
pub unsafe fn is_task(waiter: *mut Waiter) -> bool {
    // SAFETY: as the caller promises.
    unsafe { (*waiter).header.descriptor == well_known::TASK }
}

#[inline(always)]
unsafe fn side_of(list: *mut WaitList, number: u32) -> *mut Side {
    // SAFETY: there are two; and it may be one of joiners, which has the first.
    unsafe { (&raw mut (*list).sides).cast::<Side>().add(number as usize) }
}
