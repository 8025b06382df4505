//! Tuples, structs, enums and cells.
//!
//! What is kept by value is its scalars, and to build it or to take it apart is to name them anew: it costs nothing.
//! What is kept as an object is a reference to its header, with the number of the variant in it, and one word for each
//! scalar of its fields.

use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use weft_abi::{Header, Kind};

use crate::codegen::builder;
use crate::codegen::functions::Body;
use crate::codegen::generator::Generator;
use crate::codegen::memory::Content;
use crate::codegen::types::Values;
use crate::mir::layout::{EnumLayout, FIELDS_START, MemoryLayout, Slot, Tag};
use crate::mir::{Operand, Representation, Scalar};
use crate::types::{Type, TypeId};

impl<'ctx> Body<'_, 'ctx, '_> {
    /// A value of that variant from all its fields.
    pub(super) fn construct(&mut self, ty: TypeId, variant: usize, fields: &[Operand]) -> Values<'ctx> {
        let values = self.operands(fields);
        match self.g.representation(ty) {
            None => values,
            Some(Representation::Value) => {
                let layout = self.g.layouts.enum_layout(ty);
                self.g.join(&layout, variant, &values)
            }
            Some(Representation::Object) => vec![self.g.object(ty, variant, &values).into()],
        }
    }

    /// `value.variant.index`
    pub(super) fn field(&mut self, value: &Operand, variant: usize, index: usize) -> Values<'ctx> {
        let ty = self.type_of(value);
        let range = self.g.layouts.field(ty, variant, index);
        match self.g.representation(ty) {
            None => self.operand(value)[range].to_vec(),
            Some(Representation::Value) => {
                let layout = self.g.layouts.enum_layout(ty);
                let values = self.operand(value);
                let slots = &layout.variants[variant][range];
                slots.iter().map(|&slot| self.g.in_slot(values[slot.index], slot)).collect()
            }
            Some(Representation::Object) => {
                let object = self.pointer_of(value);
                let scalars = self.g.layouts.variant(ty, variant);
                let layout = self.g.layouts.object(ty, variant);
                let load = |at: usize| {
                    let place = self.g.offset(object, layout.offsets[at] as usize, "");
                    self.g.load_scalar(Content::Field(ty, variant, at), scalars[at], place, "")
                };
                let loaded: Values<'ctx> = range.map(load).collect();
                let field = &self.g.input.program.nominals[&ty].variants[variant].fields[index];
                if let [value] = loaded[..] {
                    if field.is_length {
                        self.g.limit_to_lengths(value.into_int_value());
                    } else if let Some(size) = self.g.object_size(field.ty) {
                        self.g.limit_to_objects(value.into_pointer_value(), size);
                    }
                }
                loaded
            }
        }
    }

    /// `object.index = value`
    pub(super) fn set_field(&mut self, object: &Operand, index: usize, value: &Operand) {
        let ty = self.type_of(object);
        let values = self.operand(value);
        let object = self.pointer_of(object);
        let layout = self.g.layouts.object(ty, 0);
        for (at, value) in self.g.layouts.field(ty, 0, index).zip(values) {
            let place = self.g.offset(object, layout.offsets[at] as usize, "");
            self.g.store_scalar(Content::Field(ty, 0, at), place, value);
        }
    }

    /// Which variant an enum's value is of.
    pub(super) fn variant(&mut self, value: &Operand) -> BasicValueEnum<'ctx> {
        let ty = self.type_of(value);
        if self.g.representation(ty) == Some(Representation::Object) {
            let object = self.pointer_of(value);
            return self.g.tag(object, self.g.input.program.nominals[&ty].variants.len()).into();
        }
        let layout = self.g.layouts.enum_layout(ty);
        let values = self.operand(value);
        match layout.tag {
            Tag::Single => self.g.types.int(0).into(),
            Tag::Niche { empty, full, scalar } => {
                let is_null = self.g.builder.is_null(values[scalar].into_pointer_value());
                let [empty, full] = [empty, full].map(|variant| self.g.types.int(variant));
                self.g.builder.select(is_null, empty, full)
            }
            Tag::Tagged => values[0],
        }
    }

    /// Whether two references are the same.
    pub(super) fn same(&mut self, one: &Operand, other: &Operand) -> BasicValueEnum<'ctx> {
        let (one, other) = (self.pointer_of(one), self.pointer_of(other));
        self.g.builder.is_same(one, other).into()
    }

    /// A new cell that holds the value.
    pub(super) fn new_cell(&mut self, value: &Operand) -> BasicValueEnum<'ctx> {
        let (scalars, values) = (self.scalars_of(value), self.operand(value));
        let layout = MemoryLayout::words(&scalars, FIELDS_START);
        let cell = self.g.new_object(&layout, 0);
        self.fill_cell(cell, &scalars, &values);
        cell.into()
    }

    /// The value in a cell.
    pub(super) fn read_cell(&mut self, cell: &Operand) -> Values<'ctx> {
        let scalars = self.cell_scalars(cell);
        let cell = self.pointer_of(cell);
        let layout = MemoryLayout::words(&scalars, FIELDS_START);
        let load = |(&scalar, &offset): (&Scalar, &u64)| {
            let place = self.g.offset(cell, offset as usize, "");
            self.g.load_scalar(Content::Cell(scalar), scalar, place, "")
        };
        scalars.iter().zip(&layout.offsets).map(load).collect()
    }

    /// `cell = value`
    pub(super) fn write_cell(&mut self, cell: &Operand, value: &Operand) {
        let scalars = self.cell_scalars(cell);
        let values = self.operand(value);
        let cell = self.pointer_of(cell);
        self.fill_cell(cell, &scalars, &values);
    }

    fn fill_cell(&mut self, cell: PointerValue<'ctx>, scalars: &[Scalar], values: &[BasicValueEnum<'ctx>]) {
        let layout = MemoryLayout::words(scalars, FIELDS_START);
        for ((&scalar, &offset), &value) in scalars.iter().zip(&layout.offsets).zip(values) {
            let place = self.g.offset(cell, offset as usize, "");
            self.g.store_scalar(Content::Cell(scalar), place, value);
        }
    }

    fn cell_scalars(&self, cell: &Operand) -> Vec<Scalar> {
        let Type::Cell(content) = self.shape_of(cell) else { panic!("BUG: {cell:?} is no cell") };
        self.g.scalars(*content)
    }
}

