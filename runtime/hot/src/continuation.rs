//! Continuations: creation, the checks before a switch, and the end.
//!
//! Each resumption and each suspension is a check here, followed by the switch in compiled code:
//!
//! ```text
//!   resume    weft_resume_continuation: the running thread takes over     switch to `sp`, then weft_set_limit
//!             the continuation's stacks, if another thread had them
//!   suspend   weft_suspend_continuation: panics if a scope, a lock or a   switch to `resumer`
//!             deferred block is open on those stacks
//!   end       weft_end_continuation: frees the stack                      switch to `resumer`
//! ```
//!
//! The stack limit does not pass through the stacks, as it does in a switch between threads: a loop of resumptions
//! would store each limit and load it again in every iteration, which makes the loop slower. Instead, each side loads
//! the limit from the home of its stack.

use core::arch::asm;
use core::sync::atomic::Ordering;

use weft_abi::stack::{LIMIT_SLOT, REQUEST_LIMIT, RESERVE};
use weft_abi::{Continuation, Generator, Header, StackBase, StackHome, Worker, well_known};

use crate::current::current_base;
use crate::heap::weft_allocate;
use crate::threads::free_smallest;

unsafe extern "C" {
    fn weft_continuation_stacks();
    fn weft_continuation_adopt(continuation: *mut Continuation, home: *mut StackHome);
    fn weft_continuation_leave(continuation: *mut Continuation);
    fn weft_continuation_end(continuation: *mut Continuation);
}

/// The home of the running stack. While a function runs, its stack may move, but the home stays the same. So the
/// compiler declares that `weft_home` reads no memory, and LLVM may move the call out of loops.
///
/// # Safety
/// A green thread runs.
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C" fn weft_home() -> *mut StackHome {
    // SAFETY: the base of a running stack refers to its home.
    unsafe { (*current_base()).home }
}

/// Marks a generator without a stack of its own as running on the running stack. Unlike [`weft_home`], the function is
/// inlined: the body of a generator needs the home only once. If the body calls nothing and cannot panic, no code sees
/// the mark before the body suspends the generator again, and LLVM removes all of this function. So nothing here may
/// count as an effect, apart from the store.
///
/// # Safety
/// A green thread runs, and `generator` begins with a `Generator`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_enter_generator(generator: *mut Generator) {
    let limit: usize;
    // SAFETY: glibc keeps this word for stack limits. A limit that is not a request lies `RESERVE` above the base of
    // the stack's block, and the base refers to the stack's home. LLVM could use the result of an earlier read of the
    // slot, from before the stack has moved, only if no store came between; but the generator was left between.
    unsafe {
        asm!(
            "movq %fs:{slot}, {}",
            out(reg) limit,
            slot = const LIMIT_SLOT,
            options(att_syntax, nostack, pure, readonly, preserves_flags)
        );
        (*generator).resumer = if limit as u64 == REQUEST_LIMIT {
            core::hint::cold_path();
            weft_home()
        } else {
            (*core::ptr::with_exposed_provenance::<StackBase>(limit - RESERVE)).home
        };
    }
}

/// Makes a continuation of the running thread with a stack of the smallest class. The caller fills the stack, and then
/// sets `Continuation::sp`.
///
/// # Safety
/// `worker` is the running worker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_new_continuation(worker: *mut Worker) -> *mut Continuation {
    // SAFETY: the allocation has the size and alignment of a `Continuation`, and its zeros are valid fields. A block on
    // the free list is unused, and its link leads to the next block.
    unsafe {
        let header = Header::new(well_known::CONTINUATION);
        let continuation =
            weft_allocate(worker, header.word(), size_of::<Continuation>() as u64).cast::<Continuation>();
        if (*worker).free_stacks.is_null() {
            weft_continuation_stacks();
        }
        let block = (*worker).free_stacks;
        let base = block.cast::<StackBase>();
        (*worker).free_stacks = (*base).member_of.cast();
        (*worker).continuations += 1;
        let here = current_base();
        base.write((*here).of_continuation(continuation));
        (*continuation).innermost = continuation;
        (*continuation).context = (*here).context;
        (*continuation).shields = (*(*here).owner).waiter.arm;
        (*continuation).stack_limit = block.add(RESERVE);
        continuation
    }
}

/// Prepares the switch to a suspended continuation from the stack of `home`, and returns the limit of the stack that
/// runs next.
///
/// # Safety
/// `home` is the home of the running stack; the continuation is suspended, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_resume_continuation(
    continuation: *mut Continuation,
    home: *mut StackHome,
) -> *mut u8 {
    // SAFETY: a suspended continuation has a stack, and so has its innermost continuation.
    unsafe { prepare(continuation, (*(*continuation).innermost).stack_limit, home) }
}

