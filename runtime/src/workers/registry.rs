//! The registry: all workers of the process, and the status of each.
//!
//! A program begins with one worker, which does not lock wait lists and tasks. When the monitor sees a thread wait
//! although another core could run it, the monitor asks the worker for work. At its next safepoint the worker starts a
//! second worker, and locks wait lists and tasks from then on. So a program whose threads never wait for a core has
//! only one worker.
//!
//! A green thread belongs to the worker whose run queue it is in. A worker without threads asks other workers for work,
//! and they hand over half of their runnable threads at their next safepoint: run queues are private (Acar, Chargueraud
//! and Rainey, "Scheduling parallel programs by work stealing with private deques", PPoPP 2013).
//!
//! | status | the worker | during a collection |
//! |---|---|---|
//! | running | runs green threads or the runtime | the collector waits for it to stop |
//! | stopped | waits at a safepoint, for a lock or for memory | its green thread's stack and its own stack are roots |
//! | idle | waits for work and runs no thread | its own stack is not a root |

use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, OnceLock};

use weft_abi::{Sp, Task, Worker};

use super::inbox::Inbox;
use super::requests::{self, CANCEL};
use super::{random_schedule, sigquit};
use crate::arch::Current;
use crate::os::locks::{Held, Lock, Rank};

/// The largest number of workers that `WEFT_WORKERS` can set.
const MOST: usize = Worker::MOST;

static WANTED: OnceLock<usize> = OnceLock::new();
pub(super) static REGISTRY: Registry =
    Registry { state: Lock::new(Rank::Registry, State::new()), change: Condvar::new() };
/// The number of workers.
pub(super) static SIZE: AtomicUsize = AtomicUsize::new(0);

pub(super) struct Registry {
    state: Lock<State>,
    /// Notified when a worker has stopped or become idle, and when the world goes on.
    pub(super) change: Condvar,
}

pub(super) struct State {
    pub(super) members: Vec<Member>,
    /// The worker that has stopped the world; null while the world runs.
    pub(super) stopper: *mut Worker,
    /// Whether the system has refused to start another OS thread.
    is_full: bool,
    /// The number of times that an idle worker went on.
    pub(super) starts: u64,
}

/// The registry's entry for a worker.
pub struct Member {
    /// The worker.
    pub worker: *mut Worker,
    pub(super) inbox: &'static Inbox,
    pub(super) status: Status,
    /// In a stopped worker: the address on its own stack at which a collection begins to scan for roots.
    pub roots: *const usize,
}

// SAFETY: workers live as long as the process, and the registry's lock orders accesses to the state.
unsafe impl Send for State {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    Running,
    Stopped,
    Idle,
}

impl Registry {
    pub(super) fn lock(&self) -> Held<'_, State> {
        self.state.lock()
    }
}

impl State {
    const fn new() -> State {
        State { members: Vec::new(), stopper: null_mut(), is_full: false, starts: 0 }
    }

    pub(super) fn of(&mut self, current: Current) -> &mut Member {
        let found = self.members.iter_mut().find(|member| member.worker == current.worker());
        found.expect("BUG: a worker that is not registered")
    }
}

/// Sets the largest number of workers from the text of `WEFT_WORKERS`. Without a setting, the largest number is the
/// number of cores, or 1 for random schedules. Call once.
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

/// Whether the program is limited to one worker.
pub fn is_single() -> bool {
    WANTED.get() == Some(&1)
}

/// Registers the current worker, which is new and runs.
pub fn add(current: Current, inbox: &'static Inbox) {
    sigquit::listen(current.worker(), inbox.event());
    let mut state = REGISTRY.lock();
    state.members.push(Member { worker: current.worker(), inbox, status: Status::Running, roots: null() });
    SIZE.store(state.members.len(), Ordering::Relaxed);
}

/// Records that no more workers can be started, because the system has refused an OS thread; returns whether this is
/// the first refusal.
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

/// Calls `act` with each worker.
pub fn with_workers(act: impl FnMut(*mut Worker)) {
    REGISTRY.lock().members.iter().map(|member| member.worker).for_each(act);
}

/// The inbox of an idle worker, if any worker is idle.
pub fn idle_inbox() -> Option<&'static Inbox> {
    let state = REGISTRY.lock();
    let idle = state.members.iter().find(|member| member.status == Status::Idle);
    idle.map(|member| member.inbox)
}

/// Calls `look` with the green threads that were handed over to a worker and are still in its inbox.
pub fn with_threads_in_transit(mut look: impl FnMut(Sp)) {
    for member in &REGISTRY.lock().members {
        member.inbox.look(|contents| contents.threads.iter().for_each(|&sp| look(sp)));
    }
}

/// Puts a thread that was cancelled into the inboxes of all other workers, and asks these workers to end the thread if
/// it waits.
pub fn tell_of_cancelled(current: Current, task: *mut Task) {
    for member in REGISTRY.lock().members.iter().filter(|member| member.worker != current.worker()) {
        member.inbox.put_cancelled(task);
        // SAFETY: a member of the registry is a worker.
        unsafe { requests::ask(member.worker, CANCEL) };
    }
}

/// Calls `look` with the tasks of the cancelled threads in all inboxes.
pub fn with_cancelled(mut look: impl FnMut(*mut Task)) {
    for member in &REGISTRY.lock().members {
        member.inbox.look(|contents| contents.cancelled().iter().for_each(|&task| look(task)));
    }
}
