//! Bodies of `gen fn`s as coroutines of LLVM, in the form that LLVM's documentation calls "switched-resume".
//!
//! ```text
//!   ramp:    %id = coro.id; %frame = coro.begin(%id, memory); coro.suspend      returns the new generator
//!   resume:  the body, from one coro.suspend to the next
//! ```
//!
//! LLVM's pass `coro-split` cuts the function in two: the ramp, and a function that continues the body. The address of
//! the second function is stored in the frame. The frame is always on the heap: a frame whose allocation LLVM elided
//! would be a stack slot with its address in memory, and stacks with such slots cannot move. Only the collector frees
//! the frame. It scans all words of the frame, since only LLVM knows the frame's layout.

use std::mem::offset_of;

use inkwell::intrinsics::Intrinsic;
use inkwell::llvm_sys::core::{
    LLVMBuildCall2, LLVMConstNull, LLVMGlobalGetValueType, LLVMTokenTypeInContext,
};
use inkwell::llvm_sys::prelude::LLVMValueRef;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{AnyValue, AsValueRef, BasicValueEnum, FunctionValue, InstructionOpcode, PointerValue};
use weft_abi::{ArrayObject, CoroutineGenerator, Generator, Header, well_known};

use crate::codegen::cx::function::{Coroutine, FunctionCx};
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tbaa::Content;
use crate::mir::Scalar;

const WORD: usize = size_of::<u64>();

/// The alignment of frames, in bytes.
const ALIGNMENT: u64 = 8;

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Begins a coroutine: allocates its frame and its generator, and suspends it. Returns the generator.
    pub(in crate::codegen) fn begin_coroutine(&mut self) -> PointerValue<'ctx> {
        let id = self.cx.coroutine_id();
        let size = self.cx.coroutine_size();
        let frame = self.allocate_frame(size);
        let memory = self.cx.offset(frame, size_of::<ArrayObject>(), "memory");
        let handle = self.cx.begin_frame(id, memory);
        let of = self.function.frame.expect("BUG: a coroutine without a frame");
        let references = [offset_of!(Generator, resumer), offset_of!(CoroutineGenerator, frame)];
        let generator = self.new_with_slots(of, size_of::<CoroutineGenerator>(), &references);
        let parts = &self.cx.input.program.frames[of];
        self.set_code(generator, parts.code);
        let start = self.cx.types.word.const_int(parts.start as u64, true);
        self.set_state(generator, start.into());
        let place = self.cx.offset(generator, offset_of!(CoroutineGenerator, frame), "frame");
        self.cx.store_scalar(Content::Frames, place, frame.into());
        let place = self.cx.offset(generator, offset_of!(CoroutineGenerator, handle), "handle");
        self.cx.store_scalar(Content::Handle, place, handle.into());
        let returns = self.block("returns");
        self.coroutine = Some(Coroutine { returns, last: None });
        self.suspend_coroutine(false);
        let here = self.cx.builder.current_block();
        self.cx.builder.at_end(returns);
        self.cx.end_frame(handle);
        self.cx.builder.ret(Some(generator.into()));
        self.cx.builder.at_end(here);
        generator
    }

    /// Allocates the object for a frame of `size` bytes.
    fn allocate_frame(&mut self, size: BasicValueEnum<'ctx>) -> PointerValue<'ctx> {
        let (builder, types) = (&self.cx.builder, self.cx.types);
        let rounded =
            builder.int_operation(InstructionOpcode::Add, size.into_int_value(), types.int(WORD - 1));
        let length = builder.int_operation(InstructionOpcode::UDiv, rounded, types.int(WORD));
        let bytes = builder.int_operation(InstructionOpcode::Mul, length, types.int(WORD));
        let bytes = builder.int_operation(InstructionOpcode::Add, bytes, types.int(size_of::<ArrayObject>()));
        self.cx.allocate_array(Header::new(well_known::WORDS), length, bytes)
    }

    /// Suspends the coroutine. The code that is generated next runs when the coroutine is resumed. After the last
    /// suspension (`is_last`) the coroutine is never resumed.
    pub(in crate::codegen) fn suspend_coroutine(&mut self, is_last: bool) {
        let Coroutine { returns, .. } = self.coroutine.expect("BUG: a suspension outside of a coroutine");
        let next = self.cx.suspend_frame(is_last);
        let resumed = self.block("resumed");
        let byte = self.cx.types.byte;
        // 0 means that the coroutine is resumed, 1 that it is destroyed, and any other value that it is suspended now.
        // Only a resumption continues the body.
        let cases = [(byte.const_zero(), resumed), (byte.const_int(1, false), returns)];
        self.cx.builder.switch(next.into_int_value(), returns, &cases);
        self.cx.builder.at_end(resumed);
    }

    /// Ends the body of a coroutine.
    pub(in crate::codegen) fn finish_coroutine(&mut self) {
        let coroutine = self.coroutine.expect("BUG: a return outside of a coroutine");
        if let Some(last) = coroutine.last {
            return self.cx.builder.jump(last);
        }
        let last = self.block("last");
        self.coroutine = Some(Coroutine { last: Some(last), ..coroutine });
        self.cx.builder.jump(last);
        self.cx.builder.at_end(last);
        self.suspend_coroutine(true);
        self.cx.builder.unreachable();
    }

    /// Resumes the coroutine of a generator.
    pub(in crate::codegen) fn resume_coroutine(&mut self, generator: PointerValue<'ctx>) {
        let place = self.cx.offset(generator, offset_of!(CoroutineGenerator, handle), "handle");
        let handle = self.cx.load_scalar(Content::Handle, Scalar::Reference, place, "handle");
        let resume = self.cx.intrinsic("llvm.coro.resume", &[]);
        self.cx.builder.call(resume, &[handle], "");
    }
}

