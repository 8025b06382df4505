//! The state of a run, for people: what a page that steps through a program shows.

use std::collections::HashMap;

use serde::Serialize;
use weft_abi::WaitKind;
use weft_abi::library::{LIST_WORDS, RECEIVERS};

use super::history::{Ended, Slice};
use super::interpreter::Interpreter;
use super::report;
use super::show::{Found, Shower};
use super::thread::{Thread, Waits};
use super::value::{Form, Frame, Stack, Task, TaskState, Value};
use crate::mir::liveness::Liveness;
use crate::mir::{Function, FunctionId, LocalId};
use crate::source::Span;

/// The number of threads in a state. The running thread and the next ones of the run queue come first.
const THREADS: usize = 40;
/// The number of calls in a lane, counted from the innermost.
const CALLS: usize = 10;
/// The number of entries of the run queue, and of time slices, in a state.
const ENTRIES: usize = 48;
/// The number of ended threads in a state.
const ENDED: usize = 16;

/// The indices of the words of a channel, in the order of `stdlib/chan.weft`.
const CLOSED: usize = LIST_WORDS;
const HELD: usize = LIST_WORDS + 1;
const CAPACITY: usize = LIST_WORDS + 2;
const FIRST: usize = LIST_WORDS + 3;
const BUFFER: usize = LIST_WORDS + 4;

/// The state of a run.
#[derive(Debug, Serialize)]
pub struct State {
    /// The number of steps so far.
    pub time: u64,
    /// The threads in the order of their numbers, or some of them if there are many.
    pub lanes: Vec<Lane>,
    /// The number of threads that have not ended and are not among the lanes.
    pub hidden: usize,
    /// The numbers of the threads at the head of the run queue.
    pub queue: Vec<u64>,
    /// The number of threads in the run queue.
    pub queue_length: usize,
    /// Channels, mutexes and so on that the threads' variables refer to.
    pub shared: Vec<Shared>,
    /// The last time slices, the latest last.
    pub slices: Vec<Slice>,
    /// The number of time slices so far.
    pub slice_count: u64,
}

/// A green thread.
#[derive(Debug, Serialize)]
pub struct Lane {
    /// The thread's number.
    pub thread: u64,
    /// The name of the thread's first function.
    pub name: String,
    /// The position of the `spawn`.
    pub spawned: Option<Place>,
    /// `runs`, `runnable`, `waits` or `ended`.
    pub state: &'static str,
    /// The thing that the thread waits for, or the way it ended.
    pub detail: String,
    /// The wait list in which the thread waits, if it is one of [`State::shared`].
    pub list: Option<u64>,
    /// The position of the thread in the program.
    pub at: Option<Place>,
    /// The calls, the innermost first.
    pub calls: Vec<Call>,
    /// The number of calls that were left out.
    pub hidden: usize,
}

/// A position in the source.
#[derive(Debug, Serialize)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
}

/// A call.
#[derive(Debug, Serialize)]
pub struct Call {
    /// The function's name.
    pub function: String,
    /// The position of the next statement, or of the call of the next function.
    pub at: Option<Place>,
    /// Whether the function is the library's; then `variables` is empty.
    pub library: bool,
    /// The number of the stack that holds the call: 0 is the thread's own stack, and each running continuation has a
    /// further one.
    pub stack: usize,
    /// The variables that have values.
    pub variables: Vec<Variable>,
}

/// A variable.
#[derive(Debug, Serialize)]
pub struct Variable {
    /// The variable's name.
    pub name: String,
    /// The type.
    pub ty: String,
    /// The value.
    pub text: String,
    /// Whether the value is live: a switch at this point has to store it.
    pub live: bool,
    /// The thread or list that the value stands for: `thread 2`, `list 1`.
    pub subject: Option<String>,
}

/// Something that threads share and can wait for.
#[derive(Debug, Serialize)]
pub struct Shared {
    /// The number of the wait list.
    pub list: u64,
    /// The type: `Chan`, `Mutex`.
    pub kind: String,
    /// The variables that refer to it.
    pub variables: Vec<String>,
    /// For a channel: the number of values that it can hold.
    pub capacity: Option<i64>,
    /// For a channel: the values that it holds, the oldest first.
    pub contents: Vec<String>,
    /// For a channel: whether it is closed.
    pub closed: bool,
    /// For a lock: the number of the thread that holds it.
    pub holder: Option<u64>,
    /// The threads that wait, the longest waiting first.
    pub waiting: Vec<Waiting>,
}

