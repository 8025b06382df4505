//! The end of threads from outside.
//!
//! A thread that waits is ended where it is: nobody resumes it. One that is ready is somewhere in the run queue, so it
//! is marked, and an errand at the head of the queue ends all that are, before another thread has its turn. Other
//! workers, in whose queues it may be or where it may run, do so at their next safepoint.

use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{Ordering, fence};

use weft_abi::{ArrayObject, Header, Scope, Sp, Task, TaskState, WaitList, Worker, well_known};
use weft_hot::schedule::base_of;
use weft_hot::{queue, wait};

use crate::attention::{self, CANCEL};
use crate::{arch, crew, growth, idle, waiting, worker};

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
        // It runs or is ready, here or elsewhere; or it was just woken.
        if !SWEEPS.replace(true) {
            worker::ready_first(worker, arch::SWEEP.sp());
            // Nothing comes before it.
            (*worker).offspring = 0;
        }
        if (*worker).is_parallel != 0 {
            let others = crew::workers().into_iter().filter(|&other| other != worker);
            others.for_each(|other| attention::ask(other, CANCEL));
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

unsafe fn cancel_members(worker: *mut Worker, scope: *mut Scope) {
    // SAFETY: a member that has ended meanwhile is left alone.
    unsafe { waiting::members(scope).into_iter().for_each(|task| cancel(worker, task)) }
}

/// The errand: ends all threads in the run queue that were cancelled.
///
/// # Safety
/// `worker` is the running worker, and the errand was just taken out of its run queue.
pub unsafe extern "C" fn sweep(worker: *mut Worker) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        (*worker).green_sp = null_mut();
        SWEEPS.set(false);
        sweep_ready(worker);
        idle::resume_next(worker)
    }
}

/// Ends all threads of this worker that were cancelled, the running one too.
///
/// # Safety
/// `worker` is the running worker, at a safepoint.
pub unsafe fn sweep_own(worker: *mut Worker) {
    // SAFETY: as the caller promises.
    unsafe {
        sweep_ready(worker);
        let task = worker::current_task(worker);
        if !task.is_null() && (*task).is_cancelled != 0 {
            finish(worker, task);
            idle::resume_next(worker)
        }
    }
}

unsafe fn sweep_ready(worker: *mut Worker) {
    // SAFETY: what is in the queue is suspended, and all of it is put back but for what ends.
    unsafe {
        (*worker).offspring = 0;
        let run_queue = &raw mut (*worker).run_queue;
        let (mut cancelled, mut others): (Vec<Sp>, Vec<Sp>) = (Vec::new(), Vec::new());
        while !queue::is_empty(&*run_queue) {
            let sp = queue::take(&mut *run_queue).read();
            (if worker::cancelled_at(sp).is_some() { &mut cancelled } else { &mut others }).push(sp);
        }
        // At the head again, where they were: the ticker takes a queue that has moved for a turn.
        others.into_iter().rev().for_each(|sp| worker::ready_first(worker, sp));
        // What waits for its end has to be in the queue: another worker's collection may come in between.
        cancelled.into_iter().rev().for_each(|sp| worker::ready_first(worker, sp));
        while !queue::is_empty(&*run_queue) {
            let sp = queue::take(&mut *run_queue).read();
            let Some(task) = worker::cancelled_at(sp) else {
                // The first that stays; or the errand, if an end has cancelled others: then that goes on with them.
                return worker::ready_first(worker, sp);
            };
            finish(worker, task);
        }
    }
}
