//! Multi-waits: `select`, sleeping and blocking calls. The first of several wakers ends the wait;
//! [`weft_abi::wait_state`] decides.
//!
//! The running thread [begins](begin) a multi-wait, registers with its wakers (arms in lists, a timer, a call) and
//! parks. The waker that decides the wait state writes the number of the chosen arm to the task and wakes the thread;
//! all other wakers find that they are late. A `select` over two channels, of which the second gets a value first:
//!
//! ```text
//!   thread B                                  thread S
//!   begin(Select)                             c2.send(7)
//!   enlist an arm in the list of c1           takes B's arm out of the list of c2
//!   enlist an arm in the list of c2           decides the wait of B: Won
//!   parks: its stack pointer in its task      writes 7 into the arm
//!                                             wake_decided: arm 1 was chosen; B is runnable
//!   goes on, withdraws the arm in c1
//! ```
//!
//! A thread that parks holds its task's lock until its stack pointer is in the task: the switch itself releases the
//! lock. Until then, a waker that needs the lock spins. A waker that decides before the thread begins to park finds no
//! stack pointer in the task and does nothing more: the thread sees the decision and does not park.

use std::iter::successors;
use std::mem::replace;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use weft_abi::{Decision, ParkReason, SelectArm, Sp, Task, TraceKind, WaitTicket, Waiter};
use weft_hot::current::base_of;
use weft_hot::wait;

use super::list::{LockedList, spin, withdraw, words_behind_length};
use crate::arch::Current;
use crate::text::hash;
use crate::timeline;
use crate::workers::run_queue;

/// Begins a multi-wait of the running thread, whose task is `task`.
///
/// # Safety
/// The task belongs to the running thread, and the thread's last multi-wait is over.
pub unsafe fn begin(task: *mut Task, reason: ParkReason) -> WaitTicket {
    // SAFETY: only the thread itself writes these words, and no waker has a ticket before the wait is open.
    unsafe {
        (*task).park_reason = reason as u8;
        (*base_of(task)).arms = null_mut();
        (*task).wait_state.open()
    }
}

/// Decides the multi-wait of the running thread, which will not park, and releases its task's lock. Returns false, and
/// keeps the lock, if a waker was faster: then the thread has what it wanted to wait for.
///
/// # Safety
/// The task belongs to the running thread, and is locked.
pub unsafe fn give_up(task: *mut Task) -> bool {
    // SAFETY: the caller holds the lock. Only the winner of the decision publishes it.
    unsafe {
        let wait_state = &(*task).wait_state;
        let gives_up = wait_state.decide(wait_state.ticket()) == Decision::Won;
        if gives_up {
            wait_state.publish();
            unlock(task);
        }
        gives_up
    }
}

/// Wakes a thread whose multi-wait the caller has decided, and writes the number of the chosen arm to the thread's
/// task. A thread that has not parked yet sees the decision and does not park. `event` is the kind and the small number
/// of the event for a trace.
///
/// # Safety
/// The caller has won the decision of the task's multi-wait.
pub unsafe fn wake_decided(current: Current, task: *mut Task, chosen: u32, event: (TraceKind, u8)) {
    // SAFETY: only the winner writes the choice, publishes the choice and makes the thread runnable. A thread that
    // parks holds the lock until its stack pointer is in the task. So, under the lock, a stack pointer that is not null
    // shows that the thread has parked.
    unsafe {
        (*task).chosen = chosen;
        lock(current, task);
        (*task).wait_state.publish();
        let is_parked = !(*task).sp.is_null();
        unlock(task);
        if is_parked {
            timeline::record(current, event.0, event.1, (*task).waiter.number, 0);
            run_queue::ready(current, wait::detach(task, 0));
        }
    }
}

/// Wakes a waiter that was taken out of its list by [`take`].
///
/// # Safety
/// Nothing else wakes the waiter, and the caller holds no lock.
pub unsafe fn wake(current: Current, waiter: *mut Waiter, outcome: bool) {
    // SAFETY: taking a task or an arm gives the right to wake its thread. A thread in a list has parked.
    unsafe {
        if wait::is_task(waiter) {
            timeline::record(current, TraceKind::Wake, outcome.into(), (*waiter).number, 0);
            run_queue::ready(current, wait::detach(waiter.cast(), outcome.into()));
        } else {
            wake_arm(current, waiter.cast(), outcome);
        }
    }
}

/// Wakes the thread of an arm that was taken out of its list, which has decided the multi-wait.
///
/// # Safety
/// As for [`wake`].
pub unsafe fn wake_arm(current: Current, arm: *mut SelectArm, outcome: bool) {
    // SAFETY: only the caller uses the arm until its thread is woken.
    unsafe {
        (*arm).outcome = outcome.into();
        let number = (*arm).waiter.arm;
        let small = u8::from(outcome) | ((*arm).waiter.side as u8) << 1;
        wake_decided(current, (*arm).task, number, (TraceKind::WakeArm, small));
    }
}

