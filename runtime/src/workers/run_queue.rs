//! The run queue of a worker: growth and changes of order. The fast paths are in `weft_hot::queue`.
//!
//! The queue is unbounded, first in, first out. Only its own worker touches the queue; other workers put threads into
//! that worker's inbox instead. The threads that the running thread has spawned or woken are the last entries, and
//! [`Worker::woken_in_slice`] is their number, so that they can be moved to the head when the running thread stops. A
//! change of the order makes that number meaningless, so such changes go through [`reorder`], which resets the number.

use std::io;
use std::sync::atomic::Ordering;

use weft_abi::layout::before_yield::PREFETCH;
use weft_abi::{RunQueue, Sp};
use weft_hot::{queue, schedule};

use crate::arch::Current;
use crate::os;

#[cfg(doc)]
use weft_abi::Worker;

#[cfg(test)]
mod tests;

/// Makes a suspended thread runnable: appends it, and counts it as woken by the running thread.
///
/// # Safety
/// `sp` is the stack pointer of a suspended thread, which nothing else resumes.
pub unsafe fn ready(current: Current, sp: Sp) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. The queue has room
    // after `grow`, and the caller guarantees that `sp` is suspended.
    unsafe {
        if !queue::has_room(&*current.run_queue()) {
            grow(current);
        }
        schedule::append(current.worker(), sp, (*current.worker()).woken_in_slice + 1);
    }
}

/// Puts an entry at the head, so that it runs next.
///
/// # Safety
/// As for [`ready`].
pub unsafe fn ready_first(current: Current, sp: Sp) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. A ring with room has a
    // free slot before its head.
    unsafe {
        if !queue::has_room(&*current.run_queue()) {
            grow(current);
        }
        queue::put_first(&mut *current.run_queue(), sp);
    }
}

/// Changes the order of the run queue, and resets the number of threads that the running thread has woken.
pub fn reorder<T>(current: Current, change: impl FnOnce(&mut RunQueue) -> T) -> T {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. `change` reaches the
    // queue only through its argument.
    unsafe { schedule::reorder(current.worker(), change) }
}

/// Moves the threads that the running thread has spawned or woken to the head, since the running thread has stopped.
/// Every [`FAIRNESS_PERIOD`](weft_abi::scheduling::FAIRNESS_PERIOD)th time the threads stay at the tail.
pub fn prefer_woken(current: Current) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its private fields. `count` is the
    // number of woken threads at the tail.
    unsafe {
        let count = std::mem::take(&mut (*current.worker()).woken_in_slice);
        if count > 0 && schedule::is_preferred(current.worker(), count) {
            prefer(current, count);
        }
    }
}

/// Moves the last `count` entries to the head, in their order:
///
/// ```text
///   head  1 2 3 A B C  tail      C moves first, then B, then A
///   head  A B C 1 2 3  tail
/// ```
///
/// # Safety
/// The queue has at least `count` entries.
pub unsafe fn prefer(current: Current, count: u64) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. A ring always has a
    // free slot, and each step frees one more.
    unsafe {
        let queue = &mut *current.run_queue();
        for _ in 0..count {
            let last = queue::take_last(queue);
            queue::put_first(queue, last);
        }
    }
}

/// Calls `look` with all entries of a queue, from the head on.
///
/// # Safety
/// Nothing changes the queue during the call: it is the queue of the current worker or of a stopped worker.
pub unsafe fn for_each(queue: *const RunQueue, mut look: impl FnMut(Sp)) {
    // SAFETY: the queue does not change, and the slots between head and tail have entries.
    unsafe {
        let queue = &*queue;
        for number in 0..queue::length(queue) {
            look(queue::behind(queue, queue.head, number).read());
        }
    }
}

/// Doubles the capacity of the run queue. From then on each switch prefetches a stack, since the cache no longer holds
/// the stacks of all runnable threads.
pub fn grow(current: Current) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. The new ring is larger,
    // so it has room for all entries of the old ring, whose memory is released when the ring is empty.
    unsafe {
        let queue = &mut *current.run_queue();
        let mut larger = new_ring(queue.size() * 2)
            .unwrap_or_else(|error| os::die(&format!("no memory for more ready threads: {error}")));
        while !queue::is_empty(queue) {
            queue::claim(&mut larger).write(queue::take(queue).read());
        }
        os::release(queue.ring.cast(), queue.size());
        *queue = larger;
        (*current.worker()).before_yield.fetch_or(PREFETCH, Ordering::Relaxed);
    }
}

/// An empty ring of `size` bytes, aligned to twice its size as [`RunQueue`] requires.
pub(super) fn new_ring(size: usize) -> io::Result<RunQueue> {
    let ring: *mut Sp = os::allocate_aligned(size, 2 * size)?.as_ptr().cast();
    Ok(RunQueue { head: ring, tail: ring, wrap: !size, ring })
}
