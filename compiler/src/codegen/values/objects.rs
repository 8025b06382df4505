//! Objects on the heap, and the code for all allocations of compiled code.

use std::mem::offset_of;

use inkwell::values::{IntValue, PointerValue};
use weft_abi::{ArrayObject, Header};

use crate::codegen::cx::builder;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Outlined;
use crate::codegen::cx::tbaa::Content;

/// The maximum number of allocations that are inlined into one function; further allocations are calls.
///
/// Each inlined allocation adds a branch, and LLVM's time grows with the number of branches. A call costs little in
/// exchange: a function with hundreds of allocations is rarely a hot loop, and writing the new memory takes longer than
/// the call.
const INLINED_ALLOCATIONS: usize = 200;

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Allocates an object of `size` bytes: a header, then zeros. The descriptor in `header` must describe such
    /// an object.
    ///
    /// An allocation may collect garbage. An object stays alive if compiled code has a reference to it, or an address
    /// inside it, in a register or on the stack.
    pub(in crate::codegen) fn allocate(
        &mut self,
        header: Header,
        size: IntValue<'ctx>,
    ) -> PointerValue<'ctx> {
        let header = self.types.word.const_int(header.word(), false).into();
        self.allocations += 1;
        let object = if self.allocations > INLINED_ALLOCATIONS {
            self.call_outlined(Outlined::Allocate, &[header, size.into()])
        } else {
            let worker = self.current_worker().into();
            builder::result(self.builder.call(self.fast_paths.allocate, &[worker, header, size.into()], ""))
        };
        let object = object.expect("BUG: an allocation gives nothing").into_pointer_value();
        // The size of an array is computed at run time, but is at least the size of an empty array.
        let least = size_of::<ArrayObject>() as u64;
        self.present(object, size.get_zero_extended_constant().unwrap_or(least))
    }

    /// Allocates an array of `length` zero elements, of `size` bytes in all. The length is stored first, since the
    /// collector uses it to find the end of the object.
    pub(in crate::codegen) fn allocate_array(
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

    /// The address `offset` bytes into an object.
    pub(in crate::codegen) fn offset(
        &self,
        object: PointerValue<'ctx>,
        offset: usize,
        name: &str,
    ) -> PointerValue<'ctx> {
        match offset {
            0 => object,
            _ => self.builder.offset(object, self.types.int(offset), name),
        }
    }
}
