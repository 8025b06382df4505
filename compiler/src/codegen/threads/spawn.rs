//! Stacks of new green threads, and what they run first.
//!
//! A new thread looks like a suspended one. Its stack is filled so that a switch to it starts its first function:
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
//! `weft_start_k` pops the arguments into the registers of the calling convention, then the address, and calls it:
//! the return address takes the place of that address, right below the stack arguments.
//!
//! The first function, `weft.NAME.entry`, calls the spawned one and ends the thread. All its arguments are words, and
//! the first is the task. Arguments that are too many for a new stack come in an object, which is then the second.

use std::collections::HashMap;

use inkwell::GlobalVisibility;
use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};
use weft_abi::RuntimeFunction;
use weft_abi::layout::{ENTRY_SUFFIX, MAIN_SYMBOL};
use weft_abi::stack::{RESERVE, block_size};

use crate::codegen::attributes::TAILCC;
use crate::codegen::builder::{self, Builder};
use crate::codegen::convention::{GENERAL_ARGUMENTS, words_of};
use crate::codegen::functions::{Body, LINKER_PREFIX};
use crate::codegen::generator::Generator;
use crate::codegen::shared::Operation;
use crate::codegen::types::Values;
use crate::mir::{FunctionId, Operand};
use crate::types::Type;

/// How many arguments of the spawned function lie on the new stack.
const DIRECT_ARGUMENTS: usize = 64;

const WORD: usize = size_of::<u64>();

// Besides those: the task as an argument, the first function, the limit and the resume address. The stack pointer stays
// above the limit.
const _: () = assert!((DIRECT_ARGUMENTS + 4) * WORD < block_size(0) - RESERVE);

/// The first functions of threads, as far as they were asked for.
#[derive(Default)]
pub(super) struct Entries<'ctx> {
    by_function: HashMap<FunctionId, FunctionValue<'ctx>>,
    undefined: Vec<FunctionId>,
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// `spawn function(arguments)`
    pub(super) fn spawn(&mut self, function: FunctionId, arguments: &[Operand]) -> BasicValueEnum<'ctx> {
        let arguments = self.operands(arguments);
        let site = self.site();
        let entry = self.g.entry(function).as_global_value().as_pointer_value();
        let arguments = self.g.in_words(&arguments, DIRECT_ARGUMENTS);
        if self.is_called() {
            let all: Values<'ctx> = [site.into(), entry.into()].into_iter().chain(arguments).collect();
            let task = self.g.call_shared(Operation::Spawn(all.len() - 2), &all);
            return task.expect("BUG: a new thread has no task");
        }
        self.g.start_thread(site.into(), entry.into(), &arguments)
    }
}

