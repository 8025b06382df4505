//! The ring of ready green threads: first in, first out.
//!
//! Its worker alone touches it, so nothing here is atomic.

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use weft_abi::{RunQueue, Sp};

/// How many places ahead of the head a stack is fetched into the cache. Memory takes as long as several yields: where
/// a million threads take turns, each finds its stack there only if it was asked for some turns before.
const AHEAD: usize = 8;

/// Whether another thread can be added and one still claimed: full must not look like empty.
#[inline(always)]
pub fn has_room(queue: &RunQueue) -> bool {
    length(queue) + 2 < queue.capacity()
}

/// How many are ready.
#[inline(always)]
pub fn length(queue: &RunQueue) -> usize {
    (queue.tail.addr().wrapping_sub(queue.head.addr()) & queue.mask()) / size_of::<Sp>()
}

/// Whether nothing is ready.
#[inline(always)]
pub fn is_empty(queue: &RunQueue) -> bool {
    queue.head == queue.tail
}

/// Adds a place at the tail, for the caller to fill before anything else uses the queue.
#[inline(always)]
pub fn claim(queue: &mut RunQueue) -> *mut Sp {
    let place = queue.tail;
    queue.tail = behind(queue, place, 1);
    place
}

/// Removes the place at the head; it stays readable until the next claim. The queue must not be empty.
#[inline(always)]
pub fn take(queue: &mut RunQueue) -> *mut Sp {
    let taken = queue.head;
    queue.head = behind(queue, taken, 1);
    taken
}

/// Prefetches the stack [`AHEAD`] places behind the head into the cache. For few threads it is there anyway: the worker
/// has a bit that says when this is worth its time.
#[inline(always)]
pub fn prefetch(queue: &RunQueue) {
    // SAFETY: every place of the ring is allocated and initialised. It may be stale, and a prefetch of any address
    // is harmless. What a switch touches may straddle two cache lines, so both are fetched.
    unsafe {
        let ahead = behind(queue, queue.head, AHEAD).read();
        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
        _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(63).cast());
    }
}

/// Adds an entry at the head.
///
/// # Safety
/// There is room, and `sp` is suspended.
#[inline(always)]
pub unsafe fn put_first(queue: &mut RunQueue, sp: Sp) {
    queue.head = before(queue, queue.head);
    // SAFETY: every place of the ring is allocated.
    unsafe { queue.head.write(sp) }
}

/// Removes the entry at the tail. The queue must not be empty.
#[inline(always)]
pub fn take_last(queue: &mut RunQueue) -> Sp {
    queue.tail = before(queue, queue.tail);
    // SAFETY: every place of the ring is allocated and initialised.
    unsafe { queue.tail.read() }
}

/// The place so many behind another one; the first is behind the last.
#[inline(always)]
pub fn behind(queue: &RunQueue, place: *mut Sp, count: usize) -> *mut Sp {
    // From an address: an offset from the other place would be two instructions more wherever LLVM does not see that
    // they are for nothing.
    core::ptr::with_exposed_provenance_mut((place.expose_provenance() + count * size_of::<Sp>()) & queue.wrap)
}

fn before(queue: &RunQueue, place: *mut Sp) -> *mut Sp {
    let offset = place.addr().wrapping_sub(size_of::<Sp>()) & queue.mask();
    // SAFETY: it is less than the ring's size.
    unsafe { queue.ring.byte_add(offset) }
}
