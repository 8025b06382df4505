//! A verifier of machine code for the rule that makes stacks movable: **no address of a stack slot leaves `rsp`**.
//!
//! A stack that grows moves. `__morestack` copies its bytes and adjusts `rsp` and nothing else, so a stack address in
//! another register or in memory would point to freed memory from then on. LLVM does not know this rule. Code
//! generation gives it no reason to break it, and this module checks the result.
//!
//! The verifier reads *green code*: the functions whose symbols begin with [`PREFIX`],
//! [`weft_abi::layout::MAIN_SYMBOL`], and every function that these call. A symbol without a type is a thunk of the
//! runtime, which moves to the worker's own stack; it ends the search, and so does an undefined symbol of an object
//! file.
//!
//! 1. `rsp` occurs only as the implicit operand of `push`, `pop`, `call` and `ret`, as the base of a memory operand
//!    that is loaded or stored, in a comparison, and in `add`, `sub` and `lea` of a constant to itself. In particular
//!    it is not aligned, nor saved in a frame pointer. There are three exceptions:
//!    - the two instructions of a switch that store `rsp` and load another, in the sequence that is drawn in `code`;
//!    - `lea -N(%rsp), %r11; cmp %fs:0x70, %r11` in the prologue of a large frame, after which `r11` is dead;
//!    - `mov %rsp, %reg` where a call's arguments are stored through `reg`, and nothing else is done with it before the
//!      call: until then the stack cannot move. LLVM's lowest level stores arguments like this.
//! 2. Nothing below `rsp` is read or written: a switch pushes there.
//! 3. On every path to an instruction `rsp` has the same depth, and a return finds it where the call left it.
//! 4. No function goes more than [`USABLE_RESERVE`](weft_abi::stack::USABLE_RESERVE) bytes below the address that a
//!    prologue's check granted, with all that it calls without a check: LLVM checks small frames only to their upper
//!    end, and the words that a call pushes not at all.
//!
//! A call through a register is a call of a function value, which has no arguments on the stack. A jump through a
//! register is a tail call of such a value, or goes through a table to another place in the function.
//!
//! Only x86-64 ELF is supported.

/// The results: what is reported of code that keeps the rule, or breaks it.
mod report;
/// The file: symbols, relocations and bytes.
mod image;
/// Decoded functions, with the instruction sequences that the rule names.
mod code;
/// The depth of `rsp` at each instruction.
mod flow;
/// The check that no address of a stack slot leaves `rsp`.
mod leak;
/// The depth of functions below the stack limit.
mod reserve;

#[cfg(test)]
mod tests;

pub use report::{Failure, PREFIX, Report, Rule, Violation};

use code::Code;
use image::Image;

/// Checks all green code of a linked executable or an object file.
///
/// # Errors
/// [`Failure::Unreadable`] if it is no x86-64 ELF file or has no Weft functions, as when it is stripped;
/// [`Failure::Broken`] with everything that breaks the rule, by function and address.
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
