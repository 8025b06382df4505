//! Events: a worker sleeps until another OS thread or a signal handler signals the worker's event.
//!
//! An event is a word that counts the signals. A worker reads the word, checks whether there is work, and sleeps only
//! if the word has not changed since: so a signal between the check and the sleep is not lost.
//!
//! ```text
//!   worker                          another OS thread
//!   seen = word (7)
//!   no work there
//!                                   puts work there, word = 8, wakes sleepers: there are none
//!   would sleep if the word were 7; the word is 8
//! ```
//!
//! A worker that sleeps in the poller, for open files too, is woken through the poller. Before it looks for work, it
//! notes in the event that it polls.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::clock::timespec;
use super::poller::{self, Change};

/// The event for which one worker sleeps.
#[derive(Default)]
pub struct Event {
    /// The number of signals.
    word: AtomicU32,
    /// Whether the worker sleeps in the poller, or is about to.
    polls: AtomicBool,
}

impl Event {
    /// Wakes the worker that sleeps, or keeps the worker from sleeping if it is about to. Safe in signal handlers.
    pub fn signal(&self) {
        self.word.fetch_add(1, Ordering::SeqCst);
        if self.polls.load(Ordering::SeqCst) {
            poller::wake();
        } else {
            let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
            // SAFETY: the word is alive during the call.
            unsafe { libc::syscall(libc::SYS_futex, self.word.as_ptr(), operation, 1) };
        }
    }

    /// Sleeps until the event is signalled or the time has passed, unless `has_work` returns true. May return early.
    pub fn wait(&self, time: Option<Duration>, has_work: impl FnOnce() -> bool) {
        let seen = self.word.load(Ordering::SeqCst);
        if has_work() {
            return;
        }
        let time = time.map(timespec);
        let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: the word and the time are alive during the call.
        unsafe { libc::syscall(libc::SYS_futex, self.word.as_ptr(), operation, seen, time) };
    }

    /// Does the same as [`wait`](Event::wait), and sleeps until an open file changes at the longest; passes the changes
    /// to `report`. Returns false at once if another OS thread polls.
    pub fn poll(
        &self,
        time: Option<Duration>,
        has_work: impl FnOnce() -> bool,
        report: impl FnMut(Change),
    ) -> bool {
        let Some(mut polling) = poller::lock() else { return false };
        // The event polls only while it has the right to, so no other OS thread takes the wake-up that is meant for it.
        self.polls.store(true, Ordering::SeqCst);
        let time = if has_work() { Some(Duration::ZERO) } else { time };
        polling.wait(time, report);
        self.polls.store(false, Ordering::SeqCst);
        true
    }
}
