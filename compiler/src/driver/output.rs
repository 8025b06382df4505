//! The output of a pipeline: messages on standard error, a form of the program on standard output, or the program
//! itself.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use super::request::TRACE_VARIABLE;
use super::stage::Stopwatch;
use super::{Request, Task, files};
use crate::diagnostics::Diagnostic;
use crate::render;
use crate::source::{FileId, SourceMap};

/// The result of a pipeline.
pub enum Ending {
    /// Success without further output.
    Success,
    /// The program cannot be compiled; the diagnostics tell why.
    Errors,
    /// A form of the program, to print.
    Text(String),
    /// There is nothing to run or to print; the text tells why.
    Nothing(String),
    /// The executable, to run.
    Program {
        /// The executable file.
        file: File,
        /// The first source file of the program.
        main: FileId,
        /// The names of the tests to run; empty if `main` runs.
        tests: Vec<String>,
    },
}

impl Ending {
    /// The ending for a listing, or for the reason that there is none.
    pub fn listed(listing: Result<String, String>) -> Ending {
        match listing {
            Ok(text) => Ending::Text(text),
            Err(why) => Ending::Nothing(why),
        }
    }
}

/// Writes messages to standard error, and the times of the stages if requested. Failures to write are ignored, as
/// standard error may be closed.
pub fn report(request: &Request, sources: &SourceMap, diagnostics: &[Diagnostic], stopwatch: &Stopwatch) {
    let mut text = render::render(diagnostics, sources, request.messages, request.color);
    if request.time {
        text += &stopwatch.to_string();
    }
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The reason not to write the output of a request: it would replace a source file.
pub fn refusal(request: &Request) -> Option<String> {
    let path = request.output()?;
    if !files::are_same(path, &request.file) && files::source_at(path).is_none() {
        return None;
    }
    let option = if matches!(request.task, Task::ExplainSwitch { .. }) { "--html" } else { "-o" };
    let instead = format!("name another file with `{option}`, one that does not end in `.weft`");
    Some(format!("the output would replace the source file `{}`; {instead}", path.display()))
}

/// Writes a form of the program to the file that the request names, or prints it; returns the exit status.
pub fn emit(request: &Request, text: &str) -> ExitCode {
    let Some(path) = request.output() else { return print(text) };
    match fs::write(path, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("weft: cannot write to `{}`: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

/// Prints text to standard output, and returns the exit status.
pub fn print(text: &str) -> ExitCode {
    print_bytes(text.as_bytes())
}

/// Prints bytes, which need not be text, and returns the exit status.
pub fn print_bytes(bytes: &[u8]) -> ExitCode {
    match io::stdout().write_all(bytes) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has closed the pipe, so it wants no more output.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("weft: cannot write to standard output: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The command that starts the program, with the source file's name as the program's name.
pub fn command(program: &File, request: &Request) -> Command {
    // The process that becomes the program opens this path, so `self` in the path is that process, which has its own
    // copy of the descriptor. The copy is closed when the program starts.
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command.arg0(&request.file);
    if request.runs_tests() {
        // Tests are not compiled for tracing.
        command.env_remove(TRACE_VARIABLE);
    }
    command
}
