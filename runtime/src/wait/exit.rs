//! The exit of a thread: its joiners are told.

use weft_abi::{Task, TaskState, WaitList};

use super::list::LockedList;
use crate::arch::Current;

/// Sets the state of a thread that has ended, and wakes all threads that join it. Its result is in its task.
///
/// # Safety
/// The thread runs no more, or does nothing more but switch; the caller holds no lock.
pub unsafe fn end(current: Current, task: *mut Task, state: TaskState) {
    // SAFETY: a task is alive while its thread ends. Joiners begin as a list does, with one side. Whoever finds the new
    // state finds the result, too: on x86-64 stores are seen in their order, and the lock orders them for the compiler.
    unsafe {
        let joiners = LockedList::lock(current, (&raw mut (*task).joiners).cast::<WaitList>());
        (&raw mut (*task).state).write_volatile(state as u32);
        joiners.wake_all(current);
    }
}
