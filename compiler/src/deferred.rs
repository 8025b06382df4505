//! Removal of registrations and shields that deferred blocks do not need. A deferred block without a registration and
//! without a shield costs no more than a call.
//!
//! ```text
//!   _1 = deferred f.defer0      No statement between `register` and `Pop` can panic or wait. So the block never runs
//!   register _1(_0)             before the `Pop`: `deferred`, `register` and `Pop` are removed.
//!   _0.0.0 = 3
//!   cleanup Pop(_1)
//!   cleanup Shield()            `f.defer0` cannot wait, so a cancellation cannot take effect during the call:
//!   f.defer0(_0)                `Shield` and `Unshield` are removed.
//!   cleanup Unshield()
//! ```

#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::HashSet;

use crate::mir::{
    BinaryOp, Block, BlockId, CleanupOp, Function, LocalId, Operand, Program, Representation, Rvalue,
    Statement, TerminatorKind, UnaryOp,
};
use crate::types::{Type, TypeId};
use crate::yields::Yields;

/// The maximum number of statements that are examined for one deferred block. Most paths without panics and waits are
/// shorter. Without a bound, time could be quadratic: for nested deferred blocks, each search visits the same
/// statements again.
const MOST_STATEMENTS: usize = 100;

/// Removes unnecessary registrations. Must run before generators are lowered, because a state machine has a slot for
/// each function value that a registration reads.
pub fn remove_registrations(program: &mut Program) {
    for id in program.functions.ids() {
        let quiet = Quiet { program, function: &program.functions[id] };
        let unregistered = quiet.registrations();
        for block in program.functions[id].blocks.iter_mut() {
            block.statements.retain(|statement| !registers(statement, &unregistered));
        }
    }
}

/// Removes unnecessary shields.
pub fn remove_shields(program: &mut Program, yields: &Yields) {
    for function in program.functions.iter_mut() {
        for block in function.blocks.iter_mut() {
            leave_out_shields(block, yields);
        }
    }
}

/// Whether a statement makes, registers or pops one of `values`.
fn registers(statement: &Statement, values: &HashSet<LocalId>) -> bool {
    let value = if let Rvalue::Deferred(_) = statement.value {
        statement.destination
    } else if let Rvalue::Register(_, Operand::Local(value), _) = statement.value {
        Some(value)
    } else {
        popped(&statement.value)
    };
    value.is_some_and(|value| values.contains(&value))
}

/// The function value that a `Pop` removes from the chain of cleanups; `None` for every other computation.
fn popped(value: &Rvalue) -> Option<LocalId> {
    let Rvalue::Cleanup(CleanupOp::Pop, operands) = value else { return None };
    if let [Operand::Local(local)] = operands[..] { Some(local) } else { None }
}

/// Removes the shield around each call of a function that cannot wait.
fn leave_out_shields(block: &mut Block, yields: &Yields) {
    let is = |statement: &Statement, op| matches!(statement.value, Rvalue::Cleanup(found, _) if found == op);
    let mut at = 0;
    while at + 2 < block.statements.len() {
        let [up, called, down] = &block.statements[at..at + 3] else { unreachable!("BUG: three are three") };
        let cannot_wait = matches!(called.value, Rvalue::Call(callee, _) if !yields.may_yield(callee));
        if is(up, CleanupOp::Shield) && is(down, CleanupOp::Unshield) && cannot_wait {
            block.statements.remove(at + 2);
            block.statements.remove(at);
        }
        at += 1;
    }
}

/// A function whose registrations are being examined.
struct Quiet<'a> {
    program: &'a Program,
    function: &'a Function,
}

