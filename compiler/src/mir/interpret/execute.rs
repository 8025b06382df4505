//! The instructions of one thread.

use std::rc::Rc;

use weft_abi::PanicKind;

use super::arithmetic;
use super::schedule::{Interpreter, Stop};
use super::thread::Thread;
use super::value::{TaskState, Value};
use crate::mir::{FunctionId, Operand, Program, Rvalue, Statement, TerminatorKind};

impl<'a> Interpreter<'a> {
    /// Runs a thread until something else must happen.
    pub(super) fn run_thread(&mut self, thread: &mut Thread) -> Stop {
        loop {
            if self.steps_left == 0 {
                return Stop::OutOfSteps;
            }
            self.steps_left -= 1;
            if let Err(stop) = self.step(thread) {
                return stop;
            }
        }
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
        if let Rvalue::Call(callee, arguments) = &statement.value {
            // The statement is finished by the return.
            thread.call(self.program, &self.literals, *callee, arguments);
            return self.check_stack(thread);
        }
        let value = self.value(thread, statement)?;
        finish_statement(thread, statement, value);
        if statement.value == Rvalue::Yield { Err(Stop::Yields) } else { Ok(()) }
    }

    fn value(&mut self, thread: &Thread, statement: &Statement) -> Result<Value, Stop> {
        let read = |operand| thread.read(&self.literals, operand);
        Ok(match &statement.value {
            Rvalue::Use(operand) => read(operand),
            Rvalue::Unary(op, operand) => arithmetic::unary(*op, &read(operand)).map_err(panics)?,
            Rvalue::Binary(op, left, right) => {
                arithmetic::binary(*op, &read(left), &read(right)).map_err(panics)?
            }
            Rvalue::Call(..) => panic!("BUG: a call has its value when it returns"),
            Rvalue::Runtime(function, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(read).collect();
                self.runtime_call(*function, &arguments)?
            }
            Rvalue::Index(array, index) => element(read(array).as_array(), read(index).as_int())?,
            Rvalue::Length(operand) => Value::Int(length(&read(operand)) as i64),
            Rvalue::Spawn(callee, arguments) => {
                let arguments = arguments.iter().map(read).collect();
                Value::Task(self.spawn(*callee, arguments, Some(statement.span)))
            }
            Rvalue::Join(task) => join(&read(task))?,
            Rvalue::IsDone(task) => {
                Value::Bool(!matches!(*read(task).as_task().state.borrow(), TaskState::Alive))
            }
            Rvalue::TaskId(task) => Value::Int(read(task).as_task().number as i64),
            Rvalue::Yield => Value::Unit,
        })
    }

    fn terminator(&mut self, thread: &mut Thread, kind: &TerminatorKind) -> Result<(), Stop> {
        match kind {
            TerminatorKind::Goto(target) => thread.jump(*target),
            TerminatorKind::Branch { condition, then_block, else_block } => {
                let holds = thread.read(&self.literals, condition).as_bool();
                thread.jump(if holds { *then_block } else { *else_block });
            }
            TerminatorKind::Return(value) => {
                let value = thread.read(&self.literals, value);
                return self.return_value(thread, value);
            }
            TerminatorKind::TailCall(callee, arguments) => return self.tail_call(thread, *callee, arguments),
            TerminatorKind::Panic(kind) => return Err(panics(*kind)),
            TerminatorKind::Diverge(function, arguments) => {
                let arguments: Vec<Value> =
                    arguments.iter().map(|argument| thread.read(&self.literals, argument)).collect();
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

    fn return_value(&self, thread: &mut Thread, value: Value) -> Result<(), Stop> {
        if !thread.leave() {
            return Err(Stop::Returns(value));
        }
        let caller = thread.frame();
        let block = &self.program.functions[caller.function].blocks[caller.block];
        finish_statement(thread, &block.statements[caller.statement as usize], value);
        Ok(())
    }

    fn tail_call(&self, thread: &mut Thread, callee: FunctionId, arguments: &[Operand]) -> Result<(), Stop> {
        thread.tail_call(self.program, &self.literals, callee, arguments);
        self.check_stack(thread)
    }

    fn check_stack(&self, thread: &Thread) -> Result<(), Stop> {
        let max = self.stack_max;
        if thread.size() <= max {
            return Ok(());
        }
        Err(Stop::Panics(format!("the stack is exhausted: it may take {max} bytes (WEFT_STACK_MAX)")))
    }
}

fn finish_statement(thread: &mut Thread, statement: &Statement, value: Value) {
    if let Some(destination) = statement.destination {
        thread.set(destination, value);
    }
    thread.advance();
}

fn panics(kind: PanicKind) -> Stop {
    Stop::Panics(kind.message().to_owned())
}

fn element(array: &[Value], index: i64) -> Result<Value, Stop> {
    let element = usize::try_from(index).ok().and_then(|index| array.get(index));
    element
        .cloned()
        .ok_or_else(|| Stop::Panics(format!("index {index} is out of bounds: the length is {}", array.len())))
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Unit | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Array(_) | Value::Task(_) => {
            value.as_array().len()
        }
    }
}

/// The task's result. A thread that must wait for it runs the same statement again when it is woken.
fn join(task: &Value) -> Result<Value, Stop> {
    let task = task.as_task();
    match &*task.state.borrow() {
        TaskState::Done(value) => Ok(value.clone()),
        TaskState::Panicked(cause) => {
            Err(Stop::Panics(format!("the joined green thread {} panicked: {cause}", task.number)))
        }
        TaskState::Alive => Err(Stop::Waits(Rc::clone(task))),
    }
}
