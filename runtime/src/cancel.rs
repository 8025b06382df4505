//! The end of threads from outside.
//!
//! A thread that waits is ended where it is: nobody resumes it. One that is ready is somewhere in the run queue, so it
//! is marked, and an errand at the head of the queue ends all that are, before another thread has its turn. Other
//! workers, in whose queues it may be or where it may run, do so at their next safepoint.

use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{Ordering, fence};

use weft_abi::{ArrayObject, Header, Scope, Task, TaskState, WaitList, Worker, well_known};
use weft_hot::schedule::base_of;
use weft_hot::wait;

use crate::{arch, crew, growth, inbox, waiting, worker};

/// What a thread that was cancelled leaves as its panic.
#[repr(C)]
struct Message {
    string: ArrayObject,
    text: [u8; 9],
}

static CANCELLED: Message = Message {
    string: ArrayObject { header: Header::new(well_known::BYTES), length: 9 },
    text: *b"cancelled",
};

thread_local! {
    /// Whether the errand is in the run queue. Only the runtime's own code reads this.
    static SWEEPS: Cell<bool> = const { Cell::new(false) };
}

/// Has a thread end: at once if it waits, before its turn comes if it is ready, otherwise at its next safepoint.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn cancel(worker: *mut Worker, task: *mut Task) {
    // SAFETY: the task is alive, as the caller knows it.
    unsafe {
        if (*task).state != TaskState::Alive as u32 || (*task).is_cancelled != 0 {
            return;
        }
        (&raw mut (*task).is_cancelled).write_volatile(1);
        fence(Ordering::SeqCst);
        let list = (&raw const (*task).waiter.list).read_volatile();
        if !list.is_null() && leaves(worker, task, list) {
            return finish(worker, task);
        }
        let choice = (&raw const (*task).choice).read_volatile();
        if waiting::choose(task, choice) && waiting::parked(worker, task).is_some() {
            return finish(worker, task);
        }
        // It runs or is ready, here or elsewhere; or it was just woken, or is about to wait.
        if !SWEEPS.replace(true) {
            worker::ready_first(worker, arch::SWEEP.sp());
            // Nothing comes before it.
            (*worker).offspring = 0;
        }
        if (*worker).is_parallel != 0 {
            crew::tell_of_cancelled(worker, task);
        }
    }
}

/// Ends the threads of which another worker has told this one, if they wait: such a thread may have looked whether it
/// was cancelled just before it was, and have come into its list just after who cancelled it had looked there.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn finish_waiting(worker: *mut Worker) {
    // SAFETY: as the caller promises. By now this worker's threads are in the lists that they wait in.
    unsafe {
        while let Some(task) = inbox::own().take_cancelled() {
            let list = (&raw const (*task).waiter.list).read_volatile();
            let is_alive = (&raw const (*task).state).read_volatile() == TaskState::Alive as u32;
            if is_alive && !list.is_null() && leaves(worker, task, list) {
                finish(worker, task);
            }
        }
    }
}

/// Takes a thread out of the list that it waits in, unless somebody else was faster.
unsafe fn leaves(worker: *mut Worker, task: *mut Task, list: *mut WaitList) -> bool {
    // SAFETY: no collection comes in between, so the list is alive.
    unsafe {
        waiting::lock(worker, list);
        let is_there = (*task).waiter.list == list;
        if is_there {
            wait::unlink(&raw mut (*task).waiter);
        }
        waiting::unlock(list);
        is_there
    }
}

/// Ends a thread that was cancelled and that nothing resumes any more.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn finish(worker: *mut Worker, task: *mut Task) {
    // SAFETY: as the caller promises.
    unsafe {
        (*task).sp = null_mut();
        end_with(worker, task, (&raw const CANCELLED).expose_provenance() as u64);
    }
}

/// Ends a thread by a panic, the object of whose message is `cause`: what it holds is released, what it has spawned in
/// scopes is cancelled, and its stack is free.
///
/// # Safety
/// `worker` is the running worker; nothing resumes the thread any more.
pub unsafe fn end_with(worker: *mut Worker, task: *mut Task, cause: u64) {
    // SAFETY: as the caller promises.
    unsafe {
        (*task).result = cause;
        (*worker).ended_tasks += 1;
        waiting::end(worker, task, TaskState::Panicked);
        let base = base_of(task).read();
        if !base.member_of.is_null() && waiting::leave_scope(worker, task) {
            cancel_members(worker, base.member_of);
        }
        let mut scope = base.scope;
        while !scope.is_null() {
            cancel_members(worker, scope);
            scope = (*scope).outer;
        }
        growth::free_stack(worker, task);
    }
}

/// The errand has been taken out of the run queue.
pub fn begin_sweep() {
    SWEEPS.set(false);
}

unsafe fn cancel_members(worker: *mut Worker, scope: *mut Scope) {
    // SAFETY: a member that has ended meanwhile is left alone.
    unsafe { waiting::members(scope).into_iter().for_each(|task| cancel(worker, task)) }
}
