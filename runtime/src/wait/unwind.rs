//! Unwinding: the end of a thread that panics or was cancelled. This module takes the cleanups out of the thread's
//! chain; `arch::x86_64::unwind` calls the deferred blocks.
//!
//! A thread has a list of cleanups, the innermost first: the mutexes that it holds, the scopes that it has
//! opened, and the blocks that it has deferred. A thread that panics or is cancelled releases the mutexes, cancels the
//! threads of the scopes and runs the deferred blocks, in the order of the chain. Then it ends.
//!
//! ```text
//!   let f = open(path)              chain:  scope ──▶ mutex ──▶ deferred ──▶ null
//!   defer f.close()                           │         │          │
//!   m.with(|v| {                              │         │          f.close() is called
//!     scope {                                 │         the next thread gets the mutex, which is poisoned
//!       spawn work()                          work() is cancelled and waited for
//!       panic("here")
//!     }
//!   })
//! ```
//!
//! Deferred blocks and scopes need a thread to run on. The ending thread itself runs them: it goes on in `weft_unwind`,
//! as if the function that panicked or waited had called `weft_unwind`. The thread's frames stay on the stack, so no
//! values have to be restored, and reports show the frames. A thread that has neither deferred blocks nor scopes with
//! members ends at once.
//!
//! ```text
//!   weft_unwind:  call weft_next_cleanup ──▶ the next deferred block, out of the chain
//!                 call the block             after the last block the thread ends, and the call never returns
//!                 jmp  weft_unwind
//! ```
//!
//! While a thread unwinds, cancellation does not take effect. A panic in a deferred block is reported, and the thread
//! goes on with the next cleanup; the first cause of its end stays. The thread goes on with the stack pointer with
//! which unwinding began, not on top of the block that panicked: otherwise thousands of blocks that panic one after
//! another would use up the stack.

use std::sync::atomic::{Ordering, fence};

use weft_abi::trace::TraceEnd;
use weft_abi::{ArrayObject, Header, Sp, StackBase, Task, TaskState, TraceKind, well_known};
use weft_hot::current::base_of;

use super::cancel::{is_requested, leave_list, leave_wait, request, set_before_yield, settle};
use super::cleanup_chain::{Kind, all, innermost, remove};
use super::list::LockedList;
use super::{continuation, exit, mutex, scope};
use crate::arch::{self, Current};
use crate::stack::chain::{base_at, outwards};
use crate::stack::pool::{self, Block};
use crate::timeline;
use crate::workers::{inbox, registry, run_queue, worker};

/// The layout of the string object that is the cause of a cancelled thread's end.
#[repr(C)]
struct Message {
    string: ArrayObject,
    text: [u8; 9],
}

static CANCELLED: Message = Message {
    string: ArrayObject { header: Header::new(well_known::BYTES), length: 9 },
    text: *b"cancelled",
};

/// The state of a thread after [`begin`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The thread has ended.
    Ended,
    /// The thread has to run `weft_unwind`.
    Unwinds,
}

/// The next step of a thread that unwinds.
pub enum Step {
    /// The thread calls this function value, which has no parameters.
    Call(*const u8),
    /// The thread waits on the first side of this list for the members of a scope.
    Wait(LockedList),
    /// The thread has ended.
    Ended,
}

/// Cancels a thread: ends it now if it waits, otherwise where it next waits or yields.
///
/// # Safety
/// The task has not been freed, although its thread may have ended, and the caller holds none of `os::locks`.
pub unsafe fn cancel(current: Current, task: *mut Task) {
    // SAFETY: the request is new, so no other worker takes the thread out of its wait or ends it because of the
    // cancellation.
    unsafe {
        if !request(current, task) {
            return;
        }
        fence(Ordering::SeqCst);
        if let Some(sp) = leave_wait(current, task) {
            return end_waiting(current, task, sp);
        }
        // The thread does not wait: it runs or is runnable on any worker, or is about to wait. All workers look for it.
        registry::with_workers(|worker| set_before_yield(worker));
        if current.is_parallel() {
            registry::tell_of_cancelled(current, task);
        }
    }
}

