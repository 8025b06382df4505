//! The run queue: a ring of the stack pointers of ready green threads.
//!
//! Unbounded (a full ring is replaced by a larger one), first in, first out, for one owner: only its worker touches it,
//! so nothing here is atomic. The ring lies at a multiple of twice its size, which makes wrapping around one `and`. For
//! eight places of eight bytes, a ring of 64 bytes, at 0x1000:
//!
//! ```text
//!   place        0x1000  0x1008  0x1010  ...  0x1030  0x1038
//!   entry          C       D                    A       B
//!                                ▲              ▲
//!                               tail           head               A runs next
//!
//!   behind 0x1038:  (0x1038 + 8) & !0x40  =  0x1040 & !0x40  =  0x1000
//! ```
//!
//! A yield claims the place at the tail, for the thread that stops, and then takes the one at the head. When no other
//! thread is ready the two are the same place, and the thread gets itself back. So that this works without a test, two
//! places are always free: a claim never makes the ring look empty.

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use weft_abi::{RunQueue, Sp};

/// The distance from the head, in places, of the stack that is fetched into the cache. Memory takes as long as several
/// yields: with fewer places a million threads that take turns find their stacks on the way; with more, the first are
/// evicted again before their turn.
const AHEAD: usize = 8;

/// Whether another thread can be added and one still claimed.
#[inline(always)]
pub fn has_room(queue: &RunQueue) -> bool {
    length(queue) + 2 < queue.capacity()
}

/// The number of entries.
#[inline(always)]
pub fn length(queue: &RunQueue) -> usize {
    (queue.tail.addr().wrapping_sub(queue.head.addr()) & queue.mask()) / size_of::<Sp>()
}

/// Whether nothing is ready.
#[inline(always)]
pub fn is_empty(queue: &RunQueue) -> bool {
    queue.head == queue.tail
}

/// Adds a place at the tail, which the caller fills before anything else uses the queue.
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

/// Prefetches the stack [`AHEAD`] places behind the head into the cache. With few threads it is there anyway, so a bit
/// of the worker says when this is worth its time.
#[inline(always)]
pub fn prefetch(queue: &RunQueue) {
    // SAFETY: every place of the ring is allocated and initialised. What is read may be stale, but a prefetch of any
    // address is harmless. The words that a switch touches may straddle two cache lines, so both are fetched.
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
    // SAFETY: `before` stays in the ring, all of which is allocated.
    unsafe { queue.head.write(sp) }
}

/// Removes the entry at the tail. The queue must not be empty.
#[inline(always)]
pub fn take_last(queue: &mut RunQueue) -> Sp {
    queue.tail = before(queue, queue.tail);
    // SAFETY: `before` stays in the ring, all of which is allocated and initialised.
    unsafe { queue.tail.read() }
}

/// The place `count` places behind another one; behind the last comes the first.
#[inline(always)]
pub fn behind(queue: &RunQueue, place: *mut Sp, count: usize) -> *mut Sp {
    // From an address: an offset from the other place would be two instructions more wherever LLVM does not see that
    // they are for nothing.
    core::ptr::with_exposed_provenance_mut((place.expose_provenance() + count * size_of::<Sp>()) & queue.wrap)
}

/// The place before another one; before the first comes the last.
fn before(queue: &RunQueue, place: *mut Sp) -> *mut Sp {
    let offset = place.addr().wrapping_sub(size_of::<Sp>()) & queue.mask();
    // SAFETY: the mask makes the offset less than the ring's size.
    unsafe { queue.ring.byte_add(offset) }
}
