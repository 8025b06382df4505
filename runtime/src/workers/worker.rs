//! The state of an OS thread that runs green threads: how it begins.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::AtomicU64;

use weft_abi::layout::before_yield::CANCELLATION;
use weft_abi::{Header, RunQueue, Sp, StackBase, Task, Worker, well_known};

use super::run_queue::new_ring;
use crate::stack::pool::{self, Block};
use crate::{arch, heap};

/// Makes the worker of this OS thread. It lives as long as the process.
pub fn create() -> io::Result<*mut Worker> {
    let mut worker = Box::new(Worker::empty(new_ring(RunQueue::SMALLEST.size())?));
    worker.idle = arch::IDLE.sp();
    worker.limit_slot = arch::limit_slot();
    // A thread may have been cancelled before other workers knew of this one. The first yield takes the bit back.
    worker.before_yield = AtomicU64::new(CANCELLATION);
    let worker = Box::leak(worker);
    arch::set_current_worker(worker);
    Ok(worker)
}

/// Creates the main green thread, suspended before `function`.
///
/// # Safety
/// `worker` is the running worker and runs no green thread yet.
pub unsafe fn create_main(worker: *mut Worker, function: *const u8) -> io::Result<Sp> {
    let block = pool::lock().allocate(0)?;
    // SAFETY: the worker is ours alone; the memory is new and large enough for a task.
    unsafe {
        let header = Header::new(well_known::TASK);
        let task = heap::with(|heap| heap.allocate(worker, header, size_of::<Task>()))?.cast::<Task>();
        (*worker).last_task = 1;
        // The second thread of the process asks for its number.
        (*worker).last_number = 1;
        // The rest of a new task is zeros.
        (*task).waiter.number = 1;
        (*task).stack_top = block.top();
        (*task).stack_class = block.class as u8;
        block.words().write(StackBase::of(task));
        Ok(lay_out(block, task, function))
    }
}

/// Writes a stack that starts in `function` with its task as the one argument; see `arch` for the order of words.
///
/// # Safety
/// The block is free.
unsafe fn lay_out(block: Block, task: *mut Task, function: *const u8) -> Sp {
    // SAFETY: a block has room for these four words below its end.
    unsafe {
        let words = block.top().cast::<usize>();
        words.sub(1).write(function.expose_provenance());
        words.sub(2).write(task.expose_provenance());
        words.sub(3).write(block.limit().expose_provenance());
        words.sub(4).write(arch::start_address().expose_provenance());
        words.sub(4).cast()
    }
}

/// The task of the thread that called into the runtime; null when none did.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn current_task(worker: *const Worker) -> *mut Task {
    // SAFETY: as the caller promises.
    let sp = unsafe { (*worker).green_sp };
    pool::lock().block_of(sp).map_or(null_mut(), Block::owner)
}
