//! Timers: a heap of wake-up times of green threads.
//!
//! The earliest time is first in the heap. With a million sleeping threads, a timer costs about twenty comparisons. A
//! timer becomes stale when its thread no longer waits for it, because the thread was cancelled or another arm of its
//! `select` was faster. A stale timer is not removed at once. It is dropped when it has become the earliest timer, or
//! in a clean-up of all stale timers: at a collection, and when the heap has doubled since the last clean-up:
//!
//! ```text
//!   sleep(5), sleep(9) and a select with a timeout of 7     heap: 5 7 9
//!   the select gets a value                                 heap: 5 7 9     7 is stale
//!   at 5                                                    take_due: wakes the first thread
//!   which time is awaited next?                             next: drops 7, returns 9
//! ```

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use weft_abi::{Task, WaitTicket};

use crate::os::locks::{Held, Lock, Rank};

/// An alarm, and its time in nanoseconds of the monotonic clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Timer {
    time: i64,
    /// Orders timers with equal times: the timer that was added first goes off first.
    number: u64,
    alarm: Alarm,
}

/// The multi-wait that a timer decides when it is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alarm {
    /// The thread that waits.
    pub task: *mut Task,
    /// The multi-wait that the timer ends.
    pub ticket: WaitTicket,
    /// The arm that is chosen.
    pub arm: u32,
}

/// All timers of the process.
pub struct Timers {
    heap: BinaryHeap<Reverse<Timer>>,
    last: u64,
    /// The size of the heap at which stale timers are dropped.
    limit: usize,
}

// SAFETY: a task belongs to the process, not to an OS thread, and the lock orders accesses to the heap.
unsafe impl Send for Timers {}

/// The smallest limit. A smaller heap is not worth a clean-up, since a stale timer takes only 40 bytes.
const LEAST_LIMIT: usize = 1024;

const _: () = assert!(size_of::<Reverse<Timer>>() == 40);

static TIMERS: Lock<Timers> = Lock::new(Rank::Timers, Timers::new());

/// The timers of the process.
pub fn lock() -> Held<'static, Timers> {
    TIMERS.lock()
}

impl Alarm {
    /// Whether the multi-wait is still open.
    ///
    /// # Safety
    /// The task is alive.
    unsafe fn is_awaited(&self) -> bool {
        // SAFETY: the task is alive, and its wait state is atomic.
        self.ticket.is_open() && unsafe { (*self.task).wait_state.ticket() } == self.ticket
    }
}

impl Timers {
    const fn new() -> Timers {
        Timers { heap: BinaryHeap::new(), last: 0, limit: LEAST_LIMIT }
    }

    /// Adds an alarm that goes off at `time`.
    ///
    /// # Safety
    /// The task is alive, and collections keep the tasks of all timers alive, see [`Timers::tasks`].
    pub unsafe fn add(&mut self, time: i64, alarm: Alarm) {
        if self.heap.len() >= self.limit {
            // SAFETY: collections keep the tasks of all timers alive.
            self.heap.retain(|timer| unsafe { timer.0.alarm.is_awaited() });
            self.limit = (2 * self.heap.len()).max(LEAST_LIMIT);
        }
        self.last += 1;
        self.heap.push(Reverse(Timer { time, number: self.last, alarm }));
    }

    /// Removes and returns the earliest alarm, if it is due.
    pub fn take_due(&mut self, now: i64) -> Option<Alarm> {
        let due = self.heap.peek().is_some_and(|timer| timer.0.time <= now);
        due.then(|| self.heap.pop()).flatten().map(|timer| timer.0.alarm)
    }

    /// The earliest time for which a thread still waits. Drops the stale timers before that time.
    ///
    /// # Safety
    /// As for [`Timers::add`].
    pub unsafe fn next(&mut self) -> Option<i64> {
        loop {
            let first = self.heap.peek()?.0;
            // SAFETY: collections keep the tasks of all timers alive.
            if unsafe { first.alarm.is_awaited() } {
                return Some(first.time);
            }
            self.heap.pop();
        }
    }

    /// Whether there are no timers, not even stale timers.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Drops the stale timers and returns the tasks of all other timers. A collection may free the tasks of stale
    /// timers.
    ///
    /// # Safety
    /// As for [`Timers::add`].
    pub unsafe fn tasks(&mut self) -> impl Iterator<Item = *mut Task> {
        // SAFETY: collections have kept the tasks of all timers alive until this call.
        self.heap.retain(|timer| unsafe { timer.0.alarm.is_awaited() });
        self.heap.iter().map(|timer| timer.0.alarm.task)
    }
}

#[cfg(test)]
mod tests {
    use weft_abi::Decision;

    use super::*;

    /// A task in its `count`-th multi-wait, and the ticket of that wait.
    fn task(count: u64) -> (*mut Task, WaitTicket) {
        // SAFETY: a task may be all zeros.
        let task: Box<Task> = Box::new(unsafe { std::mem::zeroed() });
        let mut ticket = task.wait_state.open();
        for _ in 1..count {
            assert_eq!(task.wait_state.decide(ticket), Decision::Won);
            task.wait_state.publish();
            ticket = task.wait_state.open();
        }
        (Box::leak(task), ticket)
    }

    #[test]
    fn the_earliest_goes_off_first_and_equal_ones_in_order() {
        let mut timers = Timers::new();
        let (task, ticket) = task(1);
        for (arm, time) in [30, 10, 20, 10].into_iter().enumerate() {
            // SAFETY: the task lives for ever.
            unsafe { timers.add(time, Alarm { task, ticket, arm: arm as u32 }) };
        }
        let mut due = |now| timers.take_due(now).map(|alarm| alarm.arm);
        assert_eq!(due(9), None);
        assert_eq!([due(20), due(20), due(20), due(20)], [Some(1), Some(3), Some(2), None]);
        assert_eq!([due(30), due(30)], [Some(0), None]);
    }

    #[test]
    fn stale_timers_are_dropped() {
        let mut timers = Timers::new();
        let ((waits, ticket), (gone, _)) = (task(1), task(2));
        for time in 0..10 * LEAST_LIMIT as i64 {
            // SAFETY: the tasks live for ever.
            unsafe { timers.add(time, Alarm { task: gone, ticket, arm: 0 }) };
        }
        assert!(timers.heap.len() <= LEAST_LIMIT);
        // SAFETY: as above.
        unsafe {
            assert_eq!(timers.next(), None);
            timers.add(5, Alarm { task: waits, ticket, arm: 0 });
            assert_eq!(timers.next(), Some(5));
            assert_eq!(timers.tasks().count(), 1);
        }
    }
}
