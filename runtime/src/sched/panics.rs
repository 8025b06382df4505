//! Panics, faults and cancellation: the report, the next cleanup, and the end of the green thread or the process.
//!
//! ```text
//!   panic or failed join ──▶ report ──▶ main thread without deferred blocks? ──yes──▶ the process ends, status 101
//!                                         │no
//!   cancelled where it waits or yields ──▶│
//!                                         ▼
//!              deferred blocks or scopes? ──yes──▶ weft_unwind: next_cleanup, again and again ──▶ next thread
//!                                         │no
//!                                         ▼
//!                                 the thread has ended ──▶ next thread
//! ```

use std::borrow::Cow;
use std::ptr::null;

use weft_abi::layout::LIBRARY_FOLDER;
use weft_abi::{Site, Task, TraceKind, WaitKind};

use super::{panic_cause, run_loop};
use crate::arch::{self, Current};
use crate::gc;
use crate::io::c_strings;
use crate::io::stdout;
use crate::os::{self, Fault};
use crate::report::thread_info::{
    RETURN_ADDRESS, innermost, position, print_report, thread, thread_at, write_report,
};
use crate::report::{self, GreenThread, Panic, Signal, messages};
use crate::stack::pool;
use crate::text::strings;
use crate::timeline;
use crate::trace::{StackSlice, Trace};
use crate::wait::list;
use crate::wait::unwind::{self, End, Step, was_cancelled};
use crate::workers::{run_queue, worker};

/// The exit status of a process whose main green thread panicked.
const PANIC_STATUS: i32 = 101;

/// Panics in the running green thread: reports the panic, and ends the thread, or the process if the thread is the main
/// thread. If `site` is null or in the library, the report shows the position of the innermost call in the program.
///
/// # Safety
/// The green thread of the current worker called into the runtime. The caller has no values that have to be dropped,
/// since the function does not return.
pub unsafe fn panic(current: Current, message: Cow<'_, str>, site: *const Site) -> ! {
    // SAFETY: the site and the message are valid, and the running thread is in the runtime.
    unsafe {
        report_panic(current, &message, site, null());
        // If the evaluation of an argument of a C call panicked, the C strings for the earlier arguments have not been
        // freed yet.
        drop(c_strings::take_owned());
        let cause = new_message(current, message);
        end(current, cause)
    }
}

/// Panics in the running thread, which joins the thread of `joined`. If the joined thread has panicked, its cause is
/// passed on; if it was cancelled, the message says so.
///
/// # Safety
/// As for [`panic`]; the joined thread has panicked or was cancelled.
pub unsafe fn join(current: Current, joined: *const Task, site: *const Site) -> ! {
    // SAFETY: the joined thread has panicked or was cancelled, so its cause is an object; the running thread is in the
    // runtime.
    unsafe {
        if was_cancelled(joined) {
            panic(current, messages::joined_cancelled((*joined).waiter.number).into(), site)
        }
        let message = strings::as_str(panic_cause::message(joined));
        report_panic(current, message, site, joined);
        let size = panic_cause::SIZE;
        let memory = gc::allocate(current, list::HEADER, size);
        let memory = memory.unwrap_or_else(|| os::die("no memory for the cause of a panic"));
        end(current, panic_cause::create(memory, joined))
    }
}

/// Prints the report of a panic in the running thread. `joined` is the task of the
/// joined thread whose panic is passed on, or null.
///
/// # Safety
/// As for [`panic`].
unsafe fn report_panic(current: Current, message: &str, site: *const Site, joined: *const Task) {
    // SAFETY: the thread's stack pointer does not change while the thread is in the runtime.
    unsafe {
        let sp = current.green_sp();
        let (task, start) =
            thread_at(sp, RETURN_ADDRESS).expect("BUG: a panic outside of every green thread");
        let trace = &Trace::of_stack(&start);
        let program = position(site).filter(|site| !site.file.starts_with(LIBRARY_FOLDER));
        let position = program.or_else(|| innermost(trace)).or_else(|| position(site));
        let passed_on: Vec<GreenThread> = panic_cause::chain(joined).map(|task| thread(task)).collect();
        let panic = Panic { message, position, thread: thread(task), passed_on: &passed_on, trace };
        print_report(&report::panic(&panic));
    }
}

/// Makes a string object of a message.
///
/// # Safety
/// As for [`panic`].
unsafe fn new_message(current: Current, message: Cow<'_, str>) -> u64 {
    // SAFETY: the memory is new and large enough; a message is UTF-8.
    let object = unsafe {
        strings::create(message.as_bytes(), |size| {
            let memory = gc::allocate(current, strings::HEADER, size);
            memory.unwrap_or_else(|| os::die("no memory for the message of a panic"))
        })
    };
    object.expose_provenance() as u64
}

