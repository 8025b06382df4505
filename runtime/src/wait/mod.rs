//! Waiting: lists, `select`, mutexes, scopes, timers, blocking calls, cancellation and the end of threads. These are
//! the slow paths beside `weft_hot::wait`.

/// The chain of cleanups of a thread: links and unlinks mutexes and scopes. `unwind` runs what is in it.
pub mod cleanup_chain;
/// Wait lists: the threads that wait for one thing.
pub mod list;
/// Multi-waits: `select`, and all waits that several things can end.
pub mod select;
/// Mutexes: the holder, and the thread that is next.
pub mod mutex;
/// Scopes: they wait for the threads that were spawned in them.
pub mod scope;
/// The end of a thread: its joiners are woken.
pub mod exit;
/// Timers: a heap of wake-up times.
pub mod timers;
/// The thread pool: OS threads that do jobs.
mod thread_pool;
/// Blocking calls: handed over to the thread pool, and back.
pub mod blocking;
/// Requests to cancel a thread, and where they take effect.
pub mod cancel;
/// The end of threads that panic or are cancelled: after this mutexes are released, scopes empty, deferred blocks run.
pub mod unwind;
