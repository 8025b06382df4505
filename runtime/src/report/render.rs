//! The texts of panics, deadlocks and faults. The functions here only format data.
//!
//! Texts of the program in a report stay readable, but cannot imitate the report itself: characters that control a
//! terminal or the direction of text are shown as escapes, and all lines of a message but the first are indented.

use std::fmt::Write;

use weft_abi::IoKind;

use crate::os::{self, sockets};
use crate::trace::{Call, Trace};

#[cfg(test)]
mod tests;

/// A position in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position<'a> {
    /// The file's name as it was given to the compiler.
    pub file: &'a str,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
}

/// The data by which reports name a green thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GreenThread<'a> {
    /// The thread's number; 1 for the main thread.
    pub number: u64,
    /// The position of the `spawn`; `None` for the main thread.
    pub spawned: Option<Position<'a>>,
}

/// A panic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Panic<'a> {
    /// The message.
    pub message: &'a str,
    /// The position of the panic, if known.
    pub position: Option<Position<'a>>,
    /// The thread that panicked.
    pub thread: GreenThread<'a>,
    /// If a join passed the panic on: the joined thread, the thread that this thread had joined, and so on. Otherwise
    /// empty.
    pub passed_on: &'a [GreenThread<'a>],
    /// The calls of the thread.
    pub trace: &'a Trace,
}

/// A green thread of a deadlock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting<'a> {
    /// The thread.
    pub thread: GreenThread<'a>,
    /// The reason for which the thread waits.
    pub wait: Wait,
    /// The position at which the thread waits, if known.
    pub position: Option<Position<'a>>,
}

/// The reasons for which a green thread can wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Wait {
    /// The end of the thread with this number.
    Join(u64),
    /// The end of other threads, for a group of threads each of which joins a different thread.
    Joins,
    /// A value from a channel.
    Receive,
    /// A receiver or room in the buffer, for a value that the thread sends to a channel.
    Send,
    /// A mutex, which the thread with this number holds. `None` for a group of threads.
    Mutex(Option<u64>),
    /// A `Once`, whose function the thread with this number runs.
    Once(Option<u64>),
    /// An internal lock of a reader-writer lock, which the thread with this number holds.
    RwLock(Option<u64>),
    /// A condition's signal.
    Condition,
    /// A permit of a semaphore.
    Semaphore,
    /// The completion of a wait group.
    Group,
    /// The other threads of a barrier.
    Barrier,
    /// An open file, until it can be read; `None` for a group of threads.
    Read(Option<OpenFile>),
    /// An open file, until it can be written to; `None` for a group of threads.
    Write(Option<OpenFile>),
    /// The end of the threads of a scope.
    Scope,
    /// An arm of a `select`.
    Select,
    /// The end of a sleep.
    Sleep,
    /// A blocking call.
    Call,
}

/// An open file for which a thread waits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OpenFile {
    /// The kind of the file.
    pub kind: IoKind,
    /// The file descriptor.
    pub descriptor: i32,
    /// The number of a process.
    pub process: u32,
    /// The time since which the thread waits, in nanoseconds of the monotonic clock.
    pub since: i64,
}

impl Wait {
    /// The reason without numbers of threads, for a group of threads.
    pub fn of_many(self) -> Wait {
        match self {
            Wait::Join(_) => Wait::Joins,
            Wait::Mutex(_) => Wait::Mutex(None),
            Wait::Once(_) => Wait::Once(None),
            Wait::RwLock(_) => Wait::RwLock(None),
            Wait::Read(_) => Wait::Read(None),
            Wait::Write(_) => Wait::Write(None),
            Wait::Joins
            | Wait::Receive
            | Wait::Send
            | Wait::Condition
            | Wait::Semaphore
            | Wait::Group
            | Wait::Barrier
            | Wait::Scope
            | Wait::Select
            | Wait::Sleep
            | Wait::Call => self,
        }
    }
}

/// The signal of a memory fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// `SIGSEGV`
    Segmentation,
    /// `SIGBUS`
    Bus,
}

/// A memory fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault<'a> {
    /// The signal.
    pub signal: Signal,
    /// The address of the access, if known. It is not known if another process has sent the signal.
    pub address: Option<u64>,
    /// The thread that ran; `None` if the runtime ran for no thread, or if the thread is unknown.
    pub thread: Option<GreenThread<'a>>,
    /// The position in the source, if known.
    pub position: Option<Position<'a>>,
}

/// The largest number of threads that the report of a panic names in lines `by way of`, if joins have passed the panic
/// on.
pub const PASSED_ON_SHOWN: usize = 16;

