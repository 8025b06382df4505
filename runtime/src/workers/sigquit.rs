//! `SIGQUIT`: the request for a thread dump.
//!
//! The signal's handler may interrupt any code, so it only makes requests. It makes a request of every worker, since it
//! does not know which worker runs, and signals the workers' events, since workers may sleep. The first worker
//! that comes to a safepoint prints the dump, see `report::thread_dump`. A switch may overwrite a request, see
//! [`requests`], and a program with one thread has no monitor that repeats the request. So a timer sends a real-time
//! signal to the same handler until a worker has answered.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use weft_abi::Worker;

use super::requests::{self, DUMP};
use crate::os::{self, Event};

/// The number of microseconds until the signal is first repeated. The interval then doubles up to [`LAST_REMINDER`]:
/// after a lost request, a short interval makes the dump appear soon; while a worker is in a long call of C, a long
/// interval costs nothing.
const FIRST_REMINDER: u32 = 1_000;
const LAST_REMINDER: u32 = 128_000;

/// Whether a dump is wanted.
static IS_ASKED: AtomicBool = AtomicBool::new(false);
static REMINDER: AtomicU32 = AtomicU32::new(FIRST_REMINDER);

/// A worker, and the event for which it sleeps.
struct Listener {
    worker: AtomicPtr<Worker>,
    event: AtomicPtr<Event>,
}

/// The handler walks an array of the full length, because it must not take a lock.
static LISTENERS: [Listener; Worker::MOST] =
    [const { Listener { worker: AtomicPtr::new(null_mut()), event: AtomicPtr::new(null_mut()) } };
        Worker::MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Installs the signal's handler. Call once.
pub fn start() -> std::io::Result<()> {
    os::on_quit(on_signal)
}

/// Adds a worker to the workers that the handler notifies: at most [`Worker::MOST`].
pub fn listen(worker: *mut Worker, event: &'static Event) {
    let listener = &LISTENERS[COUNT.fetch_add(1, Ordering::Relaxed)];
    listener.event.store(std::ptr::from_ref(event).cast_mut(), Ordering::Release);
    listener.worker.store(worker, Ordering::Release);
}

/// Whether a dump is wanted.
pub fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst)
}

/// Takes the request; returns whether the caller has to print the dump.
pub fn take() -> bool {
    IS_ASKED.load(Ordering::Relaxed) && IS_ASKED.swap(false, Ordering::SeqCst)
}

/// The signal's handler. Safe in signal context: uses only atomic words and system calls.
fn on_signal(is_reminder: bool) {
    if !is_reminder {
        REMINDER.store(FIRST_REMINDER, Ordering::Relaxed);
        IS_ASKED.store(true, Ordering::SeqCst);
    } else if !is_asked() {
        return;
    }
    for listener in &LISTENERS {
        let worker = listener.worker.load(Ordering::Acquire);
        // SAFETY: `listen` stores the event before the worker, and both live as long as the process.
        unsafe {
            if !worker.is_null() {
                requests::ask(worker, DUMP);
                (*listener.event.load(Ordering::Acquire)).signal();
            }
        }
    }
    let time = REMINDER.load(Ordering::Relaxed);
    REMINDER.store((2 * time).min(LAST_REMINDER), Ordering::Relaxed);
    os::quit_again_after(Duration::from_micros(time.into()));
}
