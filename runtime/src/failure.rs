//! How green threads and the process end when something is wrong: panics and faults.

use weft_abi::layout::LIBRARY_FOLDER;
use weft_abi::{Site, Task, Worker};

use crate::inspect::{RETURN_ADDRESS, innermost, position, print_report, thread, thread_at, write_report};
use crate::os::Fault;
use crate::report::{self, Panic, Signal, messages};
use crate::trace::{StackSlice, Trace};
use crate::{arch, cancel, collect, idle, output, stacks, strings, worker};

/// The status of a process whose main green thread panicked.
const PANIC_STATUS: i32 = 101;

/// Panics in the running green thread: reports it, and ends the thread, or the process if it is the main one.
/// `site` may be null or in the library; then the innermost call of the program tells where.
///
/// # Safety
/// `worker` is the running worker, and its green thread called into the runtime.
pub unsafe fn panic(worker: *mut Worker, message: &str, site: *const Site) -> ! {
    // SAFETY: the thread's stack pointer is final while it is in the runtime.
    unsafe {
        let sp = (*worker).green_sp;
        let (task, start) =
            thread_at(sp, RETURN_ADDRESS).expect("BUG: a panic outside of every green thread");
        let trace = &Trace::of_stack(&start);
        let program = position(site).filter(|site| !site.file.starts_with(LIBRARY_FOLDER));
        let position = program.or_else(|| innermost(trace)).or_else(|| position(site));
        print_report(&report::panic(&Panic { message, position, thread: thread(task), trace }));
        if (*task).site.is_null() {
            std::process::exit(PANIC_STATUS);
        }
        end(worker, task, message)
    }
}

/// Ends the running green thread with `message` as its cause, and goes on with the next.
///
/// # Safety
/// As for [`panic`]; `task` is the running thread's.
unsafe fn end(worker: *mut Worker, task: *mut Task, message: &str) -> ! {
    // SAFETY: the task is alive and ours.
    unsafe {
        let allocate = |size| collect::allocate(worker, strings::HEADER, size);
        let cause = strings::create(message.as_bytes(), |size| {
            allocate(size).unwrap_or_else(|| crate::os::die("no memory for the message of a panic"))
        });
        cancel::end_with(worker, task, cause.expose_provenance() as u64);
        worker::prefer_offspring(worker);
        idle::resume_next(worker)
    }
}

/// Ends the running green thread, which was cancelled.
///
/// # Safety
/// As for [`panic`]; `task` is the running thread's.
pub unsafe fn end_cancelled(worker: *mut Worker, task: *mut Task) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        cancel::finish(worker, task);
        worker::prefer_offspring(worker);
        idle::resume_next(worker)
    }
}

/// Panics because the joined `task` has panicked.
///
/// # Safety
/// As for [`panic`]; `task` has panicked.
pub unsafe fn join(worker: *mut Worker, task: *const Task, site: *const Site) -> ! {
    // SAFETY: the result of a task that panicked is its message.
    unsafe {
        let cause = strings::as_str(std::ptr::with_exposed_provenance((*task).result as usize));
        let message = messages::joined_panicked((*task).waiter.number, cause);
        panic(worker, &message, site)
    }
}

/// Reports a fault of the machine. The process ends when the handler returns.
pub fn fault(fault: &Fault) {
    // Whoever holds the stacks was interrupted in the runtime: then nothing is known.
    let block =
        stacks::try_lock().map(|stacks| stacks.block_of(std::ptr::with_exposed_provenance_mut(fault.sp)));
    // The runtime may have been interrupted while it printed: then what waits to be written cannot be touched.
    if matches!(block, Some(Some(_))) {
        output::flush_if_free();
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
