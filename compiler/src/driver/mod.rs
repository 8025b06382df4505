//! The pipeline on one screen: [`Pipeline`] has a method for each stage, and each returns its finished value. Only this
//! module touches files and processes.

use std::fmt;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use crate::diagnostics::Diagnostic;
use crate::source::{FileId, SourceMap};

/// What the compiler can be asked to do.
mod request;
/// Faults of the compiler itself.
mod bug;
/// What the compiler carries.
mod embedded;
/// What can go wrong outside the program's text.
mod errors;
/// Source files.
mod files;
/// From an object file to a program.
mod link;

pub use bug::report_panics;
pub use request::{Emit, Level, MessageFormat, Request, Task, default_output};

/// The stack of the pipeline's thread in bytes, reserved and not used: passes recurse over trees whose depth the
/// parser bounds, and LLVM's recurse over what those become.
const STACK: usize = 256 << 20;

/// Does what is asked, and returns the status of the process. A program that runs takes the place of this process.
pub fn execute(request: &Request) -> ExitCode {
    let pipeline = thread::Builder::new().name("weft".into()).stack_size(STACK);
    let ending = thread::scope(|scope| {
        let thread = pipeline.spawn_scoped(scope, || Pipeline::new(request).run());
        thread.expect("BUG: the system gives no thread").join().expect("BUG: a panic was not reported")
    });
    match ending {
        Ending::Success => ExitCode::SUCCESS,
        Ending::Errors => ExitCode::FAILURE,
    }
}

/// How a run of the pipeline ends.
enum Ending {
    Success,
    /// The program cannot be compiled; why has been reported.
    Errors,
}

/// A stage of the pipeline, for reports and timings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Read,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Read => "read",
        })
    }
}

/// The way of one program through the stages. What they find wrong gathers in `diagnostics`.
struct Pipeline<'a> {
    request: &'a Request,
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    times: Vec<(Stage, Duration)>,
}

/// A stage found errors, and what follows it needs a program without any.
struct Stopped;

impl<'a> Pipeline<'a> {
    fn new(request: &'a Request) -> Pipeline<'a> {
        Pipeline { request, sources: SourceMap::new(), diagnostics: Vec::new(), times: Vec::new() }
    }

    fn run(mut self) -> Ending {
        match self.read() {
            Ok(_) => Ending::Success,
            Err(Stopped) => Ending::Errors,
        }
    }

    fn read(&mut self) -> Result<FileId, Stopped> {
        let path = &self.request.file;
        let result = self.stage(Stage::Read, |pipeline| files::read(path, &mut pipeline.sources));
        self.accept(result)
    }

    /// Does the work of a stage: if it panics the report says where, and it is timed.
    fn stage<T>(&mut self, stage: Stage, work: impl FnOnce(&mut Self) -> T) -> T {
        bug::enter(stage, &self.request.file.display().to_string());
        let start = Instant::now();
        let value = work(self);
        self.times.push((stage, start.elapsed()));
        value
    }

    fn accept<T>(&mut self, result: Result<T, Box<Diagnostic>>) -> Result<T, Stopped> {
        result.map_err(|diagnostic| {
            self.diagnostics.push(*diagnostic);
            Stopped
        })
    }
}
