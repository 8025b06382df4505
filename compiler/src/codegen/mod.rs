//! From MIR to LLVM IR to an object file.
//!
//! ```text
//! MIR --generate--> Module --optimise--> OptimisedModule --object--> bytes
//!       ^ the runtime's hot paths, as bitcode, are inlined into it
//! ```
//!
//! What the code promises the runtime, which moves stacks while they are in use and switches between them:
//!
//! - **No address of a stack slot lives in a register or in memory.** Locals are `alloca`s only until `optimise`, which
//!   makes them SSA values at every level; what LLVM then spills it addresses through `rsp`. There are no aggregates: a
//!   value of the language is a list of scalars, in locals, arguments and results; see `convention` and `aggregates`.
//! - **Every function that calls another checks the stack limit first**, and needs no more below it than the reserve
//!   of [`weft_abi::stack`]; see `frames`.
//! - **A switch is part of the function that switches**, so that the register allocator saves what is live there and
//!   nothing else; see `switch`. Nothing is cached over it: the worker is read anew, see [`switch`] too.
//! - **Functions that may yield save no registers for their callers**, and their callers know; see `attributes`.
//! - **A tail call never grows the stack**, at any level; see `tail_calls`.
//!
//! This stage reports no errors of the user. What LLVM complains about is a bug of ours.

/// Tuples, structs, enums and cells.
#[path = "values/aggregates.rs"]
mod aggregates;
/// Operators, and the checks behind their panics.
#[path = "values/arithmetic.rs"]
mod arithmetic;
/// Arrays and strings.
#[path = "values/arrays.rs"]
mod arrays;
/// The attributes of functions: what makes stacks small and movable.
#[path = "cx/attributes.rs"]
mod attributes;
/// LLVM's builder; its errors become panics here and nowhere else.
#[path = "cx/builder.rs"]
mod builder;
/// Choices between values that stay choices between values.
#[path = "passes/freeze_selects.rs"]
mod choices;
/// Function values.
#[path = "body/closures.rs"]
mod closures;
/// Strings and source positions as constants.
#[path = "cx/constants.rs"]
mod constants;
/// How arguments and results of calls travel.
#[path = "values/calling_convention.rs"]
mod convention;
/// Copying and clearing of memory.
#[path = "values/mem_copy.rs"]
mod copy;
/// Blocks that are never reached.
#[path = "passes/trap_unreachable.rs"]
mod dead_ends;
/// Line tables: which function, file, line and column an instruction comes from.
#[path = "cx/debug_info.rs"]
mod debug_info;
/// The table of descriptors: what objects look like to the collector.
#[path = "cx/descriptors.rs"]
mod descriptors;
/// Functions in C, and runtime functions that may take long.
#[path = "body/foreign.rs"]
mod foreign;
/// Memory that is filled or copied without a call.
#[path = "passes/inline_memset.rs"]
mod fills;
/// That every frame is checked against the stack's limit.
#[path = "passes/stack_checks.rs"]
mod frames;
/// Functions, blocks and the ways out of them.
#[path = "cx/function.rs"]
mod functions;
/// What code generation has at hand everywhere.
#[path = "cx/module.rs"]
mod generator;
/// The runtime's hot paths, inlined into the program.
#[path = "cx/fast_paths.rs"]
mod hot;
/// The target machine: assembly and object files.
#[path = "cx/target.rs"]
mod machine;
/// Hot paths: the places where they are inlined, and those where they are called.
#[path = "cx/inlining.rs"]
mod inlining;
/// Loads and stores, and what LLVM may know of them.
#[path = "cx/tbaa.rs"]
mod memory;
/// What LLVM may know of references.
#[path = "passes/nonnull.rs"]
mod presence;
/// Objects on the heap.
#[path = "values/objects.rs"]
mod objects;
/// Pass pipelines.
#[path = "passes/optimise.rs"]
mod optimise;
/// Where LLVM must not make a loop of a recursion.
#[path = "../mir/call_graph.rs"]
mod recursion;
/// Long blocks, cut into pieces.
#[path = "passes/split_blocks.rs"]
mod pieces;
/// Polls: what lets a loop be interrupted.
#[path = "passes/polls/mod.rs"]
mod polls;
/// The runtime's other functions, called.
#[path = "cx/runtime.rs"]
mod runtime;
/// Hot paths that are called.
#[path = "cx/outlined.rs"]
mod shared;
/// Stacks of new green threads, and what they run first.
#[path = "threads/spawn.rs"]
mod spawn;
/// One statement.
#[path = "body/statements.rs"]
mod statements;
/// The switch between green threads.
#[path = "threads/switch.rs"]
mod switch;
/// Tail calls: those that MIR asks for, no others, and in a form that LLVM 22 gets right.
#[path = "passes/tail_calls.rs"]
mod tail_calls;
/// Yield, join and what else concerns green threads.
#[path = "threads/tasks.rs"]
mod tasks;
/// Lists of waiting threads.
#[path = "threads/waiting.rs"]
mod waiting;
/// How scalars travel.
#[path = "cx/types.rs"]
mod types;

