//! The execution of one thread's statements and terminators.

use std::cell::Ref;
use std::rc::Rc;

use weft_abi::PanicKind;

use super::interpreter::Interpreter;
use super::thread::{Stop, Thread};
use super::unwind::joined;
use super::value::{Form, Task, TaskState, Value};
use super::waiting::Wait;
use super::{arithmetic, continuations, memory};
use crate::arena::Id;
use crate::mir::{ForeignId, FunctionId, Operand, Program, Rvalue, Statement, TerminatorKind};
use crate::types::TypeId;

impl<'a> Interpreter<'a> {
    /// Runs a thread until it stops.
    pub(super) fn run_thread(&mut self, thread: &mut Thread) -> Stop {
        if thread.unwinds {
            return Stop::Unwinds;
        }
        if let Some(value) = thread.resume.take() {
            self.finish_current(thread, value);
        }
        loop {
            if self.steps_left == 0 {
                return Stop::OutOfSteps;
            }
            self.steps_left -= 1;
            self.steps_of_slice = self.steps_of_slice.saturating_sub(1);
            if self.steps_of_slice == 0 && self.may_be_preempted(thread) {
                return Stop::IsPreempted;
            }
            if let Err(stop) = self.step(thread) {
                let is_locked = thread.locks > 0 && !matches!(stop, Stop::Waits(_));
                assert!(!is_locked, "BUG: a thread stops while it has locked a list");
                return stop;
            }
        }
    }

    /// Whether the thread's time slice may end here: the thread has locked no list and builds no text. All threads
    /// share one buffer for texts.
    fn may_be_preempted(&self, thread: &Thread) -> bool {
        thread.locks == 0 && self.text.is_empty()
    }

    fn step(&mut self, thread: &mut Thread) -> Result<(), Stop> {
        let program: &'a Program = self.program;
        let frame = thread.frame();
        let block = &program.functions[frame.function].blocks[frame.block];
        match block.statements.get(frame.statement as usize) {
            Some(statement) => self.statement(thread, statement),
            None => self.terminator(thread, &block.terminator.kind),
        }
    }

