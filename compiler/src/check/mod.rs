//! Types.
//!
//! [`check`] gives every expression, pattern and variable of the tree a type, in a table beside it, and says which
//! functions its calls mean. Signatures are given; inside bodies types are inferred by unification. When it reports no
//! error, the tree is a correct program: what follows may rely on it.
//!
//! One mistake gives one message: what was reported has an error type that fits everywhere.

/// Tables of types and callees beside the tree: the result of this stage.
mod tables;
/// Declarations by name and by type: methods and `impl`s.
mod declarations;
/// Type inference: terms with variables, made equal by unification.
mod infer;
/// Trait bounds: whether a type implements a trait.
mod bounds;
/// The state of a body that is being checked.
mod body_state;
/// Errors in types. One function per error.
mod errors;
/// Types without values, since each value would hold another. After this every type can be built.
mod infinite_types;
/// `impl`s against their traits and each other. After this every `impl` fits its trait.
mod impls;
/// Constant folding: operators on known values.
mod fold;
/// The values of constants. After this every constant has its value.
mod constant;
/// Terms to types, when inference is over. After this no type has a variable in it.
mod resolve_types;
/// The functions that a program may run: of the library only these are checked.
mod reachability;
/// The checker of a body: its variables, blocks and statements.
mod function;
/// Decisions that wait until a type is known. After this all are decided.
mod obligations;
/// A value where a type is expected.
mod coercion;
/// Expressions by kind.
mod expression;
/// Calls of functions, values, variants and structs.
mod call;
/// Methods and other members of types.
mod method;
/// Fields and elements, read and assigned.
mod lvalues;
/// Operators on two values.
mod chain;
/// Lambdas and spawned threads.
mod lambda;
/// Patterns and the variables that they bind.
mod pattern;
/// `if`, `match`, loops and the ways out of them.
mod control;
/// Interpolations and their formats.
mod format_strings;
/// Exhaustiveness: after this every `match` covers all values and every arm can be reached.
mod exhaustive;
/// Warnings that need the types of whole programs.
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

pub use tables::{BodyTypes, Callee, ConstantTypes, Indexing, Iteration, Types, Value};

/// A program, with its declarations by name.
struct Program<'a> {
    hir: &'a Hir,
    declarations: &'a Declarations,
    /// Types that declarations name and that lack a bound.
    refused: &'a HashSet<Refused>,
}

/// Finds the types of a program; of the library in what the program may run. The diagnostics, warnings among them, are
/// in the order of the text.
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

/// Removes warnings about unused and unreachable code in functions that have an error, which may be the reason.
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
    let values = constant::evaluate(hir, &bodies, &faulty, diagnostics);
    let bodies = bodies.iter().cloned();
    bodies.zip(values.iter()).map(|(body, value)| ConstantTypes { body, value: value.clone() }).collect()
}

/// `main` takes nothing or the arguments, and gives nothing, the status, or a `Result[(), String]`.
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

/// The tree as text, each expression with its type.
pub fn dump(hir: &Hir, types: &Types) -> String {
    hir::dump(hir, &|function, expr| {
        let body = types.functions[function].as_ref()?;
        Some(types.table.display(body.exprs[expr]?).to_string())
    })
}

#[cfg(test)]
mod tests;
