//! Reports of faults in the compiler itself: a panic prints the source file and the stage of the pipeline, and asks for
//! a bug report.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::process;

/// The exit status of a process that found a fault in itself: `EX_SOFTWARE` of `sysexits.h`.
pub const STATUS: i32 = 70;

thread_local! {
    /// The stage and the source file that this OS thread works on. An OS thread runs at most one pipeline.
    static WORK: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Records that this OS thread now works on `file` in `stage`.
pub fn enter(stage: &str, file: &str) {
    WORK.set(Some((stage.to_owned(), file.to_owned())));
}

/// Makes every panic print a `BUG:` report and end the process with [`STATUS`]. The binary calls this function; tests
/// do not. The process ends before the panic unwinds the stack; no code of the compiler catches panics.
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

#[cfg(test)]
mod tests {
    use std::{env, process::Command};

    use super::*;

    /// The environment variable that tells the child process of this test to panic.
    const MARK: &str = "WEFT_TEST_PANICS";

    #[test]
    fn a_panic_says_what_was_compiled_and_ends_the_process() {
        if env::var_os(MARK).is_some() {
            report_panics();
            enter("lower", "dir/p.weft");
            panic!("BUG: made for a test");
        }
        let name = "driver::bug::tests::a_panic_says_what_was_compiled_and_ends_the_process";
        let me = env::current_exe().expect("a test has an executable");
        let child = Command::new(me).args([name, "--exact", "--nocapture"]).env(MARK, "1").output();
        let child = child.expect("a test can start itself");
        let stderr = String::from_utf8_lossy(&child.stderr);
        assert_eq!(child.status.code(), Some(STATUS), "{stderr}");
        for part in ["\nBUG: made for a test (", "dir/p.weft", "stage `lower`", "Please report it"] {
            assert!(format!("\n{stderr}").contains(part), "no {part} in: {stderr}");
        }
    }
}
