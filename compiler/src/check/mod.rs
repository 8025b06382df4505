//! The type checker: signatures are declared, types inside bodies are inferred by unification.
//!
//! [`check`] finds the type of every expression, pattern and variable of the tree and the function that each call
//! means, and stores them in tables beside the tree. If it reports no error, the program is correct, and later stages
//! rely on that.
//!
//! Each mistake is reported once: an expression with a reported error gets the error type, which can be unified with
//! every type.

/// Tables of types and callees beside the tree: the result of this stage.
mod tables;
/// Methods and `impl`s, indexed by type and name.
mod declarations;
/// Type inference: terms with variables, made equal by unification.
mod infer;
/// Trait bounds: whether a type implements a trait.
mod bounds;
/// The state of a body that is being checked.
mod body_state;
/// The errors of the type checker, one function each.
mod errors;
/// Reports infinite types: types of which each value would contain another value of the same type.
mod infinite_types;
/// Checks `impl`s against their traits and each other.
mod impls;
/// Constant folding: operators on known values.
mod fold;
/// The evaluation of constants.
mod constant;
/// Converts terms to types after inference. The types contain no variables.
mod resolve_types;
/// Reachability: the functions that a program may run. Of the library, only these functions are checked.
mod reachability;
/// The checker of a body: its variables, blocks and statements.
mod function;
/// Obligations: checks that wait until a type is known.
mod obligations;
/// Coercion of a value to the expected type.
mod coercion;
/// Expressions by kind.
mod expression;
/// Calls of functions, function values, builtins, variants and structs.
mod call;
/// Methods and other members of types.
mod method;
/// Fields and elements: reads and assignments.
mod lvalues;
/// Binary operators.
mod chain;
/// Lambdas and spawned threads.
mod lambda;
/// Patterns and the variables that they bind.
mod pattern;
/// `if`, `match`, `select`, loops, `break`, `return` and `?`.
mod control;
/// Interpolations and their formats.
mod format_strings;
/// Exhaustiveness: whether every `match` covers all values, and every arm can be reached.
mod exhaustive;
/// Warnings that need the types of the whole program.
mod lint;

use std::collections::HashSet;

use crate::arena::Arena;
use crate::diagnostics::{Diagnostic, Severity};
use crate::hir::{self, ConstantId, Function, FunctionId, Hir};
use crate::source::Span;
use crate::types::{Type, TypeTable};

use bounds::Refused;
use declarations::Declarations;
use function::Checker;
use reachability::Reach;

pub use errors::{constant_panics, endless_constant, slow_constant};
pub use tables::{BodyTypes, Callee, Computed, ConstantTypes, Indexing, Iteration, Types, Value};

/// A program, with the index of its declarations.
struct Program<'a> {
    hir: &'a Hir,
    declarations: &'a Declarations,
    /// The refusals that were reported in declarations: types that lack a trait that a bound requires.
    refused: &'a HashSet<Refused>,
}

/// Checks a program and the library functions that it may run. Returns the types, and the errors and warnings in source
/// order.
pub fn check(hir: &Hir) -> (Types, Vec<Diagnostic>) {
    check_reachable(hir, false)
}

