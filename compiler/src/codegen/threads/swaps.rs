//! Symmetric continuations, the stacks of `std.switch`: creation, swaps, and their first functions.
//!
//! The stack of a new one is filled as the stack of any new continuation, with a different resume address:
//!
//! ```text
//!   top ->    │ (end of the block)
//!             │ address of the first function
//!             │ function value: the body
//!   sp ->     │ the runtime's `weft_start_stack`
//! ```
//!
//! The first function takes a value that stands for the code which the first swap has left, the words of the passed
//! value, and the body. It calls the body, whose result is the target of the last swap and the value to pass.

use std::mem::offset_of;

use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, FunctionValue, PointerValue};
use weft_abi::Continuation;
use weft_abi::layout::{ENTRY_SUFFIX, PROGRAM_PREFIX};

use crate::arena::Id;
use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Entry;
use crate::codegen::cx::types::Values;
use crate::codegen::threads::swap_switch::SWAP_WORDS;
use crate::codegen::values::calling_convention::words_of;
use crate::mir::{Operand, Scalar};
use crate::types::{Type, TypeId};

/// The symbol of the resume address of a new stack.
const START: &str = "weft_start_stack";

/// The addresses and the limit for a switch.
struct Prepared<'ctx> {
    limit: BasicValueEnum<'ctx>,
    save_at: BasicValueEnum<'ctx>,
    load_at: BasicValueEnum<'ctx>,
    place_at: BasicValueEnum<'ctx>,
}

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    pub(super) fn new_symmetric(&mut self, body: &Operand) -> PointerValue<'ctx> {
        let Type::Function { parameters, .. } = self.shape_of(body) else {
            panic!("BUG: the body of a stack is no function");
        };
        let (target, passed) = (parameters[0], parameters[1]);
        let entry = self.cx.symmetric_entry(target, passed).as_global_value().as_pointer_value();
        let start = self.cx.runtime_label(START);
        let body = self.pointer_of(body);
        let continuation = self.cx.new_stack_with(&[start, body, entry].map(Into::into));
        let is_symmetric = self.cx.offset(continuation, offset_of!(Continuation, is_symmetric), "");
        self.cx.builder.store(is_symmetric, self.cx.types.byte.const_int(true.into(), false));
        continuation
    }

    /// Swaps with `target`; returns the scalars of a tuple: what stands for the code that the swap to here has left,
    /// and the value that it passed.
    pub(super) fn swap(&mut self, target: &Operand, value: &Operand) -> Values<'ctx> {
        let scalars = self.scalars_of(value);
        let target = self.operand(target);
        let values = self.operand(value);
        let words = self.cx.in_words(&values, SWAP_WORDS);
        let &[continuation, revision] = &target[..] else { panic!("BUG: no Stack") };
        self.check_revision(continuation.into_pointer_value(), revision);
        let (from, prepared) = self.cx.prepare_swap(continuation);
        let revision = self.cx.builder.load(self.cx.types.word, self.cx.revision_of(from), "");
        let Prepared { limit, save_at, load_at, place_at } = prepared;
        let arguments: Values<'ctx> = [from.into(), limit, place_at, save_at, load_at, revision]
            .into_iter()
            .chain(words.iter().copied())
            .collect();
        let found = self.cx.call(self.cx.swap_switch(words.len()), &arguments);
        let found: Values<'ctx> =
            (0..words.len() as u32 + 2).map(|index| self.cx.builder.extract(found, index, "")).collect();
        let from = self.cx.builder.int_to_pointer(found[0].into_int_value());
        let passed = self.cx.of_words(&found[2..], &scalars);
        [from.into(), found[1]].into_iter().chain(passed).collect()
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Checks that the running code may swap with `target`, and puts the target in its place. Returns the continuation
    /// or the host that stands for the running code.
    fn prepare_swap(&self, target: BasicValueEnum<'ctx>) -> (PointerValue<'ctx>, Prepared<'ctx>) {
        let home = self.call(self.fast_paths.home, &[]);
        let from = self.call(self.fast_paths.swap_from, &[target, home]);
        let limit = self.call(self.fast_paths.swap_limit, &[target]);
        let switch = self.call(self.fast_paths.swap_to, &[from, target, home]);
        let [save_at, load_at] = [0, 1].map(|index| self.builder.extract(switch, index, ""));
        let place_at = self.call(self.fast_paths.swap_place, &[target]);
        (from.into_pointer_value(), Prepared { limit, save_at, load_at, place_at })
    }

    /// The first function of the symmetric continuations whose bodies have these types.
    fn symmetric_entry(&mut self, target: TypeId, passed: TypeId) -> FunctionValue<'ctx> {
        let name = format!("{PROGRAM_PREFIX}stack.{}.entry", passed.raw());
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let (pointer, word) = (self.types.pointer.into(), self.types.word.into());
        let parameters = [pointer, word, word, word, word, pointer].map(Some);
        let ty = self.types.function(parameters, None);
        let entry = self.module.add_function(&name, ty, Some(Linkage::Internal));
        entry.set_call_conventions(TAILCC);
        self.attributes.of_entry(entry);
        self.entries.undefined.push(Entry::Symmetric { entry, target, passed });
        entry
    }

    /// Defines the first function of symmetric continuations: it calls the body, frees the stack, and swaps with the
    /// target that the body has returned, passing the returned value.
    pub(in crate::codegen) fn define_symmetric_entry(
        &mut self,
        entry: FunctionValue<'ctx>,
        target: TypeId,
        passed: TypeId,
    ) {
        let main = self.input.program.main;
        self.begin_named(main, entry, &format!("stack{ENTRY_SUFFIX}"));
        let parameters = entry.get_params();
        let [from, revision, words @ .., body] = &parameters[..] else {
            panic!("BUG: an entry without a body")
        };
        let scalars = self.scalars(passed);
        let count = words_of(scalars.len(), SWAP_WORDS);
        let argument = self.of_words(&words[..count], &scalars);
        let arguments: Values<'ctx> = [*from, *revision].into_iter().chain(argument).collect();
        let kinds: Vec<Scalar> = self.scalars(target).into_iter().chain(scalars).collect();
        let call = self.call_function_value(body.into_pointer_value(), &kinds, arguments, &kinds);
        let values = self.results(call, &kinds);
        let (next, values) = values.split_at(2);
        let words = self.in_words(values, SWAP_WORDS);
        self.end_with_swap(next, &words);
    }

    /// Ends the running symmetric continuation: frees its stack, and swaps with `target`, with the words of a value.
    fn end_with_swap(&self, target: &[BasicValueEnum<'ctx>], words: &[BasicValueEnum<'ctx>]) {
        let &[target, revision] = target else { panic!("BUG: no Stack") };
        self.builder.call(self.fast_paths.check_target, &[target, revision], "");
        let (from, Prepared { limit, load_at, place_at, .. }) = self.prepare_swap(target);
        let worker = self.current_worker().into();
        self.builder.call(self.fast_paths.end_continuation, &[worker, from.into()], "");
        let ended = self.types.word.const_int(Continuation::ENDED, false).into();
        let arguments: Values<'ctx> =
            [from.into(), limit, place_at, load_at, ended].into_iter().chain(words.iter().copied()).collect();
        self.builder.call(self.last_swap(words.len()), &arguments, "");
        self.builder.unreachable();
    }
}
