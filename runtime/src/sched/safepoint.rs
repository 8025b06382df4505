//! Safepoints: the places where stacks grow, requests are served, and time slices end ([`preempt`]).
//!
//! A prologue or a loop whose check fails enters this module, with all registers of the green thread saved. For each
//! request [`serve`] calls the module that does the work. Preemption comes last, because it does not return.

use weft_abi::TraceKind;
use weft_abi::stack::{BLOCK_WORDS, block_size};
use weft_hot::queue;

use super::hand_over;
use crate::arch::{self, Current, Registers};
use crate::heap;
use crate::report::thread_dump;
use crate::stack::grow::{self, Refusal};
use crate::stack::pool::{self, Block};
use crate::timeline;
use crate::wait::unwind;
use crate::workers::requests::{self, CANCEL, DUMP, PREEMPT, STOP, WORK};
use crate::workers::{random_schedule, run_queue, stop_the_world};

/// Enters a safepoint of the running green thread, which needs room for a frame of `frame` bytes unless `frame` is
/// [`arch::NO_FRAME`]. Returns the thread's stack pointer, perhaps on a larger stack, or resumes another thread.
///
/// # Safety
/// The stack pointer of the green thread is in the worker, and `registers` are its registers.
pub unsafe fn enter(current: Current, registers: &Registers, frame: usize) -> Result<*mut u8, Refusal> {
    let block = block(current);
    arch::set_stack_limit(block.limit());
    // SAFETY: the thread is at a safepoint, and its registers are saved.
    unsafe {
        if frame != arch::NO_FRAME && !grow::has_room(block, current.green_sp(), frame) {
            let sp = grow::grow(current, frame)?;
            moved(current, block.class, sp);
        }
        let preempted = if random_schedule::ends_slice() { PREEMPT } else { 0 };
        serve(current, registers, requests::take(current) | preempted);
    }
    random_schedule::go_on();
    Ok(current.green_sp())
}

/// Serves the requests whose bits are set in `asked`.
///
/// # Safety
/// As for [`enter`]; the caller holds no lock and has no values that have to be dropped.
unsafe fn serve(current: Current, registers: &Registers, asked: u32) {
    if asked & STOP != 0 {
        stop_the_world::stop_if_asked(current);
    }
    if asked & DUMP != 0 {
        thread_dump::answer(current);
    }
    if asked & WORK != 0 {
        hand_over::hand_over(current);
    }
    if asked & CANCEL != 0 {
        unwind::reap_cancelled(current);
    }
    if asked & PREEMPT != 0 {
        // SAFETY: the registers belong to the running thread, and nothing on this stack has to be dropped.
        unsafe { preempt(current, registers) }
    }
}

/// Moves the running thread to the tail of the queue, and resumes the next thread. Does nothing if no other thread is
/// runnable.
///
/// # Safety
/// As for [`serve`].
unsafe fn preempt(current: Current, registers: &Registers) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. The thread's stack has
    // room for the registers, and `arch::suspend` makes it a suspended thread; the entry that is taken is suspended,
    // too.
    unsafe {
        if queue::is_empty(&*current.run_queue()) || !make_room(current, arch::SUSPENDED) {
            return;
        }
        let number = (*block(current).owner()).waiter.number;
        timeline::record(current, TraceKind::Preempt, 0, number, 0);
        let sp = arch::suspend(registers, current.green_sp(), block(current).limit());
        let next = run_queue::reorder(current, |queue| {
            queue::claim(queue).write(sp);
            queue::take(queue).read()
        });
        arch::resume(next)
    }
}

/// Makes room for saved registers of the running thread on its stack; returns false if there is no memory. The
/// registers may use the reserve below the limit, and the stack may exceed the largest size, since it is the runtime,
/// and not the program, that needs the room.
///
/// # Safety
/// The stack pointer of the green thread is in the worker. No register of the thread that the caller restores contains
/// an address in its stack.
pub unsafe fn make_room(current: Current, bytes: usize) -> bool {
    if current.green_sp().addr() >= block(current).base.addr() + BLOCK_WORDS + bytes {
        return true;
    }
    let class = block(current).class;
    // SAFETY: the thread is in the runtime, and the caller guarantees that its stack may move.
    let grown = unsafe { grow::grow_up_to(current, bytes, usize::MAX) };
    grown.map(|sp| moved(current, class, sp)).is_ok()
}

/// Records that the running thread's stack, whose block had the class `from`, has grown and has the stack pointer `sp`.
/// The stack of a continuation counts towards the next collection: if the continuation is dropped while it is
/// suspended, only a collection frees the block.
fn moved(current: Current, from: usize, sp: *mut u8) {
    current.set_green_sp(sp);
    let block = block(current);
    if !block.continuation().is_null() {
        heap::with(|heap| heap.count_outside(block_size(block.class) - block_size(from)));
    }
}

/// The stack of the running thread.
fn block(current: Current) -> Block {
    pool::lock().block_of(current.green_sp()).expect("BUG: a green thread is not on its stack")
}
