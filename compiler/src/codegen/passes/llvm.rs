//! LLVM's own passes: its pipeline for the level, on the module as it was generated.
//!
//! requires: IR that LLVM's verifier accepts; locals are stack slots, one store for each assignment.
//! ensures: locals are SSA values at every level, what must be inlined is inlined, and the rest is optimised as far as
//! the level asks. No pass of LLVM's follows, so the passes behind this one may break what those assume.

use inkwell::passes::PassBuilderOptions;

use crate::codegen::cx::input::Level;
use crate::codegen::passes::ir::PassCx;

/// The passes before LLVM's own pipeline.
///
/// That pipeline propagates constants through the program and leaves a check that never fails as a jump from block to
/// block. Through those blocks `instcombine` sinks a long chain of operations, such as a sum of a thousand lengths, one
/// block at a time: quadratic time. With these passes the blocks are one block before.
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
    let passes = match cx.level {
        Level::O0 => "always-inline,function(mem2reg),globaldce",
        Level::O2 => concat!(early_passes!(), "default<O2>"),
        Level::O3 => concat!(early_passes!(), "default<O3>"),
    };
    if let Err(message) = cx.machine.run_passes(cx.module, passes, PassBuilderOptions::create()) {
        panic!("BUG: LLVM rejects the passes {passes}: {message}");
    }
}
