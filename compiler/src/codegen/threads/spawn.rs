//! New green threads: their stacks and their first functions.
//!
//! A new thread looks like a suspended thread. Its stack is filled so that a switch to it starts its first function:
//!
//! ```text
//!   top ->    │ (end of the block)
//!             │ arguments 7 and on, last one highest
//!             │ address of the first function
//!             │ arguments 1 to 6, first one highest
//!             │ stack limit
//!   sp ->     │ resume address: the runtime's `weft_start_k`, k = number of arguments up to 6
//! ```
//!
//! For a first function of two arguments the stack changes like this:
//!
//! ```text
//!   switch has popped        weft_start_2 has popped           weft_start_2 calls
//!   its two words            the arguments
//!
//!   │ first function         │ first function                  │ return address in weft_start_2
//!   │ argument 1             rsp                               rsp
//!   │ argument 2             rdi = argument 1                  the first function runs
//!   rsp                      rsi = argument 2
//! ```
//!
//! The return address replaces the function's address, right below the stack arguments, as the calling convention
//! requires.
//!
//! The first function, `weft.NAME.entry`, calls the spawned function and ends the thread. All its arguments are words,
//! and the first is the task. If there are more arguments than fit on a new stack, the second argument is an object
//! that contains them.

use inkwell::GlobalVisibility;
use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};
use weft_abi::RuntimeFunction;
use weft_abi::layout::{ENTRY_SUFFIX, MAIN_SYMBOL};
use weft_abi::stack::{RESERVE, block_size};

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::builder::{self, Builder};
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::{Entry, Outlined};
use crate::codegen::cx::types::Values;
use crate::codegen::values::calling_convention::{GENERAL_ARGUMENTS, words_of};
use crate::mir::{FunctionId, Operand};
use crate::types::Type;
use weft_abi::layout::PROGRAM_PREFIX;

/// The maximum number of argument words of a spawned function that are passed on the new stack. More words are passed
/// in an object, which contains all of them and costs an allocation. The words must fit into the smallest block above
/// the reserve.
const DIRECT_ARGUMENTS: usize = 64;

const WORD: usize = size_of::<u64>();

