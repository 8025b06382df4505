//! The recording of trace events: a comparison and one or two stores.
//!
//! Without the feature `trace`, the functions here do nothing, and the fast paths that call them are compiled to the
//! same code as if they did not call them. `weft_abi::trace` describes the events.

#[cfg(feature = "trace")]
use weft_abi::trace::TRACE_LOW;
use weft_abi::trace::TraceEnd;
use weft_abi::{Task, TraceEvent, TraceKind, WaitList, Waiter, Worker};

use crate::current::current_base;

/// Whether events are recorded.
const IS_ON: bool = cfg!(feature = "trace");

unsafe extern "C" {
    fn weft_trace_more() -> *mut TraceEvent;
}

/// Records an event; `word` is `None` if the kind has no word.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
unsafe fn record(worker: *mut Worker, head: u64, word: Option<u64>) {
    // SAFETY: only the running worker's own code touches its cursor. Below `stop` there is room for an event, and
    // `weft_trace_more` returns a place with room.
    unsafe {
        let cursor = &raw mut (*worker).trace;
        let mut place = (*cursor).next;
        if place >= (*cursor).stop {
            core::hint::cold_path();
            place = weft_trace_more();
        }
        (*place).head = head;
        if let Some(word) = word {
            (*place).word = word;
        }
        (*cursor).next = place.add(1);
    }
}

/// Records that the running thread yields.
///
/// # Safety
/// `worker` is the running worker, and a green thread runs.
#[inline(always)]
pub unsafe fn yields(worker: *mut Worker) {
    if IS_ON {
        // SAFETY: the base of a running stack refers to its task.
        unsafe {
            let number = (*(*current_base()).owner).waiter.number;
            record(worker, TraceEvent::head_of(TraceKind::Yield, 0, number), None);
        }
    }
}

/// Records that the running thread, whose task is `task`, waits on a side of a list.
///
/// # Safety
/// `worker` is the running worker, and has locked the list.
#[inline(always)]
pub unsafe fn waits(worker: *mut Worker, task: *const Task, list: *const WaitList, side: u64) {
    if IS_ON {
        // SAFETY: the task of the running thread and the list are alive.
        unsafe {
            let head = TraceEvent::head_of(TraceKind::Wait, side as u8, (*task).waiter.number);
            record(worker, head, Some(list.addr() as u64 | u64::from((*list).kind) << 48));
        }
    }
}

/// Records that the running thread, whose task is `task`, parks in its multi-wait.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn waits_for_any(worker: *mut Worker, task: *const Task) {
    if IS_ON {
        // SAFETY: the task of the running thread is alive.
        unsafe {
            let head = TraceEvent::head_of(TraceKind::MultiWait, (*task).park_reason, (*task).waiter.number);
            record(worker, head, None);
        }
    }
}

/// Records that the running thread wakes a waiter, which is a task.
///
/// # Safety
/// `worker` is the running worker, and only the caller wakes the waiter.
#[inline(always)]
pub unsafe fn wakes(worker: *mut Worker, waiter: *const Waiter, outcome: u64) {
    if IS_ON {
        // SAFETY: a waiter that was taken out of its list is alive.
        unsafe {
            let head = TraceEvent::head_of(TraceKind::Wake, outcome as u8, (*waiter).number);
            record(worker, head, None);
        }
    }
}

/// Records that the running thread, whose task is `task`, has returned.
///
/// # Safety
/// `worker` is the running worker.
#[inline(always)]
pub unsafe fn ends(worker: *mut Worker, task: *const Task) {
    if IS_ON {
        // SAFETY: the task of the running thread is alive.
        unsafe {
            let head = TraceEvent::head_of(TraceKind::End, TraceEnd::Returned as u8, (*task).waiter.number);
            record(worker, head, None);
        }
    }
}

/// Records the spawn of the thread of `task` at row `row` of the table of spawns.
///
/// # Safety
/// `worker` is the running worker, and the task is new.
#[cfg(feature = "trace")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_trace_spawn(worker: *mut Worker, task: *const Task, row: u64) {
    // SAFETY: the task is alive.
    unsafe {
        let head = TraceEvent::head_of(TraceKind::Spawn, 0, (*task).waiter.number);
        record(worker, head, Some(task.addr() as u64 & TRACE_LOW | row << 48));
    }
}

/// Records an event of the buffer of the channel with this list; `head` is the event's head.
///
/// # Safety
/// `worker` is the running worker, and has locked the list.
#[cfg(feature = "trace")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_trace_buffer(worker: *mut Worker, list: *const WaitList, head: u64) {
    // SAFETY: only the running worker's own code touches its cursor.
    unsafe { record(worker, head, Some(list.addr() as u64)) }
}
