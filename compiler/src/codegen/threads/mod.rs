//! The operations on green threads: the switch, and the operations that use it.

/// The switch between green threads: what its ways share, and the functions of the module that use a way.
pub(super) mod switch;
/// The ways to switch between green threads.
pub(super) mod ways;
/// The switches between continuations and their resumers.
pub(super) mod continuation_switch;
/// Parking on wait lists and waking, with the values that are handed over.
pub(super) mod waiting;
/// Yielding, and the operations on tasks.
pub(super) mod tasks;
/// Continuations: creation, resumption, suspension.
pub(super) mod continuations;
/// The switch of a swap, as inline assembly.
pub(super) mod swap_switch;
/// The swaps of symmetric continuations: the operations of `std.switch`.
pub(super) mod swaps;
/// Generators with stacks of their own.
pub(super) mod generator_stacks;
/// New threads: their stacks and their first functions.
pub(super) mod spawn;
/// Events of a trace that have no fast path of their own, and the table of spawns.
pub(super) mod trace;
/// The bodies of outlined copies.
pub(super) mod outlined;
