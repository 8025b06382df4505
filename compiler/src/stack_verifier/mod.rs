//! A verifier of machine code for the rule that makes stacks movable: **no address of a stack slot leaves `rsp`**.
//!
//! A stack that grows moves. `__morestack` copies the stack's bytes and adjusts `rsp` and nothing else, so a stack
//! address in another register or in memory would then point to freed memory. LLVM does not know this rule. Code
//! generation gives LLVM no reason to break the rule, and this module checks the result.
//!
//! The verifier reads *green code*: the functions whose symbols begin with [`PREFIX`], the function
//! [`weft_abi::layout::MAIN_SYMBOL`], and all functions that green code calls. A symbol without a type is a thunk: its
//! code switches to the worker's own stack, so the search for functions ends there. The search also ends at an
//! undefined symbol of an object file.
//!
//! 1. `rsp` occurs only as the implicit operand of `push`, `pop`, `call` and `ret`, as the base of a memory operand
//!    that is loaded or stored, in a comparison, and in an `add`, `sub` or `lea` that changes it by a constant. In
//!    particular `rsp` is neither aligned nor saved in a frame pointer. There are three exceptions:
//!    - the two instructions of a switch that store `rsp` and load another, in the sequence shown in `code`;
//!    - `lea -N(%rsp), %r11; cmp %fs:0x70, %r11` in the prologue of a large frame, after which `r11` is dead;
//!    - `mov %rsp, %reg` if the arguments of a call are stored through `reg`, and the copy is not used otherwise before
//!      the call: until then the stack cannot move. At `-O0` LLVM stores arguments in this way.
//! 2. Nothing below `rsp` is read or written: a switch pushes there.
//! 3. `rsp` has the same depth on every path to an instruction, and at a return `rsp` is where the call left it.
//! 4. No function, together with its callees that make no check of their own, goes more than
//!    [`USABLE_RESERVE`](weft_abi::stack::USABLE_RESERVE) bytes below the address that a prologue's check granted. LLVM
//!    checks only the upper end of small frames, and never the words that a call pushes.
//!
//! A call through a register is a call of a function value, which has no stack arguments. A jump to an address that was
//! just popped is a return, and `rsp` must be where the call left it. Any other jump through a register is
//! a tail call of a function value, or a jump through a table within the function.
//!
//! Only x86-64 ELF is supported.

/// The results: the summary of a correct file, and the violations of an incorrect one.
mod report;
/// The file: symbols, relocations and bytes.
pub(crate) mod image;
/// Decoded functions, with the instruction sequences that the rules mention.
pub(crate) mod code;
/// The depth of `rsp` at each instruction.
pub(crate) mod flow;
/// The check that no address of a stack slot leaves `rsp`.
mod leak;
/// The check that no function goes further below the stack limit than the reserve allows.
mod reserve;

#[cfg(test)]
mod tests;

pub use report::{Failure, PREFIX, Report, Rule, Violation};

use code::Code;
use image::Image;

/// Checks all green code of a linked executable or an object file.
///
/// # Errors
/// [`Failure::Unreadable`] if the file is not x86-64 ELF or has no Weft functions, for example when it is stripped;
/// [`Failure::Broken`] with all violations, by function and address.
pub fn check(elf: &[u8]) -> Result<Report, Failure> {
    let image = Image::read(elf).map_err(Failure::Unreadable)?;
    let green: Vec<Code<'_>> = code::green(&image);
    if green.is_empty() {
        return Err(Failure::Unreadable(format!("there is no function whose name begins with {PREFIX}")));
    }
    let mut violations = Vec::new();
    for code in &green {
        leak::check(code, &mut violations);
    }
    let flows = flow::of_all(&green, &mut violations);
    let (deepest, deepest_in) = reserve::check(&green, &flows, &mut violations);
    if !violations.is_empty() {
        violations.sort_by(|one, other| (&one.symbol, one.address).cmp(&(&other.symbol, other.address)));
        return Err(Failure::Broken(violations));
    }
    Ok(Report {
        functions: green.len(),
        instructions: green.iter().map(|code| code.instructions.len()).sum(),
        switches: green.iter().map(|code| code.switches.len()).sum(),
        deepest,
        deepest_function: green[deepest_in].function.name.to_owned(),
    })
}
