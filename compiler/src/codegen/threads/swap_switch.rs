//! The switch of a swap between symmetric continuations, as inline assembly.
//!
//! The stack that is left and the stack that is entered use the same assembly. It is the switch between a continuation
//! and its resumer, except that registers have the addresses at which the stack pointers are stored and loaded:
//!
//! ```text
//!        the stack that is left                            the stack that is entered
//!
//!  high  │ frame          │ frame        │ frame             │ frame          │ frame
//!        rsp              │ label 1      │ label 1           │ label 1        rsp
//!                         rsp            rsp                 rsp
//!
//!        1 entered        2 pushq %rax   3 movq %rsp,(%rbx)  4 movq (%r11),   5 popq %rax
//!                                                              %rsp             jmpq *%rax
//! ```
//!
//! | register | role |
//! |---|---|
//! | `rdi`, `rsi` | what stands for the code that is left: a continuation or a host, and its revision |
//! | `rdx`, `rcx`, `r8` | the value that is passed |
//! | `rax` | the limit of the stack that is entered; then the resume addresses |
//! | `rbx`, `r11` | the addresses at which the stack pointers are stored and loaded |
//! | `r9` | the address at which the place of the swap is recorded; the first function gets its body here |
//! | `r10` | the worker |

use inkwell::values::FunctionValue;
use weft_abi::stack::LIMIT_SLOT;

use crate::codegen::cx::module::ModuleCx;
use crate::codegen::threads::continuation_switch::{Side, check_requests};

/// The registers that pass the words of a value.
const WORDS: [&str; SWAP_WORDS] = ["rdx", "rcx", "r8"];

/// The most words that a swap passes in registers. Together with the two words for the code that is left, and
/// the body, they are the arguments of a first function.
pub(in crate::codegen) const SWAP_WORDS: usize = 3;

impl<'ctx> ModuleCx<'ctx, '_> {
    /// `swapstack.n(from, limit, place at, save at, load at, revision, word 1 ... word n) ->
    /// (from, revision, word 1 ... word n)`: the result is what the swap that returns here has passed.
    pub(in crate::codegen) fn swap_switch(&self, words: usize) -> FunctionValue<'ctx> {
        let inputs =
            ["rdi", "rax", "r9", "rbx", "r11", "rsi"].into_iter().chain(WORDS[..words].iter().copied());
        let outputs = ["rdi", "rsi"].into_iter().chain(WORDS[..words].iter().copied());
        let leave = ["leaq 1f(%rip), %rax", "pushq %rax", "movq %rsp, (%rbx)"];
        let side = Side {
            inputs: inputs.collect(),
            pointers: 3,
            outputs: outputs.collect(),
            text: text(&leave),
            is_safepoint: false,
        };
        self.switch_function(&format!("swapstack.{words}"), &side, None)
    }

    /// `lastswap.n(from, limit, place at, load at, revision, word 1 ... word n)`: the swap at the end of a symmetric
    /// continuation, which does not return.
    pub(in crate::codegen) fn last_swap(&self, words: usize) -> FunctionValue<'ctx> {
        let inputs = ["rdi", "rax", "r9", "r11", "rsi"].into_iter().chain(WORDS[..words].iter().copied());
        let side = Side {
            inputs: inputs.collect(),
            pointers: 3,
            outputs: Vec::new(),
            text: text(&["leaq 1f(%rip), %rax"]),
            is_safepoint: false,
        };
        self.switch_function(&format!("lastswap.{words}"), &side, None)
    }
}

/// The assembly of a swap; `leave` are the steps 1 to 3 of the drawing.
fn text(leave: &[&str]) -> String {
    let [check, requested] = check_requests("r10");
    let mut lines = check;
    lines.push(format!("movq %rax, %fs:{LIMIT_SLOT}"));
    lines.extend(leave.iter().map(|&line| line.to_owned()));
    // Once the stack pointer is loaded, the target runs, and its stack pointer has to be null.
    let enter = ["movl %eax, (%r9)", "movq (%r11), %rsp", "popq %rax", "movq $$0, (%r11)", "jmpq *%rax"];
    lines.extend(enter.map(str::to_owned));
    lines.extend(requested);
    lines.push("1:".to_owned());
    lines.join("\n")
}
