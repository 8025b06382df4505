//! Memory, signals, file descriptors and clocks. Only this module makes system calls; what other modules ask of it is
//! in bytes and addresses.

use std::io;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

/// The smallest unit of memory that can be moved or given back.
pub const PAGE: usize = 4096;

/// Address space of `size` bytes that cannot be touched before [`commit`].
pub fn reserve(size: usize) -> io::Result<NonNull<u8>> {
    map(size, libc::PROT_NONE)
}

/// Zeroed memory of `size` bytes, a multiple of [`PAGE`].
pub fn allocate(size: usize) -> io::Result<NonNull<u8>> {
    map(size, libc::PROT_READ | libc::PROT_WRITE)
}

/// The same at a multiple of `alignment`, which is one of [`PAGE`], too.
pub fn allocate_aligned(size: usize, alignment: usize) -> io::Result<NonNull<u8>> {
    let start = allocate(size + alignment - PAGE)?.as_ptr();
    let before = start.align_offset(alignment);
    let behind = alignment - PAGE - before;
    // SAFETY: all of it was just mapped, and what is returned lies between.
    unsafe {
        let aligned = start.add(before);
        if before > 0 {
            release(start, before);
        }
        if behind > 0 {
            release(aligned.add(size), behind);
        }
        Ok(NonNull::new_unchecked(aligned))
    }
}

