//! The texts of panics and deadlocks, in the runtime's format.

use weft_abi::{ParkReason, WaitKind};

use super::interpreter::Interpreter;
use super::thread::{Thread, Waits};
use super::value::{Frame, List, Task};
use crate::source::Span;

/// The number of calls that a trace shows from each end of the stack.
const SHOWN: usize = 10;
/// The number of threads that the report of a deadlock shows.
const THREADS_SHOWN: usize = 100;

/// The report of a panic of `thread` at its current statement:
///
/// ```text
/// panic: integer overflow in addition
///   at sum.weft:3:9
///   in green thread 2, spawned at sum.weft:10:11
///   calls:
///     0: add at sum.weft:3:9
///     1: work at sum.weft:7:3
/// ```
pub(super) fn panic(interpreter: &Interpreter<'_>, thread: &Thread, message: &str) -> String {
    let message = message.trim_end_matches('\n').replace('\n', "\n       ");
    let mut lines = vec![format!("panic: {message}")];
    let position = blamed(interpreter, thread).and_then(|span| place(interpreter, span));
    lines.extend(position.map(|position| format!("  at {position}")));
    lines.push(format!("  in {}{}", name(&thread.task), spawned(interpreter, &thread.task)));
    lines.push("  calls:".to_owned());
    let calls = calls(interpreter, thread);
    let count = calls.len();
    for (number, frame) in calls.enumerate() {
        if number < SHOWN || number + SHOWN >= count {
            lines.push(format!("    {number}: {}", call(interpreter, frame)));
        } else if number == SHOWN {
            lines.push(format!("    ... {} more calls ...", count - 2 * SHOWN));
        }
    }
    lines.join("\n") + "\n"
}

/// The report of a deadlock of the waiting threads:
///
/// ```text
/// deadlock: 2 green threads are waiting
///   green thread 1 (main) waits to join green thread 2 at ring.weft:9:5
///   green thread 2 waits to join green thread 1 at ring.weft:4:5, spawned at ring.weft:8:11
/// ```
pub(super) fn deadlock(interpreter: &Interpreter<'_>, mut waiting: Vec<&Thread>) -> String {
    waiting.sort_by_key(|thread| thread.task.number);
    let subject = match waiting.len() {
        1 => "1 green thread is".to_owned(),
        count => format!("{count} green threads are"),
    };
    let mut lines = vec![format!("deadlock: {subject} waiting")];
    for thread in waiting.iter().copied().take(THREADS_SHOWN) {
        let position = blamed(interpreter, thread).and_then(|span| place(interpreter, span));
        let at = position.map_or(String::new(), |position| format!(" at {position}"));
        let (name, spawned) = (name(&thread.task), spawned(interpreter, &thread.task));
        lines.push(format!("  {name} waits {}{at}{spawned}", wait(thread)));
    }
    if waiting.len() > THREADS_SHOWN {
        lines.push(format!("  ... {} more ...", waiting.len() - THREADS_SHOWN));
    }
    lines.join("\n") + "\n"
}

/// The description of what a thread waits for.
pub(super) fn wait(thread: &Thread) -> String {
    let text = match &thread.waits {
        Waits::InList(waiter) => {
            let (list, side) = waiter.place().expect("BUG: a thread waits and is in no list");
            match list.kind {
                WaitKind::Join => return format!("to join green thread {}", list.joined),
                WaitKind::Channel if side == 0 => "to receive from a channel",
                WaitKind::Channel => "to send to a channel",
                WaitKind::Mutex => return held("a mutex", &list),
                WaitKind::Once => return held("a Once", &list),
                WaitKind::RwLock => return held("an RwLock", &list),
                WaitKind::Condition => "for a Condition",
                WaitKind::Semaphore => "for a permit of a Semaphore",
                WaitKind::WaitGroup => "for a WaitGroup",
                WaitKind::Barrier => "at a Barrier",
                WaitKind::Scope => "for the threads of a scope",
                WaitKind::Io => "for an open file",
            }
        }
        Waits::Pause(ParkReason::Select) => "in a select",
        Waits::Pause(ParkReason::Sleep) => "for a time",
        Waits::Pause(ParkReason::Call) => "for a call outside of the program",
    };
    text.to_owned()
}

/// The description of a wait for `what`, a lock, with the thread that holds the lock.
fn held(what: &str, list: &List) -> String {
    let by = list.holder.get().map_or(String::new(), |number| format!(" that green thread {number} holds"));
    format!("for {what}{by}")
}

/// The position in the program where a thread is; `None` if all its calls have returned.
pub(super) fn blamed(interpreter: &Interpreter<'_>, thread: &Thread) -> Option<Span> {
    let innermost = thread.frames().next()?;
    Some(span(interpreter, calls(interpreter, thread).next().unwrap_or(innermost)))
}

/// A thread's calls, the innermost first. The innermost calls inside the library are left out, so that the report
/// starts where the program called the library. If all calls are inside the library, returns all calls.
fn calls<'a>(interpreter: &Interpreter<'_>, thread: &'a Thread) -> impl ExactSizeIterator<Item = &'a Frame> {
    let is_outside = |frame: &Frame| !interpreter.program.functions[frame.function].library;
    let inside = thread.frames().position(is_outside).unwrap_or(0);
    thread.frames().skip(inside)
}

fn name(task: &Task) -> String {
    let name = if task.number == 1 { " (main)" } else { "" };
    format!("green thread {}{name}", task.number)
}

fn spawned(interpreter: &Interpreter<'_>, task: &Task) -> String {
    let position = task.spawned_at.and_then(|span| place(interpreter, span));
    position.map_or(String::new(), |position| format!(", spawned at {position}"))
}

fn call(interpreter: &Interpreter<'_>, frame: &Frame) -> String {
    let function = &interpreter.program.functions[frame.function].name;
    let position = place(interpreter, span(interpreter, frame));
    position.map_or_else(|| function.clone(), |position| format!("{function} at {position}"))
}

fn span(interpreter: &Interpreter<'_>, frame: &Frame) -> Span {
    frame.span(&interpreter.program.functions[frame.function])
}

/// A position in the source, if the source's text is available.
pub(super) fn place(interpreter: &Interpreter<'_>, span: Span) -> Option<String> {
    let sources = interpreter.sources.filter(|sources| sources.contains(span.file))?;
    let position = sources.position(span);
    Some(format!("{}:{}:{}", sources.file(span.file).name, position.line, position.column))
}
