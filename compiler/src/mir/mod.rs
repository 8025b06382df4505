//! The middle representation: functions as control-flow graphs over typed locals, in no need of names, scopes or
//! inference. It is what the interpreter and code generation read.
//!
//! A local is a variable, not an SSA value; LLVM's mem2reg makes it one. Everything is evaluated in the order it
//! stands. A panic ends the green thread, so nothing unwinds and a call needs no second way out.

/// MIR by hand, for tests.
#[cfg(test)]
pub(crate) mod build;
/// Runs MIR without LLVM.
pub mod interpret;
/// How values are made of scalars.
pub mod layout;
/// MIR as text.
mod print;
/// The shapes of the representation.
mod program;
/// What MIR says of the runtime's functions.
mod runtime;
/// The specification of MIR, and its check.
pub mod verify;
/// What a statement or a way out names.
mod walk;
/// An estimate of how often each block runs.
pub mod block_frequency;
/// The call graph and its strongly connected components.
pub mod call_graph;

pub use layout::Scalar;
pub use program::*;
pub use runtime::{RuntimeSignature, RuntimeType, runtime_signature};
