//! Multi-waits: `select`, timeouts, cancellation.

use std::iter::successors;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use weft_abi::{Decision, ParkReason, SelectArm, Sp, Task, WaitList, WaitTicket, Waiter, Worker};
use weft_hot::schedule::base_of;
use weft_hot::wait;

use super::list::{lock, spin, unlock, words_behind_length};
use crate::text::hash;
use crate::workers::run_queue;

/// Takes who has waited longest on one side of a list and can still be woken; null if there is nobody.
///
/// # Safety
/// The worker has the list.
pub unsafe fn take(list: *mut WaitList, side: usize) -> *mut Waiter {
    // SAFETY: what is in a list is alive.
    unsafe {
        loop {
            let waiter = (*list).sides[side].first;
            if waiter.is_null() {
                return waiter;
            }
            wait::unlink(waiter);
            let arm = waiter.cast::<SelectArm>();
            if wait::is_task(waiter) || (*(*arm).task).wait_state.decide((*arm).ticket) == Decision::Won {
                return waiter;
            }
        }
    }
}

/// The thread of `task`, which runs, is about to wait by choice.
///
/// # Safety
/// The task is the running thread's.
pub unsafe fn begin(task: *mut Task, reason: ParkReason) -> WaitTicket {
    // SAFETY: nobody knows of the choice before.
    unsafe {
        (*task).park_reason = reason as u8;
        (*base_of(task)).arms = null_mut();
        (*task).wait_state.open()
    }
}

/// Makes the choice of a thread that runs and will not wait for it, and gives back its lock; false if another made it
/// before: then the thread has what it would have waited for.
///
/// # Safety
/// The task is the running thread's, and locked.
pub unsafe fn gives_up(task: *mut Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe {
        let is_made = (*task).wait_state.decide((*task).wait_state.ticket()) == Decision::Won;
        if is_made {
            (*task).wait_state.publish();
            AtomicU32::from_ptr(&raw mut (*task).lock).store(0, Ordering::Release);
        }
        is_made
    }
}

/// Makes a thread ready whose choice the caller has made, unless it has not parked yet: then it will not.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn wake_chosen(worker: *mut Worker, task: *mut Task, chosen: u32) {
    // SAFETY: who has made the choice is the only one to wake the thread. While it parks it has the lock.
    unsafe {
        (*task).chosen = chosen;
        if let Some(sp) = parked(worker, task) {
            run_queue::ready(worker, sp);
        }
    }
}

/// Makes the choice of a thread that has parked, and returns its stack pointer. One that has not yet parked is left
/// alone: it would take the choice for that of an arm.
///
/// # Safety
/// `worker` is the running worker, and the task is alive.
pub unsafe fn choose_if_parked(worker: *mut Worker, task: *mut Task, ticket: WaitTicket) -> Option<Sp> {
    // SAFETY: as the caller promises. A thread has the lock from before it parks until its stack pointer is in its
    // task.
    unsafe {
        let lock = &raw mut (*task).lock;
        if (*worker).is_parallel != 0 {
            spin(lock);
        }
        let is_chosen = !(*task).sp.is_null() && (*task).wait_state.decide(ticket) == Decision::Won;
        if is_chosen {
            (*task).wait_state.publish();
        }
        AtomicU32::from_ptr(lock).store(0, Ordering::Release);
        is_chosen.then(|| wait::detach(task, 0))
    }
}

/// The stack pointer of a thread whose choice the caller has made, if it has parked.
///
/// # Safety
/// As for [`wake_chosen`].
pub unsafe fn parked(worker: *mut Worker, task: *mut Task) -> Option<Sp> {
    // SAFETY: as the caller promises.
    unsafe {
        let lock = &raw mut (*task).lock;
        if (*worker).is_parallel != 0 {
            spin(lock);
        }
        (*task).wait_state.publish();
        let is_parked = !(*task).sp.is_null();
        AtomicU32::from_ptr(lock).store(0, Ordering::Release);
        is_parked.then(|| wait::detach(task, 0))
    }
}

/// Makes an arm of the `select` of `task` out of zeros, at the end of one side of a list. If there are other arms of
/// that `select` at the end, chance decides which comes first: each is as likely to be chosen.
///
/// # Safety
/// The worker has the list; `memory` is a new object; the task waits by choice.
pub unsafe fn enlist(memory: *mut SelectArm, task: *mut Task, list: *mut WaitList, side: u32, arm: u32) {
    // SAFETY: as the caller promises.
    unsafe {
        (*memory).waiter.number = words_behind_length(size_of::<SelectArm>());
        (*memory).waiter.arm = arm;
        (*memory).task = task;
        (*memory).ticket = (*task).wait_state.ticket();
        (*memory).sibling = std::mem::replace(&mut (*base_of(task)).arms, memory);
        let waiter = &raw mut (*memory).waiter;
        wait::link(waiter, list, side);
        let is_own =
            |other: &*mut Waiter| !wait::is_task(*other) && (*other.cast::<SelectArm>()).task == task;
        let before = |other: *mut Waiter| Some((*other).previous).filter(|other| !other.is_null());
        let own: Vec<*mut Waiter> =
            successors(before(waiter), |&other| before(other)).take_while(is_own).collect();
        if !own.is_empty() {
            let place = hash::random_below(own.len() as u64 + 1) as usize;
            if place > 0 {
                insert_before(waiter, own[place - 1]);
            }
        }
    }
}

/// Moves a waiter to the place before another one in its list.
///
/// # Safety
/// The worker has the list.
unsafe fn insert_before(waiter: *mut Waiter, other: *mut Waiter) {
    // SAFETY: what is in a list is alive.
    unsafe {
        let list = (*waiter).list;
        wait::unlink(waiter);
        (*waiter).list = list;
        (*waiter).next = other;
        (*waiter).previous = (*other).previous;
        if (*other).previous.is_null() {
            (*list).sides[(*other).side as usize].first = waiter;
        } else {
            (*(*other).previous).next = waiter;
        }
        (*other).previous = waiter;
    }
}

/// Whether another thread than that of `task` is on one side of a list. A `select` may have an arm on each side.
///
/// # Safety
/// The worker has the list.
pub unsafe fn has_other(list: *mut WaitList, side: usize, task: *mut Task) -> bool {
    // SAFETY: what is in a list is alive.
    unsafe {
        let mut waiter = (*list).sides[side].first;
        while !waiter.is_null() {
            if wait::is_task(waiter) || (*waiter.cast::<SelectArm>()).task != task {
                return true;
            }
            waiter = (*waiter).next;
        }
        false
    }
}

/// Takes all arms of a `select` out of their lists, whose thread was cancelled while it waited or was about to.
///
/// # Safety
/// `worker` is the running worker; the thread is suspended for good, or runs.
pub unsafe fn withdraw_arms(worker: *mut Worker, task: *mut Task) {
    // SAFETY: the arms are alive: they are in lists that wait for the thread or on its stack.
    unsafe {
        let mut arm = std::mem::replace(&mut (*base_of(task)).arms, null_mut());
        while !arm.is_null() {
            withdraw(worker, arm.cast());
            arm = (*arm).sibling;
        }
    }
}

/// Takes an arm out of its list if it is still there.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn withdraw(worker: *mut Worker, waiter: *mut Waiter) {
    // SAFETY: a waiter's list is alive. Others take it out of its list, but put it into none.
    unsafe {
        let list = (&raw const (*waiter).list).read_volatile();
        if list.is_null() {
            return;
        }
        lock(worker, list);
        if !(*waiter).list.is_null() {
            wait::unlink(waiter);
        }
        unlock(list);
    }
}
