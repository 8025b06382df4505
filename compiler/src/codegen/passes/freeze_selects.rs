//! Frozen selects: a choice between stack arguments that stays a choice between values.
//!
//! requires: `llvm`, after which no pass removes a `freeze`.
//! ensures: instruction selection makes no `select` a choice between two addresses of the stack.
//!
//! ```text
//!   %x = select %c, %seven, %eight       mov  8(%rsp), %rax         lea  8(%rsp), %rax
//!                                        cmov 16(%rsp), %rax        lea  16(%rsp), %rcx     addresses of the stack
//!   %seven and %eight are arguments                                 cmov %rcx, %rax         in registers
//!   on the stack                         with a `freeze`            mov  (%rax), %rax
//! ```
//!
//! On the right is LLVM's own choice (`DAGCombiner::SimplifySelectOps`, LLVM 22): it selects between the addresses and
//! loads once. But the stack may move while the address is in a register. LLVM does this only where it sees two loads:
//! a `freeze` before one of them, which costs no instruction, prevents it.

use inkwell::values::{InstructionOpcode, InstructionValue};

use crate::codegen::cx::builder::Builder;
use crate::codegen::passes::ir::{PassCx, has_stack_arguments, instructions};

/// The operand of a `select` that is its value when the condition is false.
const OTHERWISE: u32 = 2;

/// Freezes one value of each `select` in the functions that have arguments on the stack.
pub(in crate::codegen) fn run<'ctx>(cx: &PassCx<'_, 'ctx>) {
    let builder = Builder::new(cx.context);
    for function in cx.module.get_functions().filter(|function| has_stack_arguments(function.get_type())) {
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
