//! The request for an overview of all green threads, which `SIGQUIT` brings.
//!
//! The signal's handler may have interrupted anything, so it only asks: every worker, since any may be the one that
//! runs; and it rings the bells of those that are idle. Whoever comes first answers, see `overview`. A question may be
//! lost to a switch, as `requests` tells, and there need not be a monitor to ask again. So a timer of the system sends
//! another signal, of those for real-time purposes, until somebody has answered.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use weft_abi::Worker;

use crate::os;
use crate::workers::requests::{self, DUMP};

/// The most workers that there can be.
pub const MOST_WORKERS: usize = 256;

/// After how many microseconds the question is asked again at first, and at last: a worker may be in a long call of C.
const FIRST_REMINDER: u32 = 1_000;
const LAST_REMINDER: u32 = 128_000;

/// Somebody wants an overview.
static IS_ASKED: AtomicBool = AtomicBool::new(false);
static REMINDER: AtomicU32 = AtomicU32::new(FIRST_REMINDER);

/// A worker, and what it waits for when it is idle.
struct Listener {
    worker: AtomicPtr<Worker>,
    event: AtomicPtr<AtomicU32>,
}

static LISTENERS: [Listener; MOST_WORKERS] =
    [const { Listener { worker: AtomicPtr::new(null_mut()), event: AtomicPtr::new(null_mut()) } };
        MOST_WORKERS];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Has the signal ask. Call once.
pub fn start() -> std::io::Result<()> {
    os::on_quit(on_signal)
}

/// The signal asks this worker, too. There are no more than [`MOST_WORKERS`].
pub fn listen(worker: *mut Worker, event: &'static AtomicU32) {
    let listener = &LISTENERS[COUNT.fetch_add(1, Ordering::Relaxed)];
    listener.event.store(std::ptr::from_ref(event).cast_mut(), Ordering::Release);
    listener.worker.store(worker, Ordering::Release);
}

/// Whether somebody wants an overview.
pub fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst)
}

/// Whether the caller is to answer.
pub fn take() -> bool {
    IS_ASKED.load(Ordering::Relaxed) && IS_ASKED.swap(false, Ordering::SeqCst)
}

/// The signal's handler: nothing but atomic words and system calls.
fn on_signal(is_reminder: bool) {
    if !is_reminder {
        REMINDER.store(FIRST_REMINDER, Ordering::Relaxed);
        IS_ASKED.store(true, Ordering::SeqCst);
    } else if !is_asked() {
        return;
    }
    for listener in &LISTENERS {
        let worker = listener.worker.load(Ordering::Acquire);
        // SAFETY: a worker that is there lives as long as the process, and so does its bell, which was there before.
        unsafe {
            if !worker.is_null() {
                requests::ask(worker, DUMP);
                os::ring(&*listener.event.load(Ordering::Acquire));
            }
        }
    }
    let time = REMINDER.load(Ordering::Relaxed);
    REMINDER.store((2 * time).min(LAST_REMINDER), Ordering::Relaxed);
    os::quit_again_after(Duration::from_micros(time.into()));
}
