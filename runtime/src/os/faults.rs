//! The handler of memory faults.

use std::io;
use std::ptr::null_mut;

use super::signals::use_signal_stack;

/// A memory fault.
pub struct Fault {
    /// Whether the signal is `SIGBUS`, and not `SIGSEGV`.
    pub is_bus_error: bool,
    /// The address of the failed access; `None` if the kernel does not report it, or if a process has sent the signal.
    pub address: Option<usize>,
    /// The address of the instruction.
    pub pc: usize,
    /// The stack pointer at the instruction.
    pub sp: usize,
}

static REPORT: std::sync::OnceLock<fn(&Fault)> = std::sync::OnceLock::new();

/// Makes memory faults call `report` before the process ends. Also allocates a signal stack for this OS thread, since
/// green stacks are too small for signal handlers.
pub fn report_faults(report: fn(&Fault)) -> io::Result<()> {
    use_signal_stack()?;
    REPORT.set(report).unwrap_or_else(|_| panic!("BUG: two fault handlers"));
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler has the signature that SA_SIGINFO requires. With SA_RESETHAND the next signal ends the
        // process, whether the handler itself faults or raises the signal at its end.
        let status = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_fault as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
            libc::sigaction(signal, &action, null_mut())
        };
        if status != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// The `si_code` of a fault for which the kernel reports no address.
const SI_KERNEL: i32 = 0x80;

extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo_t and ucontext_t to a handler with SA_SIGINFO.
    let fault = unsafe {
        let registers = &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        // Codes up to 0 are for signals that a process has sent. `SI_KERNEL` is for accesses to non-canonical
        // addresses, which the kernel does not report.
        let has_address = (1..SI_KERNEL).contains(&(*info).si_code);
        Fault {
            is_bus_error: signal == libc::SIGBUS,
            address: has_address.then(|| (*info).si_addr() as usize),
            pc: registers[libc::REG_RIP as usize] as usize,
            sp: registers[libc::REG_RSP as usize] as usize,
        }
    };
    if let Some(report) = REPORT.get() {
        report(&fault);
    }
    // The process must end, so the signal is raised again. A faulting instruction would fault again by itself, but
    // after a signal from another process the program would go on.
    // SAFETY: the signal is blocked until the handler returns.
    unsafe { libc::raise(signal) };
}
