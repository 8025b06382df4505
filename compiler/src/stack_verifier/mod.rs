//! The rule that makes stacks movable, checked on machine code: **no address of a stack slot leaves `rsp`**.
//!
//! A stack that grows moves. `__morestack` copies its bytes and adjusts `rsp` and nothing else, so a stack address in
//! another register or in memory would from then on point to freed memory. LLVM does not know this rule; the code
//! generator sees to it that there is no reason to break it, and this module reads the result and makes sure.
//!
//! Checked is *green code*: the functions whose symbols begin with [`PREFIX`], [`weft_abi::layout::MAIN_SYMBOL`], and
//! every function that these call. A symbol without a type is a thunk of the runtime, behind which code runs on the
//! worker's own stack; there the check ends. In an object file so do undefined symbols.
//!
//! 1. `rsp` occurs only as what `push`, `pop`, `call` and `ret` use, as the base of a memory operand that is loaded or
//!    stored, in a comparison, and in `add`, `sub` and `lea` of a constant to itself. In particular it is not aligned,
//!    nor saved in a frame pointer. There are three exceptions:
//!    - the two instructions of a switch that store `rsp` and load another, in the sequence that is drawn in `code`;
//!    - `lea -N(%rsp), %r11; cmp %fs:0x70, %r11` in the prologue of a large frame, after which `r11` is dead;
//!    - `mov %rsp, %reg` where a call's arguments are stored through `reg`, and nothing else is done with it before the
//!      call: until then the stack cannot move. So LLVM's lowest level stores them.
//! 2. Nothing below `rsp` is read or written: a switch pushes there.
//! 3. On every path to an instruction `rsp` is equally deep, and a return finds it where the call left it.
//! 4. No function goes more than [`USABLE_RESERVE`](weft_abi::stack::USABLE_RESERVE) bytes below what a prologue's
//!    check granted, with all that it calls without one: LLVM checks small frames only to their upper end, and the
//!    words that a call pushes not at all.
//!
//! A call through a register is one of a function value, which has no arguments on the stack; a jump through one is a
//! tail call of such a value, or goes through a table to another place in the function.
//!
//! Only x86-64 ELF.

/// The file: symbols, relocations and bytes.
mod image;
/// Decoded functions, and the instruction sequences that have a meaning.
mod code;
/// The depth of `rsp` at each instruction, by abstract interpretation.
mod flow;
/// The places where `rsp` may occur.
mod leak;
/// The depth below the stack limit that functions reach.
mod reserve;

#[cfg(test)]
mod tests;

use std::fmt;

use iced_x86::{Formatter, GasFormatter, Instruction};

use code::Code;
use image::Image;

/// With this the symbols of all functions of a program begin.
pub const PREFIX: &str = "weft.";

/// What was checked of a file that keeps the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Functions of green code.
    pub functions: usize,
    /// Their instructions.
    pub instructions: usize,
    /// Switches among them, and ends of threads.
    pub switches: usize,
    /// The most bytes that any function goes below what its check granted, with what it calls unchecked.
    pub deepest: u64,
    /// The function that does.
    pub deepest_function: String,
}

/// An instruction that breaks the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The function it stands in.
    pub symbol: String,
    /// Its address; in an object file, in its section.
    pub address: u64,
    /// The instruction in AT&T syntax.
    pub instruction: String,
    /// What is wrong with it.
    pub rule: Rule,
}

/// The ways to break the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// A stack address goes to another register or to memory, or `rsp` becomes something else than a constant away.
    Leaves,
    /// The prologue's `r11` is used for more than the comparison.
    ScratchIsRead,
    /// Memory below `rsp` is touched.
    BelowRsp,
    /// `rsp` is so many bytes above its place at the call when the function returns.
    Unbalanced(i64),
    /// `rsp` stands at different depths, by the path taken to here.
    PathsDiffer(i64, i64),
    /// So many bytes below what was granted, where only the reserve is left.
    TooDeep(u64),
    /// A call or jump to what is neither a function nor a thunk of the runtime.
    UnknownTarget,
    /// `__morestack` is called in another way than prologues do.
    Morestack,
    /// Execution runs past the function's end.
    RunsOff,
    /// No instruction.
    Undecodable,
}

/// Why a file does not keep the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// It cannot be checked, and why.
    Unreadable(String),
    /// It breaks the rule, at least there.
    Broken(Vec<Violation>),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { symbol, address, instruction, rule } = self;
        write!(f, "{symbol} at {address:#x}: `{instruction}` {rule}")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Leaves => f.write_str("lets a stack address out of rsp"),
            Rule::ScratchIsRead => f.write_str("reads the address in r11 that only the prologue compares"),
            Rule::BelowRsp => f.write_str("touches memory below rsp"),
            Rule::Unbalanced(by) => write!(f, "returns with rsp {by} bytes from where the call left it"),
            Rule::PathsDiffer(one, other) => {
                write!(f, "is reached with rsp {one} and {other} bytes from where the call left it")
            }
            Rule::TooDeep(depth) => {
                let reserve = weft_abi::stack::USABLE_RESERVE;
                write!(f, "goes {depth} bytes below what is granted, the reserve has {reserve}")
            }
            Rule::UnknownTarget => f.write_str("goes to unknown code on a green thread's stack"),
            Rule::Morestack => f.write_str("is no prologue's call of __morestack"),
            Rule::RunsOff => f.write_str("is the last instruction, and execution goes on"),
            Rule::Undecodable => f.write_str("is no instruction"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unreadable(why) => f.write_str(why),
            Failure::Broken(violations) => {
                let lines: Vec<_> = violations.iter().map(Violation::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
        }
    }
}

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

fn violation(code: &Code<'_>, instruction: &Instruction, rule: Rule) -> Violation {
    let mut text = String::new();
    GasFormatter::new().format(instruction, &mut text);
    let symbol = code.function.name.to_owned();
    Violation { symbol, address: instruction.ip(), instruction: text, rule }
}
