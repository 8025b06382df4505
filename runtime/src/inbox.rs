//! What other threads of the system bring a worker: calls that are done, and green threads that it shall run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use weft_abi::{BlockingCall, Sp};

/// What lies there.
#[derive(Default)]
pub struct Contents {
    /// Calls that are done and whose green threads do not know yet.
    pub calls: Vec<*mut BlockingCall>,
    /// Suspended green threads, the oldest first.
    pub threads: Vec<Sp>,
}

// SAFETY: one thread of the system at a time has what is there, and a lock lies between the two.
unsafe impl Send for Contents {}

impl Contents {
    fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.threads.is_empty()
    }
}

thread_local! {
    // Only the runtime's own code reads this, which never moves to another worker.
    static OWN: Arc<Inbox> = Arc::default();
}

/// That of this worker.
pub fn own() -> Arc<Inbox> {
    OWN.with(Arc::clone)
}

/// The inbox of one worker.
#[derive(Default)]
pub struct Inbox {
    contents: Mutex<Contents>,
    /// Whether there may be anything: read without the lock.
    is_full: AtomicBool,
    arrival: Condvar,
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
        self.arrival.notify_one();
    }

    /// All that is there.
    pub fn take(&self) -> Contents {
        if !self.is_full.load(Ordering::Acquire) {
            return Contents::default();
        }
        let mut contents = self.lock();
        self.is_full.store(false, Ordering::Relaxed);
        std::mem::take(&mut contents)
    }

    /// Looks at what is there.
    pub fn look<T>(&self, look: impl FnOnce(&Contents) -> T) -> T {
        look(&self.lock())
    }

    /// Waits until something is there, or for so long.
    pub fn wait(&self, time: Option<Duration>) {
        let contents = self.lock();
        match time {
            None => drop(self.arrival.wait_while(contents, |contents| contents.is_empty())),
            Some(time) => {
                drop(self.arrival.wait_timeout_while(contents, time, |contents| contents.is_empty()))
            }
        }
    }
}
