//! LLVM's builder, as far as it is used here. A builder error means that it was used wrongly, so this is the one place
//! that unwraps them.

use std::ptr::null_mut;

use inkwell::attributes::AttributeLoc;
use inkwell::basic_block::BasicBlock;
use inkwell::builder::BuilderError;
use inkwell::context::Context;
use inkwell::debug_info::DILocation;
use inkwell::llvm_sys::core::{
    LLVMBuildCallBr, LLVMBuildFreeze, LLVMGetNumSuccessors, LLVMGetSuccessor, LLVMSetSuccessor,
};
use inkwell::types::{AsTypeRef, BasicType, BasicTypeEnum, FloatType, FunctionType, IntType, PointerType};
use inkwell::values::{
    AsValueRef, BasicMetadataValueEnum, BasicValue, BasicValueEnum, CallSiteValue, FloatValue, FunctionValue,
    InstructionOpcode, InstructionValue, IntValue, LLVMTailCallKind, PhiValue, PointerValue, ValueKind,
};
use inkwell::{AddressSpace, AtomicOrdering, AtomicRMWBinOp, FloatPredicate, IntPredicate};
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::attributes;

/// Inline assembly: its text, and what it reads, gives and destroys in LLVM's notation.
pub(super) struct Assembly {
    pub(super) text: String,
    pub(super) constraints: String,
}

/// Builds instructions at the end of a block.
pub(super) struct Builder<'ctx> {
    inner: inkwell::builder::Builder<'ctx>,
    byte: IntType<'ctx>,
    pointer: PointerType<'ctx>,
    /// An address as an offset from `%fs`, where what belongs to an OS thread lies.
    thread_pointer: PointerType<'ctx>,
}

/// So many values are kept by one piece of assembly at most: each needs a register.
const KEPT_AT_ONCE: usize = 4;

/// LLVM's number of the address space that begins at `%fs`.
const THREAD_SPACE: u16 = 257;

fn built<T>(result: Result<T, BuilderError>) -> T {
    result.unwrap_or_else(|error| panic!("BUG: LLVM's builder: {error}"))
}

/// The value that a call gives, `None` for `void`.
pub(super) fn result<'ctx>(call: CallSiteValue<'ctx>) -> Option<BasicValueEnum<'ctx>> {
    match call.try_as_basic_value() {
        ValueKind::Basic(value) => Some(value),
        ValueKind::Instruction(_) => None,
    }
}

/// Whether a value is known to the compiler.
pub(super) fn is_constant(value: &BasicValueEnum<'_>) -> bool {
    match value {
        BasicValueEnum::IntValue(value) => value.is_const(),
        BasicValueEnum::FloatValue(value) => value.is_const(),
        BasicValueEnum::PointerValue(value) => value.is_const(),
        BasicValueEnum::StructValue(_)
        | BasicValueEnum::ArrayValue(_)
        | BasicValueEnum::VectorValue(_)
        | BasicValueEnum::ScalableVectorValue(_) => false,
    }
}

impl<'ctx> Builder<'ctx> {
    pub(super) fn new(context: &'ctx Context) -> Builder<'ctx> {
        let pointer = context.ptr_type(AddressSpace::default());
        let thread_pointer = context.ptr_type(AddressSpace::from(THREAD_SPACE));
        Builder { inner: context.create_builder(), byte: context.i8_type(), pointer, thread_pointer }
    }

    /// What is built from now on goes to the end of `block`.
    pub(super) fn at_end(&self, block: BasicBlock<'ctx>) {
        self.inner.position_at_end(block);
    }

    /// The block that is being built.
    pub(super) fn current_block(&self) -> BasicBlock<'ctx> {
        self.inner.get_insert_block().expect("BUG: nothing is being built")
    }

    /// What is built from now on goes before `instruction`.
    pub(super) fn before(&self, instruction: &InstructionValue<'ctx>) {
        self.inner.position_before(instruction);
    }

    /// Where what is built from now on comes from; `None` for code that is in no source.
    pub(super) fn set_location(&self, location: Option<DILocation<'ctx>>) {
        match location {
            Some(location) => self.inner.set_current_debug_location(location),
            None => self.inner.unset_current_debug_location(),
        }
    }

    // Memory.

    pub(super) fn alloca(&self, ty: impl BasicType<'ctx>, name: &str) -> PointerValue<'ctx> {
        built(self.inner.build_alloca(ty, name))
    }

    pub(super) fn load(
        &self,
        ty: impl BasicType<'ctx>,
        from: PointerValue<'ctx>,
        name: &str,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_load(ty, from, name))
    }

