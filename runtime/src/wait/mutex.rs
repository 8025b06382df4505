//! Mutexes.

use std::ptr::null_mut;

use weft_abi::{Mutex, Task, Worker};
use weft_hot::cleanup::chain;
use weft_hot::wait;

use super::list::{lock, unlock};
use crate::wait::cleanups;
use crate::workers::run_queue;

/// Gives a mutex to who has waited longest for it, or to nobody. It is held from then on, so it is released if its
/// thread is cancelled before it goes on.
unsafe fn release(worker: *mut Worker, mutex: *mut Mutex) {
    // SAFETY: the mutex is alive; only tasks wait for one.
    unsafe {
        let list = &raw mut (*mutex).object.list;
        lock(worker, list);
        let waiter = (*list).sides[0].first;
        if waiter.is_null() {
            (*mutex).holder = null_mut();
            return unlock(list);
        }
        wait::unlink(waiter);
        hold(waiter.cast(), mutex);
        unlock(list);
        run_queue::ready(worker, wait::detach(waiter.cast(), 1));
    }
}

/// Makes the thread of `task` the holder of a mutex, which is locked as a list.
///
/// # Safety
/// No thread holds it; the thread runs, or waits for it.
pub unsafe fn hold(task: *mut Task, mutex: *mut Mutex) {
    // SAFETY: as the caller promises.
    unsafe {
        (*mutex).holder = task;
        (*mutex).outer = std::mem::replace(&mut *chain(task), mutex.cast());
    }
}

/// Releases a mutex if the thread of `task` holds it; returns whether it did.
///
/// # Safety
/// `worker` is the running worker, and the thread of `task` the one that runs or ends.
pub unsafe fn release_one(worker: *mut Worker, task: *mut Task, mutex: *mut Mutex) -> bool {
    // SAFETY: what a thread holds is alive, and in its chain. Only the thread itself becomes the holder or stops being
    // it.
    unsafe {
        let holds = (&raw const (*mutex).holder).read_volatile() == task;
        if holds {
            // Mostly what was acquired last is released first.
            let first = chain(task);
            if *first == mutex.cast() {
                *first = (*mutex).outer;
            } else {
                cleanups::remove(task, mutex.cast());
            }
            release(worker, mutex);
        }
        holds
    }
}
