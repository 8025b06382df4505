//! The switch between green threads: swapstack, as inline assembly inside the function that yields. The idea is by
//! Dolan, Muralidharan and Gregg (TACO 9, 2013), who built swapstack into LLVM.
//!
//! The assembly declares every register as clobbered. So the register allocator stores the live set, and only the live
//! set, in the function's frame, and the assembly only has to change the stack pointer. The stacks during the switch:
//!
//! ```text
//!        this thread's stack                                   the next thread's stack
//!
//!  high  │ frame          │ frame          │ frame              │ frame            │ frame            │ frame
//!        rsp              │ limit          │ limit              │ limit            │ limit            rsp
//!                         rsp              │ label 1            │ label 1          rsp
//!  low                                     rsp                  rsp
//!
//!        1 entered        2 pushq %rcx     3 pushq %rax         4 movq (%rsi)      5 popq %rax        6 popq %rcx
//!                                            movq %rsp,(%rdi)       ,%rsp                               jmpq *%rax
//! ```
//!
//! A frame contains the live set. A waiting thread (`parkstack`) also leaves a mailbox between its frame and the limit:
//!
//! ```text
//!  high  │ frame          This thread offers or wants a value of two words. It runs again at label 1 with `rsp` at the
//!        │ second word    word of the waker and pops that word into `rax`. Then, if it wanted a value, it pops the
//!        │ first word     value into `r8` and `r9`; if it offered a value, it skips the two words of the value.
//!        │ waker's word
//!        │ limit
//!  low   │ label 1        <- the stack pointer that was stored
//! ```
//!
//! | register | role |
//! |---|---|
//! | `rdi` | the address to store this thread's stack pointer at (not in `endstack`, which never returns) |
//! | `rsi` | the address to load the next thread's stack pointer from; it may equal `rdi` |
//! | `rdx` | the lock to release once the stack pointer is stored (`parkstack`) |
//! | `rax` | resume addresses; afterwards the waker's word (`parkstack`) |
//! | `rcx` | limits |
//! | `r8` to `r11` | the value that this thread offers, or that a waker handed over (`parkstack`) |
//! | all others | none: they contain whatever the other thread left in them |
//!
//! The current worker is read through `%fs` each time. LLVM would reuse the address of a thread-local variable after a
//! switch, when the thread may run on another worker.

use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::{BasicValueEnum, FunctionValue};
use weft_abi::layout::MAILBOX_WORDS;
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::cx::assembly::Assembly;
use crate::codegen::cx::attributes::Attributes;
use crate::codegen::cx::builder::{self, Builder};
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Switches;
use crate::codegen::cx::types::Types;

/// Defines the functions that the switch consists of.
pub(in crate::codegen) fn define<'ctx>(
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

fn build_current_worker<'ctx>(context: &'ctx Context, types: Types<'ctx>, builder: &Builder<'ctx>) {
    // `weft_worker` is a thread-local variable of the runtime; the linker knows its offset from `%fs`.
    let assembly =
        Assembly { text: "movq %fs:weft_worker@tpoff, $0".to_owned(), constraints: "=r".to_owned() };
    let call = builder.assembly_beside_memory(context, &assembly, Some(types.word.into()), &[]);
    let worker = builder::result(call).expect("BUG: reading the worker gives nothing");
    builder.ret(Some(builder.int_to_pointer(worker.into_int_value()).into()));
}

/// Steps 1 to 3 of the drawing at the top of this file: leaves this thread suspended.
fn leave() -> String {
    [
        // The limit passes through a register, since a push from memory at `%fs` is slower.
        &format!("movq %fs:{LIMIT_SLOT}, %rcx"),
        // Each stack has its own limit, but the slot at `%fs` belongs to the worker. So the limit is saved here, and
        // `enter` restores it.
        "pushq %rcx",
        // A `call` would push this address, too, but would have no matching `ret`.
        "leaq 1f(%rip), %rax",
        "pushq %rax",
        // From here on another worker may run this thread, unless a lock prevents that.
        "movq %rsp, (%rdi)",
    ]
    .join("\n")
}

/// Steps 4 to 6 of the drawing at the top of this file: runs the next thread.
fn enter() -> String {
    [
        // This load comes after the store in `leave`: if the thread switches to itself, both use the same address.
        "movq (%rsi), %rsp",
        "popq %rax",
        "popq %rcx",
        &format!("movq %rcx, %fs:{LIMIT_SLOT}"),
        // A jump instead of a `ret`: the processor predicts that a `ret` returns to the instruction after the latest
        // `call`, and would be wrong here.
        "jmpq *%rax",
    ]
    .join("\n")
}

fn swap() -> Assembly {
    assembly(&[&leave(), &enter(), "1:"], &format!("{{rdi}},{{rsi}},~{{rax}},{}", destroyed()))
}

