//! Workers: the OS threads that run green threads, and the requests among them.

/// Requests: flags that ask a worker to do something at its next safepoint.
pub mod requests;
/// `SIGQUIT`: the request for a thread dump.
pub mod sigquit;
/// The inbox of a worker, for other OS threads to fill.
pub mod inbox;
/// The run queue: growth and changes of order.
pub mod run_queue;
/// The creation of a worker and of the main green thread.
pub mod worker;
/// Random schedules, for tests.
pub mod random_schedule;
/// The registry of all workers.
pub mod registry;
/// Numbers of green threads: no two threads have the same number.
pub mod thread_ids;
/// Stop the world: after `stop_others` no other worker runs.
pub mod stop_the_world;
/// Idle workers, and quiescence: the state in which all workers are idle.
pub mod quiescence;
