//! Requests to the compiler.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use crate::codegen::{Level, PASSES, WAYS, Way};
pub use crate::generators::Form as GeneratorForm;
use crate::hir::{Hir, Test};
pub use crate::listing::Selection;
pub use crate::render::MessageFormat;

/// A request to the compiler.
#[derive(Clone, Debug)]
pub struct Request {
    /// The program's first file.
    pub file: PathBuf,
    /// The level of optimisation.
    pub level: Level,
    /// The form of generators.
    pub generators: GeneratorForm,
    /// The way to switch between green threads.
    pub way: &'static Way,
    /// Whether the program is compiled for tracing: it can then record its schedule.
    pub traced: bool,
    /// The code in C that the program needs.
    pub links: Links,
    /// The task: run, test, build, check or print the program.
    pub task: Task,
    /// The format of diagnostics.
    pub messages: MessageFormat,
    /// Whether diagnostics have colours.
    pub color: bool,
    /// Whether to print how long each stage took.
    pub time: bool,
}

/// Code in C that is linked with a program.
#[derive(Clone, Default, Debug)]
pub struct Links {
    /// The names of libraries, as the option `-l` takes them.
    pub libraries: Vec<String>,
    /// Files in C, which are compiled first.
    pub sources: Vec<PathBuf>,
}

impl Request {
    /// Whether the task is to run tests, not `main`.
    pub fn runs_tests(&self) -> bool {
        matches!(self.task, Task::Test { .. })
    }

    /// The requested tests: the tests whose names contain the filter. Their names are escaped for printing.
    pub fn tests(&self, hir: &Hir) -> Vec<Test> {
        let Task::Test { filter, .. } = &self.task else { return Vec::new() };
        let is_wanted =
            |test: &&Test| filter.as_ref().is_none_or(|filter| test.name.contains(filter.as_str()));
        let wanted = hir.tests.iter().filter(is_wanted);
        wanted.map(|test| Test { name: shown(&test.name).into(), ..test.clone() }).collect()
    }

    /// The message that there is no test to run.
    pub fn no_tests(&self) -> String {
        let Task::Test { filter, others, .. } = &self.task else { return String::new() };
        let first = self.file.display();
        let place = match others.len() {
            0 => format!("`{first}`"),
            1 => format!("`{first}` and another file"),
            count => format!("`{first}` and {count} other files"),
        };
        match filter {
            Some(filter) => format!("no test in {place} has `{}` in its name", shown(filter)),
            None => format!("there are no tests in {place}: a test is written `test \"name\" {{ ... }}`"),
        }
    }

    /// Whether loops get polls.
    pub fn has_polls(&self) -> bool {
        !matches!(self.task, Task::Build { polls: false, .. })
    }

    /// The file to write the result to; `None` for standard output.
    pub fn output(&self) -> Option<&Path> {
        match &self.task {
            Task::Emit { options, .. } => options.output.as_deref(),
            Task::ExplainSwitch { html, .. } => html.as_deref(),
            Task::Run { .. } | Task::Trace { .. } | Task::Test { .. } | Task::Build { .. } | Task::Check => {
                None
            }
        }
    }

    /// Whether the task is to print this form of the program.
    pub fn emits(&self, wanted: Emit) -> bool {
        matches!(self.task, Task::Emit { form, .. } if form == wanted)
    }

    /// The functions and the line to print; all, unless the task is to print a part of a form.
    pub fn selection(&self) -> Selection {
        match &self.task {
            Task::Emit { options, .. } => options.selection.clone(),
            Task::Run { .. }
            | Task::Trace { .. }
            | Task::Test { .. }
            | Task::Build { .. }
            | Task::Check
            | Task::ExplainSwitch { .. } => Selection::default(),
        }
    }
}

