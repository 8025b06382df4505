//! The variants and fields of structs and enums whose type arguments are known.

use std::collections::HashMap;

use weft_abi::library::VEC_LENGTH;

use super::instances::Instances;
use crate::arena::Arena;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::NominalKind;
use crate::mir::{
    Field, Function, FunctionId, GeneratorOp, Nominal, Representation, Rvalue, Variant, layout,
};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::{NominalId, ParameterId, Type, TypeId};

fn endless_type(name: &Name) -> Diagnostic {
    let message = format!("a value of `{name}` would contain infinitely many types");
    Diagnostic::error(Code("E0281"), message, name.span, "its fields need larger and larger types")
        .with_note("a type may contain itself only with the same type arguments")
}

fn wide_tuple(span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0134"), "a tuple is too large".to_string(), span, "too many parts")
        .with_note("together with the tuples inside it has more than two thousand values")
        .with_note("declare a `struct` for a part of it")
}

/// Reports an error if a function builds a tuple that is too large. Checks of the types in the source do not find such
/// a tuple, because its type need not be written: `let b = (a, a)`, `let c = (b, b)` and so on build it.
pub(super) fn bound_tuples(instances: &mut Instances<'_>, function: &Function) {
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let Rvalue::Construct(ty, ..) = statement.value
            && instances.measures.is_too_wide(&instances.table, ty)
        {
            return instances.errors.push(wide_tuple(statement.span));
        }
    }
}

/// Collects all structs and enums that occur in the functions or, directly or not, in the fields of such types.
pub(super) fn collect(
    instances: &mut Instances<'_>,
    functions: &Arena<FunctionId, Function>,
) -> Result<HashMap<TypeId, Nominal>, Vec<Diagnostic>> {
    let mut found = HashMap::new();
    let mut seen = std::collections::HashSet::new();
    let mut pending: Vec<TypeId> = functions.iter().flat_map(named_types).collect();
    while let Some(ty) = pending.pop() {
        if !seen.insert(ty) {
            continue;
        }
        let layer = instances.ty(ty).clone();
        pending.extend(layer.parts());
        let Type::Nominal(id, arguments) = layer else { continue };
        if instances.measures.is_too_large(&instances.table, ty) {
            return Err(vec![endless_type(&instances.hir.nominals[id].name)]);
        }
        let nominal = nominal(instances, id, &arguments);
        pending.extend(nominal.variants.iter().flat_map(|variant| &variant.fields).map(|field| field.ty));
        found.insert(ty, nominal);
    }
    let option = instances.hir.lang_items.option;
    let is_option = |ty: TypeId| matches!(instances.ty(ty), Type::Nominal(id, _) if *id == option);
    for ty in layout::recursive(&instances.table, &found, is_option) {
        found.get_mut(&ty).expect("BUG: a recursive type that is no struct or enum").representation =
            Representation::Object;
    }
    layout::box_large(&instances.table, &mut found);
    Ok(found)
}

/// The types of a function's locals and result, of the values that it builds, and of the results of `next` of the
/// generators that it uses or is.
fn named_types(function: &Function) -> Vec<TypeId> {
    let mut types: Vec<TypeId> = function.locals.iter().map(|local| local.ty).collect();
    types.push(function.result);
    types.extend(function.element.map(|element| element.option));
    for statement in function.blocks.iter().flat_map(|block| &block.statements) {
        if let Rvalue::Closure(ty, ..)
        | Rvalue::Construct(ty, ..)
        | Rvalue::NewArray(ty, _)
        | Rvalue::AllocateArray(ty, _)
        | Rvalue::Generator(GeneratorOp::Next(ty) | GeneratorOp::Close(ty), _) = statement.value
        {
            types.push(ty);
        }
    }
    types
}

const REPORTED: &str = "BUG: a field's type that was reported";

/// The types of the fields of one variant. Does not look at the other variants: there can be thousands.
fn field_types(
    instances: &mut Instances<'_>,
    id: NominalId,
    arguments: &[TypeId],
    variant: usize,
) -> Vec<TypeId> {
    let declared = &instances.hir.nominals[id];
    let arguments: HashMap<ParameterId, TypeId> =
        declared.parameters.iter().copied().zip(arguments.iter().copied()).collect();
    let types: Vec<Option<TypeId>> = match &declared.kind {
        NominalKind::Struct(fields) => fields.iter().map(|field| field.ty).collect(),
        NominalKind::Enum(variants) => variants[variant].fields.iter().map(|&(ty, _)| ty).collect(),
    };
    types.into_iter().map(|ty| instances.concrete(ty.expect(REPORTED), &arguments)).collect()
}

/// The description of a struct or an enum. Marks only a struct with `var` fields as a heap object; [`collect`] later
/// finds the recursive and large types, which are heap objects, too.
fn nominal(instances: &mut Instances<'_>, id: NominalId, arguments: &[TypeId]) -> Nominal {
    let hir = instances.hir;
    let declared = &hir.nominals[id];
    let arguments: HashMap<ParameterId, TypeId> =
        declared.parameters.iter().copied().zip(arguments.iter().copied()).collect();
    let name = declared.name.to_string();
    let library = hir.modules[declared.module].library;
    match &declared.kind {
        NominalKind::Struct(fields) => {
            let is_mutable = fields.iter().any(|field| field.mutable);
            let length = (id == hir.lang_items.vec).then_some(VEC_LENGTH);
            let field = |(index, field): (usize, &crate::hir::StructField)| Field {
                name: Some(field.name.to_string()),
                ty: instances.concrete(field.ty.expect(REPORTED), &arguments),
                is_length: length == Some(index),
            };
            let fields = fields.iter().enumerate().map(field).collect();
            let variant = Variant { name: name.clone(), fields };
            let representation = if is_mutable { Representation::Object } else { Representation::Value };
            Nominal { name, library, representation, variants: vec![variant] }
        }
        NominalKind::Enum(variants) => {
            let mut field = |(at, ty): (usize, Option<TypeId>), labels: &[Name]| Field {
                name: labels.get(at).map(Name::to_string),
                ty: instances.concrete(ty.expect(REPORTED), &arguments),
                is_length: false,
            };
            let variants = variants
                .iter()
                .map(|variant| Variant {
                    name: variant.name.to_string(),
                    fields: (variant.fields.iter().map(|&(ty, _)| ty).enumerate())
                        .map(|numbered| field(numbered, &variant.labels))
                        .collect(),
                })
                .collect();
            Nominal { name, library, representation: Representation::Value, variants }
        }
    }
}

impl Instances<'_> {
    /// The types of the fields of a variant, of a struct (variant 0), or of a tuple.
    pub fn field_types(&mut self, ty: TypeId, variant: usize) -> Vec<TypeId> {
        match self.ty(ty).clone() {
            Type::Tuple(parts) => parts,
            Type::Nominal(id, arguments) => field_types(self, id, &arguments, variant),
            other => panic!("BUG: {other:?} has no fields"),
        }
    }

    /// The variants, names and fields of a struct or enum.
    pub fn nominal_of(&mut self, ty: TypeId) -> Nominal {
        match self.ty(ty).clone() {
            Type::Nominal(id, arguments) => nominal(self, id, &arguments),
            other => panic!("BUG: {other:?} is no struct or enum"),
        }
    }
}
