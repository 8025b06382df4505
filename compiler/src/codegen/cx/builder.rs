//! A wrapper of LLVM's builder. An error of LLVM's builder means that the builder was misused, so errors become panics
//! here, and only here.

use inkwell::basic_block::BasicBlock;
use inkwell::builder::BuilderError;
use inkwell::context::Context;
use inkwell::debug_info::DILocation;
use inkwell::llvm_sys::core::{LLVMBuildFreeze, LLVMGetNumSuccessors, LLVMGetSuccessor, LLVMSetSuccessor};
use inkwell::llvm_sys::prelude::LLVMBuilderRef;
use inkwell::types::{BasicType, FloatType, FunctionType, IntType, PointerType};
use inkwell::values::{
    AsValueRef, BasicMetadataValueEnum, BasicValue, BasicValueEnum, CallSiteValue, FloatValue, FunctionValue,
    InstructionOpcode, InstructionValue, IntValue, LLVMTailCallKind, PhiValue, PointerValue, ValueKind,
};
use inkwell::{AddressSpace, AtomicOrdering, AtomicRMWBinOp, FloatPredicate, IntPredicate};
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::cx::attributes;

/// A builder of instructions, at the end of a block or before an instruction.
pub(in crate::codegen) struct Builder<'ctx> {
    pub(in crate::codegen::cx) inner: inkwell::builder::Builder<'ctx>,
    byte: IntType<'ctx>,
    pub(in crate::codegen::cx) pointer: PointerType<'ctx>,
    /// The type of pointers relative to `%fs`, where the thread-local storage of an OS thread begins.
    thread_pointer: PointerType<'ctx>,
}

/// LLVM's number of the address space relative to `%fs`.
const THREAD_SPACE: u16 = 257;

/// Unwraps a result of LLVM's builder.
pub(in crate::codegen::cx) fn built<T>(result: Result<T, BuilderError>) -> T {
    result.unwrap_or_else(|error| panic!("BUG: LLVM's builder: {error}"))
}

/// The value of a call; `None` for `void`.
pub(in crate::codegen) fn result<'ctx>(call: CallSiteValue<'ctx>) -> Option<BasicValueEnum<'ctx>> {
    match call.try_as_basic_value() {
        ValueKind::Basic(value) => Some(value),
        ValueKind::Instruction(_) => None,
    }
}

