//! Cases about diagnostics: a file contains a program and its rendered messages, so that a review sees the wording.

use libtest_mimic::Failed;

use super::case::{Case, Section};
use super::process;

/// Checks the case's program and compares the messages. The expected status is 1, unless the case sets another status,
/// for example 0 for a warning.
pub fn test(case: &Case) -> Result<(), Failed> {
    let folder = case.unpack()?;
    let mut check = process::weft();
    let checked =
        process::finish(check.current_dir(&folder).args(["check", &case.path, "--color", "never"]), "")?;
    if !checked.stdout.is_empty() {
        return Err(format!("messages belong on standard error:\n{}", checked.stdout).into());
    }
    let status = if checked.status == 1 { String::new() } else { checked.status.to_string() };
    case.compare(&[Section::new("status", status, ""), Section::new("messages", "", checked.stderr)])
}