/// Ends the cancelled threads in the inbox, if they wait. Such a thread has missed its cancellation: it checked for a
/// cancellation just before another worker cancelled it, and entered a list just after that worker had looked for the
/// thread in lists:
///
/// ```text
///   the thread, on this worker           another worker
///   is it cancelled? no
///                                        requests that it end
///                                        is it in a list? no: puts it into this worker's inbox
///   enters the list and parks
///   reap_cancelled: it waits, and ends
/// ```
pub fn reap_cancelled(current: Current) {
    // SAFETY: collections keep the tasks in inboxes alive, and `is_requested` checks that the thread was cancelled.
    // Once `leave_list` has taken the thread out of the list in which it waits, no other code resumes the thread.
    unsafe {
        while let Some(task) = inbox::own().take_cancelled() {
            if is_requested(task)
                && let Some(sp) = leave_list(current, task)
            {
                end_waiting(current, task, sp);
            }
        }
    }
}

/// The address of the object that is the cause of a cancelled thread's end.
pub fn cancelled() -> u64 {
    (&raw const CANCELLED).expose_provenance() as u64
}

/// Whether a thread has ended because it was cancelled.
///
/// # Safety
/// The task has not been freed, although its thread may have ended.
pub unsafe fn was_cancelled(task: *const Task) -> bool {
    // SAFETY: the task is alive, and the words of a thread that has ended no longer change.
    unsafe { (*task).state == TaskState::Panicked as u32 && (*task).result == cancelled() }
}

/// Whether a thread unwinds.
///
/// # Safety
/// The task has not been freed, although its thread may have ended.
pub unsafe fn is_unwinding(task: *const Task) -> bool {
    // SAFETY: the task is alive, and the read of an aligned word is atomic.
    unsafe { (*task).waiter.arm >= Task::UNWINDING }
}

/// Whether a thread has deferred blocks that have not run yet. `base` is the base of the thread's innermost stack.
///
/// # Safety
/// The thread has not ended. During the call it does not run, or it is in the runtime.
pub unsafe fn has_deferred(base: *mut StackBase) -> bool {
    // SAFETY: the chains belong to a thread that does not run compiled code during the call.
    unsafe { all(base).any(|cleanup| matches!(Kind::of(cleanup), Kind::Deferred(_))) }
}

/// Ends a cancelled thread that was suspended at `sp` in a wait and was taken out of that wait.
///
/// # Safety
/// Nothing else resumes the thread.
unsafe fn end_waiting(current: Current, task: *mut Task, sp: Sp) {
    // SAFETY: only the caller touches the suspended thread, so its stack does not change.
    unsafe {
        let base = base_at(task, sp);
        if let End::Unwinds = begin(current, base, cancelled()) {
            let sp = arch::suspend_unwinding(sp);
            unwinds_at(base, sp.add(arch::SUSPENDED_BYTES));
            timeline::record(current, TraceKind::Unwind, 0, (*task).waiter.number, 0);
            run_queue::ready(current, sp);
        }
    }
}

/// Records the stack pointer with which a thread begins to unwind.
///
/// # Safety
/// `sp` is in the thread's innermost stack, whose base is `base`, and the thread is in the runtime or suspended for
/// good.
unsafe fn unwinds_at(base: *mut StackBase, sp: Sp) {
    // SAFETY: the stack is in use; no other code writes to its base now.
    unsafe { (*base).unwinds_at = Block::of((*base).home).top().addr() - sp.addr() };
}

/// The stack pointer with which a thread in the runtime unwinds. The first call on a stack records and returns `sp`,
/// the current stack pointer; later calls on the same stack return the recorded stack pointer.
///
/// # Safety
/// The thread unwinds, and `base` is the base of its running stack.
pub unsafe fn start(base: *mut StackBase, sp: Sp) -> Sp {
    // SAFETY: a thread that unwinds has a stack. A stack moves as a whole, so the distance from its end stays the same.
    unsafe {
        if (*base).unwinds_at == 0 {
            unwinds_at(base, sp);
        }
        Block::of((*base).home).top().sub((*base).unwinds_at)
    }
}

