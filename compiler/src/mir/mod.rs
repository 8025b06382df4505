//! The middle representation: functions as control-flow graphs over typed locals, in no need of names, scopes or
//! inference. It is what the interpreter and code generation read.
//!
//! A local is a variable, not an SSA value; LLVM's mem2reg makes it one. Everything is evaluated in the order it
//! stands. A panic ends the green thread, so nothing unwinds and a call needs no second way out.

#![warn(clippy::wildcard_enum_match_arm)]

/// The representation itself.
mod program;
/// The locals and blocks that a statement or terminator names.
mod walk;
/// MIR as text.
mod print;
/// The signatures of runtime functions in terms of MIR.
mod runtime;
/// The scalars of values, in registers and in memory.
pub mod layout;
/// The specification of MIR, and its verifier.
pub mod verify;
/// An estimate of how often each block runs.
pub mod block_frequency;
/// The call graph and its strongly connected components.
pub mod call_graph;
/// The interpreter: runs MIR without LLVM.
pub mod interpret;
/// MIR built by hand, for tests.
#[cfg(test)]
pub(crate) mod build;

pub use layout::Scalar;
pub use program::*;
pub use runtime::{RuntimeSignature, runtime_signature, runtime_type};
pub use walk::Effect;
