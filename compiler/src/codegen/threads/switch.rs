//! The switch between green threads. The ways to switch are in `ways`; this file has what they share, and the functions
//! of the module that contain or call a way's code.
//!
//! The stacks during a switch in the default way, swapstack:
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
//!        │ first word     value into registers; if it offered a value, it skips the two words of the value.
//!        │ waker's word
//!        │ limit
//!  low   │ label 1        <- the stack pointer that was stored
//! ```
//!
//! In another way, more words may lie between the frame and the mailbox: a return address and saved registers. All ways
//! leave the limit and the resume address at the stack pointer, and the mailbox above them. So the runtime does not
//! know the way, and can resume a thread, wake it and let it unwind.
//!
//! The stack of a suspended thread never moves, so a way may leave addresses in the stack there.
//!
//! The current worker is read through `%fs` each time. LLVM would reuse the address of a thread-local variable after a
//! switch, when the thread may run on another worker.

use inkwell::GlobalVisibility;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValueEnum, FunctionValue};
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::cx::assembly::Assembly;
use crate::codegen::cx::attributes::Attributes;
use crate::codegen::cx::builder::{self, Builder};
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Switches;
use crate::codegen::cx::types::{Types, Values};
use crate::codegen::cx::way::{Code, GENERAL_OUTPUTS, GENERAL_WORDS, Mailbox, Stub};

/// Defines the functions of the switch that are the same in all ways.
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

/// Steps 1 to 3 of the drawing at the top of this file: leaves this thread suspended. The register `save_at` has the
/// address at which the stack pointer is stored; `rax` and `rcx` are free.
pub(super) fn leave(save_at: &str) -> String {
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
        &format!("movq %rsp, (%{save_at})"),
    ]
    .join("\n")
}

/// Steps 4 to 6 of the drawing at the top of this file: runs the next thread. The register `load_at` has the address of
/// the next thread's stack pointer.
pub(super) fn enter(load_at: &str) -> String {
    [
        // This load comes after the store in `leave`: if the thread switches to itself, both use the same address.
        &format!("movq (%{load_at}), %rsp"),
        "popq %rax",
        "popq %rcx",
        &format!("movq %rcx, %fs:{LIMIT_SLOT}"),
        // A jump instead of a `ret`: the processor predicts that a `ret` returns to the instruction after the latest
        // `call`, and would be wrong here.
        "jmpq *%rax",
    ]
    .join("\n")
}

/// Pushes a mailbox; `words` are the registers of the words that this thread offers, in order.
pub(super) fn push_mailbox(mailbox: Mailbox, words: &[&str]) -> String {
    let mut pushes: Vec<String> = match mailbox {
        // Zeros reserve the words, since the collector scans them even before the waker fills them.
        Mailbox::Takes(words) => vec!["pushq $$0".to_owned(); words],
        // The last word is pushed first, so that the first word has the lowest address.
        Mailbox::Gives(count) => words[..count].iter().rev().map(|word| format!("pushq %{word}")).collect(),
    };
    // The last push reserves the waker's word, which the waker overwrites.
    pushes.push("pushq $$0".to_owned());
    pushes.join("\n")
}

/// Releases the lock whose address is in a register. The lock is released only after the stack pointer is stored, so a
/// waker that acquires the lock finds a suspended thread. A plain store is enough, as x86-64 keeps the order of stores.
pub(super) fn unlock(lock: &str) -> String {
    format!("movl $$0, (%{lock})")
}

