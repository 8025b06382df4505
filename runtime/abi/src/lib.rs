//! The interface between compiled code and the runtime: layouts, sizes and the table of runtime functions.
//!
//! Both sides import this crate, so each number is defined once. The crate depends on no system calls, no scheduler and
//! no LLVM.
#![no_std]

/// Sizes of stacks and of the reserve below their limit.
pub mod stack;
/// The header of objects, and the table of descriptors.
pub mod object;
/// Traces of schedules.
pub mod trace;
/// `#[repr(C)]` structures that generated code and the runtime both touch.
pub mod layout;
/// The word that decides which waker of a multi-wait wakes the thread.
pub mod wait_state;
/// The home of a stack: the object that a stack belongs to.
pub mod home;
/// Tasks, and the lists in which threads wait.
pub mod task;
/// Generators.
pub mod generator;
/// Continuations: suspended computations with stacks of their own.
pub mod continuation;
/// Numbers that determine the order of green threads.
pub mod scheduling;
/// Blocking calls, which run on another OS thread.
pub mod blocking;
/// The descriptors that are the same in every program.
pub mod well_known;
/// Numbers in calls of file operations.
pub mod files;
/// Numbers in calls about child processes and signals.
pub mod processes;
/// Numbers and lists of names that the library shares with the compiler and the runtime.
pub mod library;
/// The format of a value in a string interpolation, packed into one integer.
pub mod format;
/// Types of parameters and results of runtime functions.
pub mod signature;
/// The runtime functions that generated code may call, with their signatures.
pub mod functions;

pub use blocking::{BlockingCall, BlockingResult};
pub use continuation::Continuation;
pub use format::{Align, FormatSpec, Notation};
pub use functions::RuntimeFunction;
pub use generator::{CoroutineGenerator, Generator, NestedGenerator, Record};
pub use home::StackHome;
pub use layout::{ArrayObject, PanicKind, RunQueue, Site, Sp, StringObject, Switch, Worker};
pub use object::{Header, Kind, TypeDescriptor};
pub use signature::{AbiType, RuntimeGroup, RuntimeType};
pub use task::{
    Cancellation, Cleanup, Deferred, IoHandle, IoKind, Mutex, ParkReason, Scope, SelectArm, StackBase, Task,
    TaskState, WaitKind, WaitList, WaitListObject, Waiter,
};
pub use trace::{TraceCursor, TraceEvent, TraceKind};
pub use wait_state::{Decision, WaitState, WaitTicket};

/// Whether the layouts are those of compiled programs, whose pointers have 64 bits. In WebAssembly pointers have 32
/// bits; there the compiler's interpreter uses only the numbers and names of this crate.
const HAS_LAYOUTS: bool = cfg!(target_pointer_width = "64");
