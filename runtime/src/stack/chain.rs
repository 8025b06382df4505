//! The stacks of a thread: its own stack and, on top of it, the stacks of the continuations that it has resumed.
//!
//! ```text
//!   the running stack                                        the thread's own stack
//!   StackBase ──home──▶ Continuation ──parent──▶ ... ──▶ Task ◀──home── StackBase
//! ```

use std::iter::successors;

use weft_abi::{Sp, StackBase, StackHome, Task};
use weft_hot::current::base_of;

use super::pool::{self, Block};

/// The bases of the stacks from `innermost` outwards; the last base belongs to the thread's own stack.
///
/// # Safety
/// The stack of `innermost` belongs to a thread, which does not run compiled code while the iterator is used.
pub unsafe fn outwards(innermost: *mut StackBase) -> impl Iterator<Item = *mut StackBase> {
    successors(Some(innermost), |&base| {
        // SAFETY: a continuation that a thread has resumed refers to the home of the next stack, which is in use.
        unsafe {
            let continuation = (*base).continuation();
            (!continuation.is_null()).then(|| StackHome::base((*continuation).parent))
        }
    })
}

/// The base of the stack on which a thread is suspended.
///
/// # Safety
/// `sp` is the stack pointer of the thread of `task`, which has not ended.
pub unsafe fn base_at(task: *const Task, sp: Sp) -> *mut StackBase {
    // SAFETY: a thread that has not ended has a stack of its own.
    unsafe {
        if Block::of(task.cast()).contains(sp) {
            return base_of(task);
        }
    }
    pool::lock().block_of(sp).expect("BUG: a green thread is not on its stack").words()
}
