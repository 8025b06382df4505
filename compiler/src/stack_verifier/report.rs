//! The results of the verifier.

use std::fmt;

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
