//! The tree with names.
//!
//! [`resolve`] makes it of the syntax tree. In it every name is a variable, a function or a builtin; `while`, `x += 1`
//! and `spawn f(x)` have become simpler things; every literal fits its type. What was wrong has been reported and
//! is an `Error` node, so that the next stage may still look at the rest.
//!
//! It knows no types but those that the source names.

/// Ids of the tree's parts.
mod ids;
/// Operators, in the three kinds that later stages tell apart.
mod operators;
/// Names that are always in scope.
mod prelude;
/// Intrinsics: operations that only the library can name.
mod intrinsics;
/// Lang items: declarations of the library that the compiler uses.
mod lang_items;
/// Bodies of functions: expressions, statements and patterns.
mod body;
/// Declarations: modules, functions, types, traits.
mod tree;
/// The tree as text.
mod dump;
/// Errors in names. One function per error.
mod errors;
/// Warnings about names.
mod lints;
/// Name resolution. After this every name has one meaning.
mod resolve;

pub use body::*;
pub use dump::dump;
pub use errors::{missing_main, not_supported};
pub use ids::*;
pub(crate) use intrinsics::for_each_instruction;
pub use intrinsics::{Effect, Instruction, Intrinsic};
pub use lang_items::*;
pub use operators::{BinaryOp, LogicalOp, UnaryOp};
pub use prelude::Builtin;
pub use resolve::resolve;
pub use tree::*;

pub use crate::modules::ModuleId;

#[cfg(test)]
mod tests;
