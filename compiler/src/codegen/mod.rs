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

#![warn(clippy::wildcard_enum_match_arm)]

/// The state of code generation: the module context, the function context, and their parts.
mod cx;
/// Operations on values: arithmetic, objects, arrays, and the calling convention.
mod values;
/// Operations on green threads: the switch, parking, tasks, new threads.
mod threads;
/// Bodies of functions: after this every function of the program has its blocks.
mod body;
/// Declarations: after this every function of the program has a signature and attributes.
mod declare;
/// Generation: after this there is a module of LLVM IR, not optimised yet.
mod generate;
/// Passes over the module: after this it is ready for emission.
mod passes;

#[cfg(test)]
mod tests;

use inkwell::targets::FileType;

use cx::target::{self, Machine};
use passes::ir::PassCx;
use passes::pipeline;

pub use cx::input::{Input, Level};
pub use passes::pipeline::{PASSES, Pass};

/// Owns what LLVM allocates for one compilation; modules borrow it.
pub struct Session {
    context: inkwell::context::Context,
}

impl Session {
    /// Sets LLVM up, once in the process for its x86 target.
    pub fn new() -> Session {
        target::initialise();
        Session { context: inkwell::context::Context::create() }
    }

    /// Generates unoptimised LLVM IR.
    ///
    /// # Panics
    /// With `BUG:` if `program` breaks MIR's rules or the bitcode is not that of `runtime/hot`.
    pub fn generate(&self, input: &Input<'_>, level: Level) -> Module<'_> {
        let module = generate::generate(&self.context, input, level);
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
        self.run_passes(None)
    }

    /// The IR as text after the pass of that name, one of [`PASSES`].
    ///
    /// # Panics
    /// With `BUG:` if LLVM finds the IR malformed.
    pub fn ir_after(self, pass: &str) -> String {
        self.run_passes(Some(pass)).ir()
    }

    fn run_passes(self, last: Option<&str>) -> OptimisedModule<'s> {
        let machine = Machine::new(self.level);
        let Module { context, ref module, level, polls } = self;
        pipeline::run(&PassCx { context, module, machine: &machine, level, polls }, last);
        OptimisedModule { module: self.module, machine }
    }
}

/// A program as LLVM IR that is ready for emission.
pub struct OptimisedModule<'s> {
    module: inkwell::module::Module<'s>,
    machine: Machine,
}

impl OptimisedModule<'_> {
    /// The IR as text.
    pub fn ir(&self) -> String {
        self.module.print_to_string().to_string()
    }

    /// The machine code as AT&T assembly.
    pub fn assembly(&self) -> String {
        String::from_utf8_lossy(&self.machine.emit(&self.module, FileType::Assembly)).into_owned()
    }

    /// A relocatable ELF object. It defines `weft_abi::layout::MAIN_SYMBOL` and leaves the runtime's symbols undefined.
    pub fn object(&self) -> Vec<u8> {
        self.machine.emit(&self.module, FileType::Object)
    }
}