impl Quiet<'_> {
    /// The deferred blocks that need no registration, since they never run before their `Pop`s. A generator registers a
    /// block again after each `yield`; the block is in the result only if it needs none of these registrations.
    fn registrations(&self) -> HashSet<LocalId> {
        let (mut quiet, mut needed) = (HashSet::new(), HashSet::new());
        for (id, block) in self.function.blocks.iter_enumerated() {
            for (at, statement) in block.statements.iter().enumerate() {
                if let Rvalue::Register(_, Operand::Local(value), _) = statement.value {
                    let is_quiet = self.is_quiet_until_pop(value, id, at + 1);
                    if is_quiet { &mut quiet } else { &mut needed }.insert(value);
                }
            }
        }
        &quiet - &needed
    }

    /// Whether no path from statement `at` of a block can panic, wait or end before it reaches the `Pop` of `value`.
    fn is_quiet_until_pop(&self, value: LocalId, block: BlockId, at: usize) -> bool {
        let mut budget = MOST_STATEMENTS;
        let (mut ahead, mut seen) = (vec![(block, at)], HashSet::new());
        while let Some((id, start)) = ahead.pop() {
            let block = &self.function.blocks[id];
            let mut ends = false;
            for statement in &block.statements[start..] {
                ends = popped(&statement.value) == Some(value);
                budget = budget.saturating_sub(1);
                if ends {
                    break;
                }
                if budget == 0 || !self.is_quiet(&statement.value) {
                    return false;
                }
            }
            if ends {
                continue;
            }
            match &block.terminator.kind {
                TerminatorKind::Goto(_) | TerminatorKind::Branch { .. } | TerminatorKind::Switch { .. } => {
                    let next = block.terminator.kind.successors().filter(|next| seen.insert(*next));
                    ahead.extend(next.map(|next| (next, 0)));
                }
                TerminatorKind::Return(_)
                | TerminatorKind::TailCall(..)
                | TerminatorKind::TailCallValue(..)
                | TerminatorKind::Panic(_)
                | TerminatorKind::Diverge(..)
                | TerminatorKind::Unreachable => return false,
            }
        }
        true
    }

    /// Whether a computation can neither panic nor wait. An allocation can panic, because memory may run out.
    fn is_quiet(&self, value: &Rvalue) -> bool {
        match value {
            Rvalue::Unary(UnaryOp::Negate, operand) => self.is_float(operand),
            Rvalue::Unary(op, _) => *op != UnaryOp::FloatToInt,
            Rvalue::Binary(op, left, _) => self.is_float(left) || !may_panic(*op),
            Rvalue::Construct(ty, ..) => self.is_kept_by_value(*ty),
            Rvalue::Use(_)
            | Rvalue::Field(..)
            | Rvalue::SetField(..)
            | Rvalue::Variant(_)
            | Rvalue::Same(..)
            | Rvalue::ReadCell(_)
            | Rvalue::WriteCell(..)
            | Rvalue::Length(_)
            | Rvalue::Element(..)
            | Rvalue::SetElement(..)
            | Rvalue::Cleanup(..)
            | Rvalue::HasPanicked(_)
            | Rvalue::PanicMessage(_)
            | Rvalue::IsDone(_)
            | Rvalue::TaskId(_)
            | Rvalue::Undefined(_)
            | Rvalue::Atomic(..) => true,
            Rvalue::Call(..)
            | Rvalue::Runtime(..)
            | Rvalue::CallValue(..)
            | Rvalue::Foreign(..)
            | Rvalue::Blocking(..)
            | Rvalue::Closure(..)
            | Rvalue::Deferred(_)
            | Rvalue::Register(..)
            | Rvalue::NewCell(_)
            | Rvalue::NewArray(..)
            | Rvalue::AllocateArray(..)
            | Rvalue::CheckIndex(..)
            | Rvalue::CopyElements { .. }
            | Rvalue::ClearElements(..)
            | Rvalue::Spawn(..)
            | Rvalue::Join(_)
            | Rvalue::Wait(_)
            | Rvalue::Waiting(..)
            | Rvalue::Generator(..)
            | Rvalue::Machine(..)
            | Rvalue::Continuation(..)
            | Rvalue::Yield => false,
        }
    }

    fn is_float(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Local(local) => *self.program.types.get(self.function.locals[*local].ty) == Type::Float,
            Operand::Float(_) => true,
            Operand::Unit
            | Operand::Bool(_)
            | Operand::Int(_)
            | Operand::Char(_)
            | Operand::Byte(_)
            | Operand::String(_)
            | Operand::Bytes(_) => false,
        }
    }

    /// Whether a value of the type is built without an allocation.
    fn is_kept_by_value(&self, ty: TypeId) -> bool {
        let nominal = self.program.nominals.get(&ty);
        nominal.is_none_or(|nominal| nominal.representation == Representation::Value)
    }
}

/// Whether an operation on integers may panic.
fn may_panic(op: BinaryOp) -> bool {
    match op {
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical => true,
        BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::MultiplyHigh
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => false,
    }
}

#[cfg(test)]
mod tests;