#[cfg(test)]
mod tests;

use crate::mir::Program;
use crate::source::SourceMap;
use crate::yields::Yields;

pub use machine::OptimisedModule;

/// What code is generated from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// A program that `mir::verify` accepts.
    pub program: &'a Program,
    /// Which of its functions may yield.
    pub yields: &'a Yields,
    /// What its spans refer to. A span of a file that is not there counts as generated code.
    pub sources: &'a SourceMap,
    /// The folder that the names of sources start from, unless they are absolute: debuggers look for them there.
    pub folder: &'a str,
    /// The crate `runtime/hot` as LLVM bitcode.
    pub hot_bitcode: &'a [u8],
}

/// How much to optimise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Level {
    /// Only what the promises above need.
    O0,
    /// LLVM's `-O2`.
    #[default]
    O2,
    /// LLVM's `-O3`.
    O3,
}

/// Owns what LLVM allocates for one compilation; modules borrow it.
pub struct Session {
    context: inkwell::context::Context,
}

impl Session {
    /// Sets LLVM up, once in the process for its x86 target.
    pub fn new() -> Session {
        machine::initialise();
        Session { context: inkwell::context::Context::create() }
    }

    /// Generates unoptimised LLVM IR.
    ///
    /// # Panics
    /// With `BUG:` if `program` breaks MIR's rules or the bitcode is not that of `runtime/hot`.
    pub fn generate(&self, input: &Input<'_>, level: Level) -> Module<'_> {
        let module = generator::generate(&self.context, input, level);
        Module { context: &self.context, module, level, polls: true }
    }
}

impl Default for Session {
    fn default() -> Self {
        Session::new()
    }
}

/// A program as LLVM IR, not optimised yet.
pub struct Module<'s> {
    context: &'s inkwell::context::Context,
    module: inkwell::module::Module<'s>,
    level: Level,
    polls: bool,
}

impl<'s> Module<'s> {
    /// The IR as text, one `call @swapstack` at each yield point.
    pub fn ir(&self) -> String {
        self.module.print_to_string().to_string()
    }

    /// Gives loops no polls: one that calls nothing runs to its end before anything else does on its worker. That
    /// shows what polls cost.
    pub fn without_polls(self) -> Module<'s> {
        Module { polls: false, ..self }
    }

    /// Optimises for the level that was asked for, and makes the IR fit for emission.
    ///
    /// # Panics
    /// With `BUG:` if LLVM finds the IR malformed.
    pub fn optimise(self) -> OptimisedModule<'s> {
        let machine = machine::Machine::new(self.level);
        optimise::run(self.context, &self.module, &machine, self.level, self.polls);
        OptimisedModule::new(self.module, machine)
    }
}
