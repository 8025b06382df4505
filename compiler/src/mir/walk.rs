//! What a statement or a way out names: operands, functions, blocks.

use crate::mir::{BlockId, FunctionId, Operand, Rvalue, TerminatorKind};

impl Rvalue {
    /// The operands, in the order they are evaluated.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        let (fixed, arguments): ([Option<&Operand>; 2], &[Operand]) = match self {
            Rvalue::Use(operand)
            | Rvalue::Unary(_, operand)
            | Rvalue::Length(operand)
            | Rvalue::Join(operand)
            | Rvalue::IsDone(operand)
            | Rvalue::TaskId(operand) => ([Some(operand), None], &[]),
            Rvalue::Binary(_, left, right) | Rvalue::Index(left, right) => ([Some(left), Some(right)], &[]),
            Rvalue::Call(_, arguments) | Rvalue::Runtime(_, arguments) | Rvalue::Spawn(_, arguments) => {
                ([None, None], arguments)
            }
            Rvalue::Yield => ([None, None], &[]),
        };
        fixed.into_iter().flatten().chain(arguments)
    }

    /// The function that it calls or spawns.
    pub fn function(&self) -> Option<FunctionId> {
        match self {
            Rvalue::Call(function, _) | Rvalue::Spawn(function, _) => Some(*function),
            Rvalue::Use(_)
            | Rvalue::Unary(..)
            | Rvalue::Binary(..)
            | Rvalue::Runtime(..)
            | Rvalue::Index(..)
            | Rvalue::Length(_)
            | Rvalue::Join(_)
            | Rvalue::IsDone(_)
            | Rvalue::TaskId(_)
            | Rvalue::Yield => None,
        }
    }
}

impl TerminatorKind {
    /// The operands, in the order they are evaluated.
    pub fn operands(&self) -> &[Operand] {
        match self {
            TerminatorKind::Branch { condition, .. } => std::slice::from_ref(condition),
            TerminatorKind::Return(value) => std::slice::from_ref(value),
            TerminatorKind::TailCall(_, arguments) | TerminatorKind::Diverge(_, arguments) => arguments,
            TerminatorKind::Goto(_) | TerminatorKind::Panic(_) | TerminatorKind::Unreachable => &[],
        }
    }

    /// The function that it calls.
    pub fn function(&self) -> Option<FunctionId> {
        match self {
            TerminatorKind::TailCall(function, _) => Some(*function),
            TerminatorKind::Goto(_)
            | TerminatorKind::Branch { .. }
            | TerminatorKind::Return(_)
            | TerminatorKind::Panic(_)
            | TerminatorKind::Diverge(..)
            | TerminatorKind::Unreachable => None,
        }
    }

    /// The blocks that may follow.
    pub fn successors(&self) -> impl Iterator<Item = BlockId> + use<> {
        let targets = match *self {
            TerminatorKind::Goto(target) => [Some(target), None],
            TerminatorKind::Branch { then_block, else_block, .. } => [Some(then_block), Some(else_block)],
            TerminatorKind::Return(_)
            | TerminatorKind::TailCall(..)
            | TerminatorKind::Panic(_)
            | TerminatorKind::Diverge(..)
            | TerminatorKind::Unreachable => [None, None],
        };
        targets.into_iter().flatten()
    }
}