/// The largest number of threads that the report of a deadlock describes. Collections keep this number of unreachable
/// threads for the report, so a larger number would cost memory.
pub const THREADS_SHOWN: usize = 100;

/// Renders a panic:
///
/// ```text
/// panic: integer overflow in addition
///   at sum.weft:3:9
///   in green thread 2, spawned at sum.weft:10:11
///   calls:
///     0: add at sum.weft:3:9
///     1: work at sum.weft:7:3
/// ```
///
/// If joins have passed the panic on, the report also names the thread that panicked first, and the threads through
/// which the panic was passed on:
///
/// ```text
/// panic: integer overflow in addition
///   at sum.weft:12:5
///   in green thread 1 (main)
///   from green thread 3, spawned at sum.weft:8:11
///   by way of green thread 2, spawned at sum.weft:11:11
/// ```
pub fn panic(panic: &Panic) -> String {
    let mut out = Report(String::new());
    out.line(&format!("panic: {}", message(panic.message, "       ")));
    if let Some(position) = &panic.position {
        out.line(&format!("  at {}", place(position)));
    }
    out.line(&format!("  in {}{}", thread(&panic.thread), spawned(&panic.thread)));
    out.passed_on(panic.passed_on);
    out.calls(panic.trace);
    out.0
}

/// Renders a deadlock of `count` green threads. The report shows at most [`THREADS_SHOWN`] entries of `waiting`.
///
/// ```text
/// deadlock: 2 green threads are waiting
///   green thread 1 (main) waits to join green thread 2 at ring.weft:9:5
///   green thread 2 waits to join green thread 1 at ring.weft:4:5, spawned at ring.weft:8:11
/// ```
pub fn deadlock<'a>(count: u64, waiting: impl IntoIterator<Item = Waiting<'a>>) -> String {
    let mut out = Report(String::new());
    let subject =
        if count == 1 { "1 green thread is".to_owned() } else { format!("{count} green threads are") };
    out.line(&format!("deadlock: {subject} waiting"));
    let mut shown = 0;
    for one in waiting.into_iter().take(THREADS_SHOWN) {
        let position = one.position.map_or(String::new(), |position| format!(" at {}", place(&position)));
        let (name, spawned) = (thread(&one.thread), spawned(&one.thread));
        out.line(&format!("  {name} waits {}{position}{spawned}", wait(one.wait)));
        shown += 1;
    }
    if count > shown {
        out.line(&format!("  ... {} more ...", grouped(count - shown)));
    }
    out.0
}

/// Renders a memory fault, which only foreign code can cause:
///
/// ```text
/// fatal: segmentation fault at address 0x10 in green thread 2 at call.weft:3:9
/// ```
pub fn fault(fault: &Fault) -> String {
    let mut out = Report(String::new());
    let signal = match fault.signal {
        Signal::Segmentation => "segmentation fault",
        Signal::Bus => "bus error",
    };
    let inside = match &fault.thread {
        Some(running) => thread(running),
        None => "the runtime".to_owned(),
    };
    let position = fault.position.map_or(String::new(), |position| format!(" at {}", place(&position)));
    let address = fault.address.map_or(String::new(), |address| format!(" at address {address:#x}"));
    out.line(&format!("fatal: {signal}{address} in {inside}{position}"));
    out.0
}

/// A text of whole lines.
pub(super) struct Report(pub(super) String);

impl Report {
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn passed_on(&mut self, threads: &[GreenThread]) {
        let Some((first, others)) = threads.split_last() else { return };
        self.line(&format!("  from {}{}", thread(first), spawned(first)));
        for other in others.iter().rev().take(PASSED_ON_SHOWN) {
            self.line(&format!("  by way of {}{}", thread(other), spawned(other)));
        }
        if others.len() > PASSED_ON_SHOWN {
            self.line(&format!("  ... {} more ...", grouped((others.len() - PASSED_ON_SHOWN) as u64)));
        }
    }

    pub(super) fn calls(&mut self, trace: &Trace) {
        if trace.first.is_empty() {
            return;
        }
        self.line("  calls:");
        self.call_lines(trace);
    }

    pub(super) fn call_lines(&mut self, trace: &Trace) {
        for (number, call) in (0..).zip(&trace.first) {
            self.call(number, call);
        }
        if trace.omitted > 0 {
            let noun = if trace.omitted == 1 { "call" } else { "calls" };
            self.line(&format!("    ... {} more {noun} ...", grouped(trace.omitted)));
        }
        for (number, call) in (trace.first.len() as u64 + trace.omitted..).zip(&trace.last) {
            self.call(number, call);
        }
        if !trace.complete {
            self.line("    ... what called this is not known ...");
        }
    }

