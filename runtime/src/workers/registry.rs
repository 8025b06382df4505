//! All workers: how they become more, stop together, and find work.
//!
//! A program begins with one worker, which takes no locks. When the monitor sees a thread wait for its turn while
//! another could run it, it asks the worker to [share](crate::share) at its next safepoint; only there the first
//! worker becomes one of several. So a program whose threads never wait for a core stays with one.
//!
//! Green threads belong to the worker whose run queue they are in. One that has nothing to do asks the others, and
//! they hand over what they can spare at their next safepoint: run queues are private (Acar, Chargueraud and Rainey,
//! "Scheduling parallel programs by work stealing with private deques", PPoPP 2013).
//!
//! | status | the worker | during a collection |
//! |---|---|---|
//! | running | runs green threads or the runtime | it is waited for |
//! | stopped | waits at a safepoint, for a lock or for memory | its stacks are roots, from where it says |
//! | idle | waits for work and holds nothing | nothing of it is looked at |

use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::workers::inbox::Inbox;
use crate::workers::requests::{self, CANCEL};
use crate::workers::{random_schedule, sigquit};
use weft_abi::{Sp, Task, Worker};

/// The most workers that can be asked for.
const MOST: usize = sigquit::MOST_WORKERS;

static WANTED: OnceLock<usize> = OnceLock::new();

pub(super) static REGISTRY: Registry = Registry { state: Mutex::new(State::new()), change: Condvar::new() };

/// How many workers there are.
pub(super) static SIZE: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Registry {
    state: Mutex<State>,
    /// Somebody has stopped or become idle, or all go on.
    pub(super) change: Condvar,
}

pub(super) struct State {
    pub(super) members: Vec<Member>,
    /// Who has the others stop; null when nobody does.
    pub(super) stopper: *mut Worker,
    /// No more OS threads can be had.
    is_full: bool,
    /// How often a worker that was idle went on.
    pub(super) starts: u64,
}

/// A worker as the others see it.
pub struct Member {
    /// The worker.
    pub worker: *mut Worker,
    pub(super) inbox: &'static Inbox,
    pub(super) status: Status,
    /// Where on its own stack begins what a collection must look at, when it has stopped.
    pub roots: *const usize,
}

// SAFETY: workers live as long as the process; the lock orders who looks at what.
unsafe impl Send for State {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Running,
    Stopped,
    Idle,
}

/// Sets how many workers there may be from the text of `WEFT_WORKERS`, otherwise as many as cores. Only one if they are
/// to take turns by chance. Call once.
pub fn set_wanted(setting: Option<&str>) -> Result<(), String> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST);
    let wanted = match setting {
        None if random_schedule::is_on() => 1,
        None => cores(),
        Some(text) => text.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or_else(|| {
            format!("WEFT_WORKERS is `{text}`, but it must be a number of workers from 1 to {MOST}")
        })?,
    };
    if random_schedule::is_on() && wanted > 1 {
        return Err(format!("WEFT_SCHEDULE=random is for one worker, but WEFT_WORKERS is {wanted}"));
    }
    WANTED.set(wanted).unwrap_or_else(|_| panic!("BUG: the number of workers is set twice"));
    Ok(())
}

/// Whether there will never be more than one worker.
pub fn is_single() -> bool {
    WANTED.get() == Some(&1)
}

/// Adds a worker, which runs.
pub fn add(worker: *mut Worker, inbox: &'static Inbox) {
    sigquit::listen(worker, inbox.event());
    let mut state = REGISTRY.lock();
    state.members.push(Member { worker, inbox, status: Status::Running, roots: null() });
    SIZE.store(state.members.len(), Ordering::Relaxed);
}

/// Wants no more workers: the system gives no thread for them. Whether that is new.
pub fn stop_growing() -> bool {
    !std::mem::replace(&mut REGISTRY.lock().is_full, true)
}

/// Whether more workers may be started.
pub fn may_grow() -> bool {
    let state = REGISTRY.lock();
    !state.is_full && state.members.len() < *WANTED.get().expect("BUG: workers before their number is set")
}

/// All workers.
pub fn workers() -> Vec<*mut Worker> {
    REGISTRY.lock().members.iter().map(|member| member.worker).collect()
}

/// Does something with each worker.
pub fn with_workers(act: impl FnMut(*mut Worker)) {
    REGISTRY.lock().members.iter().map(|member| member.worker).for_each(act);
}

/// The inbox of a worker that is idle.
pub fn idle_inbox() -> Option<&'static Inbox> {
    let state = REGISTRY.lock();
    let idle = state.members.iter().find(|member| member.status == Status::Idle);
    idle.map(|member| member.inbox)
}

impl Registry {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    const fn new() -> State {
        State { members: Vec::new(), stopper: null_mut(), is_full: false, starts: 0 }
    }

    pub(super) fn of(&mut self, worker: *const Worker) -> &mut Member {
        let found = self.members.iter_mut().find(|member| member.worker.cast_const() == worker);
        found.expect("BUG: a worker that is not in the crew")
    }
}

/// The green threads that one worker has handed over to another and that are in no run queue.
pub fn with_threads_in_transit(mut look: impl FnMut(Sp)) {
    for member in &REGISTRY.lock().members {
        member.inbox.look(|contents| contents.threads.iter().for_each(|&sp| look(sp)));
    }
}

/// Tells all workers but this one of a thread that was cancelled.
///
/// # Safety
/// The task is alive.
pub unsafe fn tell_of_cancelled(worker: *const Worker, task: *mut Task) {
    for member in REGISTRY.lock().members.iter().filter(|member| member.worker.cast_const() != worker) {
        member.inbox.put_cancelled(task);
        // SAFETY: it is a worker.
        unsafe { requests::ask(member.worker, CANCEL) };
    }
}

/// The cancelled threads of which a worker was told and does not know yet.
pub fn with_cancelled(mut look: impl FnMut(*mut Task)) {
    for member in &REGISTRY.lock().members {
        member.inbox.look(|contents| contents.cancelled().iter().for_each(|&task| look(task)));
    }
}
