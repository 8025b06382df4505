//! Arrays and strings: a header, the length, then the elements one after the other.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::values::{BasicValueEnum, InstructionOpcode, IntValue, PointerValue};
use weft_abi::{ArrayObject, Header, Kind, RuntimeFunction, StringObject};

use crate::codegen::cx::builder;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tbaa::Content;
use crate::codegen::cx::types::Values;
use crate::mir::layout::MemoryLayout;
use crate::mir::{Operand, Scalar};
use crate::types::{Type, TypeId};

// Arrays and strings have their length, and their elements, at the same offsets.
const _: () = assert!(
    offset_of!(ArrayObject, length) == offset_of!(StringObject, length)
        && size_of::<ArrayObject>() == size_of::<StringObject>()
);

/// An exclusive upper bound of the length of a new array: with a smaller length, no size in bytes overflows.
const COUNT_END: u64 = 1 << 36;

/// The elements of an array or a string.
struct Elements {
    /// The scalars of an element, each with its kind of memory.
    scalars: Vec<(Scalar, Content)>,
    layout: MemoryLayout,
}

impl Elements {
    fn of(scalars: &[Scalar], content: impl Fn(Scalar) -> Content) -> Elements {
        let layout = MemoryLayout::element(scalars);
        Elements { scalars: scalars.iter().map(|&scalar| (scalar, content(scalar))).collect(), layout }
    }
}

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Builds an array of the type `array`. The array is a constant if all its elements are constants.
    pub(in crate::codegen) fn new_array(
        &mut self,
        array: TypeId,
        elements: &[Operand],
    ) -> BasicValueEnum<'ctx> {
        let ty = self.cx.element_type(array);
        let values: Vec<Values<'ctx>> = elements.iter().map(|element| self.operand(element)).collect();
        if values.iter().flatten().all(builder::is_constant) {
            return self.cx.constant_array(ty, &values).into();
        }
        let count = self.cx.types.int(values.len());
        let array = self.cx.new_array(ty, count);
        let elements = self.cx.elements(ty);
        for (index, values) in values.iter().enumerate() {
            let place = self.cx.element_at(array, &elements, self.cx.types.int(index));
            self.cx.store_element(place, &elements, values);
        }
        array.into()
    }

    /// Allocates an array of `count` zero elements.
    pub(in crate::codegen) fn allocate_zeros(
        &mut self,
        array: TypeId,
        count: &Operand,
    ) -> BasicValueEnum<'ctx> {
        let ty = self.cx.element_type(array);
        let count = self.int_of(count);
        // The comparison is unsigned, so a negative number is a very large number and does not fit. If memory does not
        // suffice for a number that fits, the runtime panics.
        let end = self.cx.types.word.const_int(COUNT_END, false);
        let fits = self.cx.builder.compare(IntPredicate::ULT, count, end);
        let (fine, outside) = (self.block("fine"), self.block("outside"));
        self.cx.builder.branch(fits, fine, outside);
        self.cx.builder.at_end(outside);
        self.panic_with(RuntimeFunction::PanicArrayLength, &[count.into()]);
        self.cx.builder.at_end(fine);
        self.cx.new_array(ty, count).into()
    }

    /// The length of an array or a string.
    pub(in crate::codegen) fn length(&mut self, object: &Operand) -> BasicValueEnum<'ctx> {
        let object = self.pointer_of(object);
        let place = self.cx.offset(object, offset_of!(ArrayObject, length), "");
        self.cx.load_scalar(Content::Length, Scalar::Int, place, "length")
    }

    /// Panics unless `0 <= index < length`.
    pub(in crate::codegen) fn check_index(&mut self, index: &Operand, length: &Operand) {
        let (index, length) = (self.int_of(index), self.int_of(length));
        // The comparison is unsigned, so a negative index is a very large number and out of bounds.
        let is_inside = self.cx.builder.compare(IntPredicate::ULT, index, length);
        let (inside, outside) = (self.block("inside"), self.block("outside"));
        self.cx.builder.branch(is_inside, inside, outside);
        self.cx.builder.at_end(outside);
        self.panic_with(RuntimeFunction::PanicIndex, &[index.into(), length.into()]);
        self.cx.builder.at_end(inside);
    }

    /// Loads `object[index]`; the index is in bounds.
    pub(in crate::codegen) fn element(&mut self, object: &Operand, index: &Operand) -> Values<'ctx> {
        let elements = self.elements_of(object);
        let (object, index) = (self.pointer_of(object), self.int_of(index));
        let place = self.cx.element_at(object, &elements, index);
        let load = |(&(scalar, content), &offset): (&(Scalar, Content), &u64)| {
            let place = self.cx.offset(place, offset as usize, "");
            self.cx.load_scalar(content, scalar, place, "")
        };
        elements.scalars.iter().zip(&elements.layout.offsets).map(load).collect()
    }

    /// Stores a value to `array[index]`; the index is in bounds.
    pub(in crate::codegen) fn set_element(&mut self, array: &Operand, index: &Operand, value: &Operand) {
        let values = self.operand(value);
        self.set_element_to(array, index, &values);
    }

    /// Stores the scalars of a value to `array[index]`; the index is in bounds.
    pub(in crate::codegen) fn set_element_to(
        &mut self,
        array: &Operand,
        index: &Operand,
        values: &[BasicValueEnum<'ctx>],
    ) {
        let elements = self.elements_of(array);
        let (array, index) = (self.pointer_of(array), self.int_of(index));
        let place = self.cx.element_at(array, &elements, index);
        self.cx.store_element(place, &elements, values);
    }

    /// Copies elements; the two ranges may overlap.
    pub(in crate::codegen) fn copy_elements(
        &mut self,
        [to, at]: [&Operand; 2],
        [from, start]: [&Operand; 2],
        count: &Operand,
    ) {
        let elements = self.elements_of(to);
        let (to, at) = (self.pointer_of(to), self.int_of(at));
        let (from, start) = (self.pointer_of(from), self.int_of(start));
        let to = self.cx.element_at(to, &elements, at);
        let from = self.cx.element_at(from, &elements, start);
        let (unit, units) = self.units(&elements, count);
        self.cx.copy(to, from, unit, units);
    }

    /// Fills elements with zero bits.
    pub(in crate::codegen) fn clear_elements(&mut self, array: &Operand, first: &Operand, count: &Operand) {
        let elements = self.elements_of(array);
        let (array, first) = (self.pointer_of(array), self.int_of(first));
        let place = self.cx.element_at(array, &elements, first);
        let (unit, units) = self.units(&elements, count);
        self.cx.clear(place, unit, units);
    }

    /// The unit of 1, 4 or 8 bytes in which `count` elements are moved, and the number of units.
    fn units(&mut self, elements: &Elements, count: &Operand) -> (usize, IntValue<'ctx>) {
        let count = self.int_of(count);
        match elements.scalars[..] {
            [(scalar, _)] => (scalar.size() as usize, count),
            _ => {
                let words = self.cx.types.int(elements.scalars.len());
                (size_of::<u64>(), self.cx.builder.int_operation(InstructionOpcode::Mul, count, words))
            }
        }
    }

    fn elements_of(&self, object: &Operand) -> Elements {
        if matches!(object, Operand::Bytes(_)) {
            return Elements::of(&[Scalar::Byte], Content::Element);
        }
        let is_literal = matches!(object, Operand::String(_));
        if is_literal || *self.shape_of(object) == Type::String {
            return Elements::of(&[Scalar::Byte], |_| Content::Text);
        }
        self.cx.elements(self.cx.element_type(self.type_of(object)))
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    fn element_type(&self, array: TypeId) -> TypeId {
        let ty = self.input.program.types.get(array);
        let Type::Array(element) = ty else { panic!("BUG: {ty:?} is no array") };
        *element
    }

    fn elements(&self, element: TypeId) -> Elements {
        Elements::of(&self.scalars(element), Content::Element)
    }

    fn array_header(&mut self, element: TypeId) -> Header {
        let layout = self.elements(element).layout;
        let references: Vec<u32> = layout.references.iter().map(|&offset| offset as u32).collect();
        Header::new(self.descriptors.number_of(Kind::Array, layout.size as u32, &references))
    }

    /// Allocates an array of `count` zero elements; `count` is not negative, and the size does not overflow.
    fn new_array(&mut self, element: TypeId, count: IntValue<'ctx>) -> PointerValue<'ctx> {
        let header = self.array_header(element);
        let size = self.types.int(self.elements(element).layout.size as usize);
        let size = self.builder.int_operation(InstructionOpcode::Mul, count, size);
        let start = self.types.int(size_of::<ArrayObject>());
        let size = self.builder.int_operation(InstructionOpcode::Add, size, start);
        self.allocate_array(header, count, size)
    }

    fn constant_array(&mut self, element: TypeId, elements: &[Values<'ctx>]) -> PointerValue<'ctx> {
        let header = self.array_header(element);
        let length = self.types.int(elements.len()).into();
        let is_alone = self.elements(element).scalars.len() == 1;
        let values = elements.iter().flatten().map(|&value| {
            if is_alone { self.types.in_memory(&self.builder, value) } else { self.constant_word(value) }
        });
        let fields: Vec<BasicValueEnum<'ctx>> = [length].into_iter().chain(values).collect();
        self.object_constant(header, &fields, "array")
    }

    /// The address of an element.
    fn element_at(
        &self,
        array: PointerValue<'ctx>,
        elements: &Elements,
        index: IntValue<'ctx>,
    ) -> PointerValue<'ctx> {
        let first = self.offset(array, size_of::<ArrayObject>(), "elements");
        match elements.scalars[..] {
            [(scalar, _)] => self.builder.element(self.types.stored(scalar), first, index),
            _ => {
                let element = self.types.word.array_type(elements.scalars.len() as u32);
                self.builder.element(element, first, index)
            }
        }
    }

    fn store_element(
        &mut self,
        place: PointerValue<'ctx>,
        elements: &Elements,
        values: &[BasicValueEnum<'ctx>],
    ) {
        let places = elements.scalars.iter().zip(&elements.layout.offsets);
        for ((&(_, content), &offset), &value) in places.zip(values) {
            self.store_scalar(content, self.offset(place, offset as usize, ""), value);
        }
    }
}
