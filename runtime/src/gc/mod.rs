//! Garbage collection: from where, and when. `heap` knows objects and nothing of threads; here it is the other way
//! round.

/// Roots: the threads that can run again, and what they hold.
mod roots;
/// The trigger: allocation that is due collects first. After a collection every object that is left can be reached.
mod collect;

pub use collect::{Settings, allocate, allocate_now, start};
