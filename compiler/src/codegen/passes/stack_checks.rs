//! Stack checks: a frame for every function that calls compiled code, so that LLVM checks it against the stack limit.
//!
//! requires: `no_slots`, which would refuse the word that this pass adds, and `polls`, which would keep it alive;
//! `musttail` calls still have their mark.
//! ensures: the prologue of every function that calls compiled code compares `rsp` with the limit.
//!
//! LLVM leaves the check out of a function whose frame is empty. On its usual stacks only a function that calls nothing
//! has an empty frame, since where calls are made frames are padded to sixteen bytes. The frames of compiled code are
//! not (see `generate::STACK_ALIGNMENT`):
//!
//! ```text
//!   down:                      down:
//!     test  %rdi, %rdi           cmp   %fs:0x70, %rsp     the check
//!     je    1f                   jbe   grow
//!     dec   %rdi                 push  %rax               the word: an empty frame no more
//!     call  down                 ...
//!   1: ret
//! ```
//!
//! On the left nothing is live over the call, and the recursion goes down the stack unchecked, one return address at a
//! time. So a function that calls others gets one word in its frame, as padding would give to half of them.

use inkwell::values::FunctionValue;

use crate::codegen::cx::builder::Builder;
use crate::codegen::passes::ir::{PassCx, compiled_calls, has_check, is_must_tail};

/// Gives each function that calls compiled code a frame.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    let builder = Builder::new(cx.context);
    for function in cx.module.get_functions().filter(|&function| needs_word(function)) {
        let entry = function.get_first_basic_block().expect("BUG: a function that calls has a body");
        builder.before(&entry.get_first_instruction().expect("BUG: an empty block"));
        builder.reserve_word(cx.context, cx.context.i64_type());
    }
}

/// Whether LLVM needs a word to put the check there. A function with a tail call has the check in any case.
fn needs_word(function: FunctionValue<'_>) -> bool {
    has_check(function) && !compiled_calls(function).any(is_must_tail)
}
