//! The running thread's chain of cleanups, and its shield.
//!
//! A deferred block is registered when it is reached, and taken out of the chain before it runs at an exit of the block
//! around it. So the chain holds what is still to be done when the thread panics or is cancelled, innermost first.

use weft_abi::Deferred;

use crate::schedule::current_base;

/// Registers a deferred block as the running thread's innermost cleanup.
///
/// # Safety
/// A green thread runs, and the block is registered nowhere.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_cleanup_push(deferred: *mut Deferred) {
    // SAFETY: the chain is the running thread's own, and the object is alive in the frame that registers it.
    unsafe {
        let base = current_base();
        (*deferred).outer = (*base).cleanups;
        (*base).cleanups = deferred.cast();
    }
}

/// Takes a deferred block out of the chain.
///
/// # Safety
/// A green thread runs, and the block is its innermost cleanup.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_cleanup_pop(deferred: *mut Deferred) {
    // SAFETY: as in `weft_cleanup_push`.
    unsafe { (*current_base()).cleanups = (*deferred).outer };
}

/// Holds cancellation off: it does not take effect in the running thread before as many calls of [`weft_unshield`].
///
/// # Safety
/// A green thread runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_shield() {
    // SAFETY: the base is the running thread's own.
    unsafe { (*current_base()).shield += 1 };
}

/// Takes a shield down again.
///
/// # Safety
/// The running thread has called [`weft_shield`] once more than this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_unshield() {
    // SAFETY: the base is the running thread's own.
    unsafe { (*current_base()).shield -= 1 };
}
