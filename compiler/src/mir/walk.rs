//! Walks over statements and terminators: their operands, callees, successors and effects. Each match lists every kind,
//! so a new kind cannot be forgotten in any analysis.

use crate::mir::{
    BlockId, ContinuationOp, FunctionId, GeneratorOp, MachineOp, Operand, Program, Rvalue, TerminatorKind,
    WaitOp,
};

/// The effect of a statement or a terminator on threads and on other functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Calls the function, on the same stack.
    Calls(FunctionId),
    /// Calls a function value, which may be any function that the program uses as a value.
    CallsValue,
    /// Creates a function value from the function.
    Names(FunctionId),
    /// Starts a thread with the function, on a stack of its own.
    Spawns(FunctionId),
    /// Lets other threads run.
    Yields,
    /// Waits, unless the awaited event has already happened.
    Waits,
    /// Performs an operation on a wait list without waiting.
    WaitList(WaitOp),
    /// No effect on threads or other functions.
    None,
}

impl Rvalue {
    /// The operands, in the order in which they are evaluated.
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
            | Rvalue::Continuation(_, _, arguments)
            | Rvalue::Atomic(_, arguments)
            | Rvalue::Generator(_, arguments)
            | Rvalue::Machine(_, arguments)
            | Rvalue::Spawn(_, arguments) => ([None; 5], arguments),
            Rvalue::Yield | Rvalue::Deferred(_) | Rvalue::Undefined(_) => ([None; 5], &[]),
        };
        fixed.into_iter().flatten().chain(arguments)
    }

    /// The function that the computation calls, spawns or turns into a function value.
    pub fn function(&self) -> Option<FunctionId> {
        match self {
            Rvalue::Call(function, _)
            | Rvalue::Spawn(function, _)
            | Rvalue::Closure(_, function, _)
            | Rvalue::Deferred(function)
            | Rvalue::Register(function, ..)
            | Rvalue::Generator(GeneratorOp::New(function), _) => Some(*function),
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
            | Rvalue::Continuation(..)
            | Rvalue::Atomic(..)
            | Rvalue::Cleanup(..)
            | Rvalue::Generator(..)
            | Rvalue::Machine(..)
            | Rvalue::Undefined(_)
            | Rvalue::Yield => None,
        }
    }
}

impl Rvalue {
    /// The computation's effect, in this program.
    pub fn effect(&self, program: &Program) -> Effect {
        match self {
            Rvalue::Call(callee, _) => Effect::Calls(*callee),
            Rvalue::CallValue(..) => Effect::CallsValue,
            Rvalue::Closure(_, callee, _) => Effect::Names(*callee),
            Rvalue::Spawn(callee, _) => Effect::Spawns(*callee),
            Rvalue::Yield => Effect::Yields,
            Rvalue::Generator(GeneratorOp::New(body), _) => Effect::Names(*body),
            Rvalue::Generator(GeneratorOp::Next(_) | GeneratorOp::Close(_) | GeneratorOp::YieldFrom, _)
            | Rvalue::Machine(MachineOp::Resume, _) => Effect::CallsValue,
            Rvalue::Join(_) | Rvalue::Wait(_) | Rvalue::Blocking(..) => Effect::Waits,
            Rvalue::Foreign(foreign, _) if program.foreigns[*foreign].blocking => Effect::Waits,
            Rvalue::Waiting(op, ..) if op.may_yield() => Effect::Waits,
            Rvalue::Waiting(op, ..) => Effect::WaitList(*op),
            // These switch to another stack, and other threads may run before they finish.
            Rvalue::Continuation(
                ContinuationOp::Resume | ContinuationOp::Suspend | ContinuationOp::Swap,
                ..,
            )
            | Rvalue::Machine(MachineOp::Switch(_) | MachineOp::Start(..) | MachineOp::Give, _) => {
                Effect::Waits
            }
            Rvalue::Continuation(
                ContinuationOp::New
                | ContinuationOp::NewSymmetric
                | ContinuationOp::Close
                | ContinuationOp::TakeDeferred,
                ..,
            ) => Effect::None,
            // At the end of the enclosing block, an ordinary `Call` runs the deferred block, and has an effect of its
            // own. The block is called through the value only when a thread unwinds or a continuation is closed. Then
            // the function that registered the block never continues, so creating and registering the value has no
            // effect on it.
            Rvalue::Deferred(_) | Rvalue::Register(..) | Rvalue::Cleanup(..) => Effect::None,
            Rvalue::Foreign(..)
            | Rvalue::Atomic(..)
            | Rvalue::Use(_)
            | Rvalue::Unary(..)
            | Rvalue::Binary(..)
            | Rvalue::Runtime(..)
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
            | Rvalue::HasPanicked(_)
            | Rvalue::PanicMessage(_)
            | Rvalue::IsDone(_)
            | Rvalue::TaskId(_)
            | Rvalue::Generator(GeneratorOp::Yield, _)
            | Rvalue::Machine(..)
            | Rvalue::Undefined(_) => Effect::None,
        }
    }
}

impl Rvalue {
    /// Whether the computation itself lets other threads run, or suspends the generator whose body contains it.
    pub fn is_yield_point(&self, program: &Program) -> bool {
        matches!(self.effect(program), Effect::Yields | Effect::Waits)
            || matches!(self, Rvalue::Generator(GeneratorOp::Yield | GeneratorOp::YieldFrom, _))
    }
}

impl TerminatorKind {
    /// The effect of a tail call; all other terminators have none.
    pub fn effect(&self) -> Effect {
        match self {
            TerminatorKind::TailCall(callee, _) => Effect::Calls(*callee),
            TerminatorKind::TailCallValue(..) => Effect::CallsValue,
            TerminatorKind::Goto(_)
            | TerminatorKind::Branch { .. }
            | TerminatorKind::Switch { .. }
            | TerminatorKind::Return(_)
            | TerminatorKind::Panic(_)
            | TerminatorKind::Diverge(..)
            | TerminatorKind::Unreachable => Effect::None,
        }
    }

    /// The operands, in the order in which they are evaluated.
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

    /// The function that the terminator tail-calls.
    pub fn function(&self) -> Option<FunctionId> {
        if let Effect::Calls(callee) = self.effect() { Some(callee) } else { None }
    }

    /// The possible successors.
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
