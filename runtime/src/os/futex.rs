//! Event words: a worker sleeps until another OS thread or a signal handler signals it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::clock::timespec;

/// Waits until somebody rings the bell, which has rung `rung` times, or for so long; sometimes less.
pub fn wait_for_event(event: &AtomicU32, rung: u32, time: Option<Duration>) {
    let time = time.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the time are alive.
    unsafe { libc::syscall(libc::SYS_futex, event.as_ptr(), operation, rung, time) };
}

/// Rings a bell, for whom waits for it or is about to. Safe in signal handlers.
pub fn ring(event: &AtomicU32) {
    event.fetch_add(1, Ordering::SeqCst);
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is alive.
    unsafe { libc::syscall(libc::SYS_futex, event.as_ptr(), operation, 1) };
}
