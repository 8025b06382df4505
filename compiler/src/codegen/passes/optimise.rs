//! Pass pipelines.

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;

use crate::codegen::machine::Machine;
use crate::codegen::{Level, choices, dead_ends, fills, frames, pieces, polls, presence, tail_calls};

/// The passes before LLVM's own pipeline. That propagates constants through the program and then leaves checks that
/// never fail as jumps from block to block, through which `instcombine` sinks a long chain of operations, such as a sum
/// of a thousand lengths, step by step: the square of its length. Here those blocks become one first.
macro_rules! early_passes {
    () => {
        "function(mem2reg),ipsccp,function(simplifycfg),"
    };
}

/// Makes locals values, inlines what must be, and optimises as far as `level` asks; then `polls` are put in.
pub(super) fn run<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    machine: &Machine,
    level: Level,
    polls: bool,
) {
    machine.describe_to(module);
    if let Err(message) = module.verify() {
        panic!("BUG: LLVM rejects the generated code: {message}");
    }
    let passes = match level {
        Level::O0 => "always-inline,function(mem2reg),globaldce",
        Level::O2 => concat!(early_passes!(), "default<O2>"),
        Level::O3 => concat!(early_passes!(), "default<O3>"),
    };
    if let Err(message) = machine.run_passes(module, passes, PassBuilderOptions::create()) {
        panic!("BUG: LLVM rejects the passes {passes}: {message}");
    }
    presence::forget(module);
    frames::require_no_slots(module);
    if polls {
        polls::insert(context, module, level);
    }
    choices::keep_values(context, module);
    fills::in_place(module);
    if level != Level::O0 {
        pieces::cut(context, module);
    }
    dead_ends::fill(context, module);
    frames::require_checks(context, module);
    tail_calls::settle(module);
}
