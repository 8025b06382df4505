//! The ways to switch between green threads. A new way is a file in this folder and a row of [`WAYS`].
//!
//! A way replaces the switches at the yield points of green threads, and nothing else. The last switch of a thread
//! saves nothing, so it is the same in all ways. Continuations, symmetric stacks, and generators with stacks of their
//! own switch inline in all ways.

/// Text of stubs that save registers on the stack.
mod stub;
/// The default way: inline, with the live set in the frame.
mod swapstack;
/// A call of a stub that preserves no registers.
mod preserve_none;
/// A call of a stub in the C calling convention.
mod callee_saved;
/// A call of libc's `swapcontext`.
mod ucontext;

use crate::codegen::cx::way::Way;

/// All ways. The first is the default.
pub static WAYS: [Way; 4] = [swapstack::WAY, preserve_none::WAY, callee_saved::WAY, ucontext::WAY];
