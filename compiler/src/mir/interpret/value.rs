//! Values of the language. A value is 16 bytes, so that deep recursion takes little more memory than in compiled code.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use weft_abi::WaitKind;
use weft_abi::continuation::PLACES;

use crate::arena::Id;
use crate::define_id;
use crate::mir::{BlockId, FunctionId};
use crate::source::Span;

define_id! {
    /// The slot of a waiting thread; free again once the thread is woken.
    ThreadId "thread";
}

/// A value of any type.
#[derive(Clone)]
pub(super) enum Value {
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    Char(char),
    Byte(u8),
    String(Rc<String>),
    /// A tuple, a struct or an enum; `number` is the variant. A value that is represented by value never changes, so
    /// sharing it is equivalent to copying it.
    Data(Rc<Object>),
    Array(Rc<Object>),
    /// A cell, whose content is the only part.
    Cell(Rc<Object>),
    /// A function value: `number` is the function's id, and the parts are the captures.
    Function(Rc<Object>),
    Task(Rc<Task>),
    Generator(Rc<Generator>),
    /// A wait list; its type in MIR is an array.
    List(Rc<List>),
    /// A thread that waits in a list, or an arm of its `select`; its type in MIR is a task.
    Waiter(Rc<Waiter>),
    /// A continuation; its type in MIR is a struct.
    Continuation(Rc<Continuation>),
    /// The initial element of an array of references, or the result of a wait to which no value was handed. Programs
    /// only copy it.
    Null,
}

/// A continuation. While it is suspended, `state` holds its calls and their values.
pub(super) struct Continuation {
    /// The number of resumptions.
    pub(super) revision: Cell<u64>,
    /// The positions of the last resumptions, the latest first.
    pub(super) places: RefCell<VecDeque<Option<Span>>>,
    /// The depth of shields that the resuming thread had at the last resumption.
    pub(super) shield: Cell<usize>,
    /// Whether the continuation runs in a thread that unwinds.
    pub(super) unwinds: Cell<bool>,
    /// Whether the continuation is left by swaps. A host counts as symmetric.
    pub(super) is_symmetric: bool,
    /// The host below a symmetric continuation, once a swap has entered it.
    pub(super) host: RefCell<Option<Rc<Continuation>>>,
    pub(super) state: RefCell<State>,
}

/// The state of a continuation.
pub(super) enum State {
    /// The continuation is a host: code below symmetric continuations.
    Host,
    /// Not begun: the first resumption or swap calls this function value.
    New(Value),
    /// Suspended, with its own stack and then the stacks of the continuations that ran on top of it.
    Suspended(Vec<(Rc<Continuation>, Stack)>),
    /// Runs, or has ended.
    Taken,
    /// Was closed.
    Closed,
}

/// The calls on one stack, with their locals.
#[derive(Default)]
pub(super) struct Stack {
    pub(super) frames: Vec<Frame>,
    /// The locals of all frames, the innermost frame's last.
    pub(super) locals: Vec<Value>,
    /// While the stack is suspended: the deferred blocks that were registered on it, the innermost last.
    pub(super) deferred: Vec<Value>,
    /// The generators whose bodies the stack runs, the innermost last.
    pub(super) generators: Vec<Resumed>,
}

/// A generator whose body a thread runs.
pub(super) struct Resumed {
    pub(super) generator: Rc<Generator>,
    /// The number of frames on the stack, up to the frame of the body.
    pub(super) depth: usize,
    /// Whether the generator is being closed.
    pub(super) closes: bool,
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
    pub(super) base: usize,
}

/// A heap object: a number and parts, shared by reference.
pub(super) struct Object {
    pub(super) number: u32,
    pub(super) parts: RefCell<Vec<Value>>,
}

