//! The interpreter of MIR, which needs no LLVM. The playground runs it, and tests compare compiled programs with
//! it.
//!
//! A green thread is a vector of frames, so the program's calls never nest on the host's stack, and recursion goes as
//! deep as [`Options::stack_max`] allows.
//!
//! The interpreter simulates one worker, and schedules in the same order as the runtime. A spawned thread goes to the
//! tail of the run queue, and the spawner continues. A thread that yields goes to the tail. When a thread ends, the
//! threads that wait for its end go to the tail, in the order in which they began to wait. When a thread waits or ends,
//! the threads that it spawned or woke in its time slice run next, except once in `FAIRNESS_PERIOD` times. So a program
//! that uses only simulated features prints the same bytes as when it is compiled, and panics with the same messages.
//! With [`Options::seed`], the next thread and the end of its time slice are random; a slice can end even within an
//! operation of the library.
//!
//! The clock is virtual: it jumps to the next timer when nothing else can run.
//!
//! C functions, files, the environment and the exact text of traces are not simulated. A blocking function runs at
//! once, and then its thread yields. Objects that refer to each other in a cycle are not freed before the host's
//! process ends.

/// Numbers as text.
mod text;
/// Values of the language, and wait lists and waiters.
mod value;
/// Values as data.
mod computed;
/// The dropping of values without recursion.
mod dropping;
/// Wait lists and scopes.
mod waiting;
/// Virtual time, timers, and random numbers.
mod clock;
/// Green threads and their frames.
mod thread;
/// Tuples, structs, enums, cells and arrays.
mod memory;
/// Operators on values.
mod arithmetic;
/// The latest events of a run.
mod history;
/// The state of a run.
mod interpreter;
/// The reports of panics and deadlocks.
mod report;
/// The run queue: threads begin, wait and end.
mod schedule;
/// The end of threads: cancellation and unwinding.
mod unwind;
/// The library's operations on lists, waiters, mutexes and scopes.
mod operations;
/// Operations on continuations.
mod continuations;
/// Swaps of symmetric continuations.
mod swaps;
/// Runtime functions.
#[allow(clippy::wildcard_enum_match_arm, reason = "the functions of the runtime, in parts")]
mod runtime;
/// The execution of one thread's statements and terminators.
mod execute;
/// Generators.
mod generators;
/// Values as text, for people.
mod show;
/// The state of a run, for people.
mod state;
/// Runs that can be stopped and continued.
mod stepper;

#[cfg(test)]
mod tests;

use crate::check::Computed;
use crate::mir::Program;
use crate::source::SourceMap;

pub use history::Slice;
pub use state::{Call, Lane, Place, Shared, State, Variable, Waiting};
pub use stepper::{Progress, Stepper, Stride};

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The result of `args()`.
    pub arguments: Vec<String>,
    /// The standard input.
    pub stdin: Vec<u8>,
    /// The number of statements and terminators after which the run is stopped; `None` for no limit.
    pub step_limit: Option<u64>,
    /// The maximum number of bytes that one thread's frames may take; beyond this the thread panics.
    pub stack_max: usize,
    /// The seed of random scheduling; `None` for the runtime's order.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        Options { arguments: Vec::new(), stdin: Vec::new(), step_limit: None, stack_max: 1 << 30, seed: None }
    }
}

/// The outcome of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The standard output, with replacement characters where it is not valid UTF-8.
    pub stdout: String,
    /// The standard error, with the reports of panics and deadlocks.
    pub stderr: String,
    /// The reason for which the run ended.
    pub end: End,
}

/// The reasons for which a run ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The program ended with this exit status as the parent process sees it, 0 to 255.
    Status(u8),
    /// The run reached [`Options::step_limit`].
    StepLimit,
    /// The program used an operation that only compiled programs can do; the standard error names the operation.
    Unsupported,
}

/// The exit status after a panic of the main thread.
const PANIC_STATUS: u8 = 101;
/// The exit status of a deadlock, in which every thread waits.
const DEADLOCK_STATUS: u8 = 102;

/// Runs a verified program whose `main` may have a result of any type. Returns the result, unless `main` does not
/// return, or the result has more than `most` parts or contains a function or an object with an identity.
pub fn evaluate(
    program: &Program,
    sources: Option<&SourceMap>,
    options: &Options,
    most: usize,
) -> (Outcome, Option<Computed>) {
    let (outcome, result) = interpreter::Interpreter::new(program, sources, options).evaluate();
    let mut left = most;
    (outcome, result.and_then(|value| value.computed(&mut left, 0)))
}

/// Runs a verified program to its end. Without `sources` the reports contain no positions.
///
/// # Panics
/// On a program that [`verify`](crate::mir::verify::verify) rejects.
pub fn interpret(program: &Program, sources: Option<&SourceMap>, options: &Options) -> Outcome {
    interpreter::Interpreter::new(program, sources, options).run()
}