/// Begins the end of a thread whose innermost stack has the base `base`; the object at the address `cause` is the
/// cause. A thread that unwinds already continues to unwind, and keeps its first cause.
///
/// # Safety
/// The thread is in the runtime, or is suspended and nothing else resumes it.
pub unsafe fn begin(current: Current, base: *mut StackBase, cause: u64) -> End {
    // SAFETY: the caller ends the thread, so no other code changes the task's words or its chains of cleanups, and the
    // cleanups in those chains are alive.
    unsafe {
        let task = (*base).owner;
        if !is_unwinding(task) {
            (*task).waiter.arm |= Task::UNWINDING;
            (*task).result = cause;
            settle(task);
            // From now on no continuation of the thread can be suspended.
            outwards(base).for_each(|base| (*base).context = continuation::new_context());
        }
        let needs_thread = all(base).any(|cleanup| match Kind::of(cleanup) {
            Kind::Mutex(_) => false,
            Kind::Scope(scope) => (&raw const (*scope).members).read_volatile() > 0,
            Kind::Deferred(_) => true,
        });
        if needs_thread {
            return End::Unwinds;
        }
        while !innermost(base).is_null() {
            step(current, base);
        }
        end(current, base);
        End::Ended
    }
}

/// Returns the next step of a thread that unwinds.
///
/// # Safety
/// The running thread unwinds, and `base` is the base of its running stack.
pub unsafe fn next(current: Current, base: *mut StackBase) -> Step {
    // SAFETY: the running thread is in the runtime, so no other code changes its chains.
    unsafe {
        while !innermost(base).is_null() {
            if let Some(step) = step(current, base) {
                return step;
            }
        }
        end(current, base);
        Step::Ended
    }
}

/// Deals with the innermost cleanup: releases a mutex, or closes a scope whose members have ended. For a deferred
/// block, and for a scope that has members, returns the step that the thread has to take.
///
/// # Safety
/// As for [`begin`]; the thread has a cleanup.
unsafe fn step(current: Current, base: *mut StackBase) -> Option<Step> {
    // SAFETY: cleanups in a chain are alive, and only the thread and the code that ends it touch its chains.
    unsafe {
        match Kind::of(innermost(base)) {
            Kind::Mutex(mutex) => {
                (*mutex).is_poisoned = 1;
                mutex::release(current, (*base).owner, base, mutex);
                None
            }
            Kind::Scope(scope) => {
                scope::members(scope).into_iter().for_each(|member| cancel(current, member));
                let list = scope::wait_for_members(current, scope);
                if list.is_none() {
                    scope::close(base);
                }
                list.map(Step::Wait)
            }
            Kind::Deferred(deferred) => {
                remove(base, deferred.cast());
                Some(Step::Call(deferred.cast()))
            }
        }
    }
}

/// Ends a thread that has no cleanups left. The cause is in its task.
///
/// # Safety
/// As for [`begin`].
unsafe fn end(current: Current, base: *mut StackBase) {
    // SAFETY: the thread does nothing more, so this code may give up its task, its scope and its stacks.
    unsafe {
        let task = (*base).owner;
        (*current.worker()).ended_tasks += 1;
        exit::end(current, task, TaskState::Panicked);
        // The thread may have been cancelled after it began to unwind.
        settle(task);
        let scope = (*base_of(task)).member_of;
        if !scope.is_null() && scope::leave(current, task, !was_cancelled(task)) {
            scope::members(scope).into_iter().for_each(|member| cancel(current, member));
        }
        let how = if was_cancelled(task) { TraceEnd::Cancelled } else { TraceEnd::Panicked };
        // The question which thread runs takes a lock.
        if timeline::has_ring(current) {
            let is_running = worker::current_task(current) == task;
            let kind = if is_running { TraceKind::End } else { TraceKind::EndOther };
            timeline::record(current, kind, how as u8, (*task).waiter.number, 0);
        }
        let stacks: Vec<*mut StackBase> = outwards(base).collect();
        for base in stacks {
            continuation::forget(current, (*base).continuation());
            pool::free_stack(current, (*base).home);
        }
    }
}
