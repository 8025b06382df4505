//! Inline `memset` and `memcpy`: filling and copying memory without a call.
//!
//! requires: `llvm`, whose passes turn consecutive stores into calls of `memset`.
//! ensures: no call of C's `memset` or `memcpy` is emitted.
//!
//! At `-O0` LLVM calls these functions even for a few bytes. `memset` and `memcpy` cannot run on a green thread's
//! stack: they need more room than the reserve, and the linker would change the caller's stack check to require that
//! room. So a call with a known number of bytes is replaced by an intrinsic that never becomes a call. A call with an
//! unknown number does not occur: `values::mem_copy` fills and copies in loops.

use std::iter::successors;

use inkwell::intrinsics::Intrinsic;
use inkwell::module::Module;
use inkwell::types::{BasicMetadataTypeEnum, BasicTypeEnum};
use inkwell::values::{BasicValue, FunctionValue, InstructionValue};

use crate::codegen::passes::ir::PassCx;

/// LLVM's intrinsics that may become a call, each with the intrinsic that never does.
const FORMS: [(&str, &str); 2] =
    [("llvm.memset.", "llvm.memset.inline"), ("llvm.memcpy.", "llvm.memcpy.inline")];
/// The index of the argument that is the number of bytes.
const LENGTH: u32 = 2;

/// Replaces the calls whose number of bytes is known.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    for function in cx.module.get_functions() {
        let Some(name) = form(function) else { continue };
        let found: Vec<_> = calls_of(function).filter(|&call| is_length_known(call)).collect();
        for call in found {
            let callee = call.get_num_operands() - 1;
            let replacement = declaration(cx.module, name, function);
            call.set_operand(callee, replacement.as_global_value().as_pointer_value());
        }
    }
}

/// The intrinsic that does the same without a call, if `function` is an intrinsic that may become a call.
fn form(function: FunctionValue<'_>) -> Option<&'static str> {
    let name = function.get_name().to_str().ok()?;
    let (_, in_place) =
        FORMS.iter().find(|(form, in_place)| name.starts_with(form) && !name.starts_with(in_place))?;
    Some(in_place)
}

/// The declaration of the intrinsic `name`, with the parameter types of `like`.
#[expect(clippy::wildcard_enum_match_arm, reason = "LLVM has many kinds, and may have more")]
fn declaration<'ctx>(module: &Module<'ctx>, name: &str, like: FunctionValue<'ctx>) -> FunctionValue<'ctx> {
    // The intrinsic is overloaded by the types of its pointers and of the length.
    let overloaded = |ty: BasicMetadataTypeEnum<'ctx>| match ty {
        BasicMetadataTypeEnum::PointerType(ty) => Some(BasicTypeEnum::from(ty)),
        BasicMetadataTypeEnum::IntType(ty) if ty.get_bit_width() > 8 => Some(ty.into()),
        _ => None,
    };
    let types: Vec<_> = like.get_type().get_param_types().into_iter().filter_map(overloaded).collect();
    Intrinsic::find(name)
        .and_then(|intrinsic| intrinsic.get_declaration(module, &types))
        .unwrap_or_else(|| panic!("BUG: LLVM has no `{name}`"))
}

/// All calls of an intrinsic, which has no other uses.
fn calls_of<'ctx>(function: FunctionValue<'ctx>) -> impl Iterator<Item = InstructionValue<'ctx>> {
    let first = function.as_global_value().as_pointer_value().get_first_use();
    successors(first, |found| found.get_next_use()).map(|found| found.get_user().into_instruction_value())
}

fn is_length_known(call: InstructionValue<'_>) -> bool {
    let length = call.get_operand(LENGTH).and_then(|operand| operand.value());
    length.is_some_and(|length| length.is_int_value() && length.into_int_value().is_constant_int())
}
