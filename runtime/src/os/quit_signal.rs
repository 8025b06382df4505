//! The handler of `SIGQUIT`, and the timer that repeats the signal.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use super::clock::timespec;

/// The identifier of the timer that repeats the signal, plus one; null if the system has no timer.
static QUIT_TIMER: AtomicPtr<libc::c_void> = AtomicPtr::new(null_mut());

static ON_QUIT: std::sync::OnceLock<fn(bool)> = std::sync::OnceLock::new();

/// Installs `handler` for `SIGQUIT`; its argument tells whether the signal comes from [`quit_again_after`]. The handler
/// may interrupt any code, so it must be safe in signal context.
pub fn on_quit(handler: fn(bool)) -> io::Result<()> {
    ON_QUIT.set(handler).unwrap_or_else(|_| panic!("BUG: two handlers of SIGQUIT"));
    set_quit_handler(libc::SIGQUIT)?;
    // The reminder, the signal that the timer sends, is not `SIGQUIT` itself: the kernel drops a signal of the same
    // number while such a signal is pending, and so could drop a user's request. Any free real-time signal serves as
    // the reminder, except the last real-time signal, which Valgrind keeps for itself.
    let Some(reminder) =
        (libc::SIGRTMIN()..libc::SIGRTMAX()).rev().find(|&signal| set_quit_handler(signal).is_ok())
    else {
        return Ok(());
    };
    // SAFETY: zero is valid for all fields that are not set.
    unsafe {
        let mut event: libc::sigevent = std::mem::zeroed();
        event.sigev_notify = libc::SIGEV_SIGNAL;
        event.sigev_signo = reminder;
        let mut timer: libc::timer_t = null_mut();
        // Without a timer, the signal is not repeated, and a request that a switch overwrites is lost.
        if libc::timer_create(libc::CLOCK_MONOTONIC, &mut event, &mut timer) == 0 {
            // The identifier of the first timer may be zero, so one is added.
            QUIT_TIMER.store(timer.wrapping_byte_add(1), Ordering::Relaxed);
        }
    }
    Ok(())
}

fn set_quit_handler(signal: i32) -> io::Result<()> {
    // SAFETY: the handler has the signature that the flags require; zero is valid for all fields that are not set.
    let status = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_quit_signal as *const () as usize;
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigaction(signal, &action, null_mut())
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

extern "C" fn on_quit_signal(signal: i32) {
    // SAFETY: the C library returns the address of this OS thread's `errno`. `errno` is restored, since the interrupted
    // code may read it next.
    unsafe {
        let errno = libc::__errno_location();
        let before = errno.read();
        if let Some(handler) = ON_QUIT.get() {
            handler(signal != libc::SIGQUIT);
        }
        errno.write(before);
    }
}

/// Sends this process a reminder of `SIGQUIT`, a real-time signal, after `time`. Safe in signal handlers.
pub fn quit_again_after(time: Duration) {
    let timer = QUIT_TIMER.load(Ordering::Relaxed);
    if timer.is_null() {
        return;
    }
    let value = timespec(time);
    let once = libc::itimerspec { it_interval: timespec(Duration::ZERO), it_value: value };
    // SAFETY: `QUIT_TIMER` is the identifier of a timer plus one, and the times are alive during the call.
    unsafe { libc::timer_settime(timer.wrapping_byte_sub(1), 0, &once, null_mut()) };
}
