//! The run queue of a worker, beyond its hot paths.

use std::io;
use std::sync::atomic::Ordering;

use weft_abi::layout::before_yield::PREFETCH;
use weft_abi::{RunQueue, Sp, Worker};
use weft_hot::queue;
use weft_hot::schedule;

use crate::os;

/// Makes a suspended thread ready, as one that the running one has woken.
///
/// # Safety
/// `worker` is the running worker; `sp` is suspended and nobody else will resume it.
pub unsafe fn ready(worker: *mut Worker, sp: Sp) {
    // SAFETY: the worker is ours alone, and there is room when the place is claimed.
    unsafe {
        if !queue::has_room(&(*worker).run_queue) {
            grow(worker);
        }
        (*worker).woken_in_slice += 1;
        queue::claim(&mut (*worker).run_queue).write(sp);
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
            grow(worker);
        }
        queue::put_first(&mut (*worker).run_queue, sp);
    }
}

/// Puts what the running thread, which has ended, has spawned and woken before the others, unless it is their turn.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn prefer_woken(worker: *mut Worker) {
    // SAFETY: as the caller promises; what the count says is at the tail.
    unsafe {
        let count = std::mem::take(&mut (*worker).woken_in_slice);
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

/// Looks at all that is in the run queue, the next one first.
///
/// # Safety
/// Nobody changes the run queue of `worker` meanwhile.
pub unsafe fn with_ready(worker: *const Worker, mut look: impl FnMut(Sp)) {
    // SAFETY: places between head and tail hold suspended threads and pseudo-threads.
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
pub unsafe fn grow(worker: *mut Worker) {
    // SAFETY: the worker is ours alone, and what is ready has room in the larger ring.
    unsafe {
        let queue = &mut (*worker).run_queue;
        let mut larger = new_ring(queue.size() * 2)
            .unwrap_or_else(|error| os::die(&format!("no memory for more ready threads: {error}")));
        while !queue::is_empty(queue) {
            queue::claim(&mut larger).write(queue::take(queue).read());
        }
        os::release(queue.ring.cast(), queue.size());
        *queue = larger;
        (*worker).before_yield.fetch_or(PREFETCH, Ordering::Relaxed);
    }
}

pub(super) fn new_ring(size: usize) -> io::Result<RunQueue> {
    let ring: *mut Sp = os::allocate_aligned(size, 2 * size)?.as_ptr().cast();
    Ok(RunQueue { head: ring, tail: ring, wrap: !size, ring })
}

#[cfg(test)]
mod tests;
