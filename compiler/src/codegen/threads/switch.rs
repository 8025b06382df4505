//! The switch between green threads.
//!
//! A switch is inline assembly in the middle of the function that yields. It says that it destroys every register, so
//! the register allocator stores what is live there, and only that, into the function's frame. What is left to do is
//! to change the stack pointer:
//!
//! ```text
//!   high  │ frames of the callers                 The thread runs again when another switch loads
//!         │ this function's frame: what is live   this `sp`: it pops the resume address and the
//!         │ the mailbox (`parkstack` only)        limit and jumps, with `rsp` at the mailbox or
//!         │ its stack limit                       at the frame, as the code at label 1 expects.
//!   sp -> │ its resume address: label 1
//!   low   │ unused                                The idea is Dolan, Muralidharan and Gregg's
//! ```                                             (TACO 9, 2013); they built it into LLVM.
//!
//! | register | role |
//! |---|---|
//! | `rdi` | where this thread's stack pointer goes (not in `endstack`, which leaves for good) |
//! | `rsi` | where the next thread's stack pointer is; the two may be the same place |
//! | `rdx` | the lock to give back once the stack pointer is there (`parkstack`) |
//! | `rax` | resume addresses; afterwards the mailbox's first word, which the waker leaves (`parkstack`) |
//! | `rcx` | limits |
//! | `r8` to `r11` | a value that is offered, or afterwards the one that was handed over (`parkstack`) |
//! | all others | nothing: whatever the other thread left in them |
//!
//! The worker that runs this code is read through `%fs` each time. LLVM would keep the address of a thread-local
//! variable over a switch, after which the thread may run on another worker.

use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;
use weft_abi::layout::MAILBOX_WORDS;
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::attributes::Attributes;
use crate::codegen::builder::{self, Assembly, Builder};
use crate::codegen::generator::Generator;
use crate::codegen::types::Types;

/// The functions that the switch consists of. All are inlined at every level.
pub(super) struct Switches<'ctx> {
    /// `current_worker() -> ptr`
    pub(super) current_worker: FunctionValue<'ctx>,
    /// `swapstack(save_at, load_at)`
    pub(super) swap: FunctionValue<'ctx>,
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
        let pointer = Some(types.pointer.into());
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
    let call = builder.assembly_beside_memory(context, &assembly, Some(types.word.into()), &[]);
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

/// What lies in the mailbox of a thread that waits, besides the word that its waker leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mailbox {
    /// So many words, for the waker to fill.
    Takes(usize),
    /// So many words, for the waker to read.
    Gives(usize),
}

/// The registers of a mailbox's words.
const WORDS: [&str; MAILBOX_WORDS] = ["r8", "r9", "r10", "r11"];

impl<'ctx> Generator<'ctx, '_> {
    /// `parkstack.takes.n(save_at, load_at, lock) -> (word, value 1 ... value n)` or
    /// `parkstack.gives.n(save_at, load_at, lock, value 1 ... value n) -> (word)`: leaves a mailbox where whoever wakes
    /// the thread finds it, and gives what that has left there.
    pub(super) fn park(&self, mailbox: Mailbox) -> FunctionValue<'ctx> {
        let (name, inputs, outputs) = match mailbox {
            Mailbox::Takes(0) => ("parkstack".to_owned(), 0, 1),
            Mailbox::Takes(words) => (format!("parkstack.takes.{words}"), 0, 1 + words),
            Mailbox::Gives(words) => (format!("parkstack.gives.{words}"), words, 1),
        };
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let (pointer, word) = (Some(self.types.pointer.into()), Some(self.types.word.into()));
        let parameters = [pointer; 3].into_iter().chain(std::iter::repeat_n(word, inputs));
        // One value is no structure, to assembly neither.
        let words = self.types.structure(&vec![self.types.word.into(); outputs]);
        let result = if outputs == 1 { self.types.word.into() } else { words.into() };
        let ty = self.types.function(parameters, Some(result));
        let function = self.module.add_function(&name, ty, Some(Linkage::Internal));
        self.attributes.of_inlined(function);
        let builder = Builder::new(self.context);
        builder.at_end(self.context.append_basic_block(function, ""));
        let call = builder.assembly(self.context, &park(mailbox), Some(result), &function.get_params());
        builder.ret(builder::result(call));
        function
    }
}

fn park(mailbox: Mailbox) -> Assembly {
    let (pushes, pops, outputs, inputs): (Vec<String>, Vec<String>, &[&str], &[&str]) = match mailbox {
        Mailbox::Takes(words) => {
            let pops = WORDS[..words].iter().map(|word| format!("popq %{word}")).collect();
            (vec!["pushq $$0".to_owned(); words], pops, &WORDS[..words], &[])
        }
        Mailbox::Gives(words) => {
            let pushes = WORDS[..words].iter().rev().map(|word| format!("pushq %{word}")).collect();
            (pushes, vec![format!("addq $${}, %rsp", 8 * words)], &[], &WORDS[..words])
        }
    };
    let text: Vec<&str> = pushes.iter().map(String::as_str).chain(["pushq $$0"]).collect();
    let (pushes, pops) = (text.join("\n"), pops.join("\n"));
    // Whoever looks at a thread that waits finds its frame behind the mailbox. It looks up what stands right before the
    // resume address, as if that were where a call returns to.
    let size = 8 * text.len();
    let (deeper, back) =
        (format!(".cfi_adjust_cfa_offset {size}"), format!(".cfi_adjust_cfa_offset -{size}"));
    let text = [&pushes, &leave(), "movl $$0, (%rdx)", &deeper, &enter(), "1:", "popq %rax", &pops, &back];
    let results = ["rax"].iter().chain(outputs).map(|register| format!("={{{register}}}"));
    let arguments = ["rdi", "rsi", "rdx"].iter().chain(inputs).map(|register| format!("{{{register}}}"));
    let destroyed = destroyed();
    let others =
        destroyed.split(',').filter(|name| !outputs.iter().any(|out| *name == format!("~{{{out}}}")));
    let constraints: Vec<String> = results.chain(arguments).chain(others.map(str::to_owned)).collect();
    assembly(&text, &constraints.join(","))
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
/// registers exist only beyond the baseline that code is generated for, x87 is not used at all, and nothing sets the
/// direction flag. LLVM takes its time over each name, so none is here that need not be.
fn destroyed() -> String {
    let general = ["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"].map(str::to_owned);
    let numbered = (8..16).map(|number| format!("r{number}"));
    let vectors = (0..16).map(|number| format!("xmm{number}"));
    let state = ["memory", "flags"].map(str::to_owned);
    let all = general.into_iter().chain(numbered).chain(vectors).chain(state);
    all.map(|name| format!("~{{{name}}}")).collect::<Vec<_>>().join(",")
}
