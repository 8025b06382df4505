//! The monitor: a OS thread that watches over the workers' turns.
//!
//! It starts with the second green thread, since until then nobody waits for anybody. Twice in each turn, as long as
//! [`set_time_slice`] says, it looks at the run queue of each worker. If no thread was taken since the last look
//! although one is ready, the running one has had its turn, or most of it, and the worker is [asked](requests::ask) for
//! [`PREEMPT`]; and if another worker is idle or could be started, for [`WORK`]. While something is asked and not done
//! the monitor asks again, soon at first and then less often.
//!
//! While a worker waits because nothing is ready, it says so with [`while_idle`], and while all do, the monitor sleeps.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use weft_abi::{Sp, Worker};

use crate::os;
use crate::workers::registry;
use crate::workers::requests::{self, PREEMPT, WORK};

/// How long a green thread runs while others are ready: as long as Go's do. A switch takes nanoseconds, but what the
/// next thread needs is not in the cache.
const TIME_SLICE: Duration = Duration::from_millis(10);

/// The same where all is to repeat: `WEFT_SEED` is set, and there is one worker. What the clock does never repeats, so
/// a turn ends only where others would starve.
const REPEATABLE_TIME_SLICE: Duration = Duration::from_secs(1);

/// When the monitor first looks whether its question was heard.
const FIRST_REMINDER: Duration = Duration::from_micros(50);

/// It calls nothing that needs more.
const STACK: usize = 64 * 1024;

static TIME_SLICE_SETTING: OnceLock<Option<Duration>> = OnceLock::new();

static MONITOR: Monitor = Monitor { state: Mutex::new(State::new()), change: Condvar::new() };

struct Monitor {
    state: Mutex<State>,
    /// A worker goes on after it was idle.
    change: Condvar,
}

struct State {
    is_started: bool,
    /// When the monitor looks again; never by itself while all workers are idle.
    next_look: Option<Instant>,
    workers: Vec<Watched>,
}

/// What the monitor knows of a worker.
struct Watched {
    worker: *const Worker,
    /// Where its run queue began at the last look.
    head: usize,
    is_idle: bool,
}

// SAFETY: a worker lives as long as the process; what is read of it is meant for other threads.
unsafe impl Send for Watched {}

/// Sets the length of a turn from the text of `WEFT_PREEMPT`: microseconds, or 0 for turns without an end. `repeats`
/// says whether all is to repeat. Call once.
pub fn set_time_slice(setting: Option<&str>, repeats: bool) -> Result<(), String> {
    let turn = match setting {
        None if repeats => Some(REPEATABLE_TIME_SLICE),
        None => Some(TIME_SLICE),
        Some(text) => {
            let microseconds = text.parse().map_err(|_| {
                format!("WEFT_PREEMPT is `{text}`, but it must be a number of microseconds, such as 10000")
            })?;
            Some(Duration::from_micros(microseconds)).filter(|turn| !turn.is_zero())
        }
    };
    TIME_SLICE_SETTING.set(turn).unwrap_or_else(|_| panic!("BUG: the length of turns is set twice"));
    Ok(())
}

/// Watches over a worker from now on. If the system gives no thread nobody is interrupted.
///
/// # Safety
/// `worker` is a worker.
pub unsafe fn watch(worker: *const Worker) {
    let mut state = MONITOR.lock();
    if state.of(worker).is_some() {
        return;
    }
    // SAFETY: as the caller promises.
    let head = unsafe { ends(worker) }.0;
    state.workers.push(Watched { worker, head, is_idle: false });
    if !state.is_started {
        let builder = thread::Builder::new().name("weft-monitor".to_owned()).stack_size(STACK);
        match os::without_signals(|| builder.spawn(|| MONITOR.run())) {
            Ok(_) => state.is_started = true,
            Err(error) => os::warn_of_no_thread("to end the turns of others", &error),
        }
    }
    drop(state);
    MONITOR.change.notify_one();
}

/// Runs `wait`, in which the worker has nothing to do.
pub fn while_idle<T>(worker: *const Worker, wait: impl FnOnce() -> T) -> T {
    MONITOR.lock().set_idle(worker, true);
    let result = wait();
    let mut state = MONITOR.lock();
    state.set_idle(worker, false);
    if state.next_look.is_none() {
        MONITOR.change.notify_one();
    }
    result
}

impl State {
    const fn new() -> State {
        State { is_started: false, next_look: None, workers: Vec::new() }
    }

    fn of(&mut self, worker: *const Worker) -> Option<&mut Watched> {
        self.workers.iter_mut().find(|watched| watched.worker == worker)
    }

    fn set_idle(&mut self, worker: *const Worker, is_idle: bool) {
        if let Some(watched) = self.of(worker) {
            watched.is_idle = is_idle;
        }
    }
}

impl Monitor {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The monitor's life.
    fn run(&self) {
        let turn = *TIME_SLICE_SETTING.get().expect("BUG: a ticker before turns have a length");
        let between = turn.map(|turn| turn / 2);
        let mut state = self.lock();
        let mut tick = between.map(|between| Instant::now() + between);
        let mut reminder = FIRST_REMINDER;
        loop {
            let now = Instant::now();
            let is_tick = tick.is_some_and(|tick| tick <= now);
            if is_tick {
                tick = between.map(|between| now + between);
            }
            let can_share =
                is_tick && (state.workers.iter().any(|watched| watched.is_idle) || registry::may_grow());
            let mut is_asked = false;
            for watched in state.workers.iter_mut().filter(|watched| !watched.is_idle) {
                // SAFETY: it is a worker.
                is_asked |= unsafe { watched.look(is_tick, can_share) };
            }
            reminder = if is_asked { (reminder * 2).min(TIME_SLICE) } else { FIRST_REMINDER };
            let remind = is_asked.then(|| now + reminder);
            let tick = tick.filter(|_| state.workers.iter().any(|watched| !watched.is_idle));
            state.next_look = [remind, tick].into_iter().flatten().min();
            state = self.wait(state);
        }
    }

    /// Until it is time to look again.
    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        match state.next_look {
            Some(look) => {
                let length = look.saturating_duration_since(Instant::now());
                self.change.wait_timeout(state, length).unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.change.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Watched {
    /// Asks for what is due; says whether something is asked for that is not done.
    ///
    /// # Safety
    /// The worker is one.
    unsafe fn look(&mut self, is_tick: bool, can_share: bool) -> bool {
        // SAFETY: as the caller promises.
        unsafe {
            if is_tick {
                let (head, tail) = ends(self.worker);
                if head != tail && can_share {
                    requests::ask(self.worker, WORK);
                }
                if std::mem::replace(&mut self.head, head) == head && head != tail {
                    requests::ask(self.worker, PREEMPT);
                }
            }
            requests::remind(self.worker)
        }
    }
}

/// Where a run queue begins and ends. The worker changes both meanwhile; one of the two may be older than the other,
/// and both may have come round to where they were, which makes a turn longer or shorter once.
///
/// # Safety
/// `worker` is a worker.
unsafe fn ends(worker: *const Worker) -> (usize, usize) {
    // SAFETY: as the caller promises. A word is read at once on this machine.
    unsafe {
        let queue = &raw const (*worker).run_queue;
        let place = |end: *const *mut Sp| end.read_volatile().addr();
        (place(&raw const (*queue).head), place(&raw const (*queue).tail))
    }
}
