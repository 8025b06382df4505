//! Traps in unreachable blocks.
//!
//! requires: `llvm`, whose passes would remove blocks that trap.
//! ensures: every basic block has a machine instruction.
//!
//! A block that contains only `unreachable` has no machine instruction. A jump to such a block would lead to the code
//! behind the block, perhaps to another function. LLVM's pass that removes such blocks, `simplifycfg`, takes time
//! quadratic in the arms of a `match`, too much for the lowest level. So the blocks get an instruction that stops the
//! process.

use inkwell::intrinsics::Intrinsic;
use inkwell::values::InstructionOpcode;

use crate::codegen::cx::builder::Builder;
use crate::codegen::passes::ir::PassCx;

/// Adds a trap to each unreachable block.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    let builder = Builder::new(cx.context);
    let trap = Intrinsic::find("llvm.trap").and_then(|trap| trap.get_declaration(cx.module, &[]));
    let trap = trap.expect("BUG: LLVM has no `llvm.trap`");
    for block in cx.module.get_functions().flat_map(|function| function.get_basic_block_iter()) {
        let first = block.get_first_instruction().expect("BUG: an empty block");
        if first.get_opcode() == InstructionOpcode::Unreachable {
            builder.before(&first);
            builder.call(trap, &[], "");
        }
    }
}
