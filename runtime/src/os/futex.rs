//! Event words: a worker sleeps on an event word until another OS thread or a signal handler signals the word.
//!
//! The word counts the signals. A worker reads the word, checks whether there is work, and sleeps only if the word has
//! not changed since: so a signal between the check and the sleep is not lost.
//!
//! ```text
//!   worker                          another OS thread
//!   seen = word (7)
//!   no work there
//!                                   puts work there, word = 8, wakes sleepers: there are none
//!   would sleep if the word were 7; the word is 8
//! ```

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::clock::timespec;

/// Sleeps until the event word is signalled or the time has passed. Does not sleep if the word no longer has the value
/// `seen`. May return early.
pub fn wait_for_event(event: &AtomicU32, seen: u32, time: Option<Duration>) {
    let time = time.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the time are alive during the call.
    unsafe { libc::syscall(libc::SYS_futex, event.as_ptr(), operation, seen, time) };
}

/// Signals an event word: wakes the OS thread that sleeps on the word, or keeps an OS thread that is about to sleep on
/// the word from sleeping. Safe in signal handlers.
pub fn signal_event(event: &AtomicU32) {
    event.fetch_add(1, Ordering::SeqCst);
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is alive during the call.
    unsafe { libc::syscall(libc::SYS_futex, event.as_ptr(), operation, 1) };
}
