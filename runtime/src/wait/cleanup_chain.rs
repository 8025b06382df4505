//! The list operations on a thread's chain of cleanups: the mutexes that it holds, the scopes that it has opened and
//! the blocks that it has deferred, the innermost first. `unwind` runs what is in it.
//!
//! Mostly a cleanup enters and leaves the chain at its beginning. But mutexes may be released in any order, and a
//! thread that has waited for a condition puts the mutex back to its old place:
//!
//! ```text
//!   m1.lock, defer f, m2.lock       chain:  m2 ──▶ f ──▶ m1 ──▶ null
//!   m1.unlock                       chain:  m2 ──▶ f ──▶ null
//! ```

use std::iter::successors;
use std::ptr::null_mut;

use weft_abi::{Cleanup, Task};
use weft_hot::cleanup::{chain, outer};

/// The innermost cleanup of a thread, or null.
///
/// # Safety
/// The thread has not ended.
pub unsafe fn innermost(task: *const Task) -> *mut Cleanup {
    // SAFETY: the stack of a thread that has not ended is in use, and the chain begins at its base.
    unsafe { *chain(task) }
}

/// All cleanups of a thread, from the innermost on.
///
/// # Safety
/// The thread has not ended, and its chain does not change meanwhile.
pub unsafe fn all(task: *const Task) -> impl Iterator<Item = *mut Cleanup> {
    // SAFETY: what is in a chain is alive, as the thread's stack or the object around it is; the chain does not change.
    unsafe { successors(there(innermost(task)), |&cleanup| there(*outer(cleanup))) }
}

fn there(cleanup: *mut Cleanup) -> Option<*mut Cleanup> {
    (!cleanup.is_null()).then_some(cleanup)
}

/// Adds a cleanup right inside of another one of the thread, or as the outermost for null.
///
/// # Safety
/// The cleanup is alive and in no chain; nothing else changes this chain meanwhile.
pub unsafe fn insert(task: *const Task, cleanup: *mut Cleanup, inside_of: *mut Cleanup) {
    // SAFETY: what is in a chain is alive, and the caller says that nothing else changes it.
    unsafe {
        let mut place = chain(task);
        while *place != inside_of && !(*place).is_null() {
            place = outer(*place);
        }
        *outer(cleanup) = std::mem::replace(&mut *place, cleanup);
    }
}

/// Takes a cleanup out of a thread's chain; returns false if it is not there.
///
/// # Safety
/// The thread has not ended, and nothing else changes its chain meanwhile.
pub unsafe fn remove(task: *const Task, cleanup: *mut Cleanup) -> bool {
    // SAFETY: what is in a chain is alive, and the caller says that nothing else changes it.
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
