//! Green threads that wait, are cancelled and open scopes.

use weft_abi::{
    Cleanup, Mutex, ParkReason, Scope, SelectArm, Task, WaitKind, WaitList, WaitListObject, Waiter,
};

use weft_hot::schedule::base_of;

use super::{allocate, no_memory, try_allocate_now};
use crate::arch::{self, valgrind};
use crate::os;
use crate::sched::{monitor, panic_cause, panics, run_loop};
use crate::stack::pool;
use crate::text::hash;
use crate::wait::timers::{self, Alarm};
use crate::wait::{cancel, cleanups, list, mutex, scope, select, unwind};
use crate::workers::{thread_ids, worker};

/// The task of the thread that called.
fn current() -> *mut Task {
    // SAFETY: this is the running worker.
    unsafe { worker::current_task(arch::current_worker()) }
}

/// The innermost scope of the thread that called.
fn scope() -> *mut Scope {
    // SAFETY: the running thread has a stack.
    unsafe { (*base_of(current())).scope }
}

fn list_of(object: *const u8) -> *mut WaitList {
    // SAFETY: the library passes lists.
    unsafe { &raw mut (*object.cast_mut().cast::<WaitListObject>()).list }
}

pub(super) extern "C" fn weft_current_slow() -> *const u8 {
    current().cast_const().cast()
}

pub(super) extern "C" fn weft_wait_list(kind: i64, words: i64) -> *const u8 {
    let size = size_of::<WaitListObject>() + words as usize * size_of::<u64>();
    let memory = allocate(list::HEADER, size);
    // SAFETY: the memory is new.
    unsafe { list::make_list(memory.cast(), size, WaitKind::ALL[kind as usize + 1]) };
    memory
}

// Waiting by choice.

pub(super) extern "C" fn weft_multi_wait_begin(reason: i64) {
    // SAFETY: the thread parks next, but for what it waits for.
    unsafe {
        select::begin(current(), ParkReason::ALL[reason as usize]);
    }
}

pub(super) extern "C" fn weft_select_enlist(object: *const u8, side: i64, arm: i64) -> *const u8 {
    // No collection: the list is locked.
    let memory = try_allocate_now(list::HEADER, size_of::<SelectArm>());
    let memory = memory.unwrap_or_else(|| no_memory(size_of::<SelectArm>()));
    // SAFETY: the library has the list, and waits by choice.
    unsafe { select::enlist(memory.cast(), current(), list_of(object), side as u32, arm as u32) };
    memory
}

pub(super) extern "C" fn weft_has_waiter(object: *const u8, side: i64) -> bool {
    // SAFETY: the library has the list.
    unsafe { select::has_other(list_of(object), side as usize, current()) }
}

pub(super) extern "C" fn weft_select_timer(milliseconds: i64, arm: i64) {
    let time = os::now().saturating_add(milliseconds.max(0).saturating_mul(1_000_000));
    let task = current();
    // SAFETY: the task lives as long as it waits.
    unsafe {
        let alarm = Alarm { task, ticket: (*task).wait_state.ticket(), arm: arm as u32 };
        timers::lock().add(time, alarm);
        run_loop::poll_from_now_on(arch::current_worker());
    }
}

pub(super) extern "C" fn weft_select_withdraw(waiter: *const u8) {
    // SAFETY: this is the running worker, and the library passes an arm.
    unsafe { select::withdraw(arch::current_worker(), waiter.cast_mut().cast::<Waiter>()) }
}

pub(super) extern "C" fn weft_waiter_outcome(waiter: *const u8) -> bool {
    // SAFETY: the library passes an arm.
    unsafe { (*waiter.cast::<SelectArm>()).outcome != 0 }
}