/// A green thread as other threads see it. A task does not own its thread: the thread's locals may contain other tasks,
/// and dropping a task would then drop a chain of tasks.
pub(super) struct Task {
    /// The thread's number; the main thread's is 1.
    pub(super) number: u64,
    /// The first function of the thread.
    pub(super) function: FunctionId,
    /// The position of the thread's `spawn`; `None` for the main thread.
    pub(super) spawned_at: Option<Span>,
    /// The thread's state.
    pub(super) state: RefCell<TaskState>,
    /// The threads that wait for this thread's end.
    pub(super) joiners: Rc<List>,
    /// The slot of the thread while it waits.
    pub(super) parked: Cell<Option<ThreadId>>,
    /// Whether the thread was cancelled, which takes effect when it next waits or yields.
    pub(super) is_cancelled: Cell<bool>,
    /// Whether the thread ended because it was cancelled.
    pub(super) was_cancelled: Cell<bool>,
    /// The number of the thread's last multi-wait.
    pub(super) pauses: Cell<u64>,
    /// The wait state of the last multi-wait.
    pub(super) wait_state: Cell<WaitState>,
}

/// A generator.
pub(super) struct Generator {
    /// The body of the `gen fn`.
    pub(super) body: FunctionId,
    pub(super) state: RefCell<GeneratorState>,
}

/// The state of a generator.
pub(super) enum GeneratorState {
    /// Not begun, or waiting after an element.
    Suspended(Suspended),
    /// Running, or waiting for a generator that it resumed.
    Running,
    Ended,
}

/// The frame of a generator that does not run.
pub(super) struct Suspended {
    pub(super) block: BlockId,
    /// The index of the statement that gave the last element; 0 in block 0 if the body has not begun.
    pub(super) statement: u32,
    pub(super) locals: Vec<Value>,
    pub(super) begun: bool,
}

/// A wait list, which the library sees as an array of numbers.
pub(super) struct List {
    /// The list's number, if the program made the list; otherwise 0.
    pub(super) number: u64,
    /// The kind of thing that the threads wait for.
    pub(super) kind: WaitKind,
    /// For a list of joiners: the number of the thread that they join.
    pub(super) joined: u64,
    /// For a mutex: the number of the thread that holds it.
    pub(super) holder: Cell<Option<u64>>,
    pub(super) is_locked: Cell<bool>,
    pub(super) sides: [RefCell<VecDeque<Rc<Waiter>>>; 2],
    /// The words of the object that the library uses; they follow the words that the runtime uses.
    pub(super) words: RefCell<Vec<Value>>,
}

/// An entry of a list.
pub(super) struct Waiter {
    /// The waiting thread.
    pub(super) task: Rc<Task>,
    pub(super) form: Form,
    /// The value that the thread offers or was handed.
    pub(super) value: RefCell<Option<Value>>,
    /// For an arm: the outcome that the waker set.
    pub(super) outcome: Cell<bool>,
    /// The list that contains the waiter, and the side.
    pub(super) place: RefCell<Option<(Rc<List>, usize)>>,
}

/// The kinds of waiters, which differ in the action of the woken thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// Checks its condition again.
    Again,
    /// Continues with the outcome.
    Outcome,
    /// Continues with the outcome and the value that it was handed.
    Value,
    /// Learns that arm `arm` of the multi-wait numbered `pause` was chosen.
    Arm { pause: u64, arm: i64 },
}

/// The state of a thread's multi-wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WaitState {
    /// The thread is in no multi-wait, or it has already taken the chosen arm.
    None,
    /// No arm was chosen yet.
    Open,
    /// A waker has taken the wait, and sets the chosen arm next.
    Taken,
    /// This arm was chosen.
    Made(i64),
}

/// The state of a green thread.
#[derive(Clone)]
pub(super) enum TaskState {
    /// Runnable, running or waiting.
    Alive,
    /// Returned with this value.
    Done(Value),
    /// Panicked with this message, or was cancelled.
    Panicked(Rc<String>),
}

