//! Blocks that are never reached.
//!
//! One that is nothing but `unreachable` would be no instructions at all, and a jump to it would lead to whatever
//! stands behind the function. LLVM's pass that removes such blocks, `simplifycfg`, takes time that grows with the
//! square of the arms of a `match`, too much for the lowest level. So they become an instruction that stops.

use inkwell::context::Context;
use inkwell::intrinsics::Intrinsic;
use inkwell::module::Module;
use inkwell::values::InstructionOpcode;

use crate::codegen::builder::Builder;

/// Fills them. To be run after all passes.
pub(super) fn fill<'ctx>(context: &'ctx Context, module: &Module<'ctx>) {
    let builder = Builder::new(context);
    let trap = Intrinsic::find("llvm.trap").and_then(|trap| trap.get_declaration(module, &[]));
    let trap = trap.expect("BUG: LLVM has no `llvm.trap`");
    for block in module.get_functions().flat_map(|function| function.get_basic_block_iter()) {
        let first = block.get_first_instruction().expect("BUG: an empty block");
        if first.get_opcode() == InstructionOpcode::Unreachable {
            builder.before(&first);
            builder.call(trap, &[], "");
        }
    }
}
