//! The passes over a generated module, in the order in which they run; `pipeline` lists them.

/// The view of a module that passes have.
pub(super) mod ir;
/// LLVM's own passes: after this locals are SSA values.
mod llvm;
/// Removal of the marks of new objects: after this no call of `weft.present` is left.
mod nonnull;
/// A check: after this no local has a stack slot.
mod no_slots;
/// Polls: after this every loop that may run for long has a safepoint.
mod polls;
/// Frozen selects: after this no `select` becomes a choice between addresses of stack arguments.
mod freeze_selects;
/// Inline `memset`: after this no filling or copying of a known size is a call.
mod inline_memset;
/// Split blocks: after this no block is so long that register allocation takes quadratic time.
mod split_blocks;
/// Traps: after this every basic block has a machine instruction.
mod trap_unreachable;
/// Stack checks: after this every function that calls compiled code has one.
mod stack_checks;
/// Tail calls: after this exactly those of MIR are left, in a form that LLVM 22 compiles right.
mod tail_calls;
/// The pipeline: the passes as a list.
pub(super) mod pipeline;
