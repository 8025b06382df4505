//! Access to the operands and successors of statements and terminators, for passes that rewrite them.

use crate::mir::{BlockId, Operand, Rvalue, TerminatorKind};

impl Rvalue {
    /// The operands, in the order in which they are evaluated.
    pub fn operands_mut(&mut self) -> impl Iterator<Item = &mut Operand> {
        let (fixed, arguments): ([Option<&mut Operand>; 5], &mut [Operand]) = match self {
            Rvalue::Use(a)
            | Rvalue::Unary(_, a)
            | Rvalue::Field(a, ..)
            | Rvalue::Variant(a)
            | Rvalue::NewCell(a)
            | Rvalue::ReadCell(a)
            | Rvalue::AllocateArray(_, a)
            | Rvalue::Length(a)
            | Rvalue::Join(a)
            | Rvalue::Wait(a)
            | Rvalue::HasPanicked(a)
            | Rvalue::PanicMessage(a)
            | Rvalue::IsDone(a)
            | Rvalue::TaskId(a) => ([Some(a), None, None, None, None], &mut []),
            Rvalue::Binary(_, a, b)
            | Rvalue::SetField(a, _, b)
            | Rvalue::Same(a, b)
            | Rvalue::WriteCell(a, b)
            | Rvalue::CheckIndex(a, b)
            | Rvalue::Element(a, b) => ([Some(a), Some(b), None, None, None], &mut []),
            Rvalue::SetElement(a, b, c) | Rvalue::ClearElements(a, b, c) => {
                ([Some(a), Some(b), Some(c), None, None], &mut [])
            }
            Rvalue::CopyElements { to, at, from, start, count } => {
                ([Some(to), Some(at), Some(from), Some(start), Some(count)], &mut [])
            }
            Rvalue::CallValue(callee, arguments) | Rvalue::Register(_, callee, arguments) => {
                ([Some(callee), None, None, None, None], arguments)
            }
            Rvalue::Call(_, arguments)
            | Rvalue::Runtime(_, arguments)
            | Rvalue::Foreign(_, arguments)
            | Rvalue::Blocking(_, arguments)
            | Rvalue::Closure(_, _, arguments)
            | Rvalue::Cleanup(_, arguments)
            | Rvalue::Construct(_, _, arguments)
            | Rvalue::NewArray(_, arguments)
            | Rvalue::Waiting(_, _, arguments)
            | Rvalue::Continuation(_, _, arguments)
            | Rvalue::Atomic(_, arguments)
            | Rvalue::Generator(_, arguments)
            | Rvalue::Machine(_, arguments)
            | Rvalue::Spawn(_, arguments) => ([None, None, None, None, None], arguments),
            Rvalue::Yield | Rvalue::Deferred(_) | Rvalue::Undefined(_) => {
                ([None, None, None, None, None], &mut [])
            }
        };
        fixed.into_iter().flatten().chain(arguments)
    }
}

impl TerminatorKind {
    /// The operands, in the order in which they are evaluated.
    pub fn operands_mut(&mut self) -> impl Iterator<Item = &mut Operand> {
        let (first, arguments): (Option<&mut Operand>, &mut [Operand]) = match self {
            TerminatorKind::Branch { condition: operand, .. }
            | TerminatorKind::Switch { value: operand, .. }
            | TerminatorKind::Return(operand) => (Some(operand), &mut []),
            TerminatorKind::TailCall(_, arguments) | TerminatorKind::Diverge(_, arguments) => {
                (None, arguments)
            }
            TerminatorKind::TailCallValue(callee, arguments) => (Some(callee), arguments),
            TerminatorKind::Goto(_) | TerminatorKind::Panic(_) | TerminatorKind::Unreachable => {
                (None, &mut [])
            }
        };
        first.into_iter().chain(arguments)
    }

    /// The possible successors.
    pub fn successors_mut(&mut self) -> Vec<&mut BlockId> {
        match self {
            TerminatorKind::Goto(target) => vec![target],
            TerminatorKind::Branch { then_block, else_block, .. } => vec![then_block, else_block],
            TerminatorKind::Switch { targets, otherwise, .. } => {
                targets.iter_mut().map(|(_, target)| target).chain([otherwise]).collect()
            }
            TerminatorKind::Return(_)
            | TerminatorKind::TailCall(..)
            | TerminatorKind::TailCallValue(..)
            | TerminatorKind::Panic(_)
            | TerminatorKind::Diverge(..)
            | TerminatorKind::Unreachable => Vec::new(),
        }
    }
}
