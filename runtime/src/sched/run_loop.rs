//! The run loop of a worker between green threads: find a runnable thread, poll for events from outside, or sleep.
//!
//! ```text
//!   resume_next ──▶ queue empty? ──no──▶ take the head, and switch to it
//!       ▲                │yes
//!       │                ▼
//!       │      poll: inbox, blocking calls, timers ──▶ queue empty? ──no──▶ (as above)
//!       │                                                 │yes
//!       └── sleep until the next timer, or until ◀────────┘
//!           another OS thread puts something into the inbox
//! ```
//!
//! Threads that only yield never enter the run loop. So while a thread awaits a blocking call or a timer, the run queue
//! has one more entry, the pseudo-thread `POLL`. `POLL` polls whenever it runs, and goes back to the tail. Thus waiting
//! threads are woken even if all other threads yield all the time, and a program that awaits nothing pays nothing.
//!
//! A worker without threads asks other workers for work. If all workers are idle and nothing is awaited, the program is
//! in a deadlock.

use std::cell::Cell;
use std::ptr::null_mut;
use std::time::Duration;

use weft_abi::{Decision, TraceKind, Worker};
use weft_hot::queue;

use super::monitor;
use crate::arch::{self, Current};
use crate::io::stdout;
use crate::os;
use crate::report::{deadlock, thread_dump};
use crate::stack::pool;
use crate::timeline;
use crate::wait::{blocking, handles, select, timers, unwind};
use crate::workers::{inbox, quiescence, random_schedule, run_queue};

/// The interval after which a worker that has found nothing to run asks for work again. The interval doubles up to
/// [`LAST_RETRY_INTERVAL`]: short intervals find new work soon, but each request costs the asked worker a call of the
/// runtime.
const FIRST_RETRY_INTERVAL: Duration = Duration::from_micros(50);
/// The longest interval between requests for work.
const LAST_RETRY_INTERVAL: Duration = Duration::from_micros(200);
/// The time after which an idle worker stops asking: from then on the monitor, which looks every few milliseconds, asks
/// other workers to hand over work.
const RETRY_TIME: Duration = Duration::from_millis(10);

