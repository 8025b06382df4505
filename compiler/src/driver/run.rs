//! Runs the program that was compiled: in the place of this process, or its tests in others.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use super::testing::Run;
use super::{Request, Task, output, schedules};

/// Runs the program, or the tests in it, under several schedules if that was asked.
pub fn run_program(program: &File, request: &Request, tests: &[String]) -> io::Result<ExitCode> {
    match request.task {
        Task::Test { schedules: Some(count), limit, .. } => {
            schedules::run(program, request, tests, limit, count)
        }
        Task::Test { schedules: None, limit, .. } => {
            let run = Run { program, request, names: tests, limit, settings: &[], said: None };
            Ok(if run.run()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Task::Run { .. } | Task::Build { .. } | Task::Check | Task::Emit(_) => {
            Err(become_program(program, request))
        }
    }
}

/// Puts the program in the place of this process: its input, its status and the signals to it are its own. Returns
/// only if that fails.
fn become_program(program: &File, request: &Request) -> io::Error {
    let arguments = match &request.task {
        Task::Run { arguments } => arguments.as_slice(),
        Task::Test { .. } | Task::Build { .. } | Task::Check | Task::Emit(_) => &[],
    };
    output::command(program, request).args(arguments).exec()
}
