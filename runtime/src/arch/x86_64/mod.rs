//! x86-64, System V, Linux with glibc.
//!
//! A worker uses two kinds of stacks: compiled Weft code runs on green stacks, the runtime and C on the worker's own
//! large stack. This folder has the code for every change from one stack to another.
//!
//! | from | to | through |
//! |---|---|---|
//! | green | another green | the switch that the compiler emits; it also lays out the stack that [`resume`] expects |
//! | no stack | green | `weft_start_k`, `weft_start_continuation`, `weft_start_stack`: resume addresses of new stacks |
//! | green | worker | `weft_call_on_worker`, behind the thunk of each runtime function |
//! | green | worker | `__morestack` and `weft_poll`, see [`safepoint`] |
//! | worker | green | [`resume`], which does not return |
//! | worker | green, to its deferred blocks | [`unwind()`], which does not return |
//! | green | worker | a switch to a [`PseudoThread`] in the run queue |
//!
//! The words of a suspended thread, from its stack pointer up:
//!
//! ```text
//!   sp       resume address
//!   sp + 8   stack limit, which goes into %fs:0x70
//!   sp + 16  the words that the resumed code expects there
//! ```
//!
//! Registers: `%fs` is the base of the OS thread's thread-local words. `%fs:0x70` is the stack limit, and
//! `%fs:weft_worker@tpoff` the worker. A switch preserves no other register.

use std::arch::{asm, global_asm};
use std::mem::offset_of;
use std::sync::atomic::AtomicU64;

use weft_abi::stack::LIMIT_SLOT;
use weft_abi::trace::TraceSpawns;
use weft_abi::{Sp, Worker};

/// Safepoints: all registers of a green thread are saved, and the thread may be stopped.
mod safepoint;
/// The loop of a thread that unwinds: calls the deferred blocks.
mod unwind;
/// The instructions of a request to Valgrind.
mod valgrind;

pub use safepoint::{NO_FRAME, Registers, SUSPENDED, suspend};
pub(crate) use safepoint::{load_registers, safepoints, save_registers};
pub use unwind::{SUSPENDED_BYTES, park_unwinding, suspend_unwinding, unwind};
pub use valgrind::ask_valgrind;

// The worker of this OS thread. Assembly reads the variable each time, by its offset from %fs: a compiler would keep
// the variable's address across a switch, after which the green thread may run on another OS thread.
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
    // SAFETY: reads a word of this OS thread.
    unsafe { asm!("movq %fs:weft_worker@tpoff, {}", out(reg) worker, options(att_syntax, nostack)) };
    worker
}

/// Makes `worker` the worker of this OS thread.
pub fn set_current_worker(worker: *mut Worker) {
    // SAFETY: writes a word of this OS thread.
    unsafe { asm!("movq {}, %fs:weft_worker@tpoff", in(reg) worker, options(att_syntax, nostack)) };
}

/// Sets the limit with which prologues on this OS thread compare the stack pointer.
pub fn set_stack_limit(limit: *mut u8) {
    // SAFETY: glibc reserves this word for the stack limit and does not touch it.
    unsafe {
        asm!("movq {}, %fs:{slot}", in(reg) limit, slot = const LIMIT_SLOT, options(att_syntax, nostack));
    }
}

/// The address of this OS thread's word for the stack limit, for use by other OS threads.
pub fn limit_slot() -> *const AtomicU64 {
    let thread: *const u8;
    // SAFETY: the word at `%fs:0` contains its own address.
    unsafe { asm!("movq %fs:0, {}", out(reg) thread, options(att_syntax, nostack, readonly)) };
    thread.wrapping_add(LIMIT_SLOT).cast()
}

