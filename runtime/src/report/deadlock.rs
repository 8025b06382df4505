//! The report of a deadlock: every green thread waits, and no event from outside can wake any of them.

use std::mem::offset_of;

use weft_abi::{IoHandle, Mutex, ParkReason, Task, WaitKind, WaitList, WaitListObject};

use crate::io::descriptors::Descriptor;
use crate::report::thread_info::{SUSPENDED, innermost, print_report, thread, thread_at};
use crate::report::{self, OpenFile, Wait, Waiting};
use crate::stack::pool;
use crate::trace::Trace;
use crate::wait::handles;
use crate::workers::registry;

/// The exit status of a process that ends in a deadlock.
const STATUS: i32 = 102;

/// Reports a deadlock, and ends the process.
///
/// # Safety
/// All green threads wait, and nothing can wake any of them.
pub unsafe fn report() -> ! {
    let mut tasks: Vec<*mut Task> = pool::lock().of_threads().map(|block| block.owner()).collect();
    // SAFETY: the owner of a block in use is alive. No thread runs, so tasks and stacks do not change.
    unsafe {
        tasks.sort_by_key(|&task| (*task).waiter.number);
        let shown = &tasks[..tasks.len().min(report::THREADS_SHOWN)];
        let traces: Vec<Option<Trace>> = shown.iter().map(|&task| trace(task)).collect();
        let waiting = shown.iter().zip(&traces).map(|(&task, trace)| Waiting {
            thread: thread(task),
            wait: wait_of(task),
            position: trace.as_ref().and_then(innermost),
        });
        // The collector frees the stacks of threads that can never be woken, except for the threads that a report
        // shows. `unreachable_tasks` counts the threads whose stacks were freed.
        let unreachable: u64 =
            registry::workers().into_iter().map(|worker| (*worker).unreachable_tasks).sum();
        let count = tasks.len() as u64 + unreachable;
        print_report(&report::deadlock(count, waiting));
    }
    std::process::exit(STATUS)
}

/// The trace of a waiting thread.
///
/// # Safety
/// The thread waits during the call.
pub unsafe fn trace(task: *const Task) -> Option<Trace> {
    // SAFETY: the stack pointer of a thread that waits is in its task.
    unsafe { thread_at((*task).sp, SUSPENDED).map(|(_, start)| Trace::of_stack(&start)) }
}

/// The reason for which a thread waits.
///
/// # Safety
/// The thread waits during the call.
pub unsafe fn wait_of(task: *const Task) -> Wait {
    // SAFETY: a list is alive as long as a thread waits in it; the list of joiners is part of a task.
    unsafe {
        let list = (*task).waiter.list;
        if list.is_null() {
            return match ParkReason::ALL[(*task).park_reason as usize] {
                ParkReason::Select => Wait::Select,
                ParkReason::Sleep => Wait::Sleep,
                ParkReason::Call => Wait::Call,
            };
        }
        match WaitKind::ALL[(*list).kind as usize] {
            WaitKind::Join => {
                let joined = list.cast::<u8>().sub(offset_of!(Task, joiners)).cast::<Task>();
                Wait::Join((*joined).waiter.number)
            }
            WaitKind::Channel if (*task).waiter.side == 0 => Wait::Receive,
            WaitKind::Channel => Wait::Send,
            WaitKind::Mutex => Wait::Mutex(holder(list)),
            WaitKind::Once => Wait::Once(holder(list)),
            WaitKind::RwLock => Wait::RwLock(holder(list)),
            WaitKind::Condition => Wait::Condition,
            WaitKind::Scope => Wait::Scope,
            WaitKind::Semaphore => Wait::Semaphore,
            WaitKind::WaitGroup => Wait::Group,
            WaitKind::Barrier => Wait::Barrier,
            WaitKind::Io if (*task).waiter.side == 0 => Wait::Read(Some(file_of(list, 0))),
            WaitKind::Io => Wait::Write(Some(file_of(list, 1))),
        }
    }
}

/// The open file to whose handle a list belongs.
///
/// # Safety
/// The list belongs to an I/O handle.
unsafe fn file_of(list: *mut WaitList, side: usize) -> OpenFile {
    // SAFETY: the list lies in its handle.
    unsafe {
        let handle = list.cast::<u8>().sub(offset_of!(WaitListObject, list)).cast::<IoHandle>();
        OpenFile {
            kind: handles::kind(handle),
            descriptor: Descriptor::number(handles::descriptor(handle)),
            process: (*handle).detail as u32,
            since: (*handle).since[side],
        }
    }
}

/// The number of the thread that holds the mutex to which a list belongs.
///
/// # Safety
/// The list belongs to a mutex, and no thread runs.
unsafe fn holder(list: *mut WaitList) -> Option<u64> {
    // SAFETY: the list lies in its mutex, and a thread that holds a mutex is alive.
    unsafe {
        let mutex = list.cast::<u8>().sub(offset_of!(WaitListObject, list)).cast::<Mutex>();
        (*mutex).holder.as_ref().map(|holder| holder.waiter.number)
    }
}
