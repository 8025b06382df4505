//! Continuations: creation, resumption, suspension, and their first functions.
//!
//! A new continuation looks like a suspended continuation. Its stack is filled so that the first resumption starts its
//! first function:
//!
//! ```text
//!   top ->    │ (end of the block)
//!             │ address of the first function
//!             │ function value: the body
//!   sp ->     │ the runtime's `weft_start_continuation`
//! ```
//!
//! The first function takes the continuation, the body and the words that the first resumption passes. It calls the
//! body and passes the result out.
//!
//! A value is passed as words: its scalars or, if there are too few registers, an object that contains them.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, FunctionValue, InstructionOpcode, IntValue, PointerValue};
use weft_abi::continuation::PLACES;
use weft_abi::layout::{ENTRY_SUFFIX, PROGRAM_PREFIX};
use weft_abi::stack::{RESERVE, block_size};
use weft_abi::{Continuation, RuntimeFunction};

use crate::arena::Id;
use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Entry;
use crate::codegen::cx::types::Values;
use crate::codegen::threads::continuation_switch::{Passed, WORDS_IN, WORDS_OUT};
use crate::codegen::values::calling_convention::words_of;
use crate::mir::layout::Tag;
use crate::mir::{ContinuationOp, Operand, Representation, Scalar};
use crate::types::{Type, TypeId};

const WORD: usize = size_of::<u64>();

