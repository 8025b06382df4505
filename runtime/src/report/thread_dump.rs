//! The thread dump: a report of all green threads, printed at a `SIGQUIT`. The program goes on.
//!
//! Threads are of one kind if they are in the same state, were spawned at the same position, and have their innermost
//! calls at the same addresses. The dump shows one thread of each kind with its calls, and counts the other threads. So
//! a dump of a million threads costs a few reads of each stack, and symbols are looked up only for the threads that are
//! shown.

use std::collections::HashMap;

use weft_abi::{Site, Sp, Task, Worker};

use crate::arch::{self, Current};
use crate::io::stdout;
use crate::report::deadlock::wait_of;
use crate::report::thread_info::{RETURN_ADDRESS, SUSPENDED, innermost, thread, thread_in, write_report};
use crate::report::{self, Group, KINDS_SHOWN, State, ThreadDump};
use crate::stack::pool::{self, Stacks};
use crate::trace::{GLANCE, Glances, StackSlice, Trace};
use crate::workers::{registry, run_queue, sigquit, stop_the_world};

/// The properties that all threads of a kind share.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    state: State,
    site: *const Site,
    calls: [u64; GLANCE],
}

/// The threads of a kind.
struct Members {
    count: u64,
    /// The thread with the lowest number.
    first: *mut Task,
    start: Option<StackSlice>,
    /// The state of all members. If the members wait for different threads, the state names no thread.
    state: State,
}

/// Prints the dump if it was requested and no other worker has printed it. The current worker is at a safepoint or
/// between green threads, and holds no lock.
pub fn answer(current: Current) {
    if !sigquit::take() {
        return;
    }
    // SAFETY: the registers lie above `roots`, and `print` runs while the world is stopped.
    arch::with_registers(|roots| unsafe {
        // A worker that had to stop for another worker tries again when the world goes on.
        while !stop_the_world::stop_others(current, roots) {}
        print(current);
        stop_the_world::resume_others();
    });
}

/// Prints the dump.
///
/// # Safety
/// The world is stopped.
unsafe fn print(current: Current) {
    // Earlier output of the program is written first.
    stdout::flush_if_free();
    // SAFETY: the world is stopped, so no queue and no stack changes.
    unsafe {
        let stacks = pool::lock();
        let mut census = Census { stacks: &stacks, glances: Glances::new(), kinds: HashMap::new() };
        census.running(current.worker());
        stop_the_world::with_stopped(|member| census.running(member.worker));
        let workers = registry::workers();
        for &worker in &workers {
            run_queue::for_each(&raw const (*worker).run_queue, |sp| census.at(sp, SUSPENDED, State::Ready));
        }
        registry::with_threads_in_transit(|sp| census.at(sp, SUSPENDED, State::Ready));
        stacks.of_threads().map(|block| block.owner()).for_each(|task| census.waiting(task));
        let unreachable = workers.iter().map(|&worker| (*worker).unreachable_tasks).sum();
        let kinds = census.into_kinds();
        drop(stacks);
        write_report(&text(&kinds, workers.len() as u64, unreachable));
    }
}

/// The text of the dump.
///
/// # Safety
/// The world is stopped.
unsafe fn text(kinds: &[Members], workers: u64, unreachable: u64) -> String {
    let shown = &kinds[..kinds.len().min(KINDS_SHOWN)];
    // SAFETY: no stack changes while the world is stopped.
    let trace = |members: &Members| unsafe { members.start.as_ref().map(|start| Trace::of_stack(start)) };
    let traces: Vec<Option<Trace>> = shown.iter().map(trace).collect();
    let groups = shown.iter().zip(&traces).map(|(members, trace)| Group {
        count: members.count,
        // SAFETY: the owner of a block in use is alive.
        first: unsafe { thread(members.first) },
        state: members.state,
        position: trace.as_ref().and_then(innermost),
        trace: trace.as_ref(),
    });
    let groups: Vec<Group> = groups.collect();
    let count = kinds.iter().map(|members| members.count).sum();
    report::thread_dump(&ThreadDump {
        count,
        kinds: kinds.len() as u64,
        workers,
        unreachable,
        groups: &groups,
    })
}

/// Counts threads by kind.
struct Census<'a> {
    stacks: &'a Stacks,
    glances: Glances,
    kinds: HashMap<Kind, Members>,
}

impl Census<'_> {
    /// Counts the thread that a worker runs, if it runs one.
    ///
    /// # Safety
    /// The worker has stopped, or is the current worker.
    unsafe fn running(&mut self, worker: *mut Worker) {
        // SAFETY: the worker's green stack pointer does not change while the green thread is in the runtime.
        unsafe { self.at((*worker).green_sp, RETURN_ADDRESS, State::Runs) }
    }

    /// Counts the thread of `task` if it has parked.
    ///
    /// # Safety
    /// The task owns a stack, and the world is stopped.
    unsafe fn waiting(&mut self, task: *mut Task) {
        // SAFETY: a thread with a stack pointer in its task has parked.
        unsafe {
            if !(*task).sp.is_null() {
                self.at((*task).sp, SUSPENDED, state_of(task));
            }
        }
    }

    /// Counts the thread whose stack pointer is `sp`; skips pseudo-threads.
    ///
    /// # Safety
    /// As for [`thread_in`].
    unsafe fn at(&mut self, sp: Sp, pushed: usize, state: State) {
        // SAFETY: the caller has the obligations of `thread_in`, and the owner of a block in use is alive.
        unsafe {
            let Some((task, start)) = thread_in(self.stacks, sp, pushed) else { return };
            let shared = if let State::Waits(wait) = state { State::Waits(wait.of_many()) } else { state };
            let kind = Kind { state: shared, site: (*task).site, calls: self.glances.at(&start) };
            let new = Members { count: 0, first: task, start: Some(start), state };
            let members = self.kinds.entry(kind).or_insert(new);
            members.count += 1;
            if members.state != state {
                members.state = shared;
            }
            if (*task).waiter.number < (*members.first).waiter.number {
                members.first = task;
                members.start = Some(start);
            }
        }
    }

    /// The kinds in the order of their first threads; the kinds of running threads come before all other kinds.
    ///
    /// # Safety
    /// The world is stopped.
    unsafe fn into_kinds(self) -> Vec<Members> {
        let mut kinds: Vec<Members> = self.kinds.into_values().collect();
        // SAFETY: each `first` is the owner of a stack block in use, so the task is alive; the world is stopped, so the
        // task does not change.
        kinds
            .sort_by_key(|members| unsafe { (members.state != State::Runs, (*members.first).waiter.number) });
        kinds
    }
}

/// The state of a thread with a stack pointer in its task.
///
/// # Safety
/// The thread has parked, and does not run during the call.
unsafe fn state_of(task: *mut Task) -> State {
    // SAFETY: the words of a thread that does not run do not change.
    unsafe {
        let is_awaited = !(*task).waiter.list.is_null() || (*task).wait_state.is_pending();
        if is_awaited { State::Waits(wait_of(task)) } else { State::Ready }
    }
}
