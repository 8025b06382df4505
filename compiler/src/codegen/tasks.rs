//! Yield, join and what else concerns green threads.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use weft_abi::{RuntimeFunction, Task, TaskState};

use crate::codegen::builder::{self, Builder};
use crate::codegen::functions::Body;
use crate::codegen::generator::Generator;
use crate::mir::Operand;
use crate::types::{Type, TypeId};

impl<'ctx> Generator<'ctx, '_> {
    /// The two halves of a `Switch`, `save_at` and `load_at`. In the C calling convention they may be integers.
    pub(super) fn ends(
        &self,
        builder: &Builder<'ctx>,
        switch: BasicValueEnum<'ctx>,
    ) -> [BasicValueEnum<'ctx>; 2] {
        [(0, "save_at"), (1, "load_at")].map(|(index, name)| match builder.extract(switch, index, name) {
            BasicValueEnum::IntValue(address) => builder.int_to_pointer(address).into(),
            half => half,
        })
    }
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// `yield`
    pub(super) fn yield_now(&mut self) {
        let g = &*self.g;
        let worker = g.current_worker(&g.builder);
        let switch = builder::result(g.builder.call(g.hot.yield_now, &[worker], "switch"));
        let ends = g.ends(&g.builder, switch.expect("BUG: a yield gives no switch"));
        g.builder.call(g.switches.swap, &ends, "");
    }

    /// `task.join()`: waits while the task is alive, then takes its result or panics with its panic.
    pub(super) fn join(&mut self, task: &Operand) -> Option<BasicValueEnum<'ctx>> {
        let result = self.result_type(task);
        let task = self.task(task);
        let [waits, ended, done, panicked] =
            ["waits", "ended", "done", "panicked"].map(|name| self.block(name));
        let is_alive = self.has_state(task, TaskState::Alive);
        self.g.builder.branch(is_alive, waits, ended);

        self.g.builder.at_end(waits);
        self.wait_for(task);
        self.g.builder.jump(ended);

        self.g.builder.at_end(ended);
        let is_done = self.has_state(task, TaskState::Done);
        self.g.builder.branch(is_done, done, panicked);

        self.g.builder.at_end(panicked);
        self.panic_with(RuntimeFunction::PanicJoin, &[task.into()]);

        self.g.builder.at_end(done);
        let ty = self.g.types.value(&self.g.input.program.types, result)?;
        let word = self.field(task, offset_of!(Task, result), "result");
        Some(self.g.types.load_word(&self.g.builder, word, ty))
    }

    /// Suspends the running thread until `task`, which is alive, has ended. Those who wait for the same task form a
    /// list through their mailbox words: this thread becomes its head, with the former head in its mailbox.
    fn wait_for(&mut self, task: PointerValue<'ctx>) {
        let waiter = self.field(task, offset_of!(Task, waiter), "waiter");
        let g = &*self.g;
        let behind = g.builder.load(g.types.word, waiter, "behind");
        let worker = g.current_worker(&g.builder);
        let switch = builder::result(g.builder.call(g.hot.park, &[worker, task.into()], "switch"));
        let [save_at, load_at] = g.ends(&g.builder, switch.expect("BUG: a wait gives no switch"));
        // What the mailbox holds now is for operations that are handed a value.
        g.builder.call(g.switches.park, &[save_at, load_at, behind], "");
    }

    /// `task.is_done()`
    pub(super) fn is_done(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.task(task);
        let is_alive = self.has_state(task, TaskState::Alive);
        self.g.builder.not(is_alive).into()
    }

    /// `task.id()`
    pub(super) fn task_id(&mut self, task: &Operand) -> BasicValueEnum<'ctx> {
        let task = self.task(task);
        let number = self.field(task, offset_of!(Task, number), "number");
        self.g.builder.load(self.g.types.word, number, "")
    }

    fn task(&mut self, task: &Operand) -> PointerValue<'ctx> {
        self.value_of(task).into_pointer_value()
    }

    fn has_state(&mut self, task: PointerValue<'ctx>, expected: TaskState) -> IntValue<'ctx> {
        let state = self.field(task, offset_of!(Task, state), "state");
        let (builder, i32) = (&self.g.builder, self.g.types.i32);
        let state = builder.load(i32, state, "").into_int_value();
        builder.compare(IntPredicate::EQ, state, i32.const_int(expected as u64, false))
    }

    fn result_type(&self, task: &Operand) -> TypeId {
        let Operand::Local(local) = task else { panic!("BUG: {task:?} is no task") };
        let ty = self.function.locals[*local].ty;
        match self.g.input.program.types.get(ty) {
            Type::Task(result) => *result,
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::String
            | Type::Array(_)
            | Type::Never => panic!("BUG: join of what is no task"),
        }
    }
}