fn check_reachable(hir: &Hir, whole_library: bool) -> (Types, Vec<Diagnostic>) {
    let declarations = Declarations::new(hir);
    let mut table = hir.types.clone();
    let mut diagnostics = Vec::new();
    let refused = impls::check(hir, &declarations, &mut table, &mut diagnostics);
    let program = Program { hir, declarations: &declarations, refused: &refused };
    infinite_types::check(hir, &mut diagnostics);
    let constants = check_constants(&program, &mut table, &mut diagnostics);
    for (id, constant) in hir.constants.iter_enumerated() {
        diagnostics.extend(computed_patterns(hir, &constants, &constant.value));
        let types = &constants[id].body;
        diagnostics.extend(exhaustive::check(hir, &constants, &constant.value, types, &mut table));
    }
    let mut reach = Reach::new(hir, &declarations, whole_library);
    let mut functions: Arena<FunctionId, Option<BodyTypes>> = hir.functions.iter().map(|_| None).collect();
    for constant in constants.iter() {
        reach.body(&constant.body, &table);
    }
    while let Some(id) = reach.next() {
        let function = &hir.functions[id];
        if let Some(body) = function.body.weft() {
            let checker = Checker::new(&program, function.module, body, &mut diagnostics);
            let types = checker.check_function(function, &mut table);
            diagnostics.extend(computed_patterns(hir, &constants, body));
            diagnostics.extend(exhaustive::check(hir, &constants, body, &types, &mut table));
            reach.body(&types, &table);
            functions[id] = Some(types);
        }
    }
    if let Some(main) = hir.main {
        diagnostics.extend(main_signature(hir, &hir.functions[main]));
    }
    let found = lint::Found { hir, table: &table, functions: &functions };
    lint::check(found, whole_library, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    (Types { table, functions, constants }, diagnostics)
}

/// Removes warnings about unused and unreachable code from functions that have an error: the error may be the cause.
pub fn drop_consequences(hir: &Hir, diagnostics: &mut Vec<Diagnostic>) {
    const CONSEQUENCES: [&str; 4] = ["W0002", "W0003", "W0004", "W0006"];
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<Span> = errors.map(|found| found.primary.span).collect();
    let holds = |function: &Function, span: Span| {
        function.span.file == span.file && function.span.start <= span.start && span.end <= function.span.end
    };
    let faulty = hir.functions.iter().filter(|function| errors.iter().any(|&error| holds(function, error)));
    let faulty: Vec<&Function> = faulty.collect();
    diagnostics.retain(|found| {
        let is_consequence = CONSEQUENCES.contains(&found.code.0);
        !(is_consequence && faulty.iter().any(|function| holds(function, found.primary.span)))
    });
}

fn check_constants(
    program: &Program<'_>,
    table: &mut TypeTable,
    diagnostics: &mut Vec<Diagnostic>,
) -> Arena<ConstantId, ConstantTypes> {
    let hir = program.hir;
    let (mut bodies, mut faulty) = (Arena::new(), Arena::new());
    for constant in hir.constants.iter() {
        let before = diagnostics.len();
        let checker = Checker::new(program, constant.module, &constant.value, diagnostics);
        bodies.push(checker.check_constant(constant.ty, constant.ty_span, table));
        faulty.push(diagnostics[before..].iter().any(|found| found.severity == Severity::Error));
    }
    let results = constant::evaluate(hir, table, &bodies, &faulty, diagnostics);
    let constants = bodies.iter().zip(results.iter());
    constants
        .map(|(body, result)| ConstantTypes {
            body: body.clone(),
            value: result.value.clone(),
            is_computed: result.is_computed,
            computed: None,
        })
        .collect()
}

/// Reports patterns that are constants whose values are not known yet: arms could not be checked to cover all cases.
fn computed_patterns(
    hir: &Hir,
    constants: &Arena<ConstantId, ConstantTypes>,
    body: &hir::Body,
) -> Vec<Diagnostic> {
    let error = |pattern: &hir::Pattern| {
        let hir::PatternKind::Constant(id) = pattern.kind else { return None };
        constants[id].is_computed.then(|| errors::computed_pattern(&hir.constants[id].name, pattern.span))
    };
    body.patterns.iter().filter_map(error).collect()
}

/// Checks that `main` takes nothing or a `[String]`, and returns nothing, an `Int` or a `Result[(), String]`.
fn main_signature(hir: &Hir, main: &Function) -> Option<Diagnostic> {
    if let Some(&generic) = main.generics.first() {
        return Some(errors::main_generic(hir.parameters[generic].name.span));
    }
    let is_arguments =
        |ty| matches!(hir.types.get(ty), Type::Array(of) if *hir.types.get(*of) == Type::String);
    let wrong_parameter = match main.parameters.as_slice() {
        [] => None,
        [only] => only.ty.filter(|&ty| !is_arguments(ty)).map(|_| only.ty_span),
        [_, second, ..] => Some(second.ty_span),
    };
    if let Some(span) = wrong_parameter {
        return Some(errors::main_parameters(span));
    }
    let fits = match hir.types.get(main.result?) {
        Type::Unit | Type::Int => true,
        Type::Nominal(result, parts) => {
            *result == hir.lang_items.result
                && *hir.types.get(parts[0]) == Type::Unit
                && *hir.types.get(parts[1]) == Type::String
        }
        _ => false,
    };
    main.result_span.filter(|_| !fits).map(errors::main_result)
}

/// Returns the tree as text, with the type of each expression.
pub fn dump(hir: &Hir, types: &Types) -> String {
    hir::dump(hir, &|function, expr| {
        let body = types.functions[function].as_ref()?;
        Some(types.table.display(body.exprs[expr]?).to_string())
    })
}

#[cfg(test)]
mod tests;
