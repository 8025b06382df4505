//! The interpreter of MIR, which needs no LLVM: for a playground, and as the second opinion that compiled programs are
//! tested against.
//!
//! A green thread is a vector of frames, so calls of the program never nest on the host's stack and recursion goes as
//! deep as [`Options::stack_max`]. One worker is simulated, in the order in which the runtime schedules: a spawned
//! thread goes to the tail of the run queue and the spawner goes on; a yield goes to the tail; when a thread ends,
//! those that wait for it go to the tail, the first that began to wait first; and when a thread waits or ends, those
//! that it has spawned or woken in its time slice come next. So a program of what is simulated prints the same bytes
//! here and compiled, and panics with the same messages. With [`Options::seed`] scheduling is random: which thread is
//! next, and when time slices end, also in the middle of the library's own operations.
//!
//! The clock is virtual: it jumps to the next timer when nothing else can run.
//!
//! Functions in C, files, the environment and the exact text of traces are not simulated. A blocking function runs at
//! once and its thread then yields. Objects that hold each other in a cycle stay until the host's process ends.

/// Numbers as text.
mod text;
/// Values of the language, lists and waiters among them.
mod value;
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
/// The state of a run.
mod interpreter;
/// The texts of panics and deadlocks.
mod report;
/// The run queue: threads begin, wait and end.
mod schedule;
/// The end of threads: cancellation and unwinding.
mod unwind;
/// The library's operations on lists, waiters, mutexes and scopes.
mod operations;
/// Runtime functions.
#[allow(clippy::wildcard_enum_match_arm, reason = "the functions of the runtime, in parts")]
mod runtime;
/// The instructions of one thread.
mod execute;

#[cfg(test)]
mod tests;

use crate::mir::Program;
use crate::source::SourceMap;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The result of `args()`.
    pub arguments: Vec<String>,
    /// The standard input.
    pub stdin: Vec<u8>,
    /// The number of statements and terminators after which the run is stopped; `None` for no limit.
    pub step_limit: Option<u64>,
    /// The most bytes of one thread's frames. More is a panic of that thread.
    pub stack_max: usize,
    /// The seed of random scheduling; `None` for the order of the runtime.
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
    /// The standard output, with replacement characters where it is not UTF-8.
    pub stdout: String,
    /// The standard error, with the reports of panics and deadlocks.
    pub stderr: String,
    /// The end of the run.
    pub end: End,
}

/// The end of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// With this exit status as the parent process sees it, 0 to 255.
    Status(u8),
    /// By [`Options::step_limit`].
    StepLimit,
    /// At an operation that only compiled programs can do, which the standard error names.
    Unsupported,
}

/// The status after a panic of the main thread.
const PANIC_STATUS: u8 = 101;
/// The status when every thread waits.
const DEADLOCK_STATUS: u8 = 102;

/// Runs a verified program to its end. Without `sources` reports name no positions.
///
/// # Panics
/// On a program that [`verify`](crate::mir::verify::verify) refuses.
pub fn interpret(program: &Program, sources: Option<&SourceMap>, options: &Options) -> Outcome {
    interpreter::Interpreter::new(program, sources, options).run()
}
