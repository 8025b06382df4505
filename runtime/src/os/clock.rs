//! Clocks and random numbers.

use std::time::Duration;

/// The time of the monotonic clock in nanoseconds.
pub fn now() -> i64 {
    read(libc::CLOCK_MONOTONIC)
}

/// The time since 1970 in nanoseconds, in UTC without leap seconds.
pub fn wall_clock() -> i64 {
    read(libc::CLOCK_REALTIME)
}

fn read(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable, and both clocks always exist.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

pub(super) fn timespec(time: Duration) -> libc::timespec {
    let tv_sec = libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX);
    libc::timespec { tv_sec, tv_nsec: time.subsec_nanos().into() }
}

/// A random number that an attacker cannot predict.
pub fn random() -> u64 {
    let mut bytes = [0; 8];
    // SAFETY: the bytes are writable. The kernel returns up to 256 bytes at once.
    let count = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    // On a kernel without the call the clock is used, which can be predicted but differs from process to process.
    if count == bytes.len() as isize { u64::from_ne_bytes(bytes) } else { now() as u64 }
}
