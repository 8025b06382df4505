//! What other OS threads bring a worker: calls that are done, green threads that it shall run, and those
//! that were cancelled while it may have had them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use weft_abi::{BlockingCall, Sp, Task};

use crate::os;
use crate::workers::sigquit;

/// How often a worker looks again before it sleeps: to be woken takes longer than that.
const SPINS: u32 = 500;

/// What lies there.
#[derive(Default)]
pub struct Contents {
    /// Calls that are done and whose green threads do not know yet.
    pub calls: Vec<*mut BlockingCall>,
    /// Suspended green threads, the oldest first.
    pub threads: Vec<Sp>,
    /// Threads that were cancelled and were not seen to wait. They stay here until it is their turn: only here a
    /// collection sees them.
    cancelled: Vec<*mut Task>,
}

impl Contents {
    /// Those that were cancelled.
    pub fn cancelled(&self) -> &[*mut Task] {
        &self.cancelled
    }

    /// Whether a green thread may go on or end because of what is there, besides those whose calls are done.
    pub fn concerns_threads(&self) -> bool {
        !self.threads.is_empty() || !self.cancelled.is_empty()
    }
}

// SAFETY: one OS thread at a time has what is there, and a lock lies between the two.
unsafe impl Send for Contents {}

thread_local! {
    // Only the runtime's own code reads this, which never moves to another worker.
    static OWN: &'static Inbox = Box::leak(Box::default());
}

/// That of this worker. It lives as long as the process, as the worker does.
pub fn own() -> &'static Inbox {
    OWN.with(|own| *own)
}

/// The inbox of one worker.
#[derive(Default)]
pub struct Inbox {
    contents: Mutex<Contents>,
    /// Whether there may be anything: read without the lock.
    is_full: AtomicBool,
    /// Rung when something arrives.
    event: AtomicU32,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds something, and wakes the worker if it waits.
    pub fn put(&self, add: impl FnOnce(&mut Contents)) {
        let mut contents = self.lock();
        add(&mut contents);
        self.is_full.store(true, Ordering::Release);
        drop(contents);
        os::ring(&self.event);
    }

    /// Waits without sleeping, for some hundred looks. Whether something is there.
    pub fn spin(&self) -> bool {
        (0..SPINS).any(|_| {
            std::hint::spin_loop();
            self.is_full.load(Ordering::Relaxed)
        })
    }

    /// All that is there, but for threads that were cancelled.
    pub fn take(&self) -> Contents {
        if !self.is_full.load(Ordering::Acquire) {
            return Contents::default();
        }
        let mut contents = self.lock();
        self.is_full.store(false, Ordering::Relaxed);
        let cancelled = std::mem::take(&mut contents.cancelled);
        std::mem::replace(&mut contents, Contents { cancelled, ..Contents::default() })
    }

    /// Adds a thread that was cancelled, and wakes the worker if it waits.
    pub fn put_cancelled(&self, task: *mut Task) {
        self.put(|contents| contents.cancelled.push(task));
    }

    /// One of the threads there that were cancelled.
    pub fn take_cancelled(&self) -> Option<*mut Task> {
        self.lock().cancelled.pop()
    }

    /// Looks at what is there.
    pub fn look<T>(&self, look: impl FnOnce(&Contents) -> T) -> T {
        look(&self.lock())
    }

    /// What rings when something arrives, or somebody else wants the worker to be awake.
    pub fn event(&self) -> &AtomicU32 {
        &self.event
    }

    /// Waits until something is there, or for so long; sometimes less.
    pub fn wait(&self, time: Option<Duration>) {
        // Whatever comes after this rings, and then the waiting does not begin.
        let rung = self.event.load(Ordering::SeqCst);
        if !self.is_full.load(Ordering::Acquire) && !sigquit::is_asked() {
            os::wait_for_event(&self.event, rung, time);
        }
    }
}
