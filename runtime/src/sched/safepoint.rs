//! What happens at safepoints: a stack grows, and what was [asked](attention) of the worker is done.
//!
//! Each bit is a call into the layer that owns it, in the order of [`serve`]. What may end the turn of the running
//! thread comes last, for then nothing returns here.

use weft_abi::Worker;
use weft_abi::stack::BLOCK_WORDS;
use weft_hot::queue;

use crate::arch::{self, Registers};
use crate::report::thread_dump;
use crate::sched::hand_over;
use crate::stack::grow::{self, Refusal};
use crate::stack::pool::{self, Block};
use crate::wait::unwind;
use crate::workers::requests::{self, CANCEL, DUMP, PREEMPT, STOP, WORK};
use crate::workers::{random_schedule, stop_the_world};

/// The running green thread has come to a safepoint, and needs room for a frame of `frame` bytes if that is not 0.
/// Returns its stack pointer, perhaps on a larger stack, or goes on with another thread.
///
/// # Safety
/// `worker` is the running worker and has the stack pointer of its green thread, which has `registers`.
pub unsafe fn enter(worker: *mut Worker, registers: &Registers, frame: usize) -> Result<*mut u8, Refusal> {
    // SAFETY: as the caller promises.
    unsafe {
        let block = block(worker);
        arch::set_stack_limit(block.limit());
        if frame != 0 && !grow::has_room(block, (*worker).green_sp, frame) {
            (*worker).green_sp = grow::grow(worker, frame)?;
        }
        let preempted = if random_schedule::ends_slice() { PREEMPT } else { 0 };
        serve(worker, registers, requests::take(worker) | preempted);
        random_schedule::go_on();
        Ok((*worker).green_sp)
    }
}

/// Does what the bits ask for.
///
/// # Safety
/// As for [`enter`]; nobody holds anything that must be given back.
unsafe fn serve(worker: *mut Worker, registers: &Registers, asked: u32) {
    // SAFETY: as the caller promises.
    unsafe {
        if asked & STOP != 0 {
            stop_the_world::stop_if_asked();
        }
        if asked & DUMP != 0 {
            thread_dump::answer(worker);
        }
        if asked & WORK != 0 {
            hand_over::share(worker);
        }
        if asked & CANCEL != 0 {
            unwind::reap_cancelled(worker);
        }
        if asked & PREEMPT != 0 {
            preempt(worker, registers);
        }
    }
}

/// The running thread goes to the tail of the queue, if there is another one.
///
/// # Safety
/// As for [`serve`].
unsafe fn preempt(worker: *mut Worker, registers: &Registers) {
    // SAFETY: as the caller promises. What is left on the worker's own stack is nobody's.
    unsafe {
        if queue::is_empty(&(*worker).run_queue) || !make_room(worker) {
            return;
        }
        let sp = arch::suspend(registers, (*worker).green_sp, block(worker).limit());
        (*worker).woken_in_slice = 0;
        let queue = &mut (*worker).run_queue;
        queue::claim(queue).write(sp);
        let next = queue::take(queue).read();
        arch::resume(next)
    }
}

/// Makes sure that the registers of the running thread find room on its stack; false if there is no memory. The limit
/// does not matter to them, and neither does the largest size: the program has not asked for more.
///
/// # Safety
/// As for [`enter`].
unsafe fn make_room(worker: *mut Worker) -> bool {
    // SAFETY: as the caller promises.
    unsafe {
        let sp = (*worker).green_sp;
        if sp.addr() >= block(worker).base.addr() + BLOCK_WORDS + arch::SUSPENDED {
            return true;
        }
        let grown = grow::grow_up_to(worker, arch::SUSPENDED, usize::MAX);
        grown.map(|sp| (*worker).green_sp = sp).is_ok()
    }
}

/// The stack of the running thread.
///
/// # Safety
/// As for [`enter`].
unsafe fn block(worker: *const Worker) -> Block {
    // SAFETY: the thread's stack pointer is final while it is in the runtime.
    let sp = unsafe { (*worker).green_sp };
    pool::lock().block_of(sp).expect("BUG: a green thread is not on its stack")
}
