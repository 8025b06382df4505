//! The state of an OS thread that runs green threads: how it begins, and what grows with the number of threads.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::layout::before_yield::{CANCELLATION, PREFETCH};
use weft_abi::{Header, RunQueue, Sp, StackBase, Task, Worker, well_known};
use weft_hot::queue;
use weft_hot::schedule;

use crate::stacks::{self, Block};
use crate::{arch, heap, os};

/// Makes the worker of this OS thread. It lives as long as the process.
pub fn create() -> io::Result<*mut Worker> {
    let mut worker = Box::new(Worker::empty(new_run_queue(RunQueue::SMALLEST.size())?));
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
    let block = stacks::lock().allocate(0)?;
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

/// Makes a suspended thread ready, as one that the running one has woken.
///
/// # Safety
/// `worker` is the running worker; `sp` is suspended and nobody else will resume it.
pub unsafe fn ready(worker: *mut Worker, sp: Sp) {
    // SAFETY: the worker is ours alone, and there is room when the place is claimed.
    unsafe {
        if !queue::has_room(&(*worker).run_queue) {
            grow_run_queue(worker);
        }
        (*worker).offspring += 1;
        queue::claim(&mut (*worker).run_queue).write(sp);
    }
}

/// Puts what the running thread, which has ended, has spawned and woken before the others, unless it is their turn.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn prefer_offspring(worker: *mut Worker) {
    // SAFETY: as the caller promises; what the count says is at the tail.
    unsafe {
        let count = std::mem::take(&mut (*worker).offspring);
        if count > 0 && schedule::is_preferred(worker, count) {
            prefer(worker, count);
        }
    }
}

/// Moves the last `count` entries of the run queue to its head, in their order.
///
/// # Safety
/// `worker` is the running worker, and the entries are there.
pub unsafe fn prefer(worker: *mut Worker, count: u64) {
    // SAFETY: the worker is ours alone; a ring has room for one entry more.
    unsafe {
        let queue = &mut (*worker).run_queue;
        for _ in 0..count {
            let last = queue::take_last(queue);
            queue::put_first(queue, last);
        }
    }
}

/// Adds an entry at the head of the run queue: the next to run.
///
/// # Safety
/// As for [`ready`].
pub unsafe fn ready_first(worker: *mut Worker, sp: Sp) {
    // SAFETY: the worker is ours alone; a ring with room has a free place before its head.
    unsafe {
        if !queue::has_room(&(*worker).run_queue) {
            grow_run_queue(worker);
        }
        queue::put_first(&mut (*worker).run_queue, sp);
    }
}

/// The task of the thread that called into the runtime; null when none did.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn current_task(worker: *const Worker) -> *mut Task {
    // SAFETY: as the caller promises.
    let sp = unsafe { (*worker).green_sp };
    stacks::lock().block_of(sp).map_or(null_mut(), Block::owner)
}

/// Looks at all that is in the run queue, the next one first.
///
/// # Safety
/// Nobody changes the run queue of `worker` meanwhile.
pub unsafe fn with_ready(worker: *const Worker, mut look: impl FnMut(Sp)) {
    // SAFETY: places between head and tail hold suspended threads and errands.
    unsafe {
        let queue = &(*worker).run_queue;
        for number in 0..queue::length(queue) {
            look(queue::behind(queue, queue.head, number).read());
        }
    }
}

/// Doubles the run queue's capacity.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn grow_run_queue(worker: *mut Worker) {
    // SAFETY: the worker is ours alone, and what is ready has room in the larger ring.
    unsafe {
        let queue = &mut (*worker).run_queue;
        let mut larger = new_run_queue(queue.size() * 2)
            .unwrap_or_else(|error| os::die(&format!("no memory for more ready threads: {error}")));
        while !queue::is_empty(queue) {
            queue::claim(&mut larger).write(queue::take(queue).read());
        }
        os::release(queue.ring.cast(), queue.size());
        *queue = larger;
        (*worker).before_yield.fetch_or(PREFETCH, Ordering::Relaxed);
    }
}

fn new_run_queue(size: usize) -> io::Result<RunQueue> {
    let ring: *mut Sp = os::allocate_aligned(size, 2 * size)?.as_ptr().cast();
    Ok(RunQueue { head: ring, tail: ring, wrap: !size, ring })
}

#[cfg(test)]
mod tests;
