//! Inline assembly, and empty assembly that only constrains LLVM's optimiser.

use std::ptr::null_mut;

use inkwell::attributes::AttributeLoc;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::llvm_sys::core::LLVMBuildCallBr;
use inkwell::types::{AsTypeRef, BasicType, BasicTypeEnum, IntType};
use inkwell::values::{AsValueRef, BasicValueEnum, CallSiteValue};

use crate::codegen::cx::attributes;
use crate::codegen::cx::builder::{Builder, built};

/// Inline assembly: its text, and its operands and clobbered registers as LLVM constraints.
pub(in crate::codegen) struct Assembly {
    pub(in crate::codegen) text: String,
    pub(in crate::codegen) constraints: String,
}

/// The maximum number of values that one piece of assembly keeps alive. These values are in registers at the same time,
/// and x86-64 has only fifteen general registers for values: a larger number would force the register allocator to
/// spill more.
const KEPT_AT_ONCE: usize = 4;

impl<'ctx> Builder<'ctx> {
    /// Inline assembly in AT&T syntax. LLVM does not remove it, since it has the flag `sideeffect`.
    pub(in crate::codegen) fn assembly(
        &self,
        context: &'ctx Context,
        assembly: &Assembly,
        result: Option<BasicTypeEnum<'ctx>>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> CallSiteValue<'ctx> {
        let types: Vec<_> = arguments.iter().map(|argument| argument.get_type().into()).collect();
        let ty = match result {
            Some(result) => result.fn_type(&types, false),
            None => context.void_type().fn_type(&types, false),
        };
        let (text, constraints) = (assembly.text.clone(), assembly.constraints.clone());
        let inline = context.create_inline_asm(ty, text, constraints, true, false, None, false);
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.into()).collect();
        let call = built(self.inner.build_indirect_call(ty, inline, &arguments, ""));
        call.add_attribute(AttributeLoc::Function, attributes::nounwind(context));
        call
    }

    /// Assembly that accesses no memory that the module can see. LLVM assumes that any other assembly stores to all
    /// memory, and reloads all values from the heap after it.
    pub(in crate::codegen) fn assembly_beside_memory(
        &self,
        context: &'ctx Context,
        assembly: &Assembly,
        result: Option<BasicTypeEnum<'ctx>>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> CallSiteValue<'ctx> {
        let call = self.assembly(context, assembly, result, arguments);
        call.add_attribute(AttributeLoc::Function, attributes::inaccessible_memory_only(context));
        call
    }

    /// Keeps values alive up to this point: in registers or, over a switch or a poll, on the stack.
    pub(in crate::codegen) fn keep(&self, context: &'ctx Context, values: &[BasicValueEnum<'ctx>]) {
        for values in values.chunks(KEPT_AT_ONCE) {
            let constraints = vec!["r"; values.len()].join(",");
            let nothing = Assembly { text: String::new(), constraints };
            self.assembly_beside_memory(context, &nothing, None, values);
        }
    }

    /// Makes the function's frame one word larger, without an instruction.
    pub(in crate::codegen) fn reserve_word(&self, context: &'ctx Context, word: IntType<'ctx>) {
        let place = self.alloca(word, "");
        let ty = context.void_type().fn_type(&[self.pointer.into()], false);
        let inline = context.create_inline_asm(ty, String::new(), "*m".to_owned(), true, false, None, false);
        let call = built(self.inner.build_indirect_call(ty, inline, &[place.into()], ""));
        call.add_attribute(AttributeLoc::Param(0), attributes::element_type(context, word));
        call.add_attribute(AttributeLoc::Function, attributes::nounwind(context));
    }

    /// Jumps to `next` by a `callbr` with empty assembly, which emits no instruction. LLVM must assume that the jump
    /// may also go to `elsewhere`, so it does not merge the blocks.
    pub(in crate::codegen) fn go_on(
        &self,
        context: &'ctx Context,
        next: BasicBlock<'ctx>,
        elsewhere: BasicBlock<'ctx>,
    ) {
        let ty = context.void_type().fn_type(&[], false);
        let (text, constraints) = (String::new(), "!i".to_owned());
        let inline = context.create_inline_asm(ty, text, constraints, true, false, None, false);
        let mut elsewhere = [elsewhere.as_mut_ptr()];
        // SAFETY: the builder is at the end of a block, and both targets are blocks of the same function:
        // `split_blocks`, the only caller, creates them there. The array contains one address, as the count states;
        // there are no arguments and no bundles, so their null pointers are not read. LLVM copies the empty name.
        unsafe {
            LLVMBuildCallBr(
                self.inner.as_mut_ptr(),
                ty.as_type_ref(),
                inline.as_value_ref(),
                next.as_mut_ptr(),
                elsewhere.as_mut_ptr(),
                1,
                null_mut(),
                0,
                null_mut(),
                0,
                c"".as_ptr(),
            );
        }
    }
}
