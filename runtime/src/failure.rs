//! How green threads and the process end when something is wrong: panics, deadlocks and faults.

use std::io::Write;

use weft_abi::layout::{LIBRARY_FOLDER, MAILBOX};
use weft_abi::{Site, Sp, Task, TaskState, Worker};
use weft_hot::queue;

use crate::os::Fault;
use crate::report::{self, GreenThread, Panic, Position, Signal, Wait, Waiting, messages};
use crate::trace::{StackSlice, Trace};
use crate::{arch, collect, growth, output, stacks, strings, worker};

/// The status of a process whose main green thread panicked.
const PANIC_STATUS: i32 = 101;
/// The status of a process in which every green thread waits.
const DEADLOCK_STATUS: i32 = 102;

/// Panics in the running green thread: reports it, and ends the thread, or the process if it is the main one.
/// `site` may be null or in the library; then the innermost call of the program tells where.
///
/// # Safety
/// `worker` is the running worker, and its green thread called into the runtime.
pub unsafe fn panic(worker: *mut Worker, message: &str, site: *const Site) -> ! {
    // SAFETY: the thread's stack pointer is final while it is in the runtime.
    unsafe {
        let sp = (*worker).green_sp;
        let (task, start) = thread_at(sp, 8).expect("BUG: a panic outside of every green thread");
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
        (*task).result = cause.expose_provenance() as u64;
        (*task).state = TaskState::Panicked as u32;
        (*worker).ended_tasks += 1;
        worker::wake_joiners(worker, task);
        growth::free_stack(worker, task);
        if queue::is_empty(&(*worker).run_queue) {
            deadlock(worker);
        }
        let next = queue::take(&mut (*worker).run_queue).read();
        arch::resume(next)
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
        let message = messages::joined_panicked((*task).number, cause);
        panic(worker, &message, site)
    }
}

/// A green thread that waits for another to end.
struct Joiner {
    number: u64,
    joins: u64,
    task: *const Task,
    start: StackSlice,
}

/// Reports that nothing can run any more, and ends the process.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn deadlock(worker: *const Worker) -> ! {
    let tasks: Vec<*mut Task> = stacks::lock().in_use().map(|block| block.owner()).collect();
    // SAFETY: the owner of a block in use is alive. Nothing runs, so the lists of waiting threads are final.
    let mut joiners: Vec<Joiner> = tasks.into_iter().flat_map(|task| unsafe { joiners_of(task) }).collect();
    joiners.sort_by_key(|joiner| joiner.number);
    let shown = &joiners[..joiners.len().min(report::THREADS_SHOWN)];
    // SAFETY: the threads are suspended for good.
    let traces: Vec<Trace> = shown.iter().map(|joiner| unsafe { Trace::of_stack(&joiner.start) }).collect();
    let waiting = shown.iter().zip(&traces).map(|(joiner, trace)| Waiting {
        // SAFETY: as above.
        thread: unsafe { thread(joiner.task) },
        wait: Wait::Join(joiner.joins),
        position: innermost(trace),
    });
    // The collector gives up threads that wait for nothing alive, but keeps as many as a report shows.
    // SAFETY: the worker is ours alone.
    let count = joiners.len() as u64 + unsafe { (*worker).lost_tasks };
    print_report(&report::deadlock(count, waiting));
    std::process::exit(DEADLOCK_STATUS)
}

/// The threads that wait for `task`.
///
/// # Safety
/// `task` is alive, and nothing runs.
unsafe fn joiners_of(task: *const Task) -> Vec<Joiner> {
    // SAFETY: as the caller promises.
    let waiting = unsafe { worker::joiners(task) };
    let joiner = |sp: Sp| {
        // SAFETY: what waits is suspended.
        let (own, start) = unsafe { thread_at(sp, MAILBOX + 8) }.expect("BUG: a waiting thread has no stack");
        // SAFETY: both are tasks.
        unsafe { Joiner { number: (*own).number, joins: (*task).number, task: own, start } }
    };
    waiting.into_iter().map(joiner).collect()
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
            Some(None) if !worker.is_null() => thread_at((*worker).green_sp, 8),
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

/// The green thread whose suspended stack pointer is `sp`, and where a trace of it starts: at the address that lies
/// there, with `pushed` bytes that the frame below does not know of.
///
/// # Safety
/// `sp` is a stack pointer of a green thread that does not run, or no stack's at all.
unsafe fn thread_at(sp: Sp, pushed: usize) -> Option<(*mut Task, StackSlice)> {
    let block = stacks::lock().block_of(sp)?;
    let task = block.owner();
    // SAFETY: a suspended thread's stack begins with the address where it goes on.
    let pc = unsafe { sp.cast::<u64>().read() };
    let (sp, top) = ((sp.addr() + pushed) as u64, block.top().addr() as u64);
    let start = StackSlice { pc, is_return_address: true, sp, top };
    (!task.is_null()).then_some((task, start))
}

fn innermost(trace: &Trace) -> Option<Position<'_>> {
    // A prologue has no column: then the call tells where.
    let call = trace.first.iter().find(|call| call.column.is_some())?;
    Some(Position { file: call.file.as_deref()?, line: call.line?, column: call.column? })
}

/// # Safety
/// `task` is a task.
unsafe fn thread(task: *const Task) -> GreenThread<'static> {
    // SAFETY: sites are constants of the program.
    unsafe { GreenThread { number: (*task).number, spawned: position((*task).site) } }
}

/// # Safety
/// `site` is null or a constant of the program.
unsafe fn position(site: *const Site) -> Option<Position<'static>> {
    // SAFETY: as the caller promises.
    let site = unsafe { site.as_ref()? };
    // SAFETY: a site names its file with a string.
    let file = unsafe { strings::as_str(site.file) };
    Some(Position { file, line: site.line, column: site.column })
}

/// What the program printed before comes first. Nobody is left to be told that it cannot be written.
fn print_report(text: &str) {
    let _ = output::flush();
    write_report(text);
}

fn write_report(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
