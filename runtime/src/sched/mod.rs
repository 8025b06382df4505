//! The scheduler: the work of a worker between green threads. `weft_hot::schedule` decides which thread runs next.

/// The monitor: an OS thread that asks workers to end time slices.
pub mod monitor;
/// Work hand-over: a worker gives runnable threads to an idle worker.
pub mod hand_over;
/// The run loop: find a runnable thread, poll, sleep. It ends in a switch to a thread.
pub mod run_loop;
/// Causes of panics that a join passes on to the joining thread.
pub mod panic_cause;
/// Panics and faults, which end the thread or the process.
pub mod panics;
/// Safepoints: a stack grows, the world stops, work is handed over, a time slice ends.
pub mod safepoint;
