//! Stacks of green threads: where their memory comes from, and how they grow.

/// The stack pool: blocks of memory by size class. After this every stack pointer leads to its block and its task.
pub mod pool;
/// Stack growth: a stack moves to a larger block.
pub mod grow;
