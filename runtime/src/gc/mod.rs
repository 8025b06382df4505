//! Garbage collection: the roots and the trigger. This module deals with threads, and `heap` with objects.

/// Roots: the threads that can run again, and the objects to which they refer.
mod roots;
/// The trigger: an allocation collects first when a collection is due.
mod collect;

pub use collect::{Settings, allocate, allocate_now, start};
