//! Warnings of the runtime, and fatal errors.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::files::write;

/// Warns that the system could not start an OS thread; `purpose` ends the sentence, as in `for blocking calls`. Only
/// the first warning of a process is printed. The program goes on without the OS thread.
pub fn warn_of_no_thread(purpose: &str, error: &io::Error) {
    static IS_WARNED: AtomicBool = AtomicBool::new(false);
    if !IS_WARNED.swap(true, Ordering::Relaxed) {
        eprintln!("weft: warning: the system gives no thread {purpose}: {error}");
    }
}

/// Ends the process at once, with status 101, because the runtime has no memory. Allocates no memory.
pub fn die_without_memory(size: usize) -> ! {
    let mut text = [0; 80];
    let mut rest = &mut text[..];
    let _ =
        io::Write::write_fmt(&mut rest, format_args!("fatal: no memory for {size} bytes of the runtime\n"));
    let left = rest.len();
    let _ = write(libc::STDERR_FILENO, &text[..text.len() - left]);
    std::process::exit(101)
}

/// Prints a fatal error, and ends the process at once, with status 101.
pub fn die(message: &str) -> ! {
    eprintln!("fatal: {message}");
    std::process::exit(101)
}

/// Calls `function` when the process exits, on the OS thread that ends the process. Does nothing if a signal ends the
/// process.
pub fn at_exit(function: extern "C" fn()) {
    // SAFETY: the function has no safety conditions. If there is no memory for the list of functions, it is not called.
    unsafe { libc::atexit(function) };
}