/// Adds a number of bytes to the distance between `rsp` and the caller's frame in the unwind table.
///
/// A stack trace of a waiting thread finds the thread's frame above the mailbox. The unwinder looks up the address just
/// before the resume address, as for a return address. So the directive that adds what lies there stands before label
/// 1, not after it.
pub(super) fn deeper(bytes: isize) -> String {
    format!(".cfi_adjust_cfa_offset {bytes}")
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// The two halves of a `Switch`, `save_at` and `load_at`, which may be integers in the C calling convention.
    pub(in crate::codegen) fn ends(&self, switch: BasicValueEnum<'ctx>) -> [BasicValueEnum<'ctx>; 2] {
        [(0, "save_at"), (1, "load_at")].map(|(index, name)| {
            let half = self.builder.extract(switch, index, name);
            if half.is_int_value() { self.builder.int_to_pointer(half.into_int_value()).into() } else { half }
        })
    }

    /// `swapstack(save_at, load_at)`: switches to the thread whose stack pointer is at `load_at`.
    pub(in crate::codegen) fn swap(&self) -> FunctionValue<'ctx> {
        self.thread_switch("swapstack", None)
    }

    /// `parkstack.takes.n(save_at, load_at, lock) -> (word, value 1 ... value n)` or
    /// `parkstack.gives.n(save_at, load_at, lock, value 1 ... value n) -> (word)`: suspends the thread with a mailbox,
    /// and returns the words that the waker left there.
    pub(in crate::codegen) fn park(&self, mailbox: Mailbox) -> FunctionValue<'ctx> {
        self.thread_switch(&format!("parkstack{}", mailbox.suffix()), Some(mailbox))
    }

    /// The function with the code of a switch. It is inlined at every level, so that the code or the call of a stub is
    /// part of the function that switches.
    fn thread_switch(&self, name: &str, mailbox: Option<Mailbox>) -> FunctionValue<'ctx> {
        if let Some(known) = self.module.get_function(name) {
            return known;
        }
        let (pointer, word) = (Some(self.types.pointer.into()), Some(self.types.word.into()));
        let pointers = if mailbox.is_some() { 3 } else { 2 };
        let words = mailbox.map_or(0, Mailbox::inputs);
        let parameters = std::iter::repeat_n(pointer, pointers).chain(std::iter::repeat_n(word, words));
        // Assembly with a single result returns a plain value instead of a structure.
        let result: Option<BasicTypeEnum<'ctx>> = match mailbox.map_or(0, Mailbox::outputs) {
            0 => None,
            1 => word,
            count => Some(self.types.structure(&vec![self.types.word.into(); count]).into()),
        };
        let function =
            self.module.add_function(name, self.types.function(parameters, result), Some(Linkage::Internal));
        self.attributes.of_inlined(function);
        let builder = Builder::new(self.context);
        builder.at_end(self.context.append_basic_block(function, ""));
        match (self.input.way.code)(mailbox) {
            Code::Inline(assembly) => {
                let call = builder.assembly(self.context, &assembly, result, &function.get_params());
                builder.ret(builder::result(call));
            }
            Code::Stub(stub) => {
                let outputs = mailbox.map_or(0, Mailbox::outputs);
                let found = self.call_stub(&builder, &stub, pointers, &function.get_params(), outputs);
                match found[..] {
                    [] => builder.ret(None),
                    [alone] => builder.ret(Some(alone)),
                    _ => builder.ret_all(&found),
                }
            }
        }
        function
    }

    /// Calls a stub; returns the words of its result. The first `pointers` arguments are pointers, the others words.
    fn call_stub(
        &self,
        builder: &Builder<'ctx>,
        stub: &Stub,
        pointers: usize,
        arguments: &[BasicValueEnum<'ctx>],
        outputs: usize,
    ) -> Values<'ctx> {
        let Types { word, double, .. } = self.types;
        let mut arguments = arguments.to_vec();
        for argument in arguments.iter_mut().skip(pointers + GENERAL_WORDS) {
            *argument = builder.bit_cast(*argument, double);
        }
        let kind = |index| if index < GENERAL_OUTPUTS { word.into() } else { double.into() };
        let kinds: Vec<BasicTypeEnum<'ctx>> = (0..outputs).map(kind).collect();
        let returned = match kinds[..] {
            [] => None,
            [alone] => Some(alone),
            _ => Some(self.types.structure(&kinds).into()),
        };
        let parameters = arguments.iter().map(|argument| Some(argument.get_type()));
        let declared =
            self.module.add_function(&stub.symbol, self.types.function(parameters, returned), None);
        declared.as_global_value().set_visibility(GlobalVisibility::Hidden);
        declared.set_call_conventions(stub.convention);
        self.attributes.of_runtime(declared);
        let call = builder.call(declared, &arguments, "");
        self.attributes.keep_apart(call);
        match builder::result(call) {
            None => Vec::new(),
            Some(found) if outputs == 1 => vec![found],
            Some(found) => {
                let bits = |index| builder.bit_cast(builder.extract(found, index, ""), word);
                // `values::calling_convention` says why a `freeze` must follow a cast from a vector register.
                (0..outputs as u32).map(|index| builder.freeze(bits(index))).collect()
            }
        }
    }

    /// The definitions of the stubs that are called.
    pub(in crate::codegen) fn stubs(&self) -> String {
        let way = self.input.way;
        let mailboxes = [None].into_iter().chain(Mailbox::all().map(Some));
        let called = mailboxes.filter_map(|mailbox| match (way.code)(mailbox) {
            Code::Inline(_) => None,
            Code::Stub(stub) => self.module.get_function(&stub.symbol).map(|_| stub.text),
        });
        [way.common.map_or_else(String::new, |common| common())].into_iter().chain(called).collect()
    }
}

/// The last switch of a thread: nothing on its stack or in its registers is used afterwards.
fn end() -> Assembly {
    assembly(&[&enter("rsi")], "{rsi},~{memory}")
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
