//! The types of operations that build, read and change tuples, structs, enums, cells and arrays.

use super::Typing;
use crate::mir::{Operand, Representation, layout};
use crate::types::{Type, TypeId};

impl Typing<'_> {
    pub(super) fn construct(
        &mut self,
        ty: TypeId,
        variant: usize,
        fields: &[Operand],
    ) -> Result<TypeId, String> {
        let types = self.fields(ty, variant)?;
        self.arguments("field", &types, fields)?;
        Ok(ty)
    }

    pub(super) fn field(&mut self, value: &Operand, variant: usize, index: usize) -> Result<TypeId, String> {
        let ty = self.operand(value);
        self.field_of(ty, variant, index)
    }

    pub(super) fn set_field(
        &mut self,
        object: &Operand,
        index: usize,
        value: &Operand,
    ) -> Result<TypeId, String> {
        let ty = self.operand(object);
        let nominal = self.program.nominals.get(&ty);
        if !nominal.is_some_and(|of| of.variants.len() == 1 && of.representation == Representation::Object) {
            return Err(self.refuse("SetField", ty));
        }
        let (field, value) = (self.field_of(ty, 0, index)?, self.operand(value));
        self.expect(&format!("field {index}"), field, value)?;
        Ok(self.types.intern(Type::Unit))
    }

    fn field_of(&self, ty: TypeId, variant: usize, index: usize) -> Result<TypeId, String> {
        let fields = self.fields(ty, variant)?;
        let found = fields.get(index).copied();
        found.ok_or_else(|| format!("{} has no field {variant}.{index}", self.types.display(ty)))
    }

    fn fields(&self, ty: TypeId, variant: usize) -> Result<Vec<TypeId>, String> {
        layout::field_types(self.types, &self.program.nominals, ty, variant)
            .ok_or_else(|| format!("{} has no variant {variant}", self.types.display(ty)))
    }

    pub(super) fn variant(&mut self, value: &Operand) -> Result<TypeId, String> {
        let ty = self.operand(value);
        match self.program.nominals.contains_key(&ty) {
            true => Ok(self.types.intern(Type::Int)),
            false => Err(self.refuse("Variant", ty)),
        }
    }

    pub(super) fn same(&mut self, left: &Operand, right: &Operand) -> Result<TypeId, String> {
        let (ty, right) = (self.operand(left), self.operand(right));
        if !self.has_identity(ty) {
            return Err(self.refuse("Same", ty));
        }
        self.expect("the other", ty, right)?;
        Ok(self.types.intern(Type::Bool))
    }

    /// Whether values of a type are references to objects with an identity.
    pub(super) fn has_identity(&self, ty: TypeId) -> bool {
        let nominal = self.program.nominals.get(&ty);
        nominal.is_some_and(|of| of.representation == Representation::Object)
            || matches!(self.types.get(ty), Type::Array(_) | Type::Task(_) | Type::Cell(_))
    }

    pub(super) fn new_cell(&mut self, value: &Operand) -> TypeId {
        let value = self.operand(value);
        self.types.intern(Type::Cell(value))
    }

    pub(super) fn read_cell(&mut self, cell: &Operand) -> Result<TypeId, String> {
        self.content("ReadCell", cell)
    }

    fn content(&mut self, what: &str, cell: &Operand) -> Result<TypeId, String> {
        let ty = self.operand(cell);
        let Type::Cell(value) = self.types.get(ty) else { return Err(self.refuse(what, ty)) };
        Ok(*value)
    }

    pub(super) fn write_cell(&mut self, cell: &Operand, value: &Operand) -> Result<TypeId, String> {
        let (wanted, value) = (self.content("WriteCell", cell)?, self.operand(value));
        self.expect("the cell", wanted, value)?;
        Ok(self.types.intern(Type::Unit))
    }

    pub(super) fn new_array(&mut self, ty: TypeId, elements: &[Operand]) -> Result<TypeId, String> {
        let wanted = self.element_of("NewArray", ty)?;
        for (index, element) in elements.iter().enumerate() {
            let given = self.operand(element);
            self.expect(&format!("element {index}"), wanted, given)?;
        }
        Ok(ty)
    }

    pub(super) fn allocate_array(&mut self, ty: TypeId, length: &Operand) -> Result<TypeId, String> {
        self.element_of("AllocateArray", ty)?;
        self.demand(length, Type::Int)?;
        Ok(ty)
    }

    pub(super) fn length(&mut self, operand: &Operand) -> Result<TypeId, String> {
        let ty = self.operand(operand);
        let (Type::Array(_) | Type::String) = self.types.get(ty) else {
            return Err(self.refuse("Length", ty));
        };
        Ok(self.types.intern(Type::Int))
    }

    pub(super) fn check_index(&mut self, index: &Operand, length: &Operand) -> Result<TypeId, String> {
        self.demand(index, Type::Int)?;
        self.demand(length, Type::Int)?;
        Ok(self.types.intern(Type::Unit))
    }

    pub(super) fn element(&mut self, array: &Operand, index: &Operand) -> Result<TypeId, String> {
        self.demand(index, Type::Int)?;
        let ty = self.operand(array);
        if *self.types.get(ty) == Type::String {
            return Ok(self.types.intern(Type::Byte));
        }
        self.element_of("Element", ty)
    }

    pub(super) fn set_element(
        &mut self,
        array: &Operand,
        index: &Operand,
        value: &Operand,
    ) -> Result<TypeId, String> {
        self.demand(index, Type::Int)?;
        let (ty, value) = (self.operand(array), self.operand(value));
        let wanted = self.element_of("SetElement", ty)?;
        self.expect("the element", wanted, value)?;
        Ok(self.types.intern(Type::Unit))
    }

    /// Checks a copy between two arrays of the same type; the other operands are `Int`s.
    pub(super) fn copy_elements(
        &mut self,
        [to, from]: [&Operand; 2],
        ints: [&Operand; 3],
    ) -> Result<TypeId, String> {
        let (to, from) = (self.operand(to), self.operand(from));
        self.element_of("CopyElements", to)?;
        self.expect("the other array", to, from)?;
        ints.into_iter().try_for_each(|int| self.demand(int, Type::Int))?;
        Ok(self.types.intern(Type::Unit))
    }

    pub(super) fn clear_elements(
        &mut self,
        array: &Operand,
        first: &Operand,
        count: &Operand,
    ) -> Result<TypeId, String> {
        let array = self.operand(array);
        self.element_of("ClearElements", array)?;
        self.demand(first, Type::Int)?;
        self.demand(count, Type::Int)?;
        Ok(self.types.intern(Type::Unit))
    }

    fn element_of(&self, what: &str, array: TypeId) -> Result<TypeId, String> {
        let Type::Array(element) = self.types.get(array) else { return Err(self.refuse(what, array)) };
        Ok(*element)
    }
}
