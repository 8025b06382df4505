//! Continuations: the slow paths of resumption and suspension, closing, and the end of their stacks.
//!
//! All stacks of a suspended continuation have the same owner and the same scope: the thread that suspended the
//! continuation, and that thread's scope. When another thread resumes the continuation, or the same thread inside
//! another scope, [`adopt`] changes the owner and the scope of the stacks. The hot path compares contexts to find out
//! whether that is necessary:
//!
//! ```text
//!   thread 1 suspended A, with B on top:    A, B: owner 1, scope s
//!   thread 2 resumes A inside no scope      A, B: owner 2, no scope
//! ```

use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::continuation::messages::{DEFERRED, HELD_MUTEX, NOT_RUNNING, OPEN_SCOPE, SUSPEND, SWAP};
use weft_abi::continuation::{PLACES, context};
use weft_abi::stack::block_size;
use weft_abi::{Cleanup, Continuation, Deferred, StackBase, StackHome};

use super::cleanup_chain::{Kind, all, of_stack, remove, splice};
use crate::arch::Current;
use crate::heap;
use crate::stack::chain::outwards;
use crate::stack::pool;

/// The entry of [`Continuation::places`] for a revision that was closed. For a revision that was resumed, the entry is
/// the low half of a code address, which is 0 only if the address is a multiple of 4 GiB.
const CLOSED_HERE: u32 = 0;

/// A context that no stack has had before.
pub fn new_context() -> u64 {
    static CHANGES: AtomicU64 = AtomicU64::new(0);
    context::of_change(CHANGES.fetch_add(1, Ordering::Relaxed))
}

/// The stacks of a suspended continuation, from the innermost stack to the continuation's own stack. Each stack is
/// given by the continuation to which it belongs.
///
/// # Safety
/// The continuation is suspended, and remains so while the iterator is used.
pub unsafe fn stacks(continuation: *mut Continuation) -> impl Iterator<Item = *mut Continuation> {
    // SAFETY: each continuation between the innermost and this one refers to the next as its parent.
    unsafe {
        std::iter::successors(Some((*continuation).innermost), move |&inner| {
            (inner != continuation).then(|| (*inner).parent.cast())
        })
    }
}

/// Gives the stacks of a suspended continuation to the running thread, whose running stack has the home `home`.
///
/// # Safety
/// The continuation is suspended, and the thread resumes it next.
pub unsafe fn adopt(continuation: *mut Continuation, home: *mut StackHome) {
    // SAFETY: only the caller uses the suspended continuation.
    unsafe {
        let here = StackHome::base(home);
        for inner in stacks(continuation) {
            let base = StackHome::base(inner.cast());
            (*base).owner = (*here).owner;
            (*base).scope = (*here).scope;
            (*base).context = (*here).context;
            (*inner).context = (*here).context;
            (*inner).shields = (*(*here).owner).waiter.arm;
        }
        (*continuation).innermost = continuation;
    }
}

/// A reason for which a continuation may not be suspended, left by a swap, or end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The running thread has not resumed the continuation.
    NotRunning,
    /// A scope is open.
    OpenScope,
    /// A mutex is held.
    HeldMutex,
    /// A deferred block runs.
    Deferred,
}

impl Refusal {
    /// The message of the panic; `is_swap` is true for a swap, false for a suspension.
    pub fn message(self, is_swap: bool) -> String {
        let function = if is_swap { SWAP } else { SUSPEND };
        match self {
            Refusal::NotRunning => NOT_RUNNING.to_owned(),
            Refusal::OpenScope => format!("{function}{OPEN_SCOPE}"),
            Refusal::HeldMutex => HELD_MUTEX.to_owned(),
            Refusal::Deferred => format!("{function}{DEFERRED}"),
        }
    }
}

/// Checks that a continuation may be suspended, left by a swap, or may end, while the stack with the base `here` runs.
/// Records that stack as the continuation's innermost stack.
///
/// # Safety
/// `here` is the base of the running stack.
pub unsafe fn leave(continuation: *mut Continuation, here: *mut StackBase) -> Result<(), Refusal> {
    // SAFETY: the stacks of the running thread are in use, and the thread is in the runtime.
    unsafe {
        if !outwards(here).any(|base| (*base).continuation() == continuation) {
            return Err(Refusal::NotRunning);
        }
        let parent = (*continuation).parent;
        for base in outwards(here).take_while(|&base| (*base).home != parent) {
            for cleanup in of_stack(base) {
                match Kind::of(cleanup) {
                    Kind::Scope(_) => return Err(Refusal::OpenScope),
                    Kind::Mutex(_) => return Err(Refusal::HeldMutex),
                    Kind::Deferred(_) => {}
                }
            }
        }
        if (*(*here).owner).waiter.arm != (*continuation).shields {
            return Err(Refusal::Deferred);
        }
        // With this context, the next resumption calls `adopt`.
        (*here).context = context::NONE;
        (*continuation).innermost = (*here).continuation();
        Ok(())
    }
}

