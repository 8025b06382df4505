//! The kinds of yield points, by their position in the source.

use std::collections::HashMap;

use crate::mir::{ContinuationOp, GeneratorOp, MachineOp, Program, Rvalue, WaitOp};
use crate::source::SourceMap;

/// A file's name, a line and a column.
pub type Position = (String, u32, u32);

/// A kind of yield points, by the operation of MIR.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "`text` describes each")]
pub enum Kind {
    Yield,
    Join,
    Task,
    Blocking,
    Value,
    Receiver,
    Select,
    Scope,
    Resume,
    Suspend,
    Swap,
    Generator,
    GeneratorYield,
    Other,
}

impl Kind {
    /// The kind in words.
    pub fn text(self) -> &'static str {
        match self {
            Kind::Yield => "yield",
            Kind::Join => "join",
            Kind::Task => "wait for a task",
            Kind::Blocking => "blocking call",
            Kind::Value => "wait for a value",
            Kind::Receiver => "wait for a receiver",
            Kind::Select => "wait for an arm of select",
            Kind::Scope => "wait for the threads of a scope",
            Kind::Resume => "resume a continuation",
            Kind::Suspend => "suspend a continuation",
            Kind::Swap => "swap continuations",
            Kind::Generator => "resume a generator",
            Kind::GeneratorYield => "yield of a generator",
            Kind::Other => "wait",
        }
    }
}

/// The kind of the yield point at each position.
pub fn kinds(program: &Program, sources: &SourceMap) -> HashMap<Position, Kind> {
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
fn kind(value: &Rvalue) -> Kind {
    match value {
        Rvalue::Yield => Kind::Yield,
        Rvalue::Join(_) => Kind::Join,
        Rvalue::Wait(_) => Kind::Task,
        Rvalue::Blocking(..) | Rvalue::Foreign(..) => Kind::Blocking,
        Rvalue::Waiting(WaitOp::WaitTake, ..) => Kind::Value,
        Rvalue::Waiting(WaitOp::WaitGive, ..) => Kind::Receiver,
        Rvalue::Waiting(WaitOp::Pause, ..) => Kind::Select,
        Rvalue::Waiting(WaitOp::LeaveScope, ..) => Kind::Scope,
        Rvalue::Continuation(ContinuationOp::Resume, ..) => Kind::Resume,
        Rvalue::Continuation(ContinuationOp::Suspend, ..) => Kind::Suspend,
        Rvalue::Continuation(ContinuationOp::Swap, ..) => Kind::Swap,
        Rvalue::Machine(MachineOp::Switch(_) | MachineOp::Start(..), _)
        | Rvalue::Generator(GeneratorOp::Next(_) | GeneratorOp::Close(_), _) => Kind::Generator,
        Rvalue::Machine(MachineOp::Give, _) | Rvalue::Generator(GeneratorOp::Yield, _) => {
            Kind::GeneratorYield
        }
        _ => Kind::Other,
    }
}
