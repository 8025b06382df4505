//! Types.
//!
//! [`check`] gives every expression and variable of the tree a type, in a table beside it. Signatures are given;
//! inside bodies types are inferred by unification. When it reports no error, the tree is a correct program: what
//! follows may rely on it.
//!
//! One mistake gives one message: what was reported has an error type that fits everywhere.

mod call;
mod chain;
mod control;
mod errors;
mod expect;
mod expression;
mod function;
mod infer;
mod lints;
mod method;
mod show;

use std::collections::HashMap;

use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{self, ExprId, FunctionId, Hir, LocalId, SpawnId};
use crate::types::{TypeId, TypeTable};

pub use method::Method;

/// The types of a program, beside its tree.
#[derive(Clone, Debug)]
pub struct Types {
    /// All types that occur.
    pub table: TypeTable,
    /// One for each function.
    pub bodies: Arena<FunctionId, BodyTypes>,
}

/// The types in one function. A node has none when it is part of a mistake.
#[derive(Clone, Debug)]
pub struct BodyTypes {
    exprs: Arena<ExprId, Option<TypeId>>,
    locals: Arena<LocalId, Option<TypeId>>,
    threads: Arena<SpawnId, Option<TypeId>>,
    methods: HashMap<ExprId, Method>,
}

const UNTYPED: &str = "BUG: a program with errors went past the type checker";

impl BodyTypes {
    /// An expression's type.
    pub fn expr(&self, expr: ExprId) -> TypeId {
        self.exprs[expr].expect(UNTYPED)
    }

    /// A variable's type.
    pub fn local(&self, local: LocalId) -> TypeId {
        self.locals[local].expect(UNTYPED)
    }

    /// The type of what a spawned thread returns.
    pub fn thread(&self, spawn: SpawnId) -> TypeId {
        self.threads[spawn].expect(UNTYPED)
    }

    /// Which method a `CallMethod` calls.
    pub fn method(&self, call: ExprId) -> Method {
        *self.methods.get(&call).expect(UNTYPED)
    }
}

/// Finds the types of a program. The diagnostics, warnings among them, are in the order of the text.
pub fn check(hir: &Hir) -> (Types, Vec<Diagnostic>) {
    let mut table = hir.types.clone();
    let mut diagnostics = Vec::new();
    let bodies =
        hir.functions.ids().map(|id| function::check(hir, id, &mut table, &mut diagnostics)).collect();
    if let Some(main) = hir.main {
        diagnostics.extend(function::main_signature(hir, main));
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    (Types { table, bodies }, diagnostics)
}

/// The tree as text, each expression with its type.
pub fn dump(hir: &Hir, types: &Types) -> String {
    hir::dump(hir, &|function, expr| {
        Some(types.table.display(types.bodies[function].exprs[expr]?).to_string())
    })
}

#[cfg(test)]
mod tests;
