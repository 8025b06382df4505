//! In which order green threads run: what a program can see of it is the same wherever it runs.

/// A thread that has spawned or woken so many others without one of them running has had its turn: what they need is
/// still in the cache, and the stacks of those that end can be used again.
pub const WOKEN_IN_SLICE_LIMIT: u64 = 1024;

/// Every so many times the others come first: two threads that wake each other do not keep them waiting for ever.
pub const FAIRNESS_PERIOD: u64 = 1024;
