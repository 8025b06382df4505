//! Runs that can be stopped at any statement and continued.

use super::history::History;
use super::interpreter::Interpreter;
use super::state::{self, Livenesses, State};
use super::thread::Thread;
use super::value::Frame;
use super::{End, Options};
use crate::arena::Id;
use crate::mir::Program;
use crate::source::SourceMap;

/// A run that can be stopped and continued. The run takes the same course as that of
/// [`interpret`](super::interpret()), whatever the stops are.
pub struct Stepper<'a> {
    interpreter: Interpreter<'a>,
    end: Option<End>,
    /// The place where the stride in progress began.
    origin: Option<Origin>,
    livenesses: Livenesses,
}

/// The length of a step, as people see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stride {
    /// To another line of the program, into or out of a call of a function of the program, through the body of a loop,
    /// or to another thread.
    Line,
    /// To another thread.
    Switch,
}

/// The distance that a run came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// To the end of the stride, or to the given time.
    Arrived,
    /// Not so far: the fuel was used up.
    Unfinished,
    /// To the end of the run.
    Ended,
}

/// The place where a stride began.
#[derive(Clone, Copy)]
struct Origin {
    /// The number of the thread that ran.
    thread: u64,
    /// Its place in the program, unless it was in the library.
    point: Option<Point>,
}

/// A place in the program.
#[derive(Clone, Copy)]
struct Point {
    /// The number of stacks, and of calls on the innermost stack.
    depth: (usize, usize),
    line: u32,
    frame: Frame,
}

impl<'a> Stepper<'a> {
    /// The run of a verified program, before its first statement. The step limit of the options has no effect.
    pub fn new(program: &'a Program, sources: &'a SourceMap, options: &Options) -> Stepper<'a> {
        let options = Options { step_limit: Some(0), ..options.clone() };
        let mut interpreter = Interpreter::new(program, Some(sources), &options);
        interpreter.history = Some(History::default());
        interpreter.begin();
        let end = interpreter.advance();
        Stepper { interpreter, end, origin: None, livenesses: Livenesses::new() }
    }

    /// Runs to a time, with at most `fuel` steps.
    pub fn run_to(&mut self, time: u64, fuel: u64) -> Progress {
        self.origin = None;
        let wanted = time.saturating_sub(self.time());
        self.advance(wanted.min(fuel));
        match self.end {
            Some(_) => Progress::Ended,
            None if self.time() >= time => Progress::Arrived,
            None => Progress::Unfinished,
        }
    }

    /// Runs to the end of the stride, with at most `fuel` steps. If the fuel is used up, the next call continues the
    /// stride.
    pub fn step(&mut self, stride: Stride, fuel: u64) -> Progress {
        let Some(running) = &self.interpreter.running else { return Progress::Ended };
        let here = Origin { thread: running.task.number, point: self.point() };
        let origin = self.origin.take().unwrap_or(here);
        for _ in 0..fuel {
            let before = self.interpreter.running.as_ref().map(Thread::frame);
            self.advance(1);
            if self.end.is_some() {
                return Progress::Ended;
            }
            if self.has_arrived(stride, origin, before) {
                return Progress::Arrived;
            }
        }
        self.origin = Some(origin);
        Progress::Unfinished
    }

    /// The number of steps so far.
    pub fn time(&self) -> u64 {
        self.interpreter.time()
    }

    /// The end of the run, if it has ended.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The standard output so far.
    pub fn stdout(&self) -> &[u8] {
        &self.interpreter.stdout
    }

    /// The standard error so far.
    pub fn stderr(&self) -> &[u8] {
        &self.interpreter.stderr
    }

    /// The state of the run.
    pub fn state(&mut self) -> State {
        state::state(&self.interpreter, &mut self.livenesses)
    }

    fn advance(&mut self, steps: u64) {
        if self.end.is_none() {
            self.interpreter.step_limit += steps;
            self.interpreter.steps_left += steps;
            self.end = self.interpreter.advance();
        }
    }

    /// Whether the stride that began at `origin` ends here. `before` is the innermost call before the last step.
    fn has_arrived(&self, stride: Stride, origin: Origin, before: Option<Frame>) -> bool {
        let Some(running) = &self.interpreter.running else { return false };
        if origin.thread != running.task.number {
            return true;
        }
        if stride == Stride::Switch {
            return false;
        }
        let Some(here) = self.point() else { return false };
        let Some(origin) = origin.point else { return true };
        here.line != origin.line || here.depth != origin.depth || repeats(origin.frame, before, here.frame)
    }

    /// The place of the running thread, unless it is in the library.
    fn point(&self) -> Option<Point> {
        let thread = self.interpreter.running.as_ref()?;
        let frame = *thread.stack.frames.last()?;
        let function = &self.interpreter.program.functions[frame.function];
        let span = frame.span(function);
        let sources = self.interpreter.sources.filter(|sources| sources.contains(span.file))?;
        (!function.library).then(|| Point {
            depth: (thread.levels.len(), thread.stack.frames.len()),
            line: sources.position(span).line,
            frame,
        })
    }
}

/// Whether the last step began another iteration of a loop that the stride has gone through as a whole.
fn repeats(origin: Frame, before: Option<Frame>, here: Frame) -> bool {
    let place = |frame: Frame| (frame.block.raw(), frame.statement);
    before.is_some_and(|before| {
        before.base == here.base
            && before.function == here.function
            && here.statement == 0
            && place(here) <= place(before)
            && origin.block.raw() <= here.block.raw()
    })
}
