//! The tree with names.
//!
//! [`resolve`] makes it of the syntax tree. In it every name is a variable, a function or a builtin; `while`, `x += 1`
//! and `spawn f(x)` have become simpler things; every literal fits its type. What was wrong has been reported and
//! is an `Error` node, so that the next stage may still look at the rest.
//!
//! It knows no types but those that the source names.

mod body;
mod dump;
mod errors;
mod intrinsics;
mod lints;
mod operators;
mod prelude;
mod resolve;
mod tree;

pub use body::*;
pub use dump::dump;
pub use errors::{missing_main, not_supported};
pub use intrinsics::Intrinsic;
pub use operators::{BinaryOp, LogicalOp, UnaryOp};
pub use prelude::Builtin;
pub use resolve::resolve;
pub use tree::*;

pub use crate::modules::ModuleId;

#[cfg(test)]
mod tests;