/// A thread that waits in a list.
#[derive(Debug, Serialize)]
pub struct Waiting {
    /// The thread's number.
    pub thread: u64,
    /// The operation that it waits for: `receive`, `send`, or empty.
    pub to: &'static str,
    /// The value that it wants to send.
    pub value: Option<String>,
}

/// The live variables of functions, computed when they are first asked for.
pub(super) type Livenesses = HashMap<FunctionId, Liveness>;

/// The state of a run.
pub(super) fn state(interpreter: &Interpreter<'_>, livenesses: &mut Livenesses) -> State {
    let mut viewer = Viewer { interpreter, livenesses, shower: Shower::new(interpreter.program) };
    let runnable = interpreter.running.iter().chain(&interpreter.run_queue);
    let states = [if interpreter.running.is_some() { "runs" } else { "runnable" }];
    let states = states.into_iter().chain(std::iter::repeat("runnable"));
    let waiting = interpreter.parked.iter().flatten();
    let count = runnable.clone().count() + waiting.clone().count();
    let threads = runnable.zip(states).chain(waiting.map(|thread| (thread, "waits"))).take(THREADS);
    let mut lanes: Vec<Lane> = threads.map(|(thread, state)| viewer.lane(thread, state)).collect();
    let hidden = count - lanes.len();
    let history = interpreter.history.as_ref();
    let ended = history.iter().flat_map(|history| history.ended.iter().rev()).take(ENDED);
    lanes.extend(ended.map(|ended| viewer.ended(ended)));
    lanes.sort_by_key(|lane| lane.thread);
    let found = std::mem::take(&mut viewer.shower.found);
    let slices = history.iter().flat_map(|history| &history.slices);
    let left_out = history.map_or(0, |history| history.slices.len().saturating_sub(ENTRIES));
    State {
        time: interpreter.time(),
        hidden,
        queue: interpreter.run_queue.iter().take(ENTRIES).map(|thread| thread.task.number).collect(),
        queue_length: interpreter.run_queue.len(),
        shared: found.values().map(|found| viewer.shared(found)).collect(),
        lanes,
        slices: slices.skip(left_out).cloned().collect(),
        slice_count: history.map_or(0, |history| history.slice_count),
    }
}

struct Viewer<'a, 'i> {
    interpreter: &'i Interpreter<'a>,
    livenesses: &'i mut Livenesses,
    shower: Shower<'a>,
}

impl Viewer<'_, '_> {
    fn lane(&mut self, thread: &Thread, state: &'static str) -> Lane {
        let (detail, list) = if state == "waits" {
            let list = match &thread.waits {
                Waits::InList(waiter) => waiter.place().map(|(list, _)| list.number),
                Waits::Pause(_) => None,
            };
            (report::wait(thread), list.filter(|number| *number > 0))
        } else if thread.unwinds || thread.ending.is_some() {
            ("unwinds".to_owned(), None)
        } else {
            (String::new(), None)
        };
        let (calls, hidden) = self.calls(thread);
        Lane {
            state,
            detail,
            list,
            at: report::blamed(self.interpreter, thread).and_then(|span| self.place(span)),
            calls,
            hidden,
            ..self.of_task(&thread.task)
        }
    }

    fn ended(&mut self, ended: &Ended) -> Lane {
        let task = &ended.task;
        let result = match &*task.state.borrow() {
            TaskState::Done(value) if !matches!(value, Value::Unit) => {
                let ty = self.interpreter.program.functions[task.function].result;
                format!(" {}", self.shower.show(value, ty))
            }
            TaskState::Panicked(message) if !task.was_cancelled.get() => format!(": {message}"),
            TaskState::Done(_) | TaskState::Panicked(_) | TaskState::Alive => String::new(),
        };
        Lane { detail: format!("{}{result}", ended.how), ..self.of_task(task) }
    }

    /// The lane of a thread that has ended.
    fn of_task(&self, task: &Task) -> Lane {
        Lane {
            thread: task.number,
            name: self.interpreter.program.functions[task.function].name.clone(),
            spawned: task.spawned_at.and_then(|span| self.place(span)),
            state: "ended",
            detail: String::new(),
            list: None,
            at: None,
            calls: Vec::new(),
            hidden: 0,
        }
    }

    fn place(&self, span: Span) -> Option<Place> {
        let sources = self.interpreter.sources.filter(|sources| sources.contains(span.file))?;
        let position = sources.position(span);
        let file = sources.file(span.file).name.clone();
        Some(Place { file, line: position.line, column: position.column })
    }

