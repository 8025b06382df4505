//! The end of a thread, and the wake-up of its joiners.

use weft_abi::{Task, TaskState, WaitList, Worker};

use super::list::{lock, unlock, wake_all};

/// Tells all threads that wait for it that the thread of `task` has ended, whose result is there.
///
/// # Safety
/// `worker` is the running worker; the thread does not run any more, or does nothing else but switch.
pub unsafe fn end(worker: *mut Worker, task: *mut Task, state: TaskState) {
    // SAFETY: as in `weft_hot::threads`; joiners begin as a list does.
    unsafe {
        let joiners = (&raw mut (*task).joiners).cast::<WaitList>();
        lock(worker, joiners);
        (&raw mut (*task).state).write_volatile(state as u32);
        wake_all(worker, joiners);
        unlock(joiners);
    }
}