/// The task of a request.
#[derive(Clone, PartialEq, Debug)]
pub enum Task {
    /// Compile the program and replace this process by it.
    Run {
        /// The program's arguments, without its name.
        arguments: Vec<OsString>,
    },
    /// Compile the program for tracing, and run it in a process of its own.
    Trace {
        /// The program's arguments, without its name.
        arguments: Vec<OsString>,
        /// The files to write.
        files: TraceFiles,
    },
    /// Compile the program's tests and run them.
    Test {
        /// More files of the program, whether imported or not.
        others: Vec<PathBuf>,
        /// Run only the tests whose names contain this text.
        filter: Option<String>,
        /// The number of schedules to run the tests under; `None` for the usual schedule alone.
        schedules: Option<u32>,
        /// The time limit for each test.
        limit: Duration,
    },
    /// Make an executable.
    Build {
        /// The path of the executable.
        output: PathBuf,
        /// Whether to check the machine code with the stack verifier.
        verify_stacks: bool,
        /// Whether loops that call nothing get polls, so that collections and other threads need not wait for the end
        /// of such a loop.
        polls: bool,
    },
    /// Only report errors and warnings.
    Check,
    /// Print a form of the program.
    Emit {
        /// The form.
        form: Emit,
        /// The parts to print, and the place.
        options: EmitOptions,
    },
    /// Report what each yield point saves.
    ExplainSwitch {
        /// The line whose points are reported; `None` for all.
        line: Option<u32>,
        /// The format of the report.
        format: ReportFormat,
        /// The file for a page, in place of the report.
        html: Option<PathBuf>,
    },
}

/// The format of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportFormat {
    /// For people.
    Text {
        /// Whether the text has colours.
        color: bool,
    },
    /// For tools.
    Json,
}

/// The files that `weft trace` writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceFiles {
    /// The trace.
    pub trace: PathBuf,
    /// The page that shows the trace, if any.
    pub page: Option<PathBuf>,
}

/// The options of `weft emit`.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct EmitOptions {
    /// The functions and the line to print.
    pub selection: Selection,
    /// Whether assembly is printed as an assembler takes it, not with its source for people.
    pub raw: bool,
    /// The file to write to; `None` for standard output.
    pub output: Option<PathBuf>,
}

impl EmitOptions {
    /// Checks that the options have a meaning for the form.
    ///
    /// # Errors
    ///
    /// An error tells the user what to write instead.
    pub fn check(&self, form: Emit) -> Result<(), String> {
        let Selection { functions, line } = &self.selection;
        let is_whole = matches!(form, Emit::Tokens | Emit::Ast | Emit::Hir);
        let option = if functions.is_empty() { "a line" } else { "`--function`" };
        if is_whole && (line.is_some() || !functions.is_empty()) {
            let forms = "`mir`, `llvm-ir`, `llvm-ir-opt`, `before:PASS`, `after:PASS` or `asm`";
            return Err(format!("this form is printed as a whole; with {option}, write {forms}"));
        }
        if self.raw && form != Emit::Assembly {
            return Err("this form has no other view; write `--raw` only with `asm`".to_owned());
        }
        if self.raw && line.is_some() {
            return Err("`--raw` shows no lines of the source; leave out `--raw` or the line".to_owned());
        }
        Ok(())
    }
}

/// Forms that `weft emit` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the name of a stage's result")]
pub enum Emit {
    Tokens,
    Ast,
    Hir,
    Mir,
    LlvmIr,
    /// LLVM IR before the pass with this name, one of [`PASSES`].
    BeforePass(&'static str),
    /// LLVM IR after the pass with this name, one of [`PASSES`].
    AfterPass(&'static str),
    LlvmIrOptimised,
    Assembly,
}

/// The executable that `weft build` writes without `-o`: the source file's name without its extension, in the current
/// folder.
pub fn default_output(file: &Path) -> PathBuf {
    match file.file_stem() {
        Some(stem) => PathBuf::from(stem),
        None => PathBuf::from("program"),
    }
}

/// The trace that `weft trace` writes without `-o`: the source file's name with `.trace.json` in the place of its
/// extension, in the current folder.
pub fn default_trace(file: &Path) -> PathBuf {
    let mut name = default_output(file).into_os_string();
    name.push(".trace.json");
    PathBuf::from(name)
}

/// Whether the environment asks the program to write a trace.
pub fn is_trace_wanted() -> bool {
    std::env::var_os(TRACE_VARIABLE).is_some_and(|file| !file.is_empty())
}

/// The environment variable that names the file of the trace.
pub const TRACE_VARIABLE: &str = "WEFT_TRACE";

/// A test's name as it is printed: characters that control a terminal or change the direction of text are escaped.
fn shown(name: &str) -> String {
    let turns = |c: char| {
        let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
        marks.contains(&c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let escape =
        |c: char| if c.is_control() || turns(c) { c.escape_unicode().to_string() } else { c.to_string() };
    name.chars().map(escape).collect()
}
