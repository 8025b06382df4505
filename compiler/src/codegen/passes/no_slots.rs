//! A check that no local is left in a stack slot, where its address could be taken.
//!
//! requires: `llvm`, whose `mem2reg` makes every local SSA values, as nothing takes the address of one.
//! ensures: no `alloca`. What LLVM spills later it addresses through `rsp`.

use inkwell::values::InstructionOpcode;

use crate::codegen::passes::ir::{PassCx, instructions};

/// Checks all functions.
///
/// # Panics
/// With `BUG:` if there is a slot.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    for function in cx.module.get_functions() {
        let slot = instructions(function).find(|found| found.get_opcode() == InstructionOpcode::Alloca);
        if let Some(slot) = slot {
            panic!("BUG: {slot} is left in {}", function.get_name().to_string_lossy());
        }
    }
}
