//! Parking on wait lists, waking from them, and the values that threads hand over.
//!
//! ```text
//!   c.send(7), and a thread waits in c.recv()           c.recv(), and a thread waits in c.send(7)
//!
//!   TakeWaiter   takes the receiver from the list       TakeWaiter   takes the sender from the list
//!   Put          stores 7 into the receiver's mailbox   Get          loads 7 from the sender's mailbox
//!   Wake         makes the receiver runnable; it pops   Wake         makes the sender runnable
//!                7 into a register when it runs
//! ```
//!
//! A value is handed over as words: its scalars or, if a mailbox has too little room, an object that contains them. The
//! words are always in the mailbox of the thread that waits: a waiting receiver pops them when it runs again; a waiting
//! sender pushed them when it parked.

use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, PointerValue};
use inkwell::{AtomicOrdering, AtomicRMWBinOp};
use weft_abi::layout::MAILBOX_WORDS;
use weft_abi::{ArrayObject, RuntimeFunction, Task, TraceKind, WaitList, WaitListObject};

use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::types::Values;
use crate::codegen::cx::way::Mailbox;
use crate::codegen::values::calling_convention::words_of;
use crate::mir::{AtomicOp, Operand, WaitOp};
use crate::types::TypeId;

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// An operation on a list, a waiter, or the running thread; `ty` is the type of the value handed over, if any.
    pub(in crate::codegen) fn waiting(
        &mut self,
        op: WaitOp,
        ty: TypeId,
        operands: &[Operand],
    ) -> Values<'ctx> {
        let result = match op {
            WaitOp::Lock => return self.done(|body| body.lock_operand(operands)),
            WaitOp::Unlock => {
                let list = self.list_of(&operands[0]);
                return self.done(|body| body.unlock(list));
            }
            WaitOp::TakeWaiter => {
                let (list, side) = (self.list_of(&operands[0]), self.value_of(&operands[1]));
                self.cx.call(self.cx.fast_paths.take_waiter, &[list.into(), side])
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
                self.cx.builder.int_to_pointer(word).into()
            }
            WaitOp::Pause => self.pause(),
            WaitOp::LeaveScope => return self.done(Self::leave_scope),
            WaitOp::BufferPut => return self.done(|body| body.buffer(TraceKind::BufferPut, operands)),
            WaitOp::BufferGet => return self.done(|body| body.buffer(TraceKind::BufferGet, operands)),
            WaitOp::BufferMove => return self.done(|body| body.buffer(TraceKind::BufferMove, operands)),
            WaitOp::Cancel => {
                let task = self.pointer_of(&operands[0]);
                self.cx.run(RuntimeFunction::TaskCancel, &[task.into()]);
                return Vec::new();
            }
        };
        vec![result]
    }

    fn done(&mut self, run: impl FnOnce(&mut Self)) -> Values<'ctx> {
        run(self);
        Vec::new()
    }

    /// The wait list inside an object that the library sees as an array.
    pub(super) fn list_of(&mut self, operand: &Operand) -> PointerValue<'ctx> {
        let object = self.pointer_of(operand);
        self.cx.offset(object, offset_of!(WaitListObject, list), "list")
    }

    fn lock_operand(&mut self, operands: &[Operand]) {
        let list = self.list_of(&operands[0]);
        self.lock(list);
    }

    pub(in crate::codegen) fn lock(&mut self, list: PointerValue<'ctx>) {
        let worker = self.cx.current_worker().into();
        self.cx.builder.call(self.cx.fast_paths.lock_list, &[worker, list.into()], "");
    }

    pub(in crate::codegen) fn unlock(&mut self, list: PointerValue<'ctx>) {
        self.cx.builder.call(self.cx.fast_paths.unlock_list, &[list.into()], "");
    }

    /// Parks the running thread on a side of a locked list, and releases the lock. Returns the words that the waker
    /// left in the mailbox.
    pub(in crate::codegen) fn wait_in(
        &mut self,
        list: PointerValue<'ctx>,
        side: BasicValueEnum<'ctx>,
        mailbox: Mailbox,
        words: &[BasicValueEnum<'ctx>],
    ) -> Values<'ctx> {
        let cx = &*self.cx;
        let switch = cx.call(cx.fast_paths.wait, &[cx.current_worker().into(), list.into(), side]);
        let lock = cx.offset(list, offset_of!(WaitList, lock), "lock");
        self.park(switch, lock, mailbox, words)
    }

    /// Parks the running thread until an arm of its multi-wait is chosen, unless an arm has been chosen already.
    /// Returns the arm's number.
    pub(in crate::codegen) fn pause(&mut self) -> BasicValueEnum<'ctx> {
        let [parks, after] = ["parks", "after"].map(|name| self.block(name));
        let cx = &*self.cx;
        let task = cx.call(cx.fast_paths.current, &[]);
        let must_park = cx.call(cx.fast_paths.must_park, &[cx.current_worker().into(), task]);
        cx.builder.branch(must_park.into_int_value(), parks, after);
        cx.builder.at_end(parks);
        let switch = cx.call(cx.fast_paths.pause, &[cx.current_worker().into(), task]);
        let lock = cx.offset(task.into_pointer_value(), offset_of!(Task, lock), "lock");
        self.park(switch, lock, Mailbox::Takes(0), &[]);
        let cx = &*self.cx;
        cx.builder.jump(after);
        cx.builder.at_end(after);
        let chosen = cx.offset(task.into_pointer_value(), offset_of!(Task, chosen), "chosen");
        let arm = cx.builder.load(cx.types.i32, chosen, "").into_int_value();
        cx.builder.zero_extend(arm, cx.types.word).into()
    }

    fn park(
        &mut self,
        switch: BasicValueEnum<'ctx>,
        lock: PointerValue<'ctx>,
        mailbox: Mailbox,
        words: &[BasicValueEnum<'ctx>],
    ) -> Values<'ctx> {
        let cx = &*self.cx;
        let [save_at, load_at] = cx.ends(switch);
        let arguments: Values<'ctx> =
            [save_at, load_at, lock.into()].into_iter().chain(words.iter().copied()).collect();
        let found = cx.call(cx.park(mailbox), &arguments);
        match mailbox {
            Mailbox::Takes(0) | Mailbox::Gives(_) => vec![found],
            Mailbox::Takes(words) => {
                (0..=words as u32).map(|index| cx.builder.extract(found, index, "")).collect()
            }
        }
    }

    fn wait_take(&mut self, ty: TypeId, operands: &[Operand]) -> Values<'ctx> {
        let (list, side) = (self.list_of(&operands[0]), self.value_of(&operands[1]));
        let scalars = self.cx.scalars(ty);
        let words = words_of(scalars.len(), MAILBOX_WORDS);
        let found = self.wait_in(list, side, Mailbox::Takes(words), &[]);
        let outcome = self.is_true(found[0]);
        if words == scalars.len() {
            let values = self.cx.of_words(&found[1..], &scalars);
            return [outcome].into_iter().chain(values).collect();
        }
        // If the waker has passed no value, there is no object to unpack.
        let [given, none, after] = ["given", "none", "after"].map(|name| self.block(name));
        self.cx.builder.branch(outcome.into_int_value(), given, none);
        self.cx.builder.at_end(given);
        let values = self.cx.of_words(&found[1..], &scalars);
        self.cx.builder.jump(after);
        self.cx.builder.at_end(none);
        self.cx.builder.jump(after);
        self.cx.builder.at_end(after);
        let meet = |value: &BasicValueEnum<'ctx>| {
            let zero = value.get_type().const_zero();
            let phi = self.cx.builder.phi(value.get_type());
            phi.add_incoming(&[(value, given), (&zero, none)]);
            phi.as_basic_value()
        };
        [outcome].into_iter().chain(values.iter().map(meet)).collect()
    }

    /// The words in which a value is handed over.
    fn words_of_value(&mut self, operand: &Operand) -> Values<'ctx> {
        let values = self.operand(operand);
        self.cx.in_words(&values, MAILBOX_WORDS)
    }

    fn put(&mut self, operands: &[Operand]) {
        let words = self.words_of_value(&operands[1]);
        let waiter = self.pointer_of(&operands[0]);
        let place = self.cx.call(self.cx.fast_paths.waiter_words, &[waiter.into()]).into_pointer_value();
        for (index, &word) in words.iter().enumerate() {
            self.cx.builder.store(self.cx.offset(place, index * size_of::<u64>(), ""), word);
        }
    }

    fn get(&mut self, ty: TypeId, waiter: &Operand) -> Values<'ctx> {
        let waiter = self.pointer_of(waiter);
        let scalars = self.cx.scalars(ty);
        let place = self.cx.call(self.cx.fast_paths.waiter_words, &[waiter.into()]).into_pointer_value();
        let word = |index: usize| {
            let place = self.cx.offset(place, index * size_of::<u64>(), "");
            self.cx.builder.load(self.cx.types.word, place, "")
        };
        let words: Values<'ctx> = (0..words_of(scalars.len(), MAILBOX_WORDS)).map(word).collect();
        self.cx.of_words(&words, &scalars)
    }

    /// Stores the address of an array in a word of a list. The collector treats each word of a list as a possible
    /// reference, so the array lives as long as the list.
    fn keep_array(&mut self, operands: &[Operand]) {
        let array = self.value_of(&operands[2]);
        let word = self.cx.types.word_of(&self.cx.builder, array);
        self.set_element_to(&operands[0], &operands[1], &[word]);
    }

    fn wake(&mut self, operands: &[Operand]) {
        let waiter = self.pointer_of(&operands[0]);
        let outcome = self.value_of(&operands[1]);
        let outcome = self.cx.types.word_of(&self.cx.builder, outcome);
        let worker = self.cx.current_worker().into();
        self.cx.builder.call(self.cx.fast_paths.wake, &[worker, waiter.into(), outcome], "");
    }

    /// Waits until all threads of the innermost scope have ended, and closes the scope.
    fn leave_scope(&mut self) {
        let [waits, after] = ["waits", "after"].map(|name| self.block(name));
        let list = self.cx.run(RuntimeFunction::ScopeList, &[]);
        let list = list.expect("BUG: a scope has no list").into_pointer_value();
        let is_done = self.cx.builder.is_null(list);
        self.cx.builder.branch(is_done, after, waits);
        self.cx.builder.at_end(waits);
        self.wait_in(list, self.cx.types.int(0).into(), Mailbox::Takes(0), &[]);
        self.cx.builder.jump(after);
        self.cx.builder.at_end(after);
        let site = self.site().into();
        self.cx.run(RuntimeFunction::ScopeClose, &[site]);
    }

    fn is_true(&self, word: BasicValueEnum<'ctx>) -> BasicValueEnum<'ctx> {
        self.cx.types.value_in(&self.cx.builder, word, self.cx.types.bool.into())
    }

    /// An atomic operation on the first element of an array.
    pub(in crate::codegen) fn atomic(&mut self, op: AtomicOp, operands: &[Operand]) -> BasicValueEnum<'ctx> {
        let array = self.pointer_of(&operands[0]);
        let place = self.cx.offset(array, size_of::<ArrayObject>(), "number");
        let operands: Values<'ctx> = operands[1..].iter().map(|operand| self.value_of(operand)).collect();
        let builder = &self.cx.builder;
        let change = |op| builder.change_atomic(op, place, operands[0].into_int_value()).into();
        match op {
            AtomicOp::Get => {
                builder.load_atomic(self.cx.types.word, place, AtomicOrdering::SequentiallyConsistent).into()
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
