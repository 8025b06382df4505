//! Signals: masks, signal stacks, handlers that C code installs.

use std::io;
use std::ptr::null_mut;

use super::memory::allocate;
use super::subscriptions;

/// Runs `work` with all signals blocked on this OS thread and on the OS threads that `work` starts, so that only
/// workers receive signals. Signals of faults are blocked, too: another process may send them, and only a worker can
/// report its position in the program. If an OS thread faults while these signals are blocked, the process ends without
/// a report.
pub fn without_signals<T>(work: impl FnOnce() -> T) -> T {
    without(&[], work)
}

/// Runs `work` like [`without_signals`], but does not block the signals of faults, so that faults are reported. For OS
/// threads that call C.
pub fn without_signals_but_faults<T>(work: impl FnOnce() -> T) -> T {
    without(&[libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT], work)
}

/// Runs `work` with no signal blocked on this OS thread. The handlers of the runtime may run on any OS thread.
pub fn with_signals<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: zero is a valid value, and the set is filled before it is used.
    masked(work, |blocked| unsafe {
        libc::sigemptyset(blocked);
    })
}

fn without<T>(faults: &[i32], work: impl FnOnce() -> T) -> T {
    // SAFETY: as in `with_signals`.
    masked(work, |blocked| unsafe {
        libc::sigfillset(blocked);
        for fault in faults {
            libc::sigdelset(blocked, *fault);
        }
    })
}

/// Runs `work` while the signals are blocked that `fill` puts into a set.
fn masked<T>(work: impl FnOnce() -> T, fill: impl FnOnce(*mut libc::sigset_t)) -> T {
    // SAFETY: `fill` makes the set valid; the old set is restored.
    unsafe {
        let (mut blocked, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        fill(&raw mut blocked);
        libc::pthread_sigmask(libc::SIG_SETMASK, &blocked, &mut before);
        let result = work();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, null_mut());
        result
    }
}

/// Allocates a signal stack for this OS thread.
pub fn use_signal_stack() -> io::Result<()> {
    // Enough for the stack walk and the symbols of a report.
    const SIZE: usize = 256 * 1024;
    let memory = allocate(SIZE)?;
    let stack = libc::stack_t { ss_sp: memory.as_ptr().cast(), ss_flags: 0, ss_size: SIZE };
    // SAFETY: the memory is never freed.
    let status = unsafe { libc::sigaltstack(&stack, null_mut()) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The signals by which a user or the system asks a process to end, blocked in all OS threads: one thread waits for
/// them.
pub struct EndSignals(libc::sigset_t);

/// A signal that has arrived.
pub struct EndSignal(i32);

impl EndSignals {
    /// Blocks the signals on this OS thread, and on the OS threads that it starts. Signals that the process ignores or
    /// handles already are left alone; `None` if these are all.
    pub fn block() -> Option<EndSignals> {
        // SAFETY: zero is a valid value of both structs; the set is filled before it is used.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            let mut is_empty = true;
            for signal in [libc::SIGINT, libc::SIGTERM] {
                let mut action: Action = std::mem::zeroed();
                if set_handler(signal, std::ptr::null(), &mut action) == 0
                    && action.sa_sigaction == libc::SIG_DFL
                {
                    libc::sigaddset(&mut set, signal);
                    is_empty = false;
                }
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, null_mut());
            (!is_empty).then_some(EndSignals(set))
        }
    }

    /// Waits for one of the signals to which the program does not subscribe.
    pub fn wait(&self) -> EndSignal {
        let mut signal = 0;
        loop {
            // SAFETY: the set is valid, and the signals are blocked.
            unsafe { libc::sigwait(&self.0, &mut signal) };
            if !subscriptions::pass_on(signal) {
                return EndSignal(signal);
            }
        }
    }
}

impl EndSignal {
    /// Ends the process by the signal, as if it had not been blocked.
    pub fn end_process(&self) -> ! {
        // SAFETY: the signal has its default action, which ends the process when this OS thread unblocks it.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, self.0);
            libc::raise(self.0);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, null_mut());
            libc::_exit(128 + self.0)
        }
    }
}

/// The C library's struct that describes a signal handler.
pub type Action = libc::sigaction;

/// Does the same as the C library's `sigaction`, but makes the handler run on the OS thread's signal stack. Otherwise
/// the kernel would write the signal frame below the stack pointer, where the stack of another green thread lies.
///
/// # Safety
/// As for the function of the C library.
pub unsafe fn set_handler(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32 {
    unsafe extern "C" {
        /// The C library's function under its internal name, since the runtime replaces `sigaction`.
        fn __sigaction(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32;
    }
    // SAFETY: the caller keeps the contract of `sigaction`, and the flag that is added needs nothing more.
    unsafe {
        let on_stack = action.as_ref().map(|action| {
            let mut action = *action;
            action.sa_flags |= libc::SA_ONSTACK;
            action
        });
        __sigaction(signal, on_stack.as_ref().map_or(std::ptr::null(), std::ptr::from_ref), old)
    }
}

/// Does the same as the C library's `signal`, with the change of [`set_handler`]. With `is_for_one` the handler is
/// reset after one signal, as the C standard allows. Returns the previous handler, or `SIG_ERR`.
///
/// # Safety
/// As for the function of the C library.
pub unsafe fn set_simple_handler(signal: i32, handler: usize, is_for_one: bool) -> usize {
    // SAFETY: the caller passes a handler that the C library accepts; zero is valid for all fields that are not set.
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
