//! Tuples, structs, enums and cells.
//!
//! A value of a type that is represented by value is a list of scalars. Building such a value or reading its fields
//! only regroups the scalars and costs nothing. A value of a type that is represented as an object is a reference to an
//! object: a header, which contains the number of the variant, then one word for each scalar of the fields.

use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use weft_abi::{Header, Kind};

use crate::codegen::cx::builder;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tbaa::Content;
use crate::codegen::cx::types::Values;
use crate::mir::layout::{EnumLayout, FIELDS_START, MemoryLayout, Slot, Tag};
use crate::mir::{Operand, Representation, Scalar};
use crate::types::{Type, TypeId};

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Builds a value of a variant from all its fields.
    pub(in crate::codegen) fn construct(
        &mut self,
        ty: TypeId,
        variant: usize,
        fields: &[Operand],
    ) -> Values<'ctx> {
        let values = self.operands(fields);
        self.cx.variant_of(ty, variant, &values)
    }

    /// Reads field number `index` of a value of variant number `variant`.
    pub(in crate::codegen) fn field(
        &mut self,
        value: &Operand,
        variant: usize,
        index: usize,
    ) -> Values<'ctx> {
        let ty = self.type_of(value);
        let range = self.cx.layouts.field(ty, variant, index);
        match self.cx.representation(ty) {
            None => self.operand(value)[range].to_vec(),
            Some(Representation::Value) => {
                let layout = self.cx.layouts.enum_layout(ty);
                let values = self.operand(value);
                let slots = &layout.variants[variant][range];
                slots.iter().map(|&slot| self.cx.in_slot(values[slot.index], slot)).collect()
            }
            Some(Representation::Object) => {
                let object = self.pointer_of(value);
                let scalars = self.cx.layouts.variant(ty, variant);
                let layout = self.cx.layouts.object(ty, variant);
                let load = |at: usize| {
                    let place = self.cx.offset(object, layout.offsets[at] as usize, "");
                    self.cx.load_scalar(Content::Field(ty, variant, at), scalars[at], place, "")
                };
                let loaded: Values<'ctx> = range.map(load).collect();
                let field = &self.cx.input.program.nominals[&ty].variants[variant].fields[index];
                if let [value] = loaded[..] {
                    if field.is_length {
                        self.cx.limit_to_lengths(value.into_int_value());
                    } else if let Some(size) = self.cx.object_size(field.ty) {
                        self.cx.limit_to_objects(value.into_pointer_value(), size);
                    }
                }
                loaded
            }
        }
    }

    /// Stores a value in field number `index` of an object.
    pub(in crate::codegen) fn set_field(&mut self, object: &Operand, index: usize, value: &Operand) {
        let ty = self.type_of(object);
        let values = self.operand(value);
        let object = self.pointer_of(object);
        let layout = self.cx.layouts.object(ty, 0);
        for (at, value) in self.cx.layouts.field(ty, 0, index).zip(values) {
            let place = self.cx.offset(object, layout.offsets[at] as usize, "");
            self.cx.store_scalar(Content::Field(ty, 0, at), place, value);
        }
    }

    /// The number of the variant of an enum value.
    pub(in crate::codegen) fn variant(&mut self, value: &Operand) -> BasicValueEnum<'ctx> {
        let ty = self.type_of(value);
        if self.cx.representation(ty) == Some(Representation::Object) {
            let object = self.pointer_of(value);
            return self.cx.tag(object, self.cx.input.program.nominals[&ty].variants.len()).into();
        }
        let layout = self.cx.layouts.enum_layout(ty);
        let values = self.operand(value);
        match layout.tag {
            Tag::Single => self.cx.types.int(0).into(),
            Tag::Niche { empty, full, scalar } => {
                let is_null = self.cx.builder.is_null(values[scalar].into_pointer_value());
                let [empty, full] = [empty, full].map(|variant| self.cx.types.int(variant));
                self.cx.builder.select(is_null, empty, full)
            }
            Tag::Tagged => values[0],
        }
    }

    /// Whether two references are equal.
    pub(in crate::codegen) fn same(&mut self, one: &Operand, other: &Operand) -> BasicValueEnum<'ctx> {
        let (one, other) = (self.pointer_of(one), self.pointer_of(other));
        self.cx.builder.is_same(one, other).into()
    }

    /// Allocates a cell that contains the value.
    pub(in crate::codegen) fn new_cell(&mut self, value: &Operand) -> BasicValueEnum<'ctx> {
        let (scalars, values) = (self.scalars_of(value), self.operand(value));
        let layout = MemoryLayout::words(&scalars, FIELDS_START);
        let cell = self.cx.new_object(&layout, 0);
        self.fill_cell(cell, &scalars, &values);
        cell.into()
    }

    /// Reads the value in a cell.
    pub(in crate::codegen) fn read_cell(&mut self, cell: &Operand) -> Values<'ctx> {
        let scalars = self.cell_scalars(cell);
        let cell = self.pointer_of(cell);
        let layout = MemoryLayout::words(&scalars, FIELDS_START);
        let load = |(&scalar, &offset): (&Scalar, &u64)| {
            let place = self.cx.offset(cell, offset as usize, "");
            self.cx.load_scalar(Content::Cell(scalar), scalar, place, "")
        };
        scalars.iter().zip(&layout.offsets).map(load).collect()
    }

    /// Stores a value in a cell.
    pub(in crate::codegen) fn write_cell(&mut self, cell: &Operand, value: &Operand) {
        let scalars = self.cell_scalars(cell);
        let values = self.operand(value);
        let cell = self.pointer_of(cell);
        self.fill_cell(cell, &scalars, &values);
    }

    fn fill_cell(&mut self, cell: PointerValue<'ctx>, scalars: &[Scalar], values: &[BasicValueEnum<'ctx>]) {
        let layout = MemoryLayout::words(scalars, FIELDS_START);
        for ((&scalar, &offset), &value) in scalars.iter().zip(&layout.offsets).zip(values) {
            let place = self.cx.offset(cell, offset as usize, "");
            self.cx.store_scalar(Content::Cell(scalar), place, value);
        }
    }

    fn cell_scalars(&self, cell: &Operand) -> Vec<Scalar> {
        let Type::Cell(content) = self.shape_of(cell) else { panic!("BUG: {cell:?} is no cell") };
        self.cx.scalars(*content)
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// The scalars of a value of a variant, from the scalars of all its fields.
    pub(in crate::codegen) fn variant_of(
        &mut self,
        ty: TypeId,
        variant: usize,
        values: &[BasicValueEnum<'ctx>],
    ) -> Values<'ctx> {
        match self.representation(ty) {
            None => values.to_vec(),
            Some(Representation::Value) => {
                let layout = self.layouts.enum_layout(ty);
                self.join(&layout, variant, values)
            }
            Some(Representation::Object) => vec![self.object(ty, variant, values).into()],
        }
    }

    /// The representation of a struct or an enum; `None` for a tuple, whose value is its fields' scalars.
    pub(in crate::codegen) fn representation(&self, ty: TypeId) -> Option<Representation> {
        self.input.program.nominals.get(&ty).map(|nominal| nominal.representation)
    }

    /// Builds the scalars of a value from the scalars of a variant's fields; the type is not represented as an object.
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

    /// Converts the scalar in a slot to the scalar that the variant stores there.
    fn in_slot(&self, value: BasicValueEnum<'ctx>, slot: Slot) -> BasicValueEnum<'ctx> {
        let ty = self.types.scalar(slot.scalar);
        if value.get_type() == ty { value } else { self.types.value_in(&self.builder, value, ty) }
    }

    /// Builds an object of a variant. The object is a constant if the fields are constants, unless the type's objects
    /// have an identity that the program can observe; see `ModuleCx::identities`.
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
        self.allocate_unaliased(header, self.types.int(layout.size as usize))
    }

    fn object_header(&mut self, layout: &MemoryLayout, variant: usize) -> Header {
        let references: Vec<u32> = layout.references.iter().map(|&offset| offset as u32).collect();
        let descriptor = self.descriptors.number_of(Kind::Fixed, layout.size as u32, &references);
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

    /// Converts a constant to a word, its form in an object or in an array whose elements are several scalars.
    pub(in crate::codegen) fn constant_word(&self, value: BasicValueEnum<'ctx>) -> BasicValueEnum<'ctx> {
        // An address stays a pointer: only the linker knows its value.
        if value.is_pointer_value() { value } else { self.types.word_of(&self.builder, value) }
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

    /// Loads the number of an object's variant, which is below `variants`.
    fn tag(&mut self, object: PointerValue<'ctx>, variants: usize) -> IntValue<'ctx> {
        let place = self.offset(object, offset_of!(Header, tag), "");
        let tag = self.load_tag(place, variants as u64);
        self.builder.zero_extend(tag, self.types.word)
    }
}
