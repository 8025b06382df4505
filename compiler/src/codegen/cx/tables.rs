//! The tables of the module context: everything that was generated on demand, so that each item is generated only once.
//!
//! This file only defines the tables. Each table is filled by the module that generates its items: `cx::constants`,
//! `cx::outlined`, `body::closures`, `body::foreign`, `threads::spawn` or `threads::switch`.

use std::collections::{HashMap, HashSet};

use inkwell::values::{FunctionValue, PointerValue};

use crate::mir::{BytesId, FunctionId};
use crate::source::FileId;
use crate::types::TypeId;

/// The constants of the program.
#[derive(Default)]
pub(in crate::codegen) struct Constants<'ctx> {
    /// String objects, by their text.
    pub(in crate::codegen) strings: HashMap<String, PointerValue<'ctx>>,
    /// The arrays of byte strings.
    pub(in crate::codegen) bytes: HashMap<BytesId, PointerValue<'ctx>>,
    /// Objects for enum variants without fields, by their headers.
    pub(in crate::codegen) variants: HashMap<u64, PointerValue<'ctx>>,
    /// Source positions, by file, line and column.
    pub(in crate::codegen) sites: HashMap<(FileId, u32, u32), PointerValue<'ctx>>,
}

/// The stubs of closures: the code that function values refer to.
#[derive(Default)]
pub(in crate::codegen) struct Stubs<'ctx> {
    /// All declared stubs.
    pub(in crate::codegen) by_function: HashMap<FunctionId, FunctionValue<'ctx>>,
    /// The declared stubs without a body.
    pub(in crate::codegen) undefined: Vec<Stub>,
    /// The function values without captures, which are constants.
    pub(in crate::codegen) constants: HashMap<FunctionId, PointerValue<'ctx>>,
}

/// A stub to define.
#[derive(Clone, Copy, Debug)]
pub(in crate::codegen) struct Stub {
    pub(in crate::codegen) function: FunctionId,
    /// The number of captures, which are the function's first parameters.
    pub(in crate::codegen) captures: usize,
    /// The offset of the first capture in the function value.
    pub(in crate::codegen) start: usize,
}

/// The first functions of green threads, continuations and generators with stacks of their own. In names, a first
/// function is an `entry`.
#[derive(Default)]
pub(in crate::codegen) struct Entries<'ctx> {
    /// All declared first functions of threads, by the spawned function.
    pub(in crate::codegen) by_function: HashMap<FunctionId, FunctionValue<'ctx>>,
    /// The first functions that have no body yet.
    pub(in crate::codegen) undefined: Vec<Entry<'ctx>>,
}

/// A first function that has no body yet.
pub(in crate::codegen) enum Entry<'ctx> {
    /// The first function of the green threads that run this function.
    Thread(FunctionId),
    /// The first function of the generators that run this body on stacks of their own.
    Generator {
        /// The declared function.
        entry: FunctionValue<'ctx>,
        body: FunctionId,
    },
    /// The first function of the continuations whose bodies have these types.
    Continuation {
        /// The declared function.
        entry: FunctionValue<'ctx>,
        /// The type of the values that resumptions pass in.
        passed_in: TypeId,
        /// The type of the result.
        passed_out: TypeId,
    },
    /// The first function of the symmetric continuations whose bodies have these types.
    Symmetric {
        /// The declared function.
        entry: FunctionValue<'ctx>,
        /// The type of the values that stand for suspended continuations.
        target: TypeId,
        /// The type of the values that swaps pass.
        passed: TypeId,
    },
}

/// The module's assembly: thunks and unpackers, which call C functions; see `body::foreign`.
#[derive(Default)]
pub(in crate::codegen) struct ForeignCode {
    pub(in crate::codegen) text: String,
    /// The symbols that the text defines.
    pub(in crate::codegen) defined: HashSet<String>,
}

/// A fast path that also exists as a function, its *outlined copy*. Each variant's comment gives the parameters of that
/// function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::codegen) enum Outlined {
    /// `()`: yields
    Yield,
    /// `()`: waits until an arm of a multi-wait is chosen
    Pause,
    /// `(site, entry, argument 1 ... argument n) -> task`: starts a thread with `n` words of arguments
    Spawn(usize),
    /// `(header, size) -> object`: allocates an object of `size` bytes
    Allocate,
    /// `(task, result)`: ends the running thread
    End,
}

/// The rows of the table of spawns, from row 1 on; see `weft_abi::trace::TraceSpawns`.
#[derive(Default)]
pub(in crate::codegen) struct Spawns<'ctx> {
    /// The addresses of the site and of the name of each row.
    pub(in crate::codegen) rows: Vec<[PointerValue<'ctx>; 2]>,
}

/// The outlined copies that are declared but have no body yet.
#[derive(Default)]
pub(in crate::codegen) struct OutlinedCopies<'ctx> {
    pub(in crate::codegen) undefined: Vec<(Outlined, FunctionValue<'ctx>)>,
}

/// The functions of the switch that are the same in all ways. All are inlined at every level.
pub(in crate::codegen) struct Switches<'ctx> {
    /// `current_worker() -> ptr`: the worker that runs the current thread
    pub(in crate::codegen) current_worker: FunctionValue<'ctx>,
    /// `endstack(load_at)`: switches to the thread whose stack pointer is at `load_at`, and never returns
    pub(in crate::codegen) end: FunctionValue<'ctx>,
}