    /// The innermost calls of a thread, and the number of the others.
    fn calls(&mut self, thread: &Thread) -> (Vec<Call>, usize) {
        let outer = thread.levels.iter().map(|level| &level.resumer);
        let stacks: Vec<&Stack> = outer.chain([&thread.stack]).collect();
        let numbered = stacks.iter().enumerate().rev();
        let frames = numbered.flat_map(|(number, &stack)| {
            stack.frames.iter().enumerate().rev().map(move |(at, frame)| (number, stack, at, frame))
        });
        let count: usize = stacks.iter().map(|stack| stack.frames.len()).sum();
        let is_innermost = |number: usize, at: usize| {
            number + 1 == stacks.len() && at + 1 == stacks[number].frames.len() && thread.resume.is_none()
        };
        let calls = frames.take(CALLS).map(|(number, stack, at, frame)| {
            // While the thread waits, its innermost statement is a yield point, like the calls further out.
            let runs = is_innermost(number, at) && thread.task.parked.get().is_none();
            self.call(number, stack, frame, !runs)
        });
        (calls.collect(), count.saturating_sub(CALLS))
    }

    fn call(&mut self, number: usize, stack: &Stack, frame: &Frame, calls: bool) -> Call {
        let program = self.interpreter.program;
        let function = &program.functions[frame.function];
        let values = &stack.locals[frame.base..];
        let live = self.livenesses.entry(frame.function).or_insert_with(|| Liveness::of(function));
        let at = frame.statement as usize;
        let live = match calls && at < function.blocks[frame.block].statements.len() {
            true => live.over(function, frame.block, at),
            false => live.before(function, frame.block, at),
        };
        let mut variables: Vec<(LocalId, Variable)> = Vec::new();
        for (id, name, value) in named(function, values) {
            let ty = function.locals[id].ty;
            let text = self.shower.show(value, ty);
            if function.library {
                continue;
            }
            let variable = Variable {
                name: name.to_owned(),
                ty: program.types.display(ty).to_string(),
                text,
                live: live.contains(&id),
                subject: self.shower.subject(name, value, ty),
            };
            // Of several variables with one name, a live one is shown, or else the last.
            match variables.iter_mut().find(|(_, other)| other.name == name) {
                Some((_, other)) if other.live && !variable.live => {}
                Some(other) => *other = (id, variable),
                None => variables.push((id, variable)),
            }
        }
        Call {
            function: function.name.clone(),
            at: self.place(frame.span(function)),
            library: function.library,
            stack: number,
            variables: variables.into_iter().map(|(_, variable)| variable).collect(),
        }
    }

    fn shared(&mut self, found: &Found) -> Shared {
        let list = &found.list;
        let is_channel = list.kind == WaitKind::Channel;
        let mut waiting = Vec::new();
        for (side, waiters) in list.sides.iter().enumerate() {
            for waiter in waiters.borrow().iter() {
                let to = match (is_channel, side == RECEIVERS) {
                    (true, true) => "receive",
                    (true, false) => "send",
                    (false, _) => "",
                };
                let value = match (waiter.form, &*waiter.value.borrow(), found.element) {
                    (Form::Outcome, Some(value), Some(ty)) => Some(self.shower.show(value, ty)),
                    (Form::Outcome | Form::Again | Form::Value | Form::Arm { .. }, ..) => None,
                };
                waiting.push(Waiting { thread: waiter.task.number, to, value });
            }
        }
        Shared {
            list: list.number,
            kind: found.name.clone(),
            variables: found.variables.iter().cloned().collect(),
            capacity: is_channel.then(|| list.word(CAPACITY).as_int()),
            contents: if is_channel { self.contents(found) } else { Vec::new() },
            closed: is_channel && list.word(CLOSED).as_int() != 0,
            holder: list.holder.get(),
            waiting,
        }
    }

    /// The values in the buffer of a channel, the oldest first.
    fn contents(&mut self, found: &Found) -> Vec<String> {
        let word = |index| found.list.word(index);
        let (Value::Array(buffer), Some(element)) = (word(BUFFER), found.element) else { return Vec::new() };
        let buffer = buffer.parts.borrow();
        let (first, capacity) = (word(FIRST).as_index(), word(CAPACITY).as_index());
        let held = 0..word(HELD).as_index();
        held.map(|at| self.shower.show(&buffer[(first + at) % capacity], element)).take(ENTRIES).collect()
    }
}

/// The variables of a call that have values. A local that was not written yet is `()`.
fn named<'a>(
    function: &'a Function,
    values: &'a [Value],
) -> impl Iterator<Item = (LocalId, &'a str, &'a Value)> {
    let locals = function.locals.iter_enumerated().zip(values);
    locals.filter_map(|((id, local), value)| {
        let name = local.name.as_deref()?;
        let is_set = !matches!(value, Value::Unit | Value::Null);
        is_set.then_some((id, name, value))
    })
}
