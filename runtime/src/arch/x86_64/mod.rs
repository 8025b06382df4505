//! x86-64, System V, Linux with glibc.
//!
//! Three kinds of code run on a worker: compiled Weft code on green stacks, the runtime and C on the worker's own
//! large stack. This file holds every way from one to the other.
//!
//! | from | to | through |
//! |---|---|---|
//! | green | another green | the switch that the compiler emits; it also lays out the stack that [`resume`] expects |
//! | nothing | green | `weft_start_k`, the resume address of a thread that never ran |
//! | green | worker | `weft_call_on_worker`, behind the thunk of each runtime function |
//! | green | worker | `__morestack` and `weft_poll`, see [`safepoint`] |
//! | worker | green | [`resume`], for good |
//! | green | worker | an [`PseudoThread`] in the run queue, for good |
//!
//! A suspended thread, from its stack pointer up:
//!
//! ```text
//!   sp       resume address
//!   sp + 8   stack limit, which goes into %fs:0x70
//!   sp + 16  what the resumed code expects there
//! ```

use std::arch::{asm, global_asm};
use std::mem::offset_of;
use std::sync::atomic::AtomicU64;

use weft_abi::stack::LIMIT_SLOT;
use weft_abi::{Sp, Worker};

use super::current::Current;

mod safepoint;
mod valgrind;

pub use safepoint::{Registers, SUSPENDED, suspend};
pub(crate) use safepoint::{load_registers, safepoints, save_registers};
pub use valgrind::ask_valgrind;

// The worker of this OS thread. Assembly reads it anew each time, through its offset from %fs: compilers keep the
// address of a thread-local variable over a switch, after which the thread may be another.
global_asm!(
    ".section .tbss,\"awT\",@nobits",
    ".globl weft_worker",
    ".type weft_worker, @object",
    ".size weft_worker, 8",
    ".p2align 3",
    "weft_worker: .zero 8",
    ".text",
);

/// The worker of this OS thread; null before [`set_current_worker`].
pub fn current_worker() -> *mut Worker {
    let worker;
    // SAFETY: reads this thread's own variable.
    unsafe { asm!("movq %fs:weft_worker@tpoff, {}", out(reg) worker, options(att_syntax, nostack)) };
    worker
}

/// Makes `worker` that of this OS thread.
pub fn set_current_worker(worker: *mut Worker) {
    // SAFETY: writes this thread's own variable.
    unsafe { asm!("movq {}, %fs:weft_worker@tpoff", in(reg) worker, options(att_syntax, nostack)) };
}

/// Sets the limit that prologues on this OS thread compare the stack pointer with.
pub fn set_stack_limit(limit: *mut u8) {
    // SAFETY: glibc keeps this word for exactly this purpose and does not touch it.
    unsafe {
        asm!("movq {}, %fs:{slot}", in(reg) limit, slot = const LIMIT_SLOT, options(att_syntax, nostack));
    }
}

/// Where this OS thread keeps that limit, for other threads.
pub fn limit_slot() -> *const AtomicU64 {
    let thread: *const u8;
    // SAFETY: the first word that `%fs` leads to is its own address.
    unsafe { asm!("movq %fs:0, {}", out(reg) thread, options(att_syntax, nostack, readonly)) };
    thread.wrapping_add(LIMIT_SLOT).cast()
}

/// Calls `run` with an address on this stack from which on all registers lie that a function keeps for its caller: what
/// the caller's callers hold in registers is there or in their frames.
#[inline(never)]
pub fn with_registers(run: impl FnOnce(*const usize)) {
    let mut registers = [0usize; 6];
    // SAFETY: fills the array.
    unsafe {
        asm!(
            "movq %rbx, ({0})",
            "movq %rbp, 8({0})",
            "movq %r12, 16({0})",
            "movq %r13, 24({0})",
            "movq %r14, 32({0})",
            "movq %r15, 40({0})",
            in(reg) registers.as_mut_ptr(),
            options(att_syntax, nostack),
        );
    }
    run(registers.as_ptr());
}

/// Where a thread that never ran resumes when its first function has one parameter, as that of the main thread does.
pub fn start_address() -> *const u8 {
    unsafe extern "C" {
        fn weft_start_1();
    }
    weft_start_1 as *const u8
}

/// Leaves the worker's own stack for a suspended green thread. Calls from green threads continue below the frame of
/// the caller, which is never returned to.
///
/// # Safety
/// `sp` is suspended and in no queue.
pub unsafe fn enter(current: Current, sp: Sp) -> ! {
    // SAFETY: 256 bytes leave the red zone of this frame alone, and the rest is as in `resume`. The stack pointer goes
    // down to where calls from green threads will begin, since Valgrind takes what it has not passed for no stack.
    unsafe {
        asm!(
            "subq $256, %rsp",
            "andq $-16, %rsp",
            "movq %rsp, {system_sp}({worker})",
            "movq {sp}, %rsp",
            "popq %rax",
            "popq %rcx",
            "movq %rcx, %fs:{slot}",
            "jmpq *%rax",
            worker = in(reg) current.worker(),
            sp = in(reg) sp,
            system_sp = const offset_of!(Worker, system_sp),
            slot = const LIMIT_SLOT,
            options(att_syntax, noreturn),
        )
    }
}

