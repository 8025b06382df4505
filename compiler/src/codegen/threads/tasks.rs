//! Yielding, joining, and the other operations on tasks.

use std::mem::offset_of;

use inkwell::types::BasicType;
use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use inkwell::{AtomicOrdering, IntPredicate};
use weft_abi::{RuntimeFunction, Task, TaskState, Waiter};

use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::types::Values;
use crate::codegen::cx::way::Mailbox;
use crate::mir::Operand;
use crate::types::Type;

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Generates `yield`.
    pub(in crate::codegen) fn yield_now(&mut self) {
        let cx = &*self.cx;
        let worker = if cx.is_optimised() {
            let worker = cx.current_worker();
            cx.builder.call(cx.fast_paths.before_yield, &[worker.into()], "");
            worker
        } else {
            // This fast path has a branch, and unoptimised code stores every value that is live over a branch. A yield
            // shall store only the program's own values, so the worker is read again after the branch.
            cx.builder.call(cx.fast_paths.before_yield_unoptimised, &[cx.current_worker().into()], "");
            cx.current_worker()
        };
        let switch = cx.call(cx.fast_paths.yield_now, &[worker.into()]);
        cx.builder.call(cx.swap(), &cx.ends(switch), "");
    }

    /// Generates `task.join()`: waits while the task is alive, then loads its result, or panics if the task has
    /// panicked or was cancelled.
    pub(in crate::codegen) fn join(&mut self, task: &Operand) -> Values<'ctx> {
        let Type::Task(result) = self.shape_of(task) else { panic!("BUG: {task:?} is no task") };
        let scalars = self.cx.scalars(*result);
        let task = self.pointer_of(task);
        self.wait_while_alive(task);
        let [done, panicked] = ["done", "panicked"].map(|name| self.block(name));
        let is_done = self.has_state(task, TaskState::Done);
        self.cx.builder.branch(is_done, done, panicked);

        self.cx.builder.at_end(panicked);
        self.panic_with(RuntimeFunction::PanicJoin, &[task.into()]);

        self.cx.builder.at_end(done);
        match scalars[..] {
            [] => Vec::new(),
            [alone] => {
                let word = self.result(task, self.cx.types.word);
                vec![self.cx.types.value_in(&self.cx.builder, word, self.cx.types.scalar(alone))]
            }
            _ => {
                let object = self.result(task, self.cx.types.pointer).into_pointer_value();
                self.cx.unpack(object, &scalars)
            }
        }
    }

    /// Waits until a task has ended.
    pub(in crate::codegen) fn wait(&mut self, task: &Operand) {
        let task = self.pointer_of(task);
        self.wait_while_alive(task);
    }

    fn wait_while_alive(&mut self, task: PointerValue<'ctx>) {
        let [waits, ended] = ["waits", "ended"].map(|name| self.block(name));
        let is_alive = self.has_state(task, TaskState::Alive);
        self.cx.builder.branch(is_alive, waits, ended);
        self.cx.builder.at_end(waits);
        let joiners = self.cx.offset(task, offset_of!(Task, joiners), "joiners");
        self.lock(joiners);
        // The task may have ended on another worker before this worker acquired the lock.
        let [parks, unlocks] = ["parks", "unlocks"].map(|name| self.block(name));
        let is_alive = self.has_state(task, TaskState::Alive);
        self.cx.builder.branch(is_alive, parks, unlocks);
        self.cx.builder.at_end(unlocks);
        self.unlock(joiners);
        self.cx.builder.jump(ended);
        self.cx.builder.at_end(parks);
        self.wait_in(joiners, self.cx.types.int(0).into(), Mailbox::Takes(0), &[]);
        self.cx.builder.jump(ended);
        self.cx.builder.at_end(ended);
    }

    /// Whether the task, which has ended, has panicked or was cancelled.
    pub(in crate::codegen) fn has_panicked(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        self.has_state(task, TaskState::Panicked).into()
    }

    /// The message of a task that has panicked or was cancelled.
    pub(in crate::codegen) fn panic_message(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        let message = self.cx.run(RuntimeFunction::TaskPanicMessage, &[task.into()]);
        message.expect("BUG: a panic has no message")
    }

    /// Generates `task.is_done()`: whether the task has ended.
    pub(in crate::codegen) fn is_done(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        let is_alive = self.has_state(task, TaskState::Alive);
        self.cx.builder.not(is_alive).into()
    }

    /// Generates `task.id()`: loads the number of the task.
    pub(in crate::codegen) fn task_id(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.pointer_of(task);
        let number = self.cx.offset(task, offset_of!(Task, waiter) + offset_of!(Waiter, number), "number");
        self.cx.builder.load(self.cx.types.word, number, "")
    }

    /// Loads the word with a task's result.
    fn result(&self, task: PointerValue<'ctx>, ty: impl BasicType<'ctx>) -> BasicValueEnum<'ctx> {
        self.cx.builder.load(ty, self.cx.offset(task, offset_of!(Task, result), "result"), "")
    }

    fn has_state(&self, task: PointerValue<'ctx>, expected: TaskState) -> IntValue<'ctx> {
        let state = self.cx.offset(task, offset_of!(Task, state), "state");
        let (builder, i32) = (&self.cx.builder, self.cx.types.i32);
        // `Acquire`, so that the result is loaded after the state: another worker may just have stored both.
        let state = builder.load_atomic(i32, state, AtomicOrdering::Acquire);
        builder.compare(IntPredicate::EQ, state, i32.const_int(expected as u64, false))
    }
}
