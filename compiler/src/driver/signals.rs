//! Signals that this process ignores while it waits for another one.

use std::ptr;

/// The signals that a terminal sends to all processes of the command when Ctrl-C or Ctrl-\ is pressed.
const KEYS: [i32; 2] = [libc::SIGINT, libc::SIGQUIT];

/// Runs a function while [`KEYS`] are ignored, and handles them as before afterwards.
pub fn ignoring_keys<T>(run: impl FnOnce() -> T) -> T {
    let before = KEYS.map(ignore);
    let result = run();
    for (signal, action) in KEYS.into_iter().zip(&before) {
        // SAFETY: the action is one that the system has returned for this signal.
        unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    }
    result
}

/// Ignores a signal; returns what was done at it before.
fn ignore(signal: i32) -> libc::sigaction {
    // SAFETY: a `sigaction` may consist of zeros: they are the default action without flags and with an empty mask.
    let (mut action, mut before) = unsafe { (std::mem::zeroed::<libc::sigaction>(), std::mem::zeroed()) };
    action.sa_sigaction = libc::SIG_IGN;
    // SAFETY: both actions are there during the call. To ignore a signal runs no code of this process.
    let result = unsafe { libc::sigaction(signal, &action, &mut before) };
    assert_eq!(result, 0, "BUG: signal {signal} cannot be ignored");
    before
}
