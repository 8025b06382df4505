//! The classical switch of a library: a call of a C function that saves the callee-saved registers, switches, and
//! restores them. Boost.Context works like this; corosensei does the same inline. The saved words are those of
//! Boost.Context: the six registers, the control words of SSE and x87, and the return address.
//!
//! Functions that may switch preserve the callee-saved registers, as all functions of C do, and may keep values in them
//! over a switch. The collector scans all words from a suspended thread's stack pointer up, so it finds references
//! there, too.

use crate::codegen::cx::way::{Code, Stub, Way};
use crate::codegen::threads::ways::stub::{self, Inputs, Saved};

/// The call of a C function that saves the callee-saved registers.
pub(super) const WAY: Way = Way {
    name: "callee-saved",
    about: "a call of a C function that saves the callee-saved registers, as libraries do",
    preserves_registers: true,
    code: |mailbox| {
        Code::Stub(Stub {
            convention: C,
            symbol: stub::symbol(mailbox),
            text: stub::text(mailbox, &INPUTS, &SAVED),
        })
    },
    common: None,
};

/// LLVM's number of the C calling convention.
pub(super) const C: u32 = 0;

const INPUTS: Inputs = Inputs { save_at: "rdi", load_at: "rsi", lock: "rdx", words: ["rcx", "r8", "r9"] };

const SAVED: Saved = Saved {
    push: &[
        "pushq %rbp",
        "pushq %rbx",
        "pushq %r15",
        "pushq %r14",
        "pushq %r13",
        "pushq %r12",
        "subq $$8, %rsp",
        "stmxcsr (%rsp)",
        "fnstcw 4(%rsp)",
    ],
    pop: &[
        "ldmxcsr (%rsp)",
        "fldcw 4(%rsp)",
        "addq $$8, %rsp",
        "popq %r12",
        "popq %r13",
        "popq %r14",
        "popq %r15",
        "popq %rbx",
        "popq %rbp",
    ],
    bytes: 56,
};
