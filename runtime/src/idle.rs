//! What a worker does between green threads: it looks for what they wait for outside of the program.
//!
//! While calls are out or times are awaited the run queue has one more entry, an errand: when its turn comes it makes
//! ready whose calls are done and whose time has come, and goes to the tail of the queue. So a yield costs nothing more
//! when nothing is awaited, and threads that yield cannot keep others from being woken.
//!
//! When no thread is ready the worker waits for the next of these; if there are none it is a deadlock.

use std::cell::Cell;
use std::ptr::null_mut;
use std::time::Duration;

use weft_abi::Worker;
use weft_hot::queue;

use crate::{arch, blocking, deadlock, os, output, ticker, timers, waiting, worker};

thread_local! {
    /// Whether the errand is in the run queue. Only the runtime's own code reads this.
    static POLLS: Cell<bool> = const { Cell::new(false) };
}

/// Has the worker look for what is awaited, from now on until nothing is.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn poll_from_now_on(worker: *mut Worker) {
    if !POLLS.replace(true) {
        // SAFETY: the errand is in no queue.
        unsafe { worker::ready(worker, arch::POLL.sp()) }
    }
}

/// The errand.
///
/// # Safety
/// `worker` is the running worker, and the errand was just taken out of its run queue.
pub unsafe extern "C" fn poll(worker: *mut Worker) -> ! {
    // SAFETY: no green thread called this.
    unsafe {
        (*worker).green_sp = null_mut();
        POLLS.set(false);
        wake(worker);
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
        while queue::is_empty(&(*worker).run_queue) {
            let _ = output::flush();
            if !wake(worker) {
                deadlock::report(worker);
            }
            if queue::is_empty(&(*worker).run_queue) {
                ticker::while_idle(worker, || blocking::wait(until_next_timer()));
            }
        }
        if blocking::is_any_out() || !timers::lock().is_empty() {
            poll_from_now_on(worker);
        }
        let next = queue::take(&mut (*worker).run_queue).read();
        arch::resume(next)
    }
}

/// Makes ready whose calls are done and whose time has come. Whether anything was, or is still awaited.
///
/// # Safety
/// `worker` is the running worker.
unsafe fn wake(worker: *mut Worker) -> bool {
    let is_any_out = blocking::is_any_out();
    // SAFETY: as the caller promises; tasks of timers are alive.
    unsafe {
        blocking::finish_calls(worker);
        let is_timed = timers::lock().next().is_some();
        if is_timed {
            ring(worker);
        }
        is_any_out || is_timed
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
            if waiting::choose(alarm.task, alarm.choice) {
                waiting::wake_chosen(worker, alarm.task, alarm.arm);
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
