//! Warnings that need the types of the whole program: discarded values, calls that run before a thread starts although
//! the `spawn` contains them, and nested calls that acquire the same lock. A function with an error gets none of these
//! warnings.

/// The effects of functions: a fixed point over the call graph.
mod effects;
/// The warnings, one function each.
mod errors;
/// Calls in a `spawn` that run before the thread starts, and locks that are acquired twice.
mod thread;
/// Discarded values.
mod unused;

use crate::arena::Arena;
use crate::diagnostics::{Diagnostic, Severity};
use crate::hir::{Body, ExprId, ExprKind, Function, FunctionId, Hir, Nominal, NominalKind};
use crate::source::Span;
use crate::types::{NominalId, Type, TypeId, TypeTable};

use super::tables::BodyTypes;
use effects::Effectful;

/// A checked program.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub hir: &'a Hir,
    pub table: &'a TypeTable,
    pub functions: &'a Arena<FunctionId, Option<BodyTypes>>,
}

/// The function that is examined.
struct Cx<'a> {
    found: Found<'a>,
    effects: &'a Effectful<'a>,
    function: &'a Function,
    body: &'a Body,
    types: &'a BodyTypes,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Adds to `diagnostics` the warnings about the program's functions and, if `whole_library` is set, about the library's
/// functions.
pub(super) fn check(found: Found<'_>, whole_library: bool, diagnostics: &mut Vec<Diagnostic>) {
    let effects = Effectful::new(found);
    let errors: Vec<Span> =
        diagnostics.iter().filter(|of| of.severity == Severity::Error).map(primary).collect();
    for (function, types) in found.hir.functions.iter().zip(found.functions.iter()) {
        let is_faulty = errors.iter().any(|&error| contains(function.span, error));
        let is_looked_at = whole_library || !found.hir.modules[function.module].library;
        if let (Some(body), Some(types)) = (function.body.weft(), types)
            && is_looked_at
            && !is_faulty
        {
            let effects = &effects;
            let mut cx = Cx { found, effects, function, body, types, diagnostics };
            cx.unused_values();
            cx.spawned_receivers();
            cx.locked_twice();
        }
    }
}

fn primary(diagnostic: &Diagnostic) -> Span {
    diagnostic.primary.span
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// The types of the fields of a struct, or of all variants of an enum.
fn field_types(nominal: &Nominal) -> Vec<TypeId> {
    match &nominal.kind {
        NominalKind::Struct(fields) => fields.iter().filter_map(|field| field.ty).collect(),
        NominalKind::Enum(variants) => {
            variants.iter().flat_map(|variant| &variant.fields).filter_map(|&(ty, _)| ty).collect()
        }
    }
}

impl<'a> Cx<'a> {
    fn kind(&self, expr: ExprId) -> &'a ExprKind {
        &self.body.exprs[expr].kind
    }

    fn span(&self, expr: ExprId) -> Span {
        self.body.exprs[expr].span
    }

    fn ty(&self, expr: ExprId) -> Option<&'a Type> {
        self.types.exprs[expr].map(|ty| self.found.table.get(ty))
    }

    /// The callee of a call.
    fn callee(&self, expr: ExprId) -> Option<&'a Function> {
        self.types.callee(expr).map(|callee| &self.found.hir.functions[callee.function])
    }

    /// Whether the callee of a call is a library function.
    fn is_in_library(&self, call: ExprId) -> bool {
        self.callee(call).is_some_and(|callee| self.found.hir.modules[callee.module].library)
    }

    /// Whether `nominal` is the type `name` of the library module `module`.
    fn is_of_library(&self, nominal: NominalId, module: &str, name: &str) -> bool {
        let nominal = &self.found.hir.nominals[nominal];
        nominal.name.as_str() == name && self.found.hir.modules[nominal.module].name == module
    }
}
