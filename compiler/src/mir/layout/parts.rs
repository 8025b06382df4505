//! The parts of types: the types that a value of a type directly contains.

use std::collections::{HashMap, HashSet};

use super::scalar::Scalar;
use crate::mir::program::{Nominal, Representation};
use crate::types::{Type, TypeId, TypeTable};

/// The structs and enums of a program, by their types.
pub type Nominals = HashMap<TypeId, Nominal>;

/// The types of a variant's fields; a tuple or a struct has only variant 0. `None` if the type has no such variant.
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

/// The structure of a type's values.
pub(super) enum Class<'a> {
    /// No scalar.
    Nothing,
    Scalar(Scalar),
    Tuple(&'a [TypeId]),
    /// A struct or an enum that is represented by value.
    Nominal(&'a Nominal),
}

pub(super) fn class<'a>(types: &'a TypeTable, nominals: &'a Nominals, ty: TypeId) -> Class<'a> {
    match types.get(ty) {
        Type::Unit | Type::Never => Class::Nothing,
        Type::Bool => Class::Scalar(Scalar::Bool),
        Type::Byte => Class::Scalar(Scalar::Byte),
        Type::Char => Class::Scalar(Scalar::Char),
        Type::Int => Class::Scalar(Scalar::Int),
        Type::Float => Class::Scalar(Scalar::Float),
        Type::String
        | Type::Array(_)
        | Type::Task(_)
        | Type::Generator(_)
        | Type::Function { .. }
        | Type::Cell(_) => Class::Scalar(Scalar::Reference),
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

/// The types that a value of the type contains directly, not behind a reference.
pub(super) fn contained(types: &TypeTable, nominals: &Nominals, ty: TypeId) -> Vec<TypeId> {
    match class(types, nominals, ty) {
        Class::Nothing | Class::Scalar(_) => Vec::new(),
        Class::Tuple(parts) => parts.to_vec(),
        Class::Nominal(nominal) => {
            let fields = nominal.variants.iter().flat_map(|variant| &variant.fields);
            fields.map(|field| field.ty).collect()
        }
    }
}

/// The type and all types that it contains, each type once and after its parts, except the types that are already
/// known. Does not recurse, because a long program can nest structs very deeply.
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
