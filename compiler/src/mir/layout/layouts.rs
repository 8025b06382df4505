//! The layouts of a program's types, each computed once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::enums::EnumLayout;
use super::parts::{Class, Nominals, class, field_types, parts_first};
use super::scalar::{FIELDS_START, MemoryLayout, Scalar, Shape, joined};
use crate::mir::program::Program;
use crate::types::{TypeId, TypeTable};

/// The layouts of a program's types. Each layout is computed once, in time linear in its scalars and parts.
pub struct Layouts<'a> {
    types: &'a TypeTable,
    nominals: &'a Nominals,
    shapes: RefCell<HashMap<TypeId, Shape>>,
    enums: RefCell<HashMap<TypeId, Rc<EnumLayout>>>,
}

impl<'a> Layouts<'a> {
    /// Creates the layouts for a program's types.
    pub fn new(program: &'a Program) -> Layouts<'a> {
        let (shapes, enums) = Default::default();
        Layouts { types: &program.types, nominals: &program.nominals, shapes, enums }
    }

    /// The scalars of a type's values.
    ///
    /// # Panics
    /// If the type has type parameters, or contains itself other than through an object.
    pub fn scalars(&self, ty: TypeId) -> Rc<[Scalar]> {
        self.shape(ty).scalars
    }

    /// The scalars of all fields of a variant of a tuple, a struct (both variant 0) or an enum, in any representation.
    pub fn variant(&self, ty: TypeId, variant: usize) -> Vec<Scalar> {
        let fields = self.field_types(ty, variant);
        fields.into_iter().flat_map(|field| self.scalars(field).to_vec()).collect()
    }

    /// The range of a field's scalars in the list that [`Layouts::variant`] returns.
    pub fn field(&self, ty: TypeId, variant: usize, index: usize) -> Range<usize> {
        let fields = self.field_types(ty, variant);
        let start = fields[..index].iter().map(|field| self.scalars(*field).len()).sum();
        start..start + self.scalars(fields[index]).len()
    }

    /// The layout of a struct or enum that is represented by value.
    pub fn enum_layout(&self, ty: TypeId) -> Rc<EnumLayout> {
        if let Some(known) = self.enums.borrow().get(&ty) {
            return Rc::clone(known);
        }
        let variants: Vec<Shape> = (0..self.nominals[&ty].variants.len())
            .map(|variant| joined(self.field_types(ty, variant).into_iter().map(|field| self.shape(field))))
            .collect();
        let layout = Rc::new(EnumLayout::of(&variants));
        self.enums.borrow_mut().insert(ty, Rc::clone(&layout));
        layout
    }

    /// The layout of an array element of the given type.
    pub fn element(&self, element: TypeId) -> MemoryLayout {
        MemoryLayout::element(&self.scalars(element))
    }

    /// The layout of an object with the fields of a variant; the header contains the variant's number.
    pub fn object(&self, ty: TypeId, variant: usize) -> MemoryLayout {
        MemoryLayout::words(&self.variant(ty, variant), FIELDS_START)
    }

    fn field_types(&self, ty: TypeId, variant: usize) -> Vec<TypeId> {
        field_types(self.types, self.nominals, ty, variant)
            .unwrap_or_else(|| panic!("BUG: {} has no variant {variant}", self.types.display(ty)))
    }

    fn shape(&self, ty: TypeId) -> Shape {
        if let Some(known) = self.shapes.borrow().get(&ty) {
            return known.clone();
        }
        let is_known = |ty: TypeId| self.shapes.borrow().contains_key(&ty);
        for ty in parts_first(self.types, self.nominals, ty, is_known) {
            let shape = self.shape_of_parts(ty);
            self.shapes.borrow_mut().insert(ty, shape);
        }
        self.shapes.borrow()[&ty].clone()
    }

    /// The shape of a type whose parts have known shapes.
    fn shape_of_parts(&self, ty: TypeId) -> Shape {
        match class(self.types, self.nominals, ty) {
            Class::Nothing => Shape { scalars: Rc::new([]), never_null: None },
            Class::Scalar(scalar) => {
                let never_null = (scalar == Scalar::Reference).then_some(0);
                Shape { scalars: Rc::new([scalar]), never_null }
            }
            Class::Tuple(parts) => joined(parts.iter().map(|part| self.shape(*part))),
            Class::Nominal(_) => self.enum_layout(ty).shape(),
        }
    }
}