/// The symbol of the resume address of a new continuation.
const START: &str = "weft_start_continuation";

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// An operation on continuations, with a result of the type `ty`.
    pub(in crate::codegen) fn continuation(
        &mut self,
        op: ContinuationOp,
        ty: TypeId,
        operands: &[Operand],
    ) -> Values<'ctx> {
        match op {
            ContinuationOp::New => vec![self.new_continuation(&operands[0]).into()],
            ContinuationOp::Resume => self.resume_continuation(ty, &operands[0], &operands[1]),
            ContinuationOp::Suspend => self.suspend_continuation(ty, &operands[0], &operands[1]),
            ContinuationOp::Close => {
                let cont = self.operand(&operands[0]);
                self.cx.run(RuntimeFunction::ContinuationClose, &cont).into_iter().collect()
            }
            ContinuationOp::NewSymmetric => vec![self.new_symmetric(&operands[0]).into()],
            ContinuationOp::Swap => self.swap(&operands[0], &operands[1]),
            ContinuationOp::TakeDeferred => {
                self.cx.run(RuntimeFunction::TakeDeferred, &[]).into_iter().collect()
            }
        }
    }

    fn new_continuation(&mut self, body: &Operand) -> PointerValue<'ctx> {
        let Type::Function { parameters, result, .. } = self.shape_of(body) else {
            panic!("BUG: the body of a continuation is no function");
        };
        let (passed_in, passed_out) = (parameters[1], *result);
        let entry = self.cx.continuation_entry(passed_in, passed_out).as_global_value().as_pointer_value();
        let start = self.cx.runtime_label(START);
        let body = self.pointer_of(body);
        self.cx.new_stack_with(&[start, body, entry].map(Into::into))
    }

    /// Resumes a continuation with a value; returns the scalars of the resulting `Step`, which has the type `step`.
    fn resume_continuation(&mut self, step: TypeId, cont: &Operand, value: &Operand) -> Values<'ctx> {
        let [continuation, revision] = self.operand(cont)[..] else { panic!("BUG: no Cont") };
        let next = self.claim(continuation.into_pointer_value(), revision);
        let words = self.operand(value);
        let words = self.cx.in_words(&words, WORDS_IN);
        let [first, second] = &self.cx.input.program.nominals[&step].variants[..] else {
            panic!("BUG: no Step");
        };
        let suspended = self.cx.scalars(first.fields[1].ty);
        let done = self.cx.scalars(second.fields[0].ty);
        let most = words_of(suspended.len(), WORDS_OUT).max(words_of(done.len(), WORDS_OUT));
        let found = self.switch_to(continuation.into_pointer_value(), next, &words, most);
        let continuation = self.cx.builder.int_to_pointer(found[0].into_int_value());
        // The revision is loaded again, so that it need not be kept over the switch. If the next resumption follows
        // directly, LLVM proves from this load that the check of the revision succeeds.
        let next = self.cx.builder.load(self.cx.types.word, self.cx.revision_of(continuation), "");
        let continuation = continuation.into();
        let (passed, words) = (found[1], &found[2..]);
        let is_packed = |scalars: &[Scalar]| scalars.len() > WORDS_OUT;
        let is_value = self.cx.representation(step) == Some(Representation::Value);
        if is_value && !is_packed(&suspended) && !is_packed(&done) {
            let out = self.cx.of_words(&words[..suspended.len()], &suspended);
            let out: Values<'ctx> = [continuation, next].into_iter().chain(out).collect();
            let result = self.cx.of_words(&words[..done.len()], &done);
            return self.cx.step(step, passed, &out, &result);
        }
        let [is_done, is_suspended, after] = ["done", "suspended", "after"].map(|name| self.block(name));
        let ends = self.cx.is_done(passed);
        self.cx.builder.branch(ends, is_done, is_suspended);
        self.cx.builder.at_end(is_suspended);
        let out = self.cx.of_words(&words[..words_of(suspended.len(), WORDS_OUT)], &suspended);
        let fields: Values<'ctx> = [continuation, next].into_iter().chain(out).collect();
        let when_suspended = self.cx.variant_of(step, 0, &fields);
        let is_suspended = self.cx.builder.current_block();
        self.cx.builder.jump(after);
        self.cx.builder.at_end(is_done);
        let result = self.cx.of_words(&words[..words_of(done.len(), WORDS_OUT)], &done);
        let when_done = self.cx.variant_of(step, 1, &result);
        let is_done = self.cx.builder.current_block();
        self.cx.builder.jump(after);
        self.cx.builder.at_end(after);
        self.cx.meet((&when_suspended, is_suspended), (&when_done, is_done))
    }

    /// Panics unless a continuation has the given revision. Adds 1 to the revision; returns the new revision.
    fn claim(
        &mut self,
        continuation: PointerValue<'ctx>,
        revision: BasicValueEnum<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        self.check_revision(continuation, revision);
        let next = self.cx.builder.int_operation(
            InstructionOpcode::Add,
            revision.into_int_value(),
            self.cx.types.int(1),
        );
        self.cx.builder.store(self.cx.revision_of(continuation), next);
        next.into()
    }

    /// Panics unless a continuation has the given revision.
    pub(super) fn check_revision(
        &mut self,
        continuation: PointerValue<'ctx>,
        revision: BasicValueEnum<'ctx>,
    ) {
        let place = self.cx.revision_of(continuation);
        let present = self.cx.builder.load(self.cx.types.word, place, "").into_int_value();
        let is_used = self.cx.builder.compare(IntPredicate::NE, present, revision.into_int_value());
        let [used, fresh] = ["used", "fresh"].map(|name| self.block(name));
        self.cx.builder.branch_hardly_ever(self.cx.context, is_used, used, fresh);
        self.cx.builder.at_end(used);
        self.panic_with(RuntimeFunction::ContinuationUsed, &[continuation.into(), revision]);
        self.cx.builder.at_end(fresh);
    }

    /// Switches to a suspended continuation of the given revision, which passes out up to `most` words. Returns the
    /// continuation, a [`Passed`], and the words.
    fn switch_to(
        &mut self,
        continuation: PointerValue<'ctx>,
        revision: BasicValueEnum<'ctx>,
        words: &[BasicValueEnum<'ctx>],
        most: usize,
    ) -> Values<'ctx> {
        let cx = &*self.cx;
        let home = cx.call(cx.fast_paths.home, &[]);
        let limit = cx.call(cx.fast_paths.resume, &[continuation.into(), home]);
        let index = cx.builder.int_operation(
            InstructionOpcode::And,
            revision.into_int_value(),
            cx.types.int(PLACES - 1),
        );
        let arguments: Values<'ctx> =
            [continuation.into(), limit, index.into()].into_iter().chain(words.iter().copied()).collect();
        let found = cx.call(cx.resume_switch(words.len(), most), &arguments);
        cx.builder.call(cx.fast_paths.set_limit, &[home], "");
        (0..most as u32 + 2).map(|index| cx.builder.extract(found, index, "")).collect()
    }

    /// Passes a value out of a running continuation; returns the scalars of a value of the type `ty`, which the next
    /// resumption passes in.
    fn suspend_continuation(&mut self, ty: TypeId, stack: &Operand, value: &Operand) -> Values<'ctx> {
        let continuation = self.pointer_of(stack);
        let values = self.operand(value);
        let words = self.cx.in_words(&values, WORDS_OUT);
        let scalars = self.cx.scalars(ty);
        let count = words_of(scalars.len(), WORDS_IN);
        let cx = &*self.cx;
        cx.builder.call(cx.fast_paths.suspend, &[continuation.into()], "");
        let passed = cx.types.int(Passed::Suspended as usize);
        let arguments: Values<'ctx> =
            [continuation.into(), passed.into()].into_iter().chain(words.clone()).collect();
        let switch = cx.suspend_switch(words.len(), count);
        let found: Values<'ctx> = match count {
            0 => {
                cx.builder.call(switch, &arguments, "");
                Vec::new()
            }
            1 => vec![cx.call(switch, &arguments)],
            _ => {
                let found = cx.call(switch, &arguments);
                (0..count as u32).map(|index| cx.builder.extract(found, index, "")).collect()
            }
        };
        self.cx.of_words(&found, &scalars)
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    pub(super) fn load_field(
        &self,
        object: PointerValue<'ctx>,
        offset: usize,
        name: &str,
    ) -> PointerValue<'ctx> {
        self.builder.load(self.types.pointer, self.offset(object, offset, ""), name).into_pointer_value()
    }

    /// Whether a continuation has ended; `passed` is the [`Passed`] that the switch returned.
    pub(super) fn is_done(&self, passed: BasicValueEnum<'ctx>) -> IntValue<'ctx> {
        let suspended = self.types.int(Passed::Suspended as usize);
        self.builder.compare(IntPredicate::NE, passed.into_int_value(), suspended)
    }

    /// The scalars of a `Step` that is represented by value. `suspended` and `done` are the scalars of the fields of
    /// its two variants; `passed` tells which of the two lists is valid. The code has no branch: most slots have the
    /// same word in both variants, or are used by one variant only.
    fn step(
        &mut self,
        ty: TypeId,
        passed: BasicValueEnum<'ctx>,
        suspended: &[BasicValueEnum<'ctx>],
        done: &[BasicValueEnum<'ctx>],
    ) -> Values<'ctx> {
        let layout = self.layouts.enum_layout(ty);
        let whens = [self.variant_of(ty, 0, suspended), self.variant_of(ty, 1, done)];
        let has = |variant: usize, index| layout.variants[variant].iter().any(|slot| slot.index == index);
        let ends = self.is_done(passed);
        let value = |(index, &scalar): (usize, &Scalar)| {
            let [when_suspended, when_done] = [whens[0][index], whens[1][index]];
            // A slot for numbers may contain any number in a variant that does not use it. But a slot for references
            // must contain a valid reference or null, since the collector follows it. If the reference to the
            // continuation encodes the variant, it must be null at the end.
            let is_continuation = index == layout.variants[0][0].index && layout.tag == Tag::Tagged;
            let is_free = scalar != Scalar::Reference || is_continuation;
            match [has(0, index), has(1, index)] {
                [false, false] => passed,
                [true, false] if is_free => when_suspended,
                [false, true] if scalar != Scalar::Reference => when_done,
                _ => self.builder.select(ends, when_done, when_suspended),
            }
        };
        layout.scalars.iter().enumerate().map(value).collect()
    }

    /// The address of a continuation's revision.
    pub(super) fn revision_of(&self, continuation: PointerValue<'ctx>) -> PointerValue<'ctx> {
        self.offset(continuation, offset_of!(Continuation, revision), "revision")
    }

    /// A new continuation whose stack contains only the given words, the lowest first. The first is the resume address.
    pub(super) fn new_stack_with(&self, words: &[BasicValueEnum<'ctx>]) -> PointerValue<'ctx> {
        let continuation = self.call(self.fast_paths.new_continuation, &[self.current_worker().into()]);
        let continuation = continuation.into_pointer_value();
        let limit = self.load_field(continuation, offset_of!(Continuation, stack_limit), "limit");
        let lowest = block_size(0) - RESERVE - words.len() * WORD;
        for (index, &word) in words.iter().enumerate() {
            self.builder.store(self.offset(limit, lowest + index * WORD, ""), word);
        }
        let sp = self.offset(continuation, offset_of!(Continuation, sp), "sp");
        self.builder.store(sp, self.offset(limit, lowest, ""));
        continuation
    }

    /// The scalars of a value that two blocks compute, in the block to which both jump.
    pub(super) fn meet(
        &self,
        (one, from_one): (&[BasicValueEnum<'ctx>], BasicBlock<'ctx>),
        (other, from_other): (&[BasicValueEnum<'ctx>], BasicBlock<'ctx>),
    ) -> Values<'ctx> {
        let scalar = |(one, other): (&BasicValueEnum<'ctx>, &BasicValueEnum<'ctx>)| {
            let phi = self.builder.phi(one.get_type());
            phi.add_incoming(&[(one, from_one), (other, from_other)]);
            phi.as_basic_value()
        };
        one.iter().zip(other).map(scalar).collect()
    }

    /// The first function of the continuations whose bodies have these types; declares it on the first call.
    fn continuation_entry(&mut self, passed_in: TypeId, passed_out: TypeId) -> FunctionValue<'ctx> {
        let name = format!("{PROGRAM_PREFIX}continuation.{}.{}.entry", passed_in.raw(), passed_out.raw());
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let words = words_of(self.scalars(passed_in).len(), WORDS_IN);
        let pointers = [self.types.pointer.into(); 2].into_iter();
        let parameters = pointers.chain(std::iter::repeat_n(self.types.word.into(), words)).map(Some);
        let entry =
            self.module.add_function(&name, self.types.function(parameters, None), Some(Linkage::Internal));
        entry.set_call_conventions(TAILCC);
        self.attributes.of_entry(entry);
        self.entries.undefined.push(Entry::Continuation { entry, passed_in, passed_out });
        entry
    }

    /// Defines the first function of continuations: it calls the body, frees the stack and passes the result out.
    pub(in crate::codegen) fn define_continuation_entry(
        &mut self,
        entry: FunctionValue<'ctx>,
        passed_in: TypeId,
        passed_out: TypeId,
    ) {
        let main = self.input.program.main;
        self.begin_named(main, entry, &format!("continuation{ENTRY_SUFFIX}"));
        let parameters = entry.get_params();
        let [continuation, body, words @ ..] = &parameters[..] else {
            panic!("BUG: an entry without a body")
        };
        let scalars = self.scalars(passed_in);
        let argument = self.of_words(words, &scalars);
        let arguments: Values<'ctx> = [*continuation].into_iter().chain(argument).collect();
        let kinds: Vec<Scalar> = [Scalar::Reference].into_iter().chain(scalars).collect();
        let result = self.scalars(passed_out);
        let call = self.call_function_value(body.into_pointer_value(), &kinds, arguments, &result);
        let values = self.results(call, &result);
        let words = self.in_words(&values, WORDS_OUT);
        let worker = self.current_worker().into();
        self.builder.call(self.fast_paths.end_continuation, &[worker, *continuation], "");
        let passed = self.types.int(Passed::Done as usize);
        let arguments: Values<'ctx> =
            [*continuation, passed.into()].into_iter().chain(words.iter().copied()).collect();
        self.builder.call(self.leave_switch(words.len()), &arguments, "");
        self.builder.unreachable();
    }
}
