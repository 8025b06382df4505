//! Loads and stores of scalars in objects, with metadata for LLVM: the kind of memory, and the range of a loaded value.
//! Without optimisation there is no metadata, since no pass would read it.

use inkwell::types::IntType;
use inkwell::values::{BasicValue, BasicValueEnum, InstructionValue, IntValue, MetadataValue, PointerValue};

use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tbaa::Content;
use crate::mir::Scalar;

/// An exclusive upper bound of array lengths: addresses have 47 bits.
const LENGTH_END: u64 = 1 << 47;
/// An exclusive upper bound of the code points of characters.
const CHAR_END: u64 = 0x11_0000;

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Loads the scalar at `from`.
    pub(in crate::codegen) fn load_scalar(
        &mut self,
        content: Content,
        scalar: Scalar,
        from: PointerValue<'ctx>,
        name: &str,
    ) -> BasicValueEnum<'ctx> {
        let loaded = self.builder.load(self.types.stored(scalar), from, name);
        let load = instruction(loaded);
        self.annotate(load, content);
        let end = match (content, scalar) {
            (Content::Length, _) => Some(LENGTH_END),
            (_, Scalar::Bool) => Some(2),
            (_, Scalar::Char) => Some(CHAR_END),
            (_, Scalar::Byte | Scalar::Int | Scalar::Float | Scalar::Reference) => None,
        };
        if let Some(end) = end {
            self.limit(load, loaded.get_type().into_int_type(), end);
        }
        match scalar {
            Scalar::Bool => self.builder.truncate(loaded.into_int_value(), self.types.bool).into(),
            Scalar::Byte | Scalar::Char | Scalar::Int | Scalar::Float | Scalar::Reference => loaded,
        }
    }

    /// Loads the number of an object's variant, which is below `variants`.
    pub(in crate::codegen) fn load_tag(&mut self, from: PointerValue<'ctx>, variants: u64) -> IntValue<'ctx> {
        let loaded = self.builder.load(self.types.i32, from, "variant");
        let load = instruction(loaded);
        self.annotate(load, Content::Tag);
        self.limit(load, self.types.i32, variants);
        loaded.into_int_value()
    }

    /// Stores a scalar at `to`, in the form that it has in an object.
    pub(in crate::codegen) fn store_scalar(
        &mut self,
        content: Content,
        to: PointerValue<'ctx>,
        value: BasicValueEnum<'ctx>,
    ) {
        let value = self.types.in_memory(&self.builder, value);
        let store = self.builder.store(to, value);
        self.name_place(store, content);
    }

    /// Tells LLVM that a loaded number is the length of an array, and so below `LENGTH_END`.
    pub(in crate::codegen) fn limit_to_lengths(&self, loaded: IntValue<'ctx>) {
        self.limit(instruction(loaded.into()), loaded.get_type(), LENGTH_END);
    }

    /// Tells LLVM that a loaded pointer refers to an object of at least `size` bytes.
    pub(in crate::codegen) fn limit_to_objects(&self, loaded: PointerValue<'ctx>, size: u64) {
        if !self.is_optimised() {
            return;
        }
        let load = instruction(loaded.into());
        let number = |number| self.context.metadata_node(&[self.types.word.const_int(number, false).into()]);
        set(load, self.context.metadata_node(&[]), self.accesses.kinds.present);
        set(load, number(size), self.accesses.kinds.size);
        set(load, number(size_of::<u64>() as u64), self.accesses.kinds.alignment);
    }

    /// Tells LLVM that a loaded number is below `end`.
    fn limit(&self, load: InstructionValue<'ctx>, ty: IntType<'ctx>, end: u64) {
        if self.is_optimised() {
            let range = [0, end].map(|bound| ty.const_int(bound, false).into());
            set(load, self.context.metadata_node(&range), self.accesses.kinds.range);
        }
    }

    fn annotate(&mut self, load: InstructionValue<'ctx>, content: Content) {
        self.name_place(load, content);
        if self.is_optimised() && content.is_invariant() {
            set(load, self.context.metadata_node(&[]), self.accesses.kinds.invariant);
        }
    }

    /// Tells LLVM the kind of memory that a load or a store accesses.
    fn name_place(&mut self, access: InstructionValue<'ctx>, content: Content) {
        if self.is_optimised() {
            let tag = self.accesses.tag(self.context, content);
            set(access, tag, self.accesses.kinds.alias);
        }
    }
}

fn instruction(loaded: BasicValueEnum<'_>) -> InstructionValue<'_> {
    loaded.as_instruction_value().expect("BUG: a load is no instruction")
}

fn set<'ctx>(instruction: InstructionValue<'ctx>, node: MetadataValue<'ctx>, kind: u32) {
    instruction.set_metadata(node, kind).unwrap_or_else(|error| panic!("BUG: metadata: {error:?}"));
}
