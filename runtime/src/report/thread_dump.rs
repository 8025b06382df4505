//! The overview of all green threads that `SIGQUIT` asks for. The program goes on.
//!
//! Of many threads most are alike: those in the same state, spawned at the same place, whose innermost calls go on at
//! the same addresses. One of each kind is named and shown with its calls, and the others are counted. So a million
//! threads cost a few reads of each stack, and names are looked up only for what is shown.

use std::collections::HashMap;

use weft_abi::{Site, Sp, Task, Worker};

use crate::arch;
use crate::io::stdout;
use crate::report::deadlock::wait_of;
use crate::report::thread_info::{RETURN_ADDRESS, SUSPENDED, innermost, thread, thread_in, write_report};
use crate::report::{self, Group, KINDS_SHOWN, State, ThreadDump};
use crate::stack::pool::{self, Stacks};
use crate::trace::{GLANCE, Glances, StackSlice, Trace};
use crate::workers::{registry, run_queue, sigquit, stop_the_world};

/// What makes threads alike.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    state: State,
    site: *const Site,
    calls: [u64; GLANCE],
}

/// Threads that are alike.
struct Members {
    count: u64,
    /// The one with the lowest number.
    first: *mut Task,
    start: Option<StackSlice>,
    /// Its own state: it may wait for the end of another thread than the others.
    state: State,
}

/// Prints the overview if one is wanted and nobody has done so.
///
/// # Safety
/// `worker` is the running worker, at a safepoint or between green threads; it holds nothing.
pub unsafe fn answer(worker: *mut Worker) {
    if !sigquit::take() {
        return;
    }
    // SAFETY: as the caller promises.
    arch::with_registers(|roots| unsafe {
        // Who is stopped by another asks once more when all go on.
        while !stop_the_world::stop_others(worker, roots) {}
        print(worker);
        stop_the_world::resume_others();
    });
}

/// # Safety
/// `worker` is the running worker, and the others have stopped.
unsafe fn print(worker: *mut Worker) {
    // What the program printed before comes first.
    stdout::flush_if_free();
    // SAFETY: nothing runs, so nothing changes.
    unsafe {
        let stacks = pool::lock();
        let mut census = Census { stacks: &stacks, glances: Glances::new(), kinds: HashMap::new() };
        census.running(worker);
        stop_the_world::with_stopped(|member| census.running(member.worker));
        let workers = registry::workers();
        workers
            .iter()
            .for_each(|&worker| run_queue::with_ready(worker, |sp| census.at(sp, SUSPENDED, State::Ready)));
        registry::with_threads_in_transit(|sp| census.at(sp, SUSPENDED, State::Ready));
        stacks.in_use().map(|block| block.owner()).for_each(|task| census.waiting(task));
        let lost = workers.iter().map(|&worker| (*worker).unreachable_tasks).sum();
        let kinds = census.into_kinds();
        drop(stacks);
        write_report(&text(&kinds, workers.len() as u64, lost));
    }
}

/// # Safety
/// Nothing runs.
unsafe fn text(kinds: &[Members], workers: u64, lost: u64) -> String {
    let shown = &kinds[..kinds.len().min(KINDS_SHOWN)];
    // SAFETY: as the caller promises.
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
    report::overview(&ThreadDump { count, kinds: kinds.len() as u64, workers, lost, groups: &groups })
}

/// Counts threads.
struct Census<'a> {
    stacks: &'a Stacks,
    glances: Glances,
    kinds: HashMap<Kind, Members>,
}

impl Census<'_> {
    /// The thread that a worker runs, if it runs one.
    ///
    /// # Safety
    /// The worker has stopped, or is this one.
    unsafe fn running(&mut self, worker: *mut Worker) {
        // SAFETY: the stack pointer is final while the thread is in the runtime.
        unsafe { self.at((*worker).green_sp, RETURN_ADDRESS, State::Runs) }
    }

    /// A thread that waits; others are not meant.
    ///
    /// # Safety
    /// The task owns a stack, and nothing runs.
    unsafe fn waiting(&mut self, task: *mut Task) {
        // SAFETY: as the caller promises.
        unsafe {
            if !(*task).sp.is_null() {
                self.at((*task).sp, SUSPENDED, state_of(task));
            }
        }
    }

    /// The thread whose stack pointer it is; a pseudo-thread is none.
    ///
    /// # Safety
    /// As for [`thread_in`].
    unsafe fn at(&mut self, sp: Sp, pushed: usize, state: State) {
        // SAFETY: as the caller promises.
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

    /// Those that run first, then in the order of their first threads.
    ///
    /// # Safety
    /// Nothing runs.
    unsafe fn into_kinds(self) -> Vec<Members> {
        let mut kinds: Vec<Members> = self.kinds.into_values().collect();
        // SAFETY: the owner of a block in use is alive.
        kinds
            .sort_by_key(|members| unsafe { (members.state != State::Runs, (*members.first).waiter.number) });
        kinds
    }
}

/// # Safety
/// The thread has parked.
unsafe fn state_of(task: *mut Task) -> State {
    // SAFETY: as the caller promises.
    unsafe {
        let is_awaited = !(*task).waiter.list.is_null() || (*task).wait_state.is_pending();
        if is_awaited { State::Waits(wait_of(task)) } else { State::Ready }
    }
}
