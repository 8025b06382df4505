//! Type-based alias analysis: the kinds of memory that LLVM may assume to be distinct.
//!
//! ```text
//!   for i in 0..xs.len() { ys[i] = xs[i] * 2.0 }      xs, ys: [Float]
//!
//!   load  length of xs      kind `length`             The length and the stored element have different kinds, so the
//!   load  xs[i]             kind `element Float`      length is loaded once, before the loop. But xs[i + 1] may be
//!   store ys[i]             kind `element Float`      the same memory as ys[i], so it is loaded after the store.
//! ```
//!
//! Memory that never changes after it is filled (a length, the code of a closure, a capture, a byte of a string) is
//! *invariant*: LLVM does not load it again even after a call or a switch.

use std::collections::HashMap;

use inkwell::context::Context;
use inkwell::values::{BasicMetadataValueEnum, MetadataValue};

use crate::mir::{FrameId, Scalar};
use crate::types::TypeId;

/// A kind of memory. Accesses of different kinds never overlap.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::codegen) enum Content {
    /// The length of an array or a string.
    Length,
    /// The number of an object's variant.
    Tag,
    /// A scalar of an element of an array.
    Element(Scalar),
    /// A byte of a string.
    Text,
    /// A scalar of a struct or an enum: the type, the variant, and the scalar's index in the variant.
    Field(TypeId, usize, usize),
    /// A scalar of a cell.
    Cell(Scalar),
    /// The code of a function value.
    Code,
    /// A captured scalar of a function value.
    Capture,
    /// A captured scalar of a deferred block, stored whenever the block is registered.
    DeferredCapture,
    /// The code of a generator.
    GeneratorCode,
    /// The state of a generator.
    GeneratorState,
    /// The task that resumed a generator.
    Resumer,
    /// A scalar of a slot of a generator's frame.
    Slot(FrameId, usize),
    /// The stack of frames of a nested generator.
    Frames,
    /// The address of a coroutine's frame.
    Handle,
    /// The offset of the innermost record of a nested generator.
    RecordOffset,
    /// A word of a record of a nested generator.
    Record,
    /// A word of an object that the compiler makes for arguments or results that do not fit in registers.
    Packed,
}

impl Content {
    /// Whether the memory never changes after its object was filled.
    pub(in crate::codegen) fn is_invariant(self) -> bool {
        match self {
            Content::Length
            | Content::Tag
            | Content::Text
            | Content::Code
            | Content::GeneratorCode
            | Content::Capture
            | Content::Packed => true,
            Content::DeferredCapture
            | Content::Element(_)
            | Content::Field(..)
            | Content::Cell(_)
            | Content::GeneratorState
            | Content::Resumer
            | Content::Slot(..)
            | Content::Frames
            | Content::Handle
            | Content::RecordOffset
            | Content::Record => false,
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
            Content::GeneratorCode => "generator code".to_owned(),
            Content::GeneratorState => "generator state".to_owned(),
            Content::Resumer => "resumer".to_owned(),
            Content::Slot(frame, index) => format!("{frame}.{index}"),
            Content::Frames => "frames".to_owned(),
            Content::Handle => "handle".to_owned(),
            Content::RecordOffset => "record offset".to_owned(),
            Content::Record => "record".to_owned(),
            Content::Packed => "packed".to_owned(),
        }
    }
}

/// The metadata of loads and stores, each created once.
pub(in crate::codegen) struct Accesses<'ctx> {
    root: MetadataValue<'ctx>,
    tags: HashMap<Content, MetadataValue<'ctx>>,
    pub(in crate::codegen) kinds: Kinds,
}

/// LLVM's identifiers of the kinds of metadata.
#[derive(Clone, Copy)]
pub(in crate::codegen) struct Kinds {
    pub(in crate::codegen) alias: u32,
    pub(in crate::codegen) invariant: u32,
    pub(in crate::codegen) range: u32,
    pub(in crate::codegen) present: u32,
    pub(in crate::codegen) size: u32,
    pub(in crate::codegen) alignment: u32,
}

impl<'ctx> Accesses<'ctx> {
    pub(in crate::codegen) fn new(context: &'ctx Context) -> Accesses<'ctx> {
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

    pub(in crate::codegen) fn tag(
        &mut self,
        context: &'ctx Context,
        content: Content,
    ) -> MetadataValue<'ctx> {
        let root = self.root;
        *self.tags.entry(content).or_insert_with(|| {
            let zero: BasicMetadataValueEnum<'ctx> = context.i64_type().const_zero().into();
            let name = context.metadata_string(&content.name());
            let ty = context.metadata_node(&[name.into(), root.into(), zero]);
            context.metadata_node(&[ty.into(), ty.into(), zero])
        })
    }
}
