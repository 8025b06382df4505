//! Virtual time, timers, and random choices.
//!
//! The clock advances a little with each step and each time slice of a thread, and jumps to the next timer when no
//! thread is runnable. So a run does not take the time that its threads sleep, and runs are reproducible.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::value::{Task, WaitState};

/// The nanoseconds by which each reading of the clock and each time slice advance the clock. With a longer tick, a loop
/// that polls the clock runs fewer iterations; with a shorter tick, alternating threads run more time slices before a
/// timer is due. A millisecond has a thousand ticks.
const TICK: i64 = 1_000;

/// The nanoseconds that a statement takes, about as many as in compiled code. So a thread that computes until a
/// deadline gets about as far as in a compiled program.
const STEP: i64 = 5;

const NANOSECONDS_OF_MILLISECOND: i64 = 1_000_000;

/// A timer of a multi-wait: when it is due, it chooses an arm.
pub(super) struct Alarm {
    pub(super) task: Rc<Task>,
    /// The number of the multi-wait.
    pub(super) pause: u64,
    pub(super) arm: i64,
}

impl Alarm {
    /// Whether the thread still waits in the timer's multi-wait.
    fn is_awaited(&self) -> bool {
        self.task.pauses.get() == self.pause && self.task.wait_state.get() == WaitState::Open
    }
}

/// The clock and its timers.
#[derive(Default)]
pub(super) struct Clock {
    now: i64,
    /// The timers by due time; timers with equal times are in the order in which they were set.
    alarms: BTreeMap<(i64, u64), Alarm>,
    set: u64,
}

impl Clock {
    /// Advances by one tick; returns the time in nanoseconds.
    pub(super) fn tick(&mut self) -> i64 {
        self.now += TICK;
        self.now
    }

    /// Advances by the time of `steps` steps.
    pub(super) fn pass(&mut self, steps: u64) {
        self.now = self.now.saturating_add(STEP.saturating_mul(steps as i64));
    }

    /// Sets a timer that is due in the given number of milliseconds.
    pub(super) fn set(&mut self, milliseconds: i64, alarm: Alarm) {
        let time = self.now.saturating_add(milliseconds.max(0).saturating_mul(NANOSECONDS_OF_MILLISECOND));
        self.set += 1;
        self.alarms.insert((time, self.set), alarm);
    }

    /// Takes the next timer that is due and still awaited.
    pub(super) fn take_due(&mut self) -> Option<Alarm> {
        loop {
            let first = self.alarms.first_entry().filter(|first| first.key().0 <= self.now)?;
            let alarm = first.remove();
            if alarm.is_awaited() {
                return Some(alarm);
            }
        }
    }

    /// Takes the next timer that is still awaited, and moves the clock to its time.
    pub(super) fn jump(&mut self) -> Option<Alarm> {
        loop {
            let ((time, _), alarm) = self.alarms.pop_first()?;
            if alarm.is_awaited() {
                self.now = self.now.max(time);
                return Some(alarm);
            }
        }
    }
}

/// Reproducible random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// A random number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }
}
