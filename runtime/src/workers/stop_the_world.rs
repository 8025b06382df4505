//! Stop the world: one worker has all others halt at safepoints, for a collection or a thread dump.
//!
//! ```text
//!   worker A, which stops the world        worker B
//!   stop_others: asks B to stop            runs until its next safepoint
//!   waits, and asks again                  stop_if_asked: status Stopped, roots noted
//!   collects                               waits
//!   resume_others                          status Running, goes on
//! ```
//!
//! An idle worker holds nothing and need not stop; it waits in [`wait_while_stopped`] before it runs again. Two workers
//! that want to stop the world at once are ordered by the registry's lock: the second stops for the first, and is told
//! that it came late.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use weft_abi::Worker;

use super::registry::{Member, REGISTRY, SIZE, State, Status};
use super::requests::{self, STOP};
use crate::arch::{self, Current};
use crate::os::locks::Held;

/// The wait before workers that still run are asked again. A request is rarely lost, and then to a switch; workers in
/// long calls of C are asked twenty times a millisecond, which costs them nothing.
const REMINDER: Duration = Duration::from_micros(50);

/// Whether all workers are to stop.
static STOPS: AtomicBool = AtomicBool::new(false);

/// Stops all other workers. Returns false if another worker did so before; then the current one has stopped for that.
///
/// # Safety
/// All that the callers hold in registers lies on this stack from `roots` on.
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

/// Lets the workers go on that [`stop_others`] has stopped.
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

/// Calls `look` with each stopped worker. For the worker that has stopped the world.
pub fn with_stopped(mut look: impl FnMut(&Member)) {
    if SIZE.load(Ordering::Relaxed) > 1 {
        REGISTRY.lock().members.iter().filter(|member| member.status == Status::Stopped).for_each(&mut look);
    }
}

/// Stops while the world is stopped. The current worker holds no lock, and the stack pointer of its green thread, if
/// that called, is in the worker.
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

/// Waits, as a stopped worker, until the world goes on.
fn stay<'a>(mut state: Held<'a, State>, current: Current, roots: *const usize) -> Held<'a, State> {
    let member = state.of(current);
    (member.status, member.roots) = (Status::Stopped, roots);
    REGISTRY.change.notify_all();
    let mut state = wait_while_stopped(state);
    state.of(current).status = Status::Running;
    state
}

/// Waits until the world goes on.
pub(super) fn wait_while_stopped(state: Held<'_, State>) -> Held<'_, State> {
    state.wait_while(&REGISTRY.change, |state| !state.stopper.is_null())
}
