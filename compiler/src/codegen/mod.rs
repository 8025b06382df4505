//! Code generation: from MIR to LLVM IR to an object file.
//!
//! ```text
//! MIR --generate--> Module --optimise--> OptimisedModule --object--> bytes
//!                      ^ starts as the bitcode of the runtime's fast paths
//! ```
//!
//! The runtime moves stacks while they are in use, and switches between them. The generated code guarantees:
//!
//! - **No address of a stack slot is kept in a register or in memory.** Locals are `alloca`s only until the first pass,
//!   which turns them into SSA values at every level; LLVM addresses its spill slots through `rsp`. There are no
//!   aggregates: a value of the language is a list of scalars, in locals, arguments and results; see
//!   `values::calling_convention`.
//! - **Every function that calls compiled code checks the stack limit first**, and uses no more stack below the limit
//!   than the reserve of [`weft_abi::stack`]; see `passes::stack_checks`.
//! - **A switch is part of the function that switches**, so that the register allocator saves the live set and nothing
//!   else; see `threads::switch`. `threads::ways` has other switches, for comparison. After a switch the current worker
//!   is read again, since the thread may have moved to another worker.
//! - **Functions that may yield save no registers for their callers**, and their callers are compiled accordingly; see
//!   `cx::attributes`.
//! - **A tail call never grows the stack**, at any level; see `passes::tail_calls`.
//!
//! This stage reports no errors to the user: an error from LLVM is a bug of the compiler.

#![warn(clippy::wildcard_enum_match_arm)]

/// The state of code generation: the module context, the function context, and their parts.
mod cx;
/// Operations on values: arithmetic, objects, arrays, and the calling convention.
mod values;
/// Operations on green threads: the switch, parking, tasks, new threads.
mod threads;
/// Bodies of functions: afterwards every function of the program has its blocks.
mod body;
/// Declarations: afterwards every function of the program has a signature and attributes.
mod declare;
/// Generation: the result is a module of unoptimised LLVM IR.
mod generate;
/// Passes over the module: afterwards it is ready for emission.
mod passes;

#[cfg(test)]
mod tests;

use inkwell::targets::FileType;

use cx::target::{self, Machine};
use passes::ir::PassCx;
use passes::pipeline;

pub use cx::input::{Input, Level};
pub use cx::way::Way;
pub use passes::pipeline::{PASSES, Pass};
pub use threads::ways::WAYS;

/// The LLVM context of one compilation, which modules borrow.
pub struct Session {
    context: inkwell::context::Context,
}

impl Session {
    /// Initialises LLVM for its x86 target, once per process.
    pub fn new() -> Session {
        target::initialise();
        Session { context: inkwell::context::Context::create() }
    }

    /// Generates unoptimised LLVM IR.
    ///
    /// # Panics
    /// With `BUG:` if the program breaks the rules of MIR, or if `hot_bitcode` is not the bitcode of `runtime/hot`.
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

/// A program as unoptimised LLVM IR.
pub struct Module<'s> {
    context: &'s inkwell::context::Context,
    module: inkwell::module::Module<'s>,
    level: Level,
    polls: bool,
}

impl<'s> Module<'s> {
    /// The IR as text. Each switch is a call of `@swapstack` or, at the end of a thread, of `@endstack`.
    pub fn ir(&self) -> String {
        self.module.print_to_string().to_string()
    }

    /// Leaves out the polls, to measure their cost. A loop that calls nothing then blocks its worker until the loop
    /// ends.
    pub fn without_polls(self) -> Module<'s> {
        Module { polls: false, ..self }
    }

    /// Runs all passes for the module's level.
    ///
    /// # Panics
    /// With `BUG:` if LLVM finds the IR malformed.
    pub fn optimise(self) -> OptimisedModule<'s> {
        self.run_passes(None)
    }

    /// The IR as text after the named pass, one of [`PASSES`].
    ///
    /// # Panics
    /// With `BUG:` if LLVM finds the IR malformed.
    pub fn ir_after(self, pass: &str) -> String {
        self.run_passes(Some(pass)).ir()
    }

    /// The IR as text before the named pass, one of [`PASSES`].
    ///
    /// # Panics
    /// With `BUG:` if LLVM finds the IR malformed.
    pub fn ir_before(self, pass: &str) -> String {
        let position = PASSES.iter().position(|row| row.name == pass).expect("BUG: an unknown pass");
        match position.checked_sub(1) {
            Some(previous) => self.ir_after(PASSES[previous].name),
            None => self.ir(),
        }
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

    /// A relocatable ELF object. It defines `weft_abi::layout::MAIN_SYMBOL`; the runtime's symbols are undefined.
    pub fn object(&self) -> Vec<u8> {
        self.machine.emit(&self.module, FileType::Object)
    }
}
