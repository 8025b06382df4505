//! Stopping all workers at safepoints.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use weft_abi::Worker;

use super::registry::{Member, REGISTRY, SIZE, State, Status};
use crate::arch;
use crate::workers::requests::{self, STOP};

/// How long who stops the others waits before it asks again.
const REMINDER: Duration = Duration::from_micros(50);

/// Whether all workers are to stop.
static STOPS: AtomicBool = AtomicBool::new(false);

/// Has all other workers stop. False if another did so before: then this one has waited until they went on.
///
/// # Safety
/// `worker` is the running worker; on its own stack from `roots` on lies all that its thread has in registers.
pub unsafe fn stop_others(worker: *mut Worker, roots: *const usize) -> bool {
    if SIZE.load(Ordering::Relaxed) == 1 {
        return true;
    }
    let mut state = REGISTRY.lock();
    if !state.stopper.is_null() {
        drop(stay(state, worker, roots));
        return false;
    }
    state.stopper = worker;
    STOPS.store(true, Ordering::SeqCst);
    loop {
        let running = |member: &&Member| member.worker != worker && member.status == Status::Running;
        let pending: Vec<*mut Worker> =
            state.members.iter().filter(running).map(|member| member.worker).collect();
        if pending.is_empty() {
            return true;
        }
        for worker in pending {
            // SAFETY: it is a worker.
            unsafe { requests::ask(worker, STOP) };
        }
        state = REGISTRY.change.wait_timeout(state, REMINDER).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Lets the others go on that [`stop_others`] has stopped.
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

/// The workers that have stopped, for who has stopped them.
pub fn with_stopped(mut look: impl FnMut(&Member)) {
    if SIZE.load(Ordering::Relaxed) > 1 {
        REGISTRY.lock().members.iter().filter(|member| member.status == Status::Stopped).for_each(&mut look);
    }
}

/// Stops if all are to stop, until they go on.
///
/// # Safety
/// This is a worker. Its green thread, if it called, has its stack pointer in the worker; this one has no lock.
pub unsafe fn stop_if_asked() {
    if STOPS.load(Ordering::SeqCst) {
        arch::with_registers(|roots| {
            let worker = arch::current_worker();
            let state = REGISTRY.lock();
            if !state.stopper.is_null() && state.stopper != worker {
                drop(stay(state, worker, roots));
            }
        });
    }
}

/// Waits until all go on.
fn stay<'a>(
    mut state: MutexGuard<'a, State>,
    worker: *mut Worker,
    roots: *const usize,
) -> MutexGuard<'a, State> {
    let member = state.of(worker);
    (member.status, member.roots) = (Status::Stopped, roots);
    REGISTRY.change.notify_all();
    let mut state = wait_while_stopped(state);
    state.of(worker).status = Status::Running;
    state
}

pub(super) fn wait_while_stopped(state: MutexGuard<'_, State>) -> MutexGuard<'_, State> {
    REGISTRY
        .change
        .wait_while(state, |state| !state.stopper.is_null())
        .unwrap_or_else(PoisonError::into_inner)
}
