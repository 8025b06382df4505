//! Numbers that the order of green threads depends on. A program sees that order, so it is the same on every machine.

/// The number of threads that a thread may spawn or wake in one time slice while none of them runs: after that its
/// slice ends. Lower, and a loop that spawns is interrupted often. Higher, and the values that the new threads need are
/// out of the cache before they run, and the stacks of threads that have ended are not used again.
pub const WOKEN_IN_SLICE_LIMIT: u64 = 1024;

/// The number of preferences of woken threads after which the other ready threads come first, once. Lower, and less of
/// a program profits from a warm cache. Without a limit two threads that wake each other would keep all others waiting
/// for ever.
pub const FAIRNESS_PERIOD: u64 = 1024;
