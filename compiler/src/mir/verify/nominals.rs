//! A check that every struct and enum of the program is in `nominals`, has no type parameters, and has a layout.

use std::collections::HashSet;

use super::{Faults, steps};
use crate::mir::{Program, Representation, layout};
use crate::types::{Type, TypeId};

pub(super) fn check(faults: &mut Faults<'_>) {
    let program = faults.program;
    let mut seen = HashSet::new();
    let mut pending = named(program);
    while let Some(ty) = pending.pop() {
        if !seen.insert(ty) {
            continue;
        }
        let layer = program.types.get(ty);
        pending.extend(layer.parts());
        match layer {
            Type::Parameter(_) => {
                faults.in_program(format!("{} is a type parameter", program.types.display(ty)));
            }
            Type::Nominal(..) => match program.nominals.get(&ty) {
                None => faults.in_program(format!("{} is not known", program.types.display(ty))),
                Some(nominal) => {
                    let fields = nominal.variants.iter().flat_map(|variant| &variant.fields);
                    pending.extend(fields.map(|field| field.ty));
                }
            },
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Char
            | Type::Byte
            | Type::String
            | Type::Tuple(_)
            | Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Cell(_)
            | Type::Never => {}
        }
    }
    if faults.found.is_empty() {
        check_containment(faults);
    }
}

/// Checks that no type that is represented by value contains itself. All types must be in `nominals`.
fn check_containment(faults: &mut Faults<'_>) {
    let program = faults.program;
    for ty in layout::recursive(&program.types, &program.nominals, |_| false) {
        if program.nominals[&ty].representation == Representation::Value {
            faults.in_program(format!("{} contains itself", program.types.display(ty)));
        }
    }
}

/// The types in `nominals`, and the types of the locals, results and values of all functions.
fn named(program: &Program) -> Vec<TypeId> {
    let mut types = Vec::new();
    for function in program.functions.iter() {
        types.push(function.result);
        types.extend(function.locals.iter().map(|local| local.ty));
        types.extend(steps(function).filter_map(|(_, step)| step.ty()));
    }
    types.extend(program.nominals.keys());
    types
}
