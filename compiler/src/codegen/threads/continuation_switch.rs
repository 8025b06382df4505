//! The switches between a continuation and its resumer, the code that resumes it, as inline assembly. As in a switch
//! between threads, the register allocator stores the live set; values pass in registers.
//!
//! ```text
//!        the resumer's stack                               the continuation's stack
//!
//!  high  │ frame          │ frame        │ frame             │ frame          │ frame
//!        rsp              │ label 1      │ label 1           │ label 1        rsp
//!                         rsp            rsp                 rsp
//!
//!        1 entered        2 pushq %rax   3 rsp is stored     4 rsp is loaded  5 popq %rax
//!                                          in `resumer`        from `sp`        jmpq *%rax
//! ```
//!
//! A suspension takes the same steps with `resumer` and `sp` exchanged. Both are fields of the continuation, an object
//! that does not move. The stack limit is not saved on a stack: the resumption sets the limit of the continuation's
//! stack before the switch, and `weft_set_limit` sets the resumer's limit after the switch back.
//!
//! | register | role |
//! |---|---|
//! | `rdi` | the continuation |
//! | `rsi` | into a continuation: the index in `places` for the resume address; out of it: the [`Passed`] |
//! | `rax` | the limit of the continuation's stack; then the resume addresses |
//! | `rdx`, `rcx`, `r8` to `r11` | the value that is passed; the first four are also argument registers of C |
//! | `r11` | before a resumption: the worker |

use std::mem::offset_of;

use inkwell::module::Linkage;
use inkwell::types::BasicTypeEnum;
use inkwell::values::FunctionValue;
use weft_abi::stack::{LIMIT_SLOT, REQUEST_LIMIT};
use weft_abi::{Continuation, Worker};

use crate::codegen::cx::assembly::Assembly;
use crate::codegen::cx::attributes;
use crate::codegen::cx::builder::{self, Builder};
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::threads::switch::{assembly, destroyed};

/// The registers of a value's words, in order.
const WORDS: [&str; WORDS_OUT] = ["rdx", "rcx", "r8", "r9", "r10", "r11"];

/// The maximum number of words that a resumption passes in registers: the first function of a continuation takes them
/// as arguments.
pub(in crate::codegen) const WORDS_IN: usize = 4;

/// The maximum number of words that a suspension, or the end of a continuation, passes in registers.
pub(in crate::codegen) const WORDS_OUT: usize = 6;

/// The kind of value that a continuation passes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::codegen) enum Passed {
    /// The value of a suspension.
    Suspended = 0,
    /// The result, at the end.
    Done = 1,
}

/// The assembly of a switch in one direction, and its registers.
pub(super) struct Side {
    /// The registers of the parameters.
    pub(super) inputs: Vec<&'static str>,
    /// The number of parameters that are pointers, before those that are words.
    pub(super) pointers: usize,
    /// The registers of the words that are returned.
    pub(super) outputs: Vec<&'static str>,
    pub(super) text: String,
    /// Whether the switch counts as a safepoint of a loop that contains it. A generator's switch to its resumer does:
    /// the resumer looks for requests after each switch, and its own loops have safepoints.
    pub(super) is_safepoint: bool,
}

/// The registers in which the resumer gets the continuation, the kind of value ([`Passed`]) and the value's words.
fn both(words: usize) -> Vec<&'static str> {
    ["rdi", "rsi"].into_iter().chain(WORDS[..words].iter().copied()).collect()
}

const SP: usize = offset_of!(Continuation, sp);
const RESUMER: usize = offset_of!(Continuation, resumer);
const PLACES: usize = offset_of!(Continuation, places);
const REQUESTS: usize = offset_of!(Worker, requests);

