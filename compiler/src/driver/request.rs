//! Requests to the compiler.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use crate::codegen::{Level, PASSES};
use crate::hir::{Hir, Test};
pub use crate::render::MessageFormat;

/// A request to the compiler.
#[derive(Clone, Debug)]
pub struct Request {
    /// The program's first file.
    pub file: PathBuf,
    /// The level of optimisation.
    pub level: Level,
    /// The libraries to link with, named as after `-l`.
    pub libraries: Vec<String>,
    /// The task.
    pub task: Task,
    /// The format of diagnostics.
    pub messages: MessageFormat,
    /// Whether they have colours.
    pub color: bool,
    /// Whether to print how long each stage took.
    pub time: bool,
}

impl Request {
    /// Whether tests are to be run, and not `main`.
    pub fn runs_tests(&self) -> bool {
        matches!(self.task, Task::Test { .. })
    }

    /// The tests that are asked for: those whose name has the filter in it. Their names are made fit to be printed.
    pub fn tests(&self, hir: &Hir) -> Vec<Test> {
        let Task::Test { filter, .. } = &self.task else { return Vec::new() };
        let is_wanted =
            |test: &&Test| filter.as_ref().is_none_or(|filter| test.name.contains(filter.as_str()));
        let wanted = hir.tests.iter().filter(is_wanted);
        wanted.map(|test| Test { name: shown(&test.name).into(), ..test.clone() }).collect()
    }

    /// Says that there is no test to run.
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

    /// Whether loops are to have polls.
    pub fn has_polls(&self) -> bool {
        !matches!(self.task, Task::Build { polls: false, .. })
    }

    /// Whether that form is asked for.
    pub fn emits(&self, form: Emit) -> bool {
        self.task == Task::Emit(form)
    }
}

/// A task: the use that is made of the program.
#[derive(Clone, PartialEq, Debug)]
pub enum Task {
    /// Compile it and become it.
    Run {
        /// Its arguments, without its name.
        arguments: Vec<OsString>,
    },
    /// Compile its tests and run them.
    Test {
        /// More files that belong to it, whether imported or not.
        others: Vec<PathBuf>,
        /// Only those whose name has this in it.
        filter: Option<String>,
        /// Under how many schedules to run them; `None` for the usual one.
        schedules: Option<u32>,
        /// The time that each may take.
        limit: Duration,
    },
    /// Make an executable.
    Build {
        /// The path of the executable.
        output: PathBuf,
        /// Whether to check the machine code.
        verify_stacks: bool,
        /// Whether loops that call nothing can be interrupted, and by that collections and other threads wait for none.
        polls: bool,
    },
    /// Only report.
    Check,
    /// Print a form of it.
    Emit(Emit),
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
    /// LLVM IR after a pass, one of [`PASSES`].
    AfterPass(&'static str),
    LlvmIrOptimised,
    Assembly,
}

/// The executable that `weft build` makes without `-o`: the program's name without its ending, in this folder.
pub fn default_output(file: &Path) -> PathBuf {
    match file.file_stem() {
        Some(stem) => PathBuf::from(stem),
        None => PathBuf::from("program"),
    }
}

/// A test's name as it is printed: without characters that control a terminal or turn the direction of text.
fn shown(name: &str) -> String {
    let turns = |c: char| {
        let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
        marks.contains(&c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let escape =
        |c: char| if c.is_control() || turns(c) { c.escape_unicode().to_string() } else { c.to_string() };
    name.chars().map(escape).collect()
}
