//! What generated code and the runtime agree on: layouts, sizes and the table of runtime functions.
//!
//! Both sides import this crate, so nothing is agreed by copying a number. It knows no system calls, no
//! scheduler and no LLVM.
#![no_std]

/// Sizes of stacks and of the reserve below their limit.
pub mod stack;
/// `#[repr(C)]` structures that generated code and the runtime both touch.
pub mod layout;
/// A string interpolation's format, packed into one integer.
pub mod format;
/// The runtime functions that generated code may call, with their signatures.
pub mod functions;

pub use format::{Align, FormatSpec, Radix};
pub use functions::{AbiType, RuntimeFunction};
pub use layout::{ArrayObject, PanicKind, RunQueue, Site, Sp, StringObject, Switch, Task, TaskState, Worker};
