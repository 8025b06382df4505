//! Infinite types: types of which no value can be built, because each value would have to contain another value of the
//! same type.

use std::collections::HashSet;

use super::errors;
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{Hir, NamedType, Nominal, NominalKind};
use crate::types::{NominalId, Type, TypeId};

/// Reports structs and enums of which no value can be built, except enums without variants, which have no values on
/// purpose. A worklist marks the types of which a value can be built: a struct when all types that it must contain are
/// marked, and an enum when all types that one variant must contain are marked.
pub(super) fn check(hir: &Hir, diagnostics: &mut Vec<Diagnostic>) {
    let mut built: Arena<NominalId, bool> = hir.nominals.iter().map(|_| false).collect();
    let mut users: Arena<NominalId, Vec<NominalId>> = hir.nominals.iter().map(|_| Vec::new()).collect();
    for (id, nominal) in hir.nominals.iter_enumerated() {
        for needed in parts(nominal).into_iter().flat_map(|ty| held(hir, ty)) {
            users[needed].push(id);
        }
    }
    let mut queue: Vec<NominalId> = hir.nominals.ids().collect();
    while let Some(id) = queue.pop() {
        if !built[id] && can_be_built(hir, &hir.nominals[id], &built) {
            built[id] = true;
            queue.extend(users[id].iter().copied().filter(|&user| !built[user]));
        }
    }
    let mut seen = HashSet::new();
    for id in hir.nominals.ids().filter(|&id| !built[id]) {
        let cycle = new_cycle(hir, id, &built, &mut seen);
        if !cycle.is_empty() {
            let names: Vec<_> = cycle.iter().map(|&of| &hir.nominals[of].name).collect();
            diagnostics.push(errors::endless_type(&names));
        }
    }
}

/// The types of all fields of a struct or enum.
fn parts(nominal: &Nominal) -> Vec<NamedType> {
    match &nominal.kind {
        NominalKind::Struct(fields) => fields.iter().map(|field| field.ty).collect(),
        NominalKind::Enum(variants) => {
            variants.iter().flat_map(|variant| &variant.fields).map(|&(ty, _)| ty).collect()
        }
    }
}

/// The structs and enums that each value of the type must contain. Elements of arrays do not count, because arrays may
/// be empty. Type arguments do not count either.
fn held(hir: &Hir, ty: NamedType) -> Vec<NominalId> {
    fn collect(hir: &Hir, ty: TypeId, held: &mut Vec<NominalId>) {
        match hir.types.get(ty) {
            Type::Nominal(nominal, _) => held.push(*nominal),
            Type::Tuple(parts) => parts.iter().for_each(|&part| collect(hir, part, held)),
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Char
            | Type::Byte
            | Type::String
            | Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Parameter(_)
            | Type::Cell(_)
            | Type::Never => {}
        }
    }
    let mut nominals = Vec::new();
    if let Some(ty) = ty {
        collect(hir, ty, &mut nominals);
    }
    nominals
}

fn can_be_built(hir: &Hir, nominal: &Nominal, built: &Arena<NominalId, bool>) -> bool {
    let is_built = |ty: NamedType| held(hir, ty).into_iter().all(|of| built[of]);
    match &nominal.kind {
        NominalKind::Struct(fields) => fields.iter().all(|field| is_built(field.ty)),
        // An enum without variants has no values on purpose, so it counts as a type that can be built.
        NominalKind::Enum(variants) => {
            variants.is_empty()
                || variants.iter().any(|variant| variant.fields.iter().all(|&(ty, _)| is_built(ty)))
        }
    }
}

/// Walks from `id` through types of which no value can be built. The next type is always one that the fields of the
/// current type must contain. Returns the cycle to which the path leads; empty if the path meets a type that an earlier
/// path has added to `seen`.
fn new_cycle(
    hir: &Hir,
    id: NominalId,
    built: &Arena<NominalId, bool>,
    seen: &mut HashSet<NominalId>,
) -> Vec<NominalId> {
    let (mut path, mut at) = (Vec::new(), id);
    while seen.insert(at) {
        path.push(at);
        let held = parts(&hir.nominals[at]).into_iter().flat_map(|ty| held(hir, ty));
        let next = held.into_iter().find(|&of| !built[of]);
        at = next.expect("BUG: a type without values holds none of the kind");
    }
    match path.iter().position(|&of| of == at) {
        Some(start) => path.split_off(start),
        None => Vec::new(),
    }
}
