//! Spawn, and the end of a thread.

use weft_abi::continuation::context;
use weft_abi::stack::{RESERVE, block_size};
use weft_abi::{Cancellation, Header, Site, Sp, StackBase, Task, TaskState, WaitList, Worker, well_known};

use crate::current::{base_of, current_base};
use crate::heap::weft_allocate;
use crate::schedule::{next, weft_ready};
use crate::{trace, wait};

unsafe extern "C" {
    fn weft_next_number() -> u64;
    fn weft_more_stacks();
    fn weft_finish_slow(task: *mut Task);
    fn weft_wake_joiners(task: *mut Task);
    fn weft_scope_enter(task: *mut Task);
    fn weft_scope_exit(task: *mut Task);
}

/// Makes a task for a green thread that is spawned at `site`.
///
/// # Safety
/// `worker` is the running worker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_task_new(worker: *mut Worker, site: *const Site) -> *mut Task {
    // SAFETY: the allocation has the size and alignment of a `Task`, and its zeros are the fields of a new task. Only
    // the running worker's own code touches the worker's numbers.
    unsafe {
        let header = Header::new(well_known::TASK);
        let task = weft_allocate(worker, header.word(), size_of::<Task>() as u64).cast::<Task>();
        let last = (*worker).last_task;
        let number = if last == (*worker).last_number { weft_next_number() } else { last + 1 };
        (*worker).last_task = number;
        (*task).waiter.number = number;
        (*task).site = site;
        task
    }
}

/// Allocates a stack of the smallest class for the thread of `task`, and returns the stack's end. The thread becomes a
/// member of the running thread's innermost scope.
///
/// # Safety
/// `worker` is the running worker; `task` is new.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_stack_new(worker: *mut Worker, task: *mut Task) -> *mut u8 {
    // SAFETY: a block on the free list is unused, and its `member_of` links to the next block.
    unsafe {
        if (*worker).free_stacks.is_null() {
            weft_more_stacks();
        }
        let block = (*worker).free_stacks;
        let base = block.cast::<StackBase>();
        (*worker).free_stacks = (*base).member_of.cast();
        base.write(StackBase::of(task, context::of_thread((*task).waiter.number)));
        (*task).stack_limit = block.add(RESERVE);
        if !(*current_base()).scope.is_null() {
            weft_scope_enter(task);
        }
        block.add(block_size(0))
    }
}

/// Ends the running thread, whose task is `task`, with the bits `result`: wakes its joiners, frees its stack and
/// returns the address of the next thread's stack pointer. The stack is in use until the caller has switched, and no
/// other thread gets it before the switch.
///
/// # Safety
/// `worker` is the running worker, `task` is the running thread's task, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_finish(worker: *mut Worker, task: *mut Task, result: u64) -> *mut Sp {
    // SAFETY: the running thread has ended, so this function may give up its task and its stack. Only this worker takes
    // blocks from its free list.
    unsafe {
        (*task).result = result;
        (*worker).ended_tasks += 1;
        end(worker, task);
        let base = base_of(task);
        if !(*base).member_of.is_null() {
            weft_scope_exit(task);
        }
        // The thread has woken its joiners and the owner of its scope before this event ends its time slice.
        trace::ends(worker, task);
        if (*task).stack_class == 0 && (*task).cancellation == Cancellation::No as u8 {
            (*task).stack_limit = core::ptr::null_mut();
            free_smallest(worker, base.cast());
        } else {
            weft_finish_slow(task);
        }
        next(worker)
    }
}

/// Sets the state of the running thread, whose task is `task` and which has ended, and wakes its joiners. The result is
/// in the task already.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
unsafe fn end(worker: *mut Worker, task: *mut Task) {
    // SAFETY: a `Joiners` begins like a list. A thread that sees the new state sees the result, too: x86-64 keeps the
    // order of stores, and the lock orders them for the compiler.
    unsafe {
        let joiners = (&raw mut (*task).joiners).cast::<WaitList>();
        wait::weft_lock_list(worker, joiners);
        (&raw mut (*task).state).write_volatile(TaskState::Done as u32);
        let waiter = (*joiners).sides[0].first;
        if !waiter.is_null() {
            if (*waiter).next.is_null() {
                wait::unlink(waiter);
                trace::wakes(worker, waiter, 1);
                weft_ready(worker, wait::detach(waiter.cast(), 1));
            } else {
                weft_wake_joiners(task);
            }
        }
        wait::weft_unlock_list(joiners);
    }
}

/// Puts the block of class 0 at `base` on the free list.
///
/// # Safety
/// Nothing uses the block any more, except a thread that is about to switch away for good.
#[inline(always)]
pub unsafe fn free_smallest(worker: *mut Worker, base: *mut u8) {
    // SAFETY: the caller has given up the block, so its words are free for the list's link; only the running worker's
    // own code touches the list.
    unsafe {
        let words = base.cast::<StackBase>();
        (*words).owner = core::ptr::null_mut();
        (*words).member_of = (*worker).free_stacks.cast();
        (*worker).free_stacks = base;
    }
}
