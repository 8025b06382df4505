//! Garbage collection: the roots and the trigger. This module deals with threads, and `heap` with objects.

/// Roots: the threads that can run again, and the objects to which they refer.
mod roots;
/// The trigger and the steps: when a collection is due, the next allocation collects before it returns an object.
mod collect;

pub use collect::{Settings, allocate, allocate_now, collect_now, start};