    /// A load of one word or half a word that other workers may be storing to.
    pub(super) fn load_atomic(
        &self,
        ty: IntType<'ctx>,
        from: PointerValue<'ctx>,
        ordering: AtomicOrdering,
    ) -> IntValue<'ctx> {
        let value = self.load(ty, from, "").into_int_value();
        let load = value.as_instruction_value().expect("BUG: a load is no instruction");
        load.set_atomic_ordering(ordering).unwrap_or_else(|error| panic!("BUG: an ordering: {error:?}"));
        value
    }

    /// Changes a word in one step, and gives what it was before.
    pub(super) fn change_atomic(
        &self,
        op: AtomicRMWBinOp,
        place: PointerValue<'ctx>,
        value: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_atomicrmw(op, place, value, AtomicOrdering::SequentiallyConsistent))
    }

    /// Replaces a word if it is the expected one, and gives what it was before.
    pub(super) fn replace_atomic(
        &self,
        place: PointerValue<'ctx>,
        expected: IntValue<'ctx>,
        new: IntValue<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        let order = AtomicOrdering::SequentiallyConsistent;
        let pair = built(self.inner.build_cmpxchg(place, expected, new, order, order));
        self.extract(pair.into(), 0, "")
    }

    /// The word that prologues compare `rsp` with, as it is at this moment: other threads change it.
    pub(super) fn load_stack_limit(&self, word: IntType<'ctx>) -> IntValue<'ctx> {
        let slot = word.const_int(LIMIT_SLOT as u64, false).const_to_pointer(self.thread_pointer);
        let limit = self.load(word, slot, "limit");
        let load = limit.as_instruction_value().expect("BUG: a load is no instruction");
        load.set_atomic_ordering(AtomicOrdering::Monotonic).expect("BUG: a load takes no ordering");
        load.set_alignment(8).expect("BUG: a load takes no alignment");
        limit.into_int_value()
    }

    pub(super) fn store(
        &self,
        to: PointerValue<'ctx>,
        value: impl BasicValue<'ctx>,
    ) -> InstructionValue<'ctx> {
        built(self.inner.build_store(to, value))
    }

    /// `base + offset` in bytes, inside the object that `base` points into.
    pub(super) fn offset(
        &self,
        base: PointerValue<'ctx>,
        offset: IntValue<'ctx>,
        name: &str,
    ) -> PointerValue<'ctx> {
        // SAFETY: building the instruction is safe whatever the offset; that executing it stays inside the object is
        // the caller's promise to LLVM.
        built(unsafe { self.inner.build_in_bounds_gep(self.byte, base, &[offset], name) })
    }

    /// `base + index` in elements of `ty`, inside the object that `base` points into.
    pub(super) fn element(
        &self,
        ty: impl BasicType<'ctx>,
        base: PointerValue<'ctx>,
        index: IntValue<'ctx>,
    ) -> PointerValue<'ctx> {
        // SAFETY: as in `offset`.
        built(unsafe { self.inner.build_in_bounds_gep(ty, base, &[index], "") })
    }

    pub(super) fn is_null(&self, value: PointerValue<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_is_null(value, ""))
    }

    /// Whether two addresses are one.
    pub(super) fn is_same(&self, one: PointerValue<'ctx>, other: PointerValue<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_int_compare(IntPredicate::EQ, one, other, ""))
    }

    // Calls.

    /// Calls a function with its own calling convention and what its call sites must repeat of its attributes.
    pub(super) fn call(
        &self,
        function: FunctionValue<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
        name: &str,
    ) -> CallSiteValue<'ctx> {
        let arguments: Vec<BasicMetadataValueEnum<'_>> =
            arguments.iter().map(|&value| value.into()).collect();
        let name = if function.get_type().get_return_type().is_some() { name } else { "" };
        let call = built(self.inner.build_direct_call(function, &arguments, name));
        call.set_call_convention(function.get_call_conventions());
        attributes::repeat_at_call(function, call);
        call
    }

    /// Calls code by its address. It has the calling convention `tailcc` and type `ty`.
    pub(super) fn call_address(
        &self,
        ty: FunctionType<'ctx>,
        code: PointerValue<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> CallSiteValue<'ctx> {
        let arguments: Vec<BasicMetadataValueEnum<'_>> =
            arguments.iter().map(|&value| value.into()).collect();
        let call = built(self.inner.build_indirect_call(ty, code, &arguments, ""));
        call.set_call_convention(attributes::TAILCC);
        call
    }

    /// Makes of a call that was just built one that takes the place of its caller: without a frame of this function's
    /// own, and returning what the callee returns.
    pub(super) fn return_call(&self, call: CallSiteValue<'ctx>) {
        call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindMustTail);
        self.ret(result(call));
    }

    /// Inline assembly in AT&T syntax that is executed exactly as often as it is reached.
    pub(super) fn assembly(
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

    /// Goes on with `next`, without an instruction; LLVM believes that it may go elsewhere, too.
    pub(super) fn go_on(&self, context: &'ctx Context, next: BasicBlock<'ctx>, elsewhere: BasicBlock<'ctx>) {
        let ty = context.void_type().fn_type(&[], false);
        let (text, constraints) = (String::new(), "!i".to_owned());
        let inline = context.create_inline_asm(ty, text, constraints, true, false, None, false);
        let mut elsewhere = [elsewhere.as_mut_ptr()];
        // SAFETY: the builder has a place at the end of a block, both blocks are of its function, and there is one
        // address in the array; there are no arguments and no bundles. LLVM copies the empty name.
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

    /// Keeps values up to here: in registers or, when there is a switch or a poll before, on the stack.
    pub(super) fn keep(&self, context: &'ctx Context, values: &[BasicValueEnum<'ctx>]) {
        for values in values.chunks(KEPT_AT_ONCE) {
            let constraints = vec!["r"; values.len()].join(",");
            let nothing = Assembly { text: String::new(), constraints };
            self.assembly_beside_memory(context, &nothing, None, values);
        }
    }

    /// Assembly that touches no memory that the module can see. Without that being said it would count as a store to
    /// all memory, and what is known of the heap would be forgotten.
    pub(super) fn assembly_beside_memory(
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

    /// Makes the function's frame one word larger. No instruction is emitted: the word is an operand of nothing.
    pub(super) fn reserve_word(&self, context: &'ctx Context, word: IntType<'ctx>) {
        let place = self.alloca(word, "");
        let ty = context.void_type().fn_type(&[self.pointer.into()], false);
        let inline = context.create_inline_asm(ty, String::new(), "*m".to_owned(), true, false, None, false);
        let call = built(self.inner.build_indirect_call(ty, inline, &[place.into()], ""));
        call.add_attribute(AttributeLoc::Param(0), attributes::element_type(context, word));
        call.add_attribute(AttributeLoc::Function, attributes::nounwind(context));
    }

    pub(super) fn extract(&self, pair: BasicValueEnum<'ctx>, index: u32, name: &str) -> BasicValueEnum<'ctx> {
        built(self.inner.build_extract_value(pair.into_struct_value(), index, name))
    }

    // Ways out.

    pub(super) fn ret(&self, value: Option<BasicValueEnum<'ctx>>) {
        built(self.inner.build_return(value.as_ref().map(|value| value as &dyn BasicValue<'ctx>)));
    }

    /// Returns several values in registers.
    pub(super) fn ret_all(&self, values: &[BasicValueEnum<'ctx>]) {
        built(self.inner.build_aggregate_return(values));
    }

    pub(super) fn switch(
        &self,
        value: IntValue<'ctx>,
        otherwise: BasicBlock<'ctx>,
        cases: &[(IntValue<'ctx>, BasicBlock<'ctx>)],
    ) {
        built(self.inner.build_switch(value, otherwise, cases));
    }

    pub(super) fn jump(&self, to: BasicBlock<'ctx>) {
        built(self.inner.build_unconditional_branch(to));
    }

    pub(super) fn branch(
        &self,
        condition: IntValue<'ctx>,
        then_block: BasicBlock<'ctx>,
        else_block: BasicBlock<'ctx>,
    ) {
        built(self.inner.build_conditional_branch(condition, then_block, else_block));
    }

    /// A branch of which the first way is taken once in a very long time.
    pub(super) fn branch_hardly_ever(
        &self,
        context: &'ctx Context,
        condition: IntValue<'ctx>,
        then_block: BasicBlock<'ctx>,
        else_block: BasicBlock<'ctx>,
    ) {
        let branch = built(self.inner.build_conditional_branch(condition, then_block, else_block));
        let weight = |weight| context.i32_type().const_int(weight, false).into();
        let weights = [context.metadata_string("branch_weights").into(), weight(1), weight(1 << 20)];
        let kind = context.get_kind_id("prof");
        branch.set_metadata(context.metadata_node(&weights), kind).expect("BUG: a branch takes no weights");
    }

    /// Leads elsewhere what leads from the end of one block to `from`.
    pub(super) fn redirect(&self, end: InstructionValue<'ctx>, from: BasicBlock<'ctx>, to: BasicBlock<'ctx>) {
        // SAFETY: the instruction ends a block, and the index is below the number of its successors.
        unsafe {
            let end = end.as_value_ref();
            for index in 0..LLVMGetNumSuccessors(end) {
                if LLVMGetSuccessor(end, index) == from.as_mut_ptr() {
                    LLVMSetSuccessor(end, index, to.as_mut_ptr());
                }
            }
        }
    }

    /// Adds an instruction that is in no block.
    pub(super) fn insert(&self, instruction: &InstructionValue<'ctx>) {
        self.inner.insert_instruction(instruction, None);
    }

    pub(super) fn unreachable(&self) {
        built(self.inner.build_unreachable());
    }

    // Values.

    /// A choice between values; no address of the stack may be among them.
    pub(super) fn select(
        &self,
        condition: IntValue<'ctx>,
        then_value: IntValue<'ctx>,
        else_value: IntValue<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_select(condition, then_value, else_value, ""))
    }

    /// A value that depends on where execution comes from.
    pub(super) fn phi(&self, ty: impl BasicType<'ctx>) -> PhiValue<'ctx> {
        built(self.inner.build_phi(ty, ""))
    }

    /// A wrapping or bitwise operation, or a division whose operands were checked.
    pub(super) fn int_operation(
        &self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_binop(op, left, right, "")).into_int_value()
    }

    pub(super) fn float_operation(
        &self,
        op: InstructionOpcode,
        left: FloatValue<'ctx>,
        right: FloatValue<'ctx>,
    ) -> FloatValue<'ctx> {
        built(self.inner.build_binop(op, left, right, "")).into_float_value()
    }

    pub(super) fn compare(
        &self,
        predicate: IntPredicate,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_int_compare(predicate, left, right, ""))
    }

    pub(super) fn compare_floats(
        &self,
        predicate: FloatPredicate,
        left: FloatValue<'ctx>,
        right: FloatValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_float_compare(predicate, left, right, ""))
    }

    pub(super) fn not(&self, value: IntValue<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_not(value, ""))
    }

    pub(super) fn negate_float(&self, value: FloatValue<'ctx>) -> FloatValue<'ctx> {
        built(self.inner.build_float_neg(value, ""))
    }

    pub(super) fn int_to_float(&self, value: IntValue<'ctx>, ty: FloatType<'ctx>) -> FloatValue<'ctx> {
        built(self.inner.build_signed_int_to_float(value, ty, ""))
    }

    pub(super) fn float_to_int(&self, value: FloatValue<'ctx>, ty: IntType<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_float_to_signed_int(value, ty, ""))
    }

    pub(super) fn zero_extend(&self, value: IntValue<'ctx>, ty: IntType<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_int_z_extend(value, ty, ""))
    }

    pub(super) fn truncate(&self, value: IntValue<'ctx>, ty: IntType<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_int_truncate(value, ty, ""))
    }

    /// The same bits as another type of the same size.
    pub(super) fn bit_cast(
        &self,
        value: BasicValueEnum<'ctx>,
        ty: impl BasicType<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_bit_cast(value, ty, ""))
    }

    /// The same value, of which LLVM assumes nothing.
    pub(super) fn freeze(&self, value: BasicValueEnum<'ctx>) -> BasicValueEnum<'ctx> {
        // SAFETY: the builder has a place, and value and builder belong to one context. LLVM copies the empty name.
        unsafe {
            let frozen = LLVMBuildFreeze(self.inner.as_mut_ptr(), value.as_value_ref(), c"".as_ptr());
            BasicValueEnum::new(frozen)
        }
    }

    pub(super) fn pointer_to_int(&self, value: PointerValue<'ctx>, ty: IntType<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_ptr_to_int(value, ty, ""))
    }

    pub(super) fn int_to_pointer(&self, value: IntValue<'ctx>) -> PointerValue<'ctx> {
        built(self.inner.build_int_to_ptr(value, self.pointer, ""))
    }
}
