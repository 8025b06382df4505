//! Threads that wait by choice, and what follows when a thread ends: the slow paths beside `weft_hot::wait`.
//!
//! A thread waits *by choice* when several things can wake it: the arms of a `select`, a time, a cancellation, the end
//! of a call. Its `Task::choice` says so, and whoever [chooses](choose) first wakes it; all others come too late.

use std::iter::successors;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use weft_abi::well_known;
use weft_abi::{
    Choice, Header, Mutex, Pause, Sp, Task, TaskState, WaitKind, WaitList, WaitListObject, Waiter, Worker,
};
use weft_hot::cleanup::chain;
use weft_hot::schedule::base_of;
use weft_hot::wait;

use crate::{cleanups, crew, hash, worker};

/// Scopes.
mod scope;

pub use scope::{close_scope, enter_scope, leave_scope, members, open_scope, wait_for_scope};

/// How many words follow the length of an object of the descriptor `WORDS`.
const fn words_behind_length(size: usize) -> u64 {
    (size / size_of::<u64>() - 2) as u64
}

/// Makes a list of memory that is zero, an object of so many bytes.
///
/// # Safety
/// `memory` is a new object.
pub unsafe fn make_list(memory: *mut WaitListObject, size: usize, kind: WaitKind) {
    // SAFETY: as the caller promises.
    unsafe {
        (*memory).length = words_behind_length(size);
        (*memory).list.kind = kind as u32;
    }
}

/// Has a list for this worker alone.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn lock(worker: *mut Worker, list: *mut WaitList) {
    // SAFETY: as the caller promises.
    unsafe {
        if (*worker).is_parallel != 0 {
            spin(&raw mut (*list).lock);
        }
    }
}

/// Waits for a lock, which nobody holds for long. Where all workers are to stop this one does, too: who holds the lock
/// may have stopped with it.
///
/// # Safety
/// The lock is alive; this is a worker, and has no lock of the runtime.
pub unsafe fn spin(lock: *mut u32) {
    // SAFETY: as the caller promises.
    unsafe {
        while !wait::try_lock(lock) {
            while AtomicU32::from_ptr(lock).load(Ordering::Relaxed) != 0 {
                crew::stop_if_asked();
                std::hint::spin_loop();
            }
        }
    }
}

/// Takes who has waited longest on one side of a list and can still be woken; null if there is nobody.
///
/// # Safety
/// The worker has the list.
pub unsafe fn take(list: *mut WaitList, side: usize) -> *mut Waiter {
    // SAFETY: what is in a list is alive.
    unsafe {
        loop {
            let waiter = (*list).sides[side].first;
            if waiter.is_null() {
                return waiter;
            }
            wait::unlink(waiter);
            let arm = waiter.cast::<Choice>();
            if wait::is_task(waiter) || choose((*arm).task, (*arm).choice) {
                return waiter;
            }
        }
    }
}

/// Gives a list back.
///
/// # Safety
/// The worker has it.
pub unsafe fn unlock(list: *mut WaitList) {
    // SAFETY: as the caller promises.
    unsafe { wait::weft_unlock_list(list) }
}

// Waiting by choice.

/// The thread of `task`, which runs, is about to wait by choice.
///
/// # Safety
/// The task is the running thread's.
pub unsafe fn begin(task: *mut Task, pause: Pause) {
    // SAFETY: nobody knows of the choice before.
    unsafe {
        (*task).pause = pause as u8;
        (*base_of(task)).arms = null_mut();
        AtomicU64::from_ptr(&raw mut (*task).choice).fetch_add(1, Ordering::Release);
    }
}