impl Task {
    /// The task of a thread that has not begun.
    pub(super) fn new(number: u64, function: FunctionId, spawned_at: Option<Span>) -> Task {
        Task {
            number,
            function,
            spawned_at,
            state: RefCell::new(TaskState::Alive),
            joiners: Rc::new(List::of_joiners(number)),
            parked: Cell::new(None),
            is_cancelled: Cell::new(false),
            was_cancelled: Cell::new(false),
            pauses: Cell::new(0),
            wait_state: Cell::new(WaitState::None),
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        matches!(*self.state.borrow(), TaskState::Alive)
    }

    /// Takes the multi-wait numbered `pause` for a waker, which then sets the chosen arm. Returns whether the wait was
    /// still open.
    pub(super) fn choose(&self, pause: u64) -> bool {
        let chooses = self.pauses.get() == pause && self.wait_state.get() == WaitState::Open;
        if chooses {
            self.wait_state.set(WaitState::Taken);
        }
        chooses
    }
}

impl List {
    /// An empty list with `words` words for the library.
    pub(super) fn new(kind: WaitKind, words: usize) -> List {
        List {
            number: 0,
            kind,
            joined: 0,
            holder: Cell::new(None),
            is_locked: Cell::new(false),
            sides: Default::default(),
            words: RefCell::new(vec![Value::Int(0); words]),
        }
    }

    /// The list of the threads that wait for the end of thread `number`.
    pub(super) fn of_joiners(number: u64) -> List {
        let mut list = List::new(WaitKind::Join, 0);
        list.joined = number;
        list
    }
}

impl Value {
    pub(super) fn string(text: impl Into<String>) -> Value {
        Value::String(Rc::new(text.into()))
    }

    pub(super) fn data(variant: usize, fields: Vec<Value>) -> Value {
        Value::Data(Object::new(variant, fields))
    }

    pub(super) fn array(elements: Vec<Value>) -> Value {
        Value::Array(Object::new(0, elements))
    }

    pub(super) fn cell(value: Value) -> Value {
        Value::Cell(Object::new(0, vec![value]))
    }

    pub(super) fn function(function: FunctionId, captures: Vec<Value>) -> Value {
        Value::Function(Object::new(function.raw(), captures))
    }

    pub(super) fn as_bool(&self) -> bool {
        let Value::Bool(value) = self else { self.is_not("Bool") };
        *value
    }

    pub(super) fn as_int(&self) -> i64 {
        let Value::Int(value) = self else { self.is_not("Int") };
        *value
    }

    /// A count or an index; panics if it is negative.
    pub(super) fn as_index(&self) -> usize {
        usize::try_from(self.as_int()).unwrap_or_else(|_| panic!("BUG: {self:?} is no index"))
    }

    pub(super) fn as_float(&self) -> f64 {
        let Value::Float(value) = self else { self.is_not("Float") };
        *value
    }

    pub(super) fn as_char(&self) -> char {
        let Value::Char(value) = self else { self.is_not("Char") };
        *value
    }

    pub(super) fn as_byte(&self) -> u8 {
        let Value::Byte(value) = self else { self.is_not("Byte") };
        *value
    }

    pub(super) fn as_str(&self) -> &str {
        let Value::String(value) = self else { self.is_not("String") };
        value
    }

    pub(super) fn as_data(&self) -> &Object {
        let Value::Data(object) = self else { self.is_not("tuple, struct or enum") };
        object
    }

    pub(super) fn as_array(&self) -> &Rc<Object> {
        let Value::Array(object) = self else { self.is_not("array") };
        object
    }

    pub(super) fn as_list(&self) -> &Rc<List> {
        let Value::List(list) = self else { self.is_not("list") };
        list
    }

    pub(super) fn as_waiter(&self) -> &Rc<Waiter> {
        let Value::Waiter(waiter) = self else { self.is_not("waiter") };
        waiter
    }

    pub(super) fn as_continuation(&self) -> &Rc<Continuation> {
        let Value::Continuation(continuation) = self else { self.is_not("continuation") };
        continuation
    }

