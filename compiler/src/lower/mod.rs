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

/// Functions that are reached, with their type arguments.
mod instance;
/// Control-flow graphs while they are drawn.
mod graph;
/// The whole program while it grows.
mod program;
/// What structs and enums consist of.
mod nominals;
/// One function: its variables, places, blocks and statements.
mod body;
/// Expressions by kind.
mod expression;
/// Operators on two values.
mod chain;
/// What the built-in traits do, for any type.
mod operations;
/// Values as text.
mod text;
/// Calls and spawns.
mod call;
/// The library's operations on waiting threads.
mod waiting;
/// The library's own operations.
mod intrinsics;
/// Lambdas and functions as values.
mod closure;
/// Arrays, vectors and maps, indexed.
mod index;
/// Assignments.
mod assign;
/// Patterns: what they test and what they bind.
mod pattern;
/// In which order the patterns of a `match` are tested.
mod decision;
/// Snapshots of parts that the guards of a `match` may change.
mod snapshot;
/// Arms that only give a constant.
mod given;
/// From the cases of a test to branches.
mod dispatch;
/// `match`
mod matching;
/// `if`, loops and the ways out of them.
mod control;
/// `for`
mod iterate;
/// `select`
mod select;
/// `scope`, `defer`, and what every way out of their blocks does.
mod exits;
/// `Show`, `Eq`, `Ord` and `Hash` where no `impl` gives them.
mod derive;
/// What runs first.
mod start;

use crate::check::Types;
use crate::diagnostics::Diagnostic;
use crate::hir::{self, Hir};
use crate::mir::Program;

/// What a program runs.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// `fn main`
    Main(hir::FunctionId),
    /// Some of its tests
    Tests(&'a [hir::Test]),
}

/// The program that starts at `entry`. `hir` has no errors, and `types` are its types.
///
/// # Errors
/// The program would need endlessly many types, or one that is too large.
pub fn lower(hir: &Hir, types: &Types, entry: Entry<'_>) -> Result<Program, Vec<Diagnostic>> {
    program::lower(hir, types, entry)
}

#[cfg(test)]
pub(crate) mod tests;