/// The form of a mailbox: its words besides the waker's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::codegen) enum Mailbox {
    /// A mailbox with this number of words, which the waker fills.
    Takes(usize),
    /// A mailbox with this number of words, which the waker reads.
    Gives(usize),
}

/// The registers of a value's words, in order.
const WORDS: [&str; MAILBOX_WORDS] = ["r8", "r9", "r10", "r11"];

impl<'ctx> ModuleCx<'ctx, '_> {
    /// The two fields of a `Switch`, `save_at` and `load_at`, as pointers. The C calling convention may return them as
    /// integers.
    pub(in crate::codegen) fn ends(&self, switch: BasicValueEnum<'ctx>) -> [BasicValueEnum<'ctx>; 2] {
        [(0, "save_at"), (1, "load_at")].map(|(index, name)| {
            let half = self.builder.extract(switch, index, name);
            if half.is_int_value() { self.builder.int_to_pointer(half.into_int_value()).into() } else { half }
        })
    }

    /// `parkstack.takes.n(save_at, load_at, lock) -> (word, value 1 ... value n)` or
    /// `parkstack.gives.n(save_at, load_at, lock, value 1 ... value n) -> (word)`: suspends the thread with a mailbox,
    /// and returns the words that the waker left there.
    pub(in crate::codegen) fn park(&self, mailbox: Mailbox) -> FunctionValue<'ctx> {
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
        // Assembly with a single result returns a plain value instead of a structure.
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
            // Zeros reserve the words, since the collector scans them even before the waker fills them.
            (vec!["pushq $$0".to_owned(); words], pops, &WORDS[..words], &[])
        }
        Mailbox::Gives(words) => {
            // The last word is pushed first, so that the first word has the lowest address.
            let pushes = WORDS[..words].iter().rev().map(|word| format!("pushq %{word}")).collect();
            // The waker has already read the words, so they are skipped.
            (pushes, vec![format!("addq $${}, %rsp", 8 * words)], &[], &WORDS[..words])
        }
    };
    // The last push reserves the waker's word, which the waker overwrites.
    let text: Vec<&str> = pushes.iter().map(String::as_str).chain(["pushq $$0"]).collect();
    let (pushes, pops) = (text.join("\n"), pops.join("\n"));
    // A stack trace of a waiting thread finds the thread's frame above the mailbox. The unwinder looks up the address
    // just before the resume address, as for a return address. So the directive that adds the mailbox's size stands
    // before label 1, not after it.
    let size = 8 * text.len();
    let (deeper, back) =
        (format!(".cfi_adjust_cfa_offset {size}"), format!(".cfi_adjust_cfa_offset -{size}"));
    // The lock is released only after the stack pointer is stored, so a waker that acquires the lock finds a
    // suspended thread. A plain store is enough, as x86-64 keeps the order of stores.
    let unlock = "movl $$0, (%rdx)";
    let text = [&pushes, &leave(), unlock, &deeper, &enter(), "1:", "popq %rax", &pops, &back];
    let results = ["rax"].iter().chain(outputs).map(|register| format!("={{{register}}}"));
    let arguments = ["rdi", "rsi", "rdx"].iter().chain(inputs).map(|register| format!("{{{register}}}"));
    let destroyed = destroyed();
    let others =
        destroyed.split(',').filter(|name| !outputs.iter().any(|out| *name == format!("~{{{out}}}")));
    let constraints: Vec<String> = results.chain(arguments).chain(others.map(str::to_owned)).collect();
    assembly(&text, &constraints.join(","))
}

/// The last switch of a thread: nothing on its stack or in its registers is used afterwards.
fn end() -> Assembly {
    assembly(&[&enter()], "{rsi},~{memory}")
}

/// Joins parts into assembly, with one instruction per line.
pub(super) fn assembly(parts: &[&str], constraints: &str) -> Assembly {
    let lines: Vec<&str> = parts.iter().flat_map(|part| part.lines()).map(str::trim).collect();
    Assembly { text: lines.join("\n"), constraints: constraints.to_owned() }
}

/// The registers that another thread may change, in LLVM's notation. LLVM silently ignores unknown names.
///
/// `rbp` is a register like any other, as there are no frame pointers. The registers from `xmm16` on and the mask
/// registers are beyond the baseline that code is generated for; x87 is unused, and the direction flag is never set.
/// LLVM takes time for each name, so the list contains only the necessary ones.
pub(super) fn destroyed() -> String {
    let general = ["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"].map(str::to_owned);
    let numbered = (8..16).map(|number| format!("r{number}"));
    let vectors = (0..16).map(|number| format!("xmm{number}"));
    let state = ["memory", "flags"].map(str::to_owned);
    let all = general.into_iter().chain(numbered).chain(vectors).chain(state);
    all.map(|name| format!("~{{{name}}}")).collect::<Vec<_>>().join(",")
}
