//! The run queue: the start, the waits and the end of threads.

use std::collections::VecDeque;
use std::rc::Rc;

use weft_abi::scheduling::FAIRNESS_PERIOD;

use super::clock::{Chance, Clock};
use super::interpreter::Interpreter;
use super::memory::Zeros;
use super::thread::{Ending, Literals, Stop, Thread, Waits};
use super::value::{Task, TaskState, Value, WaitState, Waiter};
use super::waiting::{Scope, Wait};
use super::{DEADLOCK_STATUS, End, Options, Outcome, report};
use crate::arena::Arena;
use crate::mir::{FunctionId, Program};
use crate::source::{SourceMap, Span};

/// The maximum number of steps of a time slice. With a longer slice, a thread that computes is preempted less often; in
/// the runtime, a slice lasts 10 ms. With a shorter slice, a thread that spins until another thread has done its work
/// spins less.
const SLICE: u64 = 4_000_000;
/// The maximum number of steps of a random time slice: about as many as a few operations of the library take, so that a
/// slice often ends within an operation.
const SHORT_SLICE: u64 = 200;

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
            literals: Literals::new(program),
            arguments,
            zeros: Zeros::new(program),
            stack_max: options.stack_max,
            step_limit: options.step_limit.unwrap_or(u64::MAX),
            steps_left: options.step_limit.unwrap_or(u64::MAX),
            stdin: options.stdin.clone().into(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            text: String::new(),
            running: None,
            run_queue: VecDeque::new(),
            woken_in_slice: 0,
            preferences: 0,
            parked: Arena::new(),
            free: Vec::new(),
            last_number: 0,
            last_list: 0,
            clock: Clock::default(),
            chance: Chance::new(options.seed.unwrap_or(0)),
            is_random: options.seed.is_some(),
            keeps_result: false,
            result: None,
            slice: SLICE,
            steps_of_slice: SLICE,
            history: None,
        }
    }

    /// Runs `main` until the process would end, or until the step limit.
    pub(super) fn run(mut self) -> Outcome {
        self.begin();
        self.schedule()
    }

    /// Runs `main`, whose result may have any type, and returns the result if `main` returns.
    pub(super) fn evaluate(mut self) -> (Outcome, Option<Value>) {
        self.keeps_result = true;
        self.begin();
        let end = self.advance().unwrap_or(End::StepLimit);
        let result = self.result.take();
        (self.outcome(end), result)
    }

    /// Runs the threads to the end of the run.
    pub(super) fn schedule(mut self) -> Outcome {
        let end = self.advance().unwrap_or(End::StepLimit);
        self.outcome(end)
    }

    fn outcome(self, end: End) -> Outcome {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome { stdout: text(self.stdout), stderr: text(self.stderr), end }
    }

    /// Makes the main thread runnable.
    pub(super) fn begin(&mut self) {
        self.spawn(self.program.main, Vec::new(), None, None);
    }

    /// Runs the runnable threads, one after another. Returns the end of the run, or `None` at the step limit; with a
    /// higher limit, the run can then continue.
    pub(super) fn advance(&mut self) -> Option<End> {
        loop {
            let mut thread = match self.running.take() {
                Some(thread) => thread,
                None => match self.dispatch() {
                    Some(thread) => thread,
                    None => return Some(self.deadlock()),
                },
            };
            let stop = self.run_thread(&mut thread);
            if matches!(stop, Stop::OutOfSteps) {
                self.running = Some(thread);
                return None;
            }
            self.clock.pass(self.slice - self.steps_of_slice);
            self.record_stop(&thread, &stop);
            let (task, how) = (Rc::clone(&thread.task), end_at(&thread, &stop));
            if let Some(end) = self.stopped(thread, stop) {
                self.history.iter_mut().for_each(|history| history.end(&task, how));
                return Some(end);
            }
        }
    }

    /// Takes the next thread, and begins its time slice.
    fn dispatch(&mut self) -> Option<Thread> {
        self.wake_timers();
        let thread = self.next()?;
        self.slice = self.slice_of_next();
        self.steps_of_slice = self.slice;
        let time = self.time();
        self.history.iter_mut().for_each(|history| history.start(time));
        Some(thread)
    }

    /// The number of steps so far.
    pub(super) fn time(&self) -> u64 {
        self.step_limit - self.steps_left
    }

    fn record_stop(&mut self, thread: &Thread, stop: &Stop) {
        let time = self.time();
        let what = match stop {
            Stop::Yields => "yields",
            Stop::IsPreempted => "is preempted",
            Stop::Waits(_) | Stop::Pauses => "waits",
            Stop::Returns(_) => "returns",
            Stop::Panics(_) => "panics",
            Stop::Unwinds => "unwinds",
            Stop::Unsupported(_) | Stop::Exits(_) | Stop::OutOfSteps => "ends the run",
        };
        self.history.iter_mut().for_each(|history| history.stop(thread.task.number, time, what));
    }

    /// Takes the thread that runs next.
    fn next(&mut self) -> Option<Thread> {
        if self.is_random && self.run_queue.len() > 1 {
            let chosen = self.chance.below(self.run_queue.len() as u64) as usize;
            self.run_queue.swap(0, chosen);
        }
        self.run_queue.pop_front()
    }

    fn slice_of_next(&mut self) -> u64 {
        if self.is_random && self.chance.below(2) == 0 { 1 + self.chance.below(SHORT_SLICE) } else { SLICE }
    }

    /// Starts a thread at the tail of the run queue, as a member of the given scope if there is one.
    pub(super) fn spawn(
        &mut self,
        function: FunctionId,
        arguments: Vec<Value>,
        at: Option<Span>,
        scope: Option<Rc<Scope>>,
    ) -> Rc<Task> {
        self.last_number += 1;
        let task = Rc::new(Task::new(self.last_number, function, at));
        let mut thread = Thread::new(self.program, Rc::clone(&task), function, arguments);
        if let Some(scope) = &scope {
            scope.members.borrow_mut().insert(task.number, Rc::clone(&task));
            task.is_cancelled.set(scope.failed.borrow().is_some());
        }
        thread.member_of = scope;
        self.ready(thread);
        task
    }

    /// Makes runnable a thread that the running thread has spawned or woken.
    pub(super) fn ready(&mut self, thread: Thread) {
        self.run_queue.push_back(thread);
        self.woken_in_slice += 1;
    }

    /// Moves the threads that the running thread has spawned or woken to the head of the run queue, now that the
    /// running thread waits or has ended. Leaves them in place once in [`FAIRNESS_PERIOD`] times.
    pub(super) fn prefer_woken(&mut self) {
        let count = std::mem::take(&mut self.woken_in_slice);
        if count > 0 && self.run_queue.len() > count {
            self.preferences += 1;
            if !self.preferences.is_multiple_of(FAIRNESS_PERIOD) {
                self.run_queue.rotate_right(count);
            }
        }
    }

    /// Acts on the reason for which `thread` stopped running; returns the end of the run if the run ends.
    fn stopped(&mut self, thread: Thread, stop: Stop) -> Option<End> {
        match stop {
            Stop::Yields if thread.is_to_end() => return self.cancelled(thread),
            Stop::Yields | Stop::IsPreempted => {
                // Threads whose timers are due go ahead of this thread in the queue, because this thread may wait in a
                // loop for their work.
                self.wake_due();
                self.woken_in_slice = 0;
                self.run_queue.push_back(thread);
            }
            Stop::Waits(wait) => return self.wait(thread, wait),
            Stop::Pauses if thread.is_to_end() && thread.task.wait_state.get() == WaitState::Open => {
                return self.cancelled_waiting(thread);
            }
            Stop::Pauses => self.park(thread),
            // The thread is unwinding, and a deferred block has returned.
            Stop::Returns(_) if thread.ending.is_some() => return self.unwind(thread),
            Stop::Returns(value) if thread.task.spawned_at.is_none() && self.keeps_result => {
                self.result = Some(value);
                return Some(End::Status(0));
            }
            Stop::Returns(value) if thread.task.spawned_at.is_none() => {
                return Some(End::Status(status_of_main(&value)));
            }
            Stop::Returns(value) => {
                self.end(thread, TaskState::Done(value));
                self.prefer_woken();
            }
            Stop::Panics(message) => {
                let report = report::panic(self, &thread, &message);
                self.stderr.extend(report.into_bytes());
                return self.unwind_for(thread, Ending { message: Rc::new(message), is_panic: true });
            }
            Stop::Unwinds => return self.unwind(thread),
            Stop::Unsupported(what) => {
                let report = format!("{what} is not supported by the interpreter\n");
                self.stderr.extend(report.into_bytes());
                return Some(End::Unsupported);
            }
            Stop::Exits(status) => return Some(End::Status(status as u8)),
            Stop::OutOfSteps => panic!("BUG: a thread that runs is taken for a thread that stopped"),
        }
        None
    }

    /// Adds a thread to a wait list and unlocks the list. If the thread was cancelled, ends it instead of adding it.
    fn wait(&mut self, mut thread: Thread, wait: Wait) -> Option<End> {
        if thread.locks > 0 {
            wait.list.unlock();
            thread.locks = 0;
        }
        if thread.is_to_end() {
            wait.list.uncount();
            return self.cancelled(thread);
        }
        thread.waits = Waits::InList(Waiter::enlist(&thread.task, wait));
        self.park(thread);
        None
    }

    /// Stores a thread until it is woken.
    pub(super) fn park(&mut self, thread: Thread) {
        let id = self.free.pop().unwrap_or_else(|| self.parked.push(None));
        thread.task.parked.set(Some(id));
        self.parked[id] = Some(thread);
        self.prefer_woken();
    }

    /// The parked thread of a task; `None` if the thread is not parked.
    pub(super) fn parked(&mut self, task: &Task) -> Option<&mut Thread> {
        let id = task.parked.get()?;
        self.parked[id].as_mut()
    }

    /// Takes the parked thread of a task out of its slot.
    pub(super) fn unpark(&mut self, task: &Task) -> Option<Thread> {
        let id = task.parked.take()?;
        self.free.push(id);
        self.parked[id].take()
    }

    /// Wakes the thread of a waiter that was taken out of its list.
    pub(super) fn wake(&mut self, waiter: &Waiter, outcome: bool) {
        let mut thread = self.unpark(&waiter.task).expect("BUG: a thread is woken that does not wait");
        thread.resume = waiter.resumes_with(outcome);
        self.ready(thread);
    }

    /// Records the chosen arm of a thread's multi-wait, and wakes the thread if it already waits.
    pub(super) fn wake_chosen(&mut self, task: &Task, arm: i64) {
        task.wait_state.set(WaitState::Made(arm));
        if let Some(thread) = self.unpark(task) {
            self.ready(thread);
        }
    }

    /// Wakes the threads whose timers are due. If no thread is runnable, moves the clock to the next timer first.
    fn wake_timers(&mut self) {
        self.clock.tick();
        if self.run_queue.is_empty()
            && let Some(alarm) = self.clock.jump()
        {
            self.wake_chosen(&alarm.task, alarm.arm);
        }
        self.wake_due();
    }

    fn wake_due(&mut self) {
        while let Some(alarm) = self.clock.take_due() {
            self.wake_chosen(&alarm.task, alarm.arm);
        }
    }

    fn deadlock(&mut self) -> End {
        let waiting: Vec<&Thread> = self.parked.iter().flatten().collect();
        let report = report::deadlock(self, waiting);
        self.stderr.extend(report.into_bytes());
        End::Status(DEADLOCK_STATUS)
    }
}

/// The way in which a thread has ended, if the run ends when it stops: only the main thread ends the run by its own
/// end.
fn end_at(thread: &Thread, stop: &Stop) -> &'static str {
    match stop {
        Stop::Exits(_) | Stop::Unsupported(_) => "has ended the program",
        Stop::Returns(_) if thread.ending.is_none() => "has returned",
        Stop::Returns(_)
        | Stop::Panics(_)
        | Stop::Unwinds
        | Stop::Yields
        | Stop::IsPreempted
        | Stop::Waits(_)
        | Stop::Pauses
        | Stop::OutOfSteps => "has panicked",
    }
}

fn status_of_main(result: &Value) -> u8 {
    match result {
        Value::Unit => 0,
        Value::Int(status) => *status as u8,
        Value::Bool(_)
        | Value::Float(_)
        | Value::Char(_)
        | Value::Byte(_)
        | Value::String(_)
        | Value::Data(_)
        | Value::Array(_)
        | Value::Cell(_)
        | Value::Function(_)
        | Value::Task(_)
        | Value::Generator(_)
        | Value::List(_)
        | Value::Waiter(_)
        | Value::Continuation(_)
        | Value::Null => panic!("BUG: main gives {result:?}"),
    }
}
