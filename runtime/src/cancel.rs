//! The end of threads from outside.
//!
//! A thread that does not run is ended where it is: nobody resumes it. One that is ready is somewhere in the run queue,
//! so it is marked, and an errand at the head of the queue ends all that are, before another thread has its turn.

use std::cell::Cell;
use std::ptr::null_mut;

use weft_abi::{ArrayObject, Header, Scope, Task, TaskState, Worker, well_known};
use weft_hot::{queue, wait};

use crate::{arch, growth, idle, stacks, waiting, worker};

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

/// Has a thread end at its next yield point.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn cancel(worker: *mut Worker, task: *mut Task) {
    // SAFETY: the task is alive, as the caller knows it.
    unsafe {
        if (*task).state != TaskState::Alive as u32 || (*task).is_cancelled != 0 {
            return;
        }
        (*task).is_cancelled = 1;
        if (*task).sp.is_null() {
            if !SWEEPS.replace(true) {
                worker::ready_first(worker, arch::SWEEP.sp());
            }
        } else if !(*task).waiter.list.is_null() {
            let list = (*task).waiter.list;
            waiting::lock(worker, list);
            wait::unlink(&raw mut (*task).waiter);
            waiting::unlock(list);
            finish(worker, task);
        } else if waiting::choose(task, (*task).choice) {
            finish(worker, task);
        }
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
        if !(*task).member_of.is_null() && waiting::leave_scope(worker, task) {
            cancel_members(worker, (*task).member_of);
        }
        let mut scope = (*task).scope;
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
    // SAFETY: what is in the queue is suspended. Each entry is taken once, and put back behind the others if it stays.
    unsafe {
        (*worker).green_sp = null_mut();
        SWEEPS.set(false);
        let run_queue = &raw mut (*worker).run_queue;
        for _ in 0..(*run_queue).tail.wrapping_sub((*run_queue).head) {
            let sp = queue::take(&mut *run_queue).read();
            let block = stacks::lock().block_of(sp);
            match block.map(|block| block.owner()).filter(|&task| (*task).is_cancelled != 0) {
                Some(task) => finish(worker, task),
                None => worker::ready(worker, sp),
            }
        }
        idle::resume_next(worker)
    }
}
