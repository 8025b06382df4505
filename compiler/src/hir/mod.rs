//! The HIR: the tree with resolved names.
//!
//! [`resolve`] builds the HIR from the syntax trees. In the HIR:
//! - Every name, except the names of members such as fields and methods, refers to a declaration or a variable.
//! - `while` has become `loop`, and every form of `spawn` has become a body with arguments.
//! - Every literal fits its type.
//! - Each error has been reported and has become an `Error` node, so that the checker can still check the rest.
//!
//! The HIR knows only the types that the source names; the checker infers all others.

/// Ids of nodes and declarations.
mod ids;
/// Operators: unary, binary and logical.
mod operators;
/// The built-in functions and types, which are in scope everywhere.
mod prelude;
/// Intrinsics: operations that only the library can call.
mod intrinsics;
/// Lang items: declarations of the library that the compiler itself uses.
mod lang_items;
/// The pieces of interpolated strings.
mod interpolation;
/// Loops.
mod loops;
/// Variants of the same name, of which the checker chooses one.
mod shared;
/// Bodies of functions: expressions, statements and patterns.
mod body;
/// Declarations: modules, functions, types, traits.
mod tree;
/// The HIR as text.
mod dump;
/// Errors of name resolution, one function each.
mod errors;
/// Warnings about names.
mod lints;
/// Name resolution, which builds the HIR.
mod resolve;

pub use body::*;
pub use dump::dump;
pub use errors::{ambiguous_variant, missing_main};
pub use ids::*;
pub use interpolation::*;
pub(crate) use intrinsics::for_each_instruction;
pub use intrinsics::{Effect, Instruction, Intrinsic};
pub use lang_items::*;
pub use loops::{Loop, LoopKind};
pub use operators::{BinaryOp, LogicalOp, UnaryOp};
pub use prelude::Builtin;
pub use resolve::resolve;
pub use shared::Shared;
pub use tree::*;

pub use crate::modules::ModuleId;

#[cfg(test)]
mod tests;
