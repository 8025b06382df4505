//! A call of libc's `swapcontext`, which saves and restores the registers of C, the control words of SSE and x87, and
//! the signal mask, by a system call.
//!
//! The context lies on the stack of the suspended thread, so it is freed with the stack. It contains addresses in that
//! stack: the stack pointer, and libc's pointer to the control words of x87. They stay right, since the stack of a
//! suspended thread never moves, and a context is used only once, to resume the thread. The stack of a thread
//! that a stub has suspended:
//!
//! ```text
//!  high  │ frame
//!        │ return address into the function that switches
//!        │ ucontext_t, 968 bytes
//!        │ four words of a value
//!        │ waker's word
//!        │ limit
//!  low   │ the common resume address        <- the stack pointer that was stored
//! ```
//!
//! All switches lay out the same words, with or without a mailbox, so that a stub finds the context of the next thread.
//! If the next thread has not been suspended by a stub, because it is new, was preempted, unwinds, or is a
//! pseudo-thread, the stub saves its context by `getcontext` and resumes the next thread like any other switch. In the
//! other direction, code that is no stub jumps to the resume address, which calls `setcontext`.
//!
//! The lock of a wait list may be released only when the whole context is saved, which is inside of `swapcontext`. So
//! the next thread releases the lock: the stub stores the lock's address in the next thread's context, as the value of
//! `rdx`.
//!
//! The stub calls libc on the stack of the green thread. It first makes sure that there is room, and calls through the
//! table of addresses that the loader has filled in at the start, since the loader's own code would need more room.

use weft_abi::layout::{MAILBOX_WORDS, PROGRAM_PREFIX, SHARED_SUFFIX};
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::cx::way::{Code, Mailbox, Stub, Way};
use crate::codegen::threads::ways::callee_saved::C;
use crate::codegen::threads::ways::stub::{self, Check};

/// The call of `swapcontext`.
pub(super) const WAY: Way = Way {
    name: "ucontext",
    about: "a call of libc's swapcontext, with a system call for the signal mask",
    preserves_registers: true,
    code: |mailbox| Code::Stub(Stub { convention: C, symbol: stub::symbol(mailbox), text: entry(mailbox) }),
    common: Some(common),
};

const WORD: usize = size_of::<u64>();

/// The size of a `ucontext_t`: 936 bytes, and 32 bytes that newer versions of glibc have added.
const CONTEXT: usize = 968;

/// The distance of the context from the stored stack pointer: the resume address, the limit, and a full mailbox.
const ABOVE: usize = 2 * WORD + WORD * (1 + MAILBOX_WORDS);

/// The bytes that a stub needs on the stack: its words, and the words that libc pushes below them.
const NEEDED: usize = ABOVE + CONTEXT + 8 * WORD;

/// The offsets of saved registers in a `ucontext_t`: `uc_mcontext.gregs[REG_RSI]`, `REG_RDX` and `REG_RIP`.
const RSI: usize = 112;
const RDX: usize = 136;
const RIP: usize = 168;

/// The part of the resume address's symbol, for [`shared`].
const RESUME: &str = ".resume";

/// The quoted symbol of code that all stubs share; `part` distinguishes its labels. No function of a program has such a
/// name.
fn shared(part: &str) -> String {
    format!("\"{PROGRAM_PREFIX}ucontext{part}{SHARED_SUFFIX}\"")
}

/// The entry of a stub: adapts the inputs to those of the code that all stubs share. Without a mailbox there is no lock
/// to release, and its address is null.
fn entry(mailbox: Option<Mailbox>) -> String {
    let symbol = stub::symbol(mailbox);
    let lock = if mailbox.is_some() { "" } else { "xorl %edx, %edx\n" };
    // Words that hold no value must be zero, since the collector scans them.
    let registers = ["xorl %ecx, %ecx", "xorl %r8d, %r8d", "xorl %r9d, %r9d", "xorps %xmm0, %xmm0"];
    let clear = registers[mailbox.map_or(0, Mailbox::inputs)..].join("\n");
    let switch = shared("");
    format!("\"{symbol}\":\n{lock}{clear}\njmp {switch}\n.size \"{symbol}\", . - \"{symbol}\"\n")
}

