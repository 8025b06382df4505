//! Runs the compiled program in place of this process, or its tests in child processes.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use super::testing::Run;
use super::{Request, Task, output, schedules, traced};

/// Runs the program, or runs its tests: once, or under the requested number of schedules.
pub fn run_program(program: &File, request: &Request, tests: &[String]) -> io::Result<ExitCode> {
    match request.task {
        Task::Test { schedules: Some(count), limit, .. } => {
            schedules::run(program, request, tests, limit, count)
        }
        Task::Test { schedules: None, limit, .. } => {
            let run = Run { program, request, names: tests, limit, settings: &[], said: None };
            Ok(if run.run()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Task::Trace { ref arguments, ref files } => traced::run(program, request, arguments, files),
        Task::Run { .. }
        | Task::Build { .. }
        | Task::Check
        | Task::Emit { .. }
        | Task::ExplainSwitch { .. } => Err(become_program(program, request)),
    }
}

/// Replaces this process by the program, so that the program has this process's input, exit status and signals. Returns
/// only if the replacement fails.
fn become_program(program: &File, request: &Request) -> io::Error {
    let arguments = match &request.task {
        Task::Run { arguments } => arguments.as_slice(),
        Task::Trace { .. }
        | Task::Test { .. }
        | Task::Build { .. }
        | Task::Check
        | Task::Emit { .. }
        | Task::ExplainSwitch { .. } => &[],
    };
    output::command(program, request).args(arguments).exec()
}
