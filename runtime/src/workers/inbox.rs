//! The inbox of a worker, for other OS threads to fill: blocking calls that have returned, green threads for the worker
//! to run, and cancelled threads that may belong to the worker.
//!
//! The inbox is unbounded, with many producers and one consumer. A producer holds the lock for one append; the consumer
//! takes all contents at once, and reads only an atomic flag while the inbox is empty.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use weft_abi::{BlockingCall, Sp, Task};

use super::sigquit;
use crate::os::locks::{Held, Lock, Rank};
use crate::os::{Change, Event};

/// The number of times that a worker reads the flag before it sleeps. A larger number would burn a core while no work
/// comes; with a smaller number the worker would often fall asleep just before an answer arrives, and a wake-up takes
/// longer than 500 reads.
const SPINS: u32 = 500;

/// The contents of an inbox.
#[derive(Default)]
pub struct Contents {
    /// Calls that have returned, and whose green threads have not been woken yet.
    pub calls: Vec<*mut BlockingCall>,
    /// Suspended green threads, the oldest first.
    pub threads: Vec<Sp>,
    /// Threads that were cancelled and did not wait at that time. They stay here until the worker has checked each: a
    /// collection finds their tasks only here.
    cancelled: Vec<*mut Task>,
}

impl Contents {
    /// The threads that were cancelled.
    pub fn cancelled(&self) -> &[*mut Task] {
        &self.cancelled
    }

    /// Whether the contents include green threads to run or cancelled threads to end. Returned calls do not count: they
    /// are among the calls of `blocking::is_any_out`.
    pub fn concerns_threads(&self) -> bool {
        !self.threads.is_empty() || !self.cancelled.is_empty()
    }
}

// SAFETY: the pointers are addresses of memory of the process. The inbox's lock orders the producer's writes before the
// consumer's reads, and the producer gives up each entry.
unsafe impl Send for Contents {}

thread_local! {
    // Only the runtime's own code reads this variable, and that code never moves to another worker.
    static OWN: &'static Inbox = Box::leak(Box::default());
}

/// The current worker's inbox. It lives as long as the process, like the worker.
pub fn own() -> &'static Inbox {
    OWN.with(|own| *own)
}

/// The inbox of one worker.
pub struct Inbox {
    contents: Lock<Contents>,
    /// Whether there may be contents. Read without the lock.
    is_full: AtomicBool,
    /// The event for which the worker sleeps.
    event: Event,
}

impl Default for Inbox {
    fn default() -> Inbox {
        Inbox {
            contents: Lock::new(Rank::Inbox, Contents::default()),
            is_full: AtomicBool::new(false),
            event: Event::default(),
        }
    }
}

impl Inbox {
    fn lock(&self) -> Held<'_, Contents> {
        self.contents.lock()
    }

    /// Adds to the contents with `add`, and wakes the worker if it sleeps.
    pub fn put(&self, add: impl FnOnce(&mut Contents)) {
        let mut contents = self.lock();
        add(&mut contents);
        self.is_full.store(true, Ordering::SeqCst);
        drop(contents);
        self.event.signal();
    }

    /// Waits without sleeping, for [`SPINS`] reads of the flag; returns whether there are contents.
    pub fn spin(&self) -> bool {
        (0..SPINS).any(|_| {
            std::hint::spin_loop();
            self.is_full.load(Ordering::Relaxed)
        })
    }

    /// Takes all contents, except the threads that were cancelled.
    pub fn take(&self) -> Contents {
        if !self.is_full.load(Ordering::Acquire) {
            return Contents::default();
        }
        let mut contents = self.lock();
        self.is_full.store(false, Ordering::Relaxed);
        let cancelled = std::mem::take(&mut contents.cancelled);
        std::mem::replace(&mut *contents, Contents { cancelled, ..Contents::default() })
    }

    /// Adds a thread that was cancelled, and wakes the worker if it sleeps.
    pub fn put_cancelled(&self, task: *mut Task) {
        self.put(|contents| contents.cancelled.push(task));
    }

    /// Takes one of the threads that were cancelled.
    pub fn take_cancelled(&self) -> Option<*mut Task> {
        self.lock().cancelled.pop()
    }

    /// Calls `look` with the contents while the inbox is locked; returns the result of `look`.
    pub fn look<T>(&self, look: impl FnOnce(&Contents) -> T) -> T {
        look(&self.lock())
    }

    /// The event, which a signal handler signals to wake the worker.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Sleeps until there are contents or the time has passed. May return early.
    pub fn wait(&self, time: Option<Duration>) {
        self.event.wait(time, || self.has_work());
    }

    /// Does the same as [`wait`](Inbox::wait), and sleeps until an open file changes at the longest; passes the changes
    /// to `report`. Returns false at once if another worker polls, or if no file is watched.
    pub fn poll(&self, time: Option<Duration>, report: impl FnMut(Change)) -> bool {
        self.event.poll(time, || self.has_work(), report)
    }

    fn has_work(&self) -> bool {
        self.is_full.load(Ordering::SeqCst) || sigquit::is_asked()
    }
}
