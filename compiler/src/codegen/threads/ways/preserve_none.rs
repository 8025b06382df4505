//! A call of a stub that preserves no registers, in LLVM's calling convention `preserve_nonecc`. As with swapstack, the
//! function that switches stores what is live, and yielding functions save no registers for their callers. But the
//! switch is out of line, so it adds a call, a return and a return address.
//!
//! LLVM passes the arguments in `r12` to `r15`, `rdi` and `rsi`. The convention preserves `rbp`, so the stub saves it.

use crate::codegen::cx::way::{Code, Stub, Way};
use crate::codegen::threads::ways::stub::{self, Inputs, Saved};

/// The call of a stub that preserves no registers.
pub(super) const WAY: Way = Way {
    name: "preserve-none",
    about: "a call of a function that preserves no registers; its caller saves what is live",
    preserves_registers: false,
    code: |mailbox| {
        Code::Stub(Stub {
            convention: PRESERVE_NONE,
            symbol: stub::symbol(mailbox),
            text: stub::text(mailbox, &INPUTS, &SAVED),
        })
    },
    common: None,
};

/// LLVM's number of the calling convention `preserve_nonecc`.
const PRESERVE_NONE: u32 = 21;

const INPUTS: Inputs = Inputs { save_at: "r12", load_at: "r13", lock: "r14", words: ["r15", "rdi", "rsi"] };

/// A stub pushes so little that it needs no check of the stack.
const SAVED: Saved = Saved { push: &["pushq %rbp"], pop: &["popq %rbp"], bytes: 8 };
