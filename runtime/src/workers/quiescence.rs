//! Idle workers: they ask running workers for work, and notice when all workers are idle (quiescence).
//!
//! A worker that finds nothing to run becomes idle. The last worker to become idle gets a [`QuiescenceToken`]: at that
//! moment no worker ran and no thread was in transit. If no thread awaits an event from outside and the token is [still
//! valid](is_still), no green thread can ever run again: a deadlock.

use super::registry::{REGISTRY, Status};
use super::requests::{self, WORK};
use super::stop_the_world::wait_while_stopped;
use crate::arch::Current;

/// The proof that at one moment all workers were idle and no thread was in transit. Contains the value of
/// `State::starts` at that moment: the number of times that idle workers have gone on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuiescenceToken(u64);

/// Makes the current worker idle, and asks running workers for work. Returns a token if all workers are idle and no
/// thread is in an inbox.
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

/// Whether no worker has gone on since the token was made.
pub fn is_still(token: QuiescenceToken) -> bool {
    REGISTRY.lock().starts == token.0
}

/// Gives the current worker the status of a running worker again; waits while the world is stopped.
pub fn become_busy(current: Current) {
    let mut state = wait_while_stopped(REGISTRY.lock());
    state.of(current).status = Status::Running;
    state.starts += 1;
}
