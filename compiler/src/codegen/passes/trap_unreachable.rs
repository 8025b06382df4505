//! Traps where execution cannot arrive.
//!
//! requires: `llvm`, whose passes would remove blocks that trap.
//! ensures: every basic block has a machine instruction, and the last one is no call that returns.
//!
//! A block that contains only `unreachable` has no machine instruction. A jump to such a block would lead to the code
//! behind the block, perhaps to another function. LLVM's pass that removes such blocks, `simplifycfg`, takes time
//! quadratic in the arms of a `match`, too much for the lowest level. So the blocks get an instruction that stops the
//! process. So does the end of a block after a call that returns, such as a call that wakes a sender of a channel whose
//! values have a type without values.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::intrinsics::Intrinsic;
use inkwell::values::{CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue};

use crate::codegen::cx::builder::Builder;
use crate::codegen::passes::ir::PassCx;

/// Adds a trap before each `unreachable`, unless it follows a call that does not return.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    let builder = Builder::new(cx.context);
    let trap = Intrinsic::find("llvm.trap").and_then(|trap| trap.get_declaration(cx.module, &[]));
    let trap = trap.expect("BUG: LLVM has no `llvm.trap`");
    for block in cx.module.get_functions().flat_map(|function| function.get_basic_block_iter()) {
        let last = block.get_terminator().expect("BUG: a block without an end");
        if last.get_opcode() == InstructionOpcode::Unreachable
            && !last.get_previous_instruction().is_some_and(ends_execution)
        {
            builder.before(&last);
            builder.call(trap, &[], "");
        }
    }
}

/// Whether an instruction is a call that does not return.
fn ends_execution(instruction: InstructionValue<'_>) -> bool {
    let Ok(call) = CallSiteValue::try_from(instruction) else { return false };
    let no_return = Attribute::get_named_enum_kind_id("noreturn");
    let of_callee =
        |callee: FunctionValue<'_>| callee.get_enum_attribute(AttributeLoc::Function, no_return).is_some();
    call.get_enum_attribute(AttributeLoc::Function, no_return).is_some()
        || call.get_called_fn_value().is_some_and(of_callee)
}
