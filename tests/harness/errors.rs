//! Cases about diagnostics: the source and the rendered message together, so that wording is reviewed.

use libtest_mimic::Failed;

use super::case::{Case, Section};
use super::process;

/// Checks the case's program and compares the messages. The status is 1, or what the case says: 0 for a warning.
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
