//! Stacks of green threads: the pool of their memory, and stack growth.

/// The stack pool: blocks of memory by size class. The pool finds the block, and so the task, of a stack pointer.
pub mod pool;
/// Stack growth: a stack moves to a larger block.
pub mod grow;
/// The stacks of a thread that runs in continuations.
pub mod chain;
