//! Times at which green threads are to be woken.
//!
//! A heap, the earliest first: a million sleeping threads cost twenty comparisons each. One that no longer waits for
//! its time, because it was cancelled or another arm of its `select` was faster, stays until its time comes, or until
//! more than half of the heap are such: then they are dropped.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use weft_abi::{Task, WaitTicket};

/// A time, by the monotonic clock in nanoseconds, and what is chosen then.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Timer {
    time: i64,
    /// Among equal times the first one first.
    number: u64,
    alarm: Alarm,
}

/// What a timer chooses when its time has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alarm {
    /// Who waits.
    pub task: *mut Task,
    /// The multi-wait that its time ends.
    pub ticket: WaitTicket,
    /// The arm.
    pub arm: u32,
}

/// All timers of the process.
pub struct Timers {
    heap: BinaryHeap<Reverse<Timer>>,
    last: u64,
    /// When the heap is so large, those that nobody waits for are looked for.
    limit: usize,
}

// SAFETY: a task belongs to no OS thread.
unsafe impl Send for Timers {}

/// Below this the heap is left alone.
const LEAST_LIMIT: usize = 1024;

static TIMERS: Mutex<Timers> = Mutex::new(Timers::new());

/// The timers of the process. Not to be held over anything that may take them again.
pub fn lock() -> MutexGuard<'static, Timers> {
    TIMERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Alarm {
    /// Whether its thread still waits for this.
    ///
    /// # Safety
    /// The task is alive.
    unsafe fn is_awaited(&self) -> bool {
        // SAFETY: as the caller promises.
        self.ticket.is_open() && unsafe { (*self.task).wait_state.ticket() } == self.ticket
    }
}

impl Timers {
    const fn new() -> Timers {
        Timers { heap: BinaryHeap::new(), last: 0, limit: LEAST_LIMIT }
    }

    /// Has the alarm go off at that time.
    ///
    /// # Safety
    /// The task is alive, and what [`Timers::alarms`] names stays so.
    pub unsafe fn add(&mut self, time: i64, alarm: Alarm) {
        if self.heap.len() >= self.limit {
            // SAFETY: as the caller promises.
            self.heap.retain(|timer| unsafe { timer.0.alarm.is_awaited() });
            self.limit = (2 * self.heap.len()).max(LEAST_LIMIT);
        }
        self.last += 1;
        self.heap.push(Reverse(Timer { time, number: self.last, alarm }));
    }

    /// The alarm of the earliest time, if it has come.
    pub fn take_due(&mut self, now: i64) -> Option<Alarm> {
        let due = self.heap.peek().is_some_and(|timer| timer.0.time <= now);
        due.then(|| self.heap.pop()).flatten().map(|timer| timer.0.alarm)
    }

    /// The earliest time that a thread still waits for.
    ///
    /// # Safety
    /// As for [`Timers::add`].
    pub unsafe fn next(&mut self) -> Option<i64> {
        loop {
            let first = self.heap.peek()?.0;
            // SAFETY: as the caller promises.
            if unsafe { first.alarm.is_awaited() } {
                return Some(first.time);
            }
            self.heap.pop();
        }
    }

    /// Whether there are none; some may be those that nobody waits for.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The tasks of all timers, after those were dropped that nobody waits for: a collection may take their memory.
    ///
    /// # Safety
    /// As for [`Timers::add`].
    pub unsafe fn tasks(&mut self) -> impl Iterator<Item = *mut Task> {
        // SAFETY: as the caller promises.
        self.heap.retain(|timer| unsafe { timer.0.alarm.is_awaited() });
        self.heap.iter().map(|timer| timer.0.alarm.task)
    }
}

#[cfg(test)]
mod tests {
    use weft_abi::Decision;

    use super::*;

    /// A task in its `count`-th multi-wait, and the ticket of that.
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
    fn those_that_nobody_waits_for_are_dropped() {
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
