//! The tables of the module context: what was generated on demand so far, so that each thing is generated once.
//!
//! A table only holds. The code that fills one stands where the thing is generated: `cx::constants`, `cx::outlined`,
//! `body::closures`, `body::foreign`, `threads::spawn`, `threads::switch`.

use std::collections::{HashMap, HashSet};

use inkwell::values::{FunctionValue, PointerValue};

use crate::mir::FunctionId;
use crate::source::FileId;

/// The constants of the program.
#[derive(Default)]
pub(in crate::codegen) struct Constants<'ctx> {
    /// String objects, by their text.
    pub(in crate::codegen) strings: HashMap<String, PointerValue<'ctx>>,
    /// Variants without fields of enums that are objects, by their headers.
    pub(in crate::codegen) variants: HashMap<u64, PointerValue<'ctx>>,
    /// Source positions, by file, line and column.
    pub(in crate::codegen) sites: HashMap<(FileId, u32, u32), PointerValue<'ctx>>,
}

/// The stubs of closures: the code that a function value points to.
#[derive(Default)]
pub(in crate::codegen) struct Stubs<'ctx> {
    /// All that are declared.
    pub(in crate::codegen) by_function: HashMap<FunctionId, FunctionValue<'ctx>>,
    /// The declared ones without a body.
    pub(in crate::codegen) undefined: Vec<Stub>,
    /// Function values that capture nothing.
    pub(in crate::codegen) constants: HashMap<FunctionId, PointerValue<'ctx>>,
}

/// A stub to define.
#[derive(Clone, Copy, Debug)]
pub(in crate::codegen) struct Stub {
    pub(in crate::codegen) function: FunctionId,
    /// The number of the function's parameters that are captures, the first ones.
    pub(in crate::codegen) captures: usize,
    /// The offset of the first capture in the function value.
    pub(in crate::codegen) start: usize,
}

/// The first functions of green threads.
#[derive(Default)]
pub(in crate::codegen) struct Entries<'ctx> {
    /// All that are declared, by the spawned function.
    pub(in crate::codegen) by_function: HashMap<FunctionId, FunctionValue<'ctx>>,
    /// The spawned functions of those without a body.
    pub(in crate::codegen) undefined: Vec<FunctionId>,
}

/// The module's assembly: thunks and unpackers, which lead to C.
#[derive(Default)]
pub(in crate::codegen) struct ForeignCode {
    pub(in crate::codegen) text: String,
    /// The names that the text defines.
    pub(in crate::codegen) defined: HashSet<String>,
}

/// A fast path that also exists as a function, its *outlined copy*, with the parameters of that function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::codegen) enum Outlined {
    /// `()`: yields
    Yield,
    /// `()`: waits until an arm of a multi-wait is chosen
    Pause,
    /// `(site, entry, argument 1 ... argument n) -> task`: starts a thread with `n` words of arguments
    Spawn(usize),
    /// `(header, size) -> object`
    Allocate,
    /// `(task, result)`: ends the running thread
    End,
}

/// The outlined copies that are declared and have no body.
#[derive(Default)]
pub(in crate::codegen) struct OutlinedCopies<'ctx> {
    pub(in crate::codegen) undefined: Vec<(Outlined, FunctionValue<'ctx>)>,
}

/// The functions that the switch consists of. All are inlined at every level.
pub(in crate::codegen) struct Switches<'ctx> {
    /// `current_worker() -> ptr`
    pub(in crate::codegen) current_worker: FunctionValue<'ctx>,
    /// `swapstack(save_at, load_at)`
    pub(in crate::codegen) swap: FunctionValue<'ctx>,
    /// `endstack(load_at)`: does not come back.
    pub(in crate::codegen) end: FunctionValue<'ctx>,
}
