//! Swaps of symmetric continuations, the stacks of `std.switch`: the checks before the switch.
//!
//! A swap calls these functions in order, then switches:
//!
//! ```text
//!   weft_swap_from   the continuation that is left: the running one, if it may be left, or else a host
//!   weft_swap_limit  the stack limit for the switch
//!   weft_swap_to     the target takes the place in the chain of stacks; the addresses for the switch
//! ```
//!
//! | swap | stores its stack pointer in | loads the stack pointer from |
//! |---|---|---|
//! | from the host to A | `A.resumer` | `A.sp` |
//! | from A to B | `A.sp`, after a copy of `A.resumer` to `B.resumer` | `B.sp` |
//! | from A to the host | `A.sp` | `A.resumer` |

use weft_abi::continuation::PLACES;
use weft_abi::{Continuation, Site, StackBase, StackHome, Switch, well_known};

use crate::continuation::{weft_resume_continuation, weft_suspend_continuation};

unsafe extern "C" {
    fn weft_swap_from_slow(home: *mut StackHome) -> *mut Continuation;
    fn weft_swap_foreign() -> !;
    fn weft_continuation_used(continuation: *mut Continuation, revision: u64, site: *const Site) -> !;
}

/// Panics unless the target of a swap has the given revision.
///
/// # Safety
/// `target` is a symmetric continuation or a host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_check_target(target: *mut Continuation, revision: u64) {
    // SAFETY: both kinds of objects have a revision.
    unsafe {
        if (*target).revision != revision {
            weft_continuation_used(target, revision, core::ptr::null());
        }
    }
}

/// The continuation that a swap leaves: the running stack's, if it is symmetric, or else a host. Panics if the
/// continuation may not be left.
///
/// # Safety
/// `target` is a suspended symmetric continuation or the host of a suspended stack, `home` is the home of the running
/// stack, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_swap_from(
    target: *mut Continuation,
    home: *mut StackHome,
) -> *mut Continuation {
    // SAFETY: the home of a stack is a task or a continuation, as its header tells. A suspended continuation has a
    // stack.
    unsafe {
        if (*home).header.descriptor != well_known::TASK {
            let continuation = home.cast::<Continuation>();
            if (*continuation).is_symmetric {
                weft_suspend_continuation(continuation);
                return continuation;
            }
        } else if !Continuation::is_host(target) {
            let host = (*base_of(target)).host();
            if !host.is_null() && (*host).parent == home {
                (*host).revision += 1;
                return host;
            }
        }
        weft_swap_from_slow(home)
    }
}

/// The limit of the stack that runs after a swap. Called before [`weft_swap_to`], which may make the target its own
/// innermost continuation although another one runs next.
///
/// # Safety
/// `target` is the target of a swap, which is suspended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_swap_limit(target: *const Continuation) -> *mut u8 {
    // SAFETY: the stack of a host waits for the swap, and a suspended continuation has an innermost stack.
    unsafe {
        match Continuation::is_host(target) {
            true => (*(*target).parent).stack_limit,
            false => (*(*target).innermost).stack_limit,
        }
    }
}

/// Puts the target of a swap in the place of `from` in the chain of stacks, and adds 1 to the target's revision.
/// Returns the addresses at which the switch stores the stack pointer and loads it. Panics if the target is a host, but
/// not the host of `from`.
///
/// # Safety
/// `from` is the result of [`weft_swap_from`] for this swap, whose target is suspended; `home` is the home of the
/// running stack, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_swap_to(
    from: *mut Continuation,
    target: *mut Continuation,
    home: *mut StackHome,
) -> Switch {
    // SAFETY: a symmetric continuation that runs has a host, a parent and a resumer. A suspended one has a stack.
    unsafe {
        let is_to_host = Continuation::is_host(target);
        if is_to_host && (Continuation::is_host(from) || (*base_of(from)).host() != target) {
            weft_swap_foreign();
        }
        (*target).revision += 1;
        if is_to_host {
            return Switch { save_at: &raw mut (*from).sp, load_at: &raw mut (*from).resumer };
        }
        let base = base_of(target);
        if Continuation::is_host(from) {
            weft_resume_continuation(target, home);
            (*base).set_host(from);
            return Switch { save_at: &raw mut (*target).resumer, load_at: &raw mut (*target).sp };
        }
        weft_resume_continuation(target, (*from).parent);
        (*base).set_host((*base_of(from)).host());
        (*target).resumer = (*from).resumer;
        Switch { save_at: &raw mut (*from).sp, load_at: &raw mut (*target).sp }
    }
}

/// The address at which the switch stores the place of the swap.
///
/// # Safety
/// `target` is the target of a swap for which [`weft_swap_to`] has returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_swap_place(target: *mut Continuation) -> *mut u32 {
    // SAFETY: both kinds of objects have places.
    unsafe { &raw mut (*target).places[(*target).revision as usize % PLACES] }
}

/// The base of a continuation's own stack.
///
/// # Safety
/// The continuation has not ended.
#[inline(always)]
unsafe fn base_of(continuation: *const Continuation) -> *mut StackBase {
    // SAFETY: the caller has the same obligation.
    unsafe { StackHome::base(continuation.cast()) }
}
