//! The assembly loop of a thread that unwinds: calls the deferred blocks that `wait::unwind` chooses.

use std::arch::global_asm;
use std::mem::offset_of;

use weft_abi::Sp;

use super::resume;

// The loop of a thread that unwinds, see `wait::unwind`. The stack looks as if the function in which the thread
// panicked or waited had called `weft_unwind`: the return address leads into that function, and only traces use it.
//
//     at weft_unwind                          at weft_unwind_on, after a wait
//     rsp   return address                    rsp   the mailbox, one word
//           the frame of the function               return address
//                                                   the frame of the function
//
// One iteration, with a deferred block d:
//
//     callq weft_next_cleanup     %rax = d
//     movq %rax, %rdi             a function value is its own first argument
//     callq *code(%rdi)           the second word of d is the address of its code; results are ignored
//     jmp weft_unwind             the stack is as before
global_asm!(
    ".globl weft_unwind, weft_unwind_on",
    ".hidden weft_unwind, weft_unwind_on",
    ".cfi_startproc",
    "nop", // traces look up the byte right before a return address
    "weft_unwind:",
    "callq weft_next_cleanup",
    "movq %rax, %rdi",
    "callq *{code}(%rdi)",
    "jmp weft_unwind",
    ".cfi_adjust_cfa_offset 8", // the mailbox of a thread that waits for the members of a scope
    "nop", // for traces, as above
    "weft_unwind_on:",
    "popq %rax", // the mailbox, whose word has no meaning here
    ".cfi_adjust_cfa_offset -8",
    "jmp weft_unwind",
    ".cfi_endproc",
    code = const offset_of!(weft_abi::Deferred, code),
    options(att_syntax),
);

unsafe extern "C" {
    fn weft_unwind();
    fn weft_unwind_on();
}

/// Resumes the green thread that called into the runtime, with the stack pointer `sp`, so that it unwinds. Does not
/// return.
///
/// # Safety
/// `limit` is the limit of the thread's stack; nothing on the worker's own stack is needed any more.
pub unsafe fn unwind(sp: Sp, limit: *mut u8) -> ! {
    // SAFETY: `sp` lies above the reserve, which has room for two more words.
    unsafe { resume(suspend_at(weft_unwind as *const u8, sp, limit)) }
}

/// Changes a suspended thread so that it unwinds when it is resumed: its resume address becomes a return address.
/// Returns its new stack pointer.
///
/// ```text
///   before                      after
///                               sp   weft_unwind
///   sp   resume address              limit
///        limit                       resume address, as a return address
///        the thread's frame          the thread's frame
/// ```
///
/// # Safety
/// `sp` is the stack pointer of a suspended thread, which nothing else resumes.
pub unsafe fn suspend_unwinding(sp: Sp) -> Sp {
    // SAFETY: `sp` points to the two words of a suspended thread, and its reserve has room for another word below them.
    unsafe {
        let words = sp.cast::<*mut u8>();
        let (resume_at, limit) = (words.read(), words.add(1).read());
        words.add(1).write(resume_at);
        suspend_at(weft_unwind as *const u8, words.add(1).cast(), limit)
    }
}

/// Suspends a thread that unwinds and has called into the runtime, so that it can wait. Adds a mailbox.
///
/// ```text
///   before                                 after
///                                          sp   weft_unwind_on
///                                               limit
///   sp   return address into weft_unwind        mailbox: 0
///        return address                         return address
/// ```
///
/// # Safety
/// As for [`unwind`].
pub unsafe fn park_unwinding(sp: Sp, limit: *mut u8) -> Sp {
    // SAFETY: the return address of the call is not needed any more, so its word becomes the mailbox.
    unsafe {
        sp.cast::<usize>().write(0);
        suspend_at(weft_unwind_on as *const u8, sp, limit)
    }
}

/// The size in bytes of the resume address and the limit, the two words at the stack pointer that [`suspend_unwinding`]
/// returns. The thread begins to unwind with the stack pointer right above these words.
pub const SUSPENDED_BYTES: usize = 16;

/// Puts a resume address and a limit below `sp`.
///
/// # Safety
/// `sp` lies on a green stack with room for two words below it.
unsafe fn suspend_at(resume_at: *const u8, sp: Sp, limit: *mut u8) -> Sp {
    // SAFETY: the words are free, and aligned like all words of a stack.
    unsafe {
        let words = sp.cast::<*const u8>().sub(2);
        words.write(resume_at);
        words.add(1).write(limit);
        words.cast()
    }
}
