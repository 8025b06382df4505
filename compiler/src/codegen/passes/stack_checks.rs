//! That every frame is checked against the stack's limit.
//!
//! LLVM leaves the check out of a function whose frame is empty, since on its usual stacks only a function that calls
//! nothing has an empty frame: where calls are made, frames are padded to sixteen bytes. Ours are not (see
//! `generator::STACK_ALIGNMENT`), so a recursive function with nothing live over its calls would go down the stack
//! unchecked, one return address at a time. Functions that call others therefore get one word in their frame, as
//! padding would give to half of them.

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::{CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue};

use crate::codegen::attributes::TAILCC;
use crate::codegen::builder::Builder;
use crate::codegen::tail_calls;

/// Makes sure that no local is left in a slot of the stack, where its address could be taken.
///
/// # Panics
/// With `BUG:` if one is.
pub(super) fn require_no_slots(module: &Module<'_>) {
    for function in module.get_functions() {
        let slot = instructions(function).find(|found| found.get_opcode() == InstructionOpcode::Alloca);
        if let Some(slot) = slot {
            panic!("BUG: {slot} is left in {}", function.get_name().to_string_lossy());
        }
    }
}

/// Gives each function that calls another a frame, so that it has a check. To be run after all passes.
pub(super) fn require_checks<'ctx>(context: &'ctx Context, module: &Module<'ctx>) {
    let builder = Builder::new(context);
    for function in module.get_functions().filter(|&function| needs_word(function)) {
        let entry = function.get_first_basic_block().expect("BUG: a function that calls has a body");
        builder.before(&entry.get_first_instruction().expect("BUG: an empty block"));
        builder.reserve_word(context, context.i64_type());
    }
}

/// Whether the function's prologue compares `rsp` with the limit: if it calls another compiled one. The runtime's
/// functions use stacks of their own.
pub(super) fn has_check(function: FunctionValue<'_>) -> bool {
    compiled_calls(function).next().is_some()
}

/// Whether only a word makes LLVM put the check there: one with a tail call has it in any case.
fn needs_word(function: FunctionValue<'_>) -> bool {
    has_check(function) && !compiled_calls(function).any(tail_calls::is_must_tail)
}

/// The calls of compiled functions in a function.
fn compiled_calls<'ctx>(function: FunctionValue<'ctx>) -> impl Iterator<Item = CallSiteValue<'ctx>> {
    calls(function).filter(|call| call.get_call_convention() == TAILCC)
}

/// The instructions of a function, in the order they stand.
pub(super) fn instructions<'ctx>(
    function: FunctionValue<'ctx>,
) -> impl Iterator<Item = InstructionValue<'ctx>> {
    function.get_basic_block_iter().flat_map(|block| block.get_instructions())
}

/// The calls in a function, in the order they stand.
pub(super) fn calls<'ctx>(function: FunctionValue<'ctx>) -> impl Iterator<Item = CallSiteValue<'ctx>> {
    instructions(function).filter_map(|instruction| CallSiteValue::try_from(instruction).ok())
}
