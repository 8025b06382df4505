//! From text to tokens to the syntax tree.
//!
//! After this the program is well formed: what is wrong has been reported, and an `Error` node stands in its place.

pub mod ast;

pub use ast::Ast;

/// How deep brackets, blocks, operators and the like may nest. Each level costs every later stage some recursion;
/// no program that people write comes near it, and it keeps those stages within a few megabytes of stack.
pub const MAX_NESTING: usize = 400;
