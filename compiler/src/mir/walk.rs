//! What a statement or a way out names: operands, functions, blocks; and where threads may switch.

use crate::mir::{BlockId, FunctionId, Operand, Rvalue, TerminatorKind};

impl Rvalue {
    /// The operands, in the order they are evaluated.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        let (fixed, arguments): ([Option<&Operand>; 5], &[Operand]) = match self {
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
            | Rvalue::TaskId(a) => ([Some(a), None, None, None, None], &[]),
            Rvalue::Binary(_, a, b)
            | Rvalue::SetField(a, _, b)
            | Rvalue::Same(a, b)
            | Rvalue::WriteCell(a, b)
            | Rvalue::CheckIndex(a, b)
            | Rvalue::Element(a, b) => ([Some(a), Some(b), None, None, None], &[]),
            Rvalue::SetElement(a, b, c) | Rvalue::ClearElements(a, b, c) => {
                ([Some(a), Some(b), Some(c), None, None], &[])
            }
            Rvalue::CopyElements { to, at, from, start, count } => {
                ([Some(to), Some(at), Some(from), Some(start), Some(count)], &[])
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
            | Rvalue::Atomic(_, arguments)
            | Rvalue::Spawn(_, arguments) => ([None; 5], arguments),
            Rvalue::Yield | Rvalue::Deferred(_) => ([None; 5], &[]),
        };
        fixed.into_iter().flatten().chain(arguments)
    }

    /// The function that it calls, spawns or makes a value of.
    pub fn function(&self) -> Option<FunctionId> {
        match self {
            Rvalue::Call(function, _)
            | Rvalue::Spawn(function, _)
            | Rvalue::Closure(_, function, _)
            | Rvalue::Deferred(function)
            | Rvalue::Register(function, ..) => Some(*function),
            Rvalue::Use(_)
            | Rvalue::Unary(..)
            | Rvalue::Binary(..)
            | Rvalue::Runtime(..)
            | Rvalue::CallValue(..)
            | Rvalue::Foreign(..)
            | Rvalue::Blocking(..)
            | Rvalue::Construct(..)
            | Rvalue::Field(..)
            | Rvalue::SetField(..)
            | Rvalue::Variant(_)
            | Rvalue::Same(..)
            | Rvalue::NewCell(_)
            | Rvalue::ReadCell(_)
            | Rvalue::WriteCell(..)
            | Rvalue::NewArray(..)
            | Rvalue::AllocateArray(..)
            | Rvalue::Length(_)
            | Rvalue::CheckIndex(..)
            | Rvalue::Element(..)
            | Rvalue::SetElement(..)
            | Rvalue::CopyElements { .. }
            | Rvalue::ClearElements(..)
            | Rvalue::Join(_)
            | Rvalue::Wait(_)
            | Rvalue::HasPanicked(_)
            | Rvalue::PanicMessage(_)
            | Rvalue::IsDone(_)
            | Rvalue::TaskId(_)
            | Rvalue::Waiting(..)
            | Rvalue::Atomic(..)
            | Rvalue::Cleanup(..)
            | Rvalue::Yield => None,
        }
    }
}

impl TerminatorKind {
    /// The operands, in the order they are evaluated.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        let (first, arguments): (Option<&Operand>, &[Operand]) = match self {
            TerminatorKind::Branch { condition: operand, .. }
            | TerminatorKind::Switch { value: operand, .. }
            | TerminatorKind::Return(operand) => (Some(operand), &[]),
            TerminatorKind::TailCall(_, arguments) | TerminatorKind::Diverge(_, arguments) => {
                (None, arguments)
            }
            TerminatorKind::TailCallValue(callee, arguments) => (Some(callee), arguments),
            TerminatorKind::Goto(_) | TerminatorKind::Panic(_) | TerminatorKind::Unreachable => (None, &[]),
        };
        first.into_iter().chain(arguments)
    }

    /// The function that it calls.
    pub fn function(&self) -> Option<FunctionId> {
        match self {
            TerminatorKind::TailCall(function, _) => Some(*function),
            TerminatorKind::Goto(_)
            | TerminatorKind::Branch { .. }
            | TerminatorKind::Switch { .. }
            | TerminatorKind::Return(_)
            | TerminatorKind::TailCallValue(..)
            | TerminatorKind::Panic(_)
            | TerminatorKind::Diverge(..)
            | TerminatorKind::Unreachable => None,
        }
    }

    /// The blocks that may follow.
    pub fn successors(&self) -> impl Iterator<Item = BlockId> {
        let (fixed, targets): ([Option<BlockId>; 2], &[(i64, BlockId)]) = match self {
            TerminatorKind::Goto(target) => ([Some(*target), None], &[]),
            TerminatorKind::Branch { then_block, else_block, .. } => {
                ([Some(*then_block), Some(*else_block)], &[])
            }
            TerminatorKind::Switch { targets, otherwise, .. } => ([None, Some(*otherwise)], targets),
            TerminatorKind::Return(_)
            | TerminatorKind::TailCall(..)
            | TerminatorKind::TailCallValue(..)
            | TerminatorKind::Panic(_)
            | TerminatorKind::Diverge(..)
            | TerminatorKind::Unreachable => ([None, None], &[]),
        };
        fixed.into_iter().flatten().chain(targets.iter().map(|(_, target)| *target))
    }
}
