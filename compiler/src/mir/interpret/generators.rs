//! Generators: each keeps the frame of its body while it does not run.
//!
//! ```text
//!   main: next(g)     g: yield from h     h: yield 3      `h` and `g` are suspended, and `main` receives 3
//!   main: next(g)     g: yield from h     h: return       `h` has ended, and `g` continues
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use weft_abi::PanicKind;
use weft_abi::library::{NONE, SOME};

use super::execute::{finish_statement, panics};
use super::interpreter::Interpreter;
use super::thread::{Stop, Thread};
use super::value::{Generator, GeneratorState, Suspended, Value};
use crate::arena::Id;
use crate::mir::{BlockId, FunctionId, GeneratorOp, Operand, Rvalue, Statement};

impl<'a> Interpreter<'a> {
    /// Executes an operation on a generator.
    pub(super) fn generator(
        &mut self,
        thread: &mut Thread,
        op: GeneratorOp,
        operands: &[Operand],
    ) -> Result<(), Stop> {
        let mut operands = self.all(thread, operands);
        match op {
            GeneratorOp::New(body) => {
                let generator = new_generator(body, operands);
                finish_statement(thread, self.current(thread), generator);
                return Ok(());
            }
            GeneratorOp::Next(_) | GeneratorOp::YieldFrom => {
                self.resume_generator(thread, operands[0].as_generator(), false)?;
            }
            GeneratorOp::Close(_) => self.resume_generator(thread, operands[0].as_generator(), true)?,
            GeneratorOp::Yield => self.give(thread, operands.remove(0)),
        }
        self.check_stack(thread)
    }

    /// Makes the thread continue the body of a generator. The current statement of the thread finishes when the body
    /// gives an element or ends.
    fn resume_generator(
        &self,
        thread: &mut Thread,
        generator: &Rc<Generator>,
        closes: bool,
    ) -> Result<(), Stop> {
        match generator.state.replace(GeneratorState::Running) {
            GeneratorState::Running => return Err(panics(PanicKind::GeneratorRuns)),
            GeneratorState::Suspended(state) if state.begun || !closes => {
                let begun = state.begun;
                thread.resume(self.program, generator, state, closes);
                if begun {
                    return self.continue_body(thread, closes);
                }
            }
            GeneratorState::Suspended(_) | GeneratorState::Ended => {
                generator.state.replace(GeneratorState::Ended);
                self.receive(thread, None);
            }
        }
        Ok(())
    }

    /// Continues the body of a generator in the statement that gave the last element.
    fn continue_body(&self, thread: &mut Thread, closes: bool) -> Result<(), Stop> {
        let statement = self.current(thread);
        if let Rvalue::Generator(GeneratorOp::YieldFrom, operands) = &statement.value {
            let other = thread.read(&self.literals, &operands[0]);
            return self.resume_generator(thread, other.as_generator(), closes);
        }
        self.finish_yield(thread);
        Ok(())
    }

    /// Finishes a `yield` of an element in the innermost frame, in which the body of a generator runs.
    fn finish_yield(&self, thread: &mut Thread) {
        let statement = self.current(thread);
        let closes = thread.resumed().expect("BUG: an element is given outside of a generator").closes;
        match statement.destination {
            None if closes => self.end_generator(thread),
            _ => finish_statement(thread, statement, Value::Bool(closes)),
        }
    }

    /// Gives an element to the frame below, and suspends the generator of the innermost frame.
    fn give(&self, thread: &mut Thread, element: Value) {
        thread.suspend();
        self.receive(thread, Some(element));
    }

    /// Ends the generator whose body runs in the innermost frame.
    pub(super) fn end_generator(&self, thread: &mut Thread) {
        let resumed = thread.stack.generators.pop().expect("BUG: no generator ends");
        resumed.generator.state.replace(GeneratorState::Ended);
        thread.leave();
        self.receive(thread, None);
    }

    /// Finishes the current statement, which resumed a generator. `element` is the element that the generator gave, or
    /// `None` if the generator has ended.
    fn receive(&self, thread: &mut Thread, element: Option<Value>) {
        let statement = self.current(thread);
        let Rvalue::Generator(op, _) = &statement.value else { panic!("BUG: no generator was resumed") };
        match (op, element) {
            (GeneratorOp::YieldFrom, Some(element)) => self.give(thread, element),
            (GeneratorOp::YieldFrom, None) => self.finish_yield(thread),
            (GeneratorOp::Next(_), Some(element)) => {
                finish_statement(thread, statement, Value::data(SOME, vec![element]));
            }
            (GeneratorOp::Next(_), None) => {
                finish_statement(thread, statement, Value::data(NONE, Vec::new()))
            }
            _ => finish_statement(thread, statement, Value::Unit),
        }
    }

    /// The statement that the innermost frame executes.
    fn current(&self, thread: &Thread) -> &'a Statement {
        let frame = thread.frame();
        &self.program.functions[frame.function].blocks[frame.block].statements[frame.statement as usize]
    }
}

/// A generator whose body has not begun.
fn new_generator(body: FunctionId, arguments: Vec<Value>) -> Value {
    let state = Suspended { block: BlockId::new(0), statement: 0, locals: arguments, begun: false };
    let state = RefCell::new(GeneratorState::Suspended(state));
    Value::Generator(Rc::new(Generator { body, state }))
}
