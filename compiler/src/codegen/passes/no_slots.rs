//! A check that no local is in a stack slot, whose address could be taken.
//!
//! requires: `llvm`, whose `mem2reg` turns every local into SSA values, as nothing takes a local's address.
//! ensures: no `alloca`. LLVM addresses later spill slots through `rsp`.

use inkwell::values::InstructionOpcode;

use crate::codegen::passes::ir::{PassCx, instructions};

/// Checks all functions.
///
/// # Panics
/// With `BUG:` if a function has a stack slot.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    for function in cx.module.get_functions() {
        let slot = instructions(function).find(|found| found.get_opcode() == InstructionOpcode::Alloca);
        if let Some(slot) = slot {
            panic!("BUG: {slot} is left in {}", function.get_name().to_string_lossy());
        }
    }
}
