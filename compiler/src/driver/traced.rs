//! Traced runs: the program writes the trace of its schedule when it ends, and this process says what the trace has,
//! and makes a page of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use super::request::{TRACE_VARIABLE, TraceFiles};
use super::{Request, files, output};
use crate::pages;

/// The number of lines at the start of a trace among which is the one with the numbers of events and threads.
const HEAD: usize = 8;

/// Runs the program; returns its exit status, or a failure if a file cannot be written.
pub fn run(
    program: &File,
    request: &Request,
    arguments: &[OsString],
    out: &TraceFiles,
) -> io::Result<ExitCode> {
    // An error is reported before the program runs, perhaps for long.
    for path in [Some(&out.trace), out.page.as_ref()].into_iter().flatten() {
        if let Err(why) = make_empty(path, &request.file) {
            return Ok(failure(path, &why));
        }
    }
    let mut command = output::command(program, request);
    let status = command.args(arguments).env(TRACE_VARIABLE, &out.trace).status()?;
    let text = fs::read_to_string(&out.trace).unwrap_or_default();
    match contents(&text) {
        Some(contents) => {
            eprintln!("weft: {contents} in `{}`; https://ui.perfetto.dev opens it", out.trace.display());
        }
        None => eprintln!("weft: the program has ended without a trace"),
    }
    if let Some(page) = &out.page
        && let Ok(trace) = serde_json::from_str::<Value>(&text)
        && let Err(error) = fs::write(page, pages::trace_page(&trace))
    {
        return Ok(failure(page, &error.to_string()));
    }
    // As in a shell, 128 plus the number of the signal that has ended the program.
    let number = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    Ok(ExitCode::from(number as u8))
}

/// Makes the file empty, unless it is a source file. An error is a text for the user.
fn make_empty(path: &Path, program: &Path) -> Result<(), String> {
    if files::are_same(path, program) || files::source_at(path).is_some() {
        return Err("it is a source file; name another file".to_owned());
    }
    File::create(path).map(drop).map_err(|error| error.to_string())
}

fn failure(path: &Path, why: &str) -> ExitCode {
    eprintln!("weft: cannot write to `{}`: {why}", path.display());
    ExitCode::FAILURE
}

/// The numbers of events and threads of a trace, in words; `None` if the text is no trace.
fn contents(trace: &str) -> Option<String> {
    let line = trace.lines().take(HEAD).find_map(|line| line.strip_prefix("\"otherData\":"))?;
    let about: Value = serde_json::from_str(line.strip_suffix(',')?).ok()?;
    let number = |name: &str, one: &str| {
        let number = about[name].as_u64()?;
        Some(format!("{number} {one}{}", if number == 1 { "" } else { "s" }))
    };
    let (events, threads) = (number("events", "event")?, number("threads", "thread")?);
    Some(match about["lost"].as_u64()? {
        0 => format!("{events} of {threads}"),
        lost => format!(
            "the last {events}, of {threads} ({lost} older events were lost; WEFT_TRACE_EVENTS=N keeps N)"
        ),
    })
}
