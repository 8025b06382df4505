//! The end of threads that were cancelled while they ran or were ready.

use std::ptr::null_mut;

use weft_abi::{Sp, Worker};
use weft_hot::queue;

use crate::{cancel, idle, worker};

/// The errand: ends all threads in the run queue that were cancelled.
///
/// # Safety
/// `worker` is the running worker, and the errand was just taken out of its run queue.
pub unsafe extern "C" fn sweep(worker: *mut Worker) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        (*worker).green_sp = null_mut();
        cancel::begin_sweep();
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
        cancel::finish_waiting(worker);
        sweep_ready(worker);
        let task = worker::current_task(worker);
        if !task.is_null() && (*task).is_cancelled != 0 {
            cancel::finish(worker, task);
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
            cancel::finish(worker, task);
        }
    }
}
