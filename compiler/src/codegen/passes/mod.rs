//! The passes over a generated module, in the order in which they run; `pipeline` lists them.

/// The module as passes see it.
pub(super) mod ir;
/// LLVM's own passes: afterwards locals are SSA values.
mod llvm;
/// Inline allocations: afterwards the allocations that LLVM's passes have left are comparisons and additions.
mod inline_allocations;
/// A check that no local has a stack slot.
mod no_slots;
/// Polls: afterwards every loop that may run long has a safepoint.
mod polls;
/// Frozen selects: afterwards no `select` becomes a choice between addresses of stack arguments.
mod freeze_selects;
/// Inline `memset`: afterwards no filling or copying of a known size is a call.
mod inline_memset;
/// Split blocks: afterwards no block is so long that register allocation takes quadratic time.
mod split_blocks;
/// Traps: afterwards every basic block has a machine instruction.
mod trap_unreachable;
/// Stack checks: afterwards every function that calls compiled code checks the stack limit.
mod stack_checks;
/// Tail calls: afterwards exactly MIR's tail calls are left, in a form that LLVM 22 compiles correctly.
mod tail_calls;
/// The pipeline: the passes as a list.
pub(super) mod pipeline;
