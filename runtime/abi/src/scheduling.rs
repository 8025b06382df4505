//! Numbers that determine the order of green threads. They are the same on every machine, since programs can observe
//! the order.

/// The number of threads that a thread may spawn or wake before its time slice ends. With a lower number, a loop that
/// spawns is interrupted often. With a higher number, the values that the new threads need leave the cache before the
/// threads run, and fewer stacks of ended threads are reused.
pub const WOKEN_IN_SLICE_LIMIT: u64 = 1024;

/// The period at which woken threads lose their preference. When a thread begins to wait or ends, the threads that it
/// has spawned or woken run before the other runnable threads; but every `FAIRNESS_PERIOD`th time the woken threads run
/// in the usual order. With a lower number, fewer woken threads find their values in the cache. Without the exception,
/// two threads that wake each other would keep all other threads waiting for ever.
pub const FAIRNESS_PERIOD: u64 = 1024;
