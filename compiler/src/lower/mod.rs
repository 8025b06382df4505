//! From the checked tree to control-flow graphs.
//!
//! [`lower`] starts at `main` and follows calls, spawns and function values, so that the program contains only
//! functions that can be reached. A generic function is lowered once for each set of type arguments that it is used
//! with; a call of a trait's function becomes a call of the function in an `impl`, or of a derived function. Lowering
//! finds only errors that depend on type arguments: the program needs endlessly many types, or a type that is too
//! large.
//!
//! An expression is lowered *into a place*, which is a local, the function's result, or no place if the value is not
//! used. A call whose place is the function's result becomes a `TailCall` if it has the function's result type, however
//! deeply it is nested in blocks, branches, arms and loops.

/// A control-flow graph while it is built.
mod graph;
/// Trait resolution: the implementation of a trait's function for a type.
mod impls;
/// Measures of types, which limit monomorphisation.
mod measures;
/// Monomorphisation: the table of instances, one for each set of type arguments.
mod instances;
/// The variants and fields of structs and enums.
mod adts;
/// Decision trees: the order in which the patterns of a `match` are tested.
mod decision;
/// The state of a function that is being lowered.
mod body_state;
/// Functions that build the computed values of constants.
mod computed;
/// The lowering of a function: its variables, places, blocks and statements.
mod body;
/// The lowering of expressions, by kind.
mod expression;
/// Operators and the built-in traits, for any type.
mod operators;
/// Chains of operators.
mod chain;
/// Values as text.
mod text;
/// Intrinsics.
mod intrinsics;
/// Waits of the running thread that involve no wait list.
mod waiting;
/// Calls and spawns.
mod call;
/// Lambdas and functions as values.
mod closure;
/// Indexing of arrays, vectors and maps.
mod index;
/// Assignments.
mod assign;
/// Patterns: tests and bindings.
mod pattern;
/// Snapshots of parts that the guards of a `match` may change.
mod snapshot;
/// Arms of a `match` that are only a constant.
mod given;
/// Multiway branches, from the cases of a test.
mod dispatch;
/// `match`.
mod matching;
/// `scope` and `defer`, and the exits from their blocks.
mod exits;
/// `if`, loops, and the exits from them.
mod control;
/// `for`.
mod iterate;
/// Generators: `gen fn`, `yield` with a value, and `for` over generators.
mod generators;
/// `select`.
mod select;
/// `Show`, `Eq`, `Ord` and `Hash` of types without an `impl`.
mod derive;
/// The entry point: calls `main`, or runs the tests.
mod entry_point;
/// The worklist: lowers every reached function, once for each set of type arguments.
mod worklist;

use crate::check::Types;
use crate::diagnostics::Diagnostic;
use crate::hir::{self, Hir};
use crate::mir::Program;

/// The entry of a program.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// `fn main`
    Main(hir::FunctionId),
    /// The given tests
    Tests(&'a [hir::Test]),
}

/// Lowers the program that starts at `entry`. `hir` must have no errors; `types` are the types of its expressions.
///
/// # Errors
/// The program would need endlessly many types, or a type that is too large.
pub fn lower(hir: &Hir, types: &Types, entry: Entry<'_>) -> Result<Program, Vec<Diagnostic>> {
    worklist::lower(hir, types, entry)
}

/// Lowers a program whose `main` returns the value of a constant. Also returns the computed constants without a value
/// on which the value depends.
///
/// # Errors
/// The program would need endlessly many types, or a type that is too large.
pub fn lower_constant(
    hir: &Hir,
    types: &Types,
    constant: hir::ConstantId,
) -> Result<(Program, Vec<hir::ConstantId>), Vec<Diagnostic>> {
    worklist::lower_constant(hir, types, constant)
}

#[cfg(test)]
pub(crate) mod tests;
