//! The exit of a thread: its state is set, and its joiners are woken.

use weft_abi::{Task, TaskState, WaitList};

use super::list::LockedList;
use crate::arch::Current;

/// Sets the state of a thread that has ended, and wakes all threads that join it. The result is in its task already.
///
/// # Safety
/// The thread does not run any more, except for its last switch; the caller holds no lock.
pub unsafe fn end(current: Current, task: *mut Task, state: TaskState) {
    // SAFETY: a task is alive while its thread ends. A `Joiners` begins like a list, and has one side. A thread that
    // sees the new state sees the result, too: x86-64 keeps the order of stores, and the lock orders them for the
    // compiler.
    unsafe {
        let joiners = LockedList::lock(current, (&raw mut (*task).joiners).cast::<WaitList>());
        (&raw mut (*task).state).write_volatile(state as u32);
        joiners.wake_all(current);
    }
}
