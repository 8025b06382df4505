//! Inlining of the allocator into the functions that allocate.
//!
//! requires: `llvm`, which removes the allocations that nothing needs.
//! ensures: the allocations that are left are inlined, except in functions with very many of them.
//!
//! ```text
//!   xs.iter().map(f).filter(g).sum()       LLVM inlines the calls of the closures that the iterators consist of. Then
//!                                          the closures are only written, so LLVM removes them, and keeps their
//!                                          variables in registers: nothing is allocated.
//! ```
//!
//! LLVM removes a call of an allocator, but not the comparisons and stores of an allocation that is inlined. So during
//! LLVM's own pipeline an allocation is a call, of a function that `cx::attributes` describes as an allocator.

use crate::codegen::cx::attributes;
use crate::codegen::cx::input::Level;
use crate::codegen::cx::tables::Outlined;
use crate::codegen::passes::ir::PassCx;
use crate::codegen::passes::llvm::run_passes;

/// Inlines the allocator, and folds its computations where the size is known.
///
/// # Panics
/// With `BUG:` if LLVM rejects the passes.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    let Some(allocator) = cx.module.get_function(&Outlined::Allocate.symbol()) else { return };
    attributes::inline_allocator(cx.context, allocator);
    run_passes(
        cx,
        match cx.level {
            Level::O0 => "always-inline,globaldce",
            Level::O2 | Level::O3 => {
                "always-inline,function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg),globaldce"
            }
        },
    );
}