fn map(size: usize, protection: i32) -> io::Result<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new anonymous mapping touches nothing that exists.
    let start = unsafe { libc::mmap(null_mut(), size, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(NonNull::new(start.cast()).expect("BUG: mmap returned null"))
}

/// Returns a mapping.
///
/// # Safety
/// `[start, start + size)` is mapped, and nobody uses it any more.
pub unsafe fn release(start: *mut u8, size: usize) {
    // SAFETY: as the caller promises. A failure leaves the memory mapped, which harms nobody.
    unsafe { libc::munmap(start.cast(), size) };
}

/// Makes reserved memory usable; it reads as zero.
///
/// # Safety
/// The pages belong to one reservation.
pub unsafe fn commit(start: *mut u8, size: usize) -> io::Result<()> {
    // SAFETY: as the caller promises.
    let status = unsafe { libc::mprotect(start.cast(), size, libc::PROT_READ | libc::PROT_WRITE) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Asks for large pages: a million small stacks otherwise miss the TLB at every switch.
///
/// # Safety
/// The pages are mapped.
pub unsafe fn prefer_large_pages(start: *mut u8, size: usize) {
    // SAFETY: advice does not change contents. Kernels without large pages refuse it, which costs only speed.
    unsafe { libc::madvise(start.cast(), size, libc::MADV_HUGEPAGE) };
}

/// Gives the pages' memory back; they read as zero afterwards.
///
/// # Safety
/// The pages are mapped, private and anonymous, and nobody needs what is in them.
pub unsafe fn discard(start: *mut u8, size: usize) {
    // SAFETY: as the caller promises. Failure keeps the memory, which is allowed.
    unsafe { libc::madvise(start.cast(), size, libc::MADV_DONTNEED) };
}

/// Moves pages without copying them; those at `from` read as zero afterwards.
///
/// # Safety
/// Both ranges are whole pages of private anonymous memory and do not overlap; nobody needs what is at `to`.
pub unsafe fn move_pages(from: *mut u8, to: *mut u8, size: usize) -> io::Result<()> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED | libc::MREMAP_DONTUNMAP;
    // SAFETY: as the caller promises; DONTUNMAP leaves the source range mapped.
    let moved = unsafe { libc::mremap(from.cast(), size, size, flags, to.cast::<libc::c_void>()) };
    if moved == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Memory of the C library; null when there is none.
pub fn allocate_for_c(size: usize) -> *mut u8 {
    // SAFETY: any size may be asked for.
    unsafe { libc::malloc(size).cast() }
}

/// Gives memory back to the C library.
///
/// # Safety
/// It is that of [`allocate_for_c`] or another allocation of the C library, or null, and nobody uses it any more.
pub unsafe fn free_for_c(memory: *mut u8) {
    // SAFETY: as the caller promises.
    unsafe { libc::free(memory.cast()) }
}

/// Writes some of the bytes to a file descriptor.
pub fn write(descriptor: i32, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the bytes are readable.
    let count = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Reads some bytes from a file descriptor; none at its end.
pub fn read(descriptor: i32, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the bytes are writable.
    let count = unsafe { libc::read(descriptor, into.as_mut_ptr().cast(), into.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Whether an error says that the file descriptor is none.
pub fn is_closed(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EBADF)
}

/// The system's number of an error. Those that are Rust's own are about memory, or about arguments that cannot be.
pub fn error_number(error: &io::Error) -> i32 {
    let own = if error.kind() == io::ErrorKind::OutOfMemory { libc::ENOMEM } else { libc::EINVAL };
    error.raw_os_error().unwrap_or(own)
}

/// Nanoseconds of the monotonic clock.
pub fn now() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills in the time; this clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// A number that nobody can foretell.
pub fn random() -> u64 {
    let mut bytes = [0; 8];
    // SAFETY: the bytes are writable. So few are given at once.
    let count = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    // A kernel without the call: the clock is foreseeable, but differs from process to process.
    if count == bytes.len() as isize { u64::from_ne_bytes(bytes) } else { now() as u64 }
}

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

/// Says, once in a process, that the system gives no thread `purpose`; the program goes on without. Where one is
/// missing others will be.
pub fn warn_of_no_thread(purpose: &str, error: &io::Error) {
    static IS_WARNED: AtomicBool = AtomicBool::new(false);
    if !IS_WARNED.swap(true, Ordering::Relaxed) {
        eprintln!("weft: warning: the system gives no thread {purpose}: {error}");
    }
}

/// Ends the process at once when the runtime itself has no memory, with status 101. Asks for none.
pub fn die_without_memory(size: usize) -> ! {
    let mut text = [0; 80];
    let mut rest = &mut text[..];
    let _ =
        io::Write::write_fmt(&mut rest, format_args!("fatal: no memory for {size} bytes of the runtime\n"));
    let left = rest.len();
    let _ = write(libc::STDERR_FILENO, &text[..text.len() - left]);
    std::process::exit(101)
}

/// Ends the process at once when it cannot go on, with status 101.
pub fn die(message: &str) -> ! {
    eprintln!("fatal: {message}");
    std::process::exit(101)
}

/// What a fault handler learns.
pub struct Fault {
    /// Whether it was `SIGBUS`, and not `SIGSEGV`.
    pub is_bus_error: bool,
    /// The address that could not be used, if that is why: a process can also send the signal.
    pub address: Option<usize>,
    /// Where the program was.
    pub pc: usize,
    /// Its stack pointer there.
    pub sp: usize,
}

static REPORT: std::sync::OnceLock<fn(&Fault)> = std::sync::OnceLock::new();

/// Lets `report` speak about faults before they end the process. Green stacks are tiny, so this thread's signals run
/// on a stack of their own.
pub fn report_faults(report: fn(&Fault)) -> io::Result<()> {
    use_signal_stack()?;
    REPORT.set(report).unwrap_or_else(|_| panic!("BUG: two fault handlers"));
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler has the signature that SA_SIGINFO asks for. SA_RESETHAND: from then on the signal ends
        // the process the default way, be it that of a fault inside the handler or the one it raises at its end.
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

/// Opens `/dev/null` on each of the standard descriptors that is closed. Otherwise the first file that is opened would
/// become standard output, and get what is printed.
pub fn open_standard_streams() -> io::Result<()> {
    for descriptor in libc::STDIN_FILENO..=libc::STDERR_FILENO {
        // SAFETY: asks for flags alone.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } >= 0 || !is_closed(&io::Error::last_os_error()) {
            continue;
        }
        // SAFETY: the path ends in zero. The lowest descriptor that is free is this one, as those before are open.
        if unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// The timer that reminds of `SIGQUIT`; null when the system has none to give.
static QUIT_TIMER: AtomicPtr<libc::c_void> = AtomicPtr::new(null_mut());

static ON_QUIT: std::sync::OnceLock<fn(bool)> = std::sync::OnceLock::new();

/// Has `SIGQUIT` call `handler`, which is told whether the signal comes from [`quit_again_after`]. It may have
/// interrupted anything: only what is safe in signal handlers is allowed there.
pub fn on_quit(handler: fn(bool)) -> io::Result<()> {
    ON_QUIT.set(handler).unwrap_or_else(|_| panic!("BUG: two handlers of SIGQUIT"));
    set_quit_handler(libc::SIGQUIT)?;
    // Not `SIGQUIT`: the kernel drops one that comes while another is to be delivered, and with it a question. Valgrind
    // keeps the last signal for itself, and says so to whoever asks for it.
    let Some(reminder) =
        (libc::SIGRTMIN()..libc::SIGRTMAX()).rev().find(|&signal| set_quit_handler(signal).is_ok())
    else {
        return Ok(());
    };
    // SAFETY: zeros are good for all fields that are not set.
    unsafe {
        let mut event: libc::sigevent = std::mem::zeroed();
        event.sigev_notify = libc::SIGEV_SIGNAL;
        event.sigev_signo = reminder;
        let mut timer: libc::timer_t = null_mut();
        // Without a timer a question may be lost to a switch, and is asked by nobody again.
        if libc::timer_create(libc::CLOCK_MONOTONIC, &mut event, &mut timer) == 0 {
            // The first timer's number may be zero.
            QUIT_TIMER.store(timer.wrapping_byte_add(1), Ordering::Relaxed);
        }
    }
    Ok(())
}

fn set_quit_handler(signal: i32) -> io::Result<()> {
    // SAFETY: the handler has the signature that is asked for; zeros are good for all fields that are not set.
    let status = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_quit_signal as *const () as usize;
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigaction(signal, &action, null_mut())
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

extern "C" fn on_quit_signal(signal: i32) {
    // SAFETY: the interrupted code may be about to look at `errno`.
    unsafe {
        let errno = libc::__errno_location();
        let before = errno.read();
        if let Some(handler) = ON_QUIT.get() {
            handler(signal != libc::SIGQUIT);
        }
        errno.write(before);
    }
}

/// Sends this process a reminder of `SIGQUIT`, a signal of its own, after a while. Safe in signal handlers.
pub fn quit_again_after(time: Duration) {
    let timer = QUIT_TIMER.load(Ordering::Relaxed);
    if timer.is_null() {
        return;
    }
    let value = timespec(time);
    let once = libc::itimerspec { it_interval: timespec(Duration::ZERO), it_value: value };
    // SAFETY: it is a timer, and the times are read at once.
    unsafe { libc::timer_settime(timer.wrapping_byte_sub(1), 0, &once, null_mut()) };
}

fn timespec(time: Duration) -> libc::timespec {
    let tv_sec = libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX);
    libc::timespec { tv_sec, tv_nsec: time.subsec_nanos().into() }
}

/// Waits until somebody rings the bell, which has rung `rung` times, or for so long; sometimes less.
pub fn wait_for_ring(bell: &AtomicU32, rung: u32, time: Option<Duration>) {
    let time = time.map(timespec);
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the time are alive.
    unsafe { libc::syscall(libc::SYS_futex, bell.as_ptr(), operation, rung, time) };
}

/// Rings a bell, for whom waits for it or is about to. Safe in signal handlers.
pub fn ring(bell: &AtomicU32) {
    bell.fetch_add(1, Ordering::SeqCst);
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is alive.
    unsafe { libc::syscall(libc::SYS_futex, bell.as_ptr(), operation, 1) };
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

/// `si_code` of faults of which the processor tells no address.
const SI_KERNEL: i32 = 0x80;

extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo_t and ucontext_t to a handler with SA_SIGINFO.
    let fault = unsafe {
        let registers = &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        // Other codes are those of processes that send signals; and the kernel's for an address that can be none.
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
    // A faulting instruction would fault again, but after a signal that was sent the program would go on.
    // SAFETY: the signal is blocked until the handler returns.
    unsafe { libc::raise(signal) };
}