impl<'ctx> Generator<'ctx, '_> {
    /// A new thread that `site` spawns; it begins with `entry`, and is ready to run. Gives its task.
    pub(super) fn start_thread(
        &self,
        site: BasicValueEnum<'ctx>,
        entry: BasicValueEnum<'ctx>,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> BasicValueEnum<'ctx> {
        let worker = self.current_worker().into();
        let task = self.call(self.hot.task_new, &[worker, site]);
        let top = self.call(self.hot.stack_new, &[worker, task]);
        let task_word = self.types.word_of(&self.builder, task);
        let filled: Vec<_> = [top, entry, task_word].into_iter().chain(arguments.iter().copied()).collect();
        let sp = self.call(self.new_stack(filled.len() - 2), &filled);
        self.builder.call(self.hot.ready, &[worker, sp], "");
        task
    }

    /// Ends the running thread, that of `task`, with the bits `result`.
    pub(super) fn end_thread(&self, task: BasicValueEnum<'ctx>, result: BasicValueEnum<'ctx>) {
        let load_at = self.call(self.hot.finish, &[self.current_worker().into(), task, result]);
        self.builder.call(self.switches.end, &[load_at], "");
        self.builder.unreachable();
    }

    /// `newstack.n(top, entry, argument 1 ... argument n) -> sp`
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

    /// Stores the words drawn above; `parameters` are those of `newstack.n`.
    fn fill_stack(&self, builder: &Builder<'ctx>, parameters: &[BasicValueEnum<'ctx>]) -> PointerValue<'ctx> {
        let [top, entry, arguments @ ..] = parameters else { panic!("BUG: a stack without top and entry") };
        let top = top.into_pointer_value();
        let below_top = |bytes: usize| {
            let offset = self.types.word.const_int((bytes as i64).wrapping_neg() as u64, true);
            builder.offset(top, offset, "")
        };
        let (registers, stack) = arguments.split_at(arguments.len().min(GENERAL_ARGUMENTS));
        let start = self.start_address(registers.len());
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

    /// The runtime's `weft_start_k`, which is assembly.
    fn start_address(&self, registers: usize) -> PointerValue<'ctx> {
        let symbol = format!("weft_start_{registers}");
        let known = self.module.get_function(&symbol);
        let function = known.unwrap_or_else(|| {
            let function = self.module.add_function(&symbol, self.types.function([], None), None);
            function.as_global_value().set_visibility(GlobalVisibility::Hidden);
            function
        });
        function.as_global_value().as_pointer_value()
    }

    /// The first function of a thread that runs `function`.
    fn entry(&mut self, function: FunctionId) -> FunctionValue<'ctx> {
        if let Some(&known) = self.entries.by_function.get(&function) {
            return known;
        }
        let count = self.functions[function].count_params() as usize;
        let words = std::iter::repeat_n(Some(self.types.word.into()), 1 + words_of(count, DIRECT_ARGUMENTS));
        let ty = self.types.function(words, None);
        let name = format!("{LINKER_PREFIX}{}.entry", self.input.program.functions[function].name);
        let entry = self.module.add_function(&name, ty, Some(Linkage::Internal));
        self.entries.by_function.insert(function, entry);
        self.entries.undefined.push(function);
        entry
    }

    /// Defines all first functions of threads.
    pub(super) fn define_entries(&mut self) {
        for function in std::mem::take(&mut self.entries.undefined) {
            let entry = self.entries.by_function[&function];
            self.begin_entry(function, entry);
            self.define_entry(function, entry);
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
        // A task has one word for its result.
        let result = self.in_words(&values, 1).pop().unwrap_or_else(|| self.types.int(0).into());
        let task = self.builder.int_to_pointer(words[0].into_int_value());
        if self.inlining.has_end(function) {
            return self.end_thread(task.into(), result);
        }
        self.call_shared(Operation::End, &[task.into(), result]);
        self.builder.unreachable();
    }

    fn begin_entry(&self, function: FunctionId, entry: FunctionValue<'ctx>) {
        entry.set_call_conventions(TAILCC);
        self.attributes.of_entry(entry);
        self.begin(function, entry, ENTRY_SUFFIX);
    }

    /// Begins a function that the compiler adds around one of the program: describes it, and builds from now on in
    /// its first block. By the suffix traces know it.
    pub(super) fn begin(&self, function: FunctionId, added: FunctionValue<'ctx>, suffix: &str) {
        self.begin_named(
            function,
            added,
            &format!("{}{suffix}", self.input.program.functions[function].name),
        );
    }

    /// The same with a name of its own.
    pub(super) fn begin_named(&self, function: FunctionId, added: FunctionValue<'ctx>, name: &str) {
        let around = &self.input.program.functions[function];
        let scope = self.debug.describe(added, name, around.span, self.input.sources);
        self.builder.at_end(self.context.append_basic_block(added, ""));
        self.builder.set_location(Some(self.debug.location(scope, around.span, self.input.sources)));
    }
}

/// Defines what the main green thread runs first: `main`, then the end of the process with the status it gives.
pub(super) fn define_main(g: &mut Generator<'_, '_>) {
    let id = g.input.program.main;
    let ty = g.types.function([Some(g.types.word.into())], None);
    let entry = g.module.add_function(MAIN_SYMBOL, ty, None);
    entry.as_global_value().set_visibility(GlobalVisibility::Hidden);
    g.begin_entry(id, entry);
    let status = builder::result(g.builder.call(g.functions[id], &[], ""));
    let is_status = *g.input.program.types.get(g.input.program.functions[id].result) == Type::Int;
    let status = status.filter(|_| is_status).unwrap_or_else(|| g.types.int(0).into());
    g.run(RuntimeFunction::Exit, &[status]);
    g.builder.unreachable();
}
