//! LLVM's own passes: the pipeline for the module's level, run on the generated module.
//!
//! requires: IR that LLVM's verifier accepts; locals are stack slots, and each assignment is one store.
//! ensures: locals are SSA values at every level, everything marked for inlining is inlined, except for the allocator,
//! and the rest is optimised as the level demands. After `inline_allocations` no pass of LLVM follows, so later passes
//! may break the assumptions of LLVM's passes.

use inkwell::passes::PassBuilderOptions;

use crate::codegen::cx::input::Level;
use crate::codegen::passes::ir::PassCx;

/// The passes before LLVM's own pipeline.
///
/// LLVM's pipeline propagates constants through the program, and leaves a jump to another block in place of each check
/// that never fails. `instcombine` then sinks a long chain of operations, such as a sum of a thousand lengths, through
/// these blocks one at a time, which takes quadratic time. The early passes merge the blocks first.
macro_rules! early_passes {
    () => {
        "function(mem2reg),ipsccp,function(simplifycfg),"
    };
}

/// Runs LLVM's passes.
///
/// # Panics
/// With `BUG:` if LLVM finds the module malformed.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    cx.machine.describe_to(cx.module);
    if let Err(message) = cx.module.verify() {
        panic!("BUG: LLVM rejects the generated code: {message}");
    }
    run_passes(
        cx,
        match cx.level {
            Level::O0 => {
                "always-inline,coro-early,function(mem2reg),cgscc(coro-split),coro-cleanup,globaldce"
            }
            Level::O2 => concat!(early_passes!(), "default<O2>"),
            Level::O3 => concat!(early_passes!(), "default<O3>"),
        },
    );
}

/// Runs passes of LLVM, given in the form of `opt -passes`.
///
/// # Panics
/// With `BUG:` if LLVM rejects them.
pub(in crate::codegen) fn run_passes(cx: &PassCx<'_, '_>, passes: &str) {
    if let Err(message) = cx.machine.run_passes(cx.module, passes, PassBuilderOptions::create()) {
        panic!("BUG: LLVM rejects the passes {passes}: {message}");
    }
}
