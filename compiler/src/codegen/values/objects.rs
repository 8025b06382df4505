//! Objects on the heap, and constants that look like them: made here and nowhere else.

use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use weft_abi::{ArrayObject, Header};

use crate::codegen::builder;
use crate::codegen::generator::Generator;
use crate::codegen::memory::Content;
use crate::codegen::shared::Operation;

/// The number of allocations that a function has inlined, the first ones; the others are calls. Each is a fork of the
/// control flow, and so many in a row are no loop: they run once and then write new memory, which takes longer than the
/// call.
const INLINED_ALLOCATIONS: usize = 200;

impl<'ctx> Generator<'ctx, '_> {
    /// A new object of `size` bytes: its header, then zeros. `header` names a descriptor that fits.
    ///
    /// Making it may collect garbage. What compiled code holds in registers and on the stack stays alive, in the form
    /// of references or of addresses inside an object.
    pub(super) fn allocate(&mut self, header: Header, size: IntValue<'ctx>) -> PointerValue<'ctx> {
        let header = self.types.word.const_int(header.word(), false).into();
        self.allocations += 1;
        let object = if self.allocations > INLINED_ALLOCATIONS {
            self.call_shared(Operation::Allocate, &[header, size.into()])
        } else {
            let worker = self.current_worker().into();
            builder::result(self.builder.call(self.hot.allocate, &[worker, header, size.into()], ""))
        };
        let object = object.expect("BUG: an allocation gives nothing").into_pointer_value();
        // Of arrays, whose size is computed, it is what stands in front of the elements.
        let least = size_of::<ArrayObject>() as u64;
        self.present(object, size.get_zero_extended_constant().unwrap_or(least))
    }

    /// A new array of `length` elements, all zero, that take `size` bytes. The length is stored before anything else
    /// happens: the collector reads it to see where the object ends.
    pub(super) fn allocate_array(
        &mut self,
        header: Header,
        length: IntValue<'ctx>,
        size: IntValue<'ctx>,
    ) -> PointerValue<'ctx> {
        let array = self.allocate(header, size);
        let place = self.offset(array, offset_of!(ArrayObject, length), "length");
        self.store_scalar(Content::Length, place, length.into());
        array
    }

    /// A constant of the program with that header in front. It is not on the heap, and the collector passes it by.
    pub(super) fn object_constant(
        &self,
        header: Header,
        fields: &[BasicValueEnum<'ctx>],
        name: &str,
    ) -> PointerValue<'ctx> {
        let header = self.types.word.const_int(header.word(), false).into();
        self.constant(&[&[header], fields].concat(), name)
    }

    /// The address of what lies `offset` bytes into an object.
    pub(super) fn offset(&self, object: PointerValue<'ctx>, offset: usize, name: &str) -> PointerValue<'ctx> {
        match offset {
            0 => object,
            _ => self.builder.offset(object, self.types.int(offset), name),
        }
    }
}
