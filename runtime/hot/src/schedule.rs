//! The running green thread, and the next one.
//!
//! A function that stops the running thread says so with a [`Switch`], and the code that called it switches: the
//! switch must be part of the compiled function, where the register allocator sees it.

use core::arch::asm;

use weft_abi::stack::{ATTENTION, LIMIT_SLOT, RESERVE};
use weft_abi::{Sp, Switch, Task, Worker};

use crate::queue;

unsafe extern "C" {
    fn weft_grow_run_queue();
    fn weft_current_slow() -> *mut Task;
}

/// To the tail of the queue, and on with its head. A thread that is alone gets itself back.
///
/// # Safety
/// `worker` is the running worker, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_yield(worker: *mut Worker) -> Switch {
    // SAFETY: the worker is ours alone. The queue always has room for one claim.
    let queue = unsafe { &mut (*worker).run_queue };
    let save_at = queue::claim(queue);
    let load_at = queue::take(queue);
    Switch { save_at, load_at }
}

/// The running thread's task.
///
/// # Safety
/// A green thread runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_current() -> *mut Task {
    let limit: usize;
    // SAFETY: glibc keeps this word for stack limits; the word at a block's base is the task that has it.
    unsafe {
        asm!("movq %fs:{slot}, {}", out(reg) limit, slot = const LIMIT_SLOT, options(att_syntax, nostack, nomem, preserves_flags));
        if limit as u64 == ATTENTION {
            return weft_current_slow();
        }
        core::ptr::with_exposed_provenance::<*mut Task>(limit - RESERVE).read()
    }
}

/// Makes a suspended thread ready.
///
/// # Safety
/// `worker` is the running worker; `sp` is suspended and nobody else will resume it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_ready(worker: *mut Worker, sp: Sp) {
    // SAFETY: the worker is ours alone, and there is room when the place is claimed.
    unsafe {
        if !queue::has_room(&(*worker).run_queue) {
            weft_grow_run_queue();
        }
        queue::claim(&mut (*worker).run_queue).write(sp);
    }
}

/// The place of the next thread to run, or of what the worker does when there is none.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn next(worker: *mut Worker) -> *mut Sp {
    // SAFETY: the worker is ours alone; the queue is not empty when a place is taken.
    unsafe {
        if queue::is_empty(&(*worker).run_queue) {
            &raw mut (*worker).idle
        } else {
            queue::take(&mut (*worker).run_queue)
        }
    }
}

/// The word that names the owner of the block at `base`; null when it is free.
#[inline(always)]
pub fn owner(base: *mut u8) -> *mut *mut Task {
    base.cast()
}