/// The intrinsics of coroutines. They pass tokens, for which `inkwell` has no type.
impl<'ctx> ModuleCx<'ctx, '_> {
    fn intrinsic(&self, name: &str, types: &[BasicTypeEnum<'ctx>]) -> FunctionValue<'ctx> {
        Intrinsic::find(name)
            .and_then(|intrinsic| intrinsic.get_declaration(&self.module, types))
            .unwrap_or_else(|| panic!("BUG: LLVM lacks {name}"))
    }

    fn coroutine_id(&self) -> LLVMValueRef {
        let null = self.types.pointer.const_null().as_value_ref();
        let alignment = self.types.i32.const_int(ALIGNMENT, false).as_value_ref();
        self.call_intrinsic("llvm.coro.id", &[], &mut [alignment, null, null, null])
    }

    fn coroutine_size(&self) -> BasicValueEnum<'ctx> {
        self.call(self.intrinsic("llvm.coro.size", &[self.types.word.into()]), &[])
    }

    fn begin_frame(&self, id: LLVMValueRef, memory: PointerValue<'ctx>) -> PointerValue<'ctx> {
        let handle = self.call_intrinsic("llvm.coro.begin", &[], &mut [id, memory.as_value_ref()]);
        // SAFETY: `call_intrinsic` has just built the call, and `llvm.coro.begin` returns a pointer.
        unsafe { PointerValue::new(handle) }
    }

    fn suspend_frame(&self, is_last: bool) -> BasicValueEnum<'ctx> {
        let is_last = self.types.bool.const_int(is_last.into(), false).as_value_ref();
        let next = self.call_intrinsic("llvm.coro.suspend", &[], &mut [self.no_token(), is_last]);
        // SAFETY: `call_intrinsic` has just built the call, and `llvm.coro.suspend` returns an integer.
        unsafe { BasicValueEnum::new(next) }
    }

    fn end_frame(&self, handle: PointerValue<'ctx>) {
        let unwinds = self.types.bool.const_zero().as_value_ref();
        self.call_intrinsic("llvm.coro.end", &[], &mut [handle.as_value_ref(), unwinds, self.no_token()]);
    }

    fn no_token(&self) -> LLVMValueRef {
        // SAFETY: the context is alive as long as the module.
        unsafe { LLVMConstNull(LLVMTokenTypeInContext(self.context.raw())) }
    }

    /// Builds a call of an intrinsic that takes or returns a token.
    fn call_intrinsic(
        &self,
        name: &str,
        types: &[BasicTypeEnum<'ctx>],
        arguments: &mut [LLVMValueRef],
    ) -> LLVMValueRef {
        let function = self.intrinsic(name, types).as_any_value_enum().as_value_ref();
        // SAFETY: the builder is at the end of a block, all values belong to its context, and the callers pass the
        // arguments that the intrinsic takes. LLVM copies the empty name.
        unsafe {
            LLVMBuildCall2(
                self.builder.raw(),
                LLVMGlobalGetValueType(function),
                function,
                arguments.as_mut_ptr(),
                arguments.len() as u32,
                c"".as_ptr(),
            )
        }
    }
}