/// Makes the choice, unless it has been made: perhaps before `choice` was read.
///
/// # Safety
/// The task is alive.
pub unsafe fn choose(task: *mut Task, choice: u64) -> bool {
    // SAFETY: as the caller promises.
    let cell = unsafe { AtomicU64::from_ptr(&raw mut (*task).choice) };
    is_open(choice) && cell.compare_exchange(choice, choice + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// Whether nothing was chosen yet.
pub fn is_open(choice: u64) -> bool {
    choice & 3 == 1
}

/// Makes the choice of a thread that runs and will not wait for it, and gives back its lock; false if another made it
/// before: then the thread has what it would have waited for.
///
/// # Safety
/// The task is the running thread's, and locked.
pub unsafe fn gives_up(task: *mut Task) -> bool {
    // SAFETY: as the caller promises.
    unsafe {
        let choice = (&raw const (*task).choice).read_volatile();
        let is_made = choose(task, choice);
        if is_made {
            (&raw mut (*task).choice).write_volatile(choice + 3);
            AtomicU32::from_ptr(&raw mut (*task).lock).store(0, Ordering::Release);
        }
        is_made
    }
}

/// Makes a thread ready whose choice the caller has made, unless it has not parked yet: then it will not.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn wake_chosen(worker: *mut Worker, task: *mut Task, chosen: u32) {
    // SAFETY: who has made the choice is the only one to wake the thread. While it parks it has the lock.
    unsafe {
        (*task).chosen = chosen;
        if let Some(sp) = parked(worker, task) {
            worker::ready(worker, sp);
        }
    }
}

/// Makes the choice of a thread that has parked, and returns its stack pointer. One that has not yet parked is left
/// alone: it would take the choice for that of an arm.
///
/// # Safety
/// `worker` is the running worker, and the task is alive.
pub unsafe fn choose_if_parked(worker: *mut Worker, task: *mut Task, choice: u64) -> Option<Sp> {
    // SAFETY: as the caller promises. A thread has the lock from before it parks until its stack pointer is in its
    // task.
    unsafe {
        let lock = &raw mut (*task).lock;
        if (*worker).is_parallel != 0 {
            spin(lock);
        }
        let is_chosen = !(*task).sp.is_null() && choose(task, choice);
        if is_chosen {
            (&raw mut (*task).choice).write_volatile(choice + 3);
        }
        AtomicU32::from_ptr(lock).store(0, Ordering::Release);
        is_chosen.then(|| wait::detach(task, 0))
    }
}

/// The stack pointer of a thread whose choice the caller has made, if it has parked.
///
/// # Safety
/// As for [`wake_chosen`].
pub unsafe fn parked(worker: *mut Worker, task: *mut Task) -> Option<Sp> {
    // SAFETY: as the caller promises.
    unsafe {
        let lock = &raw mut (*task).lock;
        if (*worker).is_parallel != 0 {
            spin(lock);
        }
        (&raw mut (*task).choice).write_volatile((*task).choice + 2);
        let is_parked = !(*task).sp.is_null();
        AtomicU32::from_ptr(lock).store(0, Ordering::Release);
        is_parked.then(|| wait::detach(task, 0))
    }
}

/// Makes an arm of the `select` of `task` out of zeros, at the end of one side of a list. If there are other arms of
/// that `select` at the end, chance decides which comes first: each is as likely to be chosen.
///
/// # Safety
/// The worker has the list; `memory` is a new object; the task waits by choice.
pub unsafe fn enlist(memory: *mut Choice, task: *mut Task, list: *mut WaitList, side: u32, arm: u32) {
    // SAFETY: as the caller promises.
    unsafe {
        (*memory).waiter.number = words_behind_length(size_of::<Choice>());
        (*memory).waiter.arm = arm;
        (*memory).task = task;
        (*memory).choice = (*task).choice;
        (*memory).sibling = std::mem::replace(&mut (*base_of(task)).arms, memory);
        let waiter = &raw mut (*memory).waiter;
        wait::link(waiter, list, side);
        let is_own = |other: &*mut Waiter| !wait::is_task(*other) && (*other.cast::<Choice>()).task == task;
        let before = |other: *mut Waiter| Some((*other).previous).filter(|other| !other.is_null());
        let own: Vec<*mut Waiter> =
            successors(before(waiter), |&other| before(other)).take_while(is_own).collect();
        if !own.is_empty() {
            let place = hash::random_below(own.len() as u64 + 1) as usize;
            if place > 0 {
                insert_before(waiter, own[place - 1]);
            }
        }
    }
}

/// Moves a waiter to the place before another one in its list.
///
/// # Safety
/// The worker has the list.
unsafe fn insert_before(waiter: *mut Waiter, other: *mut Waiter) {
    // SAFETY: what is in a list is alive.
    unsafe {
        let list = (*waiter).list;
        wait::unlink(waiter);
        (*waiter).list = list;
        (*waiter).next = other;
        (*waiter).previous = (*other).previous;
        if (*other).previous.is_null() {
            (*list).sides[(*other).side as usize].first = waiter;
        } else {
            (*(*other).previous).next = waiter;
        }
        (*other).previous = waiter;
    }
}

/// Whether another thread than that of `task` is on one side of a list. A `select` may have an arm on each side.
///
/// # Safety
/// The worker has the list.
pub unsafe fn has_other(list: *mut WaitList, side: usize, task: *mut Task) -> bool {
    // SAFETY: what is in a list is alive.
    unsafe {
        let mut waiter = (*list).sides[side].first;
        while !waiter.is_null() {
            if wait::is_task(waiter) || (*waiter.cast::<Choice>()).task != task {
                return true;
            }
            waiter = (*waiter).next;
        }
        false
    }
}

/// Takes all arms of a `select` out of their lists, whose thread was cancelled while it waited or was about to.
///
/// # Safety
/// `worker` is the running worker; the thread is suspended for good, or runs.
pub unsafe fn withdraw_arms(worker: *mut Worker, task: *mut Task) {
    // SAFETY: the arms are alive: they are in lists that wait for the thread or on its stack.
    unsafe {
        let mut arm = std::mem::replace(&mut (*base_of(task)).arms, null_mut());
        while !arm.is_null() {
            withdraw(worker, arm.cast());
            arm = (*arm).sibling;
        }
    }
}

/// Takes an arm out of its list if it is still there.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn withdraw(worker: *mut Worker, waiter: *mut Waiter) {
    // SAFETY: a waiter's list is alive. Others take it out of its list, but put it into none.
    unsafe {
        let list = (&raw const (*waiter).list).read_volatile();
        if list.is_null() {
            return;
        }
        lock(worker, list);
        if !(*waiter).list.is_null() {
            wait::unlink(waiter);
        }
        unlock(list);
    }
}

