//! Arrays and strings: a header, the length, then the elements one after the other.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::values::{BasicValueEnum, InstructionOpcode, IntValue, PointerValue};
use weft_abi::{ArrayObject, Header, Kind, RuntimeFunction, StringObject};

use crate::codegen::builder;
use crate::codegen::functions::Body;
use crate::codegen::generator::Generator;
use crate::codegen::memory::Content;
use crate::codegen::types::Values;
use crate::mir::layout::MemoryLayout;
use crate::mir::{Operand, Scalar};
use crate::types::{Type, TypeId};

// Arrays and strings have their length, and what follows, in the same places.
const _: () = assert!(
    offset_of!(ArrayObject, length) == offset_of!(StringObject, length)
        && size_of::<ArrayObject>() == size_of::<StringObject>()
);

/// No array of so many elements can be asked for, whatever they are: the size in bytes would be no address.
const COUNT_END: u64 = 1 << 36;

/// What the elements of an array or a string are.
struct Elements {
    /// One kind of place for each scalar of an element.
    scalars: Vec<(Scalar, Content)>,
    layout: MemoryLayout,
}

impl Elements {
    fn of(scalars: &[Scalar], content: impl Fn(Scalar) -> Content) -> Elements {
        let layout = MemoryLayout::element(scalars);
        Elements { scalars: scalars.iter().map(|&scalar| (scalar, content(scalar))).collect(), layout }
    }
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// An array of that type with those elements. If all are constants, so is the array.
    pub(super) fn new_array(&mut self, array: TypeId, elements: &[Operand]) -> BasicValueEnum<'ctx> {
        let ty = self.g.element_type(array);
        let values: Vec<Values<'ctx>> = elements.iter().map(|element| self.operand(element)).collect();
        if values.iter().flatten().all(builder::is_constant) {
            return self.g.constant_array(ty, &values).into();
        }
        let count = self.g.types.int(values.len());
        let array = self.g.new_array(ty, count);
        let elements = self.g.elements(ty);
        for (index, values) in values.iter().enumerate() {
            let place = self.g.element_at(array, &elements, self.g.types.int(index));
            self.g.store_element(place, &elements, values);
        }
        array.into()
    }

    /// An array of so many elements of zero bits.
    pub(super) fn allocate_zeros(&mut self, array: TypeId, count: &Operand) -> BasicValueEnum<'ctx> {
        let ty = self.g.element_type(array);
        let count = self.int_of(count);
        // Unsigned, so that a negative number is a very large one. What is less, and more than there is, the runtime
        // refuses.
        let end = self.g.types.word.const_int(COUNT_END, false);
        let fits = self.g.builder.compare(IntPredicate::ULT, count, end);
        let (fine, outside) = (self.block("fine"), self.block("outside"));
        self.g.builder.branch(fits, fine, outside);
        self.g.builder.at_end(outside);
        self.panic_with(RuntimeFunction::PanicArrayLength, &[count.into()]);
        self.g.builder.at_end(fine);
        self.g.new_array(ty, count).into()
    }

    /// The length of an array or a string.
    pub(super) fn length(&mut self, object: &Operand) -> BasicValueEnum<'ctx> {
        let object = self.pointer_of(object);
        let place = self.g.offset(object, offset_of!(ArrayObject, length), "");
        self.g.load_scalar(Content::Length, Scalar::Int, place, "length")
    }

    /// Panics unless `0 <= index < length`.
    pub(super) fn check_index(&mut self, index: &Operand, length: &Operand) {
        let (index, length) = (self.int_of(index), self.int_of(length));
        // Unsigned, so that a negative index is a very large one.
        let is_inside = self.g.builder.compare(IntPredicate::ULT, index, length);
        let (inside, outside) = (self.block("inside"), self.block("outside"));
        self.g.builder.branch(is_inside, inside, outside);
        self.g.builder.at_end(outside);
        self.panic_with(RuntimeFunction::PanicIndex, &[index.into(), length.into()]);
        self.g.builder.at_end(inside);
    }

    /// `object[index]`, which is in bounds.
    pub(super) fn element(&mut self, object: &Operand, index: &Operand) -> Values<'ctx> {
        let elements = self.elements_of(object);
        let (object, index) = (self.pointer_of(object), self.int_of(index));
        let place = self.g.element_at(object, &elements, index);
        let load = |(&(scalar, content), &offset): (&(Scalar, Content), &u64)| {
            let place = self.g.offset(place, offset as usize, "");
            self.g.load_scalar(content, scalar, place, "")
        };
        elements.scalars.iter().zip(&elements.layout.offsets).map(load).collect()
    }

    /// `array[index] = value`, which is in bounds.
    pub(super) fn set_element(&mut self, array: &Operand, index: &Operand, value: &Operand) {
        let values = self.operand(value);
        self.set_element_to(array, index, &values);
    }

    /// `array[index]` becomes the value of these scalars; it is in bounds.
    pub(super) fn set_element_to(
        &mut self,
        array: &Operand,
        index: &Operand,
        values: &[BasicValueEnum<'ctx>],
    ) {
        let elements = self.elements_of(array);
        let (array, index) = (self.pointer_of(array), self.int_of(index));
        let place = self.g.element_at(array, &elements, index);
        self.g.store_element(place, &elements, values);
    }

    /// Copies elements; the places may overlap.
    pub(super) fn copy_elements(
        &mut self,
        [to, at]: [&Operand; 2],
        [from, start]: [&Operand; 2],
        count: &Operand,
    ) {
        let elements = self.elements_of(to);
        let (to, at) = (self.pointer_of(to), self.int_of(at));
        let (from, start) = (self.pointer_of(from), self.int_of(start));
        let to = self.g.element_at(to, &elements, at);
        let from = self.g.element_at(from, &elements, start);
        let (unit, units) = self.units(&elements, count);
        self.g.copy(to, from, unit, units);
    }

    /// Makes elements zero bits again.
    pub(super) fn clear_elements(&mut self, array: &Operand, first: &Operand, count: &Operand) {
        let elements = self.elements_of(array);
        let (array, first) = (self.pointer_of(array), self.int_of(first));
        let place = self.g.element_at(array, &elements, first);
        let (unit, units) = self.units(&elements, count);
        self.g.clear(place, unit, units);
    }

    /// What so many elements are as a number of units of 1, 4 or 8 bytes.
    fn units(&mut self, elements: &Elements, count: &Operand) -> (usize, IntValue<'ctx>) {
        let count = self.int_of(count);
        match elements.scalars[..] {
            [(scalar, _)] => (scalar.size() as usize, count),
            _ => {
                let words = self.g.types.int(elements.scalars.len());
                (size_of::<u64>(), self.g.builder.int_operation(InstructionOpcode::Mul, count, words))
            }
        }
    }

    fn elements_of(&self, object: &Operand) -> Elements {
        let is_text = |operand: &Operand| match operand {
            Operand::String(_) => true,
            _ => matches!(self.shape_of(operand), Type::String),
        };
        if is_text(object) {
            return Elements::of(&[Scalar::Byte], |_| Content::Text);
        }
        self.g.elements(self.g.element_type(self.type_of(object)))
    }
}

impl<'ctx> Generator<'ctx, '_> {
    fn element_type(&self, array: TypeId) -> TypeId {
        match self.input.program.types.get(array) {
            Type::Array(element) => *element,
            other => panic!("BUG: {other:?} is no array"),
        }
    }

    fn elements(&self, element: TypeId) -> Elements {
        Elements::of(&self.scalars(element), Content::Element)
    }

    fn array_header(&mut self, element: TypeId) -> Header {
        let layout = self.elements(element).layout;
        let references: Vec<u32> = layout.references.iter().map(|&offset| offset as u32).collect();
        Header::new(self.descriptor(Kind::Array, layout.size as u32, &references))
    }

    /// A new array of `count` elements of zero bits; `count` is not negative, and the size no overflow.
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
