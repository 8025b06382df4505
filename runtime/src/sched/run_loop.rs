//! What a worker does between green threads: it looks for what they wait for outside of the program.
//!
//! While calls are out or times are awaited the run queue has one more entry, a pseudo-thread: when its turn comes it
//! makes ready whose calls are done and whose time has come, and goes to the tail of the queue. So a yield costs
//! nothing more when nothing is awaited, and threads that yield cannot keep others from being woken.
//!
//! When no thread is ready the worker waits for the next of these, and for what other workers can spare; if all of them
//! wait and nothing is awaited it is a deadlock.

use std::cell::Cell;
use std::ptr::null_mut;
use std::time::Duration;

use weft_abi::{Decision, Worker};
use weft_hot::queue;

use crate::io::stdout;
use crate::report::{deadlock, thread_dump};
use crate::sched::monitor;
use crate::stack::pool;
use crate::wait::{blocking, select, timers, unwind};
use crate::workers::{inbox, quiescence, random_schedule, run_queue};
use crate::{arch, os};

/// How long a worker that has nothing to do waits at first before it asks others for work again.
const FIRST_RETRY_INTERVAL: Duration = Duration::from_micros(50);
/// How long it waits later. To answer costs the other a way into the runtime, which it should not pay all the time.
const LAST_RETRY_INTERVAL: Duration = Duration::from_micros(200);
/// Who has waited so long does not ask any more.
const ASKING: Duration = Duration::from_millis(10);

thread_local! {
    /// Whether the pseudo-thread is in the run queue. Only the runtime's own code reads this.
    static POLLS: Cell<bool> = const { Cell::new(false) };
}

/// Has the worker look for what is awaited, from now on until nothing is.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn poll_from_now_on(worker: *mut Worker) {
    if !POLLS.replace(true) {
        // SAFETY: the pseudo-thread is in no queue.
        unsafe { run_queue::ready(worker, arch::POLL.sp()) }
    }
}

/// The pseudo-thread.
///
/// # Safety
/// `worker` is the running worker, and the pseudo-thread was just taken out of its run queue.
pub unsafe extern "C" fn poll(worker: *mut Worker) -> ! {
    // SAFETY: no green thread called this.
    unsafe {
        (*worker).green_sp = null_mut();
        POLLS.set(false);
        wake(worker);
        resume_next(worker)
    }
}

/// The pseudo-thread that comes after each thread where chance decides who is next.
///
/// # Safety
/// `worker` is the running worker, and the pseudo-thread was just taken out of its run queue.
pub unsafe extern "C" fn draw(worker: *mut Worker) -> ! {
    // SAFETY: no green thread called this.
    unsafe {
        (*worker).green_sp = null_mut();
        random_schedule::begin();
        resume_next(worker)
    }
}

/// What is resumed when no green thread is ready.
///
/// # Safety
/// `worker` is the running worker, and its run queue is empty.
pub unsafe extern "C" fn idle(worker: *mut Worker) -> ! {
    // SAFETY: no green thread called this.
    unsafe {
        (*worker).green_sp = null_mut();
        resume_next(worker)
    }
}

/// Goes on with the next thread, and waits for one if none is ready.
///
/// # Safety
/// `worker` is the running worker; nothing on its own stack is needed any more.
pub unsafe fn resume_next(worker: *mut Worker) -> ! {
    // SAFETY: the queue is not empty when an entry is taken.
    unsafe {
        let mut retry_interval = FIRST_RETRY_INTERVAL;
        let mut waited = Duration::ZERO;
        while queue::is_empty(&(*worker).run_queue) {
            let _ = stdout::flush();
            wake(worker);
            if queue::is_empty(&(*worker).run_queue) {
                wait(worker, (waited < ASKING).then_some(retry_interval));
                waited += retry_interval;
                retry_interval = (retry_interval * 2).min(LAST_RETRY_INTERVAL);
                thread_dump::answer(worker);
            }
        }
        if is_anything_awaited() {
            poll_from_now_on(worker);
        }
        (*worker).woken_in_slice = 0;
        random_schedule::draw(worker);
        let next = queue::take(&mut (*worker).run_queue).read();
        arch::resume(next)
    }
}

/// Waits until somebody brings something, or a time has come. With other workers running for not much longer than
/// `retry_interval`: then they are asked again for work. Without one it is the monitor that tells them to share.
///
/// # Safety
/// `worker` is the running worker, and its run queue is empty.
unsafe fn wait(worker: *mut Worker, retry_interval: Option<Duration>) {
    let standstill = quiescence::become_idle(worker);
    let is_awaited = is_anything_awaited();
    // Another worker may have woken somebody after the first look and before the second.
    if !is_awaited && standstill.is_some_and(quiescence::is_still) {
        // SAFETY: nobody runs, and nobody is to be woken.
        unsafe { deadlock::report() }
    }
    let until_timer = if is_awaited { until_next_timer() } else { None };
    let until_question = retry_interval.filter(|_| standstill.is_none());
    let time = [until_timer, until_question].into_iter().flatten().min();
    let inbox = inbox::own();
    // Those who were asked answer soon, if at all.
    if standstill.is_some() || !inbox.spin() {
        // SAFETY: as the caller promises.
        unsafe { pool::leave_free(worker) };
        monitor::while_idle(worker, || inbox.wait(time));
    }
    quiescence::become_busy(worker);
}

/// Whether a thread waits for something outside of the program.
fn is_anything_awaited() -> bool {
    // SAFETY: tasks of timers are alive.
    blocking::is_any_out() || unsafe { timers::lock().next().is_some() }
}

/// Makes ready whom others have brought, whose calls are done and whose time has come. They come first: they have
/// waited long enough, and the pseudo-thread comes again only behind all others.
///
/// # Safety
/// `worker` is the running worker.
unsafe fn wake(worker: *mut Worker) {
    let contents = inbox::own().take();
    // SAFETY: as the caller promises; tasks of timers are alive, and the threads are suspended and nobody else's.
    unsafe {
        let before = queue::length(&(*worker).run_queue);
        for sp in contents.threads {
            run_queue::ready(worker, sp);
        }
        blocking::finish(worker, contents.calls);
        if !timers::lock().is_empty() {
            ring(worker);
        }
        if before > 0 {
            run_queue::prefer(worker, (queue::length(&(*worker).run_queue) - before) as u64);
        }
        unwind::reap_cancelled(worker);
    }
}

/// Makes ready those whose time has come.
///
/// # Safety
/// As for [`wake`].
unsafe fn ring(worker: *mut Worker) {
    let now = os::now();
    loop {
        let Some(alarm) = timers::lock().take_due(now) else { return };
        // SAFETY: who makes the choice wakes the thread.
        unsafe {
            if (*alarm.task).wait_state.decide(alarm.ticket) == Decision::Won {
                select::wake_chosen(worker, alarm.task, alarm.arm);
            }
        }
    }
}

/// How long it is until the next time that is awaited.
fn until_next_timer() -> Option<Duration> {
    // SAFETY: tasks of timers are alive.
    let time = unsafe { timers::lock().next()? };
    Some(Duration::from_nanos(time.saturating_sub(os::now()).max(0).cast_unsigned()))
}
