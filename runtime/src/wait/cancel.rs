//! Cancellation: the end of a thread that another one asks for.
//!
//! It takes effect only where a thread waits or yields. A thread that waits when it is cancelled is taken out of what
//! it waits for and never resumed, unless it has deferred blocks, see [`unwind`]. Any other goes on until it
//! begins to wait or yields:
//!
//! ```text
//!   No ──cancel──▶ Requested ──it waits, or begins to wait, or yields──▶ Delivered ──its deferred blocks──▶ ended
//!                      └───────it returns or panics──────────────────────────────────────────────────────▶ ended
//! ```
//!
//! Whoever begins to wait looks at its own task, which it touches anyway. A yield touches no task, so it looks only
//! while there is a thread in the state `Requested`: then each worker has a bit set that a yield tests, see
//! `weft_abi::layout::before_yield`.

use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::layout::before_yield::CANCELLATION;
use weft_abi::{Cancellation, Sp, Task, TaskState, WaitKind, WaitList, Worker};
use weft_hot::wait;

use crate::wait::{list, select};

/// The number of threads in the state `Requested`.
static REQUESTED: AtomicU64 = AtomicU64::new(0);

/// Whether a thread was cancelled and has not begun to end.
///
/// # Safety
/// The task is alive as an object.
pub unsafe fn is_requested(task: *const Task) -> bool {
    // SAFETY: as the caller promises. Another worker may write the words.
    unsafe {
        (&raw const (*task).cancellation).read_volatile() == Cancellation::Requested as u8
            && (&raw const (*task).state).read_volatile() == TaskState::Alive as u32
    }
}

/// Whether the running thread, which yields or is about to wait, ends there.
///
/// # Safety
/// The task is the running thread's.
pub unsafe fn takes_effect(task: *const Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe { is_requested(task) && (*task).waiter.arm == 0 }
}

/// Notes that the cancellation of a thread has taken effect, or never will since the thread has ended.
///
/// # Safety
/// The task is alive as an object, and nobody else ends its thread.
pub unsafe fn settle(task: *mut Task) {
    // SAFETY: as the caller promises.
    unsafe {
        if (*task).cancellation == Cancellation::Requested as u8 {
            (*task).cancellation = Cancellation::Delivered as u8;
            REQUESTED.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Lets yields of this worker be as fast as ever again if no thread is in the state `Requested`.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn forget(worker: *const Worker) {
    // SAFETY: as the caller promises.
    unsafe {
        if REQUESTED.load(Ordering::SeqCst) == 0 {
            (*worker).before_yield.fetch_and(!CANCELLATION, Ordering::SeqCst);
            // Another worker may have cancelled a thread after the look and before that.
            if REQUESTED.load(Ordering::SeqCst) != 0 {
                set_before_yield(worker);
            }
        }
    }
}

/// Takes the running thread, which is about to wait in a list of that kind and has not entered it, out of what the list
/// counts.
///
/// # Safety
/// The worker has the list.
pub unsafe fn uncount(list: *mut WaitList) {
    // SAFETY: as the caller promises; the list of a barrier has a word for its count.
    unsafe {
        if (*list).kind == WaitKind::Barrier as u32 {
            *list::arrived(list) -= 1;
        }
    }
}

pub(super) fn set_before_yield(worker: *const Worker) {
    // SAFETY: workers live as long as the process.
    unsafe { (*worker).before_yield.fetch_or(CANCELLATION, Ordering::SeqCst) };
}

/// Asks a thread to end; false if it has ended or was asked before.
pub(super) unsafe fn request(worker: *mut Worker, task: *mut Task) -> bool {
    // SAFETY: who ends the thread has this list, too: so it either finds the request, or is found to have ended.
    unsafe {
        let joiners = (&raw mut (*task).joiners).cast::<WaitList>();
        list::lock(worker, joiners);
        let is_new =
            (*task).state == TaskState::Alive as u32 && (*task).cancellation == Cancellation::No as u8;
        if is_new {
            REQUESTED.fetch_add(1, Ordering::SeqCst);
            (&raw mut (*task).cancellation).write_volatile(Cancellation::Requested as u8);
        }
        list::unlock(joiners);
        is_new
    }
}

/// Takes a thread out of what it waits for, and returns its stack pointer; `None` if it does not wait, was woken before
/// or is inside of a deferred block.
pub(super) unsafe fn stops_waiting(worker: *mut Worker, task: *mut Task) -> Option<Sp> {
    // SAFETY: the caller has just asked it to end.
    unsafe {
        if let Some(sp) = leaves_list(worker, task) {
            return Some(sp);
        }
        // In this order: if the choice is still open afterwards, the thread has not gone on in between.
        let ticket = (*task).wait_state.ticket();
        let is_shielded = (&raw const (*task).waiter.arm).read_volatile() != 0;
        if is_shielded {
            return None;
        }
        let sp = select::choose_if_parked(worker, task, ticket)?;
        select::withdraw_arms(worker, task);
        Some(sp)
    }
}

/// Takes a thread out of the list that it waits in, unless another worker was faster.
pub(super) unsafe fn leaves_list(worker: *mut Worker, task: *mut Task) -> Option<Sp> {
    // SAFETY: no collection comes in between, so the list is alive.
    unsafe {
        let list = (&raw const (*task).waiter.list).read_volatile();
        if list.is_null() {
            return None;
        }
        list::lock(worker, list);
        let leaves = (*task).waiter.list == list && (*task).waiter.arm == 0;
        if leaves {
            wait::unlink(&raw mut (*task).waiter);
            uncount(list);
        }
        list::unlock(list);
        leaves.then(|| wait::detach(task, 0))
    }
}
