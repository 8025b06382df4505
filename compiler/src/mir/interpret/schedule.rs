//! The run queue, and how threads begin, wait and end.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use weft_abi::order::FAVOURS;

use super::memory::Zeros;
use super::thread::{Literals, Thread};
use super::value::{Task, TaskState, Value};
use super::{DEADLOCK_STATUS, End, Options, Outcome, PANIC_STATUS, report};
use crate::arena::Arena;
use crate::define_id;
use crate::mir::{FunctionId, Program};
use crate::source::{SourceMap, Span};

define_id! {
    /// A place for a thread that does not run; reused when the thread ends.
    ThreadId "thread";
}

/// Why a thread stopped running.
pub(super) enum Stop {
    /// It goes to the tail of the run queue.
    Yields,
    /// It waits until the task has ended.
    Waits(Rc<Task>),
    /// Its first function returned.
    Returns(Value),
    /// It panicked with this message, where it stands.
    Panics(String),
    /// It asks for something that only compiled programs can do.
    Unsupported(String),
    /// The process ends with this status.
    Exits(i64),
    /// The run has used up its steps.
    OutOfSteps,
}

/// A thread that waits, and for what.
pub(super) struct Waiting {
    pub(super) thread: Thread,
    pub(super) task: Rc<Task>,
}

/// A program in execution.
pub(super) struct Interpreter<'a> {
    pub(super) program: &'a Program,
    pub(super) sources: Option<&'a SourceMap>,
    pub(super) literals: Literals,
    pub(super) arguments: Vec<Value>,
    pub(super) zeros: Zeros<'a>,
    pub(super) stack_max: usize,
    pub(super) steps_left: u64,
    /// What is left of it.
    pub(super) stdin: VecDeque<u8>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// The parts of the string that is being built.
    pub(super) text: String,
    /// Ready threads, oldest first.
    pub(super) run_queue: VecDeque<Thread>,
    /// How many of them the running one has spawned or woken; see `Worker::offspring`. Turns do not end
    /// here, not by `OFFSPRING_OF_A_TURN` either.
    offspring: usize,
    /// How often such were preferred to others.
    favours: u64,
    /// Threads that wait for others.
    waiting: Arena<ThreadId, Option<Waiting>>,
    /// The free places in `waiting`.
    free: Vec<ThreadId>,
    last_number: u64,
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(
        program: &'a Program,
        sources: Option<&'a SourceMap>,
        options: &Options,
    ) -> Interpreter<'a> {
        let arguments = options.arguments.iter().map(Value::string).collect();
        Interpreter {
            program,
            sources,
            literals: program.strings.iter().map(|text| Rc::new(text.clone())).collect(),
            arguments,
            zeros: Zeros::new(program),
            stack_max: options.stack_max,
            steps_left: options.step_limit.unwrap_or(u64::MAX),
            stdin: options.stdin.clone().into(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            text: String::new(),
            run_queue: VecDeque::new(),
            offspring: 0,
            favours: 0,
            waiting: Arena::new(),
            free: Vec::new(),
            last_number: 0,
        }
    }

    /// Runs main until the process would end.
    pub(super) fn run(mut self) -> Outcome {
        self.spawn(self.program.main, Vec::new(), None);
        self.schedule()
    }

    /// Runs the ready threads, in turn.
    pub(super) fn schedule(mut self) -> Outcome {
        let end = loop {
            let Some(mut thread) = self.run_queue.pop_front() else { break self.deadlock() };
            let stop = self.run_thread(&mut thread);
            if let Some(end) = self.stopped(thread, stop) {
                break end;
            }
        };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome { stdout: text(self.stdout), stderr: text(self.stderr), end }
    }

    /// A new thread at the tail of the run queue.
    pub(super) fn spawn(
        &mut self,
        function: FunctionId,
        arguments: Vec<Value>,
        at: Option<Span>,
    ) -> Rc<Task> {
        self.last_number += 1;
        let task = Rc::new(Task {
            number: self.last_number,
            spawned_at: at,
            state: RefCell::new(TaskState::Alive),
            waiters: RefCell::default(),
        });
        self.ready(Thread::new(self.program, Rc::clone(&task), function, arguments));
        task
    }

    /// A thread that the running one has spawned or woken.
    fn ready(&mut self, thread: Thread) {
        self.run_queue.push_back(thread);
        self.offspring += 1;
    }

    /// The running thread waits or has ended: those that it has spawned or woken are next, unless it is the others'
    /// turn.
    fn prefer_offspring(&mut self) {
        let count = std::mem::take(&mut self.offspring);
        if count > 0 && self.run_queue.len() > count {
            self.favours += 1;
            if !self.favours.is_multiple_of(FAVOURS) {
                self.run_queue.rotate_right(count);
            }
        }
    }

    /// What follows when `thread` stopped running; the end if the process ends with it.
    fn stopped(&mut self, thread: Thread, stop: Stop) -> Option<End> {
        let is_main = thread.task.spawned_at.is_none();
        match stop {
            Stop::Yields => {
                self.offspring = 0;
                self.run_queue.push_back(thread);
            }
            Stop::Waits(task) => self.wait(thread, task),
            Stop::Returns(_) if thread.is_unwinding() => return self.unwind(thread, String::new()),
            Stop::Returns(value) if is_main => return Some(End::Status(status_of_main(&value))),
            Stop::Returns(value) => self.end(&thread.task, TaskState::Done(value)),
            Stop::Panics(message) => {
                let report = report::panic(self, &thread, &message);
                self.stderr.extend(report.into_bytes());
                return self.unwind(thread, message);
            }
            Stop::Unsupported(what) => {
                let report = format!("{what} is not supported by the interpreter\n");
                self.stderr.extend(report.into_bytes());
                return Some(End::Unsupported);
            }
            Stop::Exits(status) => return Some(End::Status(status as u8)),
            Stop::OutOfSteps => return Some(End::StepLimit),
        }
        None
    }

    /// Goes on with the thread's next deferred block, or ends it as one that panicked with the first message.
    fn unwind(&mut self, mut thread: Thread, message: String) -> Option<End> {
        match thread.unwind(self.program, message) {
            None => self.run_queue.push_front(thread),
            Some(_) if thread.task.spawned_at.is_none() => return Some(End::Status(PANIC_STATUS)),
            Some(message) => self.end(&thread.task, TaskState::Panicked(Rc::new(message))),
        }
        None
    }

    fn wait(&mut self, thread: Thread, task: Rc<Task>) {
        let id = self.free.pop().unwrap_or_else(|| self.waiting.push(None));
        task.waiters.borrow_mut().push(id);
        self.waiting[id] = Some(Waiting { thread, task });
        self.prefer_offspring();
    }

    /// The thread of `task` has ended: wakes who waits for it, in the order in which they began to.
    fn end(&mut self, task: &Task, state: TaskState) {
        task.state.replace(state);
        for id in task.waiters.take() {
            let waiting = self.waiting[id].take().expect("BUG: a thread that waits is somewhere else");
            self.free.push(id);
            self.ready(waiting.thread);
        }
        self.prefer_offspring();
    }

    fn deadlock(&mut self) -> End {
        let waiting: Vec<&Waiting> = self.waiting.iter().flatten().collect();
        let report = report::deadlock(self, waiting);
        self.stderr.extend(report.into_bytes());
        End::Status(DEADLOCK_STATUS)
    }
}

fn status_of_main(result: &Value) -> u8 {
    match result {
        Value::Unit => 0,
        Value::Int(status) => *status as u8,
        _ => panic!("BUG: main gives {result:?}"),
    }
}
