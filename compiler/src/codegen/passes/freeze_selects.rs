//! Choices between values that stay choices between values.
//!
//! Where both values of a `select` are arguments that came on the stack, LLVM's selection of instructions chooses
//! between their addresses and loads once (`DAGCombiner::SimplifySelectOps`, LLVM 22). Then an address of the stack is
//! in a register, and the stack may move before it is used. It does so only where it sees two loads: a `freeze` in
//! front of one of them, which costs no instruction, is enough.

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::{InstructionOpcode, InstructionValue};

use crate::codegen::builder::Builder;
use crate::codegen::frames::instructions;
use crate::codegen::tail_calls::has_stack_arguments;

/// Which operand of a `select` is chosen when its condition does not hold.
const OTHERWISE: u32 = 2;

/// Hides one value of each `select` that might be a load from the stack. To be run after all passes.
pub(super) fn keep_values<'ctx>(context: &'ctx Context, module: &Module<'ctx>) {
    let builder = Builder::new(context);
    for function in module.get_functions().filter(|function| has_stack_arguments(function.get_type())) {
        let is_select = |found: &InstructionValue<'ctx>| found.get_opcode() == InstructionOpcode::Select;
        let selects: Vec<InstructionValue<'ctx>> = instructions(function).filter(is_select).collect();
        for select in selects {
            let value = select.get_operand(OTHERWISE).and_then(|operand| operand.value());
            let value = value.expect("BUG: a choice without values");
            builder.before(&select);
            select.set_operand(OTHERWISE, builder.freeze(value));
        }
    }
}
