//! The parts of a replayed trace.

use std::collections::HashMap;

use weft_abi::trace::TraceIo;

use super::names::{OpenFile, Reason, State};

/// A part of the trace. Workers are counted from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// A time slice of a thread.
    Slice { to: u64, thread: u64, reason: Reason },
    /// The worker sleeps.
    Idle { to: u64 },
    /// The worker collects: the number of the collection, and the live bytes if they are known.
    Collection { to: u64, number: u64, live: Option<u64> },
    /// The worker has stopped for another worker.
    Stopped { to: u64 },
    /// A thread begins.
    Begin(u64),
    /// A thread has ended, and how.
    End(u64, &'static str),
    /// A thread enters a state.
    Enter(u64, State),
    /// A thread leaves its state.
    Leave(u64, State),
    /// A flow with this number leaves here.
    FlowFrom(u64, Flow),
    /// A flow arrives here.
    FlowTo(u64, Flow),
    /// The stack of a thread has grown: the sizes in bytes.
    Growth { thread: u64, from: u64, to: u64 },
    /// A thread has read from or written to a file, or has accepted a connection: the number of bytes.
    Transfer { thread: u64, what: TraceIo, file: OpenFile, bytes: u64 },
    /// A file is ready to be read or written.
    Change { what: TraceIo, file: OpenFile },
}

/// A kind of flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    Spawn,
    Wake,
    Message,
}

/// A part with its time and its worker.
pub type Timed = (u64, usize, Part);

/// The replayed trace.
pub struct Replayed {
    /// The parts, in the order of their times; at equal times, causes and outer slices come first.
    pub parts: Vec<Timed>,
    /// The known threads by number: the name, and the position of the spawn.
    pub threads: HashMap<u64, (String, Option<String>)>,
    /// The number of channels.
    pub channels: usize,
}

/// The order of parts at the same time: slices first, and the longest of them first, so that they nest.
pub fn rank(part: &Part) -> (u8, u64) {
    match part {
        Part::Slice { to, .. } | Part::Idle { to } | Part::Collection { to, .. } | Part::Stopped { to } => {
            (0, u64::MAX - to)
        }
        Part::Begin(_)
        | Part::End(..)
        | Part::Enter(..)
        | Part::Leave(..)
        | Part::FlowFrom(..)
        | Part::FlowTo(..)
        | Part::Growth { .. }
        | Part::Transfer { .. }
        | Part::Change { .. } => (1, 0),
    }
}