    pub(super) fn as_cell(&self) -> &Object {
        let Value::Cell(object) = self else { self.is_not("cell") };
        object
    }

    pub(super) fn as_function(&self) -> &Object {
        let Value::Function(object) = self else { self.is_not("function") };
        object
    }

    pub(super) fn as_task(&self) -> &Rc<Task> {
        let Value::Task(task) = self else { self.is_not("Task") };
        task
    }

    pub(super) fn as_generator(&self) -> &Rc<Generator> {
        let Value::Generator(generator) = self else { self.is_not("Gen") };
        generator
    }

    fn is_not(&self, wanted: &str) -> ! {
        panic!("BUG: {self:?} where the verifier found that only {wanted} can be")
    }
}

/// Shows the value without its parts, which may be many and may contain the value itself.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unit => f.write_str("()"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Char(value) => write!(f, "{value:?}"),
            Value::Byte(value) => write!(f, "byte {value}"),
            Value::String(value) => write!(f, "{value:?}"),
            Value::Data(object) => write!(f, "variant {}", object.number),
            Value::Array(_) => f.write_str("an array"),
            Value::Cell(_) => f.write_str("a cell"),
            Value::Function(object) => write!(f, "function {}", object.number),
            Value::Task(task) => write!(f, "task {}", task.number),
            Value::Generator(_) => f.write_str("a generator"),
            Value::List(list) => write!(f, "a list of kind {:?}", list.kind),
            Value::Waiter(waiter) => write!(f, "thread {}, which waits", waiter.task.number),
            Value::Continuation(_) => f.write_str("a continuation"),
            Value::Null => f.write_str("an element that was never written"),
        }
    }
}

impl Object {
    fn new(number: usize, parts: Vec<Value>) -> Rc<Object> {
        let number = u32::try_from(number).expect("BUG: more than four billion variants or functions");
        Rc::new(Object { number, parts: RefCell::new(parts) })
    }

    /// A copy of one part.
    pub(super) fn part(&self, index: usize) -> Value {
        self.parts.borrow()[index].clone()
    }

    /// Sets a part. The old value is dropped only after the borrow ends.
    pub(super) fn set_part(&self, index: usize, value: Value) {
        let old = std::mem::replace(&mut self.parts.borrow_mut()[index], value);
        drop(old);
    }
}

impl Generator {
    /// Ends the generator; returns its locals.
    pub(super) fn take_locals(&self) -> Vec<Value> {
        match self.state.replace(GeneratorState::Ended) {
            GeneratorState::Suspended(suspended) => suspended.locals,
            GeneratorState::Running | GeneratorState::Ended => Vec::new(),
        }
    }
}

impl Continuation {
    pub(super) fn new(is_symmetric: bool, state: State) -> Rc<Continuation> {
        Rc::new(Continuation {
            revision: Cell::new(0),
            places: RefCell::new(VecDeque::new()),
            shield: Cell::new(0),
            unwinds: Cell::new(false),
            is_symmetric,
            host: RefCell::new(None),
            state: RefCell::new(state),
        })
    }

    /// Counts a use of the continuation, at `place`.
    pub(super) fn count_use(&self, place: Option<Span>) {
        self.revision.update(|revision| revision + 1);
        self.places.borrow_mut().push_front(place);
        self.places.borrow_mut().truncate(PLACES);
    }
}

impl State {
    /// Takes all values out of the stacks of a continuation that nothing can resume any more.
    pub(super) fn take_values(&mut self) -> Vec<Value> {
        match std::mem::replace(self, State::Taken) {
            State::New(body) => vec![body],
            State::Suspended(stacks) => stacks
                .into_iter()
                .flat_map(|(_, stack)| stack.locals.into_iter().chain(stack.deferred))
                .collect(),
            State::Host | State::Taken | State::Closed => Vec::new(),
        }
    }
}

const _: () = assert!(size_of::<Value>() == 16);
