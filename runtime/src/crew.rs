//! All workers: how they become more, stop together, and find work.
//!
//! A program begins with one worker, which takes no locks. When the ticker sees a thread wait for its turn while
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
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use weft_abi::{Sp, Task, Worker};

use crate::attention::{self, CANCEL, STOP, WORK};
use crate::inbox::Inbox;
use crate::{arch, chance, quit, valgrind};

/// The most workers that can be asked for.
const MOST: usize = quit::MOST_WORKERS;

/// How long who stops the others waits before it asks again.
const REMINDER: Duration = Duration::from_micros(50);

static WANTED: OnceLock<usize> = OnceLock::new();
static CREW: Crew = Crew { state: Mutex::new(State::new()), change: Condvar::new() };
/// Whether all workers are to stop.
static STOPS: AtomicBool = AtomicBool::new(false);
/// How many workers there are.
static SIZE: AtomicUsize = AtomicUsize::new(0);

struct Crew {
    state: Mutex<State>,
    /// Somebody has stopped or become idle, or all go on.
    change: Condvar,
}

struct State {
    members: Vec<Member>,
    /// Who has the others stop; null when nobody does.
    stopper: *mut Worker,
    /// No more threads of the system can be had.
    is_full: bool,
    /// How often a worker that was idle went on.
    starts: u64,
}

/// A worker as the others see it.
pub struct Member {
    /// The worker.
    pub worker: *mut Worker,
    inbox: &'static Inbox,
    status: Status,
    /// Where on its own stack begins what a collection must look at, when it has stopped.
    pub roots: *const usize,
}

// SAFETY: workers live as long as the process; the lock orders who looks at what.
unsafe impl Send for State {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    Running,
    Stopped,
    Idle,
}

/// Sets how many workers there may be from the text of `WEFT_WORKERS`, otherwise as many as cores. Only one if they are
/// to take turns by chance. Call once.
pub fn set_wanted(setting: Option<&str>) -> Result<(), String> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST);
    let wanted = match setting {
        None if chance::is_on() => 1,
        None => cores(),
        Some(text) => text.parse().ok().filter(|count| (1..=MOST).contains(count)).ok_or_else(|| {
            format!("WEFT_WORKERS is `{text}`, but it must be a number of workers from 1 to {MOST}")
        })?,
    };
    if chance::is_on() && wanted > 1 {
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
pub fn join(worker: *mut Worker, inbox: &'static Inbox) {
    quit::listen(worker, inbox.bell());
    let mut state = CREW.lock();
    state.members.push(Member { worker, inbox, status: Status::Running, roots: null() });
    SIZE.store(state.members.len(), Ordering::Relaxed);
}

/// Wants no more workers: the system gives no thread for them. Whether that is new.
pub fn stay_as_it_is() -> bool {
    !std::mem::replace(&mut CREW.lock().is_full, true)
}

/// Whether more workers may be started.
pub fn may_grow() -> bool {
    let state = CREW.lock();
    !state.is_full && state.members.len() < *WANTED.get().expect("BUG: workers before their number is set")
}

/// All workers.
pub fn workers() -> Vec<*mut Worker> {
    CREW.lock().members.iter().map(|member| member.worker).collect()
}

/// Does something with each worker.
pub fn with_workers(act: impl FnMut(*mut Worker)) {
    CREW.lock().members.iter().map(|member| member.worker).for_each(act);
}

/// The inbox of a worker that is idle.
pub fn idle_inbox() -> Option<&'static Inbox> {
    let state = CREW.lock();
    let idle = state.members.iter().find(|member| member.status == Status::Idle);
    idle.map(|member| member.inbox)
}

// Numbers of green threads.

/// How many numbers a worker gets at once: so that spawning needs no word that all workers write.
const NUMBERS: u64 = 256;

/// The last number that was given to a worker, once there are several.
static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// From now on workers get their numbers from [`next_number`].
///
/// # Safety
/// `worker` is the running worker, so far the only one.
pub unsafe fn share_numbers(worker: *mut Worker) {
    // SAFETY: as the caller promises.
    unsafe {
        (*worker).last_number = (*worker).last_task;
        LAST_NUMBER.store((*worker).last_task, Ordering::Relaxed);
    }
}

/// The number of a new thread, the first of some that are this worker's: all of them while it is the only one. Under
/// Valgrind it is one number, so that every spawn asks.
///
/// # Safety
/// `worker` is the running worker, and has no number left.
pub unsafe fn next_number(worker: *mut Worker) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        if (*worker).is_parallel == 0 {
            let number = (*worker).last_task + 1;
            (*worker).last_number = if valgrind::is_on() { number } else { u64::MAX };
            return number;
        }
        let count = if valgrind::is_on() { 1 } else { NUMBERS };
        let before = LAST_NUMBER.fetch_add(count, Ordering::Relaxed);
        (*worker).last_number = before + count;
        before + 1
    }
}

/// How many threads were ever made.
///
/// # Safety
/// These are all workers, and none of them spawns meanwhile.
pub unsafe fn spawned(workers: &[*mut Worker]) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        match workers {
            [only] if (**only).is_parallel == 0 => (**only).last_task,
            several => {
                let left = several.iter().map(|&worker| (*worker).last_number - (*worker).last_task);
                LAST_NUMBER.load(Ordering::Relaxed) - left.sum::<u64>()
            }
        }
    }
}