/// Continues a suspended green thread. What was on the worker's own stack is gone.
///
/// # Safety
/// `sp` is suspended and in no queue, and nothing on the worker's stack is needed any more.
pub unsafe fn resume(sp: Sp) -> ! {
    // SAFETY: the words at `sp` are as drawn above; the resumed code expects nothing of any other register.
    unsafe {
        asm!(
            "movq {sp}, %rsp",
            "popq %rax",
            "popq %rcx",
            "movq %rcx, %fs:{slot}",
            "jmpq *%rax",
            sp = in(reg) sp,
            slot = const LIMIT_SLOT,
            options(att_syntax, noreturn),
        )
    }
}

// A thread that never ran. Above the resume address and the limit lie its register arguments, last one first, then
// the address of its first function, then its stack arguments:
//
//     sp       weft_start_k
//     sp + 8   limit
//     sp + 16  argument k ... argument 1, first function, argument k+1 ... argument n
//
// Each entry falls through into the next. The first function does not return: it ends the thread with a switch. The
// call pushes a return address only because the stack arguments are expected above one, and the unwinder stops there.
global_asm!(
    ".globl weft_start_0, weft_start_1, weft_start_2, weft_start_3, weft_start_4, weft_start_5, weft_start_6",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "nop", // traces look up what stands right before the address
    "weft_start_6: popq %r9",
    "weft_start_5: popq %r8",
    "weft_start_4: popq %rcx",
    "weft_start_3: popq %rdx",
    "weft_start_2: popq %rsi",
    "weft_start_1: popq %rdi",
    "weft_start_0: popq %rax",
    "callq *%rax",
    "ud2",
    ".cfi_endproc",
    options(att_syntax),
);

