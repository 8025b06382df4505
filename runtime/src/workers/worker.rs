//! The creation of workers and of the main green thread. A worker is the state of an OS thread that runs green threads.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::AtomicU64;

use weft_abi::continuation::context;
use weft_abi::layout::before_yield::CANCELLATION;
use weft_abi::{Header, RunQueue, Sp, StackBase, Task, Worker, well_known};

use super::run_queue::new_ring;
use crate::arch::{self, Current};
use crate::heap;
use crate::stack::pool::{self, Block};
use crate::timeline;

/// Makes a worker for this OS thread. The worker lives as long as the process.
pub fn create() -> io::Result<Current> {
    let mut worker = Box::new(Worker::empty(new_ring(RunQueue::SMALLEST.size())?));
    worker.idle = arch::IDLE.sp();
    worker.limit_slot = arch::limit_slot();
    // A thread may have been cancelled before this worker was registered. A yield clears the bit once all cancelled
    // threads have begun to end.
    worker.before_yield = AtomicU64::new(CANCELLATION);
    let worker = Box::leak(worker);
    arch::set_current_worker(worker);
    // SAFETY: the line above made `worker` the worker of this OS thread.
    let current = unsafe { Current::of(worker) };
    timeline::create(current)?;
    Ok(current)
}

/// Creates the main green thread, suspended at the start of `function`. The worker is new and runs no green thread yet.
pub fn create_main(current: Current, function: *const u8) -> io::Result<Sp> {
    let block = pool::lock().allocate(0)?;
    let worker = current.worker();
    // SAFETY: `current` is the token of the running worker, so no other code changes its private fields. The task's
    // memory is new, large enough and zero; the block is new too.
    unsafe {
        let header = Header::new(well_known::TASK);
        let task = heap::with(|heap| heap.allocate(current, header, size_of::<Task>()))?.cast::<Task>();
        (*worker).last_task = 1;
        // With this value, the first spawn asks `thread_ids::next` for a number.
        (*worker).last_number = 1;
        // All other fields of a new task are zero.
        (*task).waiter.number = 1;
        (*task).stack_limit = block.limit();
        (*task).stack_class = block.class as u8;
        block.words().write(StackBase::of(task, context::of_thread(1)));
        Ok(lay_out(block, task, function))
    }
}

/// Writes the stack of a thread that starts in `function` with its task as the only argument; see `arch` for the order
/// of words.
///
/// # Safety
/// The block is allocated, and no thread uses it yet.
unsafe fn lay_out(block: Block, task: *mut Task, function: *const u8) -> Sp {
    // SAFETY: these four words lie in the block, below its end.
    unsafe {
        let words = block.top().cast::<usize>();
        words.sub(1).write(function.expose_provenance());
        words.sub(2).write(task.expose_provenance());
        words.sub(3).write(block.limit().expose_provenance());
        words.sub(4).write(arch::start_address().expose_provenance());
        words.sub(4).cast()
    }
}

/// The task of the thread that called into the runtime; null if no green thread did.
pub fn current_task(current: Current) -> *mut Task {
    pool::lock().block_of(current.green_sp()).map_or(null_mut(), Block::owner)
}

/// The base of the stack from which a green thread called into the runtime.
pub fn current_base(current: Current) -> *mut StackBase {
    pool::lock().block_of(current.green_sp()).expect("BUG: a call from no green stack").words()
}
