//! The run queue: a ring of the stack pointers of runnable green threads.
//!
//! The queue is first in, first out and unbounded: a full ring is replaced by a larger ring. Only the owning worker
//! touches the queue, so nothing here is atomic. The ring's address is a multiple of twice its size, so one `and` wraps
//! an address around. A ring of eight slots of eight bytes at 0x1000:
//!
//! ```text
//!   slot         0x1000  0x1008  0x1010  ...  0x1030  0x1038
//!   entry          C       D                    A       B
//!                                ▲              ▲
//!                               tail           head               A runs next
//!
//!   behind 0x1038:  (0x1038 + 8) & !0x40  =  0x1040 & !0x40  =  0x1000
//! ```
//!
//! A yield claims the slot at the tail, for the thread that stops, and then takes the slot at the head. When no other
//! thread is runnable, both are the same slot, and the thread switches to itself. So that this works without a test,
//! two slots are always free: a claim never makes the ring look empty.

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use weft_abi::{RunQueue, Sp};

/// The distance from the head, in slots, of the thread whose stack is prefetched. A load from memory takes as long as
/// several yields: with a smaller distance, a stack has not arrived when its thread runs; with a larger distance,
/// stacks are evicted again before their threads run.
const AHEAD: usize = 8;

/// Whether there is room for one more thread and a claim.
#[inline(always)]
pub fn has_room(queue: &RunQueue) -> bool {
    length(queue) + 2 < queue.capacity()
}

/// The number of entries.
#[inline(always)]
pub fn length(queue: &RunQueue) -> usize {
    (queue.tail.addr().wrapping_sub(queue.head.addr()) & queue.mask()) / size_of::<Sp>()
}

/// Whether no thread is runnable.
#[inline(always)]
pub fn is_empty(queue: &RunQueue) -> bool {
    queue.head == queue.tail
}

/// Adds a slot at the tail. The caller fills it before any other use of the queue.
#[inline(always)]
pub fn claim(queue: &mut RunQueue) -> *mut Sp {
    let place = queue.tail;
    queue.tail = behind(queue, place, 1);
    place
}

/// Removes the slot at the head and returns it; the slot stays readable until the next claim. The queue must not be
/// empty.
#[inline(always)]
pub fn take(queue: &mut RunQueue) -> *mut Sp {
    let taken = queue.head;
    queue.head = behind(queue, taken, 1);
    taken
}

/// Prefetches the stack of the thread that is [`AHEAD`] slots from the head of the queue. With few threads the stack is
/// cached anyway; the worker's bit `PREFETCH` is set when the prefetch pays.
#[inline(always)]
pub fn prefetch(queue: &RunQueue) {
    // SAFETY: every slot of the ring is allocated and initialised. The slot may contain a stale entry, but a prefetch
    // of any address is harmless. The words that a switch touches may straddle two cache lines, so both are fetched.
    unsafe {
        let ahead = behind(queue, queue.head, AHEAD).read();
        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
        _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(63).cast());
    }
}

/// Adds an entry at the head.
///
/// # Safety
/// The queue has room, and `sp` is suspended.
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

/// The slot `count` slots behind `place`; behind the last slot comes the first.
#[inline(always)]
pub fn behind(queue: &RunQueue, place: *mut Sp, count: usize) -> *mut Sp {
    // The pointer is made from an address: an offset from `place` would cost two more instructions where LLVM cannot
    // remove them.
    core::ptr::with_exposed_provenance_mut((place.expose_provenance() + count * size_of::<Sp>()) & queue.wrap)
}

/// The slot before `place`; before the first slot comes the last.
fn before(queue: &RunQueue, place: *mut Sp) -> *mut Sp {
    let offset = place.addr().wrapping_sub(size_of::<Sp>()) & queue.mask();
    // SAFETY: the mask makes the offset less than the ring's size.
    unsafe { queue.ring.byte_add(offset) }
}
