//! The results of the verifier.

use std::fmt;

/// The prefix of the symbols of all functions of a program.
pub const PREFIX: &str = "weft.";

/// The summary of a file that keeps the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The number of functions of green code.
    pub functions: usize,
    /// The number of their instructions.
    pub instructions: usize,
    /// The number of switches among them, the ends of threads included.
    pub switches: usize,
    /// The most bytes that any function goes below the address that its check granted, with the functions it calls
    /// unchecked.
    pub deepest: u64,
    /// The function that goes as deep.
    pub deepest_function: String,
}

/// An instruction that breaks the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The function that it is in.
    pub symbol: String,
    /// Its address; in an object file, in its section.
    pub address: u64,
    /// The instruction in AT&T syntax.
    pub instruction: String,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// The ways to break the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// A stack address goes to another register or to memory, or `rsp` changes by something other than a constant.
    Leaves,
    /// The prologue's `r11` is used for more than the comparison.
    ScratchIsRead,
    /// Memory below `rsp` is touched.
    BelowRsp,
    /// `rsp` is this many bytes above its place at the call when the function returns.
    Unbalanced(i64),
    /// `rsp` has different depths, depending on the path.
    PathsDiffer(i64, i64),
    /// The depth in bytes below the granted address, where only the reserve is left.
    TooDeep(u64),
    /// A call or jump to code that is neither a function nor a thunk of the runtime.
    UnknownTarget,
    /// `__morestack` is called in another way than prologues do.
    Morestack,
    /// Execution runs past the function's end.
    RunsOff,
    /// The bytes are no instruction.
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
