//! The state of a run, which everything below changes, and the reasons for which threads stop.

use std::collections::VecDeque;

use super::clock::{Chance, Clock};
use super::memory::Zeros;
use super::thread::{Literals, Thread};
use super::value::{ThreadId, Value};
use crate::arena::Arena;
use crate::mir::Program;
use crate::source::SourceMap;

/// A program in execution.
pub(super) struct Interpreter<'a> {
    pub(super) program: &'a Program,
    pub(super) sources: Option<&'a SourceMap>,
    pub(super) literals: Literals,
    pub(super) arguments: Vec<Value>,
    pub(super) zeros: Zeros<'a>,
    pub(super) stack_max: usize,
    pub(super) steps_left: u64,
    /// The rest of the standard input.
    pub(super) stdin: VecDeque<u8>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// The parts of the string that is being built.
    pub(super) text: String,
    /// Runnable threads, oldest first.
    pub(super) run_queue: VecDeque<Thread>,
    /// The number of them that the running thread has spawned or woken; see `Worker::woken_in_slice`. Time slices do
    /// not end here, and not by `WOKEN_IN_SLICE_LIMIT` either.
    pub(super) woken_in_slice: usize,
    /// The number of times that these threads were preferred.
    pub(super) preferences: u64,
    /// Threads that wait.
    pub(super) parked: Arena<ThreadId, Option<Thread>>,
    /// The free places in `parked`.
    pub(super) free: Vec<ThreadId>,
    pub(super) last_number: u64,
    pub(super) clock: Clock,
    pub(super) chance: Chance,
    /// Whether scheduling is random: which thread is next, and when time slices end.
    pub(super) is_random: bool,
    /// The steps that are left of the running thread's time slice.
    pub(super) steps_of_slice: u64,
}