/// Prepares the switch to the stack of a suspended generator, as [`weft_resume_continuation`] does. A generator gives
/// elements from its own stack only, so the generator is its own innermost continuation.
///
/// # Safety
/// As for [`weft_resume_continuation`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_resume_generator(
    generator: *mut Continuation,
    home: *mut StackHome,
) -> *mut u8 {
    // SAFETY: a suspended generator has a stack.
    unsafe { prepare(generator, (*generator).stack_limit, home) }
}

/// Makes the stack of `home` the parent of a suspended continuation. Returns `limit`, the limit of the continuation's
/// innermost stack.
///
/// # Safety
/// As for [`weft_resume_continuation`].
#[inline(always)]
unsafe fn prepare(continuation: *mut Continuation, limit: *mut u8, home: *mut StackHome) -> *mut u8 {
    // SAFETY: each stack has its base below its limit.
    unsafe {
        if (*limit.sub(RESERVE).cast::<StackBase>()).context != (*StackHome::base(home)).context {
            weft_continuation_adopt(continuation, home);
        }
        (*continuation).parent = home;
        limit
    }
}

/// Checks that a continuation may be suspended from the running stack; panics otherwise.
///
/// # Safety
/// The continuation is alive as an object, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_suspend_continuation(continuation: *mut Continuation) {
    let limit: *mut u8;
    // SAFETY: glibc reserves this word for stack limits. If it contains the limit of the continuation's stack, that
    // stack is running. Otherwise another stack runs, or a request has replaced the limit.
    unsafe {
        asm!(
            "movq %fs:{slot}, {}",
            out(reg) limit,
            slot = const LIMIT_SLOT,
            options(att_syntax, nostack, nomem, preserves_flags)
        );
        if (*continuation).stack_limit != limit
            || (*limit.sub(RESERVE).cast::<StackBase>()).context != (*continuation).context
        {
            weft_continuation_leave(continuation);
        }
    }
}

/// Frees the stack of the running continuation, which has ended. The stack is in use until the caller has switched, and
/// no other thread or continuation gets it before the switch.
///
/// # Safety
/// `worker` is the running worker, the running stack is the continuation's stack, and the caller switches at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_end_continuation(worker: *mut Worker, continuation: *mut Continuation) {
    // SAFETY: nothing uses the stack after the switch. Only this worker takes blocks from its free list.
    unsafe {
        let base = StackHome::base(continuation.cast());
        if (*base).context != (*continuation).context {
            weft_continuation_leave(continuation);
        }
        (*worker).continuations = (*worker).continuations.wrapping_sub(1);
        if (*continuation).stack_class == 0 {
            (*continuation).stack_limit = core::ptr::null_mut();
            free_smallest(worker, base.cast());
        } else {
            weft_continuation_end(continuation);
        }
    }
}

/// Sets the stack limit after the resumption of a generator, as [`weft_set_limit`] does; if the worker has requests,
/// sets [`REQUEST_LIMIT`] instead. A loop that does little more than resume a generator overwrites the limit all the
/// time, and with it most requests. So this function reads the requests in `Worker::requests`, which the loop does not
/// overwrite.
///
/// # Safety
/// `worker` is the running worker, and `home` is the home of the running stack.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_set_limit_or_request(worker: *const Worker, home: *const StackHome) {
    // SAFETY: glibc reserves this word for stack limits. `REQUEST_LIMIT` is above every stack pointer, so the next
    // check fails and calls the runtime.
    unsafe {
        weft_set_limit(home);
        if (*worker).requests.load(Ordering::Relaxed) != 0 {
            // Requests are rare, so a branch is cheaper than a conditional move.
            core::hint::cold_path();
            asm!(
                "movq ${request}, %fs:{slot}",
                request = const REQUEST_LIMIT as i64,
                slot = const LIMIT_SLOT,
                options(att_syntax, nostack, nomem, preserves_flags)
            );
        }
    }
}

/// Sets the stack limit to the limit of the stack of `home`, on which the thread goes on. Overwrites a request that has
/// replaced the limit; the requester repeats the request.
///
/// # Safety
/// `home` is the home of the running stack.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_set_limit(home: *const StackHome) {
    // SAFETY: glibc reserves this word for stack limits.
    unsafe {
        asm!(
            "movq {}, %fs:{slot}",
            in(reg) (*home).stack_limit.expose_provenance(),
            slot = const LIMIT_SLOT,
            options(att_syntax, nostack, nomem, preserves_flags)
        );
    }
}