/// Whether a value is a constant.
pub(in crate::codegen) fn is_constant(value: &BasicValueEnum<'_>) -> bool {
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
    pub(in crate::codegen) fn new(context: &'ctx Context) -> Builder<'ctx> {
        let pointer = context.ptr_type(AddressSpace::default());
        let thread_pointer = context.ptr_type(AddressSpace::from(THREAD_SPACE));
        Builder { inner: context.create_builder(), byte: context.i8_type(), pointer, thread_pointer }
    }

    /// Builds the next instructions at the end of `block`.
    pub(in crate::codegen) fn at_end(&self, block: BasicBlock<'ctx>) {
        self.inner.position_at_end(block);
    }

    /// The block in which instructions are being built.
    pub(in crate::codegen) fn current_block(&self) -> BasicBlock<'ctx> {
        self.inner.get_insert_block().expect("BUG: nothing is being built")
    }

    /// Builds the next instructions before `instruction`.
    pub(in crate::codegen) fn before(&self, instruction: &InstructionValue<'ctx>) {
        self.inner.position_before(instruction);
    }

    /// Sets the source location of the next instructions; `None` for code without a source.
    pub(in crate::codegen) fn set_location(&self, location: Option<DILocation<'ctx>>) {
        match location {
            Some(location) => self.inner.set_current_debug_location(location),
            None => self.inner.unset_current_debug_location(),
        }
    }

    // Memory.

    pub(in crate::codegen) fn alloca(&self, ty: impl BasicType<'ctx>, name: &str) -> PointerValue<'ctx> {
        built(self.inner.build_alloca(ty, name))
    }

    pub(in crate::codegen) fn load(
        &self,
        ty: impl BasicType<'ctx>,
        from: PointerValue<'ctx>,
        name: &str,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_load(ty, from, name))
    }

    /// A load of a word or half a word that other workers may store to at the same time.
    pub(in crate::codegen) fn load_atomic(
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

    /// Changes a word atomically; returns its old value.
    pub(in crate::codegen) fn change_atomic(
        &self,
        op: AtomicRMWBinOp,
        place: PointerValue<'ctx>,
        value: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_atomicrmw(op, place, value, AtomicOrdering::SequentiallyConsistent))
    }

    /// Replaces a word atomically if it is `expected`; returns its old value.
    pub(in crate::codegen) fn replace_atomic(
        &self,
        place: PointerValue<'ctx>,
        expected: IntValue<'ctx>,
        new: IntValue<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        let order = AtomicOrdering::SequentiallyConsistent;
        let pair = built(self.inner.build_cmpxchg(place, expected, new, order, order));
        self.extract(pair.into(), 0, "")
    }

    /// The stack limit, which prologues compare with `rsp`. It is loaded again each time: other OS threads change it.
    pub(in crate::codegen) fn load_stack_limit(&self, word: IntType<'ctx>) -> IntValue<'ctx> {
        let slot = word.const_int(LIMIT_SLOT as u64, false).const_to_pointer(self.thread_pointer);
        let limit = self.load(word, slot, "limit");
        let load = limit.as_instruction_value().expect("BUG: a load is no instruction");
        load.set_atomic_ordering(AtomicOrdering::Monotonic).expect("BUG: a load takes no ordering");
        load.set_alignment(8).expect("BUG: a load takes no alignment");
        limit.into_int_value()
    }

    pub(in crate::codegen) fn store(
        &self,
        to: PointerValue<'ctx>,
        value: impl BasicValue<'ctx>,
    ) -> InstructionValue<'ctx> {
        built(self.inner.build_store(to, value))
    }

    /// `base + offset` in bytes, inside the object or the stack block that `base` points into.
    pub(in crate::codegen) fn offset(
        &self,
        base: PointerValue<'ctx>,
        offset: IntValue<'ctx>,
        name: &str,
    ) -> PointerValue<'ctx> {
        // SAFETY: building the instruction accesses no memory, whatever the offset. When the program runs, the address
        // is inside the object or the stack block: offsets come from the layouts of objects and of new stacks, and the
        // program checks an index before it computes an offset from it.
        built(unsafe { self.inner.build_in_bounds_gep(self.byte, base, &[offset], name) })
    }

    /// `base + index` in elements of `ty`, inside the object that `base` points into.
    pub(in crate::codegen) fn element(
        &self,
        ty: impl BasicType<'ctx>,
        base: PointerValue<'ctx>,
        index: IntValue<'ctx>,
    ) -> PointerValue<'ctx> {
        // SAFETY: as in `offset`, building the instruction accesses no memory, and the program checks the index before
        // it computes the address.
        built(unsafe { self.inner.build_in_bounds_gep(ty, base, &[index], "") })
    }

    pub(in crate::codegen) fn is_null(&self, value: PointerValue<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_is_null(value, ""))
    }

    /// Whether two addresses are equal.
    pub(in crate::codegen) fn is_same(
        &self,
        one: PointerValue<'ctx>,
        other: PointerValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_int_compare(IntPredicate::EQ, one, other, ""))
    }

    // Calls.

    /// A call with the function's calling convention, and with the attributes that must be repeated at calls.
    pub(in crate::codegen) fn call(
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

    /// A call of the code at an address; the code has the calling convention `tailcc` and the type `ty`.
    pub(in crate::codegen) fn call_address(
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

    /// Turns the call just built into a tail call: the callee reuses this function's frame, and returns to this
    /// function's caller.
    pub(in crate::codegen) fn return_call(&self, call: CallSiteValue<'ctx>) {
        call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindMustTail);
        self.ret(result(call));
    }

    pub(in crate::codegen) fn extract(
        &self,
        pair: BasicValueEnum<'ctx>,
        index: u32,
        name: &str,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_extract_value(pair.into_struct_value(), index, name))
    }

    // Terminators.

    pub(in crate::codegen) fn ret(&self, value: Option<BasicValueEnum<'ctx>>) {
        built(self.inner.build_return(value.as_ref().map(|value| value as &dyn BasicValue<'ctx>)));
    }

    /// Returns several values in registers.
    pub(in crate::codegen) fn ret_all(&self, values: &[BasicValueEnum<'ctx>]) {
        built(self.inner.build_aggregate_return(values));
    }

    pub(in crate::codegen) fn switch(
        &self,
        value: IntValue<'ctx>,
        otherwise: BasicBlock<'ctx>,
        cases: &[(IntValue<'ctx>, BasicBlock<'ctx>)],
    ) {
        built(self.inner.build_switch(value, otherwise, cases));
    }

    pub(in crate::codegen) fn jump(&self, to: BasicBlock<'ctx>) {
        built(self.inner.build_unconditional_branch(to));
    }

    pub(in crate::codegen) fn branch(
        &self,
        condition: IntValue<'ctx>,
        then_block: BasicBlock<'ctx>,
        else_block: BasicBlock<'ctx>,
    ) {
        built(self.inner.build_conditional_branch(condition, then_block, else_block));
    }

    /// A branch that goes to its first target about once in a million times.
    pub(in crate::codegen) fn branch_hardly_ever(
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

    /// Redirects the edges of a terminator that lead to `from`, so that they lead to `to`.
    pub(in crate::codegen) fn redirect(
        &self,
        end: InstructionValue<'ctx>,
        from: BasicBlock<'ctx>,
        to: BasicBlock<'ctx>,
    ) {
        // SAFETY: `end` is a terminator, as all callers get it from `get_terminator`, so it has successors, and `index`
        // is below their number.
        unsafe {
            let end = end.as_value_ref();
            for index in 0..LLVMGetNumSuccessors(end) {
                if LLVMGetSuccessor(end, index) == from.as_mut_ptr() {
                    LLVMSetSuccessor(end, index, to.as_mut_ptr());
                }
            }
        }
    }

    /// Inserts an instruction that is not in a block yet.
    pub(in crate::codegen) fn insert(&self, instruction: &InstructionValue<'ctx>) {
        self.inner.insert_instruction(instruction, None);
    }

    pub(in crate::codegen) fn unreachable(&self) {
        built(self.inner.build_unreachable());
    }

    // Values.

    /// A `select`; neither value may be a stack address.
    pub(in crate::codegen) fn select<Value: BasicValue<'ctx>>(
        &self,
        condition: IntValue<'ctx>,
        then_value: Value,
        else_value: Value,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_select(condition, then_value, else_value, ""))
    }

    /// A phi without incoming values.
    pub(in crate::codegen) fn phi(&self, ty: impl BasicType<'ctx>) -> PhiValue<'ctx> {
        built(self.inner.build_phi(ty, ""))
    }

    /// A wrapping or bitwise operation, or a division whose operands were checked.
    pub(in crate::codegen) fn int_operation(
        &self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_binop(op, left, right, "")).into_int_value()
    }

    pub(in crate::codegen) fn float_operation(
        &self,
        op: InstructionOpcode,
        left: FloatValue<'ctx>,
        right: FloatValue<'ctx>,
    ) -> FloatValue<'ctx> {
        built(self.inner.build_binop(op, left, right, "")).into_float_value()
    }

    pub(in crate::codegen) fn compare(
        &self,
        predicate: IntPredicate,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_int_compare(predicate, left, right, ""))
    }

    pub(in crate::codegen) fn compare_floats(
        &self,
        predicate: FloatPredicate,
        left: FloatValue<'ctx>,
        right: FloatValue<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_float_compare(predicate, left, right, ""))
    }

    pub(in crate::codegen) fn not(&self, value: IntValue<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_not(value, ""))
    }

    pub(in crate::codegen) fn negate_float(&self, value: FloatValue<'ctx>) -> FloatValue<'ctx> {
        built(self.inner.build_float_neg(value, ""))
    }

    pub(in crate::codegen) fn int_to_float(
        &self,
        value: IntValue<'ctx>,
        ty: FloatType<'ctx>,
    ) -> FloatValue<'ctx> {
        built(self.inner.build_signed_int_to_float(value, ty, ""))
    }

    pub(in crate::codegen) fn float_to_int(
        &self,
        value: FloatValue<'ctx>,
        ty: IntType<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_float_to_signed_int(value, ty, ""))
    }

    pub(in crate::codegen) fn zero_extend(&self, value: IntValue<'ctx>, ty: IntType<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_int_z_extend(value, ty, ""))
    }

    pub(in crate::codegen) fn truncate(&self, value: IntValue<'ctx>, ty: IntType<'ctx>) -> IntValue<'ctx> {
        built(self.inner.build_int_truncate(value, ty, ""))
    }

    /// Reinterprets the bits of a value as a value of another type of the same size.
    pub(in crate::codegen) fn bit_cast(
        &self,
        value: BasicValueEnum<'ctx>,
        ty: impl BasicType<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        built(self.inner.build_bit_cast(value, ty, ""))
    }

    /// LLVM's own builder, for calls that `inkwell` does not support.
    pub(in crate::codegen) fn raw(&self) -> LLVMBuilderRef {
        self.inner.as_mut_ptr()
    }

    /// LLVM's `freeze`: the same value, or a fixed arbitrary value if `value` is undefined.
    pub(in crate::codegen) fn freeze(&self, value: BasicValueEnum<'ctx>) -> BasicValueEnum<'ctx> {
        // SAFETY: every caller sets the builder's position before, and there is only one LLVM context, to which the
        // builder and the value both belong. LLVM copies the empty name.
        unsafe {
            let frozen = LLVMBuildFreeze(self.inner.as_mut_ptr(), value.as_value_ref(), c"".as_ptr());
            BasicValueEnum::new(frozen)
        }
    }

    pub(in crate::codegen) fn pointer_to_int(
        &self,
        value: PointerValue<'ctx>,
        ty: IntType<'ctx>,
    ) -> IntValue<'ctx> {
        built(self.inner.build_ptr_to_int(value, ty, ""))
    }

    pub(in crate::codegen) fn int_to_pointer(&self, value: IntValue<'ctx>) -> PointerValue<'ctx> {
        built(self.inner.build_int_to_ptr(value, self.pointer, ""))
    }
}
