//! The bodies of functions: the modules here walk through the statements, and call the modules `values` and `threads`,
//! which generate the instructions.

/// Function values and deferred blocks.
pub(super) mod closures;
/// Calls of C functions, and of runtime functions that may take long.
pub(super) mod foreign;
/// Coroutines of LLVM.
pub(super) mod coroutines;
/// Generators.
pub(super) mod generators;
/// Statements, with one match arm for each kind.
pub(super) mod statements;
/// Functions: blocks, calls and terminators.
pub(super) mod functions;
