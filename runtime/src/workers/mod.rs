//! Workers: the OS threads that run green threads, and what they ask of each other.

/// Requests: flags that ask a worker to do something at its next safepoint.
pub mod requests;
/// `SIGQUIT`: the request for a thread dump.
pub mod sigquit;
/// The inbox: what other OS threads bring a worker.
pub mod inbox;
/// The run queue, beyond the hot paths of `weft_hot::queue`.
pub mod run_queue;
/// The state of a worker: how it begins.
pub mod worker;
/// Random schedules, for tests.
pub mod random_schedule;
/// The registry of all workers.
pub mod registry;
/// Numbers of green threads: after this no two threads have the same.
pub mod thread_ids;
/// Stop the world: after `stop_others` no other worker runs green threads.
pub mod stop_the_world;
/// Idle workers, and whether all of them are: after `become_idle` with a token, nothing runs.
pub mod quiescence;
