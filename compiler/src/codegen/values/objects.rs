//! Objects on the heap, and the code for all allocations of compiled code.

use std::mem::offset_of;

use inkwell::attributes::AttributeLoc;
use inkwell::values::{CallSiteValue, IntValue, PointerValue};
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

const NOTHING: &str = "BUG: an allocation gives nothing";

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
        builder::result(self.call_allocator(header, size)).expect(NOTHING).into_pointer_value()
    }

    /// Allocates an object as [`ModuleCx::allocate`] does, and tells LLVM that nothing else refers to the object. LLVM
    /// then removes stores into the object that no load reads. It does not count the loads of invariant memory, which
    /// `cx::tbaa` lists, so the object must have none besides its header.
    pub(in crate::codegen) fn allocate_unaliased(
        &mut self,
        header: Header,
        size: IntValue<'ctx>,
    ) -> PointerValue<'ctx> {
        let call = self.call_allocator(header, size);
        call.add_attribute(AttributeLoc::Return, self.attributes.unaliased());
        builder::result(call).expect(NOTHING).into_pointer_value()
    }

    fn call_allocator(&mut self, header: Header, size: IntValue<'ctx>) -> CallSiteValue<'ctx> {
        let header = self.types.word.const_int(header.word(), false).into();
        let allocator = self.outlined_copy(Outlined::Allocate);
        let call = self.builder.call(allocator, &[header, size.into()], "");
        self.allocations += 1;
        if self.allocations > INLINED_ALLOCATIONS {
            self.attributes.of_outer_call(call);
        }
        // The size of an array is computed at run time, but is at least the size of an empty array.
        let least = size_of::<ArrayObject>() as u64;
        let size = size.get_zero_extended_constant().unwrap_or(least);
        for attribute in self.attributes.of_reference(self.context, size) {
            call.add_attribute(AttributeLoc::Return, attribute);
        }
        call
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
