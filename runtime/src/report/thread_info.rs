//! Green threads as reports show them: their numbers, positions and calls.

use std::io::Write;

use weft_abi::{Site, Sp, Task};

use crate::io::stdout;
use crate::report::{GreenThread, Position};
use crate::stack::pool::{self, Stacks};
use crate::text::strings;
use crate::trace::{StackSlice, Trace};

/// The size in bytes of the return address at the stack pointer of a thread that called into the runtime.
pub const RETURN_ADDRESS: usize = 8;
/// The size in bytes of the resume address and the limit at the stack pointer of a suspended thread.
pub const SUSPENDED: usize = 16;

/// The green thread whose stack pointer is `sp`, and the start of its trace. The word at `sp` is the code address at
/// which the innermost frame goes on. That frame begins `pushed` bytes above `sp`.
///
/// # Safety
/// `sp` is the stack pointer of a green thread that is suspended or has called into the runtime, or is in no stack.
pub unsafe fn thread_at(sp: Sp, pushed: usize) -> Option<(*mut Task, StackSlice)> {
    // SAFETY: the caller has the same obligation.
    unsafe { thread_in(&pool::lock(), sp, pushed) }
}

/// Does the same as [`thread_at`], for callers that have locked the stacks.
///
/// # Safety
/// As for [`thread_at`].
pub unsafe fn thread_in(stacks: &Stacks, sp: Sp, pushed: usize) -> Option<(*mut Task, StackSlice)> {
    let block = stacks.block_of(sp)?;
    let task = block.owner();
    // SAFETY: the word at the stack pointer of a thread that is suspended or in the runtime is the address at which the
    // thread goes on.
    let pc = unsafe { sp.cast::<u64>().read() };
    let (sp, top) = ((sp.addr() + pushed) as u64, block.top().addr() as u64);
    let start = StackSlice { pc, is_return_address: true, sp, top, continuation: block.continuation() };
    (!task.is_null()).then_some((task, start))
}

/// The position of the innermost call whose position is known.
pub fn innermost(trace: &Trace) -> Option<Position<'_>> {
    // Code of a prologue has no column. If the innermost call is in a prologue, the result is the position of that
    // call's caller.
    let call = trace.first.iter().find(|call| call.column.is_some())?;
    Some(Position { file: call.file.as_deref()?, line: call.line?, column: call.column? })
}

/// The position of the innermost call in the program, not in its library, of the running thread.
///
/// # Safety
/// A green thread has called into the runtime, with the stack pointer `sp`.
pub unsafe fn place_in_program(sp: Sp) -> Option<String> {
    // SAFETY: the stack of a thread does not change while the thread is in the runtime.
    let trace = unsafe { Trace::of_stack(&thread_at(sp, RETURN_ADDRESS)?.1) };
    let call = trace.first.iter().find(|call| call.column.is_some() && !call.is_in_library())?;
    Some(format!("{}:{}:{}", call.file.as_deref()?, call.line?, call.column?))
}

/// The data by which reports name the thread of `task`.
///
/// # Safety
/// The task has not been freed, although its thread may have ended.
pub unsafe fn thread(task: *const Task) -> GreenThread<'static> {
    // SAFETY: sites are constants of the program.
    unsafe { GreenThread { number: (*task).waiter.number, spawned: position((*task).site) } }
}

/// The position of a site; `None` for null.
///
/// # Safety
/// `site` is null or a constant of the program.
pub unsafe fn position(site: *const Site) -> Option<Position<'static>> {
    // SAFETY: a constant of the program is always valid.
    let site = unsafe { site.as_ref()? };
    // SAFETY: the file of a site is a string.
    let file = unsafe { strings::as_str(site.file) };
    Some(Position { file, line: site.line, column: site.column })
}

/// Writes the buffer of standard output, then prints a report on standard error. Errors are ignored, since the thread
/// or the program ends anyway.
pub fn print_report(text: &str) {
    let _ = stdout::flush();
    write_report(text);
}

/// Writes a text to standard error.
pub fn write_report(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
