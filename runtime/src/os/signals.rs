//! Signals: masks, signal stacks, handlers that C code installs.

use std::io;
use std::ptr::null_mut;

use super::memory::allocate;

/// Runs `work` while no signal reaches this thread, nor those that it starts: signals are for the workers. Even that of
/// a fault, which another process may send, since only a worker can say where it was. If such a thread itself faults,
/// the process ends without a word.
pub fn without_signals<T>(work: impl FnOnce() -> T) -> T {
    without(&[], work)
}

/// The same, but a fault of such a thread is reported: for those that call C.
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

/// Gives this thread a stack for its signals.
pub fn use_signal_stack() -> io::Result<()> {
    // Enough for unwinding and symbolising a report.
    const SIZE: usize = 256 * 1024;
    let memory = allocate(SIZE)?;
    let stack = libc::stack_t { ss_sp: memory.as_ptr().cast(), ss_flags: 0, ss_size: SIZE };
    // SAFETY: the memory is never given back.
    let status = unsafe { libc::sigaltstack(&stack, null_mut()) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What the C library asks for when a handler is installed.
pub type Action = libc::sigaction;

/// What the C library's `sigaction` does, for handlers of any code: they run on the thread's signal stack. Below a
/// green thread's stack pointer there is no room for what the kernel leaves there, but the next thread's stack.
///
/// # Safety
/// As for that of the C library.
pub unsafe fn set_handler(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32 {
    unsafe extern "C" {
        /// The C library's own, where `sigaction` is the runtime's.
        fn __sigaction(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32;
    }
    // SAFETY: as the caller promises.
    unsafe {
        let on_stack = action.as_ref().map(|action| {
            let mut action = *action;
            action.sa_flags |= libc::SA_ONSTACK;
            action
        });
        __sigaction(signal, on_stack.as_ref().map_or(std::ptr::null(), std::ptr::from_ref), old)
    }
}

/// What the C library's `signal` does, or where C is no more than its standard: then the handler is for one signal. The
/// handler before, or `SIG_ERR`. See [`set_handler`].
///
/// # Safety
/// As for that of the C library.
pub unsafe fn set_simple_handler(signal: i32, handler: usize, is_for_one: bool) -> usize {
    // SAFETY: as the caller promises; zeros are good for all fields that are not set.
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
