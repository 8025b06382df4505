//! Traces of schedules: the events that each worker records in a ring buffer of its own.
//!
//! Only a program that was compiled for tracing records events in its inlined fast paths. An event is 16 bytes: a kind,
//! a small number, the number of a green thread, and a word:
//!
//! ```text
//!   head   63      56 55     48 47                              0
//!         │   kind   │  small  │  number of the green thread    │
//!   word   a list, a task or a time, as the kind says; garbage if the kind has no word
//! ```
//!
//! A time slice has a single event of its own, at its end: the event names the thread that has run. The slice began
//! where the slice before it ended. So a switch records only what it knows anyway, and nothing about the next thread.
//!
//! Events have no times. When [`TraceCursor::next`] reaches [`TraceCursor::stop`], the runtime reads the clock, records
//! the time as an event of the kind [`TraceKind::Time`], and sets the next stop.

/// An event.
#[repr(C)]
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TraceEvent {
    /// The kind, the small number and the thread's number; see [`TraceEvent::head_of`].
    pub head: u64,
    /// The word, if the kind has one.
    pub word: u64,
}

impl TraceEvent {
    /// The head of an event.
    #[inline(always)]
    pub const fn head_of(kind: TraceKind, small: u8, number: u64) -> u64 {
        (kind as u64) << 56 | (small as u64) << 48 | number
    }

    /// The number of the kind.
    pub const fn kind(self) -> u8 {
        (self.head >> 56) as u8
    }

    /// The small number.
    pub const fn small(self) -> u8 {
        (self.head >> 48) as u8
    }

    /// The number of the green thread.
    pub const fn number(self) -> u64 {
        self.head & TRACE_LOW
    }
}

/// The bits of the number of a thread in a head, and of an address in a word. The 16 bits above may have a number of
/// their own.
pub const TRACE_LOW: u64 = (1 << 48) - 1;

/// The bits of the number of bytes in the word of a [`TraceKind::Transfer`]. The descriptor is in the bits above.
pub const TRACE_BYTES: u64 = (1 << 40) - 1;

/// The kinds of events. "The thread" is the one with the event's number.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceKind {
    /// No event: the place was never written.
    None = 0,
    /// The time; the word is the processor's time stamp.
    Time,

    // Events that end a time slice of the thread.
    /// The thread has yielded.
    Yield,
    /// The thread was preempted.
    Preempt,
    /// The thread waits in a list. Small: the side. Word: the list's address, and above it the number of its
    /// [`WaitKind`](crate::WaitKind).
    Wait,
    /// The thread waits in a multi-wait. Small: the number of a [`ParkReason`](crate::ParkReason).
    MultiWait,
    /// The thread has returned, or has ended by itself. Small: the number of a [`TraceEnd`].
    End,
    /// The thread ends the process.
    Exit,

    // Events in a time slice, or of the runtime between slices.
    /// The thread is new. Word: the address of its task, and above it the row of its `spawn` in [`TraceSpawns`].
    Spawn,
    /// The thread was woken. Small: the outcome.
    Wake,
    /// The thread was woken in a `select`. Small: the outcome, plus two times the side of the arm.
    WakeArm,
    /// The thread was cancelled where it waits, and has ended. Small: the number of a [`TraceEnd`].
    EndOther,
    /// The thread was cancelled where it waits, and unwinds.
    Unwind,
    /// A value was sent into a channel's buffer. Word: the address of the channel's list.
    BufferPut,
    /// A value was received from a channel's buffer. Word: as for `BufferPut`.
    BufferGet,
    /// The value of the sender that is woken next goes into a channel's buffer. Word: as for `BufferPut`.
    BufferMove,
    /// The thread's stack has grown. Word: the old size in bytes, and the new size shifted by 32 bits.
    Grow,
    /// The thread has read from or written to an open file. Small: the number of a [`TraceIo`], and above its four bits
    /// the number of the file's [`IoKind`](crate::IoKind). Word: the number of bytes, and above it the descriptor.
    Transfer,

    // Events of the worker. Their thread is 0.
    /// The worker begins to run threads again, after the run loop.
    Resume,
    /// The worker sleeps, because no thread is runnable.
    Sleep,
    /// The worker has slept.
    Awake,
    /// A collection begins on this worker. Word: its number.
    Collect,
    /// The collection has ended. Word: the live bytes.
    Collected,
    /// The worker stops for a collection or a thread dump of another worker.
    Stop,
    /// The worker goes on.
    GoOn,
    /// The system has reported that an open file is ready. Small and word: as for `Transfer`, without bytes.
    Change,
}

impl TraceKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [TraceKind; 26] = [
        TraceKind::None,
        TraceKind::Time,
        TraceKind::Yield,
        TraceKind::Preempt,
        TraceKind::Wait,
        TraceKind::MultiWait,
        TraceKind::End,
        TraceKind::Exit,
        TraceKind::Spawn,
        TraceKind::Wake,
        TraceKind::WakeArm,
        TraceKind::EndOther,
        TraceKind::Unwind,
        TraceKind::BufferPut,
        TraceKind::BufferGet,
        TraceKind::BufferMove,
        TraceKind::Grow,
        TraceKind::Transfer,
        TraceKind::Resume,
        TraceKind::Sleep,
        TraceKind::Awake,
        TraceKind::Collect,
        TraceKind::Collected,
        TraceKind::Stop,
        TraceKind::GoOn,
        TraceKind::Change,
    ];
}

/// An operation on an open file, or what the file is ready for.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceIo {
    /// Bytes go from the file to the thread.
    Read,
    /// Bytes go from the thread to the file.
    Write,
    /// A connection was accepted.
    Accept,
}

impl TraceIo {
    /// All operations, in the order of their numbers.
    pub const ALL: [TraceIo; 3] = [TraceIo::Read, TraceIo::Write, TraceIo::Accept];
}

/// The end of a thread.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceEnd {
    /// The thread's function has returned.
    Returned = 0,
    /// The thread has panicked.
    Panicked = 1,
    /// The thread was cancelled.
    Cancelled = 2,
}

impl TraceEnd {
    /// All ends, in the order of their numbers.
    pub const ALL: [TraceEnd; 3] = [TraceEnd::Returned, TraceEnd::Panicked, TraceEnd::Cancelled];
}

/// The place of a worker in its ring buffer of events.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TraceCursor {
    /// The place of the next event.
    pub next: *mut TraceEvent,
    /// The place at which the runtime has to be called before an event is written.
    pub stop: *mut TraceEvent,
    /// The runtime's data about the ring; null in a program that was not compiled for tracing.
    pub ring: *mut u8,
}

impl TraceCursor {
    /// The cursor of a worker without a ring.
    pub const NONE: TraceCursor =
        TraceCursor { next: core::ptr::null_mut(), stop: core::ptr::null_mut(), ring: core::ptr::null_mut() };
}

/// The symbol of the [`TraceSpawns`] of a program that was compiled for tracing. Other programs do not define it.
pub const TRACE_SPAWNS_SYMBOL: &str = "weft_trace_spawns";

/// The table of the places that spawn threads: this struct, followed by the rows. Row 0 is for places that have no room
/// in the table, and has no position.
#[repr(C)]
pub struct TraceSpawns {
    /// The number of rows.
    pub count: u64,
}

/// A row of [`TraceSpawns`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TraceSpawn {
    /// The position of the `spawn`; null in row 0.
    pub site: *const crate::Site,
    /// The name of the spawned function.
    pub name: *const crate::StringObject,
}

const _: () =
    assert!(size_of::<TraceEvent>() == 16 && TraceKind::ALL.len() == TraceKind::Change as usize + 1);
