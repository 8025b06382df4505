//! The text of a thread dump.

use super::render::{GreenThread, Position, Report, Wait, grouped, place, spawned, thread, wait};
use crate::trace::Trace;

#[cfg(test)]
mod tests;

/// The largest number of kinds of threads that a dump describes, each in several lines. Threads of other kinds are only
/// counted.
pub const KINDS_SHOWN: usize = 100;

/// The state of a green thread.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// A worker runs the thread.
    Runs,
    /// The thread is in a run queue.
    Ready,
    /// The thread waits.
    Waits(Wait),
}

/// Green threads of the same kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Group<'a> {
    /// The number of threads in the group.
    pub count: u64,
    /// The thread with the lowest number.
    pub first: GreenThread<'a>,
    /// The state of all threads in the group.
    pub state: State,
    /// The position of all threads in the group, if known.
    pub position: Option<Position<'a>>,
    /// The calls of the first thread.
    pub trace: Option<&'a Trace>,
}

/// All green threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThreadDump<'a> {
    /// The number of green threads.
    pub count: u64,
    /// The number of groups.
    pub kinds: u64,
    /// The number of workers.
    pub workers: u64,
    /// The number of threads whose stacks the collector freed, because nothing could wake them.
    pub unreachable: u64,
    /// The first groups, at most [`KINDS_SHOWN`].
    pub groups: &'a [Group<'a>],
}

/// Renders a thread dump:
///
/// ```text
/// 10 green threads on 2 workers
///   green thread 1 (main) runs at serve.weft:9:3
///     0: main at serve.weft:9:3
///   9 green threads, the first is 2, wait to receive from a channel at serve.weft:3:9, spawned at serve.weft:8:11
///     0: serve at serve.weft:3:9
/// ```
pub fn thread_dump(dump: &ThreadDump) -> String {
    let mut out = Report(String::new());
    out.line(&format!("{} on {}", counted(dump.count, "green thread"), counted(dump.workers, "worker")));
    for group in dump.groups {
        let position = group.position.map_or(String::new(), |position| format!(" at {}", place(&position)));
        out.line(&format!("  {}{position}{}", subject(group), spawned(&group.first)));
        if let Some(trace) = group.trace {
            out.call_lines(trace);
        }
    }
    let shown: u64 = dump.groups.iter().map(|group| group.count).sum();
    if dump.count > shown {
        let kinds = counted(dump.kinds - dump.groups.len() as u64, "kind");
        out.line(&format!("  ... {} more of {kinds} ...", grouped(dump.count - shown)));
    }
    if dump.unreachable > 0 {
        out.line(&format!(
            "  {} can never be woken and left no stack",
            counted(dump.unreachable, "green thread")
        ));
    }
    out.0
}

/// The beginning of a group's line: its threads and their state.
fn subject(group: &Group) -> String {
    let (is_one, who) = match group.count {
        1 => (true, thread(&group.first)),
        count => (false, format!("{}, the first is {},", counted(count, "green thread"), group.first.number)),
    };
    let does = match (group.state, is_one) {
        (State::Runs, true) => "runs".to_owned(),
        (State::Runs, false) => "run".to_owned(),
        (State::Ready, true) => "is ready".to_owned(),
        (State::Ready, false) => "are ready".to_owned(),
        (State::Waits(what), true) => format!("waits {}", wait(what)),
        (State::Waits(what), false) => format!("wait {}", wait(what)),
    };
    format!("{who} {does}")
}

/// The number with its noun: `1 worker`, `2 workers`.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}
