//! Generators with stacks of their own: creation, `next`, and giving elements.
//!
//! Such a generator is a continuation in the runtime, without a revision: its reference may be used again and again.
//! Its stack is filled so that the first resumption enters its first function, with its arguments as if a caller had
//! pushed them:
//!
//! ```text
//!   top ->    │ (end of the block)
//!             │ words of the arguments, the first one lowest
//!             │ return address: the runtime's `weft_under_generator`
//!   sp ->     │ address of the first function
//! ```
//!
//! The first function takes two arguments in the registers in which a resumption passes them: the generator in `rdi`,
//! and in `rdx` whether the resumption closes the generator. The other argument registers have no meaning. The function
//! calls the body, unless the generator is closed, then frees the stack and tells the resumer that the generator has
//! ended.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, FunctionValue, IntValue, PointerValue};
use weft_abi::Continuation;
use weft_abi::layout::{ENTRY_SUFFIX, PROGRAM_PREFIX};
use weft_abi::library::{NONE, SOME};
use weft_abi::stack::{RESERVE, block_size};

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Entry;
use crate::codegen::cx::types::Values;
use crate::codegen::threads::continuation_switch::{Passed, WORDS_OUT};
use crate::codegen::values::calling_convention::{GENERAL_ARGUMENTS, words_of};
use crate::mir::{FunctionId, Operand, Scalar};
use crate::types::TypeId;

const WORD: usize = size_of::<u64>();

/// The symbol of the return address of a generator's first function. The function never returns, but stack traces
/// read the address.
const UNDER: &str = "weft_under_generator";

/// The maximum number of argument words on a new stack; more words are passed in an object. They must fit into the
/// smallest block above the reserve.
const MOST_WORDS: usize = 64;

/// The number of the argument register, `rdx`, in which a resumption passes whether the generator is closed.
const CLOSES: usize = 2;

