//! Unwinding: how a thread ends that panics or was cancelled.
//!
//! Each thread has one chain of cleanups, the innermost first: the mutexes that it holds, the scopes that it has
//! opened, and the blocks that it has deferred. A thread that does not go on gives the mutexes back, ends the threads
//! of the scopes and runs the deferred blocks, in the order of the chain. Then it ends.
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
//! Deferred blocks and scopes need a thread to run on, and theirs is the one that ends: it goes on in `weft_unwind`, as
//! if the function that panicked or waited had called that. Its frames stay on the stack, so nothing has to find or
//! restore what they hold, and reports show them. A thread that has neither ends at once, wherever it is.
//!
//! ```text
//!   weft_unwind:  call weft_next_cleanup ──▶ the next deferred block, out of the chain
//!                 call the block             after the last one the thread ends, and this never returns
//!                 jmp  weft_unwind
//! ```
//!
//! While a thread unwinds, cancellation does not take effect. A panic in a deferred block is reported, and the thread
//! unwinds on from the next cleanup; the first cause stays. It does so where it began, not on top of the block that
//! panicked: thousands of blocks that panic in turn would otherwise use up the stack.

use std::sync::atomic::{Ordering, fence};

use weft_abi::{
    ArrayObject, Cleanup, Deferred, Header, Mutex, Scope, Sp, Task, TaskState, WaitKind, WaitList,
    WaitListObject, Worker, well_known,
};
use weft_hot::schedule::base_of;

use super::cancel::{is_requested, leaves_list, request, set_before_yield, settle, stops_waiting};
use super::cleanups::{all, innermost, remove};
use crate::arch;
use crate::stack::pool;
use crate::wait::{exit, mutex, scope};
use crate::workers::{inbox, registry, run_queue};

/// The cause of the end of a thread that was cancelled.
#[repr(C)]
struct Message {
    string: ArrayObject,
    text: [u8; 9],
}

static CANCELLED: Message = Message {
    string: ArrayObject { header: Header::new(well_known::BYTES), length: 9 },
    text: *b"cancelled",
};

/// The way in which a thread that does not go on ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It has ended.
    Ended,
    /// It has to run `weft_unwind`.
    Unwinds,
}

/// The next step of a thread that unwinds.
pub enum Step {
    /// To call that function value, which takes nothing.
    Call(*const u8),
    /// To wait on the first side of that list, which is locked, for the threads of a scope.
    Wait(*mut WaitList),
    /// The thread has ended.
    Ended,
}

/// Cancels a thread: ends it if it waits, otherwise asks it to end.
///
/// # Safety
/// `worker` is the running worker, and the task is alive as an object.
pub unsafe fn cancel(worker: *mut Worker, task: *mut Task) {
    // SAFETY: as the caller promises.
    unsafe {
        if !request(worker, task) {
            return;
        }
        fence(Ordering::SeqCst);
        if let Some(sp) = stops_waiting(worker, task) {
            return end_waiting(worker, task, sp);
        }
        // It runs or is ready, here or elsewhere; or it was just woken, or is about to wait.
        registry::with_workers(|worker| set_before_yield(worker));
        if (*worker).is_parallel != 0 {
            registry::tell_of_cancelled(worker, task);
        }
    }
}

/// Ends the threads of which another worker has told this one, if they wait: such a thread may have looked whether it
/// was cancelled just before it was, and have come into its list just after the other worker had looked there.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn reap_cancelled(worker: *mut Worker) {
    // SAFETY: as the caller promises. By now this worker's threads are in the lists that they wait in.
    unsafe {
        while let Some(task) = inbox::own().take_cancelled() {
            if is_requested(task)
                && let Some(sp) = leaves_list(worker, task)
            {
                end_waiting(worker, task, sp);
            }
        }
    }
}

/// The object that is the cause of a thread's end when it was cancelled.
pub fn cancelled() -> u64 {
    (&raw const CANCELLED).expose_provenance() as u64
}

/// Whether a thread has ended because it was cancelled.
///
/// # Safety
/// The task is alive as an object.
pub unsafe fn was_cancelled(task: *const Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe { (*task).state == TaskState::Panicked as u32 && (*task).result == cancelled() }
}

/// Whether a thread unwinds.
///
/// # Safety
/// The task is alive as an object.
pub unsafe fn is_unwinding(task: *const Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe { (*task).waiter.arm >= Task::UNWINDING }
}

/// Whether the thread has deferred blocks that were not run.
///
/// # Safety
/// The thread has not ended and does not run meanwhile, or is in the runtime.
pub unsafe fn has_deferred(task: *const Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe { all(task).any(|cleanup| matches!(Kind::of(cleanup), Kind::Deferred(_))) }
}

/// Ends a thread that was suspended at `sp` in a wait and was taken out of it, because it was cancelled.
///
/// # Safety
/// `worker` is the running worker; nobody else resumes the thread.
unsafe fn end_waiting(worker: *mut Worker, task: *mut Task, sp: Sp) {
    // SAFETY: as the caller promises.
    unsafe {
        if let End::Unwinds = begin(worker, task, cancelled()) {
            let sp = arch::suspend_unwinding(sp);
            unwinds_at(task, sp.add(arch::SUSPENDED_WORDS));
            run_queue::ready(worker, sp);
        }
    }
}

