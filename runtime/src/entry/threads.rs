//! Waiting, cancellation, cleanups, scopes and mutexes of green threads.

use std::mem::ManuallyDrop;
use std::ptr::null;

use weft_abi::{Mutex, ParkReason, Scope, SelectArm, Task, WaitKind, WaitList, WaitListObject, Waiter};

use super::values::{allocate, current, current_task, no_memory, try_allocate_now};
use crate::arch::valgrind;
use crate::os;
use crate::sched::{monitor, panic_cause, panics, run_loop};
use crate::stack::pool;
use crate::text::hash;
use crate::wait::list::{self, LockedList};
use crate::wait::timers::{self, Alarm};
use crate::wait::{cancel, cleanup_chain, mutex, scope, select, unwind};
use crate::workers::{thread_ids, worker};

/// The innermost scope of the running thread.
fn innermost_scope() -> *mut Scope {
    // SAFETY: the running thread has a stack.
    unsafe { (*worker::current_base(current())).scope }
}

/// The list of an object that the library handles as a wait list.
fn list_of(object: *const u8) -> *mut WaitList {
    // SAFETY: the library passes lists.
    unsafe { &raw mut (*object.cast_mut().cast::<WaitListObject>()).list }
}

pub(super) extern "C" fn weft_current_base() -> *const u8 {
    worker::current_base(current()).cast_const().cast()
}

pub(super) extern "C" fn weft_wait_list(kind: i64, words: i64) -> *const u8 {
    let kind = WaitKind::of_library(kind).expect("BUG: a wait list of an unknown kind");
    let size = size_of::<WaitListObject>() + words as usize * size_of::<u64>();
    let memory = allocate(list::HEADER, size);
    // SAFETY: the memory is new.
    unsafe { list::make_list(memory.cast(), size, kind) };
    memory
}

// Multi-waits.

pub(super) extern "C" fn weft_multi_wait_begin(reason: i64) {
    // SAFETY: the task belongs to the running thread, and the library begins no multi-wait inside another multi-wait.
    unsafe {
        select::begin(current_task(), ParkReason::ALL[reason as usize]);
    }
}

pub(super) extern "C" fn weft_select_enlist(object: *const u8, side: i64, arm: i64) -> *const u8 {
    // The list is locked, and a collection is a safepoint, so the allocation must not collect.
    let memory = try_allocate_now(list::HEADER, size_of::<SelectArm>());
    let memory = memory.unwrap_or_else(|| no_memory(size_of::<SelectArm>()));
    // SAFETY: the library has locked the list and unlocks it later; the memory is new, and the running thread is in a
    // multi-wait.
    unsafe {
        let list = LockedList::held(list_of(object));
        select::enlist(memory.cast(), current_task(), &list, side as u32, arm as u32);
    }
    memory
}

pub(super) extern "C" fn weft_has_waiter(object: *const u8, side: i64) -> bool {
    // SAFETY: the library has locked the list and unlocks it later.
    let list = unsafe { LockedList::held(list_of(object)) };
    select::has_other(&list, side as usize, current_task())
}

pub(super) extern "C" fn weft_select_timer(milliseconds: i64, arm: i64) {
    let time = os::now().saturating_add(milliseconds.max(0).saturating_mul(1_000_000));
    let task = current_task();
    // SAFETY: the task of the running thread is alive, and collections keep the tasks of timers alive.
    unsafe {
        let alarm = Alarm { task, ticket: (*task).wait_state.ticket(), arm: arm as u32 };
        timers::lock().add(time, alarm);
    }
    run_loop::enqueue_poll(current());
}

pub(super) extern "C" fn weft_select_withdraw(waiter: *const u8) {
    // SAFETY: the library passes an arm of the running thread, which does not enter the arm into a list again.
    unsafe { list::withdraw(current(), waiter.cast_mut().cast::<Waiter>(), |_| true) };
}

pub(super) extern "C" fn weft_waiter_outcome(waiter: *const u8) -> bool {
    // SAFETY: the library passes an arm.
    unsafe { (*waiter.cast::<SelectArm>()).outcome != 0 }
}

