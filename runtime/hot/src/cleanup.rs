//! The chain of cleanups of a thread, and the shield around deferred blocks.
//!
//! A deferred block is registered when it is reached, and taken out of the chain before it runs, at an exit of the
//! enclosing block. So the chain has the obligations that remain if the thread panics or is cancelled, innermost first:
//!
//! ```text
//!   defer a()       chain: a
//!   defer b()       chain: b ──▶ a
//!   }               b is taken out and runs, then a
//! ```

use weft_abi::continuation::context;
use weft_abi::{Cleanup, Deferred, Mutex, well_known};

use crate::current::current_base;

unsafe extern "C" {
    fn weft_cleanup_remove(cleanup: *mut Cleanup);
}

/// Registers a deferred block as the running thread's innermost cleanup.
///
/// # Safety
/// A green thread runs, and the block is in no chain.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_cleanup_push(deferred: *mut Deferred) {
    // SAFETY: the chain is the running thread's own, and the frame that registers the object keeps it alive.
    unsafe {
        let base = current_base();
        (*deferred).outer = (*base).cleanups;
        (*base).cleanups = deferred.cast();
    }
}

/// Takes a deferred block out of the chain.
///
/// # Safety
/// A green thread runs, and the block is one of its cleanups: the innermost cleanup, unless the thread still holds a
/// lock that it has acquired in the enclosing block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_cleanup_pop(deferred: *mut Deferred) {
    // SAFETY: as in `weft_cleanup_push`.
    unsafe {
        let base = current_base();
        if (*base).cleanups == deferred.cast() {
            (*base).cleanups = (*deferred).outer;
        } else {
            weft_cleanup_remove(deferred.cast());
        }
    }
}

/// Adds a shield: cancellation does not take effect in the running thread while the thread has a shield.
///
/// # Safety
/// A green thread runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_shield() {
    // SAFETY: only the running thread changes these words of its task and its stack.
    unsafe {
        let base = current_base();
        (*base).context = (*base).context.wrapping_add(context::SHIELD);
        (*(*base).owner).waiter.arm += 1;
    }
}

/// Removes a shield.
///
/// # Safety
/// The running thread has a shield.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_unshield() {
    // SAFETY: as in `weft_shield`.
    unsafe {
        let base = current_base();
        (*base).context = (*base).context.wrapping_sub(context::SHIELD);
        (*(*base).owner).waiter.arm -= 1;
    }
}

/// The address of a cleanup's link to the next cleanup further out.
///
/// # Safety
/// The cleanup is alive.
#[inline(always)]
pub unsafe fn outer(cleanup: *mut Cleanup) -> *mut *mut Cleanup {
    // SAFETY: mutexes and scopes have the descriptor `WORDS`, and the link at the same offset; deferred blocks have
    // other descriptors.
    unsafe {
        match (*cleanup).header.descriptor {
            well_known::WORDS => &raw mut (*cleanup.cast::<Mutex>()).outer,
            _ => &raw mut (*cleanup.cast::<Deferred>()).outer,
        }
    }
}
