//! Green threads that wait, are cancelled and open scopes.

use weft_abi::{Choice, Mutex, Pause, Scope, Task, WaitKind, WaitList, WaitListObject, Waiter};

use weft_hot::schedule::base_of;

use super::{allocate, no_memory, try_allocate_now};
use crate::timers::{self, Alarm};
use crate::{arch, cancel, crew, failure, hash, idle, os, ticker, waiting, worker};

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
    let memory = allocate(waiting::HEADER, size);
    // SAFETY: the memory is new.
    unsafe { waiting::make_list(memory.cast(), size, WaitKind::ALL[kind as usize + 1]) };
    memory
}

// Waiting by choice.

pub(super) extern "C" fn weft_pause_begin(pause: i64) {
    // SAFETY: the thread parks next, but for what it waits for.
    unsafe { waiting::begin(current(), Pause::ALL[pause as usize]) }
}

pub(super) extern "C" fn weft_select_enlist(object: *const u8, side: i64, arm: i64) -> *const u8 {
    // No collection: the list is locked.
    let memory = try_allocate_now(waiting::HEADER, size_of::<Choice>());
    let memory = memory.unwrap_or_else(|| no_memory(size_of::<Choice>()));
    // SAFETY: the library has the list, and waits by choice.
    unsafe { waiting::enlist(memory.cast(), current(), list_of(object), side as u32, arm as u32) };
    memory
}

pub(super) extern "C" fn weft_has_waiter(object: *const u8, side: i64) -> bool {
    // SAFETY: the library has the list.
    unsafe { waiting::has_other(list_of(object), side as usize, current()) }
}

pub(super) extern "C" fn weft_select_timer(milliseconds: i64, arm: i64) {
    let time = os::now().saturating_add(milliseconds.max(0).saturating_mul(1_000_000));
    let task = current();
    // SAFETY: the task lives as long as it waits.
    unsafe {
        let alarm = Alarm { task, choice: (*task).choice, arm: arm as u32 };
        timers::lock().add(time, alarm);
        idle::poll_from_now_on(arch::current_worker());
    }
}

pub(super) extern "C" fn weft_select_withdraw(waiter: *const u8) {
    // SAFETY: this is the running worker, and the library passes an arm.
    unsafe { waiting::withdraw(arch::current_worker(), waiter.cast_mut().cast::<Waiter>()) }
}

pub(super) extern "C" fn weft_waiter_outcome(waiter: *const u8) -> bool {
    // SAFETY: the library passes an arm.
    unsafe { (*waiter.cast::<Choice>()).outcome != 0 }
}

pub(super) extern "C" fn weft_lock_slow(lock: *const u8) {
    // SAFETY: the hot path passes a lock.
    unsafe { waiting::spin(lock.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_next_number() -> i64 {
    let worker = arch::current_worker();
    // SAFETY: this is the running worker, and has no number left.
    unsafe {
        // The first that is spawned: from now on somebody may wait for his turn.
        if (*worker).is_parallel == 0 {
            ticker::watch(worker);
        }
        crew::next_number(worker).cast_signed()
    }
}

pub(super) extern "C" fn weft_take_waiter_slow(list: *const u8, side: i64) -> *const u8 {
    // SAFETY: the hot path passes a list that it has.
    unsafe { waiting::take(list.cast_mut().cast(), side as usize).cast_const().cast() }
}

pub(super) extern "C" fn weft_wake_joiners(task: *const u8) {
    // SAFETY: the hot path passes a task, whose list it has.
    unsafe {
        let joiners = &raw mut (*task.cast_mut().cast::<Task>()).joiners;
        waiting::wake_all(arch::current_worker(), joiners.cast());
    }
}

pub(super) extern "C" fn weft_wake_choice(waiter: *const u8, outcome: i64) {
    // SAFETY: the hot path passes an arm that it has chosen.
    unsafe {
        let choice = waiter.cast_mut().cast::<Choice>();
        (*choice).outcome = outcome as u64;
        let arm = (*choice).waiter.arm;
        waiting::wake_chosen(arch::current_worker(), (*choice).task, arm);
    }
}

pub(super) extern "C" fn weft_random_below(bound: i64) -> i64 {
    hash::random_below(bound.max(1).cast_unsigned()).cast_signed()
}

// Cancellation.

pub(super) extern "C" fn weft_task_cancel(task: *const u8) {
    // SAFETY: this is the running worker, and compiled code passes a task.
    unsafe { cancel::cancel(arch::current_worker(), task.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_end_cancelled(task: *const u8, lock: *const u8) {
    // SAFETY: the hot path passes the running thread's task and a lock that it has.
    unsafe {
        lock.cast_mut().cast::<u32>().write_volatile(0);
        failure::end_cancelled(arch::current_worker(), task.cast_mut().cast())
    }
}

// Scopes.

pub(super) extern "C" fn weft_scope_open() {
    let memory = allocate(waiting::HEADER, size_of::<Scope>());
    // SAFETY: the memory is new.
    unsafe { waiting::open_scope(memory.cast(), current()) }
}

pub(super) extern "C" fn weft_scope_enter(task: *const u8) {
    let (worker, task) = (arch::current_worker(), task.cast_mut().cast());
    // SAFETY: the hot path passes a new task, and the running thread has a scope.
    unsafe {
        if waiting::enter_scope(worker, task, scope()) {
            cancel::cancel(worker, task);
        }
    }
}

pub(super) extern "C" fn weft_scope_exit(task: *const u8) {
    // SAFETY: the hot path passes a task that has ended, but not by a panic.
    unsafe { waiting::leave_scope(arch::current_worker(), task.cast_mut().cast()) };
}

pub(super) extern "C" fn weft_scope_list() -> *const u8 {
    // SAFETY: the running thread has a scope.
    unsafe { waiting::wait_for_scope(arch::current_worker(), scope()).cast_const().cast() }
}

pub(super) extern "C" fn weft_scope_close(site: *const u8) {
    // SAFETY: the running thread has a scope, all of whose members have ended.
    unsafe {
        let base = base_of(current());
        let scope = (*base).scope;
        (*base).scope = (*scope).outer;
        if !(*scope).failed.is_null() {
            failure::join(arch::current_worker(), (*scope).failed, site.cast());
        }
    }
}

// Mutexes.

fn mutex(object: *const u8) -> *mut Mutex {
    object.cast_mut().cast()
}

pub(super) extern "C" fn weft_is_held(object: *const u8) -> bool {
    // SAFETY: the library passes a mutex.
    unsafe { (*mutex(object)).is_held != 0 }
}

pub(super) extern "C" fn weft_hold(object: *const u8) {
    // SAFETY: the library passes a mutex that nobody holds.
    unsafe { waiting::hold(current(), mutex(object)) }
}

pub(super) extern "C" fn weft_release(object: *const u8) -> bool {
    // SAFETY: the library passes a mutex.
    unsafe { waiting::release_one(arch::current_worker(), current(), mutex(object)) }
}
