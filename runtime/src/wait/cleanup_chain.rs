//! The list operations on a thread's chain of cleanups: the mutexes that it holds, the scopes that it has opened and
//! the blocks that it has deferred, the innermost first. `unwind` runs the cleanups.
//!
//! Most cleanups enter and leave the chain at its beginning. But mutexes may be released in any order, and a thread
//! that has waited for a condition puts the mutex back at its old position:
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
/// The thread has not ended, and its chain does not change while the iterator is used.
pub unsafe fn all(task: *const Task) -> impl Iterator<Item = *mut Cleanup> {
    // SAFETY: cleanups in a chain are alive, since the thread's stack refers to them; the chain does not change.
    unsafe { successors(there(innermost(task)), |&cleanup| there(*outer(cleanup))) }
}

fn there(cleanup: *mut Cleanup) -> Option<*mut Cleanup> {
    (!cleanup.is_null()).then_some(cleanup)
}

/// Inserts a cleanup into a thread's chain, right before the cleanup `inside_of`, or as the outermost if `inside_of` is
/// null.
///
/// # Safety
/// The cleanup is alive and in no chain; no other code changes this chain during the call.
pub unsafe fn insert(task: *const Task, cleanup: *mut Cleanup, inside_of: *mut Cleanup) {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chain.
    unsafe {
        let mut place = chain(task);
        while *place != inside_of && !(*place).is_null() {
            place = outer(*place);
        }
        *outer(cleanup) = std::mem::replace(&mut *place, cleanup);
    }
}

/// Takes a cleanup out of a thread's chain; returns whether the cleanup was in the chain.
///
/// # Safety
/// The thread has not ended, and no other code changes its chain during the call.
pub unsafe fn remove(task: *const Task, cleanup: *mut Cleanup) -> bool {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chain.
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
