//! Reports on standard error: panics, deadlocks, faults, thread dumps.

/// The texts of panics, deadlocks and faults.
mod render;
/// The text of a thread dump.
mod render_dump;
/// The messages of panics that contain values.
pub mod messages;
/// Green threads as reports show them.
pub mod thread_info;
/// The report of a deadlock.
pub mod deadlock;
/// The thread dump, which `SIGQUIT` requests.
pub mod thread_dump;

pub use render::{
    Fault, GreenThread, OpenFile, Panic, Position, Signal, THREADS_SHOWN, Wait, Waiting, deadlock, fault,
    panic,
};
pub use render_dump::{Group, KINDS_SHOWN, State, ThreadDump, thread_dump};
