//! Mutexes with ranks: the order in which the runtime's locks are taken.
//!
//! An OS thread that holds a lock takes only locks of a higher [`Rank`], so no two OS threads can wait for each other.
//! Debug builds and the runtime's own tests assert this order. The chains that occur:
//!
//! ```text
//!   a collection     Stacks ──▶ Heap ──▶ Registry ──▶ Inbox
//!                                  ├───▶ Handles
//!                                  ├───▶ Calls
//!                                  ├───▶ Timers
//!                                  └───▶ Descriptors
//!   a thread dump    Stacks ──▶ Registry ──▶ Inbox
//!   the monitor      Monitor ──▶ Registry
//!   becoming idle    Registry ──▶ Inbox
//!   standard input   InputReader ──▶ InputBuffer
//! ```
//!
//! The spin locks of wait lists and tasks (`wait::list`) have no rank. A worker takes a spin lock only while it holds
//! no lock with a rank. A worker that holds a spin lock may take locks with a rank, for example to allocate, but comes
//! to no safepoint.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The rank of a lock in the order. Each rank belongs to one lock, or to one lock of each worker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// The monitor's list of workers.
    Monitor,
    /// The stack pool.
    Stacks,
    /// The heap.
    Heap,
    /// The registry of workers.
    Registry,
    /// The inbox of a worker.
    Inbox,
    /// The table of I/O handles.
    Handles,
    /// The submitted blocking calls.
    Calls,
    /// The heap of timers.
    Timers,
    /// The table of open file descriptors.
    Descriptors,
    /// The queue of the thread pool.
    ThreadPool,
    /// The right to read from standard input.
    InputReader,
    /// The bytes that were read from standard input.
    InputBuffer,
    /// The bytes that wait to be written to standard output.
    OutputBuffer,
    /// The subscriptions to signals.
    Signals,
    /// The places at which files were opened.
    Leaks,
}

/// A mutex with a rank. A panic of the holder does not poison the mutex: the process ends with the panic.
pub struct Lock<T> {
    rank: Rank,
    mutex: Mutex<T>,
}

/// Exclusive use of the value that a [`Lock`] guards; dropping the `Held` releases the lock.
pub struct Held<'a, T> {
    guard: MutexGuard<'a, T>,
    mark: Mark,
}

impl<T> Lock<T> {
    /// A lock around `value`.
    pub const fn new(rank: Rank, value: T) -> Lock<T> {
        Lock { rank, mutex: Mutex::new(value) }
    }

    /// Waits for the lock. The caller holds no lock of this or a higher rank.
    pub fn lock(&self) -> Held<'_, T> {
        let mark = Mark::in_order(self.rank);
        Held { guard: self.mutex.lock().unwrap_or_else(PoisonError::into_inner), mark }
    }

    /// Takes the lock unless it is held. Allowed in any order and in signal handlers, since it never waits.
    pub fn try_lock(&self) -> Option<Held<'_, T>> {
        let guard = self.mutex.try_lock().ok()?;
        Some(Held { guard, mark: Mark::new(self.rank) })
    }
}

impl<'a, T> Held<'a, T> {
    /// Releases the lock until `condition` is notified.
    pub fn wait(self, condition: &Condvar) -> Held<'a, T> {
        let Held { guard, mark } = self;
        Held { guard: condition.wait(guard).unwrap_or_else(PoisonError::into_inner), mark }
    }

    /// Releases the lock until `condition` is notified or the time has passed.
    pub fn wait_timeout(self, condition: &Condvar, time: Duration) -> Held<'a, T> {
        let Held { guard, mark } = self;
        let (guard, _) = condition.wait_timeout(guard, time).unwrap_or_else(PoisonError::into_inner);
        Held { guard, mark }
    }

    /// Releases the lock while `holds` returns true for the guarded value.
    pub fn wait_while(self, condition: &Condvar, holds: impl FnMut(&mut T) -> bool) -> Held<'a, T> {
        let Held { guard, mark } = self;
        Held { guard: condition.wait_while(guard, holds).unwrap_or_else(PoisonError::into_inner), mark }
    }

    /// Releases the lock while `holds` returns true, but no longer than `time`; returns whether `holds` still returns
    /// true.
    pub fn wait_timeout_while(
        self,
        condition: &Condvar,
        time: Duration,
        holds: impl FnMut(&mut T) -> bool,
    ) -> (Held<'a, T>, bool) {
        let Held { guard, mark } = self;
        let waited = condition.wait_timeout_while(guard, time, holds);
        let (guard, result) = waited.unwrap_or_else(PoisonError::into_inner);
        (Held { guard, mark }, result.timed_out())
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

#[cfg(any(debug_assertions, test))]
use checked::Mark;
#[cfg(not(any(debug_assertions, test)))]
use unchecked::Mark;

/// The ranks of the locks that this OS thread holds.
#[cfg(any(debug_assertions, test))]
mod checked {
    use std::cell::Cell;

    use super::Rank;

    thread_local! {
        /// A set of ranks: a bit for each rank of which this OS thread holds a lock.
        static HELD: Cell<u32> = const { Cell::new(0) };
    }

    /// Notes that a lock of a rank is held, until the `Mark` is dropped.
    pub struct Mark(u32);

    impl Mark {
        pub fn new(rank: Rank) -> Mark {
            let bit = 1 << rank as u32;
            HELD.set(HELD.get() | bit);
            Mark(bit)
        }

        pub fn in_order(rank: Rank) -> Mark {
            let held = HELD.get();
            assert!(
                held < 1 << rank as u32,
                "BUG: a lock of rank {rank:?} is taken while {held:#b} are held"
            );
            Mark::new(rank)
        }
    }

    impl Drop for Mark {
        fn drop(&mut self) {
            HELD.set(HELD.get() & !self.0);
        }
    }
}

/// A zero-sized replacement for builds that do not check ranks.
#[cfg(not(any(debug_assertions, test)))]
mod unchecked {
    use super::Rank;

    pub struct Mark;

    impl Mark {
        pub fn new(_rank: Rank) -> Mark {
            Mark
        }

        pub fn in_order(_rank: Rank) -> Mark {
            Mark
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LOW: Lock<()> = Lock::new(Rank::Stacks, ());
    static HIGH: Lock<()> = Lock::new(Rank::Heap, ());

    #[test]
    fn locks_are_taken_upwards_and_given_up_in_any_order() {
        for _ in 0..2 {
            let low = LOW.lock();
            let high = HIGH.lock();
            drop(low);
            drop(high);
        }
        let _high = HIGH.lock();
        assert!(LOW.try_lock().is_some());
    }

    #[test]
    #[should_panic(expected = "BUG: a lock of rank Stacks is taken")]
    fn a_lock_below_one_that_is_held_is_refused() {
        static BELOW: Lock<()> = Lock::new(Rank::Stacks, ());
        static ABOVE: Lock<()> = Lock::new(Rank::Heap, ());
        let _above = ABOVE.lock();
        drop(BELOW.lock());
    }
}