/// Notes where a thread begins to unwind.
///
/// # Safety
/// `sp` is in its stack, and the thread does not run or is in the runtime.
unsafe fn unwinds_at(task: *mut Task, sp: Sp) {
    // SAFETY: as the caller promises.
    unsafe { (*base_of(task)).unwinds_at = (*task).stack_top.addr() - sp.addr() };
}

/// The stack pointer with which a thread that is in the runtime goes on to unwind: `sp`, which it has now, for the
/// first time, later the same again.
///
/// # Safety
/// The thread unwinds.
pub unsafe fn start(task: *mut Task, sp: Sp) -> Sp {
    // SAFETY: as the caller promises: a stack moves as a whole, so the distance from its end stays.
    unsafe {
        if (*base_of(task)).unwinds_at == 0 {
            unwinds_at(task, sp);
        }
        (*task).stack_top.sub((*base_of(task)).unwinds_at)
    }
}

/// Begins the end of a thread, whose cause is the object at the address `cause`; unless it unwinds already, then it
/// goes on with that.
///
/// # Safety
/// `worker` is the running worker; the thread is in the runtime, or suspended and nobody resumes it.
pub unsafe fn begin(worker: *mut Worker, task: *mut Task, cause: u64) -> End {
    // SAFETY: as the caller promises.
    unsafe {
        if !is_unwinding(task) {
            (*task).waiter.arm |= Task::UNWINDING;
            (*task).result = cause;
            settle(task);
        }
        let needs_thread = all(task).any(|cleanup| match Kind::of(cleanup) {
            Kind::Mutex(_) => false,
            Kind::Scope(scope) => (&raw const (*scope).members).read_volatile() > 0,
            Kind::Deferred(_) => true,
        });
        if needs_thread {
            return End::Unwinds;
        }
        while !innermost(task).is_null() {
            step(worker, task);
        }
        end(worker, task);
        End::Ended
    }
}

/// The next step of a thread that unwinds.
///
/// # Safety
/// `worker` is the running worker, and the thread of `task` is in the runtime.
pub unsafe fn next(worker: *mut Worker, task: *mut Task) -> Step {
    // SAFETY: as the caller promises.
    unsafe {
        while !innermost(task).is_null() {
            if let Some(step) = step(worker, task) {
                return step;
            }
        }
        end(worker, task);
        Step::Ended
    }
}

/// Does what the innermost cleanup asks for and takes it out of the chain; or says what the thread has to do.
unsafe fn step(worker: *mut Worker, task: *mut Task) -> Option<Step> {
    // SAFETY: what is in the chain is alive, and only its thread and what ends that touch it.
    unsafe {
        match Kind::of(innermost(task)) {
            Kind::Mutex(mutex) => {
                (*mutex).is_poisoned = 1;
                mutex::release_one(worker, task, mutex);
                None
            }
            Kind::Scope(scope) => {
                scope::members(scope).into_iter().for_each(|member| cancel(worker, member));
                let list = scope::wait_for_scope(worker, scope);
                if list.is_null() {
                    scope::close_scope(task);
                    return None;
                }
                Some(Step::Wait(list))
            }
            Kind::Deferred(deferred) => {
                remove(task, deferred.cast());
                Some(Step::Call(deferred.cast()))
            }
        }
    }
}

/// Ends a thread that has no cleanups left, and whose cause is in its task.
unsafe fn end(worker: *mut Worker, task: *mut Task) {
    // SAFETY: as the callers promise.
    unsafe {
        (*worker).ended_tasks += 1;
        exit::end(worker, task, TaskState::Panicked);
        // It may have been cancelled after it began to unwind.
        settle(task);
        let scope = (*base_of(task)).member_of;
        if !scope.is_null() && scope::leave_scope(worker, task, !was_cancelled(task)) {
            scope::members(scope).into_iter().for_each(|member| cancel(worker, member));
        }
        pool::free_stack(worker, task);
    }
}

/// A cleanup as what it is.
enum Kind {
    Mutex(*mut Mutex),
    Scope(*mut Scope),
    Deferred(*mut Deferred),
}

impl Kind {
    /// # Safety
    /// `cleanup` is in the chain of a thread.
    unsafe fn of(cleanup: *mut Cleanup) -> Kind {
        // SAFETY: mutexes and scopes are the only cleanups of that descriptor, and begin as lists do.
        unsafe {
            if (*cleanup).header.descriptor != well_known::WORDS {
                return Kind::Deferred(cleanup.cast());
            }
            let kind = (*cleanup.cast::<WaitListObject>()).list.kind;
            if kind == WaitKind::Scope as u32 {
                Kind::Scope(cleanup.cast())
            } else {
                Kind::Mutex(cleanup.cast())
            }
        }
    }
}
