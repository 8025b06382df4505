//! The middle representation: functions as control-flow graphs over typed locals, in no need of names, scopes or
//! inference. It is what the optimiser, the interpreter and code generation read.
//!
//! A local is a variable, not an SSA value; LLVM's mem2reg makes it one. Everything is evaluated in the order it
//! stands. A panic ends the green thread, so nothing unwinds and a call needs no second way out.

/// The shapes of the representation.
mod program;

pub use program::*;
