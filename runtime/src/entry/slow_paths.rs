//! Slow paths, which the fast paths in `weft_hot` call, and safepoints.

use std::ptr::null;

use weft_abi::continuation::messages::{
    CONTINUATION_USED, FOREIGN_HOST, HOST_CLOSED, RETURNED_USED, STACK_ENDED, STACK_USED,
};
use weft_abi::stack::block_size;
use weft_abi::{Continuation, Header, Worker, well_known};

use super::values::{allocate, current, panic};
use crate::arch::{Current, Registers};
use crate::heap;
use crate::os;
use crate::report::messages;
use crate::sched::safepoint;
use crate::stack::grow::Refusal;
use crate::stack::pool;
use crate::timeline;
use crate::trace::program_position;
use crate::wait::continuation::{self, FirstUse};
use crate::workers::requests::{self, PREEMPT};
use crate::workers::{run_queue, worker};

pub(super) extern "C" fn weft_copy_memory(to: *const u8, from: *const u8, size: i64) {
    // SAFETY: compiled code passes two ranges inside objects.
    unsafe { core::ptr::copy(from, to.cast_mut(), size as usize) }
}

pub(super) extern "C" fn weft_clear_memory(place: *const u8, size: i64) {
    // SAFETY: compiled code passes a range inside an object.
    unsafe { core::ptr::write_bytes(place.cast_mut(), 0, size as usize) }
}

pub(super) extern "C" fn weft_grow_run_queue() {
    run_queue::grow(current())
}

pub(super) extern "C" fn weft_prefer(count: i64) {
    // SAFETY: the fast path counts the entries that it has appended.
    unsafe { run_queue::prefer(current(), count as u64) }
}

pub(super) extern "C" fn weft_trace_more() -> *const u8 {
    timeline::more(current()).cast_const().cast()
}

pub(super) extern "C" fn weft_end_slice() {
    // SAFETY: the running worker is a worker of this process, which is all that `ask` requires.
    unsafe { requests::ask(current().worker(), PREEMPT) }
}

pub(super) extern "C" fn weft_more_stacks() {
    if let Err(error) = pool::refill(current()) {
        panic(format!("no memory for the stack of another green thread: {error}"), null());
    }
}

pub(super) extern "C" fn weft_make_room(bytes: i64) {
    // SAFETY: the thread is in the runtime; compiled code keeps no address in its stack in a register.
    if !unsafe { safepoint::make_room(current(), bytes as usize) } {
        os::die_without_memory(bytes as usize);
    }
}

pub(super) extern "C" fn weft_continuation_stacks() {
    match pool::refill(current()) {
        Ok(()) => heap::with(|heap| heap.count_outside(pool::BATCH * block_size(0))),
        Err(error) => panic(format!("no memory for the stack of another continuation: {error}"), null()),
    }
}

pub(super) extern "C" fn weft_continuation_adopt(continuation: *const u8, home: *const u8) {
    // SAFETY: the hot path passes a suspended continuation, which it resumes next, and the home of the running stack.
    unsafe { continuation::adopt(continuation.cast_mut().cast(), home.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_continuation_leave(continuation: *const u8) {
    let here = worker::current_base(current());
    let continuation = continuation.cast_mut().cast::<Continuation>();
    // SAFETY: the hot path passes a continuation.
    unsafe {
        if let Err(refusal) = continuation::leave(continuation, here) {
            panic(refusal.message((*continuation).is_symmetric), null());
        }
    }
}

pub(super) extern "C" fn weft_swap_from_slow(home: *const u8) -> *const u8 {
    let here = worker::current_base(current());
    // SAFETY: the hot path passes the home of the running stack. A host has the size of a continuation, and new objects
    // contain zeros.
    unsafe {
        let symmetric = continuation::innermost_symmetric(here);
        if !symmetric.is_null() {
            weft_continuation_leave(symmetric.cast());
            return symmetric.cast();
        }
        let host = allocate(Header::new(well_known::HOST), size_of::<Continuation>()).cast::<Continuation>();
        (*host).parent = home.cast_mut().cast();
        host.cast()
    }
}

pub(super) extern "C" fn weft_swap_foreign() -> ! {
    panic(FOREIGN_HOST, null())
}

pub(super) extern "C" fn weft_continuation_end(continuation: *const u8) {
    // SAFETY: the hot path passes the running continuation, which has ended.
    unsafe { continuation::end(current(), continuation.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_continuation_used(
    continuation: *const u8,
    revision: i64,
    site: *const u8,
) -> ! {
    let near = weft_continuation_used as *const u8;
    let continuation = continuation.cast::<Continuation>();
    // SAFETY: compiled code passes a continuation or a host, and the revision of a value that refers to it.
    let message = unsafe {
        let is_symmetric = (*continuation).is_symmetric || Continuation::is_host(continuation);
        let texts = match (is_symmetric, site.is_null()) {
            (false, _) => &CONTINUATION_USED,
            (true, false) => &STACK_USED,
            (true, true) => &RETURNED_USED,
        };
        match continuation::first_use(continuation, revision as u64, near.addr() as u64) {
            FirstUse::ResumedAt(place) => messages::used_before(texts, program_position(place)),
            FirstUse::Forgotten => messages::used_before(texts, None),
            FirstUse::Closed => messages::closed_before(texts),
            FirstUse::Ended => STACK_ENDED.to_owned(),
        }
    };
    panic(message, site)
}

pub(super) extern "C" fn weft_continuation_close(continuation: *const u8, revision: i64) -> i64 {
    let current = current();
    let here = worker::current_base(current);
    let continuation = continuation.cast_mut().cast::<Continuation>();
    // SAFETY: compiled code passes a continuation or a host, and the revision of a value that refers to it. If a
    // continuation still has that revision, it is suspended.
    unsafe {
        if (*continuation).revision != revision as u64 {
            return 0;
        }
        if Continuation::is_host(continuation) {
            panic(HOST_CLOSED, null());
        }
        continuation::close(current, continuation, here)
    }
}

pub(super) extern "C" fn weft_take_deferred() -> *const u8 {
    // SAFETY: compiled code calls this function once for each block that `continuation::close` has counted, and the
    // running thread is in the runtime.
    unsafe { continuation::take_deferred(worker::current_base(current())).cast() }
}

pub(super) extern "C" fn weft_allocate_slow(header: i64, size: i64) -> *const u8 {
    allocate(Header::from_word(header as u64), size as usize)
}

/// Serves a safepoint, for `__morestack` and `weft_poll`.
pub(super) extern "C" fn safepoint(worker: *mut Worker, registers: &Registers, frame: usize) -> *mut u8 {
    // SAFETY: `__morestack` and `weft_poll` pass the running worker, and have stored the stack pointer of its green
    // thread in the worker.
    let refusal = match unsafe { safepoint::enter(Current::of(worker), registers, frame) } {
        Ok(sp) => return sp,
        Err(Refusal::Limit(max)) => messages::stack_exhausted(max as u64),
        Err(Refusal::Memory(error)) => format!("no memory for a larger stack: {error}"),
    };
    panic(refusal, null())
}
