//! The bodies of functions: each statement and each terminator becomes calls of `values` and `threads`.

/// Function values and deferred blocks.
pub(super) mod closures;
/// Calls of C functions, and of runtime functions that may take long.
pub(super) mod foreign;
/// Statements: one arm for each kind.
pub(super) mod statements;
/// Functions: blocks, calls and terminators.
pub(super) mod functions;
