//! The state of a run. The other files of this folder change it.

use std::collections::VecDeque;

use super::clock::{Chance, Clock};
use super::history::History;
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
    /// The number of steps after which the run is stopped.
    pub(super) step_limit: u64,
    pub(super) steps_left: u64,
    /// The unread rest of the standard input.
    pub(super) stdin: VecDeque<u8>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// The text of the string that is being built.
    pub(super) text: String,
    /// The thread that runs; `None` when the next one is still to be chosen.
    pub(super) running: Option<Thread>,
    /// The runnable threads, oldest first.
    pub(super) run_queue: VecDeque<Thread>,
    /// The number of threads in `run_queue` that the running thread has spawned or woken; see `Worker::woken_in_slice`.
    /// Unlike in the runtime, time slices do not depend on `WOKEN_IN_SLICE_LIMIT`.
    pub(super) woken_in_slice: usize,
    /// The number of calls of [`Interpreter::prefer_woken`] that found threads to move to the head of the queue.
    pub(super) preferences: u64,
    /// The slots of waiting threads.
    pub(super) parked: Arena<ThreadId, Option<Thread>>,
    /// The free slots in `parked`.
    pub(super) free: Vec<ThreadId>,
    /// The number of the thread that was spawned last.
    pub(super) last_number: u64,
    /// The number of the wait list that was made last.
    pub(super) last_list: u64,
    pub(super) clock: Clock,
    pub(super) chance: Chance,
    /// Whether scheduling is random: which thread runs next, and when time slices end.
    pub(super) is_random: bool,
    /// Whether the result of `main` may have any type, and is kept in `result`.
    pub(super) keeps_result: bool,
    pub(super) result: Option<Value>,
    /// The length of the running thread's time slice, in steps.
    pub(super) slice: u64,
    /// The steps left in the running thread's time slice.
    pub(super) steps_of_slice: u64,
    /// The latest events of the run; `None` if they are not recorded.
    pub(super) history: Option<History>,
}