// A new stack also contains the task, the first function, the limit and the resume address, and its stack pointer must
// be above the limit.
const _: () = assert!((DIRECT_ARGUMENTS + 4) * WORD < block_size(0) - RESERVE);

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Generates `spawn function(arguments)`; returns the new thread's task.
    pub(in crate::codegen) fn spawn(
        &mut self,
        function: FunctionId,
        arguments: &[Operand],
    ) -> BasicValueEnum<'ctx> {
        let arguments = self.operands(arguments);
        let site = self.site();
        let entry = self.cx.entry(function).as_global_value().as_pointer_value();
        let arguments = self.cx.in_words(&arguments, DIRECT_ARGUMENTS);
        if let Some(trace) = self.cx.fast_paths.trace {
            return self.cx.start_traced(trace, site, function, entry.into(), &arguments);
        }
        if self.is_called() {
            let all: Values<'ctx> = [site.into(), entry.into()].into_iter().chain(arguments).collect();
            let task = self.cx.call_outlined(Outlined::Spawn(all.len() - 2), &all);
            return task.expect("BUG: a new thread has no task");
        }
        self.cx.start_thread(site.into(), entry.into(), &arguments)
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Starts a thread for the `spawn` at `site`: the thread begins with `entry` and is runnable. Returns its task.
    pub(in crate::codegen) fn start_thread(
        &self,
        site: BasicValueEnum<'ctx>,
        entry: BasicValueEnum<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> BasicValueEnum<'ctx> {
        let worker = self.current_worker().into();
        let (task, sp) = self.new_thread(worker, site, entry, arguments);
        self.builder.call(self.fast_paths.ready, &[worker, sp], "");
        task
    }

    /// Makes a thread that begins with `entry`; returns its task and its stack pointer.
    pub(in crate::codegen) fn new_thread(
        &self,
        worker: BasicValueEnum<'ctx>,
        site: BasicValueEnum<'ctx>,
        entry: BasicValueEnum<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> (BasicValueEnum<'ctx>, BasicValueEnum<'ctx>) {
        let task = self.call(self.fast_paths.task_new, &[worker, site]);
        let top = self.call(self.fast_paths.stack_new, &[worker, task]);
        let task_word = self.types.word_of(&self.builder, task);
        let filled: Vec<_> = [top, entry, task_word].into_iter().chain(arguments.iter().copied()).collect();
        let sp = self.call(self.new_stack(filled.len() - 2), &filled);
        (task, sp)
    }

    /// Ends the running thread, whose task is `task`, with `result` as the bits of its result. Ends the block.
    pub(in crate::codegen) fn end_thread(&self, task: BasicValueEnum<'ctx>, result: BasicValueEnum<'ctx>) {
        let load_at = self.call(self.fast_paths.finish, &[self.current_worker().into(), task, result]);
        self.builder.call(self.switches.end, &[load_at], "");
        self.builder.unreachable();
    }

    /// `newstack.n(top, entry, argument 1 ... argument n) -> sp`: fills a new stack; returns its stack pointer.
    fn new_stack(&self, arguments: usize) -> FunctionValue<'ctx> {
        let name = format!("newstack.{arguments}");
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let (pointer, word) = (Some(self.types.pointer.into()), Some(self.types.word.into()));
        let parameters = [pointer, pointer].into_iter().chain(std::iter::repeat_n(word, arguments));
        let ty = self.types.function(parameters, pointer);
        let function = self.module.add_function(&name, ty, Some(Linkage::Internal));
        self.attributes.of_inlined(function);
        let builder = Builder::new(self.context);
        builder.at_end(self.context.append_basic_block(function, ""));
        let sp = self.fill_stack(&builder, &function.get_params());
        builder.ret(Some(sp.into()));
        function
    }

    /// Stores the words of a new stack as drawn at the top of this file; `parameters` are the parameters of
    /// `newstack.n`.
    fn fill_stack(&self, builder: &Builder<'ctx>, parameters: &[BasicValueEnum<'ctx>]) -> PointerValue<'ctx> {
        let [top, entry, arguments @ ..] = parameters else { panic!("BUG: a stack without top and entry") };
        let top = top.into_pointer_value();
        let below_top = |bytes: usize| {
            let offset = self.types.word.const_int((bytes as i64).wrapping_neg() as u64, true);
            builder.offset(top, offset, "")
        };
        let (registers, stack) = arguments.split_at(arguments.len().min(GENERAL_ARGUMENTS));
        let start = self.runtime_label(&format!("weft_start_{}", registers.len()));
        let limit = builder.pointer_to_int(below_top(block_size(0) - RESERVE), self.types.word);
        let from_high_to_low = stack.iter().rev().chain([entry]).chain(registers);
        let words = from_high_to_low.copied().chain([limit.into(), start.into()]);
        let mut used = 0;
        for word in words {
            used += WORD;
            builder.store(below_top(used), word);
        }
        below_top(used)
    }

    /// The first function of a thread that runs `function`.
    fn entry(&mut self, function: FunctionId) -> FunctionValue<'ctx> {
        if let Some(&known) = self.entries.by_function.get(&function) {
            return known;
        }
        let count = self.functions[function].count_params() as usize;
        let words = std::iter::repeat_n(Some(self.types.word.into()), 1 + words_of(count, DIRECT_ARGUMENTS));
        let ty = self.types.function(words, None);
        let name = format!("{PROGRAM_PREFIX}{}.entry", self.input.program.functions[function].name);
        let entry = self.module.add_function(&name, ty, Some(Linkage::Internal));
        self.entries.by_function.insert(function, entry);
        self.entries.undefined.push(Entry::Thread(function));
        entry
    }

    /// Defines all first functions of threads and of continuations.
    pub(in crate::codegen) fn define_entries(&mut self) {
        for undefined in std::mem::take(&mut self.entries.undefined) {
            match undefined {
                Entry::Thread(function) => {
                    let entry = self.entries.by_function[&function];
                    self.begin_entry(function, entry);
                    self.define_entry(function, entry);
                }
                Entry::Generator { entry, body } => self.define_generator_entry(entry, body),
                Entry::Continuation { entry, passed_in, passed_out } => {
                    self.define_continuation_entry(entry, passed_in, passed_out);
                }
                Entry::Symmetric { entry, target, passed } => {
                    self.define_symmetric_entry(entry, target, passed);
                }
            }
        }
    }

    fn define_entry(&mut self, function: FunctionId, entry: FunctionValue<'ctx>) {
        let program = self.input.program;
        let spawned = &program.functions[function];
        let words = entry.get_params();
        let scalars = self.parameters(function, 0..spawned.parameter_count);
        let arguments = self.of_words(&words[1..], &scalars);
        let call = self.builder.call(self.functions[function], &arguments, "");
        let result = self.scalars(spawned.result);
        let values = self.results(call, &result);
        // A task has a single word for its result.
        let result = self.in_words(&values, 1).pop().unwrap_or_else(|| self.types.int(0).into());
        let task = self.builder.int_to_pointer(words[0].into_int_value());
        if self.inlining.has_end(function) {
            return self.end_thread(task.into(), result);
        }
        self.call_outlined(Outlined::End, &[task.into(), result]);
        self.builder.unreachable();
    }

    fn begin_entry(&self, function: FunctionId, entry: FunctionValue<'ctx>) {
        entry.set_call_conventions(TAILCC);
        self.attributes.of_entry(entry);
        self.begin(function, entry, ENTRY_SUFFIX);
    }
}

/// Defines the first function of the main green thread: it calls `main` and ends the process with the exit status.
pub(in crate::codegen) fn define_main(cx: &mut ModuleCx<'_, '_>) {
    let id = cx.input.program.main;
    let ty = cx.types.function([Some(cx.types.word.into())], None);
    let entry = cx.module.add_function(MAIN_SYMBOL, ty, None);
    entry.as_global_value().set_visibility(GlobalVisibility::Hidden);
    cx.begin_entry(id, entry);
    let status = builder::result(cx.builder.call(cx.functions[id], &[], ""));
    let is_status = *cx.input.program.types.get(cx.input.program.functions[id].result) == Type::Int;
    let status = status.filter(|_| is_status).unwrap_or_else(|| cx.types.int(0).into());
    cx.run(RuntimeFunction::Exit, &[status]);
    cx.builder.unreachable();
}
