//! Green threads as reports show them.

use std::io::Write;

use weft_abi::{Site, Sp, Task};

use crate::io::stdout;
use crate::report::{GreenThread, Position};
use crate::stack::pool::{self, Stacks};
use crate::text::strings;
use crate::trace::{StackSlice, Trace};

/// What lies at the stack pointer of a thread that called into the runtime, in bytes.
pub const RETURN_ADDRESS: usize = 8;
/// What lies at the stack pointer of a thread that is suspended: its resume address and its limit.
pub const SUSPENDED: usize = 16;

/// The green thread whose suspended stack pointer is `sp`, and where a trace of it starts: at the address that lies
/// there, with `pushed` bytes that the frame below does not know of.
///
/// # Safety
/// `sp` is a stack pointer of a green thread that does not run, or no stack's at all.
pub unsafe fn thread_at(sp: Sp, pushed: usize) -> Option<(*mut Task, StackSlice)> {
    // SAFETY: as the caller promises.
    unsafe { thread_in(&pool::lock(), sp, pushed) }
}

/// The same for who has the stacks.
///
/// # Safety
/// As for [`thread_at`].
pub unsafe fn thread_in(stacks: &Stacks, sp: Sp, pushed: usize) -> Option<(*mut Task, StackSlice)> {
    let block = stacks.block_of(sp)?;
    let task = block.owner();
    // SAFETY: a suspended thread's stack begins with the address where it goes on.
    let pc = unsafe { sp.cast::<u64>().read() };
    let (sp, top) = ((sp.addr() + pushed) as u64, block.top().addr() as u64);
    let start = StackSlice { pc, is_return_address: true, sp, top };
    (!task.is_null()).then_some((task, start))
}

/// Where the innermost call is of which that is known.
pub fn innermost(trace: &Trace) -> Option<Position<'_>> {
    // A prologue has no column: then the call tells where.
    let call = trace.first.iter().find(|call| call.column.is_some())?;
    Some(Position { file: call.file.as_deref()?, line: call.line?, column: call.column? })
}

/// How reports name the thread of `task`.
///
/// # Safety
/// `task` is a task.
pub unsafe fn thread(task: *const Task) -> GreenThread<'static> {
    // SAFETY: sites are constants of the program.
    unsafe { GreenThread { number: (*task).waiter.number, spawned: position((*task).site) } }
}

/// A site as reports show it; `None` for null.
///
/// # Safety
/// `site` is null or a constant of the program.
pub unsafe fn position(site: *const Site) -> Option<Position<'static>> {
    // SAFETY: as the caller promises.
    let site = unsafe { site.as_ref()? };
    // SAFETY: a site names its file with a string.
    let file = unsafe { strings::as_str(site.file) };
    Some(Position { file, line: site.line, column: site.column })
}

/// What the program printed before comes first. Nobody is left to be told that it cannot be written.
pub fn print_report(text: &str) {
    let _ = stdout::flush();
    write_report(text);
}

/// Leaves a text on standard error.
pub fn write_report(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
