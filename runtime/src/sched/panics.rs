//! How green threads and the process end when something is wrong: panics and faults.

use std::borrow::Cow;
use std::ptr::null;

use weft_abi::layout::LIBRARY_FOLDER;
use weft_abi::{Site, Task, Worker};
use weft_hot::wait;

use crate::io::c_strings;
use crate::io::stdout;
use crate::os::{self, Fault};
use crate::report::thread_info::{
    RETURN_ADDRESS, innermost, position, print_report, thread, thread_at, write_report,
};
use crate::report::{self, GreenThread, Panic, Signal, messages};
use crate::sched::{panic_cause, run_loop};
use crate::stack::pool::{self, Block};
use crate::text::strings;
use crate::trace::{StackSlice, Trace};
use crate::wait::list;
use crate::wait::unwind::{self, End, Step, was_cancelled};
use crate::workers::{run_queue, worker};
use crate::{arch, gc};

/// The status of a process whose main green thread panicked.
const PANIC_STATUS: i32 = 101;

/// Panics in the running green thread: reports it, and ends the thread, or the process if it is the main one.
/// `site` may be null or in the library; then the innermost call of the program tells where.
///
/// # Safety
/// `worker` is the running worker, and its green thread called into the runtime. The caller holds nothing that would
/// have to be dropped: this does not return.
pub unsafe fn panic(worker: *mut Worker, message: Cow<'_, str>, site: *const Site) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        let task = report_panic(worker, &message, site, null());
        // Made for a call to C whose later argument panicked.
        drop(c_strings::take_owned());
        let cause = new_message(worker, message);
        end(worker, task, cause)
    }
}

/// Panics because the joined `task` has panicked: the cause is its cause.
///
/// # Safety
/// As for [`panic`]; `task` has panicked.
pub unsafe fn join(worker: *mut Worker, joined: *const Task, site: *const Site) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        if was_cancelled(joined) {
            panic(worker, messages::joined_cancelled((*joined).waiter.number).into(), site)
        }
        let message = strings::as_str(panic_cause::message(joined));
        let task = report_panic(worker, message, site, joined);
        let size = panic_cause::SIZE;
        let memory = gc::allocate(worker, list::HEADER, size);
        let memory = memory.unwrap_or_else(|| os::die("no memory for the cause of a panic"));
        end(worker, task, panic_cause::create(memory, joined))
    }
}

/// Prints the report of a panic in the running thread, and returns its task. `joined` is the thread that it comes from,
/// or null.
///
/// # Safety
/// As for [`panic`].
unsafe fn report_panic(
    worker: *mut Worker,
    message: &str,
    site: *const Site,
    joined: *const Task,
) -> *mut Task {
    // SAFETY: the thread's stack pointer is final while it is in the runtime.
    unsafe {
        let sp = (*worker).green_sp;
        let (task, start) =
            thread_at(sp, RETURN_ADDRESS).expect("BUG: a panic outside of every green thread");
        let trace = &Trace::of_stack(&start);
        let program = position(site).filter(|site| !site.file.starts_with(LIBRARY_FOLDER));
        let position = program.or_else(|| innermost(trace)).or_else(|| position(site));
        let passed_on: Vec<GreenThread> = panic_cause::chain(joined).map(|task| thread(task)).collect();
        let panic = Panic { message, position, thread: thread(task), passed_on: &passed_on, trace };
        print_report(&report::panic(&panic));
        task
    }
}

/// A string object of the message.
unsafe fn new_message(worker: *mut Worker, message: Cow<'_, str>) -> u64 {
    // SAFETY: the memory is nobody else's.
    let object = unsafe {
        strings::create(message.as_bytes(), |size| {
            let memory = gc::allocate(worker, strings::HEADER, size);
            memory.unwrap_or_else(|| os::die("no memory for the message of a panic"))
        })
    };
    object.expose_provenance() as u64
}

/// Ends the running green thread with the object at `cause`, and goes on with the next.
///
/// # Safety
/// As for [`panic`]; `task` is the running thread's.
unsafe fn end(worker: *mut Worker, task: *mut Task, cause: u64) -> ! {
    // SAFETY: the task is alive and ours.
    unsafe {
        // The process ends with the main thread: nothing has to be given back or waited for.
        if (*task).site.is_null() && !unwind::has_deferred(task) {
            end_main();
        }
        match unwind::begin(worker, task, cause) {
            End::Unwinds => {
                let sp = unwind::start(task, (*worker).green_sp);
                arch::unwind(sp, Block::of(task).limit())
            }
            End::Ended => go_on(worker),
        }
    }
}

/// Ends the process after a panic of the main thread.
fn end_main() -> ! {
    let _ = stdout::flush();
    std::process::exit(PANIC_STATUS)
}

/// Goes on with the next thread after the running one has ended.
///
/// # Safety
/// `worker` is the running worker.
unsafe fn go_on(worker: *mut Worker) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        run_queue::prefer_woken(worker);
        run_loop::resume_next(worker)
    }
}

/// Ends the running green thread, which was cancelled.
///
/// # Safety
/// As for [`panic`]; `task` is the running thread's.
pub unsafe fn end_cancelled(worker: *mut Worker, task: *mut Task) -> ! {
    // SAFETY: as the caller promises.
    unsafe { end(worker, task, unwind::cancelled()) }
}

/// The next deferred block of the running thread, which unwinds; waits for the threads of its scopes, and ends the
/// thread after the last block.
///
/// # Safety
/// `worker` is the running worker, and `weft_unwind` called into the runtime.
pub unsafe fn next_cleanup(worker: *mut Worker) -> *const u8 {
    // SAFETY: as the caller promises.
    unsafe {
        let task = worker::current_task(worker);
        let is_main = (*task).site.is_null();
        if is_main && !unwind::has_deferred(task) {
            end_main();
        }
        match unwind::next(worker, task) {
            Step::Call(block) => block,
            Step::Wait(list) => {
                let limit = Block::of(task).limit();
                (*task).sp = arch::park_unwinding((*worker).green_sp, limit);
                wait::link(&raw mut (*task).waiter, list, 0);
                list::unlock(list);
                go_on(worker)
            }
            Step::Ended => go_on(worker),
        }
    }
}

/// Reports a fault of the machine. The process ends when the handler returns.
pub fn fault(fault: &Fault) {
    // Whoever holds the stacks was interrupted in the runtime: then nothing is known.
    let block =
        pool::try_lock().map(|stacks| stacks.block_of(std::ptr::with_exposed_provenance_mut(fault.sp)));
    // The runtime may have been interrupted while it printed: then what waits to be written cannot be touched.
    if matches!(block, Some(Some(_))) {
        stdout::flush_if_free();
    }
    let worker = arch::current_worker();
    // SAFETY: a worker lives for ever; its green stack pointer is final while the runtime or C is at work for it.
    let at = unsafe {
        match block {
            Some(Some(block)) => {
                let (sp, top) = (fault.sp as u64, block.top().addr() as u64);
                let start = StackSlice { pc: fault.pc as u64, is_return_address: false, sp, top };
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
