//! Green threads and their frames.

use std::rc::Rc;

use weft_abi::ParkReason;

use super::value::{Generator, GeneratorState, List, Suspended, Task, Value, WaitState, Waiter, drop_all};
use super::waiting::{Scope, Wait};
use crate::arena::Id;
use crate::mir::{BlockId, CleanupOp, Function, FunctionId, LocalId, Operand, Program};
use crate::source::Span;

/// A green thread that has not ended. The locals of all its frames are in one vector, the innermost frame's last.
pub(super) struct Thread {
    pub(super) task: Rc<Task>,
    frames: Vec<Frame>,
    locals: Vec<Value>,
    /// The thread's last wait; its current wait if the thread is waiting.
    pub(super) waits: Waits,
    /// The value with which the current statement finishes when the thread runs again; `None` if the statement is then
    /// executed from its start.
    pub(super) resume: Option<Value>,
    /// The number of lists that the thread has locked. A thread that has locked a list stops only to wait.
    pub(super) locks: usize,
    /// The arms of the thread's `select`.
    pub(super) arms: Vec<Rc<Waiter>>,
    /// The scope that waits for the end of this thread.
    pub(super) member_of: Option<Rc<Scope>>,
    /// The chain of cleanups, the innermost last.
    pub(super) cleanups: Vec<Cleanup>,
    /// The depth of shields; cancellation takes effect only at 0.
    pub(super) shield: usize,
    /// The reason for which the thread ends; `None` until the thread unwinds.
    pub(super) ending: Option<Ending>,
    /// Whether the thread's next cleanup is due.
    pub(super) unwinds: bool,
    /// The generators whose bodies the thread runs, the innermost last.
    pub(super) generators: Vec<Resumed>,
}

/// A generator whose body a thread runs.
pub(super) struct Resumed {
    pub(super) generator: Rc<Generator>,
    /// The number of frames of the thread, up to the frame of the body.
    pub(super) depth: usize,
    /// Whether the generator is being closed.
    pub(super) closes: bool,
}

/// The two forms of waiting.
pub(super) enum Waits {
    /// A wait in a single list.
    InList(Rc<Waiter>),
    /// A multi-wait, or a wait for a point in time.
    Pause(ParkReason),
}

/// A cleanup: work to do when the thread unwinds.
pub(super) enum Cleanup {
    /// Releases a mutex that the thread holds.
    Mutex(Rc<List>),
    /// Closes a scope that the thread has opened.
    Scope(Rc<Scope>),
    /// Runs a deferred block, a function value.
    Deferred(Value),
}

/// The reason for which a thread ends before its first function returns.
#[derive(Clone)]
pub(super) struct Ending {
    /// The message that the thread's result contains.
    pub(super) message: Rc<String>,
    /// Whether the thread panicked; otherwise it was cancelled.
    pub(super) is_panic: bool,
}

/// The reasons for which a thread stops running.
pub(super) enum Stop {
    /// The thread yields: it goes to the tail of the run queue.
    Yields,
    /// The time slice is over: the thread goes to the tail of the run queue, too.
    IsPreempted,
    /// The thread begins to wait in a list.
    Waits(Wait),
    /// The thread begins a multi-wait.
    Pauses,
    /// The thread's first function returned.
    Returns(Value),
    /// The thread panicked with this message, at its current statement.
    Panics(String),
    /// The thread ends, and its next cleanup is due.
    Unwinds,
    /// The thread needs an operation that only compiled programs can do.
    Unsupported(String),
    /// The thread ends the process with this status.
    Exits(i64),
    /// The run has reached its step limit.
    OutOfSteps,
}

