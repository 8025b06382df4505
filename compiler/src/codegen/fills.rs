//! Memory that is filled or copied without a call.
//!
//! LLVM's lowest level calls C's `memset` and `memcpy` even for a few bytes. They are no code for the stack of a green
//! thread: they need more room than is granted, and the linker would turn the caller's check into one that asks for it.
//! So where the number of bytes is known, the instructions are asked for in place. Where it is not, the generator never
//! fills and copies otherwise than by a loop.

use inkwell::intrinsics::Intrinsic;
use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{CallSiteValue, InstructionValue};

use crate::codegen::frames::instructions;

/// LLVM's functions, and those that are never a call.
const FORMS: [(&str, &str); 2] =
    [("llvm.memset.", "llvm.memset.inline"), ("llvm.memcpy.", "llvm.memcpy.inline")];
/// Which argument is the number of bytes.
const LENGTH: u32 = 2;

/// Replaces the calls whose number of bytes is known. To be run after all passes.
pub(super) fn in_place(module: &Module<'_>) {
    for function in module.get_functions() {
        let found: Vec<_> = instructions(function).filter_map(|found| Some((found, form(found)?))).collect();
        for (call, name) in found {
            let types = CallSiteValue::try_from(call).map(|call| call.get_called_fn_type().get_param_types());
            // What is overloaded: the pointers and the number.
            let overloaded = |ty: &BasicTypeEnum<'_>| match ty {
                BasicTypeEnum::PointerType(_) => true,
                BasicTypeEnum::IntType(ty) => ty.get_bit_width() > 8,
                _ => false,
            };
            let types = types.into_iter().flatten().filter_map(|ty| BasicTypeEnum::try_from(ty).ok());
            let types: Vec<BasicTypeEnum<'_>> = types.filter(overloaded).collect();
            let replacement = Intrinsic::find(name)
                .and_then(|intrinsic| intrinsic.get_declaration(module, &types))
                .unwrap_or_else(|| panic!("BUG: LLVM has no `{name}`"));
            let callee = call.get_num_operands() - 1;
            call.set_operand(callee, replacement.as_global_value().as_pointer_value());
        }
    }
}

/// What never calls and does the same, if the instruction is such a call and the number of bytes is known.
fn form(instruction: InstructionValue<'_>) -> Option<&'static str> {
    let callee = CallSiteValue::try_from(instruction).ok()?.get_called_fn_value()?;
    let callee = callee.get_name().to_str().ok()?;
    let &(_, in_place) =
        FORMS.iter().find(|(form, in_place)| callee.starts_with(form) && !callee.starts_with(in_place))?;
    let length = instruction.get_operand(LENGTH)?.value()?;
    (length.is_int_value() && length.into_int_value().is_constant_int()).then_some(in_place)
}
