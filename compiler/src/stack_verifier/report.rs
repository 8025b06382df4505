//! The results of the verifier.

use std::fmt;

/// The prefix of the symbols of all functions of a program.
pub const PREFIX: &str = "weft.";

/// The summary of a file that breaks no rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The number of functions of green code.
    pub functions: usize,
    /// The number of instructions in these functions.
    pub instructions: usize,
    /// The number of switches, including the ends of threads.
    pub switches: usize,
    /// The greatest depth in bytes: how far `rsp` falls below the address that a function's prologue has checked, in
    /// the function itself and in callees that make no check of their own.
    pub deepest: u64,
    /// The function with the greatest depth.
    pub deepest_function: String,
}

/// An instruction that breaks a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The function that contains the instruction.
    pub symbol: String,
    /// The address of the instruction; in an object file, relative to its section.
    pub address: u64,
    /// The instruction in AT&T syntax.
    pub instruction: String,
    /// The broken rule.
    pub rule: Rule,
}

/// The ways to break the rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// A stack address is copied to another register or to memory, or `rsp` changes by something other than a constant.
    Leaves,
    /// The prologue's `r11` is used for something other than the comparison.
    ScratchIsRead,
    /// Memory below `rsp` is accessed.
    BelowRsp,
    /// The function returns with `rsp` this many bytes above its value at the call.
    Unbalanced(i64),
    /// Two paths reach the instruction with these two depths of `rsp`, which differ.
    PathsDiffer(i64, i64),
    /// The function goes this many bytes below the granted address, more than the reserve.
    TooDeep(u64),
    /// A call or jump to code that is neither a function nor a thunk of the runtime.
    UnknownTarget,
    /// A call of `__morestack` does not have the form of a prologue's call.
    Morestack,
    /// A call of `weft_make_room` does not follow the instruction that sets the size.
    Room,
    /// Execution runs past the function's end.
    RunsOff,
    /// The bytes are not a valid instruction.
    Undecodable,
}

/// The reasons for which a file fails the check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The file cannot be checked, for the given reason.
    Unreadable(String),
    /// The file breaks rules: all violations that were found.
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
            Rule::Room => f.write_str("makes room of an unknown size"),
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
