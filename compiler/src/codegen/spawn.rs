//! Stacks of new green threads, and what they run first.
//!
//! A new thread looks like a suspended one. Its stack is filled so that a switch to it starts its first function:
//!
//! ```text
//!   top ->    │ (end of the block)
//!   top - 8   │ the task, which says whose block this is; already there
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

use inkwell::GlobalVisibility;
use inkwell::module::Linkage;
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};
use weft_abi::RuntimeFunction;
use weft_abi::layout::MAIN_SYMBOL;
use weft_abi::stack::{RESERVE, block_size};

use crate::codegen::attributes::TAILCC;
use crate::codegen::builder::{self, Builder};
use crate::codegen::functions::{Body, LINKER_PREFIX};
use crate::codegen::generator::Generator;
use crate::mir::{FunctionId, Operand};
use crate::types::Type;

/// How many arguments of a call travel in general registers.
pub(super) const REGISTER_ARGUMENTS: usize = 6;

/// How many arguments of the spawned function lie on the new stack.
const DIRECT_ARGUMENTS: usize = 64;

const WORD: usize = size_of::<u64>();

// Besides those: the owner, the task as an argument, the first function, the limit and the resume address. The stack
// pointer stays above the limit.
const _: () = assert!((DIRECT_ARGUMENTS + 5) * WORD < block_size(0) - RESERVE);

impl<'ctx> Body<'_, 'ctx, '_> {
    /// `spawn function(arguments)`
    pub(super) fn spawn(&mut self, function: FunctionId, arguments: &[Operand]) -> BasicValueEnum<'ctx> {
        let arguments = self.operands(arguments);
        let site = self.site();
        let entry = self.g.entry(function).as_global_value().as_pointer_value();
        let g = &*self.g;
        let worker = g.current_worker(&g.builder);
        let task = call(&g.builder, g.hot.task_new, &[worker, site.into()]);
        let arguments: Vec<_> = arguments.iter().map(|&value| g.types.word_of(&g.builder, value)).collect();
        let arguments = if arguments.len() > DIRECT_ARGUMENTS {
            vec![g.types.word_of(&g.builder, self.pack(worker, &arguments))]
        } else {
            arguments
        };
        let top = call(&g.builder, g.hot.stack_new, &[worker, task]);
        let fixed = [top, entry.into(), g.types.word_of(&g.builder, task)];
        let filled: Vec<_> = fixed.into_iter().chain(arguments).collect();
        let sp = call(&g.builder, g.new_stack(filled.len() - 2), &filled);
        g.builder.call(g.hot.ready, &[worker, sp], "");
        task
    }

    /// A new object that consists of `words`.
    fn pack(&self, worker: BasicValueEnum<'ctx>, words: &[BasicValueEnum<'ctx>]) -> BasicValueEnum<'ctx> {
        let g = &*self.g;
        let size = g.types.word.const_int((words.len() * WORD) as u64, false);
        let object = call(&g.builder, g.hot.allocate, &[worker, size.into()]);
        for (index, &word) in words.iter().enumerate() {
            g.builder.store(self.field(object.into_pointer_value(), index * WORD, ""), word);
        }
        object
    }
}

fn call<'ctx>(
    builder: &Builder<'ctx>,
    function: FunctionValue<'ctx>,
    arguments: &[BasicValueEnum<'ctx>],
) -> BasicValueEnum<'ctx> {
    let result = builder::result(builder.call(function, arguments, ""));
    result.unwrap_or_else(|| panic!("BUG: {} gives nothing", function.get_name().to_string_lossy()))
}

impl<'ctx> Generator<'ctx, '_> {
    /// The worker that runs this instruction; not to be kept over a switch.
    pub(super) fn current_worker(&self, builder: &Builder<'ctx>) -> BasicValueEnum<'ctx> {
        call(builder, self.switches.current_worker, &[])
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
        let (registers, stack) = arguments.split_at(arguments.len().min(REGISTER_ARGUMENTS));
        let start = self.start_address(registers.len());
        let limit = builder.pointer_to_int(below_top(block_size(0) - RESERVE), self.types.word);
        let from_high_to_low = stack.iter().rev().chain([entry]).chain(registers);
        let words = from_high_to_low.copied().chain([limit.into(), start.into()]);
        let mut used = WORD;
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
        if let Some(&known) = self.entries.get(&function) {
            return known;
        }
        let spawned = self.functions[function];
        let types = spawned.get_type().get_param_types();
        let is_packed = types.len() > DIRECT_ARGUMENTS;
        let direct = if is_packed { 1 } else { types.len() };
        let words = std::iter::repeat_n(Some(self.types.word.into()), 1 + direct);
        let ty = self.types.function(words, None);
        let name = format!("{LINKER_PREFIX}{}.entry", self.input.program.functions[function].name);
        let entry = self.module.add_function(&name, ty, Some(Linkage::Internal));
        let builder = self.begin_entry(function, entry);
        let words = entry.get_params();
        let argument = |(index, ty): (usize, BasicMetadataTypeEnum<'ctx>)| {
            let ty = ty.try_into().expect("BUG: a parameter that is no value");
            if is_packed {
                let object = builder.int_to_pointer(words[1].into_int_value());
                let offset = self.types.word.const_int((index * WORD) as u64, false);
                self.types.load_word(&builder, builder.offset(object, offset, ""), ty)
            } else {
                self.types.value_in(&builder, words[1 + index], ty)
            }
        };
        let arguments: Vec<_> = types.into_iter().enumerate().map(argument).collect();
        let result = builder::result(builder.call(spawned, &arguments, ""));
        let result = match result {
            Some(result) => self.types.word_of(&builder, result),
            None => self.types.word.const_zero().into(),
        };
        let worker = self.current_worker(&builder);
        let task = builder.int_to_pointer(words[0].into_int_value());
        let load_at = call(&builder, self.hot.finish, &[worker, task.into(), result]);
        builder.call(self.switches.end, &[load_at], "");
        builder.unreachable();
        self.entries.insert(function, entry);
        entry
    }

    /// Gives an entry its attributes and its description, and a builder at its beginning.
    fn begin_entry(&self, function: FunctionId, entry: FunctionValue<'ctx>) -> Builder<'ctx> {
        entry.set_call_conventions(TAILCC);
        self.attributes.of_entry(entry);
        let spawned = &self.input.program.functions[function];
        // Traces know frames of this name as no part of the program.
        let name = format!("{}.entry", spawned.name);
        let scope = self.debug.describe(entry, &name, spawned.span, self.input.sources);
        let builder = Builder::new(self.context);
        builder.at_end(self.context.append_basic_block(entry, ""));
        builder.set_location(Some(self.debug.location(scope, spawned.span, self.input.sources)));
        builder
    }
}

/// Defines what the main green thread runs first: `main`, then the end of the process with the status it gives.
pub(super) fn define_main(g: &mut Generator<'_, '_>) {
    let id = g.input.program.main;
    let ty = g.types.function([Some(g.types.word.into())], None);
    let entry = g.module.add_function(MAIN_SYMBOL, ty, None);
    entry.as_global_value().set_visibility(GlobalVisibility::Hidden);
    let builder = g.begin_entry(id, entry);
    let status = builder::result(builder.call(g.functions[id], &[], ""));
    let is_status = *g.input.program.types.get(g.input.program.functions[id].result) == Type::Int;
    let status = status.filter(|_| is_status).unwrap_or_else(|| g.types.word.const_zero().into());
    builder.call(g.runtime_function(RuntimeFunction::Exit), &[status], "");
    builder.unreachable();
}
