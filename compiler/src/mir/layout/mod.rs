//! How values are made of scalars, in registers and in memory.
//!
//! A value is a list of scalars, each of which is one machine value: `()` has none, a tuple and a struct that is kept
//! by value have those of their fields in order, an enum that is kept by value has those of its [`EnumLayout`];
//! everything else is one scalar. References are never null, except where null stands for a variant of an enum
//! ([`Tag::Niche`]) and where a variant of an enum does not use a slot. A function value is a reference too, even if
//! it captures nothing.
//!
//! In memory a list of scalars has a [`MemoryLayout`]. Two kinds of places exist: elements of arrays, and whatever
//! lies behind an object's header.

/// The scalars of enums.
mod enums;
/// The choice between value and object, for each struct and enum.
mod representation;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

pub use enums::{EnumLayout, Slot, Tag};
pub use representation::{MANY_SCALARS, box_large, is_large, recursive};

use crate::mir::{Nominal, Program, Representation};
use crate::types::{Type, TypeId, TypeTable};

/// What structs and enums consist of.
pub type Nominals = HashMap<TypeId, Nominal>;

/// A part of a value that is one machine value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scalar {
    /// One byte in memory, 0 or 1.
    Bool,
    /// One byte in memory.
    Byte,
    /// Four bytes in memory: the character's number.
    Char,
    /// 64 bits.
    Int,
    /// 64 bits.
    Float,
    /// The address of an object that the collector knows.
    Reference,
}

impl Scalar {
    /// How many bytes it takes when it is alone.
    pub const fn size(self) -> u64 {
        match self {
            Scalar::Bool | Scalar::Byte => 1,
            Scalar::Char => 4,
            Scalar::Int | Scalar::Float | Scalar::Reference => WORD,
        }
    }
}

/// Where an object's scalars begin: behind its header.
pub const FIELDS_START: u64 = 8;
/// What a scalar takes where there are several.
const WORD: u64 = 8;

/// Where a list of scalars lies in memory. All numbers are bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemoryLayout {
    /// Where each scalar begins, in order.
    pub offsets: Vec<u64>,
    /// Where it ends; what an element of an array takes.
    pub size: u64,
    /// Those of the offsets where a reference is, in ascending order.
    pub references: Vec<u64>,
}

impl MemoryLayout {
    /// An element of an array: a scalar that is alone has its own size, several have a word each.
    pub fn element(scalars: &[Scalar]) -> MemoryLayout {
        match scalars {
            [only] => MemoryLayout { size: only.size(), ..MemoryLayout::words(scalars, 0) },
            _ => MemoryLayout::words(scalars, 0),
        }
    }

    /// The scalars of an object, one word each, from `start` on.
    pub fn words(scalars: &[Scalar], start: u64) -> MemoryLayout {
        let offsets: Vec<u64> = (0..scalars.len() as u64).map(|at| start + at * WORD).collect();
        let is_reference = |(_, scalar): &(_, &Scalar)| **scalar == Scalar::Reference;
        let references =
            offsets.iter().zip(scalars).filter(is_reference).map(|(offset, _)| *offset).collect();
        let size = start + offsets.len() as u64 * WORD;
        MemoryLayout { offsets, size, references }
    }
}

/// The layouts of a program's types, each found once. A type costs time in proportion to its scalars and its parts.
pub struct Layouts<'a> {
    types: &'a TypeTable,
    nominals: &'a Nominals,
    shapes: RefCell<HashMap<TypeId, Shape>>,
    enums: RefCell<HashMap<TypeId, Rc<EnumLayout>>>,
}

/// The scalars of a type's values.
#[derive(Clone)]
struct Shape {
    scalars: Rc<[Scalar]>,
    /// The first of them that is a reference and never null.
    never_null: Option<usize>,
}