/// The innermost symmetric continuation that the running thread has resumed; null if there is none. The continuations
/// that this one has resumed are on the stacks between the two.
///
/// # Safety
/// `here` is the base of the running stack.
pub unsafe fn innermost_symmetric(here: *mut StackBase) -> *mut Continuation {
    // SAFETY: the stacks of the running thread are in use, and the thread is in the runtime.
    unsafe {
        let mut continuations = outwards(here).map(|base| (*base).continuation());
        let is_symmetric = |&it: &*mut Continuation| !it.is_null() && (*it).is_symmetric;
        continuations.find(is_symmetric).unwrap_or(null_mut())
    }
}

/// The first use of a revision of a continuation.
pub enum FirstUse {
    /// The revision was resumed; the resumer goes on at this address.
    ResumedAt(u64),
    /// The revision was resumed, but the continuation does not remember where.
    Forgotten,
    /// The revision was closed.
    Closed,
    /// The value stands for a symmetric continuation that has ended.
    Ended,
}

/// The first use of the continuation while it had the revision `revision`. `near` is any address in the program's code.
///
/// # Safety
/// The object has not been freed, although the continuation may have ended.
pub unsafe fn first_use(continuation: *const Continuation, revision: u64, near: u64) -> FirstUse {
    // SAFETY: the object is alive, and only the running thread resumes the continuation.
    unsafe {
        if revision == Continuation::ENDED {
            return FirstUse::Ended;
        }
        let later = (*continuation).revision - revision;
        if later > PLACES as u64 {
            return FirstUse::Forgotten;
        }
        let low = (*continuation).places[(revision as usize + 1) % PLACES];
        if low == CLOSED_HERE {
            return FirstUse::Closed;
        }
        // The program's code is smaller than 2 GiB, so the distance fits into 32 bits.
        let distance = low.wrapping_sub(near as u32).cast_signed();
        FirstUse::ResumedAt(near.wrapping_add_signed(distance.into()))
    }
}

/// Ends a suspended continuation: frees its stacks, and moves its deferred blocks to the chain of the running thread,
/// whose innermost stack has the base `here`. Returns the number of these blocks.
///
/// The caller calls the blocks on its own stack, which is possible because a deferred block uses only its captures, not
/// the frame that has registered it. If a block panics, the thread unwinds, and finds the other blocks in its chain:
///
/// ```text
///   suspended   A: d1 ◀── d2    B: d3         B's stack is the innermost
///   closed      here: d3 ──▶ d2 ──▶ d1 ──▶ the cleanups of `here`
/// ```
///
/// # Safety
/// The continuation is suspended, `here` is the base of the running stack, and the thread is in the runtime. The caller
/// takes the blocks with [`take_deferred`].
pub unsafe fn close(current: Current, continuation: *mut Continuation, here: *mut StackBase) -> i64 {
    // SAFETY: only the caller uses the suspended continuation, and nothing resumes it any more. `leave` has checked
    // that the stacks have no cleanups but deferred blocks.
    unsafe {
        let revision = (*continuation).revision + 1;
        (*continuation).revision = revision;
        (*continuation).places[revision as usize % PLACES] = CLOSED_HERE;
        let mut stacks: Vec<*mut Continuation> = stacks(continuation).collect();
        stacks.reverse();
        let mut count = 0;
        for inner in stacks {
            let base = StackHome::base(inner.cast());
            count += of_stack(base).count();
            splice(base, here);
            forget(current, inner);
            free(current, inner);
        }
        count as i64
    }
}

/// Takes the innermost deferred block out of the running thread's chain.
///
/// # Safety
/// `here` is the base of the running stack, the thread is in the runtime, and [`close`] has put the block into the
/// chain.
pub unsafe fn take_deferred(here: *mut StackBase) -> *mut Deferred {
    // SAFETY: the cleanups in the chains of the running thread are alive.
    unsafe {
        let is_deferred = |&cleanup: &*mut Cleanup| matches!(Kind::of(cleanup), Kind::Deferred(_));
        let innermost = all(here).find(is_deferred).expect("BUG: a deferred block of a continuation is gone");
        remove(here, innermost);
        innermost.cast()
    }
}

/// Frees the stack of the running continuation, which has ended.
///
/// # Safety
/// The thread does nothing more on the stack than to switch away.
pub unsafe fn end(current: Current, continuation: *mut Continuation) {
    // SAFETY: the caller has the same obligation.
    unsafe { free(current, continuation) }
}

/// Frees the stack of a continuation. If the stack has grown, it no longer counts towards the next collection.
///
/// # Safety
/// As for [`pool::free_stack`].
unsafe fn free(current: Current, continuation: *mut Continuation) {
    // SAFETY: the caller has the same obligation; the stack is in use until it is freed.
    unsafe {
        let class = (*continuation).stack_class as usize;
        heap::with(|heap| heap.discount_outside(block_size(class) - block_size(0)));
        pool::free_stack(current, continuation.cast());
    }
}

/// Counts a continuation as ended; the caller frees its stack. Does nothing if `continuation` is null, as it is for a
/// thread's own stack.
///
/// # Safety
/// `continuation` is null, or the address of an object that has not been freed.
pub unsafe fn forget(current: Current, continuation: *mut Continuation) {
    if !continuation.is_null() {
        // SAFETY: the object is alive. `current` is the token of the running worker, so no other code changes its
        // private fields.
        unsafe {
            (*continuation).sp = null_mut();
            let count = &raw mut (*current.worker()).continuations;
            *count = (*count).wrapping_sub(1);
        }
    }
}
