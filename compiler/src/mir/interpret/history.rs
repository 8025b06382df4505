//! The latest events of a run, for people who step through it.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;

use super::value::Task;

/// The number of time slices, and of ended threads, that are kept: more than a page shows at once.
const KEPT: usize = 256;

/// The latest events of a run.
#[derive(Default)]
pub(super) struct History {
    pub(super) slices: VecDeque<Slice>,
    pub(super) ended: VecDeque<Ended>,
    /// The number of time slices so far.
    pub(super) slice_count: u64,
    /// The time at which the current time slice began.
    start: u64,
}

/// A time slice: a thread ran from one time to another. The time is the number of steps of the run.
#[derive(Clone, Debug, Serialize)]
pub struct Slice {
    /// The thread's number.
    pub thread: u64,
    /// The time before the first step.
    pub start: u64,
    /// The time after the last step.
    pub end: u64,
    /// The thread's action at the end: `yields`, `waits`.
    pub stop: &'static str,
}

/// A thread that has ended.
pub(super) struct Ended {
    pub(super) task: Rc<Task>,
    /// The way the thread ended: `has returned`, `has panicked`, `was cancelled`.
    pub(super) how: &'static str,
}

impl History {
    /// Records that a time slice begins.
    pub(super) fn start(&mut self, time: u64) {
        self.start = time;
    }

    /// Records the end of the time slice.
    pub(super) fn stop(&mut self, thread: u64, time: u64, stop: &'static str) {
        self.slice_count += 1;
        push(&mut self.slices, Slice { thread, start: self.start, end: time, stop });
    }

    /// Records the end of a thread.
    pub(super) fn end(&mut self, task: &Rc<Task>, how: &'static str) {
        push(&mut self.ended, Ended { task: Rc::clone(task), how });
    }
}

fn push<T>(events: &mut VecDeque<T>, event: T) {
    if events.len() == KEPT {
        events.pop_front();
    }
    events.push_back(event);
}
