//! The list operations on a thread's cleanups: the mutexes that it holds, the scopes that it has opened and the blocks
//! that it has deferred, the innermost first. `unwind` runs the cleanups.
//!
//! Each stack has a chain of its own, and the cleanups of a thread are the cleanups of its running stack, followed by
//! the cleanups of the stacks further out. So a suspended continuation keeps its cleanups. The functions identify a
//! stack by the address of its base:
//!
//! ```text
//!   the continuation's stack     d ──▶ null
//!   the thread's own stack       m2 ──▶ f ──▶ m1 ──▶ null     the cleanups: d, m2, f, m1
//! ```
//!
//! Most cleanups enter and leave a chain at its beginning. But mutexes may be released in any order, and a thread that
//! has waited for a condition puts the mutex back at its old position:
//!
//! ```text
//!   m1.lock, defer f, m2.lock       chain:  m2 ──▶ f ──▶ m1 ──▶ null
//!   m1.unlock                       chain:  m2 ──▶ f ──▶ null
//! ```

use std::iter::successors;
use std::mem::replace;
use std::ptr::null_mut;

use weft_abi::continuation::context;
use weft_abi::{Cleanup, Deferred, Mutex, Scope, StackBase, StackHome, WaitKind, WaitListObject, well_known};
use weft_hot::cleanup::outer;

use crate::stack::chain::outwards;

/// A cleanup by its kind.
pub enum Kind {
    /// A mutex that the thread holds.
    Mutex(*mut Mutex),
    /// A scope that the thread has opened.
    Scope(*mut Scope),
    /// A deferred block.
    Deferred(*mut Deferred),
}

impl Kind {
    /// The kind of a cleanup.
    ///
    /// # Safety
    /// `cleanup` is in the chain of a stack.
    pub unsafe fn of(cleanup: *mut Cleanup) -> Kind {
        // SAFETY: mutexes and scopes are the only cleanups with the descriptor `WORDS`, and begin with a
        // `WaitListObject`.
        unsafe {
            if (*cleanup).header.descriptor != well_known::WORDS {
                return Kind::Deferred(cleanup.cast());
            }
            let kind = (*cleanup.cast::<WaitListObject>()).list.kind;
            if kind == WaitKind::Scope as u32 {
                Kind::Scope(cleanup.cast())
            } else {
                Kind::Mutex(cleanup.cast())
            }
        }
    }
}

/// The innermost cleanup of a thread, or null. `base` is the base of the thread's innermost stack.
///
/// # Safety
/// The thread has not ended.
pub unsafe fn innermost(base: *mut StackBase) -> *mut Cleanup {
    // SAFETY: the stacks of a thread that has not ended are in use, and each chain begins at a base.
    unsafe { all(base).next().unwrap_or(null_mut()) }
}

/// All cleanups of a thread, from the innermost on. `base` is the base of the thread's innermost stack.
///
/// # Safety
/// The thread has not ended, and its chains do not change while the iterator is used.
pub unsafe fn all(base: *mut StackBase) -> impl Iterator<Item = *mut Cleanup> {
    // SAFETY: the caller has the same obligations.
    unsafe { outwards(base).flat_map(|base| of_stack(base)) }
}

/// The cleanups of one stack, from the innermost on.
///
/// # Safety
/// The stack is in use, and its chain does not change while the iterator is used.
pub unsafe fn of_stack(base: *mut StackBase) -> impl Iterator<Item = *mut Cleanup> {
    // SAFETY: cleanups in a chain are alive, since the stack refers to them; the chain does not change.
    unsafe { successors(there((*base).cleanups), |&cleanup| there(*outer(cleanup))) }
}

fn there(cleanup: *mut Cleanup) -> Option<*mut Cleanup> {
    (!cleanup.is_null()).then_some(cleanup)
}

/// The link that refers to a cleanup, and the base of the stack whose chain contains the cleanup; `None` if the cleanup
/// is in no chain of the thread.
///
/// # Safety
/// The thread has not ended, and no other code changes its chains during the call.
unsafe fn find(base: *mut StackBase, cleanup: *mut Cleanup) -> Option<(*mut *mut Cleanup, *mut StackBase)> {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chains.
    unsafe {
        outwards(base).find_map(|base| {
            let mut place = &raw mut (*base).cleanups;
            while *place != cleanup {
                if (*place).is_null() {
                    return None;
                }
                place = outer(*place);
            }
            Some((place, base))
        })
    }
}

/// Takes a cleanup out of a thread's chains; returns the base of the stack whose chain contained it, if any. `base` is
/// the base of the thread's innermost stack.
///
/// # Safety
/// The thread has not ended, and no other code changes its chains during the call.
pub unsafe fn remove(base: *mut StackBase, cleanup: *mut Cleanup) -> Option<*mut StackBase> {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chains.
    unsafe {
        let (place, base) = find(base, cleanup)?;
        *place = replace(&mut *outer(cleanup), null_mut());
        Some(base)
    }
}

/// The position of a cleanup in a thread's chains, as a number for [`put_at`]: the address of the next cleanup further
/// out on the same stack or, if there is none, the address of the stack's home plus 1.
///
/// # Safety
/// As for [`remove`]; the cleanup is in a chain.
pub unsafe fn place_of(base: *mut StackBase, cleanup: *mut Cleanup) -> usize {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chains.
    unsafe {
        let (_, base) = find(base, cleanup).expect("BUG: a thread does not hold the mutex");
        match there(*outer(cleanup)) {
            Some(outer) => outer.expose_provenance(),
            None => (*base).home.expose_provenance() + 1,
        }
    }
}

/// Moves a mutex within a thread's chains to a position that [`place_of`] has returned.
///
/// # Safety
/// As for [`remove`]; the cleanup is in a chain, and no cleanup further out has left its chain since `place_of`.
pub unsafe fn put_at(base: *mut StackBase, mutex: *mut Mutex, place: usize) {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chains.
    unsafe {
        let from = remove(base, mutex.cast()).expect("BUG: a thread does not hold the mutex");
        let (link, to) = if place.is_multiple_of(2) {
            let next = std::ptr::with_exposed_provenance_mut(place);
            find(base, next).expect("BUG: the position of a mutex is gone")
        } else {
            let base = StackHome::base(std::ptr::with_exposed_provenance(place - 1));
            (last_link(base), base)
        };
        (*mutex).outer = replace(&mut *link, mutex.cast());
        (*from).context = (*from).context.wrapping_sub(context::MUTEX);
        (*to).context = (*to).context.wrapping_add(context::MUTEX);
    }
}

/// Moves all cleanups of the stack `from` to the stack `to`, where they become the innermost.
///
/// # Safety
/// Both stacks are in use, and no other code changes their chains during the call.
pub unsafe fn splice(from: *mut StackBase, to: *mut StackBase) {
    // SAFETY: cleanups in a chain are alive, and the caller guarantees that no other code changes the chains.
    unsafe {
        *last_link(from) = (*to).cleanups;
        (*to).cleanups = replace(&mut (*from).cleanups, null_mut());
    }
}

/// The link at the end of a stack's chain.
///
/// # Safety
/// As for [`of_stack`].
unsafe fn last_link(base: *mut StackBase) -> *mut *mut Cleanup {
    // SAFETY: cleanups in a chain are alive, and the chain does not change.
    unsafe { of_stack(base).last().map_or(&raw mut (*base).cleanups, |last| outer(last)) }
}
