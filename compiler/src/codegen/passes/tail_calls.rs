//! Tail calls: those that MIR asks for, no others, and in a form that LLVM 22 gets right.
//!
//! A tail call is generated as `musttail`: whatever the optimiser does, the `ret` stays behind it. But LLVM 22 emits
//! every `musttail` call as if caller and callee had the same arguments on the stack: it neither stores those of the
//! callee nor moves the return address (llvm-project issue 199224; mended in LLVM 23 for arguments in memory). With
//! `tailcc` a plain `tail` call in front of its `ret` is guaranteed just the same, and is emitted by the code that
//! does all that. So where memory is involved, that is what remains.

use inkwell::module::Module;
use inkwell::types::{BasicMetadataTypeEnum, FunctionType};
use inkwell::values::{CallSiteValue, LLVMTailCallKind};

use crate::codegen::attributes;
use crate::codegen::convention::{GENERAL_ARGUMENTS, VECTOR_ARGUMENTS};
use crate::codegen::frames::calls;

/// Leaves those tail calls, and only those, that MIR asks for, in the form that LLVM gets right. To be run after all
/// passes.
pub(super) fn settle(module: &Module<'_>) {
    for function in module.get_functions() {
        attributes::allow_tail_calls(function);
        let in_memory = has_stack_arguments(function.get_type());
        for call in calls(function) {
            if !is_must_tail(call) {
                // LLVM's passes mark what could be one. But then a caller is missing in traces.
                call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindNone);
            } else if in_memory || has_stack_arguments(call.get_called_fn_type()) {
                call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindTail);
            }
        }
    }
}

/// Whether the call certainly takes the place of its caller.
pub(super) fn is_must_tail(call: CallSiteValue<'_>) -> bool {
    call.get_tail_call_kind() == LLVMTailCallKind::LLVMTailCallKindMustTail
}

/// Whether the calling convention passes some arguments on the stack.
pub(super) fn has_stack_arguments(ty: FunctionType<'_>) -> bool {
    let parameters = ty.get_param_types();
    let floats = parameters.iter().filter(|ty| matches!(ty, BasicMetadataTypeEnum::FloatType(_))).count();
    floats > VECTOR_ARGUMENTS || parameters.len() - floats > GENERAL_ARGUMENTS
}
