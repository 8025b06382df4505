//! Waiting: lists, `select`, mutexes, scopes, timers, open files, blocking calls, cancellation and the end of threads.
//! The fast paths are in `weft_hot::wait`.

/// The chain of cleanups of a thread: insertion and removal. `unwind` runs the cleanups.
pub mod cleanup_chain;
/// Continuations: slow paths of resumption and suspension.
pub mod continuation;
/// Wait lists: the threads that wait for one thing.
pub mod list;
/// Multi-waits: `select`, and all waits that several wakers can end.
pub mod select;
/// Mutexes: the holder, and the hand-over to the next thread.
pub mod mutex;
/// Scopes: the wait for the threads that were spawned in a block.
pub mod scope;
/// The end of a thread: its joiners are woken.
pub mod exit;
/// Timers: a heap of wake-up times.
pub mod timers;
/// I/O handles: open files for which threads wait.
pub mod handles;
/// The thread pool: OS threads that run jobs.
mod thread_pool;
/// Blocking calls, which pool threads make.
pub mod blocking;
/// Requests to cancel a thread, and the places where they take effect.
pub mod cancel;
/// The end of threads that panic or are cancelled: releases mutexes, empties scopes, runs deferred blocks.
pub mod unwind;