pub(super) extern "C" fn weft_lock_slow(lock: *const u8) {
    // SAFETY: the fast path passes a lock.
    unsafe { list::spin(current(), lock.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_next_number() -> i64 {
    let current = current();
    // The first spawn calls this function. From the first spawn on, a thread may wait for the end of another thread's
    // time slice, so the monitor starts.
    if !current.is_parallel() {
        monitor::watch(current);
    }
    if valgrind::is_on() {
        pool::renew_next(current);
    }
    thread_ids::next(current).cast_signed()
}

pub(super) extern "C" fn weft_take_waiter_slow(list: *const u8, side: i64) -> *const u8 {
    // SAFETY: the fast path has locked the list and unlocks it later.
    let list = unsafe { LockedList::held(list.cast_mut().cast()) };
    select::take(&list, side as usize).cast_const().cast()
}

pub(super) extern "C" fn weft_wake_joiners(task: *const u8) {
    // SAFETY: the fast path passes a task, and has locked the list of its joiners and unlocks it later.
    unsafe {
        let joiners = &raw mut (*task.cast_mut().cast::<Task>()).joiners;
        LockedList::held(joiners.cast()).wake_all(current());
    }
}

pub(super) extern "C" fn weft_wake_all(list: *const u8) {
    // SAFETY: the library has locked the list and unlocks it later. Only tasks wait in the list.
    unsafe { LockedList::held(list_of(list)).wake_all(current()) }
}

pub(super) extern "C" fn weft_wake_arm(waiter: *const u8, outcome: i64) {
    // SAFETY: the fast path passes an arm that it has taken out of its list.
    unsafe { select::wake_arm(current(), waiter.cast_mut().cast(), outcome != 0) }
}

pub(super) extern "C" fn weft_random_below(bound: i64) -> i64 {
    hash::random_below(bound.max(1).cast_unsigned()).cast_signed()
}

// Cancellation.

pub(super) extern "C" fn weft_task_cancel(task: *const u8) {
    // SAFETY: compiled code passes a task.
    unsafe { unwind::cancel(current(), task.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_task_was_cancelled(task: *const u8) -> bool {
    // SAFETY: the library passes a task.
    unsafe { unwind::was_cancelled(task.cast()) }
}

pub(super) extern "C" fn weft_task_panic_message(task: *const u8) -> *const u8 {
    // SAFETY: the library passes the task of a thread that has panicked or was cancelled.
    unsafe { panic_cause::message(task.cast()).cast() }
}

pub(super) extern "C" fn weft_yield_cancelled() {
    let task = current_task();
    // SAFETY: the task belongs to the running thread, which yields and holds no lock of the runtime.
    unsafe {
        if cancel::takes_effect(task) {
            panics::end_cancelled(current())
        }
    }
    cancel::forget(current());
}

pub(super) extern "C" fn weft_cancelled_in_list(task: *const u8, list: *const u8) {
    let (task, list) = (task.cast_mut().cast::<Task>(), list.cast_mut().cast::<WaitList>());
    // SAFETY: the fast path passes the running thread's task and a list that it has locked; the list is unlocked here
    // if the thread ends.
    unsafe {
        if cancel::takes_effect(task) {
            let list = LockedList::held(list);
            list.uncount();
            drop(ManuallyDrop::into_inner(list));
            panics::end_cancelled(current())
        }
    }
}

pub(super) extern "C" fn weft_cancelled_in_multi_wait(task: *const u8) {
    let (current, task) = (current(), task.cast_mut().cast::<Task>());
    // SAFETY: the fast path passes the running thread's task, and has locked the task.
    unsafe {
        if cancel::takes_effect(task) && select::give_up(task) {
            select::withdraw_arms(current, task);
            panics::end_cancelled(current)
        }
    }
}

// Cleanups.

pub(super) extern "C" fn weft_cleanup_remove(cleanup: *const u8) {
    // SAFETY: compiled code passes a deferred block of the running thread.
    unsafe { cleanup_chain::remove(worker::current_base(current()), cleanup.cast_mut().cast()) };
}

pub(super) extern "C" fn weft_cleanup_place(object: *const u8) -> i64 {
    // SAFETY: the library passes a mutex that the running thread holds.
    unsafe { cleanup_chain::place_of(worker::current_base(current()), mutex_of(object).cast()) as i64 }
}

pub(super) extern "C" fn weft_cleanup_put(object: *const u8, place: i64) {
    let base = worker::current_base(current());
    // SAFETY: the library passes a mutex that the running thread holds, and a result of `weft_cleanup_place`.
    unsafe { cleanup_chain::put_at(base, mutex_of(object), place as usize) }
}

pub(super) extern "C" fn weft_next_cleanup() -> *const u8 {
    // SAFETY: only `weft_unwind` calls this function.
    unsafe { panics::next_cleanup(current()) }
}

pub(super) extern "C" fn weft_finish_slow(task: *const u8) {
    let task = task.cast_mut().cast::<Task>();
    // SAFETY: the fast path passes the task of the running thread, which has ended.
    unsafe {
        cancel::settle(task);
        pool::free_stack(current(), task.cast());
    }
}

// Scopes.

pub(super) extern "C" fn weft_scope_open() {
    let memory = allocate(list::HEADER, size_of::<Scope>());
    // SAFETY: the memory is new.
    unsafe { scope::open(memory.cast(), worker::current_base(current())) }
}

pub(super) extern "C" fn weft_scope_enter(task: *const u8) {
    let (current, task) = (current(), task.cast_mut().cast());
    // SAFETY: the fast path passes a new task, and the running thread has a scope.
    unsafe {
        if scope::enter(current, task, innermost_scope()) {
            unwind::cancel(current, task);
        }
    }
}

pub(super) extern "C" fn weft_scope_exit(task: *const u8) {
    // SAFETY: the fast path passes a task that has ended, but not by a panic.
    unsafe { scope::leave(current(), task.cast_mut().cast(), false) };
}

pub(super) extern "C" fn weft_scope_list() -> *const u8 {
    // SAFETY: the running thread has a scope.
    let list = unsafe { scope::wait_for_members(current(), innermost_scope()) };
    list.map_or(null(), |list| list.keep_locked().cast_const().cast())
}

pub(super) extern "C" fn weft_scope_close(site: *const u8) {
    // SAFETY: the running thread has a scope, all of whose members have ended.
    unsafe {
        let scope = scope::close(worker::current_base(current()));
        if !(*scope).failed.is_null() {
            panics::join(current(), (*scope).failed, site.cast());
        }
    }
}

// Mutexes.

fn mutex_of(object: *const u8) -> *mut Mutex {
    object.cast_mut().cast()
}

pub(super) extern "C" fn weft_is_held(object: *const u8) -> bool {
    // SAFETY: the library passes a mutex.
    unsafe { !(*mutex_of(object)).holder.is_null() }
}

pub(super) extern "C" fn weft_hold(object: *const u8) {
    // SAFETY: the library passes a mutex that no thread holds, and has locked its list.
    unsafe { mutex::hold(current_task(), worker::current_base(current()), mutex_of(object)) }
}

pub(super) extern "C" fn weft_release(object: *const u8) -> bool {
    // SAFETY: the library passes a mutex.
    unsafe {
        let base = worker::current_base(current());
        mutex::release(current(), (*base).owner, base, mutex_of(object))
    }
}
