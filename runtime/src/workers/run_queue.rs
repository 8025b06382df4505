//! The run queue of a worker, beyond the hot paths in `weft_hot::queue`: growth, preference, hand-over.
//!
//! Unbounded, first in, first out. Only its own worker touches it; other workers bring threads to the inbox instead.
//! Threads that the running one has spawned or woken stand last, and [`Worker::woken_in_slice`] counts them, so that
//! they can be put first when it stops. A change of the order makes that count meaningless, so it is made in
//! [`reorder`], which resets the count.

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

/// Makes a suspended thread ready: it goes to the tail, as one that the running thread has woken.
///
/// # Safety
/// `sp` is suspended, and nothing else resumes it.
pub unsafe fn ready(current: Current, sp: Sp) {
    // SAFETY: the token makes the queue ours, and there is room in it; the caller answers for `sp`.
    unsafe {
        if !queue::has_room(&*current.run_queue()) {
            grow(current);
        }
        schedule::append(current.worker(), sp, (*current.worker()).woken_in_slice + 1);
    }
}

/// Puts an entry at the head: the next to run.
///
/// # Safety
/// As for [`ready`].
pub unsafe fn ready_first(current: Current, sp: Sp) {
    // SAFETY: the token makes the queue ours. A ring with room has a free place before its head.
    unsafe {
        if !queue::has_room(&*current.run_queue()) {
            grow(current);
        }
        queue::put_first(&mut *current.run_queue(), sp);
    }
}

/// Changes the order of the run queue, and resets the count of threads that the running one has woken.
pub fn reorder<T>(current: Current, change: impl FnOnce(&mut RunQueue) -> T) -> T {
    // SAFETY: the token makes the queue ours, and `change` has no other way to it.
    unsafe { schedule::reorder(current.worker(), change) }
}

/// Puts the threads that the running one, which has ended, has spawned and woken before the others; but not every time,
/// see [`FAIRNESS_PERIOD`](weft_abi::scheduling::FAIRNESS_PERIOD).
pub fn prefer_woken(current: Current) {
    // SAFETY: the token makes the worker ours, and the count says how many entries at the tail were woken.
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
    // SAFETY: the token makes the queue ours. A ring has room for one entry more, and each step frees a place.
    unsafe {
        let queue = &mut *current.run_queue();
        for _ in 0..count {
            let last = queue::take_last(queue);
            queue::put_first(queue, last);
        }
    }
}

/// Looks at all entries of a queue, the next one to run first.
///
/// # Safety
/// Nothing changes the queue meanwhile: it is the caller's own, or its worker has stopped.
pub unsafe fn for_each(queue: *const RunQueue, mut look: impl FnMut(Sp)) {
    // SAFETY: the queue does not change, and places between head and tail were written.
    unsafe {
        let queue = &*queue;
        for number in 0..queue::length(queue) {
            look(queue::behind(queue, queue.head, number).read());
        }
    }
}

/// Doubles the capacity of the run queue. From then on yields prefetch: more threads are ready than the cache has the
/// stacks of.
pub fn grow(current: Current) {
    // SAFETY: the token makes the queue ours. The new ring is larger, so all entries of the old one, which is given
    // back when it is empty, have room there.
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

/// An empty ring of `size` bytes, at a multiple of twice its size as [`RunQueue`] needs it.
pub(super) fn new_ring(size: usize) -> io::Result<RunQueue> {
    let ring: *mut Sp = os::allocate_aligned(size, 2 * size)?.as_ptr().cast();
    Ok(RunQueue { head: ring, tail: ring, wrap: !size, ring })
}
