//! Stack checks: adds a frame to every function that calls compiled code, so that LLVM checks the stack limit in it.
//!
//! requires: `no_slots` and `polls` have run (`no_slots` would reject the word that this pass adds, and `polls` would
//! keep the word alive); `tail_calls` has not changed the `musttail` calls yet.
//! ensures: the prologue of every function that calls compiled code compares `rsp` with the limit.
//!
//! LLVM omits the check in a function whose frame is empty. With its usual stack alignment only a function that calls
//! nothing has an empty frame, since LLVM pads the frames of other functions to sixteen bytes. The frames of compiled
//! code are not padded (see `generate::STACK_ALIGNMENT`):
//!
//! ```text
//!   down:                      down:
//!     test  %rdi, %rdi           cmp   %fs:0x70, %rsp     the check
//!     je    1f                   jbe   grow
//!     dec   %rdi                 push  %rax               the word: the frame is not empty
//!     call  down                 ...
//!   1: ret
//! ```
//!
//! On the left nothing is live over the call, so the recursion uses the stack without a check, one return address at a
//! time. So a function that calls compiled code gets one word in its frame. LLVM's usual padding would add a word to
//! half of these functions, too.

use inkwell::values::FunctionValue;

use crate::codegen::cx::builder::Builder;
use crate::codegen::passes::ir::{PassCx, compiled_calls, has_check, is_must_tail};

/// Adds a frame to each function that calls compiled code.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    let builder = Builder::new(cx.context);
    for function in cx.module.get_functions().filter(|&function| needs_word(function)) {
        let entry = function.get_first_basic_block().expect("BUG: a function that calls has a body");
        builder.before(&entry.get_first_instruction().expect("BUG: an empty block"));
        builder.reserve_word(cx.context, cx.context.i64_type());
    }
}

/// Whether a function needs the word for LLVM to emit the check. A function with a tail call has the check in any case.
fn needs_word(function: FunctionValue<'_>) -> bool {
    has_check(function) && !compiled_calls(function).any(is_must_tail)
}
