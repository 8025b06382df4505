//! Idle workers: they ask the others for work, and notice when all are idle (quiescence).
//!
//! A worker that finds nothing to run becomes idle. The last one to do so gets a [`QuiescenceToken`]: at that moment no
//! worker ran and no thread was in transit. If nothing is awaited from outside either and the token [still
//! holds](is_still), no green thread can ever run again: a deadlock.

use super::registry::{REGISTRY, Status};
use super::requests::{self, WORK};
use super::stop_the_world::wait_while_stopped;
use crate::arch::Current;

/// The observation that all workers were idle and nothing was in transit: the number of times that an idle worker had
/// gone on until then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuiescenceToken(u64);

/// Makes the current worker idle, and asks the running ones for work. Returns a token if all are idle.
pub fn become_idle(current: Current) -> Option<QuiescenceToken> {
    let mut state = REGISTRY.lock();
    state.of(current).status = Status::Idle;
    REGISTRY.change.notify_all();
    let mut is_last = true;
    for member in &state.members {
        if member.status == Status::Idle {
            is_last &= member.inbox.look(|contents| !contents.concerns_threads());
        } else {
            is_last = false;
            // SAFETY: a member of the registry is a worker.
            unsafe { requests::ask(member.worker, WORK) };
        }
    }
    is_last.then_some(QuiescenceToken(state.starts))
}

/// Whether no worker went on since the token was given.
pub fn is_still(token: QuiescenceToken) -> bool {
    REGISTRY.lock().starts == token.0
}

/// Makes the current worker a running one again; waits while the world is stopped.
pub fn become_busy(current: Current) {
    let mut state = wait_while_stopped(REGISTRY.lock());
    state.of(current).status = Status::Running;
    state.starts += 1;
}
