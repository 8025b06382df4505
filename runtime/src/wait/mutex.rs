//! Mutexes: the holder, and the hand-over to the next thread.
//!
//! A released mutex is handed over to the next waiting thread; it does not become free for other threads. When thread A
//! releases the mutex while thread B waits, B holds the mutex from that moment, although B has not run yet:
//!
//! ```text
//!   holder A, waiting: B, C      A releases      holder B, waiting: C; B is runnable
//! ```
//!
//! So if B is cancelled before it runs, the end of B has to release the mutex. A held mutex is a cleanup of its holder.

use std::mem::replace;
use std::ptr::null_mut;

use weft_abi::continuation::context;
use weft_abi::{Mutex, StackBase, Task, TraceKind};
use weft_hot::wait;

use super::cleanup_chain;
use super::list::LockedList;
use crate::arch::Current;
use crate::stack::chain::base_at;
use crate::timeline;
use crate::workers::run_queue;

/// Makes the thread of `task` the holder of a mutex. The mutex's list is locked.
///
/// # Safety
/// The mutex is alive and no thread holds it; the thread is the running thread, or waits for the mutex. `base` is the
/// base of the stack on which it runs or waits.
pub unsafe fn hold(task: *mut Task, base: *mut StackBase, mutex: *mut Mutex) {
    // SAFETY: the list's lock guards the holder; a thread that is in the runtime or waits does not change its own
    // chain.
    unsafe {
        (*mutex).holder = task;
        (*mutex).outer = replace(&mut (*base).cleanups, mutex.cast());
        (*base).context = (*base).context.wrapping_add(context::MUTEX);
    }
}

/// Releases a mutex if the thread of `task` holds it; returns whether the thread held it.
///
/// # Safety
/// The mutex is alive. The thread is the running thread, or the current worker ends it. `base` is the base of the
/// thread's innermost stack.
pub unsafe fn release(current: Current, task: *mut Task, base: *mut StackBase, mutex: *mut Mutex) -> bool {
    // SAFETY: only a thread itself, or the code that ends it, releases its mutexes. So if the thread is the holder now
    // it remains the holder, and the mutex is in its chain.
    unsafe {
        let holds = (&raw const (*mutex).holder).read_volatile() == task;
        if holds {
            // The mutex that was acquired last is usually released first.
            let mut base = base;
            if (*base).cleanups == mutex.cast() {
                (*base).cleanups = (*mutex).outer;
            } else if let Some(of_mutex) = cleanup_chain::remove(base, mutex.cast()) {
                base = of_mutex;
            }
            (*base).context = (*base).context.wrapping_sub(context::MUTEX);
            pass_on(current, mutex);
        }
        holds
    }
}

/// Hands a mutex over to the thread that has waited longest for it; without waiters the mutex is free.
///
/// # Safety
/// The mutex is alive, and in no chain of cleanups.
unsafe fn pass_on(current: Current, mutex: *mut Mutex) {
    // SAFETY: only tasks wait for a mutex. The thread of a task in a list has parked, and only the code that takes the
    // task out of the list wakes it.
    unsafe {
        let list = LockedList::lock(current, &raw mut (*mutex).object.list);
        let waiter = list.take_first();
        if waiter.is_null() {
            (*mutex).holder = null_mut();
            return;
        }
        let task = waiter.cast::<Task>();
        hold(task, base_at(task, (*task).sp), mutex);
        drop(list);
        timeline::record(current, TraceKind::Wake, 1, (*waiter).number, 0);
        run_queue::ready(current, wait::detach(waiter.cast(), 1));
    }
}
