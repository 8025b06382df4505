//! Loads and stores, and what LLVM may know of them.
//!
//! Each access says what kind of place it touches (type-based alias analysis): a store to an element of `[Float]`
//! changes no array's length, no element of `[Int]` and no field of a struct, so none of these is loaded again behind
//! it. Places that never change once they are filled (lengths, code of closures, captures, bytes of strings) are
//! `invariant`: not even a call or a switch makes LLVM load them again. At the lowest level nothing is said.

use std::collections::HashMap;

use inkwell::context::Context;
use inkwell::types::IntType;
use inkwell::values::{
    BasicMetadataValueEnum, BasicValue, BasicValueEnum, InstructionValue, IntValue, MetadataValue,
    PointerValue,
};

use crate::codegen::generator::Generator;
use crate::mir::Scalar;
use crate::types::TypeId;

/// No object has more elements: addresses have 47 bits.
pub(super) const LENGTH_END: u64 = 1 << 47;
/// One more than the largest number of a character.
const CHAR_END: u64 = 0x11_0000;

/// A kind of place in memory. Places of different kinds are never the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Content {
    /// The length of an array or a string.
    Length,
    /// The number of an object's variant.
    Tag,
    /// A scalar of an element of an array.
    Element(Scalar),
    /// A byte of a string.
    Text,
    /// A scalar of a variant of a type, by its offset.
    Field(TypeId, usize, usize),
    /// A scalar of a cell.
    Cell(Scalar),
    /// The code of a function value.
    Code,
    /// What a function value has captured.
    Capture,
    /// A capture of a deferred block, stored each time that the block is registered.
    DeferredCapture,
    /// A word of an object that only the compiler knows of: arguments and results that are too many.
    Packed,
}

impl Content {
    /// Whether such a place never changes after the object was made.
    fn is_invariant(self) -> bool {
        match self {
            Content::Length
            | Content::Tag
            | Content::Text
            | Content::Code
            | Content::Capture
            | Content::Packed => true,
            Content::DeferredCapture | Content::Element(_) | Content::Field(..) | Content::Cell(_) => false,
        }
    }

    fn name(self) -> String {
        match self {
            Content::Length => "length".to_owned(),
            Content::Tag => "tag".to_owned(),
            Content::Element(scalar) => format!("element {scalar:?}"),
            Content::Text => "text".to_owned(),
            Content::Field(ty, variant, offset) => format!("{ty}.{variant}.{offset}"),
            Content::Cell(scalar) => format!("cell {scalar:?}"),
            Content::Code => "code".to_owned(),
            Content::Capture => "capture".to_owned(),
            Content::DeferredCapture => "deferred capture".to_owned(),
            Content::Packed => "packed".to_owned(),
        }
    }
}

/// The metadata of accesses, each once.
pub(super) struct Accesses<'ctx> {
    root: MetadataValue<'ctx>,
    tags: HashMap<Content, MetadataValue<'ctx>>,
    kinds: Kinds,
}

/// LLVM's numbers of kinds of metadata.
#[derive(Clone, Copy)]
struct Kinds {
    alias: u32,
    invariant: u32,
    range: u32,
    present: u32,
    size: u32,
    alignment: u32,
}

impl<'ctx> Accesses<'ctx> {
    pub(super) fn new(context: &'ctx Context) -> Accesses<'ctx> {
        let root = context.metadata_node(&[context.metadata_string("weft").into()]);
        let kinds = Kinds {
            alias: context.get_kind_id("tbaa"),
            invariant: context.get_kind_id("invariant.load"),
            range: context.get_kind_id("range"),
            present: context.get_kind_id("nonnull"),
            size: context.get_kind_id("dereferenceable"),
            alignment: context.get_kind_id("align"),
        };
        Accesses { root, tags: HashMap::new(), kinds }
    }

    fn tag(&mut self, context: &'ctx Context, content: Content) -> MetadataValue<'ctx> {
        let root = self.root;
        *self.tags.entry(content).or_insert_with(|| {
            let zero: BasicMetadataValueEnum<'ctx> = context.i64_type().const_zero().into();
            let name = context.metadata_string(&content.name());
            let ty = context.metadata_node(&[name.into(), root.into(), zero]);
            context.metadata_node(&[ty.into(), ty.into(), zero])
        })
    }
}

impl<'ctx> Generator<'ctx, '_> {
    /// The scalar at `from`.
    pub(super) fn load_scalar(
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

    /// The number of an object's variant, of so many.
    pub(super) fn load_tag(&mut self, from: PointerValue<'ctx>, variants: u64) -> IntValue<'ctx> {
        let loaded = self.builder.load(self.types.i32, from, "variant");
        let load = instruction(loaded);
        self.annotate(load, Content::Tag);
        self.limit(load, self.types.i32, variants);
        loaded.into_int_value()
    }

    /// Stores a scalar.
    pub(super) fn store_scalar(
        &mut self,
        content: Content,
        to: PointerValue<'ctx>,
        value: BasicValueEnum<'ctx>,
    ) {
        let value = self.types.in_memory(&self.builder, value);
        let store = self.builder.store(to, value);
        self.name_place(store, content);
    }

    /// The number that was loaded is one of elements.
    pub(super) fn limit_to_lengths(&self, loaded: IntValue<'ctx>) {
        self.limit(instruction(loaded.into()), loaded.get_type(), LENGTH_END);
    }

    /// The pointer that was loaded is one to an object of at least so many bytes.
    pub(super) fn limit_to_objects(&self, loaded: PointerValue<'ctx>, size: u64) {
        if !self.is_optimised() {
            return;
        }
        let load = instruction(loaded.into());
        let number = |number| self.context.metadata_node(&[self.types.word.const_int(number, false).into()]);
        set(load, self.context.metadata_node(&[]), self.accesses.kinds.present);
        set(load, number(size), self.accesses.kinds.size);
        set(load, number(size_of::<u64>() as u64), self.accesses.kinds.alignment);
    }

    /// What is loaded is less than `end`.
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

    /// Says what kind of place a load or a store touches.
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
