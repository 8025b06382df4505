//! The running green thread, and the bases of stacks.

use core::arch::asm;

use weft_abi::stack::{LIMIT_SLOT, REQUEST_LIMIT, RESERVE};
use weft_abi::{StackBase, StackHome, Task};

unsafe extern "C" {
    fn weft_current_base() -> *mut StackBase;
}

/// The running thread's task.
///
/// # Safety
/// A green thread runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_current() -> *mut Task {
    // SAFETY: the block of a running thread is in use, so its first word names the task.
    unsafe { (*current_base()).owner }
}

/// The base of the running thread's stack, computed from its stack limit. If a request has replaced the limit, the slow
/// path asks the runtime.
///
/// # Safety
/// A green thread runs.
#[inline(always)]
pub unsafe fn current_base() -> *mut StackBase {
    let limit: usize;
    // SAFETY: glibc reserves this word for stack limits. A limit that is not a request lies `RESERVE` above the block's
    // base.
    unsafe {
        asm!(
            "movq %fs:{slot}, {}",
            out(reg) limit,
            slot = const LIMIT_SLOT,
            options(att_syntax, nostack, nomem, preserves_flags)
        );
        if limit as u64 == REQUEST_LIMIT {
            return weft_current_base();
        }
        core::ptr::with_exposed_provenance_mut(limit - RESERVE)
    }
}

/// The base of a thread's own stack, on which the thread began. If the thread runs in a continuation, another stack
/// runs.
///
/// # Safety
/// The thread has not ended.
#[inline(always)]
pub unsafe fn base_of(task: *const Task) -> *mut StackBase {
    // SAFETY: the thread has not ended, and a `Task` begins like a `StackHome`.
    unsafe { StackHome::base(task.cast()) }
}
