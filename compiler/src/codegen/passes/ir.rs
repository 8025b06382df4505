//! The module as passes see it, and queries about IR that several passes share.

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::types::{BasicMetadataTypeEnum, FunctionType};
use inkwell::values::{CallSiteValue, FunctionValue, InstructionValue, LLVMTailCallKind};

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::input::Level;
use crate::codegen::cx::target::Machine;
use crate::codegen::values::calling_convention::{GENERAL_ARGUMENTS, VECTOR_ARGUMENTS};

/// A module that passes run over, with the options of the run.
pub(in crate::codegen) struct PassCx<'m, 'ctx> {
    pub(in crate::codegen) context: &'ctx Context,
    pub(in crate::codegen) module: &'m Module<'ctx>,
    pub(in crate::codegen) machine: &'m Machine,
    pub(in crate::codegen) level: Level,
    /// Whether loops get polls.
    pub(in crate::codegen) polls: bool,
}

/// The instructions of a function, in order.
pub(in crate::codegen) fn instructions<'ctx>(
    function: FunctionValue<'ctx>,
) -> impl Iterator<Item = InstructionValue<'ctx>> {
    function.get_basic_block_iter().flat_map(|block| block.get_instructions())
}

/// The calls in a function, in order.
pub(in crate::codegen) fn calls<'ctx>(
    function: FunctionValue<'ctx>,
) -> impl Iterator<Item = CallSiteValue<'ctx>> {
    instructions(function).filter_map(|instruction| CallSiteValue::try_from(instruction).ok())
}

/// Whether the function's prologue compares `rsp` with the stack limit: it does if the function calls compiled code.
/// Calls of runtime functions need no check, since these functions run on the worker's stack.
pub(in crate::codegen) fn has_check(function: FunctionValue<'_>) -> bool {
    compiled_calls(function).next().is_some()
}

/// The calls of compiled functions in a function.
pub(in crate::codegen) fn compiled_calls<'ctx>(
    function: FunctionValue<'ctx>,
) -> impl Iterator<Item = CallSiteValue<'ctx>> {
    calls(function).filter(|call| call.get_call_convention() == TAILCC)
}

/// Whether the call is marked `musttail`: it must reuse its caller's frame.
pub(in crate::codegen) fn is_must_tail(call: CallSiteValue<'_>) -> bool {
    call.get_tail_call_kind() == LLVMTailCallKind::LLVMTailCallKindMustTail
}

/// Whether the calling convention passes some arguments on the stack.
pub(in crate::codegen) fn has_stack_arguments(ty: FunctionType<'_>) -> bool {
    let parameters = ty.get_param_types();
    let floats = parameters.iter().filter(|ty| matches!(ty, BasicMetadataTypeEnum::FloatType(_))).count();
    floats > VECTOR_ARGUMENTS || parameters.len() - floats > GENERAL_ARGUMENTS
}
