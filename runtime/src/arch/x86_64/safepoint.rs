//! The assembly of safepoints: saves and restores all registers of a green thread around `sched::safepoint`, where the
//! thread may be stopped.
//!
//! A prologue calls `__morestack`, before anything else, if there is too little room between stack pointer and limit,
//! or if [`REQUEST_LIMIT`] has replaced the limit. A loop calls `weft_poll` if it finds [`REQUEST_LIMIT`]. A prologue,
//! and the green stack at the entry of `__morestack`:
//!
//! ```text
//!         cmpq  %fs:0x70, %rsp          sp      return address: the address of the retq
//!         jbe   1f                      sp + 8  the function's own return address
//!   body: ...                                   the function's stack arguments
//!      1: movl  $frame_size, %r10d
//!         movl  $argument_size, %r11d
//!         callq __morestack
//!         retq                          one byte, which __morestack skips when it returns
//!         jmp   body
//! ```
//!
//! A call of `weft_poll` needs no room for a frame, and no byte is skipped after it. All registers may be live at a
//! poll; at a prologue `%r10` and `%r11` are free. All registers are saved on the worker's own stack, since the green
//! stack may lack the room. The green stack may move during the call, so the return address is read from the new copy.
//! If the thread stops, its registers are moved to its own stack, which then looks like the stack of a suspended
//! thread:
//!
//! ```text
//!   sp        weft_resume
//!   sp + 8    stack limit
//!   sp + 16   [`Registers`]
//!             return address
//! ```
//!
//! The protocol of prologues comes from GCC's split stacks (libgcc, generic-morestack). But GCC chains stack segments,
//! while Weft moves the whole stack.
//!
//! [`REQUEST_LIMIT`]: weft_abi::stack::REQUEST_LIMIT

use std::arch::global_asm;

use weft_abi::Sp;

/// The registers of a green thread, except `%rsp`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Registers {
    vectors: [[u64; 2]; 16],
    /// `%rax %rbx %rcx %rdx %rsi %rdi %rbp`, `%r8` to `%r15`
    general: [u64; 15],
}

/// The size that a poll passes instead of the size of a frame. A frame may have the size 0: a function without spills
/// that calls itself needs room for return addresses only.
pub const NO_FRAME: usize = usize::MAX;

/// The bytes that a thread needs on its stack when it is stopped with all its registers.
pub const SUSPENDED: usize = size_of::<Registers>() + 16;

const _: () = assert!(size_of::<Registers>() == 376);

/// Suspends the thread that has entered a safepoint with the stack pointer `sp`: writes its registers, the limit and a
/// resume address below `sp`. Returns the thread's new stack pointer.
///
/// # Safety
/// The thread's stack has room for [`SUSPENDED`] bytes below `sp`.
pub unsafe fn suspend(registers: &Registers, sp: Sp, limit: *mut u8) -> Sp {
    unsafe extern "C" {
        fn weft_resume();
    }
    // SAFETY: the words are part of the thread's stack, below the part in use. `sp` is aligned to 8, not always to 16,
    // so the registers are written unaligned.
    unsafe {
        let saved = sp.cast::<Registers>().byte_sub(size_of::<Registers>());
        saved.write_unaligned(*registers);
        let words = saved.cast::<usize>();
        words.sub(1).write(limit.expose_provenance());
        words.sub(2).write((weft_resume as *const u8).expose_provenance());
        words.sub(2).cast()
    }
}

/// Stores all registers of [`Registers`] except `%rax` at `%rsp`, each at its offset in the struct.
macro_rules! save_registers {
    () => {
        "movups %xmm0, 0(%rsp)
         movups %xmm1, 16(%rsp)
         movups %xmm2, 32(%rsp)
         movups %xmm3, 48(%rsp)
         movups %xmm4, 64(%rsp)
         movups %xmm5, 80(%rsp)
         movups %xmm6, 96(%rsp)
         movups %xmm7, 112(%rsp)
         movups %xmm8, 128(%rsp)
         movups %xmm9, 144(%rsp)
         movups %xmm10, 160(%rsp)
         movups %xmm11, 176(%rsp)
         movups %xmm12, 192(%rsp)
         movups %xmm13, 208(%rsp)
         movups %xmm14, 224(%rsp)
         movups %xmm15, 240(%rsp)
         movq %rbx, 264(%rsp)
         movq %rcx, 272(%rsp)
         movq %rdx, 280(%rsp)
         movq %rsi, 288(%rsp)
         movq %rdi, 296(%rsp)
         movq %rbp, 304(%rsp)
         movq %r8, 312(%rsp)
         movq %r9, 320(%rsp)
         movq %r10, 328(%rsp)
         movq %r11, 336(%rsp)
         movq %r12, 344(%rsp)
         movq %r13, 352(%rsp)
         movq %r14, 360(%rsp)
         movq %r15, 368(%rsp)"
    };
}
pub(crate) use save_registers;