/// The bytes of a suspended thread below the return address.
const PUSHED: usize = ABOVE + CONTEXT;

/// The code that all stubs share. Its symbols have no type, so the stack verifier does not follow calls into it.
fn common() -> String {
    let check = Check::of(NEEDED);
    let [check_fast, check_slow] = [check.fast, check.slow].map(|lines| lines.join("\n"));
    let (switch, [save, swap, get, set]) = (shared(""), [save(), swap(), get_and_leave(), set()]);
    format!(
        "
.p2align 4
{switch}:
.cfi_startproc
{check_fast}
{save}
.cfi_adjust_cfa_offset {PUSHED}
{swap}
{get}
{set}
.cfi_adjust_cfa_offset -{PUSHED}
{check_slow}
.cfi_endproc
.size {switch}, . - {switch}
"
    )
    .replace("$$", "$")
}

/// Lays out the words of a suspended thread, with an empty context, and stores the stack pointer.
fn save() -> String {
    let resume = shared(RESUME);
    format!(
        "subq $${CONTEXT}, %rsp
subq $$8, %rsp
movq %xmm0, (%rsp)
pushq %r9
pushq %r8
pushq %rcx
pushq $$0
movq %fs:{LIMIT_SLOT}, %rcx
pushq %rcx
leaq {resume}(%rip), %rax
pushq %rax
movq %rsp, (%rdi)"
    )
}

/// Switches to a thread that was suspended by a stub, and returns when this thread is resumed. A thread that switches
/// to itself has no context to load. At label 1, `rdx` has the address of the previous thread's lock.
fn swap() -> String {
    format!(
        "movq (%rsi), %rsi
cmpq %rsp, %rsi
je 1f
leaq {ABOVE}(%rsp), %rdi
cmpq %rax, (%rsi)
jne 3f
leaq {ABOVE}(%rsi), %rsi
movq %rdx, {RDX}(%rsi)
callq *swapcontext@GOTPCREL(%rip)
1:
testq %rdx, %rdx
je 2f
movl $$0, (%rdx)
2:
movq 8(%rsp), %rcx
movq %rcx, %fs:{LIMIT_SLOT}
movq 16(%rsp), %rax
movq 24(%rsp), %rdx
movq 32(%rsp), %rcx
movq 40(%rsp), %xmm0
movq 48(%rsp), %xmm1
addq $${PUSHED}, %rsp
.cfi_adjust_cfa_offset -{PUSHED}
popq %r11
jmpq *%r11
.cfi_adjust_cfa_offset {PUSHED}"
    )
}

/// Saves the context so that it continues at label 1, and switches to a thread that no stub has suspended. `getcontext`
/// also saves the next thread's stack pointer in `rsi` and the address of the lock in `rdx`, which are read again here.
fn get_and_leave() -> String {
    let [rip, rsi, rdx] = [RIP, RSI, RDX].map(|register| ABOVE + register);
    format!(
        "3:
callq *getcontext@GOTPCREL(%rip)
leaq 1b(%rip), %rax
movq %rax, {rip}(%rsp)
movq {rsi}(%rsp), %rsi
movq {rdx}(%rsp), %rdx
testq %rdx, %rdx
je 4f
movl $$0, (%rdx)
4:
movq %rsi, %rsp
popq %rax
popq %rcx
movq %rcx, %fs:{LIMIT_SLOT}
jmpq *%rax"
    )
}

/// The resume address: loads the context of this thread, which another switch than a stub's has resumed. That switch
/// has popped the resume address and the limit, and has no lock to release. A trace looks up the byte before the
/// address.
fn set() -> String {
    let (resume, popped) = (shared(RESUME), 2 * WORD);
    format!(
        ".cfi_adjust_cfa_offset -{popped}
nop
{resume}:
subq $${popped}, %rsp
.cfi_adjust_cfa_offset {popped}
leaq {ABOVE}(%rsp), %rdi
movq $$0, {RDX}(%rdi)
callq *setcontext@GOTPCREL(%rip)
ud2"
    )
}
