//! The hot paths of the scheduler and the allocator.
//!
//! The compiler carries this crate as LLVM bitcode and links it into every program before optimisation, so that each
//! function here is inlined where it is used: a yield is a claim and a take on the run queue, then the switch. None
//! of it may read thread-local storage, which LLVM caches over a switch; the worker comes as an argument.
//!
//! Slow paths are calls of runtime functions. They run on the worker's own stack, so this code runs on green stacks
//! only; the runtime itself uses what calls no slow path. And none of it has a loop: the compiler would make it a place
//! where the thread can be stopped, in the middle of what nobody else may see.
#![no_std]

/// The ring of ready green threads.
pub mod queue;
/// The bump allocator.
pub mod heap;
/// The running green thread, and the next one.
pub mod schedule;
/// The chain of deferred blocks, and the shield that holds cancellation off.
pub mod cleanup;
/// Waiting, and waking who waits.
pub mod wait;
/// Spawn, yield and end.
pub mod threads;
