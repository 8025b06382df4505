//! The ends of the process that the runtime itself decides on, and its warnings.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::files::write;

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