// Stopping.

impl Crew {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    const fn new() -> State {
        State { members: Vec::new(), stopper: null_mut(), is_full: false, starts: 0 }
    }

    fn of(&mut self, worker: *const Worker) -> &mut Member {
        let found = self.members.iter_mut().find(|member| member.worker.cast_const() == worker);
        found.expect("BUG: a worker that is not in the crew")
    }
}

/// Has all other workers stop. False if another did so before: then this one has waited until they went on.
///
/// # Safety
/// `worker` is the running worker; on its own stack from `roots` on lies all that its thread has in registers.
pub unsafe fn stop_others(worker: *mut Worker, roots: *const usize) -> bool {
    if SIZE.load(Ordering::Relaxed) == 1 {
        return true;
    }
    let mut state = CREW.lock();
    if !state.stopper.is_null() {
        drop(stay(state, worker, roots));
        return false;
    }
    state.stopper = worker;
    STOPS.store(true, Ordering::SeqCst);
    loop {
        let running = |member: &&Member| member.worker != worker && member.status == Status::Running;
        let pending: Vec<*mut Worker> =
            state.members.iter().filter(running).map(|member| member.worker).collect();
        if pending.is_empty() {
            return true;
        }
        for worker in pending {
            // SAFETY: it is a worker.
            unsafe { attention::ask(worker, STOP) };
        }
        state = CREW.change.wait_timeout(state, REMINDER).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Lets the others go on that [`stop_others`] has stopped.
pub fn resume_others() {
    if SIZE.load(Ordering::Relaxed) == 1 {
        return;
    }
    let mut state = CREW.lock();
    state.stopper = null_mut();
    STOPS.store(false, Ordering::SeqCst);
    drop(state);
    CREW.change.notify_all();
}

/// The workers that have stopped, for who has stopped them.
pub fn with_stopped(mut look: impl FnMut(&Member)) {
    if SIZE.load(Ordering::Relaxed) > 1 {
        CREW.lock().members.iter().filter(|member| member.status == Status::Stopped).for_each(&mut look);
    }
}

/// The green threads that one worker has handed over to another and that are in no run queue.
pub fn with_threads_on_their_way(mut look: impl FnMut(Sp)) {
    for member in &CREW.lock().members {
        member.inbox.look(|contents| contents.threads.iter().for_each(|&sp| look(sp)));
    }
}

/// Tells all workers but this one of a thread that was cancelled.
///
/// # Safety
/// The task is alive.
pub unsafe fn tell_of_cancelled(worker: *const Worker, task: *mut Task) {
    for member in CREW.lock().members.iter().filter(|member| member.worker.cast_const() != worker) {
        member.inbox.put_cancelled(task);
        // SAFETY: it is a worker.
        unsafe { attention::ask(member.worker, CANCEL) };
    }
}

/// The cancelled threads of which a worker was told and does not know yet.
pub fn with_cancelled(mut look: impl FnMut(*mut Task)) {
    for member in &CREW.lock().members {
        member.inbox.look(|contents| contents.cancelled().iter().for_each(|&task| look(task)));
    }
}

/// Stops if all are to stop, until they go on.
///
/// # Safety
/// This is a worker. Its green thread, if it called, has its stack pointer in the worker; this one has no lock.
pub unsafe fn stop_if_asked() {
    if STOPS.load(Ordering::SeqCst) {
        arch::with_registers(|roots| {
            let worker = arch::current_worker();
            let state = CREW.lock();
            if !state.stopper.is_null() && state.stopper != worker {
                drop(stay(state, worker, roots));
            }
        });
    }
}

/// Waits until all go on.
fn stay<'a>(
    mut state: MutexGuard<'a, State>,
    worker: *mut Worker,
    roots: *const usize,
) -> MutexGuard<'a, State> {
    let member = state.of(worker);
    (member.status, member.roots) = (Status::Stopped, roots);
    CREW.change.notify_all();
    let mut state = wait_while_stopped(state);
    state.of(worker).status = Status::Running;
    state
}

fn wait_while_stopped(state: MutexGuard<'_, State>) -> MutexGuard<'_, State> {
    CREW.change.wait_while(state, |state| !state.stopper.is_null()).unwrap_or_else(PoisonError::into_inner)
}

// Idleness.

/// All workers are idle, and nothing is on its way to any of them; how often one went on until then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standstill(u64);

/// Says that the worker has nothing to do, and asks the others for work.
pub fn become_idle(worker: *mut Worker) -> Option<Standstill> {
    let mut state = CREW.lock();
    state.of(worker).status = Status::Idle;
    CREW.change.notify_all();
    let mut is_last = true;
    for member in &state.members {
        if member.status == Status::Idle {
            is_last &= member.inbox.look(|contents| !contents.concerns_threads());
        } else {
            is_last = false;
            // SAFETY: it is a worker.
            unsafe { attention::ask(member.worker, WORK) };
        }
    }
    is_last.then_some(Standstill(state.starts))
}

/// Whether no worker went on since then.
pub fn is_still(standstill: Standstill) -> bool {
    CREW.lock().starts == standstill.0
}

/// Says that the worker runs again; waits while all are to stop.
pub fn become_busy(worker: *mut Worker) {
    let mut state = wait_while_stopped(CREW.lock());
    state.of(worker).status = Status::Running;
    state.starts += 1;
}
