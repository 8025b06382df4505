//! The two parts of a cancellation: the request to end a thread, and the removal of a waiting thread from its wait.
//! [`unwind::cancel`](super::unwind::cancel) puts the parts together.
//!
//! A cancellation takes effect only where a thread waits or yields. A thread that waits when it is cancelled is taken
//! out of its wait. It is never resumed, unless it has deferred blocks or scopes with members, see
//! [`unwind`](super::unwind). A thread that does not wait goes on until it begins to wait or yields:
//!
//! ```text
//!   No ──cancel──▶ Requested ──it waits, or begins to wait, or yields──▶ Delivered ──its deferred blocks──▶ ended
//!                      └───────it returns or panics──────────────────────────────────────────────────────▶ ended
//! ```
//!
//! A thread that begins to wait checks its own task, which it touches anyway. A yield touches no task, so it checks the
//! task only while a thread is in the state `Requested`: then each worker has a bit set that its yields test, see
//! [`before_yield`](weft_abi::layout::before_yield).

use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::layout::before_yield::CANCELLATION;
use weft_abi::{Cancellation, ParkReason, Sp, Task, TaskState, WaitList, Worker};
use weft_hot::wait;

use super::blocking;
use super::list::{LockedList, withdraw};
use super::select::{decide_if_parked, withdraw_arms};
use crate::arch::Current;

/// The number of threads in the state `Requested`.
static REQUESTED: AtomicU64 = AtomicU64::new(0);

/// Whether a thread was cancelled and has not begun to end.
///
/// # Safety
/// The task has not been freed, although its thread may have ended.
pub unsafe fn is_requested(task: *const Task) -> bool {
    // SAFETY: another worker may write the words at the same time, but each read is atomic.
    unsafe {
        (&raw const (*task).cancellation).read_volatile() == Cancellation::Requested as u8
            && (&raw const (*task).state).read_volatile() == TaskState::Alive as u32
    }
}

/// Whether the running thread, which yields or is about to wait, has to end now.
///
/// # Safety
/// The task belongs to the running thread.
pub unsafe fn takes_effect(task: *const Task) -> bool {
    // SAFETY: the task of the running thread is alive, and only the thread itself changes `waiter.arm`, its shield
    // against cancellation.
    unsafe { is_requested(task) && (*task).waiter.arm == 0 }
}

/// Records that the cancellation of a thread has taken effect, or that it can no longer take effect because the thread
/// has ended. Does nothing if the thread was not cancelled.
///
/// # Safety
/// The task has not been freed, and the caller ends its thread.
pub unsafe fn settle(task: *mut Task) {
    // SAFETY: after the request, only the code that ends the thread writes this word, and the caller is that code.
    unsafe {
        if (*task).cancellation == Cancellation::Requested as u8 {
            (*task).cancellation = Cancellation::Delivered as u8;
            REQUESTED.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// If no thread is in the state `Requested`, clears the current worker's bit for cancellations, so that yields are fast
/// again.
pub fn forget(current: Current) {
    if REQUESTED.load(Ordering::SeqCst) == 0 {
        // SAFETY: workers live as long as the process, and the word is atomic.
        unsafe { (*current.worker()).before_yield.fetch_and(!CANCELLATION, Ordering::SeqCst) };
        // Another worker may have cancelled a thread since the check.
        if REQUESTED.load(Ordering::SeqCst) != 0 {
            // SAFETY: `set_before_yield` may be called for any worker.
            unsafe { set_before_yield(current.worker()) };
        }
    }
}

/// Sets the bit that makes the yields of a worker check for cancellations.
///
/// # Safety
/// `worker` is any worker of this process.
pub(super) unsafe fn set_before_yield(worker: *const Worker) {
    // SAFETY: workers live as long as the process, and the word is atomic.
    unsafe { (*worker).before_yield.fetch_or(CANCELLATION, Ordering::SeqCst) };
}

/// Requests the end of a thread. Returns false if the thread has ended, or was cancelled before.
///
/// # Safety
/// The task has not been freed, although its thread may have ended, and the caller holds none of `os::locks`.
pub(super) unsafe fn request(current: Current, task: *mut Task) -> bool {
    // SAFETY: the code that ends the thread takes the lock of its joiners, too. So either that code sees the request,
    // or this code sees that the thread has ended.
    unsafe {
        let _joiners = LockedList::lock(current, (&raw mut (*task).joiners).cast::<WaitList>());
        let is_new =
            (*task).state == TaskState::Alive as u32 && (*task).cancellation == Cancellation::No as u8;
        if is_new {
            REQUESTED.fetch_add(1, Ordering::SeqCst);
            (&raw mut (*task).cancellation).write_volatile(Cancellation::Requested as u8);
        }
        is_new
    }
}

/// Takes a thread out of its wait, and returns its stack pointer. `None` if the thread does not wait, was already
/// woken, or runs a deferred block.
///
/// # Safety
/// The caller has just [requested](request) the end of the thread.
pub(super) unsafe fn leave_wait(current: Current, task: *mut Task) -> Option<Sp> {
    // SAFETY: only one request is new, so no other code takes the thread out of its wait to end it; a waker that is
    // faster wins the list's lock or the decision.
    unsafe {
        if let Some(sp) = leave_list(current, task) {
            return Some(sp);
        }
        // The ticket is read before the shield, `waiter.arm`. If the ticket decides the wait below, the thread has not
        // gone on since the ticket was read, so the shield has not changed.
        let ticket = (*task).wait_state.ticket();
        let is_shielded = (&raw const (*task).waiter.arm).read_volatile() != 0;
        if is_shielded {
            return None;
        }
        let sp = decide_if_parked(current, task, ticket)?;
        withdraw_arms(current, task);
        if (*task).park_reason == ParkReason::Call as u8 {
            blocking::abandon(task);
        }
        Some(sp)
    }
}

/// Takes a thread out of the list in which it waits, and returns its stack pointer. `None` if the thread is in no list,
/// was already woken, or runs a deferred block.
///
/// # Safety
/// The task has not been freed, and its thread was cancelled. The caller holds none of `os::locks`.
pub(super) unsafe fn leave_list(current: Current, task: *mut Task) -> Option<Sp> {
    // SAFETY: a thread enters a list itself, and has parked before the list is unlocked. So a thread that is found in
    // the list under the lock has parked, and after its removal only this code wakes it.
    unsafe {
        let left = withdraw(current, &raw mut (*task).waiter, |list| {
            let may_leave = (*task).waiter.arm == 0;
            if may_leave {
                list.uncount();
            }
            may_leave
        });
        left.then(|| wait::detach(task, 0))
    }
}
