//! The hot paths of the scheduler and the allocator.
//!
//! The compiler carries this crate as LLVM bitcode and links it into every program before optimisation, so that each
//! function here is inlined where it is used: a yield is a claim and a take on the run queue, then the switch. None
//! of it reads thread-local storage, whose addresses LLVM keeps over a switch; the worker comes as an argument.
//!
//! Slow paths are calls of runtime functions. They run on the worker's own stack, so this code runs on green stacks
//! only; the runtime itself uses the functions that call no slow path. And no function has a loop: the compiler would
//! put a poll into it, and so a safepoint into the middle of a change that no other code may see.
//!
//! In all of this `worker` is the running worker: compiled code has it from its switch.
#![no_std]

/// The run queue: a ring of ready green threads.
pub mod queue;
/// The bump allocator.
pub mod heap;
/// The running green thread, and the next one.
pub mod schedule;
/// The chain of deferred blocks, and the shield against cancellation.
pub mod cleanup;
/// Waiting in lists and in multi-waits, and waking.
pub mod wait;
/// Spawn, and the end of a thread.
pub mod threads;
