//! Green threads and their frames.

use std::rc::Rc;

use super::value::{Task, Value};
use crate::arena::Id;
use crate::mir::{BlockId, CleanupOp, Function, FunctionId, LocalId, Operand, Program};
use crate::source::Span;

/// A green thread that runs or will. The locals of all its frames lie in one vector, the innermost frame's last.
pub(super) struct Thread {
    pub(super) task: Rc<Task>,
    frames: Vec<Frame>,
    locals: Vec<Value>,
    /// The deferred blocks that are still to run, the innermost last.
    cleanups: Vec<Value>,
    /// Why it ends, while its deferred blocks run for the last time.
    unwinding: Option<String>,
}

/// A call.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) function: FunctionId,
    pub(super) block: BlockId,
    /// The statement that runs next, or that made the call which is the next frame; after the last, the way out.
    pub(super) statement: u32,
    /// Where its locals begin.
    base: usize,
}

impl Thread {
    /// A thread that is about to call `function` with `arguments`.
    pub(super) fn new(
        program: &Program,
        task: Rc<Task>,
        function: FunctionId,
        arguments: Vec<Value>,
    ) -> Thread {
        let (frames, cleanups) = (Vec::new(), Vec::new());
        let mut thread = Thread { task, frames, locals: arguments, cleanups, unwinding: None };
        thread.enter(program, function, 0);
        thread
    }

    /// The innermost call.
    pub(super) fn frame(&self) -> Frame {
        *self.frames.last().expect("BUG: a thread without frames runs")
    }

    /// All calls, the innermost first.
    pub(super) fn frames(&self) -> impl ExactSizeIterator<Item = &Frame> {
        self.frames.iter().rev()
    }

    /// What the frames take, in bytes.
    pub(super) fn size(&self) -> usize {
        self.frames.len() * size_of::<Frame>() + self.locals.len() * size_of::<Value>()
    }

    pub(super) fn get(&self, local: LocalId) -> &Value {
        &self.locals[self.frame().base + local.raw()]
    }

    pub(super) fn set(&mut self, local: LocalId, value: Value) {
        let base = self.frame().base;
        self.locals[base + local.raw()] = value;
    }

    /// The operand's value.
    pub(super) fn read(&self, program: &Literals, operand: &Operand) -> Value {
        match operand {
            Operand::Local(local) => self.get(*local).clone(),
            Operand::Unit => Value::Unit,
            Operand::Bool(value) => Value::Bool(*value),
            Operand::Int(value) => Value::Int(*value),
            Operand::Float(value) => Value::Float(*value),
            Operand::Char(value) => Value::Char(*value),
            Operand::Byte(value) => Value::Byte(*value),
            Operand::String(literal) => Value::String(Rc::clone(&program[literal.raw()])),
        }
    }

    /// To the next statement.
    pub(super) fn advance(&mut self) {
        self.top().statement += 1;
    }

    /// To the start of a block.
    pub(super) fn jump(&mut self, block: BlockId) {
        let top = self.top();
        (top.block, top.statement) = (block, 0);
    }

    /// Calls `function` with captures and arguments.
    pub(super) fn call(
        &mut self,
        program: &Program,
        literals: &Literals,
        function: FunctionId,
        captures: &[Value],
        arguments: &[Operand],
    ) {
        let base = self.locals.len();
        self.locals.extend_from_slice(captures);
        for argument in arguments {
            let value = self.read(literals, argument);
            self.locals.push(value);
        }
        self.enter(program, function, base);
    }

    /// Calls `function` with captures and arguments in place of the innermost call.
    pub(super) fn tail_call(
        &mut self,
        program: &Program,
        literals: &Literals,
        function: FunctionId,
        captures: &[Value],
        arguments: &[Operand],
    ) {
        let arguments = arguments.iter().map(|argument| self.read(literals, argument));
        let arguments: Vec<Value> = captures.iter().cloned().chain(arguments).collect();
        let base = self.frame().base;
        self.frames.pop();
        self.locals.truncate(base);
        self.locals.extend(arguments);
        self.enter(program, function, base);
    }

    /// Registers a deferred block with its captures.
    pub(super) fn register(&mut self, deferred: Value, captures: Vec<Value>) -> Value {
        deferred.as_function().parts.replace(captures);
        self.cleanups.push(deferred);
        Value::Unit
    }

    /// Does an operation on the chain of cleanups. Nothing is cancelled here, so a shield has nothing to hold off.
    pub(super) fn cleanup(&mut self, op: CleanupOp) -> Value {
        match op {
            CleanupOp::Pop => {
                self.cleanups.pop().expect("BUG: a deferred block that is not registered is taken out");
            }
            CleanupOp::Shield | CleanupOp::Unshield => {}
        }
        Value::Unit
    }

    /// The thread does not go on where it stands, because of `message`: its innermost deferred block runs next. With
    /// none left the thread ends, and this gives the first message.
    pub(super) fn unwind(&mut self, program: &Program, message: String) -> Option<String> {
        let first = self.unwinding.get_or_insert(message);
        let Some(deferred) = self.cleanups.pop() else { return Some(std::mem::take(first)) };
        let object = deferred.as_function();
        self.frames.clear();
        self.locals.clone_from(&object.parts.borrow());
        self.enter(program, FunctionId::new(object.number as usize), 0);
        None
    }

    /// Whether only its deferred blocks run.
    pub(super) fn is_unwinding(&self) -> bool {
        self.unwinding.is_some()
    }

    /// Ends the innermost call. Whether there is another.
    pub(super) fn leave(&mut self) -> bool {
        let frame = self.frames.pop().expect("BUG: a thread without frames returns");
        self.locals.truncate(frame.base);
        !self.frames.is_empty()
    }

    /// Starts a call whose arguments lie in `locals` from `base` on.
    fn enter(&mut self, program: &Program, function: FunctionId, base: usize) {
        self.locals.resize(base + program.functions[function].locals.len(), Value::Unit);
        self.frames.push(Frame { function, block: BlockId::new(0), statement: 0, base });
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("BUG: a thread without frames runs")
    }
}

/// The program's string literals as values, by the number of their id.
pub(super) type Literals = Vec<Rc<String>>;

impl Frame {
    /// What runs next, or made the call which is the next frame.
    pub(super) fn span(&self, function: &Function) -> Span {
        let block = &function.blocks[self.block];
        block
            .statements
            .get(self.statement as usize)
            .map_or(block.terminator.span, |statement| statement.span)
    }
}