/// Saves the callee-saved registers on this stack, and calls `run` with their address. All values that the callers keep
/// in registers are then at or above that address: in this frame, or in the callers' frames.
#[inline(never)]
pub fn with_registers(run: impl FnOnce(*const usize)) {
    let mut registers = [0usize; 6];
    // SAFETY: writes six words, which the array has.
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

/// The resume address of a new thread whose first function has one parameter, such as the main thread.
pub fn start_address() -> *const u8 {
    unsafe extern "C" {
        fn weft_start_1();
    }
    weft_start_1 as *const u8
}

/// Resumes a suspended green thread, and never returns to the worker's own stack. Later calls from green threads begin
/// below the caller's frame:
///
/// ```text
///   before                      after
///   the caller's frame          the caller's frame
///   %rsp ──────────────────     256 bytes for the frame's red zone, then padding to a multiple of 16
///                               system_sp: calls from green threads begin here
/// ```
///
/// # Safety
/// `worker` is the worker of this OS thread; `sp` is the stack pointer of a suspended thread that is in no queue.
pub unsafe fn enter(worker: *mut Worker, sp: Sp) -> ! {
    // SAFETY: 256 bytes skip the red zone of this frame, and the rest is as in `resume`. The stack pointer itself moves
    // to `system_sp`, since Valgrind counts only memory that the stack pointer has passed as part of the stack.
    unsafe {
        asm!(
            "subq $256, %rsp",
            "andq $-16, %rsp", // the alignment that C requires before a call
            "movq %rsp, {system_sp}({worker})",
            "movq {sp}, %rsp",
            "popq %rax", // the resume address
            "popq %rcx", // the stack limit
            "movq %rcx, %fs:{slot}",
            "jmpq *%rax", // not retq: a return to another stack is predicted wrongly
            worker = in(reg) worker,
            sp = in(reg) sp,
            system_sp = const offset_of!(Worker, system_sp),
            slot = const LIMIT_SLOT,
            options(att_syntax, noreturn),
        )
    }
}

/// Resumes a suspended green thread, and never returns. The contents of the worker's own stack are lost.
///
/// # Safety
/// `sp` is the stack pointer of a suspended thread that is in no queue, and nothing on the worker's own stack is needed
/// any more.
pub unsafe fn resume(sp: Sp) -> ! {
    // SAFETY: a suspended thread has the resume address and the limit at `sp`. The resumed code expects no values in
    // registers.
    unsafe {
        asm!(
            "movq {sp}, %rsp",
            "popq %rax", // the resume address
            "popq %rcx", // the stack limit
            "movq %rcx, %fs:{slot}",
            "jmpq *%rax", // not retq: a return to another stack is predicted wrongly
            sp = in(reg) sp,
            slot = const LIMIT_SLOT,
            options(att_syntax, noreturn),
        )
    }
}

// The stack of a thread that has not run yet. Above the resume address and the limit lie the register arguments, the
// last argument first, then the address of the first function, then the stack arguments:
//
//     sp       weft_start_k
//     sp + 8   limit
//     sp + 16  argument k ... argument 1, first function, argument k+1 ... argument n
//
// Each entry falls through into the next, so `weft_start_2` with the arguments a and b, of a function f, sees:
//
//     weft_start_2: popq %rsi     rsp: b a f      %rsi = b
//     weft_start_1: popq %rdi     rsp: a f        %rdi = a
//     weft_start_0: popq %rax     rsp: f          %rax = f
//                   callq *%rax   rsp: (empty)
//
// The first function does not return: it ends the thread with a switch. It is entered by a `callq` all the same,
// because it expects its stack arguments above a return address, and because stack walks stop at that address.
global_asm!(
    ".globl weft_start_0, weft_start_1, weft_start_2, weft_start_3, weft_start_4, weft_start_5, weft_start_6",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "nop", // traces look up the byte right before the address
    "weft_start_6: popq %r9",
    "weft_start_5: popq %r8",
    "weft_start_4: popq %rcx",
    "weft_start_3: popq %rdx",
    "weft_start_2: popq %rsi",
    "weft_start_1: popq %rdi",
    "weft_start_0: popq %rax",
    "callq *%rax",
    "ud2", // never reached: a trap is safer than running into the next function
    ".cfi_endproc",
    options(att_syntax),
);

// The stack of a continuation that has not run yet:
//
//     sp       weft_start_continuation
//     sp + 8   the function value that is the continuation's body
//     sp + 16  the first function
//
// The switch that resumes the continuation passes the continuation in %rdi and the first value in %rdx, %rcx, %r8 and
// %r9. The body is the second argument, so the first function has six arguments in the registers of the C calling
// convention. It does not return. A walk that reaches this code goes on with the stack that resumed the continuation.
//
// A generator with a stack of its own needs no such code: the switch enters its first function directly. The function's
// return address is `weft_under_generator`. A walk that reaches this address also goes on with the stack that resumed
// the generator:
//
//     sp       the first function
//     sp + 8   weft_under_generator
//     sp + 16  the words of the generator's arguments
//
// The stack of a symmetric continuation begins with `weft_start_stack` and the same two words. The swap passes what
// stands for the code that it has left in %rdi and %rsi, and the first value in %rdx, %rcx and %r8. The body is the
// sixth argument.
global_asm!(
    ".globl weft_start_continuation, weft_start_stack",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "nop", // traces look up the byte right before the address
    "weft_start_continuation:",
    "popq %rsi",
    "popq %rax",
    "callq *%rax",
    "ud2", // never reached
    "nop",
    "weft_start_stack:",
    "popq %r9",
    "popq %rax",
    "callq *%rax",
    "ud2",
    ".globl weft_under_generator",
    "weft_under_generator:", // only a return address
    "ud2",
    ".cfi_endproc",
    options(att_syntax),
);

// The symbols of `entry` that this folder uses. Unit tests are built without `entry`, and never call these symbols.
#[cfg(test)]
global_asm!(
    ".globl weft_next_cleanup, weft_idler, weft_poller, weft_drawer",
    "weft_next_cleanup:",
    "weft_idler:",
    "weft_poller:",
    "weft_drawer:",
    "ud2",
    options(att_syntax),
);

/// A load that must follow each change to the worker's own stack. Valgrind notices a new stack pointer only at the next
/// memory access. If a call followed at once, Valgrind would see the change of stacks and the call's push as one
/// change, and would count the pushed word as part of no stack. The load overwrites `$register`.
macro_rules! seen_at {
    ($register:literal) => {
        concat!("movq (%rsp), %", $register)
    };
}
pub(crate) use seen_at;

// The call of a runtime function. Its thunk loads the function's address into %rax and jumps here. %rax is free at a C
// call, the six argument registers and %xmm0-%xmm7 pass through untouched, and the callee preserves the callee-saved
// registers.
//
//     green stack                                the worker's own stack
//     rsp   return address into compiled code    system_sp   aligned to 16
//
// The green stack pointer is stored in the worker. During the call traces and collections can read the green stack: it
// ends with the return address into compiled code. A runtime function that returns here has not switched threads, so
// the worker is the same afterwards.
//
// If split-stack code calls a symbol of type function that was compiled without split stacks, the linker rewrites the
// caller's prologue so that it requests a large stack. Runtime functions need no large green stack, since they run on
// the worker's own stack. So the thunks are symbols without a type.
global_asm!(
    ".globl weft_call_on_worker", // the thunks may be assembled in another unit
    ".hidden weft_call_on_worker",
    "weft_call_on_worker:",
    "movq %fs:weft_worker@tpoff, %r10", // no argument is in %r10 or %r11
    "movq %rsp, {green_sp}(%r10)",
    "movq {system_sp}(%r10), %rsp",
    seen_at!("r11"),
    "callq *%rax",
    "movq %fs:weft_worker@tpoff, %r10", // again: the callee may overwrite %r10
    "movq {green_sp}(%r10), %rsp",
    "retq",
    green_sp = const offset_of!(Worker, green_sp),
    system_sp = const offset_of!(Worker, system_sp),
    options(att_syntax),
);

/// Defines the symbol that compiled code calls for a runtime function: a thunk that runs `$function` on the worker's
/// own stack.
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

/// Defines the resume address of a pseudo-thread: code that changes to the worker's own stack, since a pseudo-thread
/// has no stack, and calls `$function` with the worker.
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
            "ud2", // never reached: the function resumes a thread
            ".cfi_endproc",
            system_sp = const std::mem::offset_of!(weft_abi::Worker, system_sp),
            function = sym $function,
            options(att_syntax),
        );
    };
}
pub(crate) use pseudo_thread;