thread_local! {
    /// Whether `POLL` is in the run queue. Only the runtime's own code reads this variable, and that code never moves
    /// to another worker.
    static IS_POLL_QUEUED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the current worker poll from now on, until no thread awaits a blocking call or a timer any more.
pub fn enqueue_poll(current: Current) {
    if !IS_POLL_QUEUED.replace(true) {
        // SAFETY: a pseudo-thread looks like a suspended thread, and `POLL` was in no queue.
        unsafe { run_queue::ready(current, arch::POLL.sp()) }
    }
}

/// The code of the pseudo-thread `POLL`.
///
/// # Safety
/// Only the pseudo-thread's assembly calls this function, on the worker's own stack, with the running worker.
pub unsafe extern "C" fn poll_pseudo_thread(worker: *mut Worker) -> ! {
    // SAFETY: `worker` is the running worker, and nothing on the worker's own stack is needed.
    unsafe {
        let current = begin(worker);
        IS_POLL_QUEUED.set(false);
        let has_woken = poll(current);
        resume_after(current, has_woken)
    }
}

/// The code of the pseudo-thread `DRAW`. If schedules are random, `DRAW` is in the run queue behind the next thread to
/// run. When that thread stops, `DRAW` runs and draws the thread that runs next.
///
/// # Safety
/// As for [`poll_pseudo_thread`].
pub unsafe extern "C" fn draw_pseudo_thread(worker: *mut Worker) -> ! {
    // SAFETY: as in `poll_pseudo_thread`.
    unsafe {
        let current = begin(worker);
        random_schedule::begin();
        resume_next(current)
    }
}

/// The code of the pseudo-thread `IDLE`, which is resumed when no green thread is runnable.
///
/// # Safety
/// As for [`poll_pseudo_thread`].
pub unsafe extern "C" fn idle_pseudo_thread(worker: *mut Worker) -> ! {
    // SAFETY: as in `poll_pseudo_thread`.
    unsafe { resume_next(begin(worker)) }
}

/// Begins the code of a pseudo-thread. Clears the green stack pointer, which reports and collections read: no green
/// thread has called the runtime.
///
/// # Safety
/// `worker` is the running worker.
unsafe fn begin(worker: *mut Worker) -> Current {
    // SAFETY: the caller passes the worker of this OS thread.
    let current = unsafe { Current::of(worker) };
    current.set_green_sp(null_mut());
    current
}

/// Resumes the next thread; sleeps while no thread is runnable.
///
/// # Safety
/// Nothing on the worker's own stack is needed any more.
pub unsafe fn resume_next(current: Current) -> ! {
    // SAFETY: as above.
    unsafe { resume_after(current, false) }
}

/// Like [`resume_next`]. `has_woken` tells whether the run loop has already woken threads: they are not woken in the
/// time slice that begins.
///
/// # Safety
/// As for [`resume_next`].
unsafe fn resume_after(current: Current, mut has_woken: bool) -> ! {
    let mut retry_interval = FIRST_RETRY_INTERVAL;
    let mut waited = Duration::ZERO;
    while is_idle(current) {
        stdout::flush_if_free();
        has_woken |= poll(current);
        if is_idle(current) {
            sleep(current, (waited < RETRY_TIME).then_some(retry_interval));
            waited += retry_interval;
            retry_interval = (retry_interval * 2).min(LAST_RETRY_INTERVAL);
            thread_dump::answer(current);
        }
    }
    if is_anything_awaited() || handles::is_any_open() {
        enqueue_poll(current);
    }
    // SAFETY: the queue is not empty, so there is an entry to draw and to take. The taken entry is suspended, and now
    // in no queue.
    unsafe {
        random_schedule::draw(current);
        let next = run_queue::reorder(current, |queue| queue::take(queue).read());
        timeline::record_now(current, TraceKind::Resume, 0, has_woken);
        arch::resume(next)
    }
}

fn is_idle(current: Current) -> bool {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue.
    unsafe { queue::is_empty(&*current.run_queue()) }
}

/// Sleeps until another OS thread adds to the inbox or a timer is due. While other workers run, sleeps no longer than
/// about `retry_interval`, so that the caller can ask these workers for work again; if the interval is `None`, the
/// monitor asks them.
fn sleep(current: Current, retry_interval: Option<Duration>) {
    let token = quiescence::become_idle(current);
    let is_awaited = is_anything_awaited();
    // Another worker may have gone on since the token was made, so `is_still` checks the token.
    if !is_awaited && token.is_some_and(|token| !handles::is_any_awaited() && quiescence::is_still(token)) {
        // SAFETY: no worker has gone on since all workers were idle, so all threads wait, and none of them awaits an
        // event from outside.
        unsafe { deadlock::report() }
    }
    let until_timer = if is_awaited { until_next_timer() } else { None };
    let until_question = retry_interval.filter(|_| token.is_none());
    let time = [until_timer, until_question].into_iter().flatten().min();
    let inbox = inbox::own();
    // Without a token, other workers were asked for work. They answer soon or not at all, so the worker spins first.
    if token.is_some() || !inbox.spin() {
        pool::leave_free(current);
        timeline::record_now(current, TraceKind::Sleep, 0, false);
        monitor::while_idle(current, || handles::wait(time));
        timeline::record_now(current, TraceKind::Awake, 0, false);
    }
    quiescence::become_busy(current);
}

/// Whether a thread awaits a blocking call or a timer.
fn is_anything_awaited() -> bool {
    // SAFETY: collections keep the tasks of timers alive.
    blocking::is_any_out() || unsafe { timers::lock().next().is_some() }
}

/// Polls: makes threads runnable if other workers have handed them over, their calls have returned, their files have
/// changed or their timers are due. These threads run before the other runnable threads: they have already waited for
/// this poll, and `POLL` runs only after all threads that were runnable when `POLL` was queued. Returns whether threads
/// became runnable.
fn poll(current: Current) -> bool {
    let contents = inbox::own().take();
    // SAFETY: threads in the inbox are suspended, and only the code that takes them out resumes them; the calls were
    // taken out of the inbox. The queue has at least the entries that were added since `before`.
    unsafe {
        let length = || queue::length(&*current.run_queue());
        let before = length();
        for sp in contents.threads {
            run_queue::ready(current, sp);
        }
        blocking::finish(current, contents.calls);
        if !timers::lock().is_empty() {
            fire_timers(current);
        }
        if handles::is_any_open() {
            // A worker without runnable threads asks when it sleeps.
            if length() > 0 {
                handles::ask();
            }
            handles::deliver(current);
        }
        if before > 0 {
            run_queue::prefer(current, (length() - before) as u64);
        }
        unwind::reap_cancelled(current);
        length() > before
    }
}

/// Wakes the threads whose timers are due.
fn fire_timers(current: Current) {
    let now = os::now();
    loop {
        let Some(alarm) = timers::lock().take_due(now) else { return };
        // SAFETY: collections keep the tasks of timers alive, and no collection comes between the two calls. Only the
        // winner wakes the thread.
        unsafe {
            if (*alarm.task).wait_state.decide(alarm.ticket) == Decision::Won {
                select::wake_decided(current, alarm.task, alarm.arm, (TraceKind::Wake, 0));
            }
        }
    }
}

/// The time until the next timer that a thread awaits.
fn until_next_timer() -> Option<Duration> {
    // SAFETY: collections keep the tasks of timers alive.
    let time = unsafe { timers::lock().next()? };
    Some(Duration::from_nanos(time.saturating_sub(os::now()).max(0).cast_unsigned()))
}
