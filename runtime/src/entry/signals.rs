//! The C library's functions that install signal handlers: the program and all its libraries get these instead. The
//! handlers run on signal stacks, since a green thread's stack has no room for a signal.
//!
//! Other ways to a handler, `sigset`, `sigvec` and system calls, are not covered.

use crate::os::{self, Action};

#[unsafe(no_mangle)]
unsafe extern "C" fn sigaction(signal: i32, action: *const Action, old: *mut Action) -> i32 {
    // SAFETY: as the caller promises the C library.
    unsafe { os::set_handler(signal, action, old) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn signal(signal: i32, handler: usize) -> usize {
    // SAFETY: as the caller promises the C library.
    unsafe { os::set_simple_handler(signal, handler, false) }
}

/// What `signal` is for C that asks for no more than the standard of C.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sysv_signal(signal: i32, handler: usize) -> usize {
    // SAFETY: as the caller promises the C library.
    unsafe { os::set_simple_handler(signal, handler, true) }
}