// A thread that unwinds, see `cancel::unwind`. It comes here as if the function in which it panicked or waited had
// called this: the return address is where that would go on, and is there for traces only.
//
//     rsp      return address             of `weft_unwind`, or of `weft_unwind_on`: (limit, mailbox,) then this
//     ...      the frame of the function that panicked or waited
//
// A function value is called with itself as its first argument; its code is its second word. What it leaves in
// registers does not matter.
global_asm!(
    ".globl weft_unwind, weft_unwind_on",
    ".hidden weft_unwind, weft_unwind_on",
    ".cfi_startproc",
    "nop", // traces look up what stands right before an address
    "weft_unwind:",
    "callq weft_next_cleanup",
    "movq %rax, %rdi",
    "callq *{code}(%rdi)",
    "jmp weft_unwind",
    ".cfi_adjust_cfa_offset 8", // the mailbox of a thread that waits for those of a scope
    "nop",
    "weft_unwind_on:",
    "popq %rax",
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

/// Has the green thread unwind that called into the runtime and left its stack pointer at `sp`.
///
/// # Safety
/// `sp` is that, and the limit that of its stack; nothing on the worker's stack is needed any more.
pub unsafe fn unwind(sp: Sp, limit: *mut u8) -> ! {
    // SAFETY: `sp` lies above the reserve, where there is room for two words more.
    unsafe { resume(suspend_at(weft_unwind as *const u8, sp, limit)) }
}

/// Has a suspended thread unwind when it is resumed, instead of going on: its resume address becomes a return address.
///
/// # Safety
/// `sp` is its stack pointer, and nobody else resumes it.
pub unsafe fn suspend_unwinding(sp: Sp) -> Sp {
    // SAFETY: the resume address and the limit are there; a word less remains below.
    unsafe {
        let words = sp.cast::<*mut u8>();
        let (resume_at, limit) = (words.read(), words.add(1).read());
        words.add(1).write(resume_at);
        suspend_at(weft_unwind as *const u8, words.add(1).cast(), limit)
    }
}

/// Suspends a thread that unwinds and has called into the runtime, with a mailbox: it waits.
///
/// # Safety
/// As for [`unwind`].
pub unsafe fn park_unwinding(sp: Sp, limit: *mut u8) -> Sp {
    // SAFETY: the return address of the call is not needed: its word becomes the mailbox.
    unsafe {
        sp.cast::<usize>().write(0);
        suspend_at(weft_unwind_on as *const u8, sp, limit)
    }
}

/// The bytes that a suspended thread that unwinds has at its stack pointer below what it goes on with.
pub const SUSPENDED_WORDS: usize = 16;

/// Puts a resume address and a limit below `sp`.
unsafe fn suspend_at(resume_at: *const u8, sp: Sp, limit: *mut u8) -> Sp {
    // SAFETY: the callers have room there.
    unsafe {
        let words = sp.cast::<*const u8>().sub(2);
        words.write(resume_at);
        words.add(1).write(limit);
        words.cast()
    }
}

/// The load that follows a change to the worker's own stack. Valgrind looks at the stack pointer where memory is
/// touched, and not between two changes: if a call came at once, what that pushes would count as part of no stack.
/// `$register` is free.
macro_rules! seen_at {
    ($register:literal) => {
        concat!("movq (%rsp), %", $register)
    };
}
pub(crate) use seen_at;

// A runtime function's thunk loads the function's address into %rax and jumps here. %rax is free at a C call, the
// six argument registers and %xmm0-%xmm7 pass through untouched, callee-saved registers are kept by the callee.
// The green stack pointer waits in the worker: while it is there the stack is complete for whoever walks it, with
// the return address into compiled code at its end. A runtime function never switches threads and returns here, so
// the worker is the same afterwards.
//
// The thunks are symbols without a type: a linker that sees split-stack code call a *function* compiled without
// would rewrite the caller's prologue to ask for a large stack, and here the callee brings its own.
global_asm!(
    ".globl weft_call_on_worker", // the thunks may be assembled in another unit
    ".hidden weft_call_on_worker",
    "weft_call_on_worker:",
    "movq %fs:weft_worker@tpoff, %r10",
    "movq %rsp, {green_sp}(%r10)",
    "movq {system_sp}(%r10), %rsp",
    seen_at!("r11"),
    "callq *%rax",
    "movq %fs:weft_worker@tpoff, %r10",
    "movq {green_sp}(%r10), %rsp",
    "retq",
    green_sp = const offset_of!(Worker, green_sp),
    system_sp = const offset_of!(Worker, system_sp),
    options(att_syntax),
);

/// Defines the symbol that compiled code calls for a runtime function: it runs `$function` on the worker's own stack.
macro_rules! thunk {
    ($symbol:ident, $function:path) => {
        std::arch::global_asm!(
            concat!(".globl ", stringify!($symbol)),
            concat!(stringify!($symbol), ":"),
            "leaq {function}(%rip), %rax",
            "jmp weft_call_on_worker",
            function = sym $function,
            options(att_syntax),
        );
    };
}
pub(crate) use thunk;

/// Defines the symbol that an entry of the run queue goes on at which is no green thread: it leaves that entry's stack,
/// which is none, and calls `$function` with the worker on the worker's own stack.
macro_rules! pseudo_thread {
    ($symbol:ident, $function:path) => {
        std::arch::global_asm!(
            concat!(".globl ", stringify!($symbol)),
            concat!(".hidden ", stringify!($symbol)),
            concat!(stringify!($symbol), ": .cfi_startproc"),
            ".cfi_undefined rip",
            "movq %fs:weft_worker@tpoff, %rdi",
            "movq {system_sp}(%rdi), %rsp",
            $crate::arch::seen_at!("rax"),
            "callq {function}",
            "ud2",
            ".cfi_endproc",
            system_sp = const std::mem::offset_of!(weft_abi::Worker, system_sp),
            function = sym $function,
            options(att_syntax),
        );
    };
}
pub(crate) use pseudo_thread;

/// The target of an entry of the run queue that is no green thread, as if it were the stack of one.
#[repr(C)]
pub struct PseudoThread {
    /// Memory that Valgrind takes for given up by the stack each time that the words above are popped.
    below: [usize; 24],
    goes_on_at: *const u8,
    /// A stack limit, which nothing looks at.
    limit: usize,
}

// SAFETY: the address is that of code.
unsafe impl Sync for PseudoThread {}

unsafe extern "C" {
    fn weft_idler();
    fn weft_poller();
    fn weft_drawer();
}

/// What a worker does when no thread is ready.
pub static IDLE: PseudoThread = PseudoThread::new(weft_idler as *const u8);
/// Looks for what threads wait for outside of the program.
pub static POLL: PseudoThread = PseudoThread::new(weft_poller as *const u8);
/// Draws who comes next.
pub static DRAW: PseudoThread = PseudoThread::new(weft_drawer as *const u8);

impl PseudoThread {
    const fn new(goes_on_at: *const u8) -> PseudoThread {
        PseudoThread { below: [0; _], goes_on_at, limit: 0 }
    }

    /// As an entry of the run queue.
    pub fn sp(&'static self) -> Sp {
        (&raw const self.goes_on_at).cast_mut().cast()
    }
}

/// The starts and sizes of the pseudo-threads.
pub fn pseudo_threads() -> impl Iterator<Item = (*const u8, usize)> {
    let pseudo_threads = [&IDLE, &POLL, &DRAW];
    pseudo_threads
        .into_iter()
        .map(|pseudo_thread| ((&raw const *pseudo_thread).cast(), size_of::<PseudoThread>()))
}