impl<'ctx> ModuleCx<'ctx, '_> {
    /// `resumestack.i.o(continuation, limit, index, word 1 ... word i) -> (continuation, passed, word 1 ... word o)`
    ///
    /// The result includes the continuation, in the register that the other side uses for it. So a loop that resumes
    /// the continuation keeps no copy on its own stack. Loading such a copy would have to wait until `rsp` is loaded
    /// from the continuation, so each iteration would wait for two loads, one after the other.
    pub(in crate::codegen) fn resume_switch(&self, words_in: usize, words_out: usize) -> FunctionValue<'ctx> {
        let name = format!("resumestack.{words_in}.{words_out}");
        let inputs = ["rdi", "rax", "rsi"].iter().chain(&WORDS[..words_in]).copied().collect();
        let record = format!("movl %eax, {PLACES}(%rdi,%rsi,4)");
        let text = resume(true, &[&record], &enter(SP));
        self.switch_function(
            &name,
            &Side { inputs, pointers: 2, outputs: both(words_out), text, is_safepoint: false },
            None,
        )
    }

    /// `nextstack.o(generator, limit, closes) -> (generator, passed, word 1 ... word o)`: a resumption of a generator.
    /// Unlike `resumestack`, it does not record the resume address, and does not look for requests: the resumer does so
    /// after the switch back.
    pub(in crate::codegen) fn next_switch(&self, words_out: usize) -> FunctionValue<'ctx> {
        let name = format!("nextstack.{words_out}");
        let inputs = vec!["rdi", "rax", WORDS[0]];
        let text = resume(false, &[], &enter(SP));
        self.switch_function(
            &name,
            &Side { inputs, pointers: 2, outputs: both(words_out), text, is_safepoint: false },
            None,
        )
    }

    /// `startstack.ENTRY.o(generator, limit, closes) -> (generator, passed, word 1 ... word o)`: the first resumption
    /// of a generator whose first function is `entry`. A direct jump to it needs no prediction of the target.
    pub(in crate::codegen) fn start_switch(
        &self,
        entry: FunctionValue<'ctx>,
        words_out: usize,
    ) -> FunctionValue<'ctx> {
        let name = format!("startstack.{}.{words_out}", entry.get_name().to_string_lossy());
        let inputs = vec!["rdi", "rax", WORDS[0]];
        let outputs = both(words_out);
        // The operand after the outputs and inputs is the address of the first function.
        let jump = format!("jmp ${{{}:P}}", outputs.len() + inputs.len());
        let [load, pop, _] = enter(SP);
        let text = resume(false, &[], &[load, pop, jump]);
        self.switch_function(
            &name,
            &Side { inputs, pointers: 2, outputs, text, is_safepoint: false },
            Some(entry),
        )
    }

    /// `suspendstack.o.i(continuation, passed, word 1 ... word o) -> (word 1 ... word i)`
    pub(in crate::codegen) fn suspend_switch(
        &self,
        words_out: usize,
        words_in: usize,
    ) -> FunctionValue<'ctx> {
        let name = format!("suspendstack.{words_out}.{words_in}");
        let outputs = WORDS[..words_in].to_vec();
        let side =
            Side { inputs: both(words_out), pointers: 1, outputs, text: suspend(), is_safepoint: false };
        self.switch_function(&name, &side, None)
    }

    /// `givestack.o(generator, passed, word 1 ... word o) -> (generator, closes)`: a suspension of a generator. The
    /// results come from the next resumption: the reference to the generator, and whether the resumption closes it.
    pub(in crate::codegen) fn give_switch(&self, words_out: usize) -> FunctionValue<'ctx> {
        let outputs = vec!["rdi", WORDS[0]];
        let side =
            Side { inputs: both(words_out), pointers: 1, outputs, text: suspend(), is_safepoint: true };
        self.switch_function(&format!("givestack.{words_out}"), &side, None)
    }

    /// `leavestack.o(continuation, passed, word 1 ... word o)`: leaves the stack of a continuation that has ended; does
    /// not return.
    pub(in crate::codegen) fn leave_switch(&self, words_out: usize) -> FunctionValue<'ctx> {
        let text = enter(RESUMER).join("\n");
        let side =
            Side { inputs: both(words_out), pointers: 1, outputs: Vec::new(), text, is_safepoint: false };
        self.switch_function(&format!("leavestack.{words_out}"), &side, None)
    }

    /// A function around the assembly of one side. If there is a `target`, its address is the assembly's last operand.
    pub(super) fn switch_function(
        &self,
        name: &str,
        Side { inputs, pointers, outputs, text, is_safepoint }: &Side,
        target: Option<FunctionValue<'ctx>>,
    ) -> FunctionValue<'ctx> {
        if let Some(known) = self.module.get_function(name) {
            return known;
        }
        let parameter = |index| -> BasicTypeEnum<'ctx> {
            if index < *pointers { self.types.pointer.into() } else { self.types.word.into() }
        };
        // Assembly with a single result returns a plain value instead of a structure.
        let result = match outputs.len() {
            0 => None,
            1 => Some(self.types.word.into()),
            count => Some(self.types.structure(&vec![self.types.word.into(); count]).into()),
        };
        let ty = self.types.function((0..inputs.len()).map(|index| Some(parameter(index))), result);
        let function = self.module.add_function(name, ty, Some(Linkage::Internal));
        self.attributes.of_inlined(function);
        let builder = Builder::new(self.context);
        builder.at_end(self.context.append_basic_block(function, ""));
        let all = format!("~{{rax}},{}", destroyed());
        let others = all.split(',').filter(|name| !outputs.iter().any(|out| *name == format!("~{{{out}}}")));
        let results = outputs.iter().map(|register| format!("={{{register}}}"));
        let arguments = inputs.iter().map(|register| format!("{{{register}}}"));
        let arguments = arguments.chain(target.map(|_| "i".to_owned()));
        let constraints: Vec<String> = results.chain(arguments).chain(others.map(str::to_owned)).collect();
        let text: Assembly = assembly(&[text], &constraints.join(","));
        let target = target.map(|target| target.as_global_value().as_pointer_value().into());
        let operands: Vec<_> = function.get_params().into_iter().chain(target).collect();
        let call = builder.assembly(self.context, &text, result, &operands);
        if *is_safepoint {
            attributes::mark_safepoint(self.context, call);
        }
        builder.ret(builder::result(call));
        function
    }
}

