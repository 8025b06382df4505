//! Spawn, yield, wait and end.
//!
//! Each function that stops the running thread says so with a [`Switch`], and the code that called it switches: the
//! switch must be part of the compiled function, where the register allocator sees it.

use weft_abi::layout::MAILBOX;
use weft_abi::{BlockingCall, Header, Site, Sp, Switch, Task, TaskState, Worker, well_known};

use crate::heap::weft_allocate;
use crate::queue;

unsafe extern "C" {
    fn weft_idle();
    fn weft_grow_run_queue();
    fn weft_more_stacks();
    fn weft_free_stack(task: *mut Task);
    fn weft_wake_joiners(task: *mut Task);
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

/// Waits for `task` to end. The caller parks with the mailbox word set to the former `Task::waiter`.
///
/// # Safety
/// `worker` is the running worker, `task` is alive, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_park(worker: *mut Worker, task: *mut Task) -> Switch {
    // SAFETY: the caller passes a live task and its own worker.
    unsafe { Switch { save_at: &raw mut (*task).waiter, load_at: next(worker) } }
}

/// Waits until a call that was submitted is done.
///
/// # Safety
/// `worker` is the running worker, `call` was just submitted, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_block(worker: *mut Worker, call: *mut BlockingCall) -> Switch {
    // SAFETY: the caller passes a live call and its own worker.
    unsafe { Switch { save_at: &raw mut (*call).sp, load_at: next(worker) } }
}

/// A task for a green thread that `site` spawns.
///
/// # Safety
/// `worker` is the running worker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_task_new(worker: *mut Worker, site: *const Site) -> *mut Task {
    // SAFETY: the allocation is large and aligned enough for a `Task`; the worker is ours alone.
    unsafe {
        let header = Header::new(well_known::TASK);
        let task = weft_allocate(worker, header.word(), size_of::<Task>() as u64).cast::<Task>();
        let number = (*worker).last_task + 1;
        (*worker).last_task = number;
        let (waiter, stack_top) = (core::ptr::null_mut(), core::ptr::null_mut());
        task.write(Task {
            header,
            result: 0,
            waiter,
            stack_top,
            site,
            number,
            state: TaskState::Alive as u32,
            stack_class: 0,
            scanned: 0,
        });
        task
    }
}

/// The end of a block of the smallest class that belongs to `task` from now on.
///
/// # Safety
/// `worker` is the running worker; `task` is new.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_stack_new(worker: *mut Worker, task: *mut Task) -> *mut u8 {
    // SAFETY: a block on the free list is unused, and links to the next in its second word from the top.
    unsafe {
        if (*worker).free_stacks.is_null() {
            weft_more_stacks();
        }
        let top = (*worker).free_stacks;
        (*worker).free_stacks = free_link(top).read();
        owner(top).write(task);
        (*task).stack_top = top;
        top
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

/// The running thread, that of `task`, has ended with the bits `result`: wakes who waits for it, gives its stack
/// back and returns where the next thread's stack pointer is. The stack is still in use until the caller has gone
/// there, and nothing takes it before.
///
/// # Safety
/// `worker` is the running worker, `task` the running thread's, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_finish(worker: *mut Worker, task: *mut Task, result: u64) -> *mut Sp {
    // SAFETY: the task is alive and ours.
    unsafe {
        (*task).result = result;
        (*task).state = TaskState::Done as u32;
        (*worker).ended_tasks += 1;
        let waiter = (*task).waiter;
        if !waiter.is_null() {
            if behind(waiter).read().is_null() {
                weft_ready(worker, waiter);
            } else {
                weft_wake_joiners(task);
            }
        }
        if (*task).stack_class == 0 {
            let top = (*task).stack_top;
            (*task).stack_top = core::ptr::null_mut();
            free_smallest(worker, top);
        } else {
            weft_free_stack(task);
        }
        next(worker)
    }
}

/// Puts the block of class 0 that ends at `top` on the free list.
///
/// # Safety
/// Nobody uses the block any more, but for a thread that is about to switch away for good.
#[inline(always)]
pub unsafe fn free_smallest(worker: *mut Worker, top: *mut u8) {
    // SAFETY: the block's last two words are nobody's now.
    unsafe {
        owner(top).write(core::ptr::null_mut());
        free_link(top).write((*worker).free_stacks);
        (*worker).free_stacks = top;
    }
}

/// The place of the next thread to run.
#[inline(always)]
unsafe fn next(worker: *mut Worker) -> *mut Sp {
    // SAFETY: the worker is ours alone; the queue is not empty when a place is taken.
    unsafe {
        while queue::is_empty(&(*worker).run_queue) {
            weft_idle();
        }
        queue::take(&mut (*worker).run_queue)
    }
}

/// The mailbox of a waiting thread, which holds the one that began to wait before it, or null.
#[inline(always)]
pub fn behind(waiter: Sp) -> *mut Sp {
    waiter.wrapping_add(MAILBOX).cast()
}

/// The word that names the owner of the block that ends at `top`; null when it is free.
#[inline(always)]
pub fn owner(top: *mut u8) -> *mut *mut Task {
    top.wrapping_sub(8).cast()
}

/// The word through which a free block that ends at `top` names the next.
#[inline(always)]
fn free_link(top: *mut u8) -> *mut *mut u8 {
    top.wrapping_sub(16).cast()
}
