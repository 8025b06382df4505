//! The monitor: an OS thread that notices when a time slice is over and asks the worker to end the slice. The monitor
//! also finds work for idle workers. Its model is Go's sysmon. `safepoint` serves the requests.
//!
//! The monitor starts with the second green thread, since until then no thread waits for a worker. Twice in each time
//! slice the monitor looks at the run queue of each worker:
//!
//! ```text
//!   look 1    head at 0x1000, two threads runnable
//!   look 2    head at 0x1000 still, two threads runnable: no thread was taken in half a slice
//!             ──▶ asks the worker for PREEMPT: the running thread has run for half a slice or longer
//!             ──▶ asks the worker for WORK, too, if another worker is idle or could be started
//! ```
//!
//! While a request is not served, the monitor repeats it, soon at first and then less often. A worker sleeps inside
//! [`while_idle`], so the monitor knows which workers are idle; while all workers sleep, the monitor sleeps as well.

use std::sync::{Condvar, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use weft_abi::{Sp, Worker};

use crate::arch::Current;
use crate::os;
use crate::os::locks::{Held, Lock, Rank};
use crate::wait::handles;
use crate::workers::registry;
use crate::workers::requests::{self, PREEMPT, WORK};

/// The time slice, as long as Go's. With a shorter slice, other threads run sooner, but each switch costs cache misses
/// of the next thread.
const TIME_SLICE: Duration = Duration::from_millis(10);

/// The time slice of programs with reproducible schedules: `WEFT_SEED` is set, and there is one worker. The clock is
/// not reproducible, so slices end by time only when other threads would starve.
const REPEATABLE_TIME_SLICE: Duration = Duration::from_secs(1);

/// Half of the time until a request is repeated for the first time. The time until the next repetition doubles each
/// time, up to [`TIME_SLICE`].
const FIRST_REMINDER: Duration = Duration::from_micros(50);

/// The size in bytes of the monitor's stack, enough for all functions that the monitor calls.
const STACK: usize = 64 * 1024;

static TIME_SLICE_SETTING: OnceLock<Option<Duration>> = OnceLock::new();

static MONITOR: Monitor = Monitor { state: Lock::new(Rank::Monitor, State::new()), change: Condvar::new() };

struct Monitor {
    state: Lock<State>,
    /// Notified when a worker is added or goes on after it was idle.
    change: Condvar,
}

struct State {
    is_started: bool,
    /// The time of the next look; `None` while all workers are idle.
    next_look: Option<Instant>,
    workers: Vec<Watched>,
}

/// The monitor's view of a worker.
struct Watched {
    worker: *const Worker,
    /// The head of the worker's run queue at the last look.
    head: usize,
    is_idle: bool,
}

// SAFETY: a worker lives as long as the process, and the monitor only reads words of the worker that can be read
// atomically.
unsafe impl Send for Watched {}

/// Sets the time slice from the text of `WEFT_PREEMPT`: microseconds, or 0 for slices without an end. `repeats` tells
/// whether the schedule has to be reproducible. Call once.
pub fn set_time_slice(setting: Option<&str>, repeats: bool) -> Result<(), String> {
    let slice = match setting {
        None if repeats => Some(REPEATABLE_TIME_SLICE),
        None => Some(TIME_SLICE),
        Some(text) => {
            let microseconds = text.parse().map_err(|_| {
                format!("WEFT_PREEMPT is `{text}`, but it must be a number of microseconds, such as 10000")
            })?;
            Some(Duration::from_micros(microseconds)).filter(|slice| !slice.is_zero())
        }
    };
    TIME_SLICE_SETTING.set(slice).unwrap_or_else(|_| panic!("BUG: the time slice is set twice"));
    Ok(())
}

/// Watches the current worker from now on. If the system cannot start an OS thread for the monitor, no thread is
/// preempted.
pub fn watch(current: Current) {
    let worker = current.worker().cast_const();
    let mut state = MONITOR.lock();
    if state.of(worker).is_some() {
        return;
    }
    // SAFETY: `worker` is the current worker.
    let head = unsafe { ends(worker) }.0;
    state.workers.push(Watched { worker, head, is_idle: false });
    if !state.is_started {
        let builder = thread::Builder::new().name("weft-monitor".to_owned()).stack_size(STACK);
        match os::without_signals(|| builder.spawn(|| MONITOR.run())) {
            Ok(_) => state.is_started = true,
            Err(error) => os::warn_of_no_thread("to end time slices", &error),
        }
    }
    drop(state);
    MONITOR.change.notify_one();
}

/// Runs `wait`, during which the current worker is idle.
pub fn while_idle<T>(current: Current, wait: impl FnOnce() -> T) -> T {
    MONITOR.lock().set_idle(current.worker(), true);
    let result = wait();
    let mut state = MONITOR.lock();
    state.set_idle(current.worker(), false);
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
    fn lock(&self) -> Held<'_, State> {
        self.state.lock()
    }

    /// The main function of the monitor's OS thread.
    fn run(&self) {
        let slice = *TIME_SLICE_SETTING.get().expect("BUG: a monitor before the time slice is set");
        let between = slice.map(|slice| slice / 2);
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
            if is_tick && state.workers.iter().any(|watched| watched.is_idle) {
                hand_over_poller();
            }
            let mut is_asked = false;
            for watched in state.workers.iter_mut().filter(|watched| !watched.is_idle) {
                is_asked |= watched.look(is_tick, can_share);
            }
            reminder = if is_asked { (reminder * 2).min(TIME_SLICE) } else { FIRST_REMINDER };
            let remind = is_asked.then(|| now + reminder);
            let tick = tick.filter(|_| state.workers.iter().any(|watched| !watched.is_idle));
            state.next_look = [remind, tick].into_iter().flatten().min();
            state = match state.next_look {
                Some(look) => {
                    state.wait_timeout(&self.change, look.saturating_duration_since(Instant::now()))
                }
                None => state.wait(&self.change),
            };
        }
    }
}

/// Wakes an idle worker if no worker polls: the worker that has polled last runs a thread now. The idle worker then
/// sleeps in the poller.
fn hand_over_poller() {
    if handles::is_any_open()
        && os::is_neglected()
        && let Some(inbox) = registry::idle_inbox()
    {
        inbox.event().signal();
    }
}

impl Watched {
    /// Makes the requests that are due; returns whether a request is not served yet.
    fn look(&mut self, is_tick: bool, can_share: bool) -> bool {
        // SAFETY: `self.worker` is a worker of this process.
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

/// The head and the tail of a run queue. The worker may change both words at any time. So the two results may be from
/// different moments, and a head that has gone round the ring may look as if it had not moved. Such an error only makes
/// one time slice longer or shorter.
///
/// # Safety
/// `worker` is any worker of this process.
unsafe fn ends(worker: *const Worker) -> (usize, usize) {
    // SAFETY: workers live as long as the process, and the read of an aligned word is atomic on x86-64.
    unsafe {
        let queue = &raw const (*worker).run_queue;
        let place = |end: *const *mut Sp| end.read_volatile().addr();
        (place(&raw const (*queue).head), place(&raw const (*queue).tail))
    }
}
