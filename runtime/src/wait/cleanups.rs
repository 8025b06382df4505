//! A thread's chain of cleanups: the mutexes that it holds, the scopes that it has opened and the blocks that it has
//! deferred, the innermost first.
//!
//! Cleanups are mostly put in and taken out at the beginning. Not always: a lock may be released in another order than
//! that in which it was acquired, and whoever waits for a condition puts the mutex back where it was.

use std::iter::successors;
use std::ptr::null_mut;

use weft_abi::{Cleanup, Task};
use weft_hot::cleanup::{chain, outer};

/// The innermost cleanup of a thread, or null.
///
/// # Safety
/// The thread has not ended.
pub unsafe fn innermost(task: *const Task) -> *mut Cleanup {
    // SAFETY: as the caller promises.
    unsafe { *chain(task) }
}

/// All cleanups of a thread, from the innermost on.
///
/// # Safety
/// The thread has not ended, and its chain does not change meanwhile.
pub unsafe fn all(task: *const Task) -> impl Iterator<Item = *mut Cleanup> {
    // SAFETY: as the caller promises; what is in a chain is alive.
    unsafe { successors(there(innermost(task)), |&cleanup| there(*outer(cleanup))) }
}

fn there(cleanup: *mut Cleanup) -> Option<*mut Cleanup> {
    (!cleanup.is_null()).then_some(cleanup)
}

/// Adds a cleanup right inside of another one of the thread, or as the outermost for null.
///
/// # Safety
/// The cleanup is in no chain, and nobody else changes this one.
pub unsafe fn insert(task: *const Task, cleanup: *mut Cleanup, inside_of: *mut Cleanup) {
    // SAFETY: as the caller promises; what is in a chain is alive.
    unsafe {
        let mut place = chain(task);
        while *place != inside_of && !(*place).is_null() {
            place = outer(*place);
        }
        *outer(cleanup) = std::mem::replace(&mut *place, cleanup);
    }
}

/// Takes a cleanup out of a thread's chain; false if it is not there.
///
/// # Safety
/// The thread has not ended, and nobody else changes its chain.
pub unsafe fn remove(task: *const Task, cleanup: *mut Cleanup) -> bool {
    // SAFETY: as the caller promises; what is in a chain is alive.
    unsafe {
        let mut place = chain(task);
        while *place != cleanup {
            if (*place).is_null() {
                return false;
            }
            place = outer(*place);
        }
        *place = std::mem::replace(&mut *outer(cleanup), null_mut());
        true
    }
}