    fn statement(&mut self, thread: &mut Thread, statement: &Statement) -> Result<(), Stop> {
        // The statement of a call finishes when the callee returns.
        if let Rvalue::Call(callee, arguments) = &statement.value {
            thread.call(self.program, &self.literals, *callee, &[], arguments);
            return self.check_stack(thread);
        }
        if let Rvalue::CallValue(callee, arguments) = &statement.value {
            let callee = thread.read(&self.literals, callee);
            let (function, captures) = closure(&callee);
            thread.call(self.program, &self.literals, function, &captures, arguments);
            return self.check_stack(thread);
        }
        if let Rvalue::Continuation(op, _, operands) = &statement.value {
            let operands = self.all(thread, operands);
            let value = self.continuation(thread, *op, &operands)?;
            // The operation may have changed stacks: the statement that finishes is the current statement of the new
            // stack.
            value.into_iter().for_each(|value| self.finish_current(thread, value));
            return self.check_stack(thread);
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "`value` lists them all")]
        let value = match &statement.value {
            Rvalue::Waiting(op, _, operands) => {
                let operands = self.all(thread, operands);
                self.waiting(thread, *op, operands)?
            }
            Rvalue::Runtime(function, arguments) | Rvalue::Blocking(function, arguments) => {
                let arguments = self.all(thread, arguments);
                match self.thread_call(thread, *function, &arguments) {
                    Some(value) => value,
                    None => self.runtime_call(*function, &arguments)?,
                }
            }
            Rvalue::Register(_, deferred, captures) => {
                let captures = self.all(thread, captures);
                let deferred = thread.read(&self.literals, deferred);
                thread.register(deferred, captures)
            }
            Rvalue::Cleanup(op, _) => thread.cleanup(*op),
            Rvalue::Generator(op, operands) => return self.generator(thread, *op, operands),
            _ => self.value(thread, statement)?,
        };
        finish_statement(thread, statement, value);
        // A blocking function has already run here, but other threads may run before its caller continues.
        let yields = matches!(statement.value, Rvalue::Yield | Rvalue::Blocking(..));
        if yields { Err(Stop::Yields) } else { Ok(()) }
    }

    /// The values of operands.
    pub(super) fn all(&self, thread: &Thread, operands: &[Operand]) -> Vec<Value> {
        operands.iter().map(|operand| thread.read(&self.literals, operand)).collect()
    }

    fn value(&mut self, thread: &Thread, statement: &Statement) -> Result<Value, Stop> {
        let read = |operand: &Operand| thread.read(&self.literals, operand);
        let all = |operands: &[Operand]| -> Vec<Value> { operands.iter().map(read).collect() };
        Ok(match &statement.value {
            Rvalue::Use(operand) => read(operand),
            Rvalue::Unary(op, operand) => arithmetic::unary(*op, &read(operand)).map_err(panics)?,
            Rvalue::Binary(op, left, right) => {
                arithmetic::binary(*op, &read(left), &read(right)).map_err(panics)?
            }
            Rvalue::Call(..)
            | Rvalue::CallValue(..)
            | Rvalue::Continuation(..)
            | Rvalue::Waiting(..)
            | Rvalue::Runtime(..)
            | Rvalue::Register(..)
            | Rvalue::Cleanup(..)
            | Rvalue::Generator(..)
            | Rvalue::Machine(..)
            | Rvalue::Blocking(..) => panic!("BUG: {:?} is no plain value", statement.value),
            Rvalue::Foreign(foreign, _) => return Err(self.foreign_call(*foreign)),
            Rvalue::Closure(_, function, captures) => Value::function(*function, all(captures)),
            Rvalue::Undefined(_) => Value::Null,
            Rvalue::Deferred(function) => Value::function(*function, Vec::new()),
            Rvalue::Construct(_, variant, fields) => Value::data(*variant, all(fields)),
            Rvalue::Field(value, _, index) => read(value).as_data().part(*index),
            Rvalue::SetField(object, index, value) => memory::set_field(&read(object), *index, read(value)),
            Rvalue::Variant(value) => Value::Int(i64::from(read(value).as_data().number)),
            Rvalue::Same(left, right) => Value::Bool(memory::same(&read(left), &read(right))),
            Rvalue::NewCell(value) => Value::cell(read(value)),
            Rvalue::ReadCell(cell) => read(cell).as_cell().part(0),
            Rvalue::WriteCell(cell, value) => {
                read(cell).as_cell().set_part(0, read(value));
                Value::Unit
            }
            Rvalue::NewArray(_, elements) => Value::array(all(elements)),
            Rvalue::AllocateArray(ty, length) => {
                let length = read(length).as_int();
                memory::allocate_array(length, &self.zeros.of_element(*ty))?
            }
            Rvalue::Length(operand) => memory::length(&read(operand)),
            Rvalue::CheckIndex(index, length) => {
                memory::check_index(read(index).as_int(), read(length).as_int())?
            }
            Rvalue::Element(array, index) => memory::element(&read(array), read(index).as_index()),
            Rvalue::SetElement(array, index, value) => {
                memory::set_element(&read(array), read(index).as_index(), read(value))
            }
            Rvalue::CopyElements { to, at, from, start, count } => {
                let range = [at, start, count].map(|operand| read(operand).as_index());
                memory::copy_elements(&read(to), range[0], &read(from), range[1], range[2])
            }
            Rvalue::ClearElements(array, first, count) => self.clear(thread, array, [first, count]),
            Rvalue::Atomic(op, operands) => memory::atomic(*op, &read(&operands[0]), &all(&operands[1..])),
            Rvalue::Spawn(callee, arguments) => {
                let arguments = all(arguments);
                Value::Task(self.spawn(*callee, arguments, Some(statement.span), thread.scope()))
            }
            Rvalue::Join(_)
            | Rvalue::Wait(_)
            | Rvalue::IsDone(_)
            | Rvalue::HasPanicked(_)
            | Rvalue::PanicMessage(_)
            | Rvalue::TaskId(_)
            | Rvalue::Yield => of_task(&statement.value, read)?,
        })
    }

    /// The [`Stop`] of a thread that calls a C function, which the interpreter does not support.
    fn foreign_call(&self, foreign: ForeignId) -> Stop {
        Stop::Unsupported(format!("the C function {}", self.program.foreigns[foreign].symbol))
    }

    /// Fills elements with zero bits; `range` is the first index and the number of elements.
    fn clear(&mut self, thread: &Thread, array: &Operand, range: [&Operand; 2]) -> Value {
        let [first, count] = range.map(|operand| thread.read(&self.literals, operand).as_index());
        let zero = self.zeros.of_element(self.type_of(thread, array));
        memory::clear_elements(&thread.read(&self.literals, array), first, count, &zero);
        Value::Unit
    }

    /// The type of an array operand, which must be a local.
    fn type_of(&self, thread: &Thread, array: &Operand) -> TypeId {
        let Operand::Local(local) = array else { panic!("BUG: {array:?} is no array") };
        self.program.functions[thread.frame().function].locals[*local].ty
    }

    fn terminator(&mut self, thread: &mut Thread, kind: &TerminatorKind) -> Result<(), Stop> {
        let read = |operand: &Operand| thread.read(&self.literals, operand);
        match kind {
            TerminatorKind::Goto(target) => thread.jump(*target),
            TerminatorKind::Branch { condition, then_block, else_block } => {
                let holds = read(condition).as_bool();
                thread.jump(if holds { *then_block } else { *else_block });
            }
            TerminatorKind::Switch { value, targets, otherwise } => {
                let value = arithmetic::number(&read(value));
                let target = targets.iter().find(|(number, _)| *number == value);
                thread.jump(target.map_or(*otherwise, |(_, target)| *target));
            }
            TerminatorKind::Return(value) => {
                let value = read(value);
                return self.return_value(thread, value);
            }
            TerminatorKind::TailCall(callee, arguments) => {
                thread.tail_call(self.program, &self.literals, *callee, &[], arguments);
                return self.check_stack(thread);
            }
            TerminatorKind::TailCallValue(callee, arguments) => {
                let callee = read(callee);
                let (function, captures) = closure(&callee);
                thread.tail_call(self.program, &self.literals, function, &captures, arguments);
                return self.check_stack(thread);
            }
            TerminatorKind::Panic(kind) => return Err(panics(*kind)),
            TerminatorKind::Diverge(function, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(read).collect();
                self.runtime_call(*function, &arguments)?;
                panic!("BUG: {function:?} returned");
            }
            TerminatorKind::Unreachable => {
                let name = &self.program.functions[thread.frame().function].name;
                panic!("BUG: {name} reached what is unreachable in {}", thread.frame().block);
            }
        }
        Ok(())
    }

    fn return_value(&mut self, thread: &mut Thread, value: Value) -> Result<(), Stop> {
        if thread.resumed().is_some() {
            self.end_generator(thread);
            return Ok(());
        }
        let value = match thread.leave() {
            true => value,
            false if thread.levels.is_empty() => return Err(Stop::Returns(value)),
            false if thread.levels.last().is_some_and(|level| level.continuation.is_symmetric) => {
                let value = self.end_with_swap(thread, &value)?;
                value.into_iter().for_each(|value| self.finish_current(thread, value));
                return Ok(());
            }
            false => continuations::end(thread, value)?,
        };
        self.finish_current(thread, value);
        Ok(())
    }

    /// Finishes the current statement of the innermost call.
    fn finish_current(&self, thread: &mut Thread, value: Value) {
        let frame = thread.frame();
        let block = &self.program.functions[frame.function].blocks[frame.block];
        finish_statement(thread, &block.statements[frame.statement as usize], value);
    }

    pub(super) fn check_stack(&self, thread: &Thread) -> Result<(), Stop> {
        let max = self.stack_max;
        if thread.size() <= max {
            return Ok(());
        }
        Err(Stop::Panics(format!("the stack is exhausted: it may take {max} bytes (WEFT_STACK_MAX)")))
    }
}

