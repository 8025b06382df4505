//! Removal of the calls of `weft.present`, which tell LLVM that a reference is not null; `values::references` explains
//! them.
//!
//! requires: `llvm`, whose passes use the calls.
//! ensures: no call of `weft.present` is left.

use inkwell::values::BasicValue;

use crate::codegen::passes::ir::PassCx;
use crate::codegen::values::references::PRESENT;

/// Replaces each call by its argument, and deletes the function.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    let Some(mark) = cx.module.get_function(PRESENT) else { return };
    while let Some(found) = mark.as_global_value().as_pointer_value().get_first_use() {
        let marked = found.get_user().into_pointer_value();
        let call = marked.as_instruction().expect("BUG: a mark is no call");
        let object = call.get_operand(0).and_then(|operand| operand.value()).expect("BUG: a mark of nothing");
        marked.replace_all_uses_with(object.into_pointer_value());
        call.erase_from_basic_block();
    }
    // SAFETY: the loop above has erased every call of the function, and the function has no other uses. So nothing
    // refers to it when it is deleted.
    unsafe { mark.delete() };
}
