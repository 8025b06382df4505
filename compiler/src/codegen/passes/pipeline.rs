//! The pass pipeline: one row for each pass over a generated module, in the order in which they run.

use crate::codegen::passes::ir::PassCx;
use crate::codegen::passes::{
    freeze_selects, inline_allocations, inline_memset, llvm, no_slots, polls, split_blocks, stack_checks,
    tail_calls, trap_unreachable,
};

/// A pass over a generated module.
#[derive(Debug)]
pub struct Pass {
    /// The name, for `weft emit before:NAME` and `after:NAME`.
    pub name: &'static str,
    /// The properties of the module that the pass needs.
    pub requires: &'static str,
    /// The property that the module has afterwards.
    pub ensures: &'static str,
    run: fn(&PassCx<'_, '_>),
}

const fn pass(
    name: &'static str,
    run: fn(&PassCx<'_, '_>),
    requires: &'static str,
    ensures: &'static str,
) -> Pass {
    Pass { name, requires, ensures, run }
}

/// All passes. `polls` follows LLVM's passes, which thus see loops without polls, and precedes all passes that give the
/// code its final form. `stack_checks` looks for `musttail` calls, so it precedes `tail_calls`, which turns some of
/// these calls into `tail` calls.
#[rustfmt::skip] // A row for each pass.
pub const PASSES: [Pass; 10] = [
    //   name                  run                      requires              ensures
    pass("llvm",               llvm::run,               "valid IR",           "locals are SSA values"),
    pass("inline_allocations", inline_allocations::run, "llvm",               "allocations are fast paths"),
    pass("no_slots",           no_slots::run,           "llvm",               "no local has a stack slot"),
    pass("polls",              polls::run,              "inline_allocations", "every long loop has a safepoint"),
    pass("freeze_selects",     freeze_selects::run,     "inline_allocations", "no choice of stack addresses"),
    pass("inline_memset",      inline_memset::run,      "llvm",               "no call of C's memset or memcpy"),
    pass("split_blocks",       split_blocks::run,       "polls",              "no very long block"),
    pass("trap_unreachable",   trap_unreachable::run,   "llvm",               "no block runs into the next"),
    pass("stack_checks",       stack_checks::run,       "no_slots, polls",    "calls lie behind stack checks"),
    pass("tail_calls",         tail_calls::run,         "stack_checks",       "exactly MIR's tail calls"),
];

/// Runs all passes, or the passes up to and including the pass named `last`.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>, last: Option<&str>) {
    for pass in &PASSES {
        (pass.run)(cx);
        if last == Some(pass.name) {
            break;
        }
    }
}
