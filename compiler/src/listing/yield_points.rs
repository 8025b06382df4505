//! The kinds of yield points, by their position in the source.

use std::collections::HashMap;

use crate::mir::{ContinuationOp, GeneratorOp, MachineOp, Program, Rvalue, WaitOp};
use crate::source::SourceMap;

/// A file's name, a line and a column.
pub type Position = (String, u32, u32);

/// The kind of the yield point at each position.
pub fn kinds(program: &Program, sources: &SourceMap) -> HashMap<Position, &'static str> {
    let mut kinds = HashMap::new();
    let blocks = program.functions.iter().flat_map(|function| function.blocks.iter());
    for statement in blocks.flat_map(|block| &block.statements) {
        let resumes =
            matches!(statement.value, Rvalue::Generator(GeneratorOp::Next(_) | GeneratorOp::Close(_), _));
        let switches = resumes || statement.value.is_yield_point(program);
        if !sources.contains(statement.span.file) || !switches {
            continue;
        }
        let at = sources.position(statement.span);
        let name = sources.file(statement.span.file).name.clone();
        kinds.insert((name, at.line, at.column), kind(&statement.value));
    }
    kinds
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "a new yield point has a general name until it gets its own"
)]
fn kind(value: &Rvalue) -> &'static str {
    match value {
        Rvalue::Yield => "yield",
        Rvalue::Join(_) => "join",
        Rvalue::Wait(_) => "wait for a task",
        Rvalue::Blocking(..) | Rvalue::Foreign(..) => "blocking call",
        Rvalue::Waiting(WaitOp::WaitTake, ..) => "wait for a value",
        Rvalue::Waiting(WaitOp::WaitGive, ..) => "wait for a receiver",
        Rvalue::Waiting(WaitOp::Pause, ..) => "wait for an arm of select",
        Rvalue::Waiting(WaitOp::LeaveScope, ..) => "wait for the threads of a scope",
        Rvalue::Continuation(ContinuationOp::Resume, ..) => "resume a continuation",
        Rvalue::Continuation(ContinuationOp::Suspend, ..) => "suspend a continuation",
        Rvalue::Continuation(ContinuationOp::Swap, ..) => "swap continuations",
        Rvalue::Machine(MachineOp::Switch(_) | MachineOp::Start(..), _)
        | Rvalue::Generator(GeneratorOp::Next(_) | GeneratorOp::Close(_), _) => "resume a generator",
        Rvalue::Machine(MachineOp::Give, _) | Rvalue::Generator(GeneratorOp::Yield, _) => {
            "yield of a generator"
        }
        _ => "wait",
    }
}