const _: () = assert!((MOST_WORDS + 2) * WORD < block_size(0) - RESERVE);

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// A new generator that runs `body` on a stack of its own.
    pub(in crate::codegen) fn new_generator_stack(
        &mut self,
        body: FunctionId,
        arguments: &[BasicValueEnum<'ctx>],
    ) -> PointerValue<'ctx> {
        let words = self.cx.in_words(arguments, MOST_WORDS);
        let entry = self.cx.generator_entry(body).as_global_value().as_pointer_value();
        let under = self.cx.runtime_label(UNDER);
        let filled: Values<'ctx> = [entry.into(), under.into()].into_iter().chain(words).collect();
        self.cx.new_stack_with(&filled)
    }

    /// Whether a generator is suspended: it has a stack, but does not run on it.
    pub(in crate::codegen) fn is_suspended(&mut self, generator: PointerValue<'ctx>) -> BasicValueEnum<'ctx> {
        let sp = self.cx.load_field(generator, offset_of!(Continuation, sp), "sp");
        let is_null = self.cx.builder.is_null(sp);
        self.cx.builder.not(is_null).into()
    }

    /// The switch to the stack of a suspended generator.
    pub(in crate::codegen) fn next_switch(&mut self, option: TypeId) -> FunctionValue<'ctx> {
        self.cx.next_switch(self.words_of_element(option))
    }

    /// The switch to the stack of a generator that has just been made and runs `body`.
    pub(in crate::codegen) fn start_switch(
        &mut self,
        body: FunctionId,
        option: TypeId,
    ) -> FunctionValue<'ctx> {
        let entry = self.cx.generator_entry(body);
        self.cx.start_switch(entry, self.words_of_element(option))
    }

    /// Resumes a suspended generator by `switch`; returns the scalars of an `Option` with the next element.
    pub(in crate::codegen) fn resume_stack(
        &mut self,
        operand: &Operand,
        option: TypeId,
        switch: FunctionValue<'ctx>,
        closes: BasicValueEnum<'ctx>,
    ) -> Values<'ctx> {
        let generator = self.pointer_of(operand);
        let cx = &*self.cx;
        let home = cx.call(cx.fast_paths.home, &[]);
        let limit = cx.call(cx.fast_paths.resume_generator, &[generator.into(), home]);
        let found = cx.call(switch, &[generator.into(), limit, closes]);
        let worker = cx.current_worker().into();
        cx.builder.call(cx.fast_paths.set_limit_or_request, &[worker, home], "");
        self.renew(operand, self.cx.builder.extract(found, 0, ""));
        let cx = &*self.cx;
        let element = self.element_of(option);
        let count = words_of(element.len(), WORDS_OUT) as u32;
        let words: Values<'ctx> = (0..count).map(|index| cx.builder.extract(found, index + 2, "")).collect();
        let ends = cx.is_done(cx.builder.extract(found, 1, ""));
        let [gives, ended, after] = ["gives", "ended", "after"].map(|name| self.block(name));
        self.cx.builder.branch_hardly_ever(self.cx.context, ends, ended, gives);
        self.cx.builder.at_end(gives);
        let element = self.cx.of_words(&words, &element);
        let some = self.cx.variant_of(option, SOME, &element);
        let gives = self.cx.builder.current_block();
        self.cx.builder.jump(after);
        self.cx.builder.at_end(ended);
        let none = self.cx.variant_of(option, NONE, &[]);
        let ended = self.cx.builder.current_block();
        self.cx.builder.jump(after);
        self.cx.builder.at_end(after);
        self.cx.meet((&some, gives), (&none, ended))
    }

    /// Gives an element to the resumer of the running generator; returns whether the generator is closed.
    pub(in crate::codegen) fn give(&mut self, operand: &Operand, element: &Operand) -> BasicValueEnum<'ctx> {
        let generator = self.pointer_of(operand);
        let element = self.operand(element);
        let words = self.cx.in_words(&element, WORDS_OUT);
        let cx = &*self.cx;
        let passed = cx.types.int(Passed::Suspended as usize);
        let switch = cx.give_switch(words.len());
        let arguments: Values<'ctx> = [generator.into(), passed.into()].into_iter().chain(words).collect();
        let found = cx.call(switch, &arguments);
        self.renew(operand, self.cx.builder.extract(found, 0, ""));
        let closes = self.cx.builder.extract(found, 1, "").into_int_value();
        self.cx.is_set(closes).into()
    }

    /// Replaces the local `operand` by the same reference, which the switch returns in a register. Otherwise the next
    /// use would load the local from the stack, after the switch has loaded `rsp` from the generator: two dependent
    /// loads in each iteration of a loop.
    fn renew(&mut self, operand: &Operand, generator: BasicValueEnum<'ctx>) {
        let generator = self.cx.builder.int_to_pointer(generator.into_int_value());
        if let Operand::Local(local) = operand {
            self.assign(*local, &[generator.into()]);
        }
    }

    fn words_of_element(&self, option: TypeId) -> usize {
        words_of(self.element_of(option).len(), WORDS_OUT)
    }

    /// The scalars of the element; `option` is the type `Option` of the element's type.
    fn element_of(&self, option: TypeId) -> Vec<Scalar> {
        let nominal = &self.cx.input.program.nominals[&option];
        self.cx.scalars(nominal.variants[SOME].fields[0].ty)
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    fn is_set(&self, word: IntValue<'ctx>) -> IntValue<'ctx> {
        self.builder.compare(IntPredicate::NE, word, self.types.int(0))
    }

    /// The first function of the generators that run `body`.
    fn generator_entry(&mut self, body: FunctionId) -> FunctionValue<'ctx> {
        let name = format!("{PROGRAM_PREFIX}{}{ENTRY_SUFFIX}", self.input.program.functions[body].name);
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let words = words_of(self.arguments_of(body).len(), MOST_WORDS);
        let parameters = std::iter::repeat_n(self.types.word.into(), GENERAL_ARGUMENTS - 1 + words);
        let parameters = [self.types.pointer.into()].into_iter().chain(parameters).map(Some);
        let ty = self.types.function(parameters, None);
        let entry = self.module.add_function(&name, ty, Some(Linkage::Internal));
        entry.set_call_conventions(TAILCC);
        self.attributes.of_entry(entry);
        self.entries.undefined.push(Entry::Generator { entry, body });
        entry
    }

    /// The scalars of the arguments of a `gen fn`: the parameters of its body without the last one, the generator.
    fn arguments_of(&self, body: FunctionId) -> Vec<Scalar> {
        let count = self.input.program.functions[body].parameter_count;
        self.parameters(body, 0..count - 1)
    }

    /// Defines the first function of the generators that run `body`.
    pub(in crate::codegen) fn define_generator_entry(
        &mut self,
        entry: FunctionValue<'ctx>,
        body: FunctionId,
    ) {
        self.begin(body, entry, ENTRY_SUFFIX);
        let parameters = entry.get_params();
        let generator = parameters[0];
        let [runs, ends] = ["runs", "ends"].map(|name| self.context.append_basic_block(entry, name));
        let closes = self.is_set(parameters[CLOSES].into_int_value());
        self.builder.branch_hardly_ever(self.context, closes, ends, runs);
        self.builder.at_end(runs);
        let scalars = self.arguments_of(body);
        let arguments = self.of_words(&parameters[GENERAL_ARGUMENTS..], &scalars);
        let arguments: Values<'ctx> = arguments.into_iter().chain([generator]).collect();
        self.builder.call(self.functions[body], &arguments, "");
        self.builder.jump(ends);
        self.builder.at_end(ends);
        let worker = self.current_worker().into();
        self.builder.call(self.fast_paths.end_continuation, &[worker, generator], "");
        let passed = self.types.int(Passed::Done as usize);
        self.builder.call(self.leave_switch(0), &[generator, passed.into()], "");
        self.builder.unreachable();
    }
}
