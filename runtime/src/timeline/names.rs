//! The names of threads, and the words for states.

use std::mem::offset_of;
use std::slice;

use weft_abi::trace::{TraceIo, TraceSpawn, TraceSpawns};
use weft_abi::{IoKind, ParkReason, Task, TraceEvent, WaitKind};

use crate::arch;
use crate::text::strings;

/// The places of the program that spawn threads, by their rows.
#[derive(Default)]
pub struct Spawns(Vec<Option<Spawn>>);

/// A place that spawns threads.
pub struct Spawn {
    /// The name of the spawned function.
    pub name: &'static str,
    /// The position of the `spawn`: `FILE:LINE:COLUMN`.
    pub position: String,
}

impl Spawns {
    /// The places of this program.
    pub fn of_program() -> Spawns {
        let table = arch::trace_spawns();
        if table.is_null() {
            return Spawns::default();
        }
        // SAFETY: the compiler writes the rows behind the count, with strings and sites that are constants.
        unsafe {
            let rows = table.byte_add(size_of::<TraceSpawns>()).cast::<TraceSpawn>();
            let rows = slice::from_raw_parts(rows, (*table).count as usize);
            let spawn = |row: &TraceSpawn| {
                let site = row.site.as_ref()?;
                let file = strings::as_str(site.file);
                let position = format!("{file}:{}:{}", site.line, site.column);
                Some(Spawn { name: strings::as_str(row.name), position })
            };
            Spawns(rows.iter().map(spawn).collect())
        }
    }

    /// The place of a row.
    pub fn get(&self, row: usize) -> Option<&Spawn> {
        self.0.get(row)?.as_ref()
    }
}

/// A thing that a thread waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// A value from the channel with this number.
    Receive(usize),
    /// A receiver for a value, or room in the buffer, of the channel with this number.
    Send(usize),
    /// The end of the thread with this number, if it is known.
    Join(Option<u64>),
    /// Something else, by its name.
    Other(&'static str),
}

/// An open file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenFile {
    kind: IoKind,
    /// The file descriptor.
    descriptor: u64,
}

impl OpenFile {
    /// The file in an event of the kind `Transfer` or `Change`.
    pub fn of(event: TraceEvent) -> OpenFile {
        OpenFile { kind: IoKind::of_number(u32::from(event.small() >> 4)), descriptor: event.word >> 40 }
    }
}

impl std::fmt::Display for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            IoKind::Socket => "socket",
            IoKind::Pipe => "pipe",
            IoKind::Process => "process",
            IoKind::Signals => "signals",
        };
        write!(f, "{kind} {}", self.descriptor)
    }
}

/// The operation in an event of the kind `Transfer` or `Change`.
pub fn operation(event: TraceEvent) -> TraceIo {
    TraceIo::ALL.get(usize::from(event.small() & 0xf)).copied().unwrap_or(TraceIo::Read)
}

/// A state of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// A worker runs the thread.
    Running,
    /// The thread is runnable.
    Ready,
    /// The thread waits.
    Waiting(Wait),
}

/// The end of a time slice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The thread has begun to wait.
    Waits(Wait),
    /// Another reason, by its name.
    Other(&'static str),
}

impl std::fmt::Display for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wait::Receive(channel) => write!(f, "receive on channel {channel}"),
            Wait::Send(channel) => write!(f, "send on channel {channel}"),
            Wait::Join(Some(number)) => write!(f, "join #{number}"),
            Wait::Join(None) => f.write_str("join"),
            Wait::Other(name) => f.write_str(name),
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            State::Running => f.write_str("running"),
            State::Ready => f.write_str("ready"),
            State::Waiting(wait) => wait.fmt(f),
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::Waits(wait) => wait.fmt(f),
            Reason::Other(name) => f.write_str(name),
        }
    }
}

/// The address of the task to whose list of joiners an address leads.
pub fn joined(list: u64) -> u64 {
    list.wrapping_sub(offset_of!(Task, joiners) as u64)
}

/// The kind of the list in an event of the kind `Wait`.
pub fn kind_of_list(event: TraceEvent) -> WaitKind {
    WaitKind::ALL.get((event.word >> 48) as usize).copied().unwrap_or(WaitKind::Condition)
}

/// The name of a wait in one side of a list that is neither a channel's nor a task's.
pub fn in_list(kind: WaitKind, side: u8) -> &'static str {
    match kind {
        WaitKind::Join => "join",
        WaitKind::Channel => "channel",
        WaitKind::Mutex => "mutex",
        WaitKind::Condition => "condition",
        WaitKind::Scope => "scope",
        WaitKind::Semaphore => "semaphore",
        WaitKind::WaitGroup => "wait group",
        WaitKind::Barrier => "barrier",
        WaitKind::Once => "once",
        WaitKind::RwLock => "reader-writer lock",
        WaitKind::Io if side == 0 => "read of an open file",
        WaitKind::Io => "write to an open file",
    }
}

/// The name of a multi-wait.
pub fn multi_wait(reason: u8) -> &'static str {
    match ParkReason::ALL.get(usize::from(reason)) {
        Some(ParkReason::Select) => "select",
        Some(ParkReason::Sleep) => "sleep",
        Some(ParkReason::Call) => "blocking call",
        None => "wait",
    }
}