impl<'ctx> Generator<'ctx, '_> {
    /// How a struct or an enum is kept; `None` for a tuple, which is its fields' scalars.
    fn representation(&self, ty: TypeId) -> Option<Representation> {
        self.input.program.nominals.get(&ty).map(|nominal| nominal.representation)
    }

    /// A value that is kept by value, from the scalars of a variant's fields.
    fn join(&self, layout: &EnumLayout, variant: usize, fields: &[BasicValueEnum<'ctx>]) -> Values<'ctx> {
        let mut values: Values<'ctx> =
            layout.scalars.iter().map(|&scalar| self.types.scalar(scalar).const_zero()).collect();
        if layout.tag == Tag::Tagged {
            values[0] = self.types.int(variant).into();
        }
        for (slot, &field) in layout.variants[variant].iter().zip(fields) {
            let is_wider = layout.scalars[slot.index] != slot.scalar;
            values[slot.index] = if is_wider { self.types.word_of(&self.builder, field) } else { field };
        }
        values
    }

    /// What a variant has in a slot of a value.
    fn in_slot(&self, value: BasicValueEnum<'ctx>, slot: Slot) -> BasicValueEnum<'ctx> {
        let ty = self.types.scalar(slot.scalar);
        if value.get_type() == ty { value } else { self.types.value_in(&self.builder, value, ty) }
    }

    /// An object of a variant with those fields. It is a constant if the fields are, unless the program may tell: by
    /// storing into objects of the type, or by asking whether two are the same.
    fn object(&mut self, ty: TypeId, variant: usize, fields: &[BasicValueEnum<'ctx>]) -> PointerValue<'ctx> {
        let layout = self.layouts.object(ty, variant);
        if fields.is_empty() && self.input.program.nominals[&ty].variants.len() > 1 {
            return self.empty_variant(&layout, variant);
        }
        if fields.iter().all(builder::is_constant) && !self.identities.contains(&ty) {
            return self.constant_variant(&layout, variant, fields);
        }
        let object = self.new_object(&layout, variant);
        for (at, (&field, &offset)) in fields.iter().zip(&layout.offsets).enumerate() {
            let place = self.offset(object, offset as usize, "");
            self.store_scalar(Content::Field(ty, variant, at), place, field);
        }
        object
    }

    fn new_object(&mut self, layout: &MemoryLayout, variant: usize) -> PointerValue<'ctx> {
        let header = self.object_header(layout, variant);
        self.allocate(header, self.types.int(layout.size as usize))
    }

    fn object_header(&mut self, layout: &MemoryLayout, variant: usize) -> Header {
        let references: Vec<u32> = layout.references.iter().map(|&offset| offset as u32).collect();
        let descriptor = self.descriptor(Kind::Fixed, layout.size as u32, &references);
        Header { descriptor, tag: variant as u32 }
    }

    fn constant_variant(
        &mut self,
        layout: &MemoryLayout,
        variant: usize,
        fields: &[BasicValueEnum<'ctx>],
    ) -> PointerValue<'ctx> {
        let header = self.object_header(layout, variant);
        let words: Values<'ctx> = fields.iter().map(|&field| self.constant_word(field)).collect();
        self.object_constant(header, &words, "object")
    }

    /// A constant as it lies in an object or in an array whose elements are several scalars: in a word of its own.
    pub(super) fn constant_word(&self, value: BasicValueEnum<'ctx>) -> BasicValueEnum<'ctx> {
        match value {
            // An address stays one, which the linker fills in.
            BasicValueEnum::PointerValue(_) => value,
            _ => self.types.word_of(&self.builder, value),
        }
    }

    fn empty_variant(&mut self, layout: &MemoryLayout, variant: usize) -> PointerValue<'ctx> {
        let header = self.object_header(layout, variant);
        if let Some(&known) = self.constants.variants.get(&header.word()) {
            return known;
        }
        let object = self.object_constant(header, &[], "variant");
        self.constants.variants.insert(header.word(), object);
        object
    }

    /// The number of an object's variant, of so many.
    fn tag(&mut self, object: PointerValue<'ctx>, variants: usize) -> IntValue<'ctx> {
        let place = self.offset(object, offset_of!(Header, tag), "");
        let tag = self.load_tag(place, variants as u64);
        self.builder.zero_extend(tag, self.types.word)
    }
}