// The end of a thread.

/// Tells all threads that wait for it that the thread of `task` has ended, whose result is there.
///
/// # Safety
/// `worker` is the running worker; the thread does not run any more, or does nothing else but switch.
pub unsafe fn end(worker: *mut Worker, task: *mut Task, state: TaskState) {
    // SAFETY: as in `weft_hot::threads`; joiners begin as a list does.
    unsafe {
        let joiners = (&raw mut (*task).joiners).cast::<WaitList>();
        lock(worker, joiners);
        (&raw mut (*task).state).write_volatile(state as u32);
        wake_all(worker, joiners);
        unlock(joiners);
    }
}

/// Makes ready all threads that wait for the end of another.
///
/// # Safety
/// `worker` is the running worker, and has the list.
pub unsafe fn wake_all(worker: *mut Worker, joiners: *mut WaitList) {
    // SAFETY: only tasks join.
    unsafe {
        while !(*joiners).sides[0].first.is_null() {
            let waiter = (*joiners).sides[0].first;
            wait::unlink(waiter);
            worker::ready(worker, wait::detach(waiter.cast(), 1));
        }
    }
}

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
        worker::ready(worker, wait::detach(waiter.cast(), 1));
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

/// The number of threads that have arrived at a barrier, a word behind those of its list.
///
/// # Safety
/// The list is that of a barrier.
pub unsafe fn arrived(list: *mut WaitList) -> *mut u64 {
    // SAFETY: as the caller promises.
    unsafe { list.add(1).cast() }
}

/// The header of the objects here.
pub const HEADER: Header = Header::new(well_known::WORDS);
