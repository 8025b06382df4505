//! Frozen selects: a `select` between stack arguments remains a choice between values.
//!
//! requires: `inline_allocations`, after which no pass removes a `freeze`.
//! ensures: instruction selection turns no `select` into a choice between two stack addresses.
//!
//! ```text
//!                                        with a `freeze`            by default
//!   %x = select %c, %seven, %eight       mov  8(%rsp), %rax         lea  8(%rsp), %rax
//!                                        cmov 16(%rsp), %rax        lea  16(%rsp), %rcx     addresses of the stack
//!   %seven and %eight are arguments                                 cmov %rcx, %rax         in registers
//!   on the stack                                                    mov  (%rax), %rax
//! ```
//!
//! By default LLVM generates the code on the right (`DAGCombiner::SimplifySelectOps`, LLVM 22): it selects between the
//! addresses and loads once. But the stack may move while the address is in a register. LLVM transforms only a `select`
//! between two loads. So a `freeze` of one value, which costs no instruction, prevents the transformation.

use inkwell::values::{InstructionOpcode, InstructionValue};

use crate::codegen::cx::builder::Builder;
use crate::codegen::passes::ir::{PassCx, has_stack_arguments, instructions};

/// The index of the operand that a `select` returns if its condition is false.
const OTHERWISE: u32 = 2;

/// Freezes one value of each `select` in functions with stack arguments.
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
