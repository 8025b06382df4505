//! Yield, join and what else is done with tasks.

use std::mem::offset_of;

use inkwell::types::BasicType;
use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use inkwell::{AtomicOrdering, IntPredicate};
use weft_abi::{RuntimeFunction, Task, TaskState, Waiter};

use crate::codegen::functions::Body;
use crate::codegen::generator::Generator;
use crate::codegen::switch::Mailbox;
use crate::codegen::types::Values;
use crate::mir::Operand;
use crate::types::Type;

impl<'ctx> Generator<'ctx, '_> {
    /// The two halves of a `Switch`, `save_at` and `load_at`. In the C calling convention they may be integers.
    pub(super) fn ends(&self, switch: BasicValueEnum<'ctx>) -> [BasicValueEnum<'ctx>; 2] {
        [(0, "save_at"), (1, "load_at")].map(|(index, name)| {
            match self.builder.extract(switch, index, name) {
                BasicValueEnum::IntValue(address) => self.builder.int_to_pointer(address).into(),
                half => half,
            }
        })
    }
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// `yield`
    pub(super) fn yield_now(&mut self) {
        let g = &*self.g;
        let worker = if g.is_optimised() {
            let worker = g.current_worker();
            g.builder.call(g.hot.before_yield, &[worker.into()], "");
            worker
        } else {
            // There is a branch in it. Without optimisation what is live over one is stored, and a yield stores no more
            // than the program's own values: so the worker is read again.
            g.builder.call(g.hot.before_yield_unoptimised, &[g.current_worker().into()], "");
            g.current_worker()
        };
        let switch = g.call(g.hot.yield_now, &[worker.into()]);
        g.builder.call(g.switches.swap, &g.ends(switch), "");
    }

    /// `task.join()`: waits while the task is alive, then takes its result or panics with its panic.
    pub(super) fn join(&mut self, task: &Operand) -> Values<'ctx> {
        let Type::Task(result) = self.shape_of(task) else { panic!("BUG: {task:?} is no task") };
        let scalars = self.g.scalars(*result);
        let task = self.pointer_of(task);
        self.wait_while_alive(task);
        let [done, panicked] = ["done", "panicked"].map(|name| self.block(name));
        let is_done = self.has_state(task, TaskState::Done);
        self.g.builder.branch(is_done, done, panicked);

        self.g.builder.at_end(panicked);
        self.panic_with(RuntimeFunction::PanicJoin, &[task.into()]);

        self.g.builder.at_end(done);
        match scalars[..] {
            [] => Vec::new(),
            [alone] => {
                let word = self.result(task, self.g.types.word);
                vec![self.g.types.value_in(&self.g.builder, word, self.g.types.scalar(alone))]
            }
            _ => {
                let object = self.result(task, self.g.types.pointer).into_pointer_value();
                self.g.unpack(object, &scalars)
            }
        }
    }

    /// Waits until a task has ended.
    pub(super) fn wait(&mut self, task: &Operand) {
        let task = self.pointer_of(task);
        self.wait_while_alive(task);
    }

    fn wait_while_alive(&mut self, task: PointerValue<'ctx>) {
        let [waits, ended] = ["waits", "ended"].map(|name| self.block(name));
        let is_alive = self.has_state(task, TaskState::Alive);
        self.g.builder.branch(is_alive, waits, ended);
        self.g.builder.at_end(waits);
        let joiners = self.g.offset(task, offset_of!(Task, joiners), "joiners");
        self.lock(joiners);
        // Another worker may have ended it before the lock was there.
        let [parks, unlocks] = ["parks", "unlocks"].map(|name| self.block(name));
        let is_alive = self.has_state(task, TaskState::Alive);
        self.g.builder.branch(is_alive, parks, unlocks);
        self.g.builder.at_end(unlocks);
        self.unlock(joiners);
        self.g.builder.jump(ended);
        self.g.builder.at_end(parks);
        self.wait_in(joiners, self.g.types.int(0).into(), Mailbox::Takes(0), &[]);
        self.g.builder.jump(ended);
        self.g.builder.at_end(ended);
    }

    /// Whether a task that has ended panicked.
    pub(super) fn has_panicked(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        self.has_state(task, TaskState::Panicked).into()
    }

    /// The message of a task that has panicked.
    pub(super) fn panic_message(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        let message = self.g.run(RuntimeFunction::TaskPanicMessage, &[task.into()]);
        message.expect("BUG: a panic has no message")
    }

    /// `task.is_done()`
    pub(super) fn is_done(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        let is_alive = self.has_state(task, TaskState::Alive);
        self.g.builder.not(is_alive).into()
    }

    /// `task.id()`
    pub(super) fn task_id(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        let number = self.g.offset(task, offset_of!(Task, waiter) + offset_of!(Waiter, number), "number");
        self.g.builder.load(self.g.types.word, number, "")
    }

    /// The word of a task's result.
    fn result(&self, task: PointerValue<'ctx>, ty: impl BasicType<'ctx>) -> BasicValueEnum<'ctx> {
        self.g.builder.load(ty, self.g.offset(task, offset_of!(Task, result), "result"), "")
    }

    fn has_state(&self, task: PointerValue<'ctx>, expected: TaskState) -> IntValue<'ctx> {
        let state = self.g.offset(task, offset_of!(Task, state), "state");
        let (builder, i32) = (&self.g.builder, self.g.types.i32);
        // Not reordered with the load of the result: another worker may just have stored both.
        let state = builder.load_atomic(i32, state, AtomicOrdering::Acquire);
        builder.compare(IntPredicate::EQ, state, i32.const_int(expected as u64, false))
    }
}
