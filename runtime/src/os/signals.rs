//! Signals: masks, signal stacks, handlers that C code installs.

use std::io;
use std::ptr::null_mut;

use super::memory::allocate;

/// Runs `work` with all signals blocked, on this OS thread and those that it starts: signals are for workers. Those of
/// faults are, too, since another process may send them and only a worker can report where it was. If such an OS thread
/// faults itself, the process ends without a report.
pub fn without_signals<T>(work: impl FnOnce() -> T) -> T {
    without(&[], work)
}

/// Runs `work` as [`without_signals`] does, but faults of the OS threads that it starts are reported. For threads that
/// call C.
pub fn without_signals_but_faults<T>(work: impl FnOnce() -> T) -> T {
    without(&[libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT], work)
}

fn without<T>(faults: &[i32], work: impl FnOnce() -> T) -> T {
    // SAFETY: the sets are filled before they are used; the old one is put back.
    unsafe {
        let (mut blocked, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&mut blocked);
        for fault in faults {
            libc::sigdelset(&mut blocked, *fault);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &blocked, &mut before);
        let result = work();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, null_mut());
        result
    }
}

/// Gives this OS thread a stack for its signals.
pub fn use_signal_stack() -> io::Result<()> {
    // Enough for unwinding and symbolising a report.
    const SIZE: usize = 256 * 1024;
    let memory = allocate(SIZE)?;
    let stack = libc::stack_t { ss_sp: memory.as_ptr().cast(), ss_flags: 0, ss_size: SIZE };
    // SAFETY: the memory is never given back.
    let status = unsafe { libc::sigaltstack(&stack, null_mut()) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The description of a signal handler, as the C library takes it.
pub type Action = libc::sigaction;

/// Does what the C library's `sigaction` does, but has the handler run on the OS thread's signal stack. The kernel
/// writes a signal frame below the stack pointer, and below that of a green thread lies the stack of another one.
///
/// # Safety
/// As for the function of the C library.
pub unsafe fn set_handler(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32 {
    unsafe extern "C" {
        /// The C library's own, where `sigaction` is the runtime's.
        fn __sigaction(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32;
    }
    // SAFETY: the caller passes what the C library asks for, and the flag that is added asks for nothing more.
    unsafe {
        let on_stack = action.as_ref().map(|action| {
            let mut action = *action;
            action.sa_flags |= libc::SA_ONSTACK;
            action
        });
        __sigaction(signal, on_stack.as_ref().map_or(std::ptr::null(), std::ptr::from_ref), old)
    }
}

/// Does what the C library's `signal` does, see [`set_handler`]. `is_for_one` asks for the meaning of the C standard:
/// the handler is for one signal. Returns the handler before, or `SIG_ERR`.
///
/// # Safety
/// As for the function of the C library.
pub unsafe fn set_simple_handler(signal: i32, handler: usize, is_for_one: bool) -> usize {
    // SAFETY: the caller passes a handler that the C library would take; zeros are good for all fields that are not
    // set.
    unsafe {
        let (mut action, mut old): (Action, Action) = (std::mem::zeroed(), std::mem::zeroed());
        action.sa_sigaction = handler;
        if is_for_one {
            action.sa_flags = libc::SA_RESETHAND | libc::SA_NODEFER;
        } else {
            action.sa_flags = libc::SA_RESTART;
            libc::sigaddset(&mut action.sa_mask, signal);
        }
        if set_handler(signal, &action, &mut old) == 0 { old.sa_sigaction } else { libc::SIG_ERR }
    }
}
