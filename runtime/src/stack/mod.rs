//! Stacks of green threads: where their memory comes from, and how they grow.

/// The stack pool: blocks of memory by size class. It finds the block, and so the task, of a stack pointer.
pub mod pool;
/// Stack growth: a stack moves to a larger block.
pub mod grow;
