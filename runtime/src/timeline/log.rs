//! The events of a worker, with their times in nanoseconds.
//!
//! A time between two readings of the clock is interpolated: the events between them are taken to be equally far apart.

use std::ptr::with_exposed_provenance;
use std::sync::atomic::Ordering;

use weft_abi::stack::{REQUEST_LIMIT, RESERVE};
use weft_abi::{StackBase, TraceEvent, TraceKind, Worker};

use super::{Clock, Running, ring};
use crate::arch;
use crate::os;

/// The time in nanoseconds that an event takes on a virtual clock.
const TICK: u64 = 1_000;

/// The events of a worker.
pub struct Log {
    /// The events, oldest first, without readings of the clock. Each event is at least a nanosecond later than the one
    /// before it.
    pub events: Vec<(u64, TraceEvent)>,
    /// The number of events that the ring has lost.
    pub lost: u64,
    /// The time of the first event that is kept, or of the start of the worker.
    pub start: u64,
    /// The time of the end of the trace.
    pub end: u64,
    /// The thread that ran at the end.
    pub running: Running,
}

impl Log {
    /// Makes `first` the time 0.
    fn begin_at(&mut self, first: u64) {
        self.start -= first;
        self.end -= first;
        self.events.iter_mut().for_each(|(time, _)| *time -= first);
    }
}

/// The logs of all workers; `last` is the worker that ends the process, or null.
pub fn all(clock: Clock, last: *mut Worker) -> Vec<Log> {
    let (contents, scale) = (ring::all(), Scale::now(clock));
    let log = |contents: ring::Contents| {
        // The worker that ends the process records what it runs.
        let running = if contents.worker == last { None } else { running(contents.worker) };
        timed(&contents.events, contents.lost, scale, running)
    };
    let mut logs: Vec<Log> = contents.into_iter().map(log).collect();
    if clock != Clock::Virtual {
        let first = logs.iter().map(|log| log.start).min().unwrap_or(0);
        logs.iter_mut().for_each(|log| log.begin_at(first));
    }
    logs
}

/// The thread that a worker runs. The worker may go on meanwhile; then the result may be wrong, or `None`.
fn running(worker: *mut Worker) -> Running {
    // SAFETY: the worker lives as long as the process. A limit that is no request lies above the base of a stack block;
    // the base of each block is readable, and the task of a block in use is alive.
    unsafe {
        let limit = (*(*worker).limit_slot).load(Ordering::Relaxed);
        if limit == 0 || limit == REQUEST_LIMIT {
            return None;
        }
        let base: *const StackBase = with_exposed_provenance(limit as usize - RESERVE);
        let task = (&raw const (*base).owner).read_volatile();
        (!task.is_null()).then(|| (*task).waiter.number)
    }
}

/// The relation of time stamps to nanoseconds since the start.
#[derive(Clone, Copy)]
pub enum Scale {
    /// There are no stamps.
    Virtual,
    /// The first and the last stamp, and the nanoseconds between them.
    Real { first: u64, last: u64, time: u64 },
}

impl Scale {
    fn now(clock: Clock) -> Scale {
        match clock {
            Clock::Virtual => Scale::Virtual,
            Clock::Real { stamp, time } => Scale::Real {
                first: stamp,
                last: arch::time_stamp(),
                time: (os::now() - time).max(1).cast_unsigned(),
            },
        }
    }

    fn of(self, stamp: u64) -> u64 {
        match self {
            Scale::Virtual => 0,
            Scale::Real { first, last, time } => {
                let passed = u128::from(stamp.saturating_sub(first));
                (passed * u128::from(time) / u128::from(last.saturating_sub(first).max(1))) as u64
            }
        }
    }
}

/// Gives each event its time.
pub fn timed(events: &[TraceEvent], lost: u64, scale: Scale, running: Running) -> Log {
    match scale {
        Scale::Virtual => {
            let time = |index: usize| (lost + index as u64 + 1) * TICK;
            let timed = events.iter().enumerate().map(|(index, &event)| (time(index), event)).collect();
            Log { events: timed, lost, start: lost * TICK, end: time(events.len()), running }
        }
        Scale::Real { last, .. } => interpolated(events, lost, scale, last, running),
    }
}

fn interpolated(events: &[TraceEvent], mut lost: u64, scale: Scale, last: u64, running: Running) -> Log {
    let is_time = |event: &TraceEvent| event.kind() == TraceKind::Time as u8;
    // Events before the first reading have no time.
    let first = events.iter().position(is_time).unwrap_or(events.len());
    lost += first as u64;
    let (mut timed, mut at) = (Vec::with_capacity(events.len()), first);
    let start = events.get(first).map_or(0, |event| scale.of(event.word));
    let mut before = start;
    while at < events.len() {
        let from = scale.of(events[at].word);
        let rest = &events[at + 1..];
        let count = rest.iter().position(is_time).unwrap_or(rest.len());
        let to = rest.get(count).map_or(last, |event| event.word);
        let to = scale.of(to).max(from);
        for (index, &event) in rest[..count].iter().enumerate() {
            let part = u128::from(to - from) * index as u128 / count as u128;
            before = (from + part as u64).max(before + 1);
            timed.push((before, event));
        }
        at += 1 + count;
    }
    let end = scale.of(last).max(before + 1);
    Log { events: timed, lost, start, end, running }
}