/// Decides the multi-wait of a thread that has parked, and returns the thread's stack pointer. `None` if a waker was
/// faster, or if the thread has not parked yet: that thread would mistake the decision for the choice of an arm.
///
/// # Safety
/// The task is alive, and the caller holds no lock.
pub unsafe fn decide_if_parked(current: Current, task: *mut Task, ticket: WaitTicket) -> Option<Sp> {
    // SAFETY: as in `wake_decided`.
    unsafe {
        lock(current, task);
        let is_decided = !(*task).sp.is_null() && (*task).wait_state.decide(ticket) == Decision::Won;
        if is_decided {
            (*task).wait_state.publish();
        }
        unlock(task);
        is_decided.then(|| wait::detach(task, 0))
    }
}

/// Locks a task, so that its thread cannot park meanwhile.
unsafe fn lock(current: Current, task: *mut Task) {
    // SAFETY: the callers pass a task that is alive, and hold no lock.
    unsafe {
        if current.is_parallel() {
            spin(current, &raw mut (*task).lock);
        }
    }
}

/// Releases the lock of a task.
unsafe fn unlock(task: *mut Task) {
    // SAFETY: the callers have locked the task, which is alive.
    unsafe { AtomicU32::from_ptr(&raw mut (*task).lock).store(0, Ordering::Release) }
}

/// Removes from a side the first waiter that can still be woken, and returns the waiter; null if no such waiter is
/// left. An arm whose multi-wait was decided by another waker is removed as well. If the result is an arm, its
/// multi-wait is decided, and the caller has to wake its thread.
pub fn take(list: &LockedList, side: usize) -> *mut Waiter {
    loop {
        let waiter = list.first(side);
        if waiter.is_null() {
            return waiter;
        }
        // SAFETY: `waiter` is in the locked list, so it is alive; if it is an arm, its task is alive, too.
        unsafe {
            list.remove(waiter);
            let arm = waiter.cast::<SelectArm>();
            if wait::is_task(waiter) || (*(*arm).task).wait_state.decide((*arm).ticket) == Decision::Won {
                return waiter;
            }
        }
    }
}

/// Makes an arm of the `select` of `task`, and adds the arm at the end of one side of a list. If the last waiters of
/// the side are arms of the same `select`, the new arm gets a random place among them, so that each arm is equally
/// likely to be chosen.
///
/// # Safety
/// `memory` is a new object, which is zero except for its header; `task` belongs to the running thread, and that thread
/// is in a multi-wait.
pub unsafe fn enlist(memory: *mut SelectArm, task: *mut Task, list: &LockedList, side: u32, arm: u32) {
    // SAFETY: no other code knows the new arm, and the waiters of a locked list are alive. Only the thread itself uses
    // its list of arms while it runs.
    unsafe {
        (*memory).waiter.number = words_behind_length(size_of::<SelectArm>());
        (*memory).waiter.arm = arm;
        (*memory).task = task;
        (*memory).ticket = (*task).wait_state.ticket();
        (*memory).sibling = replace(&mut (*base_of(task)).arms, memory);
        let waiter = &raw mut (*memory).waiter;
        list.push(waiter, side);
        let before = |other: *mut Waiter| Some((*other).previous).filter(|other| !other.is_null());
        let own: Vec<*mut Waiter> = successors(before(waiter), |&other| before(other))
            .take_while(|&other| is_arm_of(other, task))
            .collect();
        if !own.is_empty() {
            let place = hash::random_below(own.len() as u64 + 1) as usize;
            if place > 0 {
                list.move_before(waiter, own[place - 1]);
            }
        }
    }
}

/// Whether a waiter is an arm of a `select` of `task`.
///
/// # Safety
/// The waiter is alive.
unsafe fn is_arm_of(waiter: *mut Waiter, task: *mut Task) -> bool {
    // SAFETY: a waiter that is not a task is an arm.
    unsafe { !wait::is_task(waiter) && (*waiter.cast::<SelectArm>()).task == task }
}

/// Whether a thread other than the thread of `task` waits on one side of a list. The thread's own `select` may have
/// arms there.
pub fn has_other(list: &LockedList, side: usize, task: *mut Task) -> bool {
    let mut waiter = list.first(side);
    // SAFETY: waiters in a locked list are alive.
    unsafe {
        while !waiter.is_null() {
            if !is_arm_of(waiter, task) {
                return true;
            }
            waiter = list.next(waiter);
        }
    }
    false
}

/// Takes all arms of a thread's `select` out of their lists, after the thread was cancelled.
///
/// # Safety
/// The thread is the running thread, or is suspended and no waker resumes it. The caller holds no lock.
pub unsafe fn withdraw_arms(current: Current, task: *mut Task) {
    // SAFETY: the arms are alive: they are in lists, or referred to from the thread's stack. Only their thread enters
    // arms into lists, and that thread does not run compiled code now.
    unsafe {
        let mut arm = replace(&mut (*base_of(task)).arms, null_mut());
        while !arm.is_null() {
            withdraw(current, arm.cast(), |_| true);
            arm = (*arm).sibling;
        }
    }
}