impl<'a> Layouts<'a> {
    /// The layouts of the types in a program.
    pub fn new(program: &'a Program) -> Layouts<'a> {
        let (shapes, enums) = Default::default();
        Layouts { types: &program.types, nominals: &program.nominals, shapes, enums }
    }

    /// What a value of the type is made of.
    ///
    /// # Panics
    /// When the type has parameters, or contains itself other than through an object.
    pub fn scalars(&self, ty: TypeId) -> Rc<[Scalar]> {
        self.shape(ty).scalars
    }

    /// The scalars of all fields of a variant: of a tuple, a struct (variant 0) or an enum, however it is kept.
    pub fn variant(&self, ty: TypeId, variant: usize) -> Vec<Scalar> {
        let fields = self.field_types(ty, variant);
        fields.into_iter().flat_map(|field| self.scalars(field).to_vec()).collect()
    }

    /// Which of the scalars of [`Layouts::variant`] are those of one field.
    pub fn field(&self, ty: TypeId, variant: usize, index: usize) -> Range<usize> {
        let fields = self.field_types(ty, variant);
        let start = fields[..index].iter().map(|field| self.scalars(*field).len()).sum();
        start..start + self.scalars(fields[index]).len()
    }

    /// How the scalars of a struct's or enum's variants make those of its value. It is kept by value.
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

    /// An element of an array of those elements.
    pub fn element(&self, element: TypeId) -> MemoryLayout {
        MemoryLayout::element(&self.scalars(element))
    }

    /// What lies behind the header of an object with that variant's fields. The variant's number is in the header.
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

    /// The shape of a type that contains only types with known shapes.
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

/// Shapes one after the other.
fn joined(parts: impl Iterator<Item = Shape>) -> Shape {
    let (mut scalars, mut never_null) = (Vec::new(), None);
    for part in parts {
        never_null = never_null.or(part.never_null.map(|at| scalars.len() + at));
        scalars.extend_from_slice(&part.scalars);
    }
    Shape { scalars: scalars.into(), never_null }
}

/// The fields' types of a variant: of a tuple or a struct (variant 0), or of an enum; `None` if there is no such.
pub fn field_types(
    types: &TypeTable,
    nominals: &Nominals,
    ty: TypeId,
    variant: usize,
) -> Option<Vec<TypeId>> {
    if let Type::Tuple(parts) = types.get(ty) {
        return (variant == 0).then(|| parts.clone());
    }
    let variant = nominals.get(&ty)?.variants.get(variant)?;
    Some(variant.fields.iter().map(|field| field.ty).collect())
}

/// How a type's values are kept.
enum Class<'a> {
    /// There is nothing to keep.
    Nothing,
    Scalar(Scalar),
    Tuple(&'a [TypeId]),
    /// A struct or an enum that is kept by value.
    Nominal(&'a Nominal),
}

fn class<'a>(types: &'a TypeTable, nominals: &'a Nominals, ty: TypeId) -> Class<'a> {
    match types.get(ty) {
        Type::Unit | Type::Never => Class::Nothing,
        Type::Bool => Class::Scalar(Scalar::Bool),
        Type::Byte => Class::Scalar(Scalar::Byte),
        Type::Char => Class::Scalar(Scalar::Char),
        Type::Int => Class::Scalar(Scalar::Int),
        Type::Float => Class::Scalar(Scalar::Float),
        Type::String | Type::Array(_) | Type::Task(_) | Type::Function { .. } | Type::Cell(_) => {
            Class::Scalar(Scalar::Reference)
        }
        Type::Tuple(parts) => Class::Tuple(parts),
        Type::Nominal(..) => {
            let nominal = nominals.get(&ty);
            let nominal = nominal.unwrap_or_else(|| panic!("BUG: {} is not known", types.display(ty)));
            match nominal.representation {
                Representation::Value => Class::Nominal(nominal),
                Representation::Object => Class::Scalar(Scalar::Reference),
            }
        }
        Type::Parameter(_) => panic!("BUG: {} is a parameter", types.display(ty)),
    }
}

/// The types of which a value of the type holds values without a reference between.
fn contained(types: &TypeTable, nominals: &Nominals, ty: TypeId) -> Vec<TypeId> {
    match class(types, nominals, ty) {
        Class::Nothing | Class::Scalar(_) => Vec::new(),
        Class::Tuple(parts) => parts.to_vec(),
        Class::Nominal(nominal) => {
            let fields = nominal.variants.iter().flat_map(|variant| &variant.fields);
            fields.map(|field| field.ty).collect()
        }
    }
}

/// The type and what it contains, each once and after its parts, without those that are known. No recursion, as structs
/// may be nested as deep as a program is long.
pub(crate) fn parts_first(
    types: &TypeTable,
    nominals: &Nominals,
    ty: TypeId,
    is_known: impl Fn(TypeId) -> bool,
) -> Vec<TypeId> {
    let (mut pending, mut opened, mut done) = (vec![ty], HashSet::new(), HashSet::new());
    let mut order = Vec::new();
    while let Some(&ty) = pending.last() {
        if is_known(ty) || done.contains(&ty) {
            pending.pop();
        } else if opened.insert(ty) {
            pending.extend(contained(types, nominals, ty));
        } else {
            let is_ready = |part: &TypeId| is_known(*part) || done.contains(part);
            let ready = contained(types, nominals, ty).iter().all(is_ready);
            assert!(ready, "BUG: {} contains itself", types.display(ty));
            done.insert(ty);
            order.push(ty);
            pending.pop();
        }
    }
    order
}
