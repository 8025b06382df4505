//! The text about all green threads at one time.

use super::render::{GreenThread, Position, Report, Wait, grouped, place, spawned, thread, wait};
use crate::trace::Trace;

#[cfg(test)]
mod tests;

/// How many kinds of threads are described.
pub const KINDS_SHOWN: usize = 100;

/// What a green thread does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// A worker runs it.
    Runs,
    /// It waits for its turn.
    Ready,
    /// It waits for something.
    Waits(Wait),
}

/// Green threads that are alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Group<'a> {
    /// How many.
    pub count: u64,
    /// The one with the lowest number.
    pub first: GreenThread<'a>,
    /// What they do.
    pub state: State,
    /// Where, when known.
    pub position: Option<Position<'a>>,
    /// The calls of the first one.
    pub trace: Option<&'a Trace>,
}

/// All green threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThreadDump<'a> {
    /// How many.
    pub count: u64,
    /// How many groups there are.
    pub kinds: u64,
    /// How many OS threads run them.
    pub workers: u64,
    /// How many were given up, since nothing could wake them.
    pub lost: u64,
    /// The first of the groups; no more than [`KINDS_SHOWN`].
    pub groups: &'a [Group<'a>],
}

/// The overview:
///
/// ```text
/// 10 green threads on 2 workers
///   green thread 1 (main) runs at serve.weft:9:3
///     0: main at serve.weft:9:3
///   9 green threads, the first is 2, wait to receive from a channel at serve.weft:3:9, spawned at serve.weft:8:11
///     0: serve at serve.weft:3:9
/// ```
pub fn overview(overview: &ThreadDump) -> String {
    let mut out = Report(String::new());
    out.line(&format!(
        "{} on {}",
        counted(overview.count, "green thread"),
        counted(overview.workers, "worker")
    ));
    for group in overview.groups {
        let position = group.position.map_or(String::new(), |position| format!(" at {}", place(&position)));
        out.line(&format!("  {}{position}{}", subject(group), spawned(&group.first)));
        if let Some(trace) = group.trace {
            out.call_lines(trace);
        }
    }
    let shown: u64 = overview.groups.iter().map(|group| group.count).sum();
    if overview.count > shown {
        let kinds = counted(overview.kinds - overview.groups.len() as u64, "kind");
        out.line(&format!("  ... {} more of {kinds} ...", grouped(overview.count - shown)));
    }
    if overview.lost > 0 {
        out.line(&format!(
            "  {} can never be woken and left no stack",
            counted(overview.lost, "green thread")
        ));
    }
    out.0
}

/// Who, and what they do.
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

/// `1 worker`, `2 workers`
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}