/// The frame of a call.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) function: FunctionId,
    pub(super) block: BlockId,
    /// The index of the next statement, or of the statement that called the next frame's function; the terminator comes
    /// after all statements.
    pub(super) statement: u32,
    /// The index of the frame's first local.
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
        let mut thread = Thread {
            task,
            frames: Vec::new(),
            locals: arguments,
            waits: Waits::Pause(ParkReason::Select),
            resume: None,
            locks: 0,
            arms: Vec::new(),
            member_of: None,
            cleanups: Vec::new(),
            shield: 0,
            ending: None,
            unwinds: false,
            generators: Vec::new(),
        };
        thread.enter(program, function, 0);
        thread
    }

    /// The innermost open scope of the thread.
    pub(super) fn scope(&self) -> Option<Rc<Scope>> {
        self.cleanups.iter().rev().find_map(|cleanup| match cleanup {
            Cleanup::Scope(scope) => Some(Rc::clone(scope)),
            Cleanup::Mutex(_) | Cleanup::Deferred(_) => None,
        })
    }

    /// Begins a multi-wait.
    pub(super) fn begin_pause(&mut self, pause: ParkReason) {
        self.arms.clear();
        self.waits = Waits::Pause(pause);
        self.task.pauses.update(|pauses| pauses + 1);
        self.task.wait_state.set(WaitState::Open);
    }

    /// Closes the innermost scope.
    pub(super) fn close_scope(&mut self) {
        let is_scope = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Scope(_));
        let place =
            self.cleanups.iter().rposition(is_scope).expect("BUG: a scope is closed that is not open");
        self.cleanups.remove(place);
    }

    /// Registers a deferred block with its captures.
    pub(super) fn register(&mut self, deferred: Value, captures: Vec<Value>) -> Value {
        deferred.as_function().parts.replace(captures);
        self.cleanups.push(Cleanup::Deferred(deferred));
        Value::Unit
    }

    /// Removes the innermost deferred block from the chain of cleanups, or raises or lowers the shield.
    pub(super) fn cleanup(&mut self, op: CleanupOp) -> Value {
        match op {
            CleanupOp::Pop => {
                let is_deferred = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Deferred(_));
                let place = self.cleanups.iter().rposition(is_deferred);
                let place = place.expect("BUG: a deferred block is taken out that is not registered");
                self.cleanups.remove(place);
            }
            CleanupOp::Shield => self.shield += 1,
            CleanupOp::Unshield => self.shield -= 1,
        }
        Value::Unit
    }

    /// Calls a deferred block. The thread never returns to its current statement, so its frames are dropped.
    pub(super) fn call_deferred(&mut self, program: &Program, deferred: &Value) {
        let object = deferred.as_function();
        self.end_generators();
        self.frames.clear();
        self.locals.clone_from(&object.parts.borrow());
        self.resume = None;
        self.enter(program, FunctionId::new(object.number as usize), 0);
    }

    /// Removes a mutex from the chain of cleanups; returns whether the thread held it.
    pub(super) fn lets_go(&mut self, mutex: &Rc<List>) -> bool {
        let is_it = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Mutex(held) if Rc::ptr_eq(held, mutex));
        let place = self.cleanups.iter().rposition(is_it);
        place.is_some_and(|place| {
            self.cleanups.remove(place);
            true
        })
    }

    /// The number of cleanups outside of a mutex that the thread holds.
    pub(super) fn cleanup_place(&self, mutex: &Rc<List>) -> usize {
        let is_it = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Mutex(held) if Rc::ptr_eq(held, mutex));
        self.cleanups.iter().rposition(is_it).expect("BUG: a thread does not hold the mutex")
    }

    /// Moves a held mutex within the chain of cleanups, so that `place` cleanups are outside of it.
    pub(super) fn put_cleanup(&mut self, mutex: &Rc<List>, place: usize) {
        let cleanup = self.cleanups.remove(self.cleanup_place(mutex));
        self.cleanups.insert(place, cleanup);
    }

    /// Whether the thread has deferred blocks that have not run.
    pub(super) fn has_deferred(&self) -> bool {
        self.cleanups.iter().any(|cleanup| matches!(cleanup, Cleanup::Deferred(_)))
    }

    /// Whether a cancellation takes effect when the thread waits or yields.
    pub(super) fn is_to_end(&self) -> bool {
        self.task.is_cancelled.get() && self.shield == 0 && self.ending.is_none()
    }

    /// Ends the wait of a thread that is to end. Returns whether the thread still waited; if not, a waker was faster. A
    /// barrier no longer counts the thread.
    pub(super) fn stop_waiting(&mut self) -> bool {
        match &self.waits {
            Waits::InList(waiter) => {
                let list = waiter.withdraw();
                list.inspect(|list| list.uncount()).is_some()
            }
            Waits::Pause(_) => {
                let is_open = self.task.wait_state.get() == WaitState::Open;
                if is_open {
                    self.task.wait_state.set(WaitState::None);
                    self.arms.drain(..).for_each(|arm| drop(arm.withdraw()));
                }
                is_open
            }
        }
    }

    /// The innermost call.
    pub(super) fn frame(&self) -> Frame {
        *self.frames.last().expect("BUG: a thread without frames runs")
    }

    /// All calls, the innermost first.
    pub(super) fn frames(&self) -> impl ExactSizeIterator<Item = &Frame> {
        self.frames.iter().rev()
    }

    /// The size of the frames, in bytes.
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

    /// The value of an operand.
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

    /// Advances to the next statement.
    pub(super) fn advance(&mut self) {
        self.top().statement += 1;
    }

    /// Jumps to the start of a block.
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

    /// Replaces the innermost call by a call of `function` with captures and arguments.
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

    /// Ends the innermost call; returns whether a caller is left.
    pub(super) fn leave(&mut self) -> bool {
        let frame = self.frames.pop().expect("BUG: a thread without frames returns");
        self.locals.truncate(frame.base);
        !self.frames.is_empty()
    }

    /// Ends the generators whose bodies the thread runs, because their frames are dropped.
    pub(super) fn end_generators(&mut self) {
        for resumed in self.generators.drain(..) {
            drop_all(resumed.generator.take_locals());
        }
    }

    /// The generator whose body the innermost frame is, if it is such a body.
    pub(super) fn resumed(&self) -> Option<&Resumed> {
        self.generators.last().filter(|resumed| resumed.depth == self.frames.len())
    }

    /// Continues the body of a generator in a new frame.
    pub(super) fn resume(
        &mut self,
        program: &Program,
        generator: &Rc<Generator>,
        state: Suspended,
        closes: bool,
    ) {
        let base = self.locals.len();
        self.locals.extend(state.locals);
        self.enter(program, generator.body, base);
        *self.top() = Frame { block: state.block, statement: state.statement, ..self.frame() };
        let (generator, depth) = (Rc::clone(generator), self.frames.len());
        self.generators.push(Resumed { generator, depth, closes });
    }

    /// Removes the innermost frame, which is the body of a generator; the generator can be resumed later.
    pub(super) fn suspend(&mut self) {
        let resumed = self.generators.pop().expect("BUG: an element is given outside of a generator");
        let frame = self.frame();
        let locals = self.locals.split_off(frame.base);
        self.frames.pop();
        let state = Suspended { block: frame.block, statement: frame.statement, locals, begun: true };
        resumed.generator.state.replace(GeneratorState::Suspended(state));
    }

    /// Enters `function`, whose arguments are in `locals` from `base` on.
    fn enter(&mut self, program: &Program, function: FunctionId, base: usize) {
        self.locals.resize(base + program.functions[function].locals.len(), Value::Unit);
        self.frames.push(Frame { function, block: BlockId::new(0), statement: 0, base });
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("BUG: a thread without frames runs")
    }
}

/// The program's string literals as values, indexed by id.
pub(super) type Literals = Vec<Rc<String>>;

impl Frame {
    /// The span of the next statement or terminator, or of the call whose callee is the next frame.
    pub(super) fn span(&self, function: &Function) -> Span {
        let block = &function.blocks[self.block];
        block
            .statements
            .get(self.statement as usize)
            .map_or(block.terminator.span, |statement| statement.span)
    }
}
