//! The ring buffer of a worker: full, it overwrites the oldest events.
//!
//! The fast paths write events up to [`TraceCursor::stop`], and then call [`more`], which reads the clock. Reading the
//! clock takes longer than a whole switch, so it happens only every [`Ring::period`] events. The period follows from
//! the rate of events: while events are rare, each event gets a time of its own; while they are frequent, the times
//! between two readings, a few microseconds apart, are interpolated.
//!
//! ```text
//!   Time  Wake  Wait  Wake  Wait  Time  Wait  Time  Wake ...
//!         └──── a period of 4 ─────┘     └ 1 ┘
//! ```
//!
//! With a virtual clock there are no readings, and `stop` is the end of the ring.

use std::cell::Cell;
use std::hint;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence};

use weft_abi::trace::TraceCursor;
use weft_abi::{TraceEvent, TraceKind, Worker};

use super::{Clock, RECORDING};
use crate::arch::{self, Current};
use crate::os;

/// The number of readings at the start of each worker that belong to single events: a short program gets a time for
/// every event. A reading takes up to 60 ns, so these readings take a quarter of a millisecond.
pub const EXACT: u64 = 4096;

/// The wanted distance of two readings of the clock, in ticks of the time stamp: about ten microseconds. With a larger
/// distance the times in between would be less exact, with a smaller distance the readings would take more than a
/// hundredth of the time.
const DISTANCE: u64 = 1 << 15;

/// The largest number of events between two readings.
const LONGEST_PERIOD: usize = 1024;

/// The number of events of a ring that is never read: the ring of a program that was compiled for tracing, but runs
/// without.
const UNREAD: usize = 256;

