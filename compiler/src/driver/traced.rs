//! Traced runs: the program writes the trace of its schedule when it ends, and this process says what the trace has,
//! and makes a page of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use super::request::{TRACE_VARIABLE, TraceFiles};
use super::{Request, files, output, signals};
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
    if let Err((path, why)) = prepare(out, &request.file) {
        return Ok(failure(path, &why));
    }
    let mut command = output::command(program, request);
    let mut child = command.args(arguments).env(TRACE_VARIABLE, &out.trace).spawn()?;
    // The program ends by these signals and writes its trace, while this process waits. A process that is started
    // inherits that a signal is ignored, so the program is started first.
    let status = signals::ignoring_keys(|| child.wait())?;
    let read = if out.page.is_some() { fs::read_to_string(&out.trace) } else { head(&out.trace) };
    let text = read.unwrap_or_default();
    match contents(&text) {
        Some(contents) => {
            eprintln!("weft: {contents} in `{}`; https://ui.perfetto.dev opens it", out.trace.display());
        }
        None => eprintln!("weft: the program has ended without a trace"),
    }
    if let Some(page) = &out.page {
        match serde_json::from_str::<Value>(&text) {
            Ok(trace) => {
                if let Err(error) = fs::write(page, pages::trace_page(&trace)) {
                    return Ok(failure(page, &error.to_string()));
                }
            }
            Err(_) if text.is_empty() => eprintln!("weft: no page: there is no trace to show"),
            Err(error) => eprintln!("weft: no page: `{}` is no whole trace: {error}", out.trace.display()),
        }
    }
    // As in a shell, 128 plus the number of the signal that has ended the program.
    let number = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    Ok(ExitCode::from(number as u8))
}

/// Makes the file of the trace empty, and checks that the page can be written. An error is a path with a text for the
/// user.
fn prepare<'a>(out: &'a TraceFiles, program: &Path) -> Result<(), (&'a Path, String)> {
    let trace = out.trace.as_path();
    let page = out.page.as_deref();
    for path in [Some(trace), page].into_iter().flatten() {
        if files::are_same(path, program) || files::source_at(path).is_some() {
            return Err((path, "it is a source file; name another file".to_owned()));
        }
    }
    if let Some(page) = page.filter(|page| files::would_be_same(page, trace)) {
        return Err((page, "it is the file of the trace; name another file for the page".to_owned()));
    }
    File::create(trace).map_err(|error| (trace, error.to_string()))?;
    let Some(page) = page else { return Ok(()) };
    // A page that is there stays until there is a new one.
    let was_there = page.exists();
    File::options().append(true).create(true).open(page).map_err(|error| (page, error.to_string()))?;
    if !was_there {
        fs::remove_file(page).map_err(|error| (page, error.to_string()))?;
    }
    Ok(())
}

/// The first lines of a trace, which may be long.
fn head(trace: &Path) -> io::Result<String> {
    let lines = BufReader::new(File::open(trace)?).lines().take(HEAD);
    Ok(lines.collect::<io::Result<Vec<String>>>()?.join("\n"))
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
