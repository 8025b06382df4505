//! The mid-level intermediate representation: functions as control-flow graphs over typed locals, with names, scopes
//! and types resolved. The interpreter and code generation take it as input.
//!
//! ```text
//! fn fib(_0 n: Int) -> Int {
//!     let _1: Bool
//!
//!   bb0:
//!     _1 = _0 < 2
//!     if _1 goto bb1 else goto bb2
//! ```
//!
//! A local is a variable, not an SSA value; LLVM's `mem2reg` turns locals into SSA values. Statements are evaluated in
//! order, as are the operands of each statement. After a panic in a callee, the caller runs no code: the runtime runs
//! the thread's cleanups and ends the thread. So a call has a single successor.

#![warn(clippy::wildcard_enum_match_arm)]

/// Typed indices.
mod ids;
/// Operations on threads and on memory that threads share.
mod operations;
/// Generators.
mod generator;
/// The data structures.
mod program;
/// The operands, callees, successors and effects of statements and terminators.
mod walk;
/// The operands and successors, for passes that change them.
mod rewrite;
/// The locals that are live at each place.
pub mod liveness;
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

pub use generator::{Element, Frame, FrameForm, GeneratorOp, MachineOp};
pub use ids::*;
pub use layout::Scalar;
pub use operations::*;
pub use program::*;
pub use runtime::{RuntimeSignature, runtime_signature, runtime_type};
pub use walk::Effect;
