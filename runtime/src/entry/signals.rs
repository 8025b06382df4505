//! Replacements of the C library's functions that install signal handlers, for the program and all its libraries. The
//! replacements make handlers run on signal stacks, since a green thread's stack has no room for a signal frame.
//!
//! Handlers that are installed by `sigset`, `sigvec` or a system call are not covered.

use crate::os::{self, Action};

#[unsafe(no_mangle)]
unsafe extern "C" fn sigaction(signal: i32, action: *const Action, old: *mut Action) -> i32 {
    // SAFETY: the caller keeps the contract of the C library's function of this name.
    unsafe { os::set_handler(signal, action, old) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn signal(signal: i32, handler: usize) -> usize {
    // SAFETY: the caller keeps the contract of the C library's function of this name.
    unsafe { os::set_simple_handler(signal, handler, false) }
}

/// The variant of `signal` that resets the handler after one signal.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sysv_signal(signal: i32, handler: usize) -> usize {
    // SAFETY: the caller keeps the contract of the C library's function of this name.
    unsafe { os::set_simple_handler(signal, handler, true) }
}
