//! From the checked tree to control-flow graphs.
//!
//! [`lower`] starts at `main` and goes where calls and spawns lead, so that the program holds what can be reached and
//! nothing else. It reports no errors: what it is given has none.
//!
//! An expression is lowered *into a place*: a local, nowhere, or the function's result. The last is what makes tail
//! calls: a call whose place is the result of a function of its own type becomes `TailCall`, however many blocks,
//! branches and loops it stands in.

mod body;
mod call;
mod chain;
mod control;
mod expression;
mod graph;
mod program;
mod text;

use crate::check::Types;
use crate::hir::{self, Hir};
use crate::mir::Program;

/// The program that starts at `main`. `hir` has no errors, and `types` are its types.
pub fn lower(hir: &Hir, types: &Types, main: hir::FunctionId) -> Program {
    program::lower(hir, types, main)
}

#[cfg(test)]
mod tests;
