//! When the compiler itself is at fault: a panic anywhere says what was being compiled, and asks for a report.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::process;

use super::Stage;

/// The status of a process that found a fault in itself, `EX_SOFTWARE` of `sysexits.h`.
pub const STATUS: i32 = 70;

thread_local! {
    /// What this thread is doing: one pipeline runs on one thread.
    static WORK: RefCell<Option<(Stage, String)>> = const { RefCell::new(None) };
}

/// From now on this thread works on `file` in `stage`.
pub fn enter(stage: Stage, file: &str) {
    WORK.set(Some((stage, file.to_owned())));
}

/// Makes every panic print a `BUG:` report and end the process with [`STATUS`]. For the binary, not for tests: nothing
/// catches the panic, so it works without unwinding too.
pub fn report_panics() {
    panic::set_hook(Box::new(|panic| {
        eprint!("{}", report(panic));
        process::exit(STATUS);
    }));
}

fn report(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("a panic without a message");
    let message = message.strip_prefix("BUG: ").unwrap_or(message);
    let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line()));
    let work = WORK.with_borrow(|work| match work {
        Some((stage, file)) => format!("  while it compiled {file}, in the stage `{stage}`\n"),
        None => String::new(),
    });
    let place = place.unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "BUG: {message}{place}\n{work}  This is a fault of weft {version}, not of your program. \
         Please report it, with the program.\n"
    )
}
