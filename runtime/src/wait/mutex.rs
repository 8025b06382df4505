//! Mutexes: the holder, and the thread that is next.
//!
//! A mutex is handed over, not thrown open. When A releases it and B waits, B holds it from that moment, although B has
//! not run yet:
//!
//! ```text
//!   holder A, waiting: B, C      A releases      holder B, waiting: C; B is ready
//! ```
//!
//! So it is released again if B is cancelled before it goes on. A held mutex is a cleanup of its holder.

use std::mem::replace;
use std::ptr::null_mut;

use weft_abi::{Mutex, Task};
use weft_hot::cleanup::chain;
use weft_hot::wait;

use super::cleanup_chain;
use super::list::LockedList;
use crate::arch::Current;
use crate::workers::run_queue;

/// Makes the thread of `task` the holder of a mutex, whose list is locked.
///
/// # Safety
/// The mutex is alive and no thread holds it; the thread is the running one, or waits for the mutex.
pub unsafe fn hold(task: *mut Task, mutex: *mut Mutex) {
    // SAFETY: the list's lock guards the holder; a thread that runs here or waits does not change its own chain.
    unsafe {
        (*mutex).holder = task;
        (*mutex).outer = replace(&mut *chain(task), mutex.cast());
    }
}

/// Releases a mutex if the thread of `task` holds it; returns whether it did.
///
/// # Safety
/// The mutex is alive. The thread is the running one, or one that the current worker ends.
pub unsafe fn release(current: Current, task: *mut Task, mutex: *mut Mutex) -> bool {
    // SAFETY: only a thread itself, or what ends it, makes it stop being the holder. So if it is the holder now it
    // stays so, and the mutex is in its chain.
    unsafe {
        let holds = (&raw const (*mutex).holder).read_volatile() == task;
        if holds {
            // Mostly the last mutex that was acquired is released first.
            let first = chain(task);
            if *first == mutex.cast() {
                *first = (*mutex).outer;
            } else {
                cleanup_chain::remove(task, mutex.cast());
            }
            pass_on(current, mutex);
        }
        holds
    }
}

/// Hands a mutex to the thread that has waited longest for it, or to none.
///
/// # Safety
/// The mutex is alive, and in no chain of cleanups.
unsafe fn pass_on(current: Current, mutex: *mut Mutex) {
    // SAFETY: only tasks wait for a mutex. One in a list has parked, and only the code that takes it out wakes it.
    unsafe {
        let list = LockedList::lock(current, &raw mut (*mutex).object.list);
        let waiter = list.take_first();
        if waiter.is_null() {
            (*mutex).holder = null_mut();
            return;
        }
        hold(waiter.cast(), mutex);
        drop(list);
        run_queue::ready(current, wait::detach(waiter.cast(), 1));
    }
}
