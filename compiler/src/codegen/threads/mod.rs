//! The operations on green threads: the switch, and the operations that use it.

/// The switch between stacks, as inline assembly.
pub(super) mod switch;
/// Parking on wait lists and waking, with the values that are handed over.
pub(super) mod waiting;
/// Yielding, and the operations on tasks.
pub(super) mod tasks;
/// New threads: their stacks and their first functions.
pub(super) mod spawn;
/// The bodies of outlined copies.
pub(super) mod outlined;
