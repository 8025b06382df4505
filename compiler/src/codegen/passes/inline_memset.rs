//! Memory that is filled or copied without a call.
//!
//! LLVM's lowest level calls C's `memset` and `memcpy` even for a few bytes. They are no code for the stack of a green
//! thread: they need more room than is granted, and the linker would turn the caller's check into one that asks for it.
//! So where the number of bytes is known, the instructions are asked for in place. Where it is not, the generator never
//! fills and copies otherwise than by a loop.

use std::iter::successors;

use inkwell::intrinsics::Intrinsic;
use inkwell::module::Module;
use inkwell::types::{BasicMetadataTypeEnum, BasicTypeEnum};
use inkwell::values::{BasicValue, FunctionValue, InstructionValue};

/// LLVM's functions, and those that are never a call.
const FORMS: [(&str, &str); 2] =
    [("llvm.memset.", "llvm.memset.inline"), ("llvm.memcpy.", "llvm.memcpy.inline")];
/// Which argument is the number of bytes.
const LENGTH: u32 = 2;

/// Replaces the calls whose number of bytes is known. To be run after all passes.
pub(super) fn in_place(module: &Module<'_>) {
    for function in module.get_functions() {
        let Some(name) = form(function) else { continue };
        let found: Vec<_> = calls_of(function).filter(|&call| is_length_known(call)).collect();
        for call in found {
            let callee = call.get_num_operands() - 1;
            let replacement = declaration(module, name, function);
            call.set_operand(callee, replacement.as_global_value().as_pointer_value());
        }
    }
}

/// What never calls and does the same, if the function is such a one.
fn form(function: FunctionValue<'_>) -> Option<&'static str> {
    let name = function.get_name().to_str().ok()?;
    let (_, in_place) =
        FORMS.iter().find(|(form, in_place)| name.starts_with(form) && !name.starts_with(in_place))?;
    Some(in_place)
}

/// The function with that name and the same parameters as `like`.
fn declaration<'ctx>(module: &Module<'ctx>, name: &str, like: FunctionValue<'ctx>) -> FunctionValue<'ctx> {
    // What is overloaded: the pointers and the number.
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

/// All calls of one of LLVM's functions, which has no other uses.
fn calls_of<'ctx>(function: FunctionValue<'ctx>) -> impl Iterator<Item = InstructionValue<'ctx>> {
    let first = function.as_global_value().as_pointer_value().get_first_use();
    successors(first, |found| found.get_next_use()).map(|found| found.get_user().into_instruction_value())
}

fn is_length_known(call: InstructionValue<'_>) -> bool {
    let length = call.get_operand(LENGTH).and_then(|operand| operand.value());
    length.is_some_and(|length| length.is_int_value() && length.into_int_value().is_constant_int())
}