/// Steps 1 to 3 of the drawing: stores `rsp` in the field of the continuation at `offset`.
fn leave(offset: usize) -> Vec<String> {
    vec![
        "leaq 1f(%rip), %rax".to_owned(),
        // A `call` would push this address, too, but would have no matching `ret`: the other side jumps to the address.
        "pushq %rax".to_owned(),
        format!("movq %rsp, {offset}(%rdi)"),
    ]
}

/// Steps 4 and 5 of the drawing: loads `rsp` from the field of the continuation at `offset`.
fn enter(offset: usize) -> [String; 3] {
    [format!("movq {offset}(%rdi), %rsp"), "popq %rax".to_owned(), "jmpq *%rax".to_owned()]
}

/// The assembly of a resumption. `rax` has the limit of the stack that runs next. If `checks` is true and the worker
/// has a request, the assembly sets `REQUEST_LIMIT` instead of that limit. It does not poll: the preparation may have
/// made the continuation its own innermost one, and until the switch a collection would not find the stacks on top. The
/// instructions `records` come after step 3 of the drawing; `load`, `pop` and `jump` are steps 4 and 5.
fn resume(checks: bool, records: &[&str], [load, pop, jump]: &[String; 3]) -> String {
    let [check, requested] = check_requests("r11");
    let if_checked = |lines: &[String]| if checks { lines.to_vec() } else { Vec::new() };
    let mut lines = if_checked(&check);
    lines.push(format!("movq %rax, %fs:{LIMIT_SLOT}"));
    lines.extend(leave(RESUMER));
    lines.extend(records.iter().map(|&record| record.to_owned()));
    // Once the stack pointer is loaded, the continuation runs, and its `sp` has to be null.
    lines.extend([load.clone(), pop.clone(), format!("movq $$0, {SP}(%rdi)"), jump.clone()]);
    lines.extend(if_checked(&requested));
    lines.push("1:".to_owned());
    lines.join("\n")
}

/// The assembly that sets `rax`, the limit of the stack that runs next, to the request if the worker has one. The
/// second part belongs behind the jump to the other stack. Uses the register `scratch`, and the labels 2 and 3.
pub(super) fn check_requests(scratch: &str) -> [Vec<String>; 2] {
    // A request is a bit in `Worker::requests` and a value in the word of the stack limit. A loop that does little more
    // than switch stores to that word all the time. While such a store is in the processor's store buffer, loads of the
    // word see it and not the stores of other processors. So the loop would miss most requests in the word. It never
    // stores to `Worker::requests`, so these bits are read here.
    let check = vec![
        format!("movq %fs:weft_worker@tpoff, %{scratch}"),
        format!("cmpl $$0, {REQUESTS}(%{scratch})"),
        "jne 3f".to_owned(),
        "2:".to_owned(),
    ];
    let requested =
        vec!["3:".to_owned(), format!("movq $${}, %rax", REQUEST_LIMIT as i64), "jmp 2b".to_owned()];
    [check, requested]
}

fn suspend() -> String {
    leave(SP).into_iter().chain(enter(RESUMER)).chain(["1:".to_owned()]).collect::<Vec<_>>().join("\n")
}
