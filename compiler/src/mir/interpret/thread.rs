//! Green threads and their frames.

use std::rc::Rc;
use std::sync::Arc;

use weft_abi::ParkReason;

use super::dropping::drop_all;
use super::value::{
    Continuation, Frame, Generator, GeneratorState, List, Resumed, Stack, Suspended, Task, Value, WaitState,
    Waiter,
};
use super::waiting::{Scope, Wait};
use crate::arena::Id;
use crate::mir::{BlockId, CleanupOp, Function, FunctionId, LocalId, Operand, Program};
use crate::source::Span;

/// A green thread that has not ended.
pub(super) struct Thread {
    pub(super) task: Rc<Task>,
    /// The running stack.
    pub(super) stack: Stack,
    /// The continuations that run, the innermost last.
    pub(super) levels: Vec<Level>,
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
    /// Whether the thread ran in a symmetric continuation when it began to unwind.
    pub(super) has_unwound_swaps: bool,
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

/// A continuation that runs on top of a thread.
pub(super) struct Level {
    pub(super) continuation: Rc<Continuation>,
    /// The stack that resumed the continuation.
    pub(super) resumer: Stack,
    /// The number of cleanups that belong to stacks further out.
    pub(super) cleanups: usize,
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
            stack: Stack { locals: arguments, ..Stack::default() },
            levels: Vec::new(),
            waits: Waits::Pause(ParkReason::Select),
            resume: None,
            locks: 0,
            arms: Vec::new(),
            member_of: None,
            cleanups: Vec::new(),
            shield: 0,
            ending: None,
            unwinds: false,
            has_unwound_swaps: false,
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
        self.take_cleanup(place);
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
                self.take_cleanup(place);
            }
            CleanupOp::Shield => self.shield += 1,
            CleanupOp::Unshield => self.shield -= 1,
        }
        Value::Unit
    }

    /// Takes the innermost deferred block out of the chain of cleanups.
    pub(super) fn take_deferred(&mut self) -> Value {
        let is_deferred = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Deferred(_));
        let place = self.cleanups.iter().rposition(is_deferred);
        match place.map(|place| self.take_cleanup(place)) {
            Some(Cleanup::Deferred(deferred)) => deferred,
            _ => panic!("BUG: a deferred block of a continuation is gone"),
        }
    }

    /// Calls a deferred block. The thread never returns to its current statement, so its frames are dropped.
    pub(super) fn call_deferred(&mut self, program: &Program, deferred: &Value) {
        let object = deferred.as_function();
        self.end_generators();
        self.stack.frames.clear();
        self.stack.locals.clone_from(&object.parts.borrow());
        self.resume = None;
        self.enter(program, FunctionId::new(object.number as usize), 0);
    }

    /// Removes a mutex from the chain of cleanups; returns whether the thread held it.
    pub(super) fn lets_go(&mut self, mutex: &Rc<List>) -> bool {
        let is_it = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Mutex(held) if Rc::ptr_eq(held, mutex));
        let place = self.cleanups.iter().rposition(is_it);
        place.is_some_and(|place| {
            self.take_cleanup(place);
            true
        })
    }

    /// The place of a mutex that the thread holds, as a number. The lower half is the index of the mutex in the chain
    /// of cleanups. The upper half is the number of running continuations that began before the mutex was locked.
    pub(super) fn cleanup_place(&self, mutex: &Rc<List>) -> i64 {
        let is_it = |cleanup: &Cleanup| matches!(cleanup, Cleanup::Mutex(held) if Rc::ptr_eq(held, mutex));
        let place = self.cleanups.iter().rposition(is_it).expect("BUG: a thread does not hold the mutex");
        let outer = self.levels.iter().filter(|level| level.cleanups <= place).count();
        place as i64 | (outer as i64) << 32
    }

    /// Moves a held mutex within the chain of cleanups to a place that [`Thread::cleanup_place`] returned.
    pub(super) fn put_cleanup(&mut self, mutex: &Rc<List>, place: i64) {
        let cleanup = self.take_cleanup(self.cleanup_place(mutex) as u32 as usize);
        self.cleanups.insert(place as u32 as usize, cleanup);
        for level in &mut self.levels[(place >> 32) as usize..] {
            level.cleanups += 1;
        }
    }

    /// Whether the thread has deferred blocks that have not run.
    pub(super) fn has_deferred(&self) -> bool {
        self.cleanups.iter().any(|cleanup| matches!(cleanup, Cleanup::Deferred(_)))
    }

    /// Whether a cancellation takes effect when the thread waits or yields.
    pub(super) fn is_to_end(&self) -> bool {
        self.task.is_cancelled.get() && self.shield == 0 && self.ending.is_none()
    }

    /// Ends the wait of a thread that is to end. Returns whether the thread still waited; if not, a waker was faster.
    /// If the thread waited at a barrier, the barrier no longer counts it.
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
        *self.stack.frames.last().expect("BUG: a thread without frames runs")
    }

    /// All calls, the innermost first, on the running stack and then on the stacks further out.
    pub(super) fn frames(&self) -> impl ExactSizeIterator<Item = &Frame> {
        let outer = self.levels.iter().rev().flat_map(|level| level.resumer.frames.iter().rev());
        self.stack.frames.iter().rev().chain(outer).collect::<Vec<_>>().into_iter()
    }

    /// Enters the stack of a continuation.
    pub(super) fn push_level(&mut self, continuation: Rc<Continuation>, stack: Stack) {
        let resumer = std::mem::replace(&mut self.stack, stack);
        let cleanups = self.cleanups.len();
        self.cleanups.extend(self.stack.deferred.drain(..).map(Cleanup::Deferred));
        self.levels.push(Level { continuation, resumer, cleanups });
    }

    /// Leaves the stack of the innermost continuation; returns the continuation and its stack. The cleanups of the
    /// stack are deferred blocks.
    pub(super) fn pop_level(&mut self) -> (Rc<Continuation>, Stack) {
        let Level { continuation, resumer, cleanups } =
            self.levels.pop().expect("BUG: a thread runs in no continuation");
        let mut stack = std::mem::replace(&mut self.stack, resumer);
        stack.deferred.extend(self.cleanups.drain(cleanups..).map(|cleanup| match cleanup {
            Cleanup::Deferred(deferred) => deferred,
            Cleanup::Mutex(_) | Cleanup::Scope(_) => panic!("BUG: a continuation leaves an obligation"),
        }));
        (continuation, stack)
    }

    /// Ends the continuations of a thread that unwinds: their cleanups remain, as cleanups of the thread.
    pub(super) fn drop_levels(&mut self) {
        self.has_unwound_swaps |= self.levels.iter().any(|level| level.continuation.is_symmetric);
        for mut level in self.levels.drain(..) {
            level.continuation.unwinds.set(true);
            level.resumer.end_generators();
        }
    }

    /// Calls `function` on an empty stack. `arguments` are the function's captures, followed by its other arguments.
    pub(super) fn begin(&mut self, program: &Program, function: FunctionId, arguments: Vec<Value>) {
        self.stack.locals = arguments;
        self.enter(program, function, 0);
    }

    /// Takes a cleanup out of the chain.
    fn take_cleanup(&mut self, place: usize) -> Cleanup {
        for level in &mut self.levels {
            level.cleanups -= usize::from(level.cleanups > place);
        }
        self.cleanups.remove(place)
    }

    /// The size of the frames of the running stack, in bytes.
    pub(super) fn size(&self) -> usize {
        self.stack.frames.len() * size_of::<Frame>() + self.stack.locals.len() * size_of::<Value>()
    }

    pub(super) fn get(&self, local: LocalId) -> &Value {
        &self.stack.locals[self.frame().base + local.raw()]
    }

    pub(super) fn set(&mut self, local: LocalId, value: Value) {
        let base = self.frame().base;
        self.stack.locals[base + local.raw()] = value;
    }

    /// The value of an operand.
    pub(super) fn read(&self, literals: &Literals, operand: &Operand) -> Value {
        match operand {
            Operand::Local(local) => self.get(*local).clone(),
            Operand::Unit => Value::Unit,
            Operand::Bool(value) => Value::Bool(*value),
            Operand::Int(value) => Value::Int(*value),
            Operand::Float(value) => Value::Float(*value),
            Operand::Char(value) => Value::Char(*value),
            Operand::Byte(value) => Value::Byte(*value),
            Operand::String(literal) => Value::String(Rc::clone(&literals.strings[literal.raw()])),
            Operand::Bytes(literal) => literals.bytes[literal.raw()].clone(),
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
        let base = self.stack.locals.len();
        self.stack.locals.extend_from_slice(captures);
        for argument in arguments {
            let value = self.read(literals, argument);
            self.stack.locals.push(value);
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
        self.stack.frames.pop();
        self.stack.locals.truncate(base);
        self.stack.locals.extend(arguments);
        self.enter(program, function, base);
    }

    /// Ends the innermost call; returns whether a caller is left.
    pub(super) fn leave(&mut self) -> bool {
        let frame = self.stack.frames.pop().expect("BUG: a thread without frames returns");
        self.stack.locals.truncate(frame.base);
        !self.stack.frames.is_empty()
    }

    /// Ends the generators whose bodies the thread runs, because their frames are dropped.
    pub(super) fn end_generators(&mut self) {
        self.stack.end_generators();
    }

    /// The generator whose body runs in the innermost frame; `None` if that frame is an ordinary call.
    pub(super) fn resumed(&self) -> Option<&Resumed> {
        self.stack.generators.last().filter(|resumed| resumed.depth == self.stack.frames.len())
    }

    /// Continues the body of a generator in a new frame.
    pub(super) fn resume(
        &mut self,
        program: &Program,
        generator: &Rc<Generator>,
        state: Suspended,
        closes: bool,
    ) {
        let base = self.stack.locals.len();
        self.stack.locals.extend(state.locals);
        self.enter(program, generator.body, base);
        *self.top() = Frame { block: state.block, statement: state.statement, ..self.frame() };
        let (generator, depth) = (Rc::clone(generator), self.stack.frames.len());
        self.stack.generators.push(Resumed { generator, depth, closes });
    }

    /// Removes the innermost frame, in which the body of a generator runs; the generator can be resumed later.
    pub(super) fn suspend(&mut self) {
        let resumed = self.stack.generators.pop().expect("BUG: an element is given outside of a generator");
        let frame = self.frame();
        let locals = self.stack.locals.split_off(frame.base);
        self.stack.frames.pop();
        let state = Suspended { block: frame.block, statement: frame.statement, locals, begun: true };
        resumed.generator.state.replace(GeneratorState::Suspended(state));
    }

    /// Enters `function`, whose arguments are in `locals` from `base` on.
    fn enter(&mut self, program: &Program, function: FunctionId, base: usize) {
        self.stack.locals.resize(base + program.functions[function].locals.len(), Value::Unit);
        self.stack.frames.push(Frame { function, block: BlockId::new(0), statement: 0, base });
    }

    fn top(&mut self) -> &mut Frame {
        self.stack.frames.last_mut().expect("BUG: a thread without frames runs")
    }
}

impl Stack {
    /// Ends the generators whose bodies run on the stack, because its frames are dropped.
    pub(super) fn end_generators(&mut self) {
        for resumed in self.generators.drain(..) {
            drop_all(resumed.generator.take_locals());
        }
    }
}

/// The program's literals that are objects, indexed by id.
pub(super) struct Literals {
    /// The strings.
    strings: Vec<Rc<String>>,
    /// The arrays of the byte strings.
    bytes: Vec<Value>,
}

impl Literals {
    pub(super) fn new(program: &Program) -> Literals {
        let array = |bytes: &Arc<[u8]>| Value::array(bytes.iter().map(|&byte| Value::Byte(byte)).collect());
        Literals {
            strings: program.strings.iter().map(|text| Rc::new(text.clone())).collect(),
            bytes: program.bytes.iter().map(array).collect(),
        }
    }
}

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
