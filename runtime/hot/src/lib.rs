//! The hot paths of the scheduler and the allocator.
//!
//! The compiler carries this crate as LLVM bitcode and links it into every program before optimisation, so that each
//! function here is inlined where it is used: a yield is a claim and a take on the run queue, then the switch.
//!
//! None of the functions uses a thread-local variable. LLVM would keep the variable's address across a switch, after
//! which the green thread may run on another OS thread. Instead the worker is an argument.
//!
//! Slow paths are calls of runtime functions, which change from a green stack to the worker's own stack. The runtime
//! runs on the worker's own stack already, so it uses only the functions here that have no slow path. No function here
//! has a loop: the compiler would insert a poll into the loop, and so a safepoint into the middle of an update.
//!
//! In all functions `worker` is the running worker: compiled code passes the worker's address, which it has read since
//! the last switch.
#![no_std]

/// The running green thread, and the bases of stacks.
pub mod current;
/// Events of a trace, recorded by programs that were compiled for tracing.
pub mod trace;
/// The run queue: a ring of runnable green threads.
pub mod queue;
/// The bump allocator.
pub mod heap;
/// The choice of the thread that runs next.
pub mod schedule;
/// The chain of deferred blocks, and the shield against cancellation.
pub mod cleanup;
/// Waiting in lists and in multi-waits, and waking.
pub mod wait;
/// Spawn, and the end of a thread.
pub mod threads;
/// Continuations: creation, the checks before a switch, and the end.
pub mod continuation;
/// Swaps of symmetric continuations.
pub mod swap;
