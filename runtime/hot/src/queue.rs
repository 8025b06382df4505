//! The ring of ready green threads: first in, first out.
//!
//! Its worker alone touches it, so nothing here is atomic.

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use weft_abi::{RunQueue, Sp};

/// How many places ahead of the head a stack is fetched into the cache. Memory takes as long as several yields: where
/// a million threads take turns, each finds its stack there only if it was asked for some turns before.
const AHEAD: u64 = 8;

/// Whether another thread can be added and one still claimed.
#[inline(always)]
pub fn has_room(queue: &RunQueue) -> bool {
    length(queue) < queue.mask
}

/// How many are ready.
#[inline(always)]
pub fn length(queue: &RunQueue) -> u64 {
    queue.tail.wrapping_sub(queue.head)
}

/// Whether nothing is ready.
#[inline(always)]
pub fn is_empty(queue: &RunQueue) -> bool {
    queue.head == queue.tail
}

/// Adds a place at the tail, for the caller to fill before anything else uses the queue.
#[inline(always)]
pub fn claim(queue: &mut RunQueue) -> *mut Sp {
    let place = place(queue, queue.tail);
    queue.tail = queue.tail.wrapping_add(1);
    place
}

/// Removes the place at the head; it stays readable until the next claim. The queue must not be empty.
#[inline(always)]
pub fn take(queue: &mut RunQueue) -> *mut Sp {
    let taken = place(queue, queue.head);
    // SAFETY: every place of the ring is allocated and initialised. It may be stale, and a prefetch of any address
    // is harmless. What a switch touches may straddle two cache lines, so both are fetched.
    unsafe {
        let ahead = place(queue, queue.head.wrapping_add(AHEAD)).read();
        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
        _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(63).cast());
    }
    queue.head = queue.head.wrapping_add(1);
    taken
}

/// Adds an entry at the head.
///
/// # Safety
/// There is room, and `sp` is suspended.
#[inline(always)]
pub unsafe fn put_first(queue: &mut RunQueue, sp: Sp) {
    queue.head = queue.head.wrapping_sub(1);
    // SAFETY: every place of the ring is allocated.
    unsafe { place(queue, queue.head).write(sp) }
}

/// Removes the entry at the tail. The queue must not be empty.
#[inline(always)]
pub fn take_last(queue: &mut RunQueue) -> Sp {
    queue.tail = queue.tail.wrapping_sub(1);
    // SAFETY: every place of the ring is allocated and initialised.
    unsafe { place(queue, queue.tail).read() }
}

/// The place that a count of `head` or `tail` stands for.
#[inline(always)]
pub fn place(queue: &RunQueue, count: u64) -> *mut Sp {
    // SAFETY: the mask keeps the index inside the ring.
    unsafe { queue.ring.add((count & queue.mask) as usize) }
}
