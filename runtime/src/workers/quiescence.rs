//! Idle workers, and whether all are.

use weft_abi::Worker;

use super::registry::{REGISTRY, Status};
use super::stop_the_world::wait_while_stopped;
use crate::workers::requests::{self, WORK};

/// All workers are idle, and nothing is on its way to any of them; how often one went on until then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuiescenceToken(u64);

/// Says that the worker has nothing to do, and asks the others for work.
pub fn become_idle(worker: *mut Worker) -> Option<QuiescenceToken> {
    let mut state = REGISTRY.lock();
    state.of(worker).status = Status::Idle;
    REGISTRY.change.notify_all();
    let mut is_last = true;
    for member in &state.members {
        if member.status == Status::Idle {
            is_last &= member.inbox.look(|contents| !contents.concerns_threads());
        } else {
            is_last = false;
            // SAFETY: it is a worker.
            unsafe { requests::ask(member.worker, WORK) };
        }
    }
    is_last.then_some(QuiescenceToken(state.starts))
}

/// Whether no worker went on since then.
pub fn is_still(token: QuiescenceToken) -> bool {
    REGISTRY.lock().starts == token.0
}

/// Says that the worker runs again; waits while all are to stop.
pub fn become_busy(worker: *mut Worker) {
    let mut state = wait_while_stopped(REGISTRY.lock());
    state.of(worker).status = Status::Running;
    state.starts += 1;
}
