//! From the checked tree to control-flow graphs.
//!
//! [`lower`] starts at `main` and goes where calls, spawns and function values lead, so that the program holds what can
//! be reached and nothing else. A generic function is lowered once for each set of type arguments that it is reached
//! with; here traits turn into the functions of their `impl`s, or into derived ones. The only errors left are those
//! that show when type arguments are known: a program that needs endlessly many types.
//!
//! An expression is lowered *into a place*: a local, nowhere, or the function's result. The last is what makes tail
//! calls: a call whose place is the result of a function of its own type becomes `TailCall`, however many blocks,
//! branches, arms and loops it stands in.

/// A control-flow graph while it is built.
mod graph;
/// Trait resolution: the function that a trait's function means for a type.
mod impls;
/// Measures of types, which bound monomorphisation.
mod measures;
/// Monomorphisation: the table of instances, one for each set of type arguments.
mod instances;
/// The variants and fields of structs and enums.
mod adts;
/// Decision trees: the order in which the patterns of a `match` are tested.
mod decision;
/// The state of a function that is being lowered.
mod body_state;
/// The lowering of a function: its variables, places, blocks and statements.
mod body;
/// Expressions by kind.
mod expression;
/// Operators and the built-in traits, for any type.
mod operators;
/// Chains of operators.
mod chain;
/// Values as text.
mod text;
/// Intrinsics.
mod intrinsics;
/// Intrinsics on waiting threads.
mod waiting;
/// Calls and spawns.
mod call;
/// Lambdas and functions as values.
mod closure;
/// Arrays, vectors and maps, indexed.
mod index;
/// Assignments.
mod assign;
/// Patterns: tests and bindings.
mod pattern;
/// Snapshots of parts that the guards of a `match` may change.
mod snapshot;
/// Arms that only give a constant.
mod given;
/// From the cases of a test to branches.
mod dispatch;
/// `match`.
mod matching;
/// `scope` and `defer`, on every way out of their blocks.
mod exits;
/// `if`, loops and the ways out of them.
mod control;
/// `for`.
mod iterate;
/// `select`.
mod select;
/// `Show`, `Eq`, `Ord` and `Hash` of types without an `impl`.
mod derive;
/// The entry point: calls `main`, or runs the tests.
mod entry_point;
/// The worklist. After this every function that is reached is lowered, once for each set of type arguments.
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

/// The program that starts at `entry`. `hir` has no errors, and `types` are its types.
///
/// # Errors
/// The program would need endlessly many types, or one that is too large.
pub fn lower(hir: &Hir, types: &Types, entry: Entry<'_>) -> Result<Program, Vec<Diagnostic>> {
    worklist::lower(hir, types, entry)
}

#[cfg(test)]
pub(crate) mod tests;
