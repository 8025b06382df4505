//! Tail calls: MIR's tail calls and no others, in a form that LLVM 22 compiles correctly.
//!
//! requires: `stack_checks`, which looks for `musttail` calls.
//! ensures: each tail call of MIR reuses its caller's frame, and no other call does.
//!
//! A tail call is generated as `musttail`, so that no pass separates it from its `ret`. But LLVM 22 emits every
//! `musttail` call as if caller and callee had the same arguments on the stack: it neither stores the callee's
//! arguments nor moves the return address (llvm-project issue 199224; fixed in LLVM 23 for arguments in memory). With
//! `tailcc`, a plain `tail` call before its `ret` is also guaranteed to be a tail call, and LLVM compiles it correctly.
//! So calls with arguments in memory become plain `tail` calls.

use inkwell::values::LLVMTailCallKind;

use crate::codegen::cx::attributes;
use crate::codegen::passes::ir::{PassCx, calls, has_stack_arguments, is_must_tail};

/// Sets the final tail call kind of each call: none, `tail` or `musttail`.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    for function in cx.module.get_functions() {
        attributes::allow_tail_calls(function);
        let in_memory = has_stack_arguments(function.get_type());
        for call in calls(function) {
            if !is_must_tail(call) {
                // LLVM's passes mark every call that could be a tail call. But stack traces would lack the caller of
                // such a call.
                call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindNone);
            } else if in_memory || has_stack_arguments(call.get_called_fn_type()) {
                call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindTail);
            }
        }
    }
}