/// Ends the running green thread, and resumes the next thread. The object at the address `cause` is the cause of the
/// end.
///
/// # Safety
/// As for [`panic`].
unsafe fn end(current: Current, cause: u64) -> ! {
    // SAFETY: the running thread is in the runtime and does not go on, so only this code touches its task and chains.
    unsafe {
        let base = worker::current_base(current);
        // The process ends with the main thread, so the thread's mutexes and scopes do not matter.
        if (*(*base).owner).site.is_null() && !unwind::has_deferred(base) {
            end_main(current);
        }
        match unwind::begin(current, base, cause) {
            End::Unwinds => {
                let sp = unwind::start(base, current.green_sp());
                arch::unwind(sp, (*(*base).home).stack_limit)
            }
            End::Ended => go_on(current),
        }
    }
}

/// Ends the process after a panic of the main thread.
fn end_main(current: Current) -> ! {
    // The main thread is number 1.
    timeline::record(current, TraceKind::Exit, 0, 1, 0);
    let _ = stdout::flush();
    std::process::exit(PANIC_STATUS)
}

/// Resumes the next thread after the running thread has ended or parked.
///
/// # Safety
/// Nothing on the worker's own stack is needed any more.
unsafe fn go_on(current: Current) -> ! {
    run_queue::prefer_woken(current);
    // SAFETY: the caller needs nothing on this stack.
    unsafe { run_loop::resume_next(current) }
}

/// Ends the running green thread, which was cancelled.
///
/// # Safety
/// As for [`panic`].
pub unsafe fn end_cancelled(current: Current) -> ! {
    // SAFETY: the caller has the same obligations, and the cause is an object.
    unsafe { end(current, unwind::cancelled()) }
}

/// Returns the next deferred block of the running thread, which unwinds. Waits for the members of its scopes, and ends
/// the thread after the last block.
///
/// # Safety
/// `weft_unwind` called into the runtime.
pub unsafe fn next_cleanup(current: Current) -> *const u8 {
    // SAFETY: the running thread unwinds and is in the runtime, so only this code touches its task and chain. A list in
    // which the thread waits is locked until the thread's stack pointer is in the task.
    unsafe {
        let base = worker::current_base(current);
        let task = (*base).owner;
        if (*task).site.is_null() && !unwind::has_deferred(base) {
            end_main(current);
        }
        match unwind::next(current, base) {
            Step::Call(block) => block,
            Step::Wait(list) => {
                let limit = (*(*base).home).stack_limit;
                let word = (WaitKind::Scope as u64) << 48;
                timeline::record(current, TraceKind::Wait, 0, (*task).waiter.number, word);
                (*task).sp = arch::park_unwinding(current.green_sp(), limit);
                list.push(&raw mut (*task).waiter, 0);
                drop(list);
                go_on(current)
            }
            Step::Ended => go_on(current),
        }
    }
}

/// Reports a memory fault. The process ends when the handler returns.
pub fn fault(fault: &Fault) {
    // The handler must not wait for the lock of the stacks, because the fault may have interrupted the holder. So if
    // the stacks are locked, the report names no thread.
    let block =
        pool::try_lock().map(|stacks| stacks.block_of(std::ptr::with_exposed_provenance_mut(fault.sp)));
    // The output buffer is flushed only if compiled code faulted, and the runtime was not writing to the buffer.
    if matches!(block, Some(Some(_))) {
        stdout::flush_if_free();
    }
    let worker = arch::current_worker();
    // SAFETY: a worker lives as long as the process; its green stack pointer does not change while the worker runs the
    // runtime or C code.
    let at = unsafe {
        match block {
            Some(Some(block)) => {
                let (sp, top) = (fault.sp as u64, block.top().addr() as u64);
                let start = StackSlice {
                    pc: fault.pc as u64,
                    is_return_address: false,
                    sp,
                    top,
                    continuation: block.continuation(),
                };
                Some((block.owner(), start))
            }
            Some(None) if !worker.is_null() => thread_at((*worker).green_sp, RETURN_ADDRESS),
            Some(None) | None => None,
        }
    };
    // SAFETY: the owner of a block in use is alive, and its stack does not change while this handler runs.
    let trace = at.as_ref().map(|(_, start)| unsafe { Trace::of_stack(start) });
    let report = report::Fault {
        signal: if fault.is_bus_error { Signal::Bus } else { Signal::Segmentation },
        address: fault.address.map(|address| address as u64),
        // SAFETY: as above.
        thread: at.map(|(task, _)| unsafe { thread(task) }),
        position: trace.as_ref().and_then(innermost),
    };
    write_report(&report::fault(&report));
}
