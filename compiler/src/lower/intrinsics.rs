//! The library's own operations: each is one operation of MIR.

use weft_abi::RuntimeFunction;

use super::body::Lowering;
use super::body_state::Computed;
use super::graph::Graph;
use super::impls::Instance;
use super::instances::Instances;
use super::text::{Standing, Writer};
use crate::hir::Intrinsic;
use crate::mir::{BinaryOp, Operand, Rvalue, TerminatorKind, UnaryOp, runtime_signature};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// Where an operation is added.
pub(super) struct At<'w, 'a> {
    pub instances: &'w mut Instances<'a>,
    pub graph: &'w mut Graph,
    pub span: Span,
}

impl Lowering<'_, '_> {
    pub fn intrinsic(
        &mut self,
        intrinsic: Intrinsic,
        instance: &Instance,
        values: Vec<Operand>,
        span: Span,
    ) -> Computed {
        let mut at = At { instances: self.instances, graph: &mut self.graph, span };
        Computed::Rvalue(at.operation(intrinsic, &instance.arguments, values))
    }
}

impl At<'_, '_> {
    /// The operation on those values; `types` are the type arguments.
    pub fn operation(&mut self, intrinsic: Intrinsic, types: &[TypeId], values: Vec<Operand>) -> Rvalue {
        if let Some(function) = runtime_function(intrinsic) {
            return if runtime_signature(function).is_some_and(|signature| signature.blocking.is_some()) {
                Rvalue::Blocking(function, values)
            } else {
                Rvalue::Runtime(function, values)
            };
        }
        if let Some(op) = unary(intrinsic) {
            return Rvalue::Unary(op, one(values));
        }
        match intrinsic {
            Intrinsic::ArrayNew => {
                let array = self.instances.intern(Type::Array(types[0]));
                Rvalue::AllocateArray(array, one(values))
            }
            Intrinsic::ArrayLength | Intrinsic::StringLength => Rvalue::Length(one(values)),
            Intrinsic::ArrayGet | Intrinsic::StringByte => {
                let [base, index] = some(values);
                Rvalue::Element(base, index)
            }
            Intrinsic::ArraySet => {
                let [array, index, value] = some(values);
                Rvalue::SetElement(array, index, value)
            }
            Intrinsic::ArrayCopy => {
                let [to, at, from, start, count] = some(values);
                Rvalue::CopyElements { to, at, from, start, count }
            }
            Intrinsic::CheckIndex => {
                let [index, length] = some(values);
                Rvalue::CheckIndex(index, length)
            }
            Intrinsic::MultiplyHigh => {
                let [left, right] = some(values);
                Rvalue::Binary(BinaryOp::MultiplyHigh, left, right)
            }
            Intrinsic::ShownInside => {
                let mut writer = Writer { instances: self.instances, graph: self.graph, span: self.span };
                Rvalue::Use(writer.string(one(values), types[0], Standing::Inside))
            }
            Intrinsic::ShowInto => {
                let [out, value] = some(values);
                let mut writer = Writer { instances: self.instances, graph: self.graph, span: self.span };
                let mut pieces = Vec::new();
                writer.append(&mut pieces, value, types[0], &out);
                writer.flush(&mut pieces, &out);
                Rvalue::Use(Operand::Unit)
            }
            Intrinsic::ExitProcess => {
                let exit = TerminatorKind::Diverge(RuntimeFunction::Exit, values);
                self.graph.end(exit, self.span);
                Rvalue::Use(Operand::Unit)
            }
            Intrinsic::TaskJoin => Rvalue::Join(one(values)),
            Intrinsic::TaskWait => Rvalue::Wait(one(values)),
            Intrinsic::TaskHasPanicked => Rvalue::HasPanicked(one(values)),
            Intrinsic::TaskPanicMessage => Rvalue::PanicMessage(one(values)),
            Intrinsic::TaskIsDone => Rvalue::IsDone(one(values)),
            Intrinsic::TaskId => Rvalue::TaskId(one(values)),
            other => self.waiting(other, types, values),
        }
    }
}

fn one(values: Vec<Operand>) -> Operand {
    let [value] = some(values);
    value
}

fn some<const N: usize>(values: Vec<Operand>) -> [Operand; N] {
    values.try_into().expect("BUG: an operation of the library has other operands than it declares")
}