pub(super) fn finish_statement(thread: &mut Thread, statement: &Statement, value: Value) {
    if let Some(destination) = statement.destination {
        thread.set(destination, value);
    }
    thread.advance();
}

pub(super) fn panics(kind: PanicKind) -> Stop {
    Stop::Panics(kind.message().to_owned())
}

/// The function of a function value, and the captures, which are the function's first arguments.
fn closure(value: &Value) -> (FunctionId, Ref<'_, Vec<Value>>) {
    let object = value.as_function();
    (FunctionId::new(object.number as usize), object.parts.borrow())
}

/// The [`Stop`] with which the running thread waits for the end of another thread. When the running thread is woken, it
/// executes its statement again.
fn waits_for(task: &Task) -> Stop {
    Stop::Waits(Wait { list: Rc::clone(&task.joiners), side: 0, form: Form::Again, value: None })
}

/// The result of an operation on a task, or of a yield.
#[expect(clippy::wildcard_enum_match_arm, reason = "`value` lists them all, and asks for these")]
fn of_task(value: &Rvalue, read: impl Fn(&Operand) -> Value) -> Result<Value, Stop> {
    let ended = |task: &Operand| {
        let task = Rc::clone(read(task).as_task());
        let state = task.state.borrow().clone();
        (task, state)
    };
    Ok(match value {
        Rvalue::Join(operand) => match ended(operand) {
            (_, TaskState::Done(value)) => value,
            (task, TaskState::Panicked(cause)) => return Err(joined(&task, &cause)),
            (task, TaskState::Alive) => return Err(waits_for(&task)),
        },
        Rvalue::Wait(operand) => match ended(operand) {
            (_, TaskState::Done(_) | TaskState::Panicked(_)) => Value::Unit,
            (task, TaskState::Alive) => return Err(waits_for(&task)),
        },
        Rvalue::IsDone(task) => Value::Bool(!matches!(ended(task).1, TaskState::Alive)),
        Rvalue::HasPanicked(task) => Value::Bool(matches!(ended(task).1, TaskState::Panicked(_))),
        Rvalue::PanicMessage(task) => match ended(task).1 {
            TaskState::Panicked(message) => Value::String(message),
            TaskState::Done(_) | TaskState::Alive => panic!("BUG: the message of a task that did not panic"),
        },
        Rvalue::TaskId(task) => Value::Int(read(task).as_task().number as i64),
        Rvalue::Yield => Value::Unit,
        other => panic!("BUG: {other:?} is not asked of a task"),
    })
}
