//! The parts that the system tests share.

/// A case: a program with its expectation.
pub mod case;
/// Cases about emitted forms of a program.
pub mod emit;
/// Cases about diagnostics.
pub mod errors;
/// The interpreter's second opinion.
pub mod interpreter;
/// Expected text with wildcards.
pub mod pattern;
/// Processes with a time limit.
pub mod process;
/// Cases about the behaviour of programs.
pub mod run;