    fn call(&mut self, number: u64, call: &Call) {
        let function = escaped(call.function.as_deref().unwrap_or("???"));
        self.line(&format!("    {number}: {function}{}", call_place(call)));
    }
}

/// The position of a call in the source, as far as it is known; for a call with neither a file nor a name, its address,
/// for tools like `addr2line`.
fn call_place(call: &Call) -> String {
    let Some(file) = &call.file else {
        return if call.function.is_none() { format!(" at {:#x}", call.address) } else { String::new() };
    };
    let file = escaped(file);
    match (call.line, call.column) {
        (Some(line), Some(column)) => format!(" at {file}:{line}:{column}"),
        (Some(line), None) => format!(" at {file}:{line}"),
        (None, _) => format!(" at {file}"),
    }
}

fn append(out: &mut String, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("BUG: a string takes any text");
}

pub(super) fn thread(thread: &GreenThread) -> String {
    let name = if thread.number == 1 { " (main)" } else { "" };
    format!("green thread {}{name}", thread.number)
}

pub(super) fn spawned(thread: &GreenThread) -> String {
    thread.spawned.map_or(String::new(), |position| format!(", spawned at {}", place(&position)))
}

pub(super) fn wait(wait: Wait) -> String {
    let text = match wait {
        Wait::Join(number) => return format!("to join green thread {number}"),
        Wait::Joins => "to join another each",
        Wait::Receive => "to receive from a channel",
        Wait::Send => "to send to a channel",
        Wait::Mutex(holder) => return held("a mutex", holder),
        Wait::Once(holder) => return held("a Once", holder),
        Wait::RwLock(holder) => return held("an RwLock", holder),
        Wait::Read(Some(file)) if file.kind == IoKind::Process => {
            return format!("for the end of {}", described(file));
        }
        Wait::Read(file) => return format!("to read from {}", file.map_or_else(a_file, described)),
        Wait::Write(file) => return format!("to write to {}", file.map_or_else(a_file, described)),
        Wait::Condition => "for a Condition",
        Wait::Semaphore => "for a permit of a Semaphore",
        Wait::Group => "for a WaitGroup",
        Wait::Barrier => "at a Barrier",
        Wait::Scope => "for the threads of a scope",
        Wait::Select => "in a select",
        Wait::Sleep => "for a time",
        Wait::Call => "for a call outside of the program",
    };
    text.to_owned()
}

fn held(what: &str, holder: Option<u64>) -> String {
    let by = holder.map_or(String::new(), |number| format!(" that green thread {number} holds"));
    format!("for {what}{by}")
}

fn a_file() -> String {
    "an open file".to_owned()
}

/// An open file with the addresses of its ends, if it is a socket, and the time for which a thread has waited.
fn described(file: OpenFile) -> String {
    let name = match file.kind {
        IoKind::Socket => {
            sockets::described(file.descriptor).unwrap_or_else(|| format!("open file {}", file.descriptor))
        }
        IoKind::Pipe => format!("pipe {}", file.descriptor),
        IoKind::Process => format!("process {}", file.process),
        IoKind::Signals => "the signals of the process".to_owned(),
    };
    let seconds = (os::now() - file.since).max(0) as f64 / 1e9;
    format!("{name}, for {seconds:.1} s")
}

pub(super) fn place(position: &Position) -> String {
    format!("{}:{}:{}", escaped(position.file), position.line, position.column)
}

/// The lines of a message; `indent` precedes each line but the first. Newlines at the message's end are dropped, tabs
/// stay.
fn message(text: &str, indent: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.trim_end_matches('\n').split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
            out.push_str(if line.is_empty() { "" } else { indent });
        }
        for part in line.split_inclusive('\t') {
            let tab = part.strip_suffix('\t');
            out.push_str(&escaped(tab.unwrap_or(part)));
            out.push_str(if tab.is_some() { "\t" } else { "" });
        }
    }
    out
}

/// The text, in which control characters and characters that change the direction of text are replaced by escapes as
/// in Weft strings.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0' => out.push_str("\\0"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
                append(&mut out, format_args!("\\u{{{:x}}}", u32::from(character)));
            }
            _ if character.is_control() => {
                append(&mut out, format_args!("\\u{{{:x}}}", u32::from(character)))
            }
            _ => out.push(character),
        }
    }
    out
}

/// A number with commas between groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