pub(super) extern "C" fn weft_lock_slow(lock: *const u8) {
    // SAFETY: the hot path passes a lock.
    unsafe { list::spin(lock.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_next_number() -> i64 {
    let worker = arch::current_worker();
    // SAFETY: this is the running worker, and has no number left.
    unsafe {
        // The first that is spawned: from now on somebody may wait for his turn.
        if (*worker).is_parallel == 0 {
            monitor::watch(worker);
        }
        if valgrind::is_on() {
            pool::renew_next(worker);
        }
        thread_ids::next(worker).cast_signed()
    }
}

pub(super) extern "C" fn weft_take_waiter_slow(list: *const u8, side: i64) -> *const u8 {
    // SAFETY: the hot path passes a list that it has.
    unsafe { select::take(list.cast_mut().cast(), side as usize).cast_const().cast() }
}

pub(super) extern "C" fn weft_wake_joiners(task: *const u8) {
    // SAFETY: the hot path passes a task, whose list it has.
    unsafe {
        let joiners = &raw mut (*task.cast_mut().cast::<Task>()).joiners;
        list::wake_all(arch::current_worker(), joiners.cast());
    }
}

pub(super) extern "C" fn weft_wake_all(list: *const u8) {
    // SAFETY: the library passes a list that it has, and in which only tasks wait.
    unsafe { list::wake_all(arch::current_worker(), list_of(list)) }
}

pub(super) extern "C" fn weft_wake_arm(waiter: *const u8, outcome: i64) {
    // SAFETY: the hot path passes an arm that it has chosen.
    unsafe {
        let arm = waiter.cast_mut().cast::<SelectArm>();
        (*arm).outcome = outcome as u64;
        let number = (*arm).waiter.arm;
        select::wake_chosen(arch::current_worker(), (*arm).task, number);
    }
}

pub(super) extern "C" fn weft_random_below(bound: i64) -> i64 {
    hash::random_below(bound.max(1).cast_unsigned()).cast_signed()
}

// Cancellation.

pub(super) extern "C" fn weft_task_cancel(task: *const u8) {
    // SAFETY: this is the running worker, and compiled code passes a task.
    unsafe { unwind::cancel(arch::current_worker(), task.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_task_was_cancelled(task: *const u8) -> bool {
    // SAFETY: the library passes a task.
    unsafe { unwind::was_cancelled(task.cast()) }
}

pub(super) extern "C" fn weft_task_panic_message(task: *const u8) -> *const u8 {
    // SAFETY: the library passes a task that has panicked.
    unsafe { panic_cause::message(task.cast()).cast() }
}

pub(super) extern "C" fn weft_yield_cancelled() {
    let worker = arch::current_worker();
    let task = current();
    // SAFETY: this is the running worker, and its green thread yields.
    unsafe {
        if cancel::takes_effect(task) {
            panics::end_cancelled(worker, task)
        }
        cancel::forget(worker);
    }
}

pub(super) extern "C" fn weft_cancelled_in_list(task: *const u8, list: *const u8) {
    let (task, list) = (task.cast_mut().cast::<Task>(), list.cast_mut().cast::<WaitList>());
    // SAFETY: the hot path passes the running thread's task and a list that it has.
    unsafe {
        if cancel::takes_effect(task) {
            cancel::uncount(list);
            list::unlock(list);
            panics::end_cancelled(arch::current_worker(), task)
        }
    }
}

pub(super) extern "C" fn weft_cancelled_in_multi_wait(task: *const u8) {
    let (worker, task) = (arch::current_worker(), task.cast_mut().cast::<Task>());
    // SAFETY: the hot path passes the running thread's task, whose lock it has.
    unsafe {
        if cancel::takes_effect(task) && select::gives_up(task) {
            select::withdraw_arms(worker, task);
            panics::end_cancelled(worker, task)
        }
    }
}

// Cleanups.

pub(super) extern "C" fn weft_cleanup_remove(cleanup: *const u8) {
    // SAFETY: compiled code passes a deferred block of the running thread.
    unsafe { cleanups::remove(current(), cleanup.cast_mut().cast()) };
}

pub(super) extern "C" fn weft_cleanup_place(object: *const u8) -> i64 {
    // SAFETY: the library passes a mutex that the running thread holds.
    unsafe { (*mutex(object)).outer.expose_provenance() as i64 }
}

pub(super) extern "C" fn weft_cleanup_put(object: *const u8, place: i64) {
    let (task, cleanup) = (current(), mutex(object).cast::<Cleanup>());
    let outer = std::ptr::with_exposed_provenance_mut(place as usize);
    // SAFETY: the library passes a mutex that the running thread holds, and what `weft_cleanup_place` gave.
    unsafe {
        cleanups::remove(task, cleanup);
        cleanups::insert(task, cleanup, outer);
    }
}

pub(super) extern "C" fn weft_next_cleanup() -> *const u8 {
    // SAFETY: this is the running worker.
    unsafe { panics::next_cleanup(arch::current_worker()) }
}

pub(super) extern "C" fn weft_finish_slow(task: *const u8) {
    let task = task.cast_mut().cast::<Task>();
    // SAFETY: the hot path passes the task of the running thread, which has ended.
    unsafe {
        cancel::settle(task);
        pool::free_stack(arch::current_worker(), task);
    }
}

// Scopes.

pub(super) extern "C" fn weft_scope_open() {
    let memory = allocate(list::HEADER, size_of::<Scope>());
    // SAFETY: the memory is new.
    unsafe { scope::open_scope(memory.cast(), current()) }
}

pub(super) extern "C" fn weft_scope_enter(task: *const u8) {
    let (worker, task) = (arch::current_worker(), task.cast_mut().cast());
    // SAFETY: the hot path passes a new task, and the running thread has a scope.
    unsafe {
        if scope::enter_scope(worker, task, scope()) {
            unwind::cancel(worker, task);
        }
    }
}

pub(super) extern "C" fn weft_scope_exit(task: *const u8) {
    // SAFETY: the hot path passes a task that has ended, but not by a panic.
    unsafe { scope::leave_scope(arch::current_worker(), task.cast_mut().cast(), false) };
}

pub(super) extern "C" fn weft_scope_list() -> *const u8 {
    // SAFETY: the running thread has a scope.
    unsafe { scope::wait_for_scope(arch::current_worker(), scope()).cast_const().cast() }
}

pub(super) extern "C" fn weft_scope_close(site: *const u8) {
    // SAFETY: the running thread has a scope, all of whose members have ended.
    unsafe {
        let scope = scope::close_scope(current());
        if !(*scope).failed.is_null() {
            panics::join(arch::current_worker(), (*scope).failed, site.cast());
        }
    }
}

// Mutexes.

fn mutex(object: *const u8) -> *mut Mutex {
    object.cast_mut().cast()
}

pub(super) extern "C" fn weft_is_held(object: *const u8) -> bool {
    // SAFETY: the library passes a mutex.
    unsafe { !(*mutex(object)).holder.is_null() }
}

pub(super) extern "C" fn weft_hold(object: *const u8) {
    // SAFETY: the library passes a mutex that nobody holds.
    unsafe { mutex::hold(current(), mutex(object)) }
}

pub(super) extern "C" fn weft_release(object: *const u8) -> bool {
    // SAFETY: the library passes a mutex.
    unsafe { mutex::release_one(arch::current_worker(), current(), mutex(object)) }
}
