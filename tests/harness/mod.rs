//! The parts that the tests of the whole system share.

/// A case: a program with its expectation.
pub mod case;
/// Cases about the forms of a program.
pub mod emit;
/// Cases about diagnostics.
pub mod errors;
/// The second opinion.
pub mod interpreter;
/// Expected text with wildcards.
pub mod pattern;
/// Processes with an end.
pub mod process;
/// Cases about what programs do.
pub mod run;
