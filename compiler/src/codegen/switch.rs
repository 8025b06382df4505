//! The switch between green threads.
//!
//! A switch is inline assembly in the middle of the function that yields. It says that it destroys every register, so
//! the register allocator stores what is live there, and only that, into the function's frame. What is left to do is
//! to change the stack pointer:
//!
//! ```text
//!   high  │ frames of the callers                 The thread runs again when another switch loads
//!         │ this function's frame: what is live   this `sp`: it pops the resume address and the
//!         │ the mailbox word (`parkstack` only)   limit and jumps, with `rsp` at the mailbox word
//!         │ its stack limit                       or at the frame, as the code at label 1 expects.
//!   sp -> │ its resume address: label 1
//!   low   │ unused                                The idea is Dolan, Muralidharan and Gregg's
//! ```                                             (TACO 9, 2013); they built it into LLVM.
//!
//! | register | role |
//! |---|---|
//! | `rdi` | where this thread's stack pointer goes (not in `endstack`, which leaves for good) |
//! | `rsi` | where the next thread's stack pointer is; the two may be the same place |
//! | `rdx` | the mailbox word to leave (`parkstack`) |
//! | `rax` | resume addresses; afterwards the mailbox word as found (`parkstack`) |
//! | `rcx` | limits |
//! | all others | nothing: whatever the other thread left in them |
//!
//! The worker that runs this code is read through `%fs` each time. LLVM would keep the address of a thread-local
//! variable over a switch, after which the thread may run on another worker.

use inkwell::attributes::AttributeLoc;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::attributes::{self, Attributes};
use crate::codegen::builder::{self, Assembly, Builder};
use crate::codegen::types::Types;

/// The functions that the switch consists of. All are inlined at every level.
pub(super) struct Switches<'ctx> {
    /// `current_worker() -> ptr`
    pub(super) current_worker: FunctionValue<'ctx>,
    /// `swapstack(save_at, load_at)`
    pub(super) swap: FunctionValue<'ctx>,
    /// `parkstack(save_at, load_at, word) -> word`: leaves a word where whoever wakes the thread finds it, and gives
    /// what that has made of it.
    pub(super) park: FunctionValue<'ctx>,
    /// `endstack(load_at)`: does not come back.
    pub(super) end: FunctionValue<'ctx>,
}

impl<'ctx> Switches<'ctx> {
    pub(super) fn define(
        context: &'ctx Context,
        module: &Module<'ctx>,
        attributes: &Attributes,
    ) -> Switches<'ctx> {
        let types = Types::new(context);
        let (pointer, word) = (Some(types.pointer.into()), Some(types.word.into()));
        let define = |name, parameters: &[_], result, build: &dyn Fn(&Builder<'ctx>, &[_])| {
            let ty = types.function(parameters.iter().copied(), result);
            let function = module.add_function(name, ty, Some(Linkage::Internal));
            attributes.of_inlined(function);
            let builder = Builder::new(context);
            builder.at_end(context.append_basic_block(function, ""));
            build(&builder, &function.get_params());
            function
        };
        Switches {
            current_worker: define("current_worker", &[], pointer, &|builder, _| {
                build_current_worker(context, types, builder);
            }),
            swap: define("swapstack", &[pointer, pointer], None, &|builder, parameters| {
                builder.assembly(context, &swap(), None, parameters);
                builder.ret(None);
            }),
            park: define("parkstack", &[pointer, pointer, word], word, &|builder, parameters| {
                let call = builder.assembly(context, &park(), Some(types.word), parameters);
                builder.ret(builder::result(call));
            }),
            end: define("endstack", &[pointer], None, &|builder, parameters| {
                builder.assembly(context, &end(), None, parameters);
                builder.unreachable();
            }),
        }
    }
}

fn build_current_worker<'ctx>(context: &'ctx Context, types: Types<'ctx>, builder: &Builder<'ctx>) {
    // `weft_worker` is the runtime's. That it is thread-local, and where, the assembler and the linker know.
    let assembly =
        Assembly { text: "movq %fs:weft_worker@tpoff, $0".to_owned(), constraints: "=r".to_owned() };
    let call = builder.assembly(context, &assembly, Some(types.word), &[]);
    // Without this it would count as a store to all memory, and what is known of the heap would be forgotten.
    call.add_attribute(AttributeLoc::Function, attributes::inaccessible_memory_only(context));
    let worker = builder::result(call).expect("BUG: reading the worker gives nothing");
    builder.ret(Some(builder.int_to_pointer(worker.into_int_value()).into()));
}

/// Leaves the limit and the resume address on this stack, and the stack pointer where it is wanted. The limit goes
/// through a register: to push it from `%fs` takes the processor longer.
fn leave() -> String {
    format!(
        "movq %fs:{LIMIT_SLOT}, %rcx
         pushq %rcx
         leaq 1f(%rip), %rax
         pushq %rax
         movq %rsp, (%rdi)"
    )
}

/// Takes the next stack, and goes on where its thread has left off: by a jump, since the processor would predict that
/// a `ret` returns to where this stack was called from.
fn enter() -> String {
    format!(
        "movq (%rsi), %rsp
         popq %rax
         popq %rcx
         movq %rcx, %fs:{LIMIT_SLOT}
         jmpq *%rax"
    )
}

fn swap() -> Assembly {
    assembly(&[&leave(), &enter(), "1:"], &format!("{{rdi}},{{rsi}},~{{rax}},{}", destroyed()))
}

fn park() -> Assembly {
    let text = ["pushq %rdx", &leave(), &enter(), "1:", "popq %rax"];
    assembly(&text, &format!("={{rax}},{{rdi}},{{rsi}},{{rdx}},{}", destroyed()))
}

/// Nothing is left: what is on the stack, and what is in registers, is nobody's any more.
fn end() -> Assembly {
    assembly(&[&enter()], "{rsi},~{memory}")
}

fn assembly(parts: &[&str], constraints: &str) -> Assembly {
    let lines: Vec<&str> = parts.iter().flat_map(|part| part.lines()).map(str::trim).collect();
    Assembly { text: lines.join("\n"), constraints: constraints.to_owned() }
}

/// Everything that the other thread may leave changed, in LLVM's notation. A name that LLVM does not know would be
/// ignored in silence. `rbp` is a register like any other without frame pointers. `xmm16` and on and the mask
/// registers exist only beyond the baseline that code is generated for, and x87 is not used at all.
fn destroyed() -> String {
    let general = ["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"].map(str::to_owned);
    let numbered = (8..16).map(|number| format!("r{number}"));
    let vectors = (0..16).map(|number| format!("xmm{number}"));
    let state = ["memory", "dirflag", "fpsr", "flags"].map(str::to_owned);
    let all = general.into_iter().chain(numbered).chain(vectors).chain(state);
    all.map(|name| format!("~{{{name}}}")).collect::<Vec<_>>().join(",")
}