/// Loads all registers of [`Registers`] from the words at `%rsp`.
macro_rules! load_registers {
    () => {
        "movups 0(%rsp), %xmm0
         movups 16(%rsp), %xmm1
         movups 32(%rsp), %xmm2
         movups 48(%rsp), %xmm3
         movups 64(%rsp), %xmm4
         movups 80(%rsp), %xmm5
         movups 96(%rsp), %xmm6
         movups 112(%rsp), %xmm7
         movups 128(%rsp), %xmm8
         movups 144(%rsp), %xmm9
         movups 160(%rsp), %xmm10
         movups 176(%rsp), %xmm11
         movups 192(%rsp), %xmm12
         movups 208(%rsp), %xmm13
         movups 224(%rsp), %xmm14
         movups 240(%rsp), %xmm15
         movq 256(%rsp), %rax
         movq 264(%rsp), %rbx
         movq 272(%rsp), %rcx
         movq 280(%rsp), %rdx
         movq 288(%rsp), %rsi
         movq 296(%rsp), %rdi
         movq 304(%rsp), %rbp
         movq 312(%rsp), %r8
         movq 320(%rsp), %r9
         movq 328(%rsp), %r10
         movq 336(%rsp), %r11
         movq 344(%rsp), %r12
         movq 352(%rsp), %r13
         movq 360(%rsp), %r14
         movq 368(%rsp), %r15"
    };
}
pub(crate) use load_registers;

// Two thread-local words of the OS thread, for values that need a place before any register is saved. No switch occurs
// between a store and its load.
global_asm!(
    ".section .tbss,\"awT\",@nobits",
    ".globl weft_frame, weft_rax", // the code that uses them may be assembled in another unit
    ".hidden weft_frame, weft_rax",
    ".p2align 3",
    "weft_frame: .zero 8",
    "weft_rax: .zero 8",
    ".text",
);

// The resume address of a thread that was stopped at a safepoint. Its stack at that address:
//
//     rsp        Registers
//     rsp + 376  return address, at which the thread goes on
//
// A stack trace shows `weft_resume` as a function that the stopped function has called. Traces look up the byte right
// before a return address, so a nop precedes the label.
global_asm!(
    ".hidden weft_resume",
    ".globl weft_resume",
    ".cfi_startproc",
    ".cfi_def_cfa_offset 384", // the registers and the return address
    "nop",
    "weft_resume:",
    load_registers!(),
    "leaq 376(%rsp), %rsp",
    ".cfi_def_cfa_offset 8",
    "retq",
    ".cfi_endproc",
    options(att_syntax),
);

/// Defines `__morestack` and `weft_poll`. They call `$serve` with the worker, the [`Registers`] and the size of the
/// frame that needs room, 0 for none. `$serve` returns the thread's new stack pointer, or resumes another thread.
macro_rules! safepoints {
    ($serve:path) => {
        std::arch::global_asm!(
            ".globl __morestack, weft_poll",
            "__morestack: .cfi_startproc",
            ".cfi_undefined rip",
            // On the green stack. rsp: return address into the function.
            "incq (%rsp)", // skips the one-byte retq: the return goes to the jump into the body
            "movq %r10, %fs:weft_frame@tpoff", // the frame size
            "jmp 1f",
            "weft_poll:",
            "movq $-1, %fs:weft_frame@tpoff", // a poll needs no room, not even for a return address
            "1: movq %rax, %fs:weft_rax@tpoff", // frees a register for the worker's address
            "movq %fs:weft_worker@tpoff, %rax",
            "movq %rsp, {green_sp}(%rax)",
            "movq {system_sp}(%rax), %rsp",
            // On the worker's own stack. rsp: system_sp.
            "testq %rax, (%rsp)", // the load that `seen_at` describes; no register is free to load into
            "subq $384, %rsp", // one more word than `Registers`: the stack stays aligned to 16
            // rsp: Registers, a free word.
            $crate::arch::save_registers!(),
            "movq %rax, %rdi",
            "movq %fs:weft_rax@tpoff, %rax",
            "movq %rax, 256(%rsp)", // its place in `Registers`
            "movq %rsp, %rsi",
            "movq %fs:weft_frame@tpoff, %rdx",
            "callq {serve}",
            // rsp: Registers, then a word for the stack pointer with which the thread goes on, perhaps on a larger
            // stack.
            "movq %rax, 376(%rsp)",
            $crate::arch::load_registers!(),
            "movq 376(%rsp), %rsp",
            // On the green stack again. rsp: return address into the function.
            "retq",
            ".cfi_endproc",
            green_sp = const std::mem::offset_of!(weft_abi::Worker, green_sp),
            system_sp = const std::mem::offset_of!(weft_abi::Worker, system_sp),
            serve = sym $serve,
            options(att_syntax),
        );
    };
}
pub(crate) use safepoints;
