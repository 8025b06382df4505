//! Intrinsics: each becomes a runtime call or an instruction, as listed in the table `for_each_instruction`.

use weft_abi::RuntimeFunction;

use super::body::Lowering;
use super::body_state::Computed;
use super::graph::Graph;
use super::impls::Instance;
use super::instances::Instances;
use super::text::{Standing, Writer};
use crate::hir::{Instruction, Intrinsic, for_each_instruction};
use crate::mir::{
    AtomicOp, BinaryOp, ContinuationOp, GeneratorOp, Operand, Rvalue, TerminatorKind, UnaryOp, WaitOp,
    runtime_signature,
};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The lowering of an instruction.
enum Plan {
    /// Code in [`At::own`].
    Own,
    Unary(UnaryOp),
    Atomic(AtomicOp),
    /// An operation on a task.
    Task(fn(Operand) -> Rvalue),
    Waiting(WaitOp),
    /// A wait operation that passes a value. The type argument is the type of this value.
    TypedWaiting(WaitOp),
    /// An operation on continuations. The first type argument is the type of the result.
    Continuation(ContinuationOp),
}

macro_rules! plan_of {
    (own) => {
        Plan::Own
    };
    (unary $operation:ident) => {
        Plan::Unary(UnaryOp::$operation)
    };
    (atomic $operation:ident) => {
        Plan::Atomic(AtomicOp::$operation)
    };
    (task $operation:ident) => {
        Plan::Task(Rvalue::$operation)
    };
    (waiting $operation:ident) => {
        Plan::Waiting(WaitOp::$operation)
    };
    (continuation $operation:ident) => {
        Plan::Continuation(ContinuationOp::$operation)
    };
    (typed_waiting $operation:ident) => {
        Plan::TypedWaiting(WaitOp::$operation)
    };
}

macro_rules! define_plan {
    ($($name:ident $text:ident $effect:ident = $lowering:ident $($operation:ident)?;)*) => {
        fn plan(instruction: Instruction) -> Plan {
            match instruction { $(Instruction::$name => plan_of!($lowering $($operation)?)),* }
        }
    };
}

for_each_instruction!(define_plan);

/// The position in a graph where an operation is added.
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
    /// The operation that an intrinsic performs on `values`; `types` are its type arguments.
    pub fn operation(&mut self, intrinsic: Intrinsic, types: &[TypeId], values: Vec<Operand>) -> Rvalue {
        let instruction = match intrinsic {
            Intrinsic::Instruction(instruction) => instruction,
            Intrinsic::Runtime(function) if is_blocking(function) => {
                return Rvalue::Blocking(function, values);
            }
            Intrinsic::Runtime(function) => return Rvalue::Runtime(function, values),
        };
        match plan(instruction) {
            Plan::Own => self.own(instruction, types, values),
            Plan::Unary(op) => Rvalue::Unary(op, one(values)),
            Plan::Atomic(op) => Rvalue::Atomic(op, values),
            Plan::Task(operation) => operation(one(values)),
            Plan::Waiting(op) => Rvalue::Waiting(op, self.instances.intern(Type::Unit), values),
            Plan::TypedWaiting(op) => Rvalue::Waiting(op, types[0], values),
            Plan::Continuation(op) => Rvalue::Continuation(op, types[0], values),
        }
    }

    fn own(&mut self, instruction: Instruction, types: &[TypeId], values: Vec<Operand>) -> Rvalue {
        match instruction {
            Instruction::AlwaysInline => {
                self.graph.always_inline = true;
                Rvalue::Use(Operand::Unit)
            }
            Instruction::ArrayNew => {
                let array = self.instances.intern(Type::Array(types[0]));
                Rvalue::AllocateArray(array, one(values))
            }
            Instruction::ArrayLength | Instruction::StringLength => Rvalue::Length(one(values)),
            Instruction::ArrayGet | Instruction::StringByte => {
                let [base, index] = some(values);
                Rvalue::Element(base, index)
            }
            Instruction::ArraySet => {
                let [array, index, value] = some(values);
                Rvalue::SetElement(array, index, value)
            }
            Instruction::ArrayCopy => {
                let [to, at, from, start, count] = some(values);
                Rvalue::CopyElements { to, at, from, start, count }
            }
            Instruction::CheckIndex => {
                let [index, length] = some(values);
                Rvalue::CheckIndex(index, length)
            }
            Instruction::MultiplyHigh => {
                let [left, right] = some(values);
                Rvalue::Binary(BinaryOp::MultiplyHigh, left, right)
            }
            Instruction::ShownInside => {
                let mut writer = Writer { instances: self.instances, graph: self.graph, span: self.span };
                Rvalue::Use(writer.string(one(values), types[0], Standing::Inside))
            }
            Instruction::ShowInto => {
                let [out, value] = some(values);
                let mut writer = Writer { instances: self.instances, graph: self.graph, span: self.span };
                let mut pieces = Vec::new();
                writer.append(&mut pieces, value, types[0], &out);
                writer.flush(&mut pieces, &out);
                Rvalue::Use(Operand::Unit)
            }
            Instruction::ExitProcess => {
                let exit = TerminatorKind::Diverge(RuntimeFunction::Exit, values);
                self.graph.end(exit, self.span);
                Rvalue::Use(Operand::Unit)
            }
            Instruction::AtomicNew => {
                let int = self.instances.intern(Type::Int);
                Rvalue::NewArray(self.instances.intern(Type::Array(int)), values)
            }
            Instruction::GenNext => {
                Rvalue::Generator(GeneratorOp::Next(self.instances.element_option(types[0])), values)
            }
            Instruction::GenClose => {
                Rvalue::Generator(GeneratorOp::Close(self.instances.element_option(types[0])), values)
            }
            other => panic!("BUG: {other:?} has no lowering of its own"),
        }
    }
}

/// Whether a runtime function may block for long, and therefore runs on another OS thread.
fn is_blocking(function: RuntimeFunction) -> bool {
    runtime_signature(function).is_some_and(|signature| signature.blocking.is_some())
}

fn one(values: Vec<Operand>) -> Operand {
    let [value] = some(values);
    value
}

fn some<const N: usize>(values: Vec<Operand>) -> [Operand; N] {
    values.try_into().expect("BUG: an operation of the library has other operands than it declares")
}
