//! Lists of waiting threads: parking in them, waking out of them, and the values that are handed over meanwhile.
//!
//! A value travels as words: its scalars, or an object that holds them when they are more than a mailbox takes. They
//! lie in the mailbox of the thread that waits, wherever the value goes: who waits for one finds it in registers when
//! it runs again, and who offers one has left it there.

use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, PointerValue};
use inkwell::{AtomicOrdering, AtomicRMWBinOp};
use weft_abi::layout::MAILBOX_WORDS;
use weft_abi::{ArrayObject, RuntimeFunction, Task, WaitList, WaitListObject};

use crate::codegen::convention::words_of;
use crate::codegen::functions::Body;
use crate::codegen::switch::Mailbox;
use crate::codegen::types::Values;
use crate::mir::{AtomicOp, Operand, WaitOp};
use crate::types::TypeId;

impl<'ctx> Body<'_, 'ctx, '_> {
    /// An operation on a list, a waiter, or the running thread; `ty` is the type of the value handed over, if any.
    pub(super) fn waiting(&mut self, op: WaitOp, ty: TypeId, operands: &[Operand]) -> Values<'ctx> {
        let result = match op {
            WaitOp::Lock => return self.done(|body| body.lock_operand(operands)),
            WaitOp::Unlock => {
                let list = self.list_of(&operands[0]);
                return self.done(|body| body.unlock(list));
            }
            WaitOp::TakeWaiter => {
                let (list, side) = (self.list_of(&operands[0]), self.value_of(&operands[1]));
                self.g.call(self.g.hot.take_waiter, &[list.into(), side])
            }
            WaitOp::Wake => return self.done(|body| body.wake(operands)),
            WaitOp::Wait => {
                let (list, side) = (self.list_of(&operands[0]), self.value_of(&operands[1]));
                let [outcome] = self.wait_in(list, side, Mailbox::Takes(0), &[])[..] else { unreachable!() };
                self.is_true(outcome)
            }
            WaitOp::WaitTake => return self.wait_take(ty, operands),
            WaitOp::WaitGive => {
                let (list, side) = (self.list_of(&operands[0]), self.value_of(&operands[1]));
                let words = self.words_of_value(&operands[2]);
                let outcome = self.wait_in(list, side, Mailbox::Gives(words.len()), &words);
                self.is_true(outcome[0])
            }
            WaitOp::Put => return self.done(|body| body.put(operands)),
            WaitOp::Get => return self.get(ty, &operands[0]),
            WaitOp::Keep => return self.done(|body| body.keep_array(operands)),
            WaitOp::Kept => {
                let word = self.element(&operands[0], &operands[1])[0].into_int_value();
                self.g.builder.int_to_pointer(word).into()
            }
            WaitOp::Pause => self.pause(),
            WaitOp::LeaveScope => return self.done(Self::leave_scope),
            WaitOp::Cancel => {
                let task = self.pointer_of(&operands[0]);
                self.g.run(RuntimeFunction::TaskCancel, &[task.into()]);
                return Vec::new();
            }
        };
        vec![result]
    }

    fn done(&mut self, run: impl FnOnce(&mut Self)) -> Values<'ctx> {
        run(self);
        Vec::new()
    }

    /// The list in an object, to the library an array.
    fn list_of(&mut self, operand: &Operand) -> PointerValue<'ctx> {
        let object = self.pointer_of(operand);
        self.g.offset(object, offset_of!(WaitListObject, list), "list")
    }

    fn lock_operand(&mut self, operands: &[Operand]) {
        let list = self.list_of(&operands[0]);
        self.lock(list);
    }

    pub(super) fn lock(&mut self, list: PointerValue<'ctx>) {
        let worker = self.g.current_worker().into();
        self.g.builder.call(self.g.hot.lock_list, &[worker, list.into()], "");
    }

    pub(super) fn unlock(&mut self, list: PointerValue<'ctx>) {
        self.g.builder.call(self.g.hot.unlock_list, &[list.into()], "");
    }

    /// Parks on that side of a list, which is locked, and gives what the waker has left in the mailbox.
    pub(super) fn wait_in(
        &mut self,
        list: PointerValue<'ctx>,
        side: BasicValueEnum<'ctx>,
        mailbox: Mailbox,
        words: &[BasicValueEnum<'ctx>],
    ) -> Values<'ctx> {
        let g = &*self.g;
        let switch = g.call(g.hot.wait, &[g.current_worker().into(), list.into(), side]);
        let lock = g.offset(list, offset_of!(WaitList, lock), "lock");
        self.park(switch, lock, mailbox, words)
    }

    /// Parks until something that was registered is chosen, unless it is, and gives what was chosen.
    pub(super) fn pause(&mut self) -> BasicValueEnum<'ctx> {
        let [parks, after] = ["parks", "after"].map(|name| self.block(name));
        let g = &*self.g;
        let task = g.call(g.hot.current, &[]);
        let must_pause = g.call(g.hot.must_pause, &[g.current_worker().into(), task]);
        g.builder.branch(must_pause.into_int_value(), parks, after);
        g.builder.at_end(parks);
        let switch = g.call(g.hot.pause, &[g.current_worker().into(), task]);
        let lock = g.offset(task.into_pointer_value(), offset_of!(Task, lock), "lock");
        self.park(switch, lock, Mailbox::Takes(0), &[]);
        let g = &*self.g;
        g.builder.jump(after);
        g.builder.at_end(after);
        let chosen = g.offset(task.into_pointer_value(), offset_of!(Task, chosen), "chosen");
        let arm = g.builder.load(g.types.i32, chosen, "").into_int_value();
        g.builder.zero_extend(arm, g.types.word).into()
    }

    fn park(
        &mut self,
        switch: BasicValueEnum<'ctx>,
        lock: PointerValue<'ctx>,
        mailbox: Mailbox,
        words: &[BasicValueEnum<'ctx>],
    ) -> Values<'ctx> {
        let g = &*self.g;
        let [save_at, load_at] = g.ends(switch);
        let arguments: Values<'ctx> =
            [save_at, load_at, lock.into()].into_iter().chain(words.iter().copied()).collect();
        let found = g.call(g.park(mailbox), &arguments);
        match mailbox {
            Mailbox::Takes(0) | Mailbox::Gives(_) => vec![found],
            Mailbox::Takes(words) => {
                (0..=words as u32).map(|index| g.builder.extract(found, index, "")).collect()
            }
        }
    }

    fn wait_take(&mut self, ty: TypeId, operands: &[Operand]) -> Values<'ctx> {
        let (list, side) = (self.list_of(&operands[0]), self.value_of(&operands[1]));
        let scalars = self.g.scalars(ty);
        let words = words_of(scalars.len(), MAILBOX_WORDS);
        let found = self.wait_in(list, side, Mailbox::Takes(words), &[]);
        let outcome = self.is_true(found[0]);
        if words == scalars.len() {
            let values = self.g.of_words(&found[1..], &scalars);
            return [outcome].into_iter().chain(values).collect();
        }
        // Without a value there is no object.
        let [given, none, after] = ["given", "none", "after"].map(|name| self.block(name));
        self.g.builder.branch(outcome.into_int_value(), given, none);
        self.g.builder.at_end(given);
        let values = self.g.of_words(&found[1..], &scalars);
        self.g.builder.jump(after);
        self.g.builder.at_end(none);
        self.g.builder.jump(after);
        self.g.builder.at_end(after);
        let meet = |value: &BasicValueEnum<'ctx>| {
            let zero = value.get_type().const_zero();
            let phi = self.g.builder.phi(value.get_type());
            phi.add_incoming(&[(value, given), (&zero, none)]);
            phi.as_basic_value()
        };
        [outcome].into_iter().chain(values.iter().map(meet)).collect()
    }

    /// A value as the words that are handed over.
    fn words_of_value(&mut self, operand: &Operand) -> Values<'ctx> {
        let values = self.operand(operand);
        self.g.in_words(&values, MAILBOX_WORDS)
    }

    fn put(&mut self, operands: &[Operand]) {
        let words = self.words_of_value(&operands[1]);
        let waiter = self.pointer_of(&operands[0]);
        let place = self.g.call(self.g.hot.waiter_words, &[waiter.into()]).into_pointer_value();
        for (index, &word) in words.iter().enumerate() {
            self.g.builder.store(self.g.offset(place, index * size_of::<u64>(), ""), word);
        }
    }

    fn get(&mut self, ty: TypeId, waiter: &Operand) -> Values<'ctx> {
        let waiter = self.pointer_of(waiter);
        let scalars = self.g.scalars(ty);
        let place = self.g.call(self.g.hot.waiter_words, &[waiter.into()]).into_pointer_value();
        let word = |index: usize| {
            let place = self.g.offset(place, index * size_of::<u64>(), "");
            self.g.builder.load(self.g.types.word, place, "")
        };
        let words: Values<'ctx> = (0..words_of(scalars.len(), MAILBOX_WORDS)).map(word).collect();
        self.g.of_words(&words, &scalars)
    }

    /// Notes where an array is. The list's words are taken for references, so it lives as long as the list.
    fn keep_array(&mut self, operands: &[Operand]) {
        let array = self.value_of(&operands[2]);
        let word = self.g.types.word_of(&self.g.builder, array);
        self.set_element_to(&operands[0], &operands[1], &[word]);
    }

    fn wake(&mut self, operands: &[Operand]) {
        let waiter = self.pointer_of(&operands[0]);
        let outcome = self.value_of(&operands[1]);
        let outcome = self.g.types.word_of(&self.g.builder, outcome);
        let worker = self.g.current_worker().into();
        self.g.builder.call(self.g.hot.wake, &[worker, waiter.into(), outcome], "");
    }

    /// Waits until all threads of the innermost scope have ended, and closes it.
    fn leave_scope(&mut self) {
        let [waits, after] = ["waits", "after"].map(|name| self.block(name));
        let list = self.g.run(RuntimeFunction::ScopeList, &[]);
        let list = list.expect("BUG: a scope has no list").into_pointer_value();
        let is_done = self.g.builder.is_null(list);
        self.g.builder.branch(is_done, after, waits);
        self.g.builder.at_end(waits);
        self.wait_in(list, self.g.types.int(0).into(), Mailbox::Takes(0), &[]);
        self.g.builder.jump(after);
        self.g.builder.at_end(after);
        let site = self.site().into();
        self.g.run(RuntimeFunction::ScopeClose, &[site]);
    }

    fn is_true(&self, word: BasicValueEnum<'ctx>) -> BasicValueEnum<'ctx> {
        self.g.types.value_in(&self.g.builder, word, self.g.types.bool.into())
    }

    /// One step with the first element of an array.
    pub(super) fn atomic(&mut self, op: AtomicOp, operands: &[Operand]) -> BasicValueEnum<'ctx> {
        let array = self.pointer_of(&operands[0]);
        let place = self.g.offset(array, size_of::<ArrayObject>(), "number");
        let operands: Values<'ctx> = operands[1..].iter().map(|operand| self.value_of(operand)).collect();
        let builder = &self.g.builder;
        let change = |op| builder.change_atomic(op, place, operands[0].into_int_value()).into();
        match op {
            AtomicOp::Get => {
                builder.load_atomic(self.g.types.word, place, AtomicOrdering::SequentiallyConsistent).into()
            }
            AtomicOp::Swap => change(AtomicRMWBinOp::Xchg),
            AtomicOp::Add => change(AtomicRMWBinOp::Add),
            AtomicOp::Subtract => change(AtomicRMWBinOp::Sub),
            AtomicOp::CompareExchange => {
                builder.replace_atomic(place, operands[0].into_int_value(), operands[1].into_int_value())
            }
        }
    }
}
