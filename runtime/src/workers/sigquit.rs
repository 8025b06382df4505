//! `SIGQUIT`: the request for a thread dump.
//!
//! The signal's handler may have interrupted any code, so it only asks. It sets a request in every worker, since any
//! may be the one that runs, and signals the event words of those that sleep. The first worker that comes to a
//! safepoint prints the dump, see `report::thread_dump`. A request may be lost to a switch, as [`requests`] tells, and
//! a program of one thread has no monitor that reminds. So a timer of the system repeats the signal, by a real-time
//! signal of its own, until a worker has answered.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use weft_abi::Worker;

use super::requests::{self, DUMP};
use crate::os;

/// The most workers that there can be. The handler walks an array of this length, because it may not take a lock.
pub const MOST_WORKERS: usize = 256;

/// Microseconds until the signal is repeated for the first time. The interval then doubles up to [`LAST_REMINDER`]:
/// short ones answer quickly after a lost request, long ones cost nothing while a worker is in a long call of C.
const FIRST_REMINDER: u32 = 1_000;
const LAST_REMINDER: u32 = 128_000;

/// Whether a dump is wanted.
static IS_ASKED: AtomicBool = AtomicBool::new(false);
static REMINDER: AtomicU32 = AtomicU32::new(FIRST_REMINDER);

/// A worker, and the event word on which it sleeps.
struct Listener {
    worker: AtomicPtr<Worker>,
    event: AtomicPtr<AtomicU32>,
}

static LISTENERS: [Listener; MOST_WORKERS] =
    [const { Listener { worker: AtomicPtr::new(null_mut()), event: AtomicPtr::new(null_mut()) } };
        MOST_WORKERS];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Installs the signal's handler. Call once.
pub fn start() -> std::io::Result<()> {
    os::on_quit(on_signal)
}

/// Has the signal ask this worker, too. There are no more than [`MOST_WORKERS`].
pub fn listen(worker: *mut Worker, event: &'static AtomicU32) {
    let listener = &LISTENERS[COUNT.fetch_add(1, Ordering::Relaxed)];
    listener.event.store(std::ptr::from_ref(event).cast_mut(), Ordering::Release);
    listener.worker.store(worker, Ordering::Release);
}

/// Whether a dump is wanted.
pub fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst)
}

/// Takes the request; returns whether the caller is to answer it.
pub fn take() -> bool {
    IS_ASKED.load(Ordering::Relaxed) && IS_ASKED.swap(false, Ordering::SeqCst)
}

/// The signal's handler. Safe in signal context: atomic words and system calls alone.
fn on_signal(is_reminder: bool) {
    if !is_reminder {
        REMINDER.store(FIRST_REMINDER, Ordering::Relaxed);
        IS_ASKED.store(true, Ordering::SeqCst);
    } else if !is_asked() {
        return;
    }
    for listener in &LISTENERS {
        let worker = listener.worker.load(Ordering::Acquire);
        // SAFETY: `listen` stores the event word before the worker, and both live as long as the process.
        unsafe {
            if !worker.is_null() {
                requests::ask(worker, DUMP);
                os::signal_event(&*listener.event.load(Ordering::Acquire));
            }
        }
    }
    let time = REMINDER.load(Ordering::Relaxed);
    REMINDER.store((2 * time).min(LAST_REMINDER), Ordering::Relaxed);
    os::quit_again_after(Duration::from_micros(time.into()));
}