/// The rings of all workers.
static RINGS: [AtomicPtr<Ring>; Worker::MOST] = [const { AtomicPtr::new(null_mut()) }; Worker::MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The ring of a worker. Only the worker writes, and only the worker reads the cells: the writer of the trace, which
/// may be another OS thread, reads the other fields.
pub struct Ring {
    worker: *mut Worker,
    slots: *mut TraceEvent,
    size: usize,
    /// Twice the number of times that the ring was full. The number is odd while the worker goes back to the start.
    laps: AtomicU64,
    /// The number of readings of the clock, including those that were overwritten.
    readings: AtomicU64,
    reads_clock: bool,
    /// The number of events until the next reading, and the time stamp of the last one.
    period: Cell<usize>,
    last: Cell<u64>,
}

/// The contents of a ring.
pub struct Contents {
    /// The worker.
    pub worker: *mut Worker,
    /// The last events, the oldest first.
    pub events: Vec<TraceEvent>,
    /// The number of all events before `events`, without readings of the clock.
    pub lost: u64,
}

/// Makes the ring of the current worker, if the program was compiled for tracing.
pub fn create(current: Current) -> std::io::Result<()> {
    if arch::trace_spawns().is_null() {
        return Ok(());
    }
    let (size, reads_clock) = match RECORDING.get() {
        Some(recording) => (recording.events, recording.clock != Clock::Virtual),
        None => (UNREAD, false),
    };
    let bytes = (size * size_of::<TraceEvent>()).next_multiple_of(os::PAGE);
    let slots: *mut TraceEvent = os::allocate_aligned(bytes, os::PAGE)?.as_ptr().cast();
    // SAFETY: the memory was just allocated. Touching its pages now spares the program the page faults.
    unsafe { slots.write_bytes(0, size) };
    let ring = Box::into_raw(Box::new(Ring {
        worker: current.worker(),
        slots,
        size,
        laps: AtomicU64::new(0),
        readings: AtomicU64::new(0),
        reads_clock,
        period: Cell::new(1),
        last: Cell::new(arch::time_stamp()),
    }));
    // SAFETY: `current` is the token of the running worker, so no other code changes its cursor. The first event calls
    // `more`, which sets `stop`.
    unsafe {
        (*current.worker()).trace = TraceCursor { next: slots, stop: slots, ring: ring.cast() };
    }
    if reads_clock {
        more(current);
    }
    if RECORDING.get().is_some() {
        RINGS[COUNT.fetch_add(1, Ordering::Relaxed)].store(ring, Ordering::Release);
    }
    Ok(())
}

/// Reads the clock, or begins again at the start of the ring. Returns the place of the next event, and sets `stop`
/// behind that place.
pub fn more(current: Current) -> *mut TraceEvent {
    // SAFETY: `current` is the token of the running worker, so no other code changes its cursor and its ring. Only a
    // program that was compiled for tracing calls this function, and its workers have rings.
    unsafe {
        let cursor = &raw mut (*current.worker()).trace;
        let ring = &*(*cursor).ring.cast::<Ring>();
        let mut place = ring.wrapped(cursor, (*cursor).next);
        if ring.reads_clock {
            let now = arch::time_stamp();
            ring.adapt(now);
            place.write(TraceEvent { head: TraceEvent::head_of(TraceKind::Time, 0, 0), word: now });
            ring.readings.fetch_add(1, Ordering::Relaxed);
            place = ring.wrapped(cursor, place.add(1));
        }
        let end = ring.slots.add(ring.size);
        let left = end.offset_from_unsigned(place);
        (*cursor).next = place;
        (*cursor).stop = if ring.reads_clock { place.add(ring.period.get().min(left)) } else { end };
        place
    }
}

impl Ring {
    /// The place itself, or the start of the ring if the place is at the ring's end: then `cursor` goes there, too.
    ///
    /// # Safety
    /// `cursor` is the cursor of the ring's worker, which runs on this OS thread.
    unsafe fn wrapped(&self, cursor: *mut TraceCursor, place: *mut TraceEvent) -> *mut TraceEvent {
        if place != self.slots.wrapping_add(self.size) {
            return place;
        }
        self.laps.fetch_add(1, Ordering::AcqRel);
        // SAFETY: no other code changes the cursor.
        unsafe { (&raw mut (*cursor).next).write_volatile(self.slots) };
        self.laps.fetch_add(1, Ordering::Release);
        self.slots
    }

    /// Chooses the number of events until the next reading of the clock.
    fn adapt(&self, now: u64) {
        let passed = now.saturating_sub(self.last.replace(now));
        let period = self.period.get();
        self.period.set(match passed {
            _ if self.readings.load(Ordering::Relaxed) < EXACT => 1,
            _ if passed < DISTANCE / 2 => (period * 2).min(LONGEST_PERIOD).min(self.size / 4),
            _ if passed > 4 * DISTANCE => 1,
            _ if passed > DISTANCE => (period / 2).max(1),
            _ => period,
        });
    }

    /// The number of events that were ever written, readings of the clock included.
    fn written(&self) -> u64 {
        loop {
            let laps = self.laps.load(Ordering::Acquire);
            // SAFETY: the worker lives as long as the process. It may write the word at the same time; the read of an
            // aligned word is atomic.
            let next = unsafe { (&raw const (*self.worker).trace.next).read_volatile() };
            fence(Ordering::Acquire);
            // The place belongs to the lap if the worker has not gone back to the start meanwhile.
            if laps.is_multiple_of(2) && laps == self.laps.load(Ordering::Relaxed) {
                let place = (next.addr() - self.slots.addr()) / size_of::<TraceEvent>();
                return laps / 2 * self.size as u64 + place as u64;
            }
            hint::spin_loop();
        }
    }

    /// Copies the contents. The worker may go on writing, unless it is the worker of this OS thread.
    fn contents(&self) -> Contents {
        let (readings, size) = (self.readings.load(Ordering::Relaxed), self.size as u64);
        let end = self.written();
        let kept = end.saturating_sub(size)..end;
        // SAFETY: the slots live as long as the process. A slot that is overwritten at the same time is dropped below.
        let read = |number: u64| unsafe { self.slots.add((number % size) as usize).read_volatile() };
        let mut events: Vec<TraceEvent> = kept.clone().map(read).collect();
        let being_written = u64::from(self.worker != arch::current_worker());
        let overwritten = (self.written() + being_written).saturating_sub(size).saturating_sub(kept.start);
        events.drain(..(overwritten.min(events.len() as u64) as usize));
        let times = events.iter().filter(|event| event.kind() == TraceKind::Time as u8).count() as u64;
        let lost = (end - events.len() as u64).saturating_sub(readings.saturating_sub(times));
        Contents { worker: self.worker, events, lost }
    }
}

/// The contents of the rings of all workers.
pub fn all() -> Vec<Contents> {
    let rings = RINGS.iter().map(|ring| ring.load(Ordering::Acquire)).filter(|ring| !ring.is_null());
    // SAFETY: rings live as long as the process.
    rings.map(|ring| unsafe { (*ring).contents() }).collect()
}

/// Whether the current worker has a ring: whether [`record`] does anything.
pub fn has_ring(current: Current) -> bool {
    // SAFETY: `current` is the token of the running worker, so no other code changes its cursor.
    unsafe { !(*current.worker()).trace.ring.is_null() }
}

/// Records an event of the runtime. Does nothing if there is no trace.
pub fn record(current: Current, kind: TraceKind, small: u8, number: u64, word: u64) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its cursor. Below `stop` there is
    // room, and `more` returns a place with room.
    unsafe {
        let cursor = &raw mut (*current.worker()).trace;
        if (*cursor).ring.is_null() {
            return;
        }
        let place = if (*cursor).next >= (*cursor).stop { more(current) } else { (*cursor).next };
        place.write(TraceEvent { head: TraceEvent::head_of(kind, small, number), word });
        (*cursor).next = place.add(1);
    }
}

/// Records an event of the worker with the time of its own. A virtual clock has no use for such events, whose number
/// depends on the real time: they are left out unless `always` is true.
pub fn record_now(current: Current, kind: TraceKind, word: u64, always: bool) {
    // SAFETY: as in `record`.
    unsafe {
        let cursor = &raw mut (*current.worker()).trace;
        if (*cursor).ring.is_null() {
            return;
        }
        let reads_clock = (*(*cursor).ring.cast::<Ring>()).reads_clock;
        if reads_clock {
            more(current);
        }
        if reads_clock || always {
            record(current, kind, 0, 0, word);
        }
    }
}
