//! Stop the world: one worker has all other workers halt at safepoints, for a collection or a thread dump.
//!
//! ```text
//!   worker A, which stops the world        worker B
//!   stop_others: asks B to stop            runs until its next safepoint
//!   waits, and asks again                  stop_if_asked: status Stopped, roots recorded
//!   collects                               waits
//!   resume_others                          status Running, goes on
//! ```
//!
//! An idle worker runs no thread and need not stop; it waits in [`wait_while_stopped`] before it runs again. If two
//! workers want to stop the world at once, the registry's lock orders them: the second stops for the first, and its own
//! call returns false.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use weft_abi::{TraceKind, Worker};

use super::registry::{Member, REGISTRY, SIZE, State, Status};
use super::requests::{self, STOP};
use crate::arch::{self, Current};
use crate::os::locks::Held;
use crate::timeline;

/// The time after which workers that still run are asked again. A request is lost rarely, when a switch overwrites it;
/// workers in long calls of C are asked twenty times a millisecond, which costs them nothing.
const REMINDER: Duration = Duration::from_micros(50);

/// Whether all workers have to stop.
static STOPS: AtomicBool = AtomicBool::new(false);

/// Stops all other workers. Returns false if another worker was faster; the current worker has then stopped until the
/// world went on.
///
/// # Safety
/// The callers' registers are saved on this stack at or above `roots`.
pub unsafe fn stop_others(current: Current, roots: *const usize) -> bool {
    if SIZE.load(Ordering::Relaxed) == 1 {
        return true;
    }
    let mut state = REGISTRY.lock();
    if !state.stopper.is_null() {
        drop(stay(state, current, roots));
        return false;
    }
    state.stopper = current.worker();
    STOPS.store(true, Ordering::SeqCst);
    loop {
        let running =
            |member: &&Member| member.worker != current.worker() && member.status == Status::Running;
        let pending: Vec<*mut Worker> =
            state.members.iter().filter(running).map(|member| member.worker).collect();
        if pending.is_empty() {
            return true;
        }
        for worker in pending {
            // SAFETY: a member of the registry is a worker.
            unsafe { requests::ask(worker, STOP) };
        }
        state = state.wait_timeout(&REGISTRY.change, REMINDER);
    }
}

/// Resumes the workers that [`stop_others`] has stopped.
pub fn resume_others() {
    if SIZE.load(Ordering::Relaxed) == 1 {
        return;
    }
    let mut state = REGISTRY.lock();
    state.stopper = std::ptr::null_mut();
    STOPS.store(false, Ordering::SeqCst);
    drop(state);
    REGISTRY.change.notify_all();
}

/// Calls `look` with each stopped worker. Only the worker that has stopped the world calls this function.
pub fn with_stopped(mut look: impl FnMut(&Member)) {
    if SIZE.load(Ordering::Relaxed) > 1 {
        REGISTRY.lock().members.iter().filter(|member| member.status == Status::Stopped).for_each(&mut look);
    }
}

/// Stops the current worker if another worker has stopped the world, until the world goes on. The current worker holds
/// no lock. If a green thread has called into the runtime, its stack pointer is in `Worker::green_sp`.
pub fn stop_if_asked(current: Current) {
    if STOPS.load(Ordering::SeqCst) {
        arch::with_registers(|roots| {
            let state = REGISTRY.lock();
            if !state.stopper.is_null() && state.stopper != current.worker() {
                drop(stay(state, current, roots));
            }
        });
    }
}

/// Waits, with the status of a stopped worker, until the world goes on.
fn stay<'a>(mut state: Held<'a, State>, current: Current, roots: *const usize) -> Held<'a, State> {
    timeline::record_now(current, TraceKind::Stop, 0, false);
    let member = state.of(current);
    (member.status, member.roots) = (Status::Stopped, roots);
    REGISTRY.change.notify_all();
    let mut state = wait_while_stopped(state);
    state.of(current).status = Status::Running;
    timeline::record_now(current, TraceKind::GoOn, 0, false);
    state
}

/// Waits until the world goes on.
pub(super) fn wait_while_stopped(state: Held<'_, State>) -> Held<'_, State> {
    state.wait_while(&REGISTRY.change, |state| !state.stopper.is_null())
}