/// A pseudo-thread: an entry of the run queue that is runtime code. The words at its stack pointer look like the words
/// of a suspended thread, so a switch resumes the pseudo-thread like a thread.
#[repr(C)]
pub struct PseudoThread {
    /// Padding for the red zone below the stack pointer. When a switch pops the words that follow the padding, Valgrind
    /// marks the red zone as dead, so no other data may lie there.
    below: [usize; 24],
    goes_on_at: *const u8,
    /// The word that a switch pops as the stack limit; no prologue runs while it is the limit.
    limit: usize,
}

// SAFETY: a pseudo-thread is constant, and the only pointer in it is the address of code.
unsafe impl Sync for PseudoThread {}

unsafe extern "C" {
    fn weft_idler();
    fn weft_poller();
    fn weft_drawer();
}

/// The pseudo-thread that is resumed when no green thread is runnable.
pub static IDLE: PseudoThread = PseudoThread::new(weft_idler as *const u8);
/// The pseudo-thread that polls for events from outside of the program.
pub static POLL: PseudoThread = PseudoThread::new(weft_poller as *const u8);
/// The pseudo-thread that draws the next thread, if schedules are random.
pub static DRAW: PseudoThread = PseudoThread::new(weft_drawer as *const u8);

impl PseudoThread {
    const fn new(goes_on_at: *const u8) -> PseudoThread {
        PseudoThread { below: [0; _], goes_on_at, limit: 0 }
    }

    /// The stack pointer that stands for this pseudo-thread in the run queue.
    pub fn sp(&'static self) -> Sp {
        (&raw const self.goes_on_at).cast_mut().cast()
    }
}

/// The addresses and sizes of the pseudo-threads.
pub fn pseudo_threads() -> impl Iterator<Item = (*const u8, usize)> {
    let pseudo_threads = [&IDLE, &POLL, &DRAW];
    pseudo_threads
        .into_iter()
        .map(|pseudo_thread| ((&raw const *pseudo_thread).cast(), size_of::<PseudoThread>()))
}

/// The processor's time stamp counter.
pub fn time_stamp() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The table of spawns; null if the program was not compiled for tracing, and does not define the table.
pub fn trace_spawns() -> *const TraceSpawns {
    let table;
    // SAFETY: reads the address of a symbol, which is null if no object defines the symbol.
    unsafe {
        asm!(
            ".weak weft_trace_spawns",
            "movq weft_trace_spawns@GOTPCREL(%rip), {}",
            out(reg) table,
            options(att_syntax, nostack, nomem, preserves_flags)
        );
    }
    table
}