fn unary(intrinsic: Intrinsic) -> Option<UnaryOp> {
    Some(match intrinsic {
        Intrinsic::ByteToInt => UnaryOp::ByteToInt,
        Intrinsic::IntToByte => UnaryOp::IntToByte,
        Intrinsic::CharToInt => UnaryOp::CharToInt,
        Intrinsic::IntToChar => UnaryOp::IntToChar,
        Intrinsic::IntToFloat => UnaryOp::IntToFloat,
        Intrinsic::FloatToInt => UnaryOp::FloatToInt,
        Intrinsic::CountOnes => UnaryOp::CountOnes,
        Intrinsic::FloatSqrt => UnaryOp::SquareRoot,
        Intrinsic::FloatAbs => UnaryOp::Absolute,
        Intrinsic::AddressOf => UnaryOp::Address,
        _ => return None,
    })
}

/// The function of the runtime that it is, if it is no instruction.
fn runtime_function(intrinsic: Intrinsic) -> Option<RuntimeFunction> {
    Some(match intrinsic {
        Intrinsic::StringSlice => RuntimeFunction::StringSlice,
        Intrinsic::StringOfBytes => RuntimeFunction::StringOfBytes,
        Intrinsic::StringCopy => RuntimeFunction::StringCopy,
        Intrinsic::IsUtf8 => RuntimeFunction::IsUtf8,
        Intrinsic::StringFind => RuntimeFunction::StringFind,
        Intrinsic::StringUpper => RuntimeFunction::StringUpper,
        Intrinsic::StringLower => RuntimeFunction::StringLower,
        Intrinsic::IsFloat => RuntimeFunction::IsFloat,
        Intrinsic::StringFloat => RuntimeFunction::StringFloat,
        Intrinsic::CharIsWhitespace => RuntimeFunction::CharIsWhitespace,
        Intrinsic::FloatSin => RuntimeFunction::FloatSin,
        Intrinsic::FloatCos => RuntimeFunction::FloatCos,
        Intrinsic::FloatTan => RuntimeFunction::FloatTan,
        Intrinsic::FloatExp => RuntimeFunction::FloatExp,
        Intrinsic::FloatLn => RuntimeFunction::FloatLn,
        Intrinsic::FloatPow => RuntimeFunction::FloatPow,
        Intrinsic::FloatFloor => RuntimeFunction::FloatFloor,
        Intrinsic::FloatCeil => RuntimeFunction::FloatCeil,
        Intrinsic::FloatRound => RuntimeFunction::FloatRound,
        Intrinsic::HashSeed => RuntimeFunction::HashSeed,
        Intrinsic::Arguments => RuntimeFunction::Arguments,
        Intrinsic::Environment => RuntimeFunction::Environment,
        Intrinsic::HasEnvironment => RuntimeFunction::HasEnvironment,
        Intrinsic::WriteBytes => RuntimeFunction::WriteBytes,
        Intrinsic::FlushOutput => RuntimeFunction::FlushOutput,
        Intrinsic::Now => RuntimeFunction::Now,
        Intrinsic::ErrorText => RuntimeFunction::ErrorText,
        Intrinsic::TakeInputLine => RuntimeFunction::TakeInputLine,
        Intrinsic::TakeInput => RuntimeFunction::TakeInput,
        Intrinsic::OutcomeError => RuntimeFunction::OutcomeError,
        Intrinsic::OutcomeBytes => RuntimeFunction::OutcomeBytes,
        Intrinsic::OutcomeStrings => RuntimeFunction::OutcomeStrings,
        Intrinsic::OutcomeFree => RuntimeFunction::OutcomeFree,
        Intrinsic::FillInput => RuntimeFunction::FillInput,
        Intrinsic::ReadPath => RuntimeFunction::ReadPath,
        Intrinsic::WritePath => RuntimeFunction::WritePath,
        Intrinsic::RemovePath => RuntimeFunction::RemovePath,
        Intrinsic::ExistsPath => RuntimeFunction::ExistsPath,
        Intrinsic::ListPath => RuntimeFunction::ListPath,
        Intrinsic::WaitList => RuntimeFunction::WaitListNew,
        Intrinsic::HasWaiter => RuntimeFunction::HasWaiter,
        Intrinsic::SelectEnlist => RuntimeFunction::SelectEnlist,
        Intrinsic::SelectTimer => RuntimeFunction::SelectTimer,
        Intrinsic::SelectWithdraw => RuntimeFunction::SelectWithdraw,
        Intrinsic::WaiterOutcome => RuntimeFunction::WaiterOutcome,
        Intrinsic::IsHeld => RuntimeFunction::IsHeld,
        Intrinsic::Hold => RuntimeFunction::Hold,
        Intrinsic::Release => RuntimeFunction::Release,
        Intrinsic::WakeAll => RuntimeFunction::WakeAll,
        Intrinsic::CleanupPlace => RuntimeFunction::CleanupPlace,
        Intrinsic::CleanupPut => RuntimeFunction::CleanupPut,
        Intrinsic::TaskWasCancelled => RuntimeFunction::TaskWasCancelled,
        _ => return None,
    })
}
